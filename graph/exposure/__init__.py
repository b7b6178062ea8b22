"""What designations make of walks: exposures with their severity, comparisons, and the result that faces print. Read
`exposures` first.
"""
