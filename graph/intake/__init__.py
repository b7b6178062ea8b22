"""Files of tables, known by their bytes and read as rows of texts (sheets, Parquet, JSON, what is compressed, how a
text is written, what a file may hold at most), what the headers of anybody's table mean, and how its cells are written.
Nothing here reports or admits. Read `kinds` first, then `mapping` and `writings`.
"""
