"""What is asked of all actors at once, where one machine is too small: an index as Parquet, and jobs over its columns.

They are plain data frames, which Spark runs, and whatever else speaks its API. Read `columns`, then `exposure`.
"""
