"""A release: one published state of the graph, immutable, read-only, the same for everybody who opens it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, lru_cache
from importlib.resources import files
from itertools import product
from pathlib import Path
from string import Template
from typing import IO

from opentier.graph.model import dates, resources, visibility
from opentier.graph.model.names import PREFIXES, Names, concept, expand
from opentier.graph.model.rdf import IRI, Literal, Triple
from opentier.graph.model.tables import TABLES
from opentier.graph.model.versions import Version, Withdrawal
from opentier.graph.store import entries
from opentier.graph.store.scope import CURRENT, PUBLIC, Reader, Scope
from opentier.graph.triples import embedded
from opentier.graph.triples.engine import Engine, Fields, Rows

#: Records that name an IRI which are listed with its description.
NAMED_BY = 500

#: Says in the catalogue which version of a dataset is current.
CURRENT_VERSION = expand("ot:currentVersion")
_TYPE = PREFIXES["rdf"] + "type"
_IN_SCHEME = PREFIXES["skos"] + "inScheme"
_LABEL = PREFIXES["skos"] + "prefLabel"


def one(fields: Fields, name: str) -> str | None:
    """Return the value of a property that a record has once (the first in order where it has more), or None."""
    values = fields.get(name)
    return min(values) if values else None


@lru_cache(maxsize=64)
def query_text(name: str) -> str:
    """Return the text of a shipped query."""
    return files("opentier.graph.store").joinpath("queries", f"{name}.rq").read_text("utf-8")


class Release:
    """One published state of the graph, as far as a scope shows it.

    Immutable, read-only, and the same for everybody who opens it; the engine is that of its store. Without a scope all
    that is current is seen, what is not public too (`seen_by`).

    Attributes
    ----------
    day
        The day (UTC) on which it is asked who may see what.
    """

    def __init__(
        self,
        path: Path,
        names: Names,
        engine: Engine | None = None,
        scope: Scope = CURRENT,
        day: str | None = None,
    ) -> None:
        self.path, self.names, self.scope = path, names, scope
        self.day = day or dates.today()
        self.engine: Engine = embedded.read_only(path) if engine is None else engine
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

    @property
    def id(self) -> str:
        """Name of the release."""
        return self.path.name

    @cached_property
    def visibility(self) -> Mapping[str, str]:
        """The visibility of each dataset that is held back, as it was published."""
        return entries.visibilities(self.path)

    @property
    def held(self) -> frozenset[str]:
        """The datasets that the default graph, the catalogue and the public's index are without."""
        return frozenset(self.visibility)

    @property
    def closed(self) -> frozenset[str]:
        """Those of them that are not public on its day: an embargo may have ended since."""
        return entries.unseen(self.visibility, self.day, PUBLIC)

    def hidden_from(self, reader: Reader) -> frozenset[str]:
        """Return the datasets that a reader may not see."""
        return entries.unseen(self.visibility, self.day, reader)

    def seen_by(self, reader: Reader) -> Release:
        """Return this release as a reader may see it."""
        return self.within(self.scope.hiding(self.hidden_from(reader)))

    @property
    def stored(self) -> Release:
        """This release as its default graph, its catalogue and the public's index show it."""
        return self.within(Scope(hidden=self.held))

    @property
    def everything(self) -> bool:
        """Whether that is what is seen, so that what is derived from it is true."""
        return self.scope == Scope(hidden=self.held)

    @property
    def catalogues(self) -> list[str]:
        """The graphs of what is said of the datasets that are seen, and of no others."""
        return [
            graph
            for graph in self._registers
            if self.scope.hidden <= self.held or graph != self.names.catalogue
        ]

    @property
    def _registers(self) -> list[str]:
        """The graphs in which the datasets that are seen stand; one that was closed since stands beside them."""
        apart = sorted(self.held - self.scope.hidden)
        return [self.names.catalogue, *map(self.names.entry_of, apart)]

    @property
    def joined(self) -> str | None:
        """The graph of who is one with whom, as far as one sees; None where that is not kept."""
        if self.everything:
            return self.names.derived
        return self.names.derived_closed if self.scope == CURRENT else None

    @cached_property
    def versions(self) -> list[Version]:
        """All admitted dataset versions that may be seen, by dataset and number."""
        found = map(self._version, self._rows("versions", self._registers))
        seen = (version for version in found if version.dataset not in self.scope.hidden)
        return sorted(seen, key=lambda version: (version.dataset, version.number))

    def _version(self, row: Mapping[str, str]) -> Version:
        found = entries.version(row, self.names)
        said = self.visibility.get(found.dataset, visibility.PUBLIC)
        return replace(found, visibility=said if visibility.closed(said, self.day) else visibility.PUBLIC)

    @cached_property
    def withdrawals(self) -> list[Withdrawal]:
        """All withdrawals of versions, those that ended too, by dataset and number."""
        found = map(entries.withdrawal, self._rows("withdrawals", self._registers))
        seen = (each for each in found if each.dataset not in self.scope.hidden)
        return sorted(seen, key=lambda each: (each.dataset, each.number))

    @cached_property
    def current(self) -> dict[str, Version]:
        """The current version of each dataset within the scope, by dataset id."""
        return self.scope.current(self.versions, self.withdrawals)

    @property
    def graphs(self) -> list[str]:
        """The graphs of the current versions."""
        return [version.iri for version in self.current.values()]

    @cached_property
    def united(self) -> bool:
        """Whether the store has a default graph (see `union`): a release of an earlier version has none."""
        kept = [self.names.catalogue, *map(self.names.entry_of, self.held)]
        return any(True for graph in kept for _ in self.engine.match(graph, predicate=CURRENT_VERSION))

    @property
    def parts(self) -> list[str]:
        """The graphs that are the default graph together."""
        return [*self.graphs, *self._derived(self.graphs), *self.catalogues, self.names.vocabulary]

    @property
    def default(self) -> list[str] | None:
        """The graphs that are put together for a query, at a price; None where the store has them as one."""
        return None if self.united and self.everything else self.parts

    @property
    def named(self) -> list[str]:
        """All graphs that one may name: every version that is seen, catalogue, vocabulary, and what is derived."""
        seen = [version.iri for version in self.scope.seen(self.versions)]
        return [*seen, *self._derived(seen), *self.catalogues, self.names.vocabulary]

    def _derived(self, graphs: Sequence[str]) -> list[str]:
        """Return the graphs of what is derived from some versions.

        Who is one with whom is true of all current versions together, and left out of a scope that shows others.
        """
        each = [self.names.derived_of(graph) for graph in graphs] if self.united else []
        return [*each, self.joined] if self.joined else each

    def select(self, name: str, *graphs: str, **bound: str) -> Iterator[tuple[str, ...]]:
        """Run shipped SELECT query `name` over some graphs (without any, the current versions); yield rows of texts.

        Variables are bound to IRIs.
        """
        for row in self._rows(name, graphs or self.graphs, bound):
            yield tuple(row.values())

    def listing(self, name: str, given: Mapping[str, str], output: IO[bytes]) -> tuple[str, ...]:
        """Run shipped SELECT query `name` over all that is true now; return the names of its columns.

        Its rows are written as TSV. What is `given` stands as ``$NAME`` in the query's text, lists of terms as SPARQL
        has them.
        """
        found = self.engine.query(Template(query_text(name)).substitute(given), self.default)
        assert isinstance(found, Rows)
        found.write("tsv", output)
        return found.names

    def _rows(
        self, name: str, graphs: Sequence[str], bound: Mapping[str, str] | None = None
    ) -> Iterator[dict[str, str]]:
        if graphs:
            found = self.engine.query(query_text(name), graphs, bound=bound)
            assert isinstance(found, Rows)
            for row in found:
                yield {
                    key: "" if term is None else term.value
                    for key, term in zip(found.names, row, strict=True)
                }

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
        for graph in graphs or self.graphs:
            fields: dict[str, list[str]] = {}
            for said in self.engine.match(graph, IRI(iri)):
                if (name := terms.get(said.predicate.value)) and not isinstance(said.object, Triple):
                    fields.setdefault(name, []).append(said.object.value)
            if kind in fields.get("rdf:type", ()) and "invalidated" not in fields:
                yield self._coded(table, graph, fields)

    def naming(self, iri: str, terms: Iterable[str], *graphs: str) -> Iterator[tuple[str, str]]:
        """Yield what names an IRI by a property in some graphs, each with its graph; twice, where it does so twice."""
        for graph, term in product(graphs, terms):
            for said in self.engine.match(graph, None, expand(term), IRI(iri)):
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

    def describe(self, iri: str) -> list[Triple]:
        """Return what the current versions, the catalogue and the vocabulary say about an IRI.

        These are its own statements, and of the records that name it (the first `NAMED_BY` in order) their
        classes and the statement that names it.
        """
        node, found = IRI(iri), dict[Triple, None]()
        naming: list[tuple[str, str, Triple]] = []
        try:
            for graph in (*self.graphs, *self.catalogues, self.names.vocabulary):
                found.update((said, None) for said in self.engine.match(graph, node))
                naming += [(str(said), graph, said) for said in self.engine.match(graph, object=node)]
        except ValueError:  # not an IRI at all, so nothing is said about it
            return []
        for _, graph, said in sorted(naming)[:NAMED_BY]:
            found[said] = None
            found.update((kind, None) for kind in self.engine.match(graph, said.subject, _TYPE))
        return list(found)

    def known(self, iri: str) -> bool:
        """Return whether an IRI is described in a current version."""
        return any(self.types([iri]).values())

    def types(self, iris: Iterable[str]) -> Mapping[str, list[str]]:
        """Return the classes of IRIs in the current versions.

        Where a dataset is left out, what it names already has the classes that the last version gave it which
        described it: what others drop bars nobody from contributing again. Such IRIs are noted in `dropped`.
        """
        found = {}
        for iri in iris:
            try:
                found[iri] = [kind for kind, _ in self.select("types", iri=iri)] or self._types_before(iri)
            except ValueError:  # not an IRI at all, so nothing is said about it
                found[iri] = []
        return found

    def _types_before(self, iri: str) -> list[str]:
        left_out, dataset = self.scope.without, self.names.id(iri).partition("/")[0]
        known = (
            Scope(self.scope.day, hidden=self.scope.hidden)
            .current(self.versions, self.withdrawals)
            .get(left_out)
        )
        if known is None or dataset == left_out:
            return []
        if not any(True for _ in self.engine.match(known.iri, object=IRI(iri))):
            return []
        for version in reversed(self.versions):
            if version.dataset == dataset and (kinds := self._kinds(version.iri, iri)):
                self.dropped.add(iri)
                return kinds
        return []

    def _kinds(self, graph: str, iri: str) -> list[str]:
        return [said.object.value for said in self.engine.match(graph, IRI(iri), _TYPE)]


@lru_cache(maxsize=128)
def _terms(table: str) -> Mapping[str, str]:
    """Return the prefixed names of the properties that a table's records may have, by IRI."""
    short = {expand(column.term): column.term for column in TABLES[table] if column.term}
    return short | {expand("rdf:type"): "rdf:type", expand("prov:wasInvalidatedBy"): "invalidated"}
