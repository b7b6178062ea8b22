"""The service: one app, one router a noun, and one table from error to status. Read `app` first."""
