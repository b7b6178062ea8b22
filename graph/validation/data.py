"""The data that shapes are held against: a graph in an engine, and beside it what is known of what it refers to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import cast

from rdflib import RDFS
from rdflib.term import Node

from opentier.graph.model.rdf import Term
from opentier.graph.store.engine import Engine, Rows

#: Terms that one query names at most.
MANY = 500


class Data:
    """A graph in an engine, with another one beside it whose classes of things count too.

    Parameters
    ----------
    graph, beside
        Names of graphs of the engine; without one beside, the graph says all.
    """

    def __init__(self, engine: Engine, graph: str, beside: str | None = None) -> None:
        self.engine, self.graph, self.beside = engine, graph, beside
        self._there: dict[str, bool] = {}

    def rows(self, text: str, *, wide: bool = False) -> Iterator[tuple[Term, ...]]:
        """Yield the rows of a query that binds all its variables, over the graph or, `wide`, the one beside it, too."""
        yield from cast("Iterator[tuple[Term, ...]]", self._answer(text, wide=wide))

    def _answer(self, text: str, *, wide: bool) -> Rows:
        beside = [] if self.beside is None else [self.beside]
        found = self.engine.query(
            text, [self.graph, *beside] if wide else [self.graph], [self.graph, *beside]
        )
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

    @cached_property
    def below(self) -> Mapping[str, frozenset[str]]:
        """The classes of which there are instances in the graph, by each class above them and themselves."""
        ups: dict[str, set[str]] = defaultdict(set)
        for low, up in self._classes(f"SELECT ?a ?b WHERE {{ ?a {RDFS.subClassOf.n3()} ?b }}"):
            ups[low].add(up)
        found: dict[str, set[str]] = defaultdict(set)
        for (kind,) in self.rows("SELECT DISTINCT ?k WHERE { ?x a ?k }"):
            for up in _closed(kind.value, ups):
                found[up].add(kind.value)
        return {up: frozenset(names) for up, names in found.items()}

    @cached_property
    def known(self) -> Mapping[str, frozenset[str]]:
        """All classes by each class above them and themselves, whether they have instances or not."""
        ups: dict[str, set[str]] = defaultdict(set)
        names = set()
        for low, up in self._classes(f"SELECT ?a ?b WHERE {{ ?a {RDFS.subClassOf.n3()} ?b }}"):
            ups[low].add(up)
            names |= {low, up}
        found: dict[str, set[str]] = defaultdict(set)
        for name in names:
            for up in _closed(name, ups):
                found[up].add(name)
        return {up: frozenset(lows) for up, lows in found.items()}

    def _classes(self, text: str) -> Iterator[tuple[str, str]]:
        for low, up in self.rows(text, wide=True):
            yield low.value, up.value

    def is_a(self, name: str, kind: Node) -> str:
        """Return a pattern that what is bound to a variable is an instance of a class."""
        classes = ", ".join(f"<{low}>" for low in sorted(self.known.get(str(kind), {str(kind)})))
        typed = f"{{ {name} a ?k }}"
        if self.beside is not None:
            typed += f" UNION {{ GRAPH <{self.beside}> {{ {name} a ?k }} }}"
        return f"{typed} FILTER(?k IN ({classes}))"


def _closed(name: str, ups: Mapping[str, set[str]]) -> set[str]:
    """Return a class and all above it."""
    found, open_ = {name}, [name]
    while open_:
        for up in ups.get(open_.pop(), ()):
            if up not in found:
                found.add(up)
                open_.append(up)
    return found
