"""Who may do what with a data directory, and what was done: keys with their roles, and the log of all changes.

It touches `access/` and the audit log in the data directory, never a release. Read `keys` first.
"""
