"""The pages on which somebody acts with files of their own: each step has an address, a form changes something and leads on.

They are there for whoever wants HTML; programs have `api/routes`. Read `steps` first.
"""
