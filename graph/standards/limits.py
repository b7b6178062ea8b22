"""What a form could not say of what it was given: rows and cells, counted by table, column and reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from opentier.graph.model import sheet

#: The columns of the limits as a table.
COLUMNS = ("table", "column", "count", "of_rows", "reason")


class Limits:
    """The limits of one file.

    Attributes
    ----------
    rows
        How many rows each table has.
    left_out
        How many rows are not said at all, by table and reason.
    lost
        How many cells are not said, by table, column and reason; those of rows that are left out are not counted.
    """

    def __init__(self, title: str) -> None:
        self.title = title
        self.rows: Counter[str] = Counter()
        self.left_out: Counter[tuple[str, str]] = Counter()
        self.lost: Counter[tuple[str, str, str]] = Counter()

    def leave(self, table: str, reason: str, many: int = 1) -> None:
        """Count rows that are not said."""
        if many:
            self.left_out[table, reason] += many

    def lose(self, table: str, column: str, reason: str) -> None:
        """Count a cell that is not said, or not as it stands."""
        self.lost[table, column, reason] += 1

    def __bool__(self) -> bool:
        return bool(self.left_out or self.lost)

    @property
    def total(self) -> tuple[int, int]:
        """How many rows and how many cells are not said."""
        return self.left_out.total(), self.lost.total()

    def listed(self) -> Iterator[tuple[str, str, int, int, str]]:
        """Yield a row of `COLUMNS` for each reason, by table and column; one without a column is of whole rows."""
        said = [(table, "", many, reason) for (table, reason), many in self.left_out.items()]
        said += [(table, column, many, reason) for (table, column, reason), many in self.lost.items()]
        for table, column, many, reason in sorted(said):
            yield table, column, many, self.rows[table], reason

    def to_dict(self) -> dict[str, Any]:
        """Return the limits as an object."""
        rows, cells = self.total
        return {
            "form": self.title,
            "rows": dict(sorted(self.rows.items())),
            "rows_left_out": rows,
            "cells_left_out": cells,
            "unsaid": [dict(zip(COLUMNS, each, strict=True)) for each in self.listed()],
        }

    def to_csv(self) -> str:
        """Return the limits as CSV for a spreadsheet (see `sheet`)."""
        return sheet.text(COLUMNS, self.listed())

    def told(self) -> str:
        """Return the counts in a sentence, or that nothing was lost."""
        rows, cells = self.total
        whole = self.rows.total()
        if not self:
            return f"{self.title} says all of its {whole:,} rows."
        said = f"{self.title} says {whole - rows:,} of {whole:,} rows"
        return f"{said}; of these it leaves out, or changes, {cells:,} cells."
