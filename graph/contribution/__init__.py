"""What somebody sends, up to checked records: packages, workbooks, anybody's tables, RDF, and foreign files by
adapter. Nothing here touches a store. Read `submission` first; a new foreign format is an adapter in `adapters/`.
"""
