"""Files of tables, known by their bytes and read as rows of texts: sheets, Parquet, what is compressed, and how a
text is written. Nothing here knows what a table of ours is. Read `kinds` first.
"""
