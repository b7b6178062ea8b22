"""Dates: the ISO 8601 day, month or year that a text means, and what spreadsheets and forms leave in its place."""

from __future__ import annotations

import calendar
import datetime
import re

from opentier.graph.written.faults import CellError

#: What is said where nothing tells what a text may mean.
FORM = "Write YYYY-MM-DD, YYYY-MM or YYYY."
_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)
_LOOSE = re.compile(
    r"(\d{4})([-/.]?)(\d{2})\2(\d{2})(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?\s*(?:Z|[+-]\d{2}:?\d{2})?)?",
    re.ASCII,
)
_TURNED = re.compile(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4})", re.ASCII)
_SERIAL = re.compile(r"(\d{5})(?:\.\d+)?", re.ASCII)
_RANGE = re.compile(
    r"\d{4}\s*(?:[-/–—]|to|until)\s*(?:\d{2}|\d{4}|present|now|today|ongoing)|[QH][1-4][ -]?\d{4}",
    re.IGNORECASE,
)
#: Day zero of spreadsheets, and the days that their day numbers give in our time: 1955 to 2100.
_ZERO, _FIRST, _LAST = datetime.date(1899, 12, 30), 20_000, 73_050
#: Days that forms and programs fill in where none is known.
_UNKNOWN = frozenset({"1900-01-01", "1901-01-01", "1904-01-01", "1970-01-01"})


def read(text: str) -> str:
    """Return an ISO 8601 day, month or year; its precision is kept.

    Raises
    ------
    CellError
        If it is none, or none that can be read without a guess.
    """
    match = _DATE.fullmatch(text)
    if match is None and (loose := _LOOSE.fullmatch(text)):
        match = _DATE.fullmatch("-".join(loose.group(1, 3, 4)))
    if match is None:
        raise CellError("This is not a date.", _advice(text))
    year, month, day = (int(part) if part else None for part in match.groups())
    assert year is not None
    if year in (2999, 9999):
        raise CellError(
            "The year is impossible.",
            "Years run from 1500 to 2100. Leave the cell empty where there is no end.",
        )
    if match[0] in ("1899-12-30", "1899-12-31"):
        raise CellError("This is day zero of a spreadsheet.", "Leave the cell empty where no date is known.")
    if not 1500 <= year <= 2100:
        raise CellError("The year is impossible.", "Years run from 1500 to 2100.")
    if month is not None and not 1 <= month <= 12:
        raise CellError("There is no such month.", _advice(text))
    if month and day is not None and not 1 <= day <= calendar.monthrange(year, month)[1]:
        raise CellError("There is no such day.", "Check day and month.")
    return match.group(0)


def doubted(date: str) -> bool:
    """Return whether a date is one that forms fill in where none is known."""
    return date in _UNKNOWN


def _advice(text: str) -> str:
    """Return how to write what a text may mean: day and month are never guessed."""
    serial = _SERIAL.fullmatch(text)
    if serial and _FIRST <= int(serial[1]) <= _LAST:
        day = (_ZERO + datetime.timedelta(days=int(serial[1]))).isoformat()
        return f"It looks like the day number of a spreadsheet: write {day}, if that is meant."
    if turned := _TURNED.fullmatch(text):
        one, other, year = (int(part) for part in turned.groups())
        read = [
            f"{year}-{m:02}-{d:02}"
            for d, m in dict.fromkeys([(one, other), (other, one)])
            if m <= 12 and d <= 31
        ]
        if read and year >= 1500:
            chosen = ", whichever is meant" if len(read) > 1 else ", if that is meant"
            return f"Day and month are never guessed: write {' or '.join(read)}{chosen}."
    if _RANGE.fullmatch(text):
        return "Give one date: a beginning and an end have columns of their own."
    return FORM
