"""What designations make of walks: exposures with their severity, the nearest, everybody's, comparisons, and the
result that faces print. Read `exposures` first.
"""
