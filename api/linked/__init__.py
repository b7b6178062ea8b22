"""Linked data: SPARQL, graphs, every IRI in every form, the vocabulary and the catalogue. Read `resources` first."""
