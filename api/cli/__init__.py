"""The command line: data on standard output, progress and messages on standard error. Read `main` first."""
