"""What all routes of the service share: errors as problems, long work, counts, guards. Read `problems` first."""
