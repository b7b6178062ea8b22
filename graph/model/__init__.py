"""What things are called: names and IRIs, dates, areas, products, the tables and columns of a contribution, and
the reading of one cell. Nothing here knows a file, a store or a graph. Read `tables` first: everything follows
from it.
"""
