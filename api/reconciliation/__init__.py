"""The Reconciliation API, in both versions that are spoken. Read `dialects` first."""
