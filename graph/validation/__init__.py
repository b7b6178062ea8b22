"""Records into RDF, and RDF against the shapes, each result traced back to its file and row. Read `shacl` first."""
