"""Screening records: answers that are kept with a hash, asked again, and compared; which are due, and who is affected.

Reads releases and writes records, which nobody alters. Read `record` first, then `screenings`.
"""
