"""Who is one with whom, as judgements say; never guessed. Read `components`."""
