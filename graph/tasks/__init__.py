"""Long acts as jobs: kept in the data directory from the moment they are accepted until somebody has read what came of
them, done one after the other in processes that can be ended, and taken up again after any end of the service.

`job`, `folder` and `queue` know no domain; `acts` are what is done, and `program` is what the processes run. Read
`job` first.
"""
