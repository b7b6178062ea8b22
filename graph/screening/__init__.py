"""Lists of suppliers against the graph: read as people have them, each row matched, given back with what was found.

Reads, proposes and changes nothing. Read `listing` first.
"""
