"""How people write what a cell holds: countries, dates, numbers, product codes. Knows no table, and touches nothing.

Read `spelling` first, then `countries`.
"""
