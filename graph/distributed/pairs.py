"""Pairs of matching as a table: which rows of a list share rare keys with which actors, before anything is compared."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from opentier.graph.distributed import columns
from opentier.graph.engine.arrays import Array
from opentier.graph.matching.candidates import Books
from opentier.graph.model import printed, sheet
from opentier.graph.model.names import Names

COLUMNS = ("row", "name", "match_id", "match_name", "part")


@dataclass(frozen=True)
class Pairs:
    """The candidates of the rows of a list.

    Attributes
    ----------
    asked
        The number of each row, and the name in it.
    found
        Of each row the numbers of the actors in the books, with the part of its keys that they share.
    """

    asked: Sequence[tuple[int, str]]
    found: Sequence[Sequence[tuple[int, float]]]
    books: Books
    names: Names

    def __len__(self) -> int:
        return sum(map(len, self.found))

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """Yield a row of `COLUMNS` for each pair, in the order of the list; the most alike first."""
        for (row, name), found in zip(self.asked, self.found, strict=True):
            for number, part in found:
                party = self.books.party(number)
                yield row, name, self.names.id(party.iri), next(iter(party.called), ""), round(part, 9)

    def text(self, format: str) -> str:
        """Return the pairs as CSV for a spreadsheet (see `sheet`), or as JSON."""
        if format == "csv":
            return sheet.text(COLUMNS, self.rows())
        return printed.text({"pairs": [dict(zip(COLUMNS, row, strict=True)) for row in self.rows()]})

    def write(self, path: Path) -> None:
        """Write the pairs as Parquet."""
        cells = list(zip(*self.rows(), strict=True)) or [()] * len(COLUMNS)
        table: dict[str, Array | list[Any]] = {
            name: list(column) for name, column in zip(COLUMNS, cells, strict=True)
        }
        table["row"], table["part"] = np.array(cells[0], np.int64), np.array(cells[-1], np.float64)
        columns.save(path, table)
