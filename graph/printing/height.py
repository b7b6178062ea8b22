"""How high the first page stands in a browser, reckoned: HTML is set by whoever reads it, in a font of theirs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import ceil
from typing import Any

Json = Mapping[str, Any]

#: Points that a page of A4 has between its margins: across, and down, with some to spare.
_WIDE, ROOM = 520.0, 780.0
#: How wide a letter of the widest usual font (DejaVu Sans) is on average, plain and bold, in sizes of it.
_LETTER, _BOLD = 0.51, 0.58
#: The parts of the width that the columns of both tables have.
_CHAIN = {"name": 0.23, "more": 0.23, "goods": 0.12, "held": 0.14, "missing": 0.27, "live": 0.13}
_TOUCHES = {"word": 0.1, "title": 0.28, "entry": 0.37, "touches": 0.15}


def height(page: Json) -> float:
    """Return about how many points high a first page is."""
    points: float = page["points"]
    first, *rest = page["answer"]
    box = _WIDE - 3 * points
    high = (
        points * 3 + _text(page["title"], points * 1.5, _WIDE, _BOLD) + _text(page["question"], points, _WIDE)
    )
    high += points * 4 + _text(first, points * 1.1, box, _BOLD) + _lines(rest, points * 1.1, box)
    if chain := page["chain"]:
        high += points * 3 + _text(chain["note"], points * 0.83, _WIDE)
        high += sum(
            _row(row, _CHAIN, points * 0.88, ("name", "more")) for row in [{"name": "Tier"}, *chain["rows"]]
        )
    high += points * 3 + _text(page["touches"]["more"], points, _WIDE)
    high += sum(_row(row, _TOUCHES, points * 0.88) for row in [{"title": "Class"}, *page["touches"]["rows"]])
    half = _WIDE / 2 - points * 2.5
    high += points * 3 + max(_lines(page[name], points * 0.95, half) for name in ("tested", "untested"))
    high += points * 3 + _lines(page["next"], points, _WIDE - points)
    return high + points * 2 + _text(page["foot"], points * 0.81, _WIDE)


def _text(text: str, points: float, wide: float, letter: float = _LETTER) -> float:
    """Return how high a text is: its lines at a size."""
    return ceil(len(text) * points * letter / wide) * points * 1.36


def _lines(lines: Iterable[str], points: float, wide: float) -> float:
    return sum(_text(line, points, wide) for line in lines)


def _row(row: Json, columns: Mapping[str, float], points: float, above: tuple[str, ...] = ()) -> float:
    """Return how high a row of a table is: its highest cell, of which some texts stand one above the other."""
    cells = {
        name: _text(row.get(name, ""), points, _WIDE * part - points, _BOLD if name == "name" else _LETTER)
        for name, part in columns.items()
    }
    return max(sum(cells[name] for name in above), *cells.values()) + points * 0.8
