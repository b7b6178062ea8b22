"""Reconciliation: who an actor of somebody's table may be, as the Reconciliation API asks it, whichever its version.

Reads a release, its index and its matcher, knows no HTTP and changes nothing. Read `reconciler` first.
"""
