"""What graphs say of the records of some classes, as numbers: read from N-Triples by DuckDB, which spills what is much.

A record is numbered in the order of IRIs, a value in that of all texts that stand for its property; so the least of
some values is the one with the least number. Each text is a thing of Python only while somebody reads it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from opentier.graph.engine.arrays import Array
from opentier.graph.errors import StoreError
from opentier.graph.model.names import PREFIXES, expand

#: What DuckDB may keep in memory; the rest it spills. (A million links take half of it.)
MEMORY = "2GB"
#: Bytes that a line may have, and texts that are fetched at once.
_LINE, _PIECE = 1 << 24, 1 << 16
_TYPE = f"<{PREFIXES['rdf']}type>"
#: A line of a file; no line has what it is parted by.
_LINES = f"""read_csv(?, columns={{'line': 'VARCHAR'}}, delim='\x01\x02\x03\x04', quote='', escape='', header=false,
    auto_detect=false, max_line_size={_LINE}, buffer_size={_LINE})"""
#: Neither subject nor property has a space; what stands behind them is the value, and the end of the line.
_SAID = f"""
    INSERT INTO said
    SELECT record, property, CASE WHEN starts_with(value, '<') THEN substr(value, 2, length(value) - 2)
                                  WHEN starts_with(value, '_:') THEN substr(value, 3)
                                  WHEN contains(value, '\\') THEN plain(value)
                                  ELSE split_part(value, '"', 2) END
    FROM (SELECT subject, property, substr(line, length(subject) + length(iri) + 3,
                                           length(line) - length(subject) - length(iri) - 4) AS value
          FROM (SELECT line, split_part(line, ' ', 1) AS subject, split_part(line, ' ', 2) AS iri FROM {_LINES})
          JOIN properties USING (iri))
    JOIN (SELECT subject, rowid AS record FROM records WHERE graph = ?) USING (subject)
    WHERE NOT starts_with(value, '<<')"""
_TYPED = f"""
    INSERT INTO typed
    SELECT subject, class, ?
    FROM (SELECT split_part(line, ' ', 1) AS subject, substr(line, length(subject) + 2) AS line
          FROM {_LINES} WHERE contains(line, ?))
    JOIN classes USING (line)"""
_RECORDS = """
    CREATE TABLE records AS
    SELECT subject, graph, bit_or((1 << class)::UTINYINT) AS classes,
           CASE WHEN starts_with(subject, '<') THEN substr(subject, 2, length(subject) - 2)
                ELSE substr(subject, 3) END AS iri
    FROM typed GROUP BY subject, graph ORDER BY iri, graph"""
_NUMBERED = """
    CREATE TABLE numbered AS
    SELECT record, property, texts.rowid::INTEGER AS value FROM said JOIN texts USING (property, value)"""
_ESCAPED = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))", re.DOTALL)
_LETTERS = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f"}


def _plain(literal: str) -> str:
    """Return the text of a literal that has something escaped."""
    inner = literal[1 : literal.rindex('"')]
    return _ESCAPED.sub(
        lambda found: _LETTERS.get(found[3], found[3]) if found[3] else chr(int(found[1] or found[2], 16)),
        inner,
    )


class TooMuch(Exception):
    """The texts that records state are more than can be put in order in the memory that there is."""


class Statements:
    """The statements of some graphs about the records of some classes.

    Attributes
    ----------
    graph : shape (records,)
        The number of the graph that each is of: one that several graphs describe is several records.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        #: Of each property the first of its values, and how many there are.
        self._spans: dict[int, tuple[int, int]] = {}
        self._numbers: dict[str, int] = {}
        self._least: dict[str, Array] = {}
        self._meant: dict[tuple[str, Callable[[str], Any]], tuple[Array, dict[int, str]]] = {}
        self.graph: Array

    def __len__(self) -> int:
        return len(self.graph)

    def read(
        self,
        files: Sequence[Path],
        classes: Sequence[str],
        properties: Sequence[str],
        told: Callable[[], None],
    ) -> None:
        """Read files of N-Triples, one for each graph.

        Parameters
        ----------
        told
            Called after each of the steps of `steps`.

        Raises
        ------
        TooMuch
            If that takes too much memory.
        """
        try:
            self._read(files, classes, properties, told)
        except duckdb.OutOfMemoryException as error:
            raise TooMuch from error

    def _read(
        self,
        files: Sequence[Path],
        classes: Sequence[str],
        properties: Sequence[str],
        told: Callable[[], None],
    ) -> None:
        run = self._connection.execute
        self._numbers = {name: number for number, name in enumerate(properties)}
        run("CREATE TABLE classes (line VARCHAR, class UTINYINT)")
        run("CREATE TABLE properties (iri VARCHAR, property UTINYINT)")
        for number, name in enumerate(classes):
            run("INSERT INTO classes VALUES (?, ?)", [f"{_TYPE} <{expand(name)}> .", number])
        for name, number in self._numbers.items():
            run("INSERT INTO properties VALUES (?, ?)", [f"<{expand(name)}>", number])
        run("CREATE TABLE typed (subject VARCHAR, class UTINYINT, graph INTEGER)")
        for number, path in enumerate(files):
            run(_TYPED, [number, str(path), _TYPE])
            told()
        run(_RECORDS)
        run("DROP TABLE typed")
        self.graph = self._column("SELECT graph FROM records ORDER BY rowid")
        run("CREATE TABLE said (record INTEGER, property UTINYINT, value VARCHAR)")
        for number, path in enumerate(files):
            run(_SAID, [str(path), number])
            told()
        run("CREATE TABLE texts AS SELECT property, value FROM said GROUP BY ALL ORDER BY ALL")
        told()
        run(_NUMBERED)
        run("DROP TABLE said")
        told()
        spans = run("SELECT property, min(rowid), count(*) FROM texts GROUP BY property").fetchall()
        self._spans = {property: (first, count) for property, first, count in spans}

    @staticmethod
    def steps(files: int) -> int:
        """Return in how many steps some files are read."""
        return 2 * files + 2

    def _column(self, query: str, given: Sequence[Any] = ()) -> Array:
        (found,) = self._connection.execute(query, given).fetchnumpy().values()
        return found

    def of_class(self, number: int) -> Array:
        """Return the records of a class, in order."""
        return self._column(
            "SELECT rowid::INTEGER FROM records WHERE classes >> ? & 1 = 1 ORDER BY rowid", [number]
        )

    def again(self) -> Array:
        """Return whether each record has the IRI of the one before it."""
        return self._column(
            "SELECT coalesce(iri = lag(iri) OVER (ORDER BY rowid), false) FROM records ORDER BY rowid"
        )

    def count(self, name: str) -> int:
        """Return how many texts stand for a property."""
        return self._span(name)[1]

    # --- Values --------------------------------------------------------------------------------------------------

    def least(self, name: str) -> Array:
        """Return the number of the least value that each record states of a property, -1 where it states none."""
        if name not in self._least:
            records, values = self._values(name)
            none = self.count(name)
            found = np.full(len(self), none, np.int32)
            np.minimum.at(found, records, values)
            found[found == none] = -1
            self._least[name] = found
        return self._least[name]

    def stating(self, name: str, text: str) -> Array:
        """Return whether each record states one value, among others or alone."""
        records, values = self._values(name)
        found = np.zeros(len(self), np.bool_)
        found[records[np.isin(values, [n for n, said in enumerate(self.texts(name)) if said == text])]] = True
        return found

    def lists(self, name: str) -> tuple[Array, list[tuple[int, ...]]]:
        """Return the number of the list of all values that each record states, -1 where it states none; and the lists
        of more than one, which are numbered behind the values.
        """
        records, values = self._values(name)
        order = np.lexsort((values, records))
        records, values = records[order], values[order]
        begin = np.flatnonzero(np.diff(records, prepend=-1))
        end = np.append(begin, len(records))[1:]
        found, first, numbers = self.least(name).copy(), self.count(name), dict[tuple[int, ...], int]()
        for low, high in np.column_stack([begin, end])[end - begin > 1].tolist():
            several = tuple(values[low:high].tolist())
            found[records[low]] = first + numbers.setdefault(several, len(numbers))
        return found, list(numbers)

    def meant(
        self, name: str, kind: Any, understood: Callable[[str], Any], unstated: Any
    ) -> tuple[Array, dict[int, str]]:
        """Return what the texts of a property mean by number, and at the end what it means that there is none; and of
        those that cannot be understood, why. An empty one states nothing.
        """
        if (name, understood) not in self._meant:
            found, wrong = np.full(self.count(name) + 1, unstated, kind), dict[int, str]()
            for number, text in enumerate(self.texts(name)):
                try:
                    found[number] = understood(text) if text else unstated
                except (ArithmeticError, LookupError, TypeError, ValueError) as error:
                    wrong[number] = str(error)
            self._meant[name, understood] = found, wrong
        return self._meant[name, understood]

    # --- As DuckDB has them --------------------------------------------------------------------------------------

    def _values(self, name: str) -> tuple[Array, Array]:
        """Return the records that state a property, and the number of the value beside each, in any order."""
        found = self._connection.execute(
            "SELECT record, (value - ?)::INTEGER AS value FROM numbered WHERE property = ?",
            [self._span(name)[0], self._numbers[name]],
        ).fetchnumpy()
        return found["record"], found["value"]

    def texts(self, name: str) -> Iterator[str]:
        """Yield the texts that stand for a property, by number."""
        first, count = self._span(name)
        return self._pieces("texts", "value", first, count)

    def iri(self, record: int) -> str:
        """Return the IRI of a record."""
        (found,) = self._pieces("records", "iri", record, 1)
        return found

    def iris(self) -> Iterator[str]:
        """Yield the IRIs of the records."""
        return self._pieces("records", "iri", 0, len(self))

    def begun(self, base: str) -> tuple[Array, list[str]]:
        """Return with which text the IRI of each record begins, by number, and those texts.

        Below `base` that is the base and the name that follows, elsewhere what stands before the first slash.
        """
        begun = """CASE WHEN starts_with(iri, $base) THEN $base || split_part(substr(iri, length($base) + 1), '/', 1)
                        ELSE split_part(iri, '/', 1) END"""
        told = {"base": base}
        self._connection.execute(
            f"CREATE TABLE begun AS SELECT {begun} AS begun FROM records GROUP BY ALL ORDER BY ALL",
            told,
        )
        (numbers,) = (
            self._connection.execute(
                f"""SELECT begun.rowid::INTEGER AS number FROM records JOIN begun ON begun.begun = {begun}
                ORDER BY records.rowid""",
                told,
            )
            .fetchnumpy()
            .values()
        )
        return numbers, [text for (text,) in self._connection.execute("FROM begun ORDER BY rowid").fetchall()]

    def _span(self, name: str) -> tuple[int, int]:
        return self._spans.get(self._numbers[name], (0, 0))

    def _pieces(self, table: str, column: str, first: int, count: int) -> Iterator[str]:
        query = f"SELECT {column} FROM {table} WHERE rowid >= ? AND rowid < ? ORDER BY rowid"
        for start in range(first, first + count, _PIECE):
            given = [start, min(start + _PIECE, first + count)]
            yield from self._column(query, given).tolist()


@contextmanager
def reading(scratch: Path) -> Iterator[Statements]:
    """Open statements to read; what is too much for memory is kept in a folder meanwhile.

    Raises
    ------
    StoreError
        If what is read cannot be kept.
    """
    settings: Mapping[str, Any] = {
        "memory_limit": MEMORY,
        "temp_directory": str(scratch / "spilled"),
        # It takes any file for a small one, and would keep that in memory for a join.
        "disabled_optimizers": "join_order,build_side_probe_side",
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
    }
    try:
        with duckdb.connect(config=dict(settings)) as connection:
            connection.execute("SET enable_progress_bar = false")  # at a prompt it would print one
            connection.create_function("plain", _plain, ["VARCHAR"], "VARCHAR")
            yield Statements(connection)
    except duckdb.Error as error:
        first = str(error).partition("\n")[0]
        raise StoreError(f"The links cannot be read as columns: {first}") from error
