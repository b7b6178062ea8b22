"""A chain held against the documents that laws ask for: what is there, what lacks, whom to ask what. Read `dossier`."""
