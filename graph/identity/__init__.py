"""Who is one with whom, as judgements say; never guessed. Read `judgements` first."""
