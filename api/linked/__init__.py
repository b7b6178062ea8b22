"""Linked data: every IRI, graphs, the vocabulary and the catalogue, as pages and as RDF. Read `resources` first."""
