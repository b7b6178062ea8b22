"""The tables of a package, its days, and what all rules say of them.

A package is its tables: lists of rows, each a dict of cells as they stand in the CSV files. Days are ISO 8601
texts, which sort as the days do.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from fractions import Fraction

from opentier.graph.trace.parameters import Parameters

Row = Mapping[str, str]
Package = Mapping[str, Sequence[Row]]
#: A record by its table and the number of its row.
Record = tuple[str, int]
#: The first and the last day of something.
Interval = tuple[str, str]

#: Before and after every day: an absent start is unbounded, an absent end open.
EVER, NEVER = "", "~"


def kept(package: Package, table: str) -> list[Row]:
    """Return the rows of a table whose records are not retracted."""
    gone = {row["record"] for row in package.get("retractions", ())}
    return [row for row in package.get(table, ()) if not row.get("id") or row["id"] not in gone]


def records(package: Package, table: str) -> Iterator[tuple[int, Row]]:
    """Yield the links of a table that may be walked, with the numbers of their rows.

    Not a retracted one, not a closed one that states no end, not one of confidence 0; the same row twice is one
    record.
    """
    rows, standing = package.get(table, ()), kept(package, table)
    for number, row in enumerate(rows):
        if row in rows[:number] or row not in standing or row.get("status") == "retracted":
            continue
        if row.get("status") == "closed" and not row.get("end_date"):
            continue
        if confidence(row) > 0:
            yield number, row


def confidence(row: Row) -> Fraction:
    """Return the confidence of a link: 1 where it states none."""
    return Fraction(row.get("confidence") or 1)


def live(row: Row) -> Interval:
    """Return the days on which a link lives."""
    start, end = row.get("start_date"), row.get("end_date")
    return first(start) if start else EVER, last(end) if end else NEVER


def cell(row: Row, name: str) -> list[str]:
    """Return the values of a cell that may hold several."""
    return [part for part in row.get(name, "").split("|") if part]


def stated(row: Row, name: str) -> bool | None:
    """Return what a cell says that is true or false; None where it says nothing."""
    text = row.get(name, "").lower()
    return {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}.get(text)


# --- Days --------------------------------------------------------------------------------------------------------


def first(text: str) -> str:
    """Return the first day of a day, a month or a year."""
    return text + "-01-01"[len(text) - 4 :] if len(text) < 10 else text


def last(text: str) -> str:
    """Return the last day of a day, a month or a year."""
    if len(text) == 4:
        return f"{text}-12-31"
    if len(text) == 7:
        return f"{text}-{calendar.monthrange(int(text[:4]), int(text[5:]))[1]:02d}"
    return text


def day_before(day: str) -> str:
    """Return a text that sorts after all days before a day, and before that day."""
    return day[:-2] + f"{int(day[-2:]) - 1:02d}~"


def day_after(day: str) -> str:
    """Return the day after a day."""
    return (date.fromisoformat(day) + timedelta(days=1)).isoformat()


def window(question: Parameters) -> Interval:
    """Return the first and the last day that is asked about; all time where none is."""
    if question.on:
        return question.on, question.on
    return (
        first(question.since) if question.since else EVER,
        last(question.until) if question.until else NEVER,
    )


def dated(question: Parameters) -> bool:
    """Whether a day or a window is asked about."""
    return bool(question.on or question.since or question.until)


def meet(one: Interval, other: Interval) -> bool:
    """Whether two intervals have a day in common."""
    return max(one[0], other[0]) <= min(one[1], other[1])
