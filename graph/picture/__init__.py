"""A trace's object, as `trace --format json` prints it, drawn as SVG. It knows that object and nothing else. Read
`svg` first.
"""
