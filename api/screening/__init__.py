"""The pages on which a list of suppliers is screened, and those of screening records.

A list is a draft of whoever sent it; each step is an address, and what takes a while is a job (`api/desk/jobs`). Read
`lists` first.
"""
