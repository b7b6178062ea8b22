"""Answers in hand of pyoxigraph, whichever engine gave them: read as ours, and written in any format."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from typing import IO, Any

import pyoxigraph as ox

from opentier.graph.errors import QueryError
from opentier.graph.model.rdf import Term, Triple
from opentier.graph.triples import engine
from opentier.graph.vocabulary import syntax

#: What pyoxigraph calls the formats of rows.
RESULTS = {
    "json": ox.QueryResultsFormat.JSON,
    "xml": ox.QueryResultsFormat.XML,
    "csv": ox.QueryResultsFormat.CSV,
    "tsv": ox.QueryResultsFormat.TSV,
}
#: Tells what goes wrong while an answer is read, as an error of ours.
Reading = Callable[[], AbstractContextManager[None]]


class _Output:
    """Where an answer is written to; what fails there is no fault of the engine's, and raised as it is."""

    def __init__(self, output: IO[bytes]) -> None:
        self._output = output
        self.failed: BaseException | None = None

    def write(self, data: bytes) -> int:
        try:
            return self._output.write(data)
        except BaseException as error:
            self.failed = error
            raise

    def flush(self) -> None:
        self._output.flush()


def written(reading: Reading, output: IO[bytes], work: Callable[[Any], object]) -> None:
    """Have something written, as it is read."""
    guarded = _Output(output)
    try:
        with reading():
            work(guarded)
    except Exception:
        if guarded.failed is not None:
            raise guarded.failed from None
        raise


def _term(said: object) -> Term:
    try:
        return syntax.term(said)
    except ValueError as error:
        raise QueryError(f"The query cannot be answered: {error}.") from error


class Rows(engine.Rows):
    """Rows that are read as they come."""

    def __init__(self, reading: Reading, found: ox.QuerySolutions) -> None:
        self._reading, self._found = reading, found
        self.names = tuple(variable.value for variable in found.variables)

    def __iter__(self) -> Iterator[engine.Row]:
        with self._reading():
            for row in self._found:
                yield tuple(None if said is None else _term(said) for said in row)

    def write(self, format: str, output: IO[bytes]) -> None:
        """Write the rows."""
        written(self._reading, output, lambda to: self._found.serialize(to, format=RESULTS[format]))


class Triples(engine.Triples):
    """Triples that are read as they come."""

    def __init__(self, reading: Reading, found: Iterable[ox.Triple]) -> None:
        self._reading, self._found = reading, found

    def __iter__(self) -> Iterator[Triple]:
        with self._reading():
            for said in self._found:
                subject, predicate, object = map(_term, said)
                yield Triple(subject, predicate, object)  # type: ignore[arg-type]

    def write(self, format: str, output: IO[bytes]) -> None:
        """Write the triples."""
        known, names = syntax.SYNTAXES[format], syntax.named(format)
        written(self._reading, output, lambda to: ox.serialize(self._found, to, format=known, prefixes=names))


class YesNo(engine.YesNo):
    """Yes or no."""

    def __init__(self, reading: Reading, found: ox.QueryBoolean) -> None:
        self._reading, self._found = reading, found

    def __bool__(self) -> bool:
        return bool(self._found)

    def write(self, format: str, output: IO[bytes]) -> None:
        """Write which."""
        written(self._reading, output, lambda to: self._found.serialize(to, format=RESULTS[format]))
