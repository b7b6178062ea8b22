"""What somebody sends, as columns of raw tables: packages, workbooks, anybody's tables, RDF, and foreign files by
adapter. Nothing here touches a store. Read `submission` first, then `staging`, of RDF `described`; a new foreign format
is an adapter in `adapters/`.
"""
