"""Records: the rows of a contribution understood, as columns, and what is said of them in RDF."""
