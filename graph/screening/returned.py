"""A list given back: its own columns as they are and in their order, then what was found; in every form."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import isfinite
from pathlib import Path
from typing import Protocol

from opentier.graph.export import workbook
from opentier.graph.intake.mapping import key
from opentier.graph.model import sheet
from opentier.graph.screening.listing import Listing
from opentier.graph.screening.matches import COLUMNS as COLUMNS


class Beside(Protocol):
    """A list with what was found for its rows."""

    @property
    def listing(self) -> Listing:
        """The list as it was sent."""

    @property
    def columns(self) -> Sequence[str]:
        """What is added to it."""

    def cells(self) -> Iterator[Sequence[Sequence[object]]]:
        """Yield what is added to each row: one line or several, and the row is repeated for each."""

    def about(self) -> Iterator[Sequence[object]]:
        """Yield the rows of a sheet on what the answer rests on."""


def added(listing: Listing, columns: Sequence[str] = COLUMNS) -> list[str]:
    """Return the headers of what is added; a number follows where the list has a column that is called so already."""
    taken, names, number = set(map(key, listing.header)), list(columns), 1
    while not taken.isdisjoint(map(key, names)):
        number += 1
        names = [f"{name} ({number})" for name in columns]
    return names


def rows(found: Beside) -> Iterator[list[object]]:
    """Yield the list with its columns and ours: what stands above the header, the header, then all rows."""
    wide = found.listing.wide
    for cells in found.listing.above:
        yield _wide(cells, wide + len(found.columns))
    yield [*_wide(found.listing.header, wide), *added(found.listing, found.columns)]
    for (_, cells), lines in zip(found.listing.rows, found.cells(), strict=True):
        for line in lines:
            yield [*_wide(cells, wide), *line]


def to_csv(found: Beside) -> str:
    """Return the list as CSV for people (see `sheet`)."""
    first, *more = rows(found)
    return sheet.text([str(cell) for cell in first], more)


def guarded(found: Beside) -> int:
    """Return how many cells of the list begin as a formula does, and so with an apostrophe in its CSV."""
    listing = found.listing
    every = (*listing.above, listing.header, *(cells for _, cells in listing.rows))
    return sum(map(sheet.formula, (cell for cells in every for cell in cells)))


def to_xlsx(found: Beside, path: Path) -> None:
    """Write the list as a workbook, with a second sheet on what the answer rests on.

    Raises
    ------
    UsageError
        If a workbook cannot hold it.
    """
    own, listing = rows(found), found.listing
    if listing.sheets:  # what looks like a number was most probably one
        own = ([_number(cell) for cell in row] for row in own)
    with workbook.Book(path) as book:
        book.add("List", own, header=len(listing.above))
        book.add("About", found.about())


def _wide(cells: Sequence[str], wide: int) -> list[object]:
    return [*cells, *[""] * (wide - len(cells))]


def _number(cell: object) -> object:
    """Return a cell of a sheet as a number, where it is one that is written as it is shown."""
    if not isinstance(cell, str) or len(cell) > 15:
        return cell
    try:
        number = float(cell)
    except ValueError:
        return cell
    return number if isfinite(number) and cell in (repr(number), f"{number:.0f}") else cell
