"""The one reader of the Turtle files in `ontology/` and `shapes/`: as documents, as statements, as terms for
people. Read `documents` first.
"""
