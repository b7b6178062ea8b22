"""The only writers: a contribution becomes the next version of its dataset, all of it or nothing. Read
`admission`; `completion` is for data of earlier versions alone.
"""
