"""A release: one published state of the graph, immutable, read-only, the same for everybody who opens it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from opentier.graph.model import resources
from opentier.graph.model.names import PREFIXES, Names, concept, expand
from opentier.graph.model.rdf import IRI, Literal, Triple
from opentier.graph.model.tables import TABLES
from opentier.graph.store.graphs import Graphs
from opentier.graph.store.scope import CURRENT, Reader, Scope
from opentier.graph.triples.engine import Engine, Fields

#: Records that name an IRI which are listed with its description.
NAMED_BY = 500

_TYPE = PREFIXES["rdf"] + "type"
_IN_SCHEME = PREFIXES["skos"] + "inScheme"
_LABEL = PREFIXES["skos"] + "prefLabel"


def one(fields: Fields, name: str) -> str | None:
    """Return the value of a property that a record has once (the first in order where it has more), or None."""
    values = fields.get(name)
    return min(values) if values else None


class Release(Graphs):
    """One published state of the graph, as far as a scope shows it.

    Immutable, read-only, and the same for everybody who opens it; the engine is that of its store. Without a scope all
    that is current is seen, what is not public too (`seen_by`).
    """

    def __init__(
        self,
        path: Path,
        names: Names,
        engine: Engine | None = None,
        scope: Scope = CURRENT,
        day: str | None = None,
    ) -> None:
        super().__init__(path, names, engine, scope, day)
        #: The N-Triples that graphs were loaded from, by graph, as long as these are at hand.
        self.loaded: Mapping[str, Path] = {}
        #: What individuals are called, by the graph that names them and their IRI.
        self._texts: dict[tuple[str, str], str] = {}
        #: What `types` found in no current version, and named by the one that is left out.
        self.dropped: set[str] = set()

    def within(self, scope: Scope) -> Release:
        """Return this release as another scope shows it."""
        found = Release(self.path, self.names, self.engine, scope, self.day)
        found.visibility = self.visibility
        if scope.hidden == self.scope.hidden:
            found.versions, found.withdrawals = self.versions, self.withdrawals
        found.dropped, found.loaded = self.dropped, self.loaded
        return found

    def seen_by(self, reader: Reader) -> Release:
        """Return this release as a reader may see it."""
        return self.within(self.scope.hiding(self.hidden_from(reader)))

    @property
    def stored(self) -> Release:
        """This release as its default graph, its catalogue and the public's index show it."""
        return self.within(Scope(hidden=self.held))

    def triples(self, graph: str, place: Path) -> Path:
        """Return a file of the N-Triples of a graph: the one that it was loaded from, else one written to a place."""
        if graph in self.loaded:
            return self.loaded[graph]
        with place.open("wb") as output:
            self.engine.write(graph, output)
        return place

    def each(self, table: str, *graphs: str) -> Iterator[tuple[str, Fields]]:
        """Yield the records of a table that some graphs (without any, the current versions) hold, one by one.

        Retracted ones are left out; a record that several versions describe comes once for each of them. A place or
        a currency is given as its code, an authority, a register or a legal basis by its name.
        """
        kind, terms = expand(TABLES[table].rdf_class), _terms(table)
        for graph in graphs or self.graphs:
            for iri, fields in self.engine.records(graph, kind, terms):
                if "invalidated" not in fields:
                    yield iri, self._coded(table, graph, fields)

    def of(self, table: str, iri: str, *graphs: str) -> Iterator[Fields]:
        """Yield what each graph (without any, each current version) holds of one record of a table, as `each` does."""
        kind, terms = expand(TABLES[table].rdf_class), _terms(table)
        found: dict[str, dict[str, list[str]]] = {graph: {} for graph in graphs or self.graphs}
        for graph, said in self.engine.among(found, [IRI(iri)]):
            if (name := terms.get(said.predicate.value)) and not isinstance(said.object, Triple):
                found[graph].setdefault(name, []).append(said.object.value)
        for graph, fields in found.items():
            if kind in fields.get("rdf:type", ()) and "invalidated" not in fields:
                yield self._coded(table, graph, fields)

    def naming(self, iri: str, terms: Iterable[str], *graphs: str) -> Iterator[tuple[str, str]]:
        """Yield what names an IRI by a property in some graphs, each with its graph; twice, where it does so twice."""
        for graph, said in self.engine.among(graphs, None, [*map(expand, terms)], IRI(iri)):
            yield said.subject.value, graph

    def _coded(self, table: str, graph: str, fields: Fields) -> Fields:
        """Return the fields of a record with codes and names in the place of individuals."""
        named = [column.term for column in TABLES[table] if column.kind in resources.KINDS]
        texts = {
            term: [self.called(graph, value) for value in fields[term]] for term in named if term in fields
        }
        return {**fields, **texts} if texts else fields

    def called(self, graph: str, value: str) -> str:
        """Return the code of an individual that a graph names, or else what the graph calls it."""
        found = self._texts.get((graph, value))
        if found is None:
            found = resources.code_of(value, self.names)
            if found is None:
                found = min((said.object.value for said in self._labels(graph, value)), default=value)
            self._texts[graph, value] = found
        return found

    def _labels(self, graph: str, iri: str) -> Iterator[Triple]:
        try:
            yield from self.engine.match(graph, IRI(iri), expand("rdfs:label"))
        except ValueError:  # a text, where no individual is named
            return

    def records(self, table: str) -> list[tuple[str, Fields]]:
        """Return the records of a table that the current versions hold and that were not retracted, by IRI."""
        found: dict[str, dict[str, list[str]]] = {}
        for iri, fields in self.each(table):
            known = found.setdefault(iri, {})
            for name, values in fields.items():
                known[name] = [*known.get(name, ()), *values]
        return sorted(found.items())

    def labels(self, scheme: str) -> list[str]:
        """Return the English labels of the concepts of a scheme of the vocabulary, in order."""
        graph, listed = self.names.vocabulary, IRI(concept(scheme, "scheme"))
        members = self.engine.match(graph, predicate=_IN_SCHEME, object=listed)
        return sorted(
            said.object.value
            for member in members
            for said in self.engine.match(graph, member.subject, _LABEL)
            if isinstance(said.object, Literal) and said.object.language == "en"
        )

    def known(self, iri: str) -> bool:
        """Return whether an IRI is described in a current version."""
        return bool(self.described([iri]))

    def described(self, iris: Iterable[str]) -> set[str]:
        """Return those of some IRIs that are described in a current version: most are, in that of their own dataset."""
        named: dict[str, list[str]] = {}
        for iri in dict.fromkeys(iris):
            named.setdefault(self.names.id(iri).partition("/")[0], []).append(iri)
        found, current = set[str](), self.current
        for dataset, some in named.items():
            if dataset in current:
                found |= {iri for iri, kinds in self._typed(some, current[dataset].iri).items() if kinds}
        rest = [iri for some in named.values() for iri in some if iri not in found]
        return found | {iri for iri, kinds in self.types(rest).items() if kinds}

    def types(self, iris: Iterable[str]) -> Mapping[str, list[str]]:
        """Return the classes of IRIs in the current versions; nothing is said of what is not an IRI at all.

        Where a dataset is left out, what it names already has the classes that the last version gave it which
        described it: what others drop bars nobody from contributing again. Such IRIs are noted in `dropped`.
        """
        wanted = list(iris)
        found = self._typed(wanted)
        before = self._types_before([iri for iri, kinds in found.items() if not kinds])
        return {iri: found.get(iri) or before.get(iri, []) for iri in wanted}

    def _typed(self, iris: Sequence[str], *graphs: str) -> dict[str, list[str]]:
        """Return the classes of IRIs in some graphs (without any, the current versions), asked for at once.

        What is no IRI is left out.
        """
        found: dict[str, dict[str, None]] = {iri: {} for iri in iris}
        try:
            for _, said in self.engine.among(graphs or self.graphs, [*map(IRI, found)], [_TYPE]):
                found[said.subject.value][said.object.value] = None
        except ValueError:
            half = len(iris) // 2
            return self._typed(iris[:half], *graphs) | self._typed(iris[half:], *graphs) if half else {}
        return {iri: list(kinds) for iri, kinds in found.items()}

    def _types_before(self, iris: Iterable[str]) -> dict[str, list[str]]:
        """Return the last classes of what the dataset that is left out names, and no current version describes."""
        left_out, found = self.scope.without, dict[str, list[str]]()
        seen = Scope(self.scope.day, hidden=self.scope.hidden)
        known = seen.current(self.versions, self.withdrawals).get(left_out)
        if known is None:
            return found
        for iri in iris:
            dataset = self.names.id(iri).partition("/")[0]
            if dataset == left_out or not any(True for _ in self.engine.match(known.iri, object=IRI(iri))):
                continue
            for version in reversed(self.versions):
                if version.dataset == dataset and (kinds := self._kinds(version.iri, iri)):
                    self.dropped.add(iri)
                    found[iri] = kinds
                    break
        return found

    def _kinds(self, graph: str, iri: str) -> list[str]:
        return [said.object.value for said in self.engine.match(graph, IRI(iri), _TYPE)]


@lru_cache(maxsize=128)
def _terms(table: str) -> Mapping[str, str]:
    """Return the prefixed names of the properties that a table's records may have, by IRI."""
    short = {expand(column.term): column.term for column in TABLES[table] if column.term}
    return short | {expand("rdf:type"): "rdf:type", expand("prov:wasInvalidatedBy"): "invalidated"}
