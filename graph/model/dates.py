"""Dates of any precision as days, and intervals of days."""

from __future__ import annotations

import calendar
import datetime
import re
from collections.abc import Callable, Iterator

#: Before every day, and after every day: an absent start and an absent end.
EVER, NEVER = -1, 10_000_000
_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?", re.ASCII)
#: A day, and the time of it where one is said (RFC 3339; that it is one of UTC may be left out).
_MOMENT = re.compile(
    r"(\d{4}-\d{2}-\d{2})([T ]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})?)?", re.ASCII
)


def first_day(text: str) -> int:
    """Return the first day of an ISO 8601 day, month or year, as a proleptic ordinal."""
    year, month, day = (*(int(part) for part in text.split("-")), 1, 1)[:3]
    return datetime.date(year, month, day).toordinal()


def last_day(text: str) -> int:
    """Return the last day of an ISO 8601 day, month or year, as a proleptic ordinal."""
    parts = [int(part) for part in text.split("-")]
    year = parts[0]
    month = parts[1] if len(parts) > 1 else 12
    day = parts[2] if len(parts) > 2 else calendar.monthrange(year, month)[1]
    return datetime.date(year, month, day).toordinal()


def iso(day: int) -> str | None:
    """Return the ISO 8601 text of a day, or None for an open end."""
    return None if day in (EVER, NEVER) else datetime.date.fromordinal(day).isoformat()


def today() -> str:
    """Return the day that it is, anywhere (UTC)."""
    return datetime.datetime.now(datetime.UTC).date().isoformat()


def moment(text: str) -> str:
    """Return a day, or a time of one, as Data Packages write when they were made: a day is its beginning (UTC).

    "" where the text is neither.
    """
    found = _MOMENT.fullmatch(text)
    try:
        datetime.date.fromisoformat(found[1] if found else "")
    except ValueError:
        return ""
    return text if found and found[2] else f"{text}T00:00:00Z"


def stated_date(day: int, precision: int) -> str | None:
    """Return the text of a date that was stated to its year (1), month (2) or day (3); None where it was not (0)."""
    found = iso(day)
    return found[: (0, 4, 7, 10)[precision]] if found and precision else None


#: Properties that say when something begins and when it ends; of several the first that is stated counts.
BEGINNINGS, ENDS = ("ot:startDate", "ot:effectiveDate", "ot:listingDate"), ("ot:endDate", "ot:delistingDate")


def bounds(said: Callable[[str], str | None]) -> Iterator[tuple[str, str]]:
    """Yield the bounds of something, to the day: property and ISO 8601 day. A date that is not stated gives none.

    Parameters
    ----------
    said
        Gives the date that a property states, or None; one that is no date gives no bound.
    """
    for name, dates, day in (
        ("ot:earliestStart", BEGINNINGS, first_day),
        ("ot:latestEnd", ENDS, last_day),
    ):
        stated = next(filter(None, map(said, dates)), None)
        if stated and _DATE.fullmatch(stated):
            try:
                yield name, datetime.date.fromordinal(day(stated)).isoformat()
            except ValueError:  # there is no such day, which is for the shapes to report
                continue
