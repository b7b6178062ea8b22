"""Lists of suppliers against the graph: read as people have them, each row matched and traced, given back as it was.

Reads, proposes and changes nothing. Read `listing` first, then `matches` (whom a row may be) and
`screened` (what touches that one).
"""
