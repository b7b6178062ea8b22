"""Search: what can be found by what somebody types, whatever it is: names, identifiers, codes, in any script.

Reads releases, and keeps what it makes of each dataset version beside the indexes. Read `finder` first.
"""
