"""What a triple engine must do, and what it answers: whatever keeps the triples, here or elsewhere.

`embedded` is one, `remote` another, over any SPARQL 1.1 store. Graphs and IRIs are given as texts. Every error of an
engine is one of ours: `StoreError` where the data cannot be read, `QueryError` where a query cannot be answered, also
while an answer is read.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, ClassVar, Protocol

from opentier.graph.model.rdf import IRI, Blank, Term, Triple

#: The values of a record by prefixed property name.
Fields = Mapping[str, list[str]]
Row = tuple[Term | None, ...]
#: What a triple may be of.
Node = IRI | Blank | None
#: The store's own default graph, where a graph is asked for by its name.
DEFAULT = ""
#: The IRIs of some graphs, and IRIs by the variables that are bound to them.
Graphs = Sequence[str] | None
Bound = Mapping[str, str] | None


class Answer(ABC):
    """An answer to a query, read once."""

    #: Rows, triples, or boolean.
    kind: ClassVar[str]

    @abstractmethod
    def write(self, format: str, output: IO[bytes]) -> None:
        """Write the answer in one of the formats of its kind, as it comes; see `model.formats`."""


class Rows(Answer):
    """The names of columns, and rows of terms."""

    kind = "rows"
    names: tuple[str, ...]

    @abstractmethod
    def __iter__(self) -> Iterator[Row]:
        """Yield the rows."""


class Triples(Answer):
    """A graph."""

    kind = "triples"

    @abstractmethod
    def __iter__(self) -> Iterator[Triple]:
        """Yield the triples."""


class YesNo(Answer):
    """Yes or no."""

    kind = "boolean"

    @abstractmethod
    def __bool__(self) -> bool:
        """Tell which."""


class Engine(Protocol):
    """A triple engine that has a store open."""

    #: Whether it keeps a default graph of its own, beside the named ones.
    united: bool

    def query(
        self,
        text: str,
        default: Graphs = None,
        named: Graphs = None,
        bound: Bound = None,
        base: str | None = None,
    ) -> Answer:
        """Answer a query over the union of the `default` graphs, some variables `bound` to IRIs.

        Without graphs the query's own are meant (FROM), else the store's own default graph, and of the named ones all.
        A statement that two graphs of a union make may be found twice. Relative IRIs are understood from `base`.

        Raises
        ------
        QueryError
            If the query is malformed or updates something.
        """
        ...

    def match(
        self, graph: str, subject: Node = None, predicate: str | None = None, object: Term | None = None
    ) -> Iterator[Triple]:
        """Yield the triples of a graph that fit a pattern; None fits all.

        Raises
        ------
        ValueError
            If what should be an IRI is none.
        """
        ...

    def among(
        self,
        graphs: Collection[str],
        subjects: Collection[IRI | Blank] | None = None,
        predicates: Collection[str] | None = None,
        object: Term | None = None,
    ) -> Iterator[tuple[str, Triple]]:
        """Yield the triples of some graphs that fit, each with its graph, asked for at once; None fits all.

        Raises
        ------
        ValueError
            If what should be an IRI is none.
        """
        ...

    def records(self, graph: str, kind: str, terms: Mapping[str, str]) -> Iterator[tuple[str, Fields]]:
        """Yield the IRI of everything of a class in a graph, and its values as texts.

        Parameters
        ----------
        terms
            The properties that are wanted, by IRI, and what each is called.
        """
        ...

    def dump(self, graph: str, format: str, output: IO[bytes]) -> None:
        """Write a graph as RDF, as it comes; formats of several graphs name it."""
        ...

    def count(self, graph: str) -> int:
        """Read all triples of a graph and return how many there are."""
        ...

    def write(self, graph: str, output: IO[bytes]) -> None:
        """Write the triples of a graph as N-Triples, as they come; what `output` raises is raised."""
        ...

    def load(self, graph: str, file: Path) -> None:
        """Add N-Triples of a file of any size to a graph; blank nodes are given other names."""
        ...

    def copy(self, source: str, target: str) -> None:
        """Add the triples of a graph to another one, blank nodes and all."""
        ...

    def change(self, graph: str, gone: Iterable[Triple], come: Iterable[Triple]) -> None:
        """Remove some triples from a graph, then add others."""
        ...

    def remove(self, graph: str) -> None:
        """Remove a graph."""
        ...

    def backup(self, path: Path) -> None:
        """Copy the store to a new folder."""
        ...

    def flush(self) -> None:
        """Write what is in memory to files."""
        ...
