"""Which actors may be one, by what is said of them: proposed with a score and in words, decided by people.

Reads releases and their indexes, and changes nothing. Read `matcher` first.
"""
