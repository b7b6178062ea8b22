"""One walk: what is asked (`parameters`, `lookup`, `asked`), what designations touch, the search and its paths.
Read `walks` first.
"""
