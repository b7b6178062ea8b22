"""People's judgements of identity: whom they are about, how they are made and taken back, and what follows from them.

They are records of one dataset, and go in as every contribution does. Read `ledger` first.
"""
