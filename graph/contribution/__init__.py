"""What somebody sends, up to checked records: packages, RDF, foreign files by adapter, and the report by file and
row. Nothing here touches a store. Read `submission` first, of RDF `described`; a new foreign format is an adapter in
`adapters/`.
"""
