"""The data that shapes are held against: a graph in an engine, and beside it what is known of what it refers to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import cast

from rdflib import RDFS, URIRef
from rdflib.term import Node

from opentier.graph.model.rdf import Term
from opentier.graph.triples.engine import Engine, Rows

#: Terms that one query names at most.
MANY = 500


class Data:
    """A graph in an engine, with another one beside it whose classes of things count too.

    Parameters
    ----------
    graph, beside
        Names of graphs of the engine; without one beside, the graph says all. The engine's own default graph is
        the smallest and the quickest.
    """

    def __init__(self, engine: Engine, graph: str, beside: str | None = None) -> None:
        self.engine, self.graph, self.beside = engine, graph, beside
        self._there: dict[str, bool] = {}
        self._single: dict[URIRef, bool] = {}

    def rows(self, text: str, *, wide: bool = False) -> Iterator[tuple[Term, ...]]:
        """Yield the rows of a query that binds all its variables, over the graph or, `wide`, the one beside it, too."""
        yield from cast("Iterator[tuple[Term, ...]]", self._answer(text, wide=wide))

    def _answer(self, text: str, *, wide: bool) -> Rows:
        beside = [] if self.beside is None else [self.beside]
        found = self.engine.query(text, [self.graph, *beside] if wide else [self.graph], beside)
        assert isinstance(found, Rows)
        return found

    def named_rows(self, text: str) -> Iterator[dict[str, Term | None]]:
        """Yield the rows of a query over both graphs, by the names of its variables."""
        found = self._answer(text, wide=True)
        for row in found:
            yield dict(zip(found.names, row, strict=True))

    def ask(self, pattern: str) -> bool:
        """Return whether a pattern is in the graph; asked once."""
        if pattern not in self._there:
            self._there[pattern] = (
                next(self.rows(f"SELECT * WHERE {{ {pattern} }} LIMIT 1"), None) is not None
            )
        return self._there[pattern]

    def single(self, term: URIRef) -> bool:
        """Return whether nothing has two values of a property: all its statements are as many as their subjects."""
        if term not in self._single:
            pattern = f"?a {term.n3()} ?b"
            text = f"SELECT (COUNT(*) AS ?all) (COUNT(DISTINCT ?a) AS ?each) WHERE {{ {pattern} }}"
            ((every, each),) = self.rows(text)
            self._single[term] = every == each
        return self._single[term]

    def least(self, classes: Iterable[str]) -> tuple[str, ...]:
        """Return of some classes those that have all their instances: one is left out whose are another's, too."""
        found = sorted(classes)
        for low in list(found):
            if any(self._within(low, up) for up in found if up != low):
                found.remove(low)
        return tuple(found)

    def _within(self, low: str, up: str) -> bool:
        """Return whether all instances of a class are another's, too; most often the first one tells that not."""
        if self._many[low] > self._many[up]:
            return False
        first = f"{{ SELECT ?a WHERE {{ ?a a <{low}> }} LIMIT 1 }} FILTER NOT EXISTS {{ ?a a <{up}> }}"
        return not self.ask(first) and not self.ask(f"?a a <{low}> MINUS {{ ?a a <{up}> }}")

    @cached_property
    def below(self) -> Mapping[str, set[str]]:
        """The classes of which there are instances in the graph, by each class above them and themselves."""
        return self._by_class(self._many)

    @cached_property
    def _many(self) -> Mapping[str, int]:
        """How many instances the classes have that have any in the graph."""
        rows = self.rows("SELECT ?k (COUNT(*) AS ?many) WHERE { ?x a ?k } GROUP BY ?k")
        return {kind.value: int(many.value) for kind, many in rows}

    @cached_property
    def _kinds_beside(self) -> Mapping[str, set[str]]:
        """The same of the graph beside."""
        if self.beside is None:
            return {}
        return self._by_class(
            kind.value
            for (kind,) in self.rows(f"SELECT DISTINCT ?k WHERE {{ GRAPH <{self.beside}> {{ ?x a ?k }} }}")
        )

    def _by_class(self, kinds: Iterable[str]) -> Mapping[str, set[str]]:
        found: dict[str, set[str]] = defaultdict(set)
        for kind in kinds:
            for up in _closed(kind, self._above):
                found[up].add(kind)
        return found

    @cached_property
    def _above(self) -> Mapping[str, set[str]]:
        """The classes that stand right above a class."""
        found: dict[str, set[str]] = defaultdict(set)
        for low, up in self.rows(f"SELECT ?a ?b WHERE {{ ?a {RDFS.subClassOf.n3()} ?b }}", wide=True):
            found[low.value].add(up.value)
        return found

    def no_instance(self, name: str, kind: Node) -> str:
        """Return a filter that what is bound to a variable is no instance of a class."""
        tests = [
            f"FILTER NOT EXISTS {{ {name} a <{one}> }}" for one in self.least(self.below.get(str(kind), ()))
        ]
        for one in sorted(self._kinds_beside.get(str(kind), ())):
            tests.append(f"FILTER NOT EXISTS {{ GRAPH <{self.beside}> {{ {name} a <{one}> }} }}")
        return " ".join(tests)


def _closed(name: str, above: Mapping[str, set[str]]) -> set[str]:
    """Return a class and all above it."""
    found, open_ = {name}, [name]
    while open_:
        for up in above.get(open_.pop(), ()):
            if up not in found:
                found.add(up)
                open_.append(up)
    return found
