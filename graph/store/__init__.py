"""Releases: the data directory, one published state, its catalogue,
backups and what survives a power cut. Read `directory` first; SPARQL text stands in `queries/` alone.
"""
