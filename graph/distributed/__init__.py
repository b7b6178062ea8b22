"""What is asked of all actors at once, where one machine is too small: the columns of an index as Parquet, and jobs over
them as plain data frames, which Spark runs, and whatever else speaks its API. Read `columns`, then `exposure`.
"""
