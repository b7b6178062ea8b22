"""A release whose versions are kept elsewhere: their graphs there, for good; what changes with each release here.

The catalogue, the vocabulary and who is one with whom are few triples. They are kept here, with each release, and are
what is read. The store elsewhere has a copy of the last ones, for queries, which replaces the one before at once when
a release is published (`show`). So nothing that is there already is changed before the commit, and what a killed writer
left there is found in its notes and taken away.
"""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import IO, TYPE_CHECKING

from opentier.graph.errors import StoreError
from opentier.graph.model.rdf import IRI, Blank, Literal, Term, Triple
from opentier.graph.triples.elsewhere import Elsewhere, Notes
from opentier.graph.triples.embedded import Embedded
from opentier.graph.triples.engine import Answer, Bound, Engine, Fields, Graphs, Node

if TYPE_CHECKING:
    from opentier.graph.triples.remote import Remote

_SHOWS = "urn:opentier:shows"


class Divided:
    """An open release; see `engine.Engine`."""

    united = False

    def __init__(self, here: Embedded, place: Elsewhere, notes: Notes | None = None) -> None:
        self.here, self.place, self._notes = here, place, notes
        #: The graphs kept here that were changed.
        self.changed: set[str] = set()

    @cached_property
    def there(self) -> Remote:
        """The store elsewhere, once it is known to hold the data of this directory.

        Raises
        ------
        StoreError
            If it does not: it was emptied, or is another one.
        """
        store = self.place.open()
        if (
            self._notes is None
            and (shown := shown_by(store, self.place)).partition(" ")[0] != self.place.owner
        ):
            whose = "of another data directory" if shown else "of no data directory"
            raise StoreError(
                f"The store at {store.address.place} holds the data {whose}, and is not answered from. Start the "
                "store that was contributed to, or restore a backup of that store."
            )
        return store

    def _of(self, graph: str) -> Engine:
        return self.there if self.place.holds(graph) else self.here

    def query(
        self,
        text: str,
        default: Graphs = None,
        named: Graphs = None,
        bound: Bound = None,
        base: str | None = None,
    ) -> Answer:
        """Answer a query; see `engine.Engine.query`. What asks for nothing elsewhere is answered here."""
        asked = None if default is None and named is None else {*(default or ()), *(named or ())}
        own = asked is not None and not any(map(self.place.holds, asked))
        return (self.here if own else self.there).query(text, default, named, bound, base)

    def match(
        self, graph: str, subject: Node = None, predicate: str | None = None, object: Term | None = None
    ) -> Iterator[Triple]:
        """Yield the triples of a graph that fit a pattern; see `engine.Engine.match`."""
        return self._of(graph).match(graph, subject, predicate, object)

    def among(
        self,
        graphs: Collection[str],
        subjects: Collection[IRI | Blank] | None = None,
        predicates: Collection[str] | None = None,
        object: Term | None = None,
    ) -> Iterator[tuple[str, Triple]]:
        """Yield the triples of some graphs that fit; see `engine.Engine.among`. Those here come first."""
        away = list(filter(self.place.holds, graphs))
        yield from self.here.among(
            [graph for graph in graphs if graph not in away], subjects, predicates, object
        )
        if away:
            yield from self.there.among(away, subjects, predicates, object)

    def records(self, graph: str, kind: str, terms: Mapping[str, str]) -> Iterator[tuple[str, Fields]]:
        """Yield all of a class, with its values; see `engine.Engine.records`."""
        return self._of(graph).records(graph, kind, terms)

    def dump(self, graph: str, format: str, output: IO[bytes]) -> None:
        """Write a graph as RDF, as it comes; see `engine.Engine.dump`."""
        self._of(graph).dump(graph, format, output)

    def count(self, graph: str) -> int:
        """Return how many triples a graph has."""
        return self._of(graph).count(graph)

    def write(self, graph: str, output: IO[bytes]) -> None:
        """Write the triples of a graph; see `engine.Engine.write`."""
        self._of(graph).write(graph, output)

    def load(self, graph: str, file: Path) -> None:
        """Add N-Triples of a file to a graph that is kept here; let one elsewhere be them."""
        self._changes(graph)
        self._of(graph).load(graph, file)

    def copy(self, source: str, target: str) -> None:
        """Add the triples of a graph to another one, which is kept in the same place."""
        self._changes(target)
        self._of(target).copy(source, target)

    def change(self, graph: str, gone: Iterable[Triple], come: Iterable[Triple]) -> None:
        """Remove some triples from a graph, then add others."""
        gone, come = list(gone), list(come)
        if gone or come:
            self._changes(graph)
            self._of(graph).change(graph, gone, come)

    def remove(self, graph: str) -> None:
        """Remove a graph."""
        self._changes(graph)
        self._of(graph).remove(graph)

    def backup(self, path: Path) -> None:
        """Copy what is kept here to a new folder, and say there where the rest is."""
        self.here.backup(path)
        self.place.write(path)

    def flush(self) -> None:
        """Write what is in memory to files."""
        self.here.flush()

    def show(self, graphs: Iterable[str], release: str) -> None:
        """Have the store elsewhere show these graphs as they are here, with the name of the release: all at once."""
        taken = dict[str, str | None]()
        store = self.place.open()
        with tempfile.TemporaryDirectory() as scratch:
            for number, graph in enumerate(graphs):
                file, draft = Path(scratch) / str(number), f"{graph}/next"
                with file.open("wb") as output:
                    self.here.write(graph, output)
                taken[graph] = draft if file.stat().st_size else None
                if file.stat().st_size:
                    self._note(draft)
                    store.load(draft, file)
        said = Triple(IRI(self.place.note), IRI(_SHOWS), Literal(f"{self.place.owner} {release}"))
        store.replace(taken, self.place.note, said)

    def differing(self, graphs: Iterable[str]) -> Iterator[str]:
        """Yield those of some graphs kept here that the store elsewhere shows otherwise, but for blank nodes."""
        for graph in graphs:
            here, there = (list(engine.match(graph)) for engine in (self.here, self.there))
            if len(here) != len(there) or {*map(_named, here)} != {*map(_named, there)}:
                yield graph

    def _changes(self, graph: str) -> None:
        if self.place.holds(graph):
            self._note(graph)
        else:
            self.changed.add(graph)

    def _note(self, graph: str) -> None:
        if self._notes is not None:
            self._notes.add(self.place, graph)


def _named(said: Triple) -> tuple[str, ...]:
    return tuple("" if isinstance(term, Blank) else str(term) for term in said)


def shown_by(store: Remote, place: Elsewhere) -> str:
    """Return whose data a store holds, and the release that it shows; nothing where it says neither."""
    said = store.match(place.note, predicate=_SHOWS)
    return next((each.object.value for each in said if isinstance(each.object, Literal)), "")
