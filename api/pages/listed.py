"""Parts of long lists on pages: so many rows, how many there are in all, and links to the parts beside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from fastapi import HTTPException, Request

from opentier.graph.exposure.words import Figure

T = TypeVar("T")
#: Rows of a part.
ROWS = 25


@dataclass(frozen=True)
class Part:
    """A part of a list: its first and last row, how many there are, and the addresses of those before and after."""

    first: int
    last: int
    total: int
    before: str
    after: str

    def of(self, every: Sequence[T]) -> Sequence[T]:
        """Return the rows of a list that this part has."""
        return every[max(self.first - 1, 0) : self.last]


def part(request: Request, name: str, number: int, total: int, rows: int = ROWS, anchor: str = "") -> Part:
    """Return the part of a number, from 1, of a list of so many rows; a parameter of the address says the number.

    Raises
    ------
    HTTPException
        404, where there are not as many parts.
    """
    parts = max(-(-total // rows), 1)
    if number > parts:
        raise HTTPException(404, f"This list has {Figure(parts):page}; there is no page {number:,}.")

    def address(other: int) -> str:
        if not 1 <= other <= parts:
            return ""
        same = request.url.remove_query_params(name)
        query = (same.include_query_params(**{name: other}) if other > 1 else same).query
        return f"?{query}{anchor}"

    first = (number - 1) * rows
    return Part(
        min(first + 1, total), min(first + rows, total), total, address(number - 1), address(number + 1)
    )
