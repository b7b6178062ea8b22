"""Lists that somebody has sent to be screened in steps: kept for a month at most, for whoever sent them alone.

What is kept here is never part of the graph, of a release or of a backup. Read `upload` first, then `desk`; `columns`,
`matched` and `found` make of a list what pages show of it, and `shelf` keeps that.
"""
