"""A list given back: its own columns as they are and in their order, then what was found; in every form."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from math import isfinite
from pathlib import Path
from typing import Any

from opentier.graph.export import workbook
from opentier.graph.intake.mapping import key
from opentier.graph.model import sheet
from opentier.graph.screening.listing import Listing
from opentier.graph.screening.matches import Candidate, Matches

#: What is added to a list.
COLUMNS = ("match_id", "match_name", "match_score", "match_band", "match_why")
#: What is said of every answer.
_LIMITS = (
    "A match is a proposal, by what is written of both: nobody is judged to be one with anybody, and nothing is kept.",
    "accept: likely the same. review: possibly the same, a person has to look. reject: unlikely the same.",
    "No match says that no actor of this data is known by such a name; it says nothing about the company itself.",
)


def added(listing: Listing) -> list[str]:
    """Return the headers of what is added; a number follows where the list has a column that is called so already."""
    taken, names, number = set(map(key, listing.header)), list(COLUMNS), 1
    while not taken.isdisjoint(map(key, names)):
        number += 1
        names = [f"{name} ({number})" for name in COLUMNS]
    return names


def rows(found: Matches) -> Iterator[list[object]]:
    """Yield the list with its columns and ours: what stands above the header, the header, a row for each candidate."""
    wide = found.listing.wide
    for cells in found.listing.above:
        yield _wide(cells, wide + len(COLUMNS))
    yield [*_wide(found.listing.header, wide), *added(found.listing)]
    for (_, cells), candidates in zip(found.listing.rows, found.found, strict=True):
        for each in candidates or (None,):
            yield [*_wide(cells, wide), *_cells(each)]


def to_csv(found: Matches) -> str:
    """Return the list as CSV for people (see `sheet`)."""
    first, *more = rows(found)
    return sheet.text([str(cell) for cell in first], more)


def guarded(found: Matches) -> int:
    """Return how many cells of the list begin as a formula does, and so with an apostrophe in its CSV."""
    listing = found.listing
    every = (*listing.above, listing.header, *(cells for _, cells in listing.rows))
    return sum(map(sheet.formula, (cell for cells in every for cell in cells)))


def to_xlsx(found: Matches, path: Path) -> None:
    """Write the list as a workbook, with a second sheet on what it was compared with, and how.

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
        book.add("About", ([line] for line in about(found)))


def about(found: Matches) -> Iterator[str]:
    """Yield sentences on what a list was compared with, and on the limits of that."""
    counts, weights = found.counts(), found.weights
    yield (
        f"{found.listing.file}: {counts['rows']:,} rows, compared with {found.actors:,} actors of "
        f"{len(found.versions):,} datasets."
    )
    yield (
        f"accept {counts['accept']:,}, review {counts['review']:,}, reject {counts['reject']:,}, no candidate "
        f"{counts['no_candidate']:,}; rows without a name: {counts['no_name']:,}."
    )
    yield f"accept from score {weights.accept:g}, review from {weights.review:g}; weights version {weights.version}."
    yield from _LIMITS
    for version in found.versions:
        yield f"Dataset {version.dataset}, version {version.number}, {version.licence or 'licence unknown'}."
    mapped = found.listing.survey.mapped
    for name, at in mapped.headers.items():
        yield f"Read as {name}: {' + '.join(at)}."
    for name, value in mapped.constants.items():
        yield f"Read as {name}, for all rows: {value}."
    for kind in found.report.kinds():
        yield f"{kind.count:,} times, {kind.first.column or 'the list'}: {kind.message}"


def to_dict(found: Matches) -> dict[str, Any]:
    """Return the list and what was found as a JSON object."""
    listing, weights = found.listing, found.weights
    mapped = listing.survey.mapped
    return {
        "file": listing.file,
        "counts": found.counts(),
        "bands": {"accept": weights.accept, "review": weights.review},
        "weights": weights.version,
        "columns": {name: list(at) for name, at in mapped.headers.items()},
        "constants": dict(mapped.constants),
        "header": listing.header,
        "rows": [
            {
                "row": number,
                "cells": cells,
                "matches": [dict(zip(COLUMNS, asdict(each).values(), strict=True)) for each in candidates],
            }
            for (number, cells), candidates in zip(listing.rows, found.found, strict=True)
        ],
        "limits": {
            "actors": found.actors,
            "datasets": [
                {"id": each.dataset, "version": each.number, "licence": each.licence}
                for each in found.versions
            ],
            "not_read": [
                {"column": kind.first.column, "message": kind.message, "count": kind.count}
                for kind in found.report.kinds()
            ],
        },
    }


def _cells(found: Candidate | None) -> Sequence[object]:
    return tuple(asdict(found).values()) if found else [""] * len(COLUMNS)


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
