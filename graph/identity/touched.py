"""What a change of graphs touches: the actors of whom it says who they are, with all who may be one with them.

Who is one with whom is decided among the actors that judgements and equal strong identifiers connect, whatever is said
of others. So only what says of these is read: from the actors of whom the graphs that come and those that go say
different things, on to all that they are judged with, or share a strong identifier with.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TypeVar

from opentier.graph.identity.judgements import Judged, Judgements, of
from opentier.graph.model.names import concept, expand
from opentier.graph.model.rdf import IRI, Triple
from opentier.graph.model.tables import STRONG_SCHEMES
from opentier.graph.store.release import Release
from opentier.graph.store.scope import CURRENT

T = TypeVar("T")
#: Statements of the changed graphs, and touched actors, beyond which it costs less to read everything at once.
_LARGE, _MANY = 200_000, 1_000
_TABLE, _SIDES = "identity_judgements", ("ot:left", "ot:right")
_IDENTIFIER, _SCHEME = expand("adms:identifier"), expand("ot:identifierScheme")
_STRONG = [IRI(concept("identifier-scheme", scheme)) for scheme in STRONG_SCHEMES]


@dataclass(frozen=True)
class Touched:
    """The touched actors, and all that is said of who they are, before a change and after it."""

    actors: frozenset[str]
    before: Judgements
    now: Judgements


def touched(release: Release, come: Iterable[str], gone: Iterable[str]) -> Touched | None:
    """Return what is touched where the graphs of some versions come and others go; None where that is too much.

    Parameters
    ----------
    release
        The release with the graphs that come; those that go are in its store still.
    """
    every = release.within(CURRENT).versions  # what goes may be seen no longer
    sizes = {version.iri: version.triples for version in every}
    come, gone = ([graph for graph in graphs if graph in sizes] for graphs in (come, gone))
    if sum(sizes[graph] for graph in (*come, *gone)) > _LARGE:
        return None
    read = _Reading(release, come, gone)
    return read.touched() if read.all() else None


class _Reading:
    """Reads what says of the touched actors, from one actor to the next."""

    def __init__(self, release: Release, come: Sequence[str], gone: Sequence[str]) -> None:
        self.release, self.come, self.gone = release, come, gone
        self.now, self.graphs = release.graphs, [*release.graphs, *gone]
        self.before = [*(graph for graph in self.now if graph not in come), *gone]
        self.actors: set[str] = set()
        #: The judgements by graph; of identifiers who has them, and the graphs that say that they are strong ones.
        self.judged: dict[str, set[Judged]] = defaultdict(set)
        self.identified: dict[str, set[tuple[str, str]]] = defaultdict(set)
        self.strong: dict[str, set[str]] = {}

    def touched(self) -> Touched:
        """Return what was read."""
        return Touched(frozenset(self.actors), self._said(self.before), self._said(self.now))

    def _said(self, graphs: Sequence[str]) -> Judgements:
        judged, among = {said for graph in graphs for said in self.judged[graph]}, {*graphs}
        identified = [
            (actor, identifier)
            for identifier, having in self.identified.items()
            if not among.isdisjoint(self.strong[identifier])
            for graph, actor in having
            if graph in among
        ]
        return Judgements(sorted(judged, key=lambda said: said.age), identified)

    def all(self) -> bool:
        """Read everything; return whether that was not too much."""
        todo = self._changed()
        while todo:
            if (actor := todo.pop()) in self.actors:
                continue
            self.actors.add(actor)
            if len(self.actors) > _MANY:
                return False
            todo |= self._judged_with(actor)
            for graph in self.graphs:
                for said in self._stated(graph, actor, _IDENTIFIER):
                    todo |= self._sharing(said.object.value)
        return True

    def _changed(self) -> set[str]:
        """Return the actors of whom the graphs that come and those that go say other things."""
        match = self.release.engine.match
        judged = self._differing(self._judgements)
        pairs = self._differing(lambda graph: match(graph, None, _IDENTIFIER))
        schemes = self._differing(lambda graph: match(graph, None, _SCHEME))
        actors = {side for said in judged for side in said.pair} | {said.subject.value for said in pairs}
        identifiers = {said.object.value for said in pairs} | {said.subject.value for said in schemes}
        return actors.union(*map(self._sharing, identifiers))

    def _differing(self, read: Callable[[str], Iterable[T]]) -> set[T]:
        come, gone = (set(chain.from_iterable(map(read, graphs))) for graphs in (self.come, self.gone))
        return come ^ gone

    def _judgements(self, graph: str) -> Iterator[Judged]:
        said = (of(*record) for record in self.release.each(_TABLE, graph))
        return (judged for judged in said if judged is not None)

    def _judged_with(self, actor: str) -> set[str]:
        """Keep the judgements on an actor; return all whom they are on."""
        found = set[str]()
        for record, graph in self.release.naming(actor, _SIDES, *self.graphs):
            for fields in self.release.of(_TABLE, record, graph):
                if (said := of(record, fields)) is not None:
                    self.judged[graph].add(said)
                    found |= said.pair
        return found

    def _sharing(self, identifier: str) -> set[str]:
        """Keep who has an identifier, if it is a strong one; return all these."""
        if identifier not in self.strong:
            self.strong[identifier] = {
                graph
                for graph in self.graphs
                if any(said.object in _STRONG for said in self._stated(graph, identifier, _SCHEME))
            }
            for graph in self.graphs if self.strong[identifier] else ():
                for said in self.release.engine.match(graph, None, _IDENTIFIER, IRI(identifier)):
                    self.identified[identifier].add((graph, said.subject.value))
        return {actor for _, actor in self.identified[identifier]}

    def _stated(self, graph: str, subject: str, property: str) -> Iterator[Triple]:
        """Yield what a graph states of something; a text, which is no name of anything, has nothing stated of it."""
        try:
            yield from self.release.engine.match(graph, IRI(subject), property)
        except ValueError:
            return
