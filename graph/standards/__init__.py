"""A version of a dataset, and the result of a trace, in the forms of others' standards; what each form cannot say is
counted. It reads releases and writes files, and nothing else. Read `writing` first, then `source`; what becomes of each
column stands in the ``.toml`` of a form.
"""
