"""Subscriptions between instances: what one publishes with checksum and signature, and how another one takes it.

It reads catalogues of others within bounds, and writes to `packages/` and `subscriptions/` in the data directory; what
it takes comes in by `graph/access/acts` as any contribution. Read `subscriptions` first, then `sync`.
"""
