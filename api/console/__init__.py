"""How the command line talks: what every command is, what a terminal shows, answers for people. Read `terminal`."""
