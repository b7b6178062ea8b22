"""Records: the checked rows of a contribution, as columns; one at a time where there are few."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from opentier.graph.contribution import staging
from opentier.graph.contribution.staging import Staged
from opentier.graph.model.names import DOTS
from opentier.graph.model.tables import TABLES, Column, Table
from opentier.graph.report.report import Where

#: Columns of a table of records that are none of the layout.
PLACE = (*staging.PLACE, "iri")


def segment(text: str) -> str:
    """Return an expression for an id as the last segment of a path, as `names.escaped` writes it."""
    dots = " ".join(f"WHEN '{id}' THEN '{written}'" for id, written in DOTS.items())
    return f"CASE {text} {dots} ELSE url_encode({text}) END"


@dataclass(frozen=True)
class Record:
    """One checked row: its IRI, where it stands, and canonical values by column (references are IRIs)."""

    table: Table
    iri: str
    where: Where
    values: dict[str, tuple[str, ...]]


@dataclass
class Records:
    """The records of a contribution.

    The engine's table NAME has those of table NAME: `PLACE`, and each of `columns[NAME]` that any record states, as a
    text, or a list of texts where a cell may hold several.
    """

    staged: Staged
    columns: dict[str, list[Column]] = field(default_factory=dict)
    _counts: dict[str, int] = field(default_factory=dict)

    def __len__(self) -> int:
        return sum(map(self.count, self.columns))

    def __iter__(self) -> Iterator[Record]:
        for name in self.columns:
            yield from self.of(name)

    def count(self, table: str) -> int:
        """Return how many records a table has."""
        if table not in self.columns:
            return 0
        if table not in self._counts:
            ((self._counts[table],),) = self.staged.rows(f'SELECT count(*) FROM "{table}"')
        return self._counts[table]

    def has(self, table: str, *columns: str) -> bool:
        """Return whether any record of a table states something in each of some columns."""
        return {column.name for column in self.columns.get(table, ())}.issuperset(columns)

    def of(self, table: str, condition: str = "true", given: Iterable[Any] = ()) -> Iterator[Record]:
        """Yield the records of a table that fit a condition of the engine's, in order."""
        if table not in self.columns:
            return
        columns = self.columns[table]
        named = ("file", "row", "focus", "iri", *(column.name for column in columns))
        listed = ", ".join(f'"{name}"' for name in named)
        text = f'SELECT {listed} FROM "{table}" WHERE {condition} ORDER BY "at"'
        for file, row, subject, iri, *cells in self.staged.rows(text, given):
            yield self._record(table, self.staged.where(file, row, subject), iri, columns, cells)

    def _record(self, table: str, where: Where, iri: str, columns: list[Column], cells: list[Any]) -> Record:
        values = {
            column.name: tuple(cell) if column.many else (cell,)
            for column, cell in zip(columns, cells, strict=True)
            if cell is not None
        }
        return Record(TABLES[table], iri, where, values)

    def get(self, iri: str) -> Record | None:
        """Return the record of an IRI; see `find` for many."""
        return self.find([iri]).get(iri)

    def find(self, iris: Iterable[str]) -> dict[str, Record]:
        """Return the records of some IRIs, by IRI."""
        wanted = list(dict.fromkeys(iris))
        found: dict[str, Record] = {}
        for name in self.columns if wanted else ():
            chosen = '"iri" IN (SELECT unnest(?))'
            found |= {record.iri: record for record in self.of(name, chosen, [wanted])}
        return found

    def places(self, iris: Iterable[str]) -> dict[str, tuple[str, Where]]:
        """Return the tables of some IRIs and where they stand, by IRI."""
        self.staged.keep("asked_for", {"of_iri": list(dict.fromkeys(iris))})
        found: dict[str, tuple[str, Where]] = {}
        for name in self.columns:
            text = f'SELECT "iri", "file", "row", "focus" FROM "{name}" JOIN asked_for ON "iri" = of_iri'
            found |= {iri: (name, self.staged.where(*place)) for iri, *place in self.staged.rows(text)}
        return found
