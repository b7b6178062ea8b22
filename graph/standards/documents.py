"""JSON as others' standards have it: values put at places of objects, and files written as their parts come."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any, TextIO

Json = dict[str, Any]
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_ADDRESS = re.compile(r"https?://[^\s<>\"{}|\\^`]+")


def put(into: Json, place: str, *values: object) -> None:
    """Put values at a place: names with slashes between, the last one a list where it ends in ``[]``.

    Examples
    --------
    >>> made = {}
    >>> put(made, "recordDetails/alternateNames[]", "Aurora", "AAI")
    >>> put(made, "recordDetails/name", "Aurora Apparel")
    >>> made
    {'recordDetails': {'alternateNames': ['Aurora', 'AAI'], 'name': 'Aurora Apparel'}}
    """
    *names, last = place.split("/")
    for name in names:
        into = into.setdefault(name, {})
    if last.endswith("[]"):
        into.setdefault(last[:-2], []).extend(values)
    else:
        (into[last],) = values


def number(text: str) -> int | float:
    """Return a number as JSON has it."""
    return int(text) if text.lstrip("+-").isdigit() else float(text)


def is_day(text: str) -> bool:
    """Return whether a date is precise to the day."""
    return bool(_DAY.fullmatch(text))


def is_address(text: str) -> bool:
    """Return whether a text is the address of a page."""
    return bool(_ADDRESS.fullmatch(text))


def line(value: Any) -> str:
    """Return a value as JSON on one line."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def listed(file: TextIO, values: Iterable[Any]) -> None:
    """Write a list as its values come, each on a line of its own."""
    between = "[\n"
    for value in values:
        file.write(between + line(value))
        between = ",\n"
    file.write("\n]" if between == ",\n" else "[]")
