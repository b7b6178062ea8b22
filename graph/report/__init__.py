"""What is found in a contribution: findings by file and row, grouped by kind, as text, JSON and a page, and the
contributor's own rows with their problems beside them. Nothing here reads a contribution. Read `findings`, then
`report`.
"""
