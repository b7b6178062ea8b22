"""A data directory looked after: what is not as it was put there, and backups. Read `inspection` first."""
