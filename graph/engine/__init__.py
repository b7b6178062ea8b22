"""Loops over arrays, and numba, nowhere else. Nothing here knows an index, a record or an actor: it is given
arrays and numbers. Read `arrays` (what kernels are given), then `kernels`.
"""
