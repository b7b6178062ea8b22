"""What is sent to be worked on: files with options, the jobs that they become, and the records that these keep. Read
`kept` first.
"""
