"""Staging: the rows of a contribution's tables on their way, as columns of an engine that puts aside what is too much.

Rows come one by one and go in by thousands; from then on they are columns of DuckDB, whose memory is bounded: what
does not fit lies in a file beside.
"""

from __future__ import annotations

import re
import shutil
import tempfile
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import duckdb
import numpy as np

from opentier.graph.errors import StoreError
from opentier.graph.model.tables import TABLES
from opentier.graph.report.report import Where

#: What the engine may hold in memory; it takes about as much again while it sorts and joins.
MEMORY = "1GB"
#: The columns of a staged table that are none of the layout: the place of each row.
PLACE = ("at", "file", "row", "focus")
#: Rows that go in at once.
_MANY = 20_000
#: Between the values of a cell that are known one by one: no text of a file may hold it.
PARTS = "\x1f"
#: That row `r` of a staged table stands at a place of table `chosen`.
_AT_CHOSEN = 'r."file" = f AND r."row" = w AND r."focus" IS NOT DISTINCT FROM s'
_HALVES, _UNFIT = re.compile("[\ud800-\udfff]"), re.compile(f"[{PARTS}\ud800-\udfff]")


def labels(table: str) -> list[str]:
    """Return what a row of a table may say: its columns, and an id where it has no column of it: RDF gives all IRIs."""
    return list(dict.fromkeys([*(column.name for column in TABLES[table]), "id"]))


@contextmanager
def _room() -> Iterator[None]:
    """Tell what the engine says where it has no room, in memory or on disk."""
    try:
        yield
    except (duckdb.IOException, duckdb.OutOfMemoryException, duckdb.FatalException) as error:
        said = str(error).splitlines()[0]
        raise StoreError(
            f"There is no room for the rows of this contribution ({said}). Make room on the disk of the data directory "
            "and of the folder for temporary files (TMPDIR), and try again."
        ) from error


@dataclass(frozen=True)
class Row:
    """One row of a table: its cells by column, and where in the contributed file it stands."""

    where: Where
    cells: Mapping[str, str]


class Several(str):
    """A cell whose values are known one by one, so that no sign in them parts them."""

    @classmethod
    def of(cls, values: Iterable[str]) -> Several:
        """Return the cell of some values."""
        return cls(PARTS.join(("", *values)))


class Staged(Mapping[str, "StagedTable"]):
    """The tables of a contribution, by name: those that have rows.

    `query` asks the engine. Table `raw_NAME` has the columns of table NAME as texts (an empty cell is NULL), and
    before them `PLACE`: `at`, the number of the row in it, `file`, an index of `files`, `row`, the row in the file (-1:
    none), and `focus`, its subject in a file of RDF.

    Attributes
    ----------
    unfit
        Cells that hold what no file of text holds: place, column, text.
    made
        Tables whose rows are made of the rows of others: each stands at the first of them.
    """

    def __init__(self, told: Callable[[int], None] = lambda rows: None) -> None:
        """Begin without rows; `told` is told now and then how many there are."""
        self._told = told
        self.files: dict[str, int] = {}
        self._named: list[str] = []
        self.unfit: list[tuple[Where, str, str]] = []
        self.made: list[str] = []
        self._waiting: dict[str, list[Row]] = {}
        self._counts: dict[str, int] = {}

    @cached_property
    def engine(self) -> duckdb.DuckDBPyConnection:
        """The engine that holds them; it ends with this object."""
        beside = tempfile.mkdtemp(prefix="opentier-columns-")
        weakref.finalize(self, shutil.rmtree, beside, ignore_errors=True)
        found = duckdb.connect(
            config={
                "memory_limit": MEMORY,
                "temp_directory": beside,
                "preserve_insertion_order": "false",
                "autoinstall_known_extensions": "false",
                "autoload_known_extensions": "false",
            }
        )
        found.execute("SET enable_progress_bar = false")  # at a prompt it would print one on standard output
        return found

    def put(self, table: str, row: Row) -> None:
        """Add a row to a table."""
        waiting = self._waiting.setdefault(table, [])
        waiting.append(row)
        if len(waiting) >= _MANY:
            self._store(table, waiting)
            self._told(sum(self._counts.values()))

    def add(self, table: str, rows: Iterable[Row]) -> None:
        """Add rows to a table."""
        for row in rows:
            self.put(table, row)

    def query(self, text: str, given: Iterable[Any] = ()) -> duckdb.DuckDBPyConnection:
        """Ask the engine, after all rows that wait are in."""
        self.flush()
        with _room():
            return self.engine.execute(text, list(given))

    def rows(self, text: str, given: Iterable[Any] = ()) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of an answer; each call has a cursor of its own."""
        self.flush()
        with _room():
            found = self.engine.cursor().execute(text, list(given))
        while part := found.fetchmany(_MANY):
            yield from part

    def keep(
        self, name: str, columns: Mapping[str, Sequence[Any]], chosen: str = "*", *, more: bool = False
    ) -> None:
        """Put columns into a table of the engine, or more rows into it; `chosen` says what of them.

        A column holds whole numbers, truth values, or texts (or nothing).
        """
        self.flush()
        part, listed = {}, []
        for label, cells in columns.items():
            number = bool(cells) and isinstance(cells[0], int)
            part[label] = np.array(cells) if number else np.array(cells, object)
            listed.append(f'"{label}"' if number else f'CAST("{label}" AS VARCHAR) AS "{label}"')
        how = f'INSERT INTO "{name}"' if more else f'CREATE OR REPLACE TABLE "{name}" AS'
        with _room():
            self.engine.execute(f"{how} SELECT {chosen} FROM (SELECT {', '.join(listed)} FROM part)")

    def leave(self, places: Iterable[Where]) -> int:
        """Take the rows of some places out of all tables; return how many were there.

        An actor that is named by several rows stays as long as another row names it; where nothing else is left to take
        out, it goes too.
        """
        gone = set(places)
        self.unfit = [each for each in self.unfit if each[0] not in gone]
        self._choose(gone)
        taken = sum(self._without(table) for table in self if table not in self.made)
        for table in self.made if taken else ():
            named = " UNION ALL ".join(
                f'SELECT "{column.name}" FROM "raw_{other}"'
                for other in self
                for column in TABLES[other]
                if column.kind == "actor" and other != table
            )
            self._without(
                table, f'coalesce("id" NOT IN (SELECT i FROM ({named}) t (i) WHERE i NOT NULL), true)'
            )
        return taken or sum(map(self._without, self.made))

    def holds(self, tables: Iterable[str], places: Iterable[Where]) -> bool:
        """Return whether some tables have rows at any of some places."""
        self._choose(places)
        return any(
            any(self.rows(f'SELECT 1 FROM "raw_{table}" r JOIN chosen ON {_AT_CHOSEN} LIMIT 1'))
            for table in tables
            if table in self
        )

    def take(self, table: str, rows: str, given: Iterable[Any] = ()) -> None:
        """Put rows into the place of those of a table: those of a query that gives the same columns."""
        self.query(f'CREATE OR REPLACE TABLE "raw_{table}" AS {rows}', given)
        ((self._counts[table],),) = self.rows(f'SELECT count(*) FROM "raw_{table}"')

    def _choose(self, places: Iterable[Where]) -> None:
        """Put places into table `chosen`."""
        chosen = [self._place(place) for place in places]
        columns = zip(*chosen, strict=True) if chosen else ((),) * 3
        kinds = "CAST(f AS INTEGER) AS f, CAST(w AS BIGINT) AS w, s"
        self.keep("chosen", dict(zip(("f", "w", "s"), columns, strict=True)), kinds)

    def _without(self, table: str, condition: str = "true") -> int:
        """Take the rows of a table out that stand at chosen places."""
        ((count,),) = self.query(
            f'DELETE FROM "raw_{table}" r USING chosen WHERE {_AT_CHOSEN} AND {condition}'
        ).fetchall()
        self._counts[table] = self._counts.get(table, 0) - count
        return int(count)

    def _place(self, where: Where) -> tuple[int, int, str | None]:
        """Return a place as the engine has it: the number of its file, its row (-1: none), its subject."""
        file = self.files.setdefault(where.file, len(self.files))
        if file == len(self._named):
            self._named.append(where.file)
        return file, -1 if where.row is None else where.row, where.subject

    def where(self, file: int, row: int, subject: str | None) -> Where:
        """Return a place by the number of its file; a row of -1 is none."""
        return Where(self._named[file], None if row < 0 else row, subject)

    def flush(self) -> None:
        """Put the rows that wait into the engine."""
        for table, waiting in self._waiting.items():
            if waiting:
                self._store(table, waiting)

    def _store(self, table: str, waiting: list[Row]) -> None:
        names = labels(table)
        begin = self._counts.get(table, 0)
        if not begin:
            columns = ", ".join(f'"{name}" VARCHAR' for name in names)
            self.engine.execute(
                f'CREATE TABLE "raw_{table}" ("at" BIGINT, "file" INTEGER, "row" BIGINT, "focus" VARCHAR, {columns})'
            )
        places = [self._place(row.where) for row in waiting]
        part: dict[str, Any] = {
            "at": np.arange(begin, begin + len(waiting)),
            "file": np.array([file for file, _, _ in places], np.int32),
            "row": np.array([row for _, row, _ in places]),
        }
        if any(subject for _, _, subject in places):
            part["focus"] = np.array([subject for _, _, subject in places], object)
        stated = set().union(*(row.cells for row in waiting))
        for name in names:
            if name in stated:
                part[name] = np.array(self._cells(waiting, name), object)
        listed = ", ".join(f'"{name}"' for name in part)
        with _room():
            self.engine.execute(f'INSERT INTO "raw_{table}" ({listed}) SELECT {listed} FROM part')
        self._counts[table] = begin + len(waiting)
        waiting.clear()

    def _cells(self, rows: Sequence[Row], column: str) -> list[str | None]:
        """Return the cells of a column as the engine takes them; what no text of a file holds is put aside."""
        cells = [row.cells.get(column) or None for row in rows]
        if "".join(filter(None, cells)).isprintable():
            return cells
        for number, cell in enumerate(cells):
            unfit = _HALVES if isinstance(cell, Several) else _UNFIT
            if cell and unfit.search(cell):
                self.unfit.append((rows[number].where, column, cell))
                cells[number] = unfit.sub("\ufffd", cell)
        return cells

    def __getitem__(self, table: str) -> StagedTable:
        if table not in self._waiting:
            raise KeyError(table)
        return StagedTable(self, table)

    def __iter__(self) -> Iterator[str]:
        return iter(self._waiting)

    def __len__(self) -> int:
        return len(self._waiting)

    def count(self, table: str) -> int:
        """Return how many rows a table has."""
        return self._counts.get(table, 0) + len(self._waiting.get(table, ()))


@dataclass(frozen=True)
class StagedTable:
    """One staged table, its rows in order."""

    staged: Staged
    name: str

    def __len__(self) -> int:
        return self.staged.count(self.name)

    def __iter__(self) -> Iterator[Row]:
        names = labels(self.name)
        for _, file, row, subject, *cells in self.staged.rows(f'FROM "raw_{self.name}" ORDER BY "at"'):
            said = {name: _given(cell) for name, cell in zip(names, cells, strict=True) if cell is not None}
            yield Row(self.staged.where(file, row, subject), said)


def _given(cell: str) -> str:
    return Several(cell) if PARTS in cell else cell
