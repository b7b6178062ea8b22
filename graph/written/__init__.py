"""How people write what a cell holds: countries, dates, numbers, product codes; and what such codes are called.

Knows no table, and touches nothing. Read `spelling` first, then `countries`.
"""
