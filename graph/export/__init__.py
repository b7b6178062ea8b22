"""A version of a dataset in others' forms: as a Data Package that can be contributed again, and as RDF. Read `package`
first; `rows` turns records back into rows of tables.
"""
