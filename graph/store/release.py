"""A release: one published state of the graph, immutable, read-only, the same for everybody who opens it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from opentier.graph.errors import StoreError
from opentier.graph.model.names import PREFIXES, Names, concept, expand
from opentier.graph.model.tables import TABLES
from opentier.graph.model.versions import Version

#: Records that name an IRI which are listed with its description.
NAMED_BY = 500

_TYPE = ox.NamedNode(PREFIXES["rdf"] + "type")
_IN_SCHEME = ox.NamedNode(PREFIXES["skos"] + "inScheme")
_LABEL = ox.NamedNode(PREFIXES["skos"] + "prefLabel")

#: The values of a record by prefixed property name.
Fields = Mapping[str, list[str]]


def one(fields: Fields, name: str) -> str | None:
    """Return the value of a property that a record has once (the first in order where it has more), or None."""
    values = fields.get(name)
    return min(values) if values else None


@lru_cache(maxsize=64)
def query_text(name: str) -> str:
    """Return the text of a shipped query."""
    return files("opentier.graph.store").joinpath("queries", f"{name}.rq").read_text("utf-8")


class Release:
    """One published state of the graph: immutable, read-only, and the same for everybody who opens it."""

    def __init__(self, path: Path, names: Names, store: ox.Store | None = None) -> None:
        self.path, self.names = path, names
        try:
            self.store = ox.Store.read_only(str(path)) if store is None else store
        except (OSError, RuntimeError) as error:
            raise StoreError(f"The release at {path} cannot be opened: {error}") from error

    @property
    def id(self) -> str:
        """Name of the release."""
        return self.path.name

    @cached_property
    def versions(self) -> list[Version]:
        """All admitted dataset versions, by dataset and number."""
        rows = self.store.query(
            query_text("versions"), prefixes=PREFIXES, default_graph=[ox.NamedNode(self.names.catalogue)]
        )
        assert isinstance(rows, ox.QuerySolutions)
        try:
            found = [_version(row, self.names) for row in rows]
        except (OSError, RuntimeError) as error:
            raise StoreError(f"The release at {self.path} is damaged: {error}") from error
        return sorted(found, key=lambda version: (version.dataset, version.number))

    @cached_property
    def current(self) -> dict[str, Version]:
        """The current version of each dataset, by dataset id."""
        return {version.dataset: version for version in self.versions}

    def graphs(self, without: str = "") -> list[ox.NamedNode]:
        """Return the graphs of the current versions, `without` the dataset of that id."""
        return [ox.NamedNode(version.iri) for name, version in self.current.items() if name != without]

    def select(self, name: str, graphs: Sequence[ox.NamedNode], **bound: str) -> Iterator[tuple[Any, ...]]:
        """Run shipped SELECT query `name` over `graphs`, variables bound to IRIs; yield its rows."""
        if not graphs:
            return
        rows = self.store.query(
            query_text(name),
            prefixes=PREFIXES,
            default_graph=list(graphs),
            substitutions={ox.Variable(key): ox.NamedNode(value) for key, value in bound.items()},
        )
        assert isinstance(rows, ox.QuerySolutions)
        for row in rows:
            yield tuple(row)

    def derived(self) -> list[ox.Quad]:
        """Return the derived graph, built anew from the current versions: direct edges between actors."""
        if not self.current:
            return []
        found = self.store.query(query_text("derived"), prefixes=PREFIXES, default_graph=list(self.graphs()))
        assert isinstance(found, ox.QueryTriples)
        graph = ox.NamedNode(self.names.derived)
        return [ox.Quad(edge.subject, edge.predicate, edge.object, graph) for edge in found]

    def each(self, table: str, dataset: str | None = None) -> Iterator[tuple[str, Fields]]:
        """Yield the records of a table that the current versions (or that of one dataset) hold, one by one.

        Retracted ones are left out; a record that several versions describe comes once for each of them.
        """
        kind = ox.NamedNode(expand(TABLES[table].rdf_class))
        for name, version in self.current.items():
            if dataset not in (None, name):
                continue
            graph = ox.NamedNode(version.iri)
            for typed in self.store.quads_for_pattern(None, _TYPE, kind, graph):
                fields: dict[str, list[str]] = {}
                for said in self.store.quads_for_pattern(typed.subject, None, None, graph):
                    short = _terms(table).get(said.predicate.value)
                    if short is not None and not isinstance(said.object, ox.Triple):
                        fields.setdefault(short, []).append(said.object.value)
                if "invalidated" not in fields and not isinstance(typed.subject, ox.Triple):
                    yield typed.subject.value, fields

    def records(self, table: str) -> list[tuple[str, Fields]]:
        """Return the records of a table that the current versions hold and that were not retracted, by IRI."""
        found: dict[str, dict[str, list[str]]] = {}
        for iri, fields in self.each(table):
            known = found.setdefault(iri, {})
            for name, values in fields.items():
                known[name] = [*known.get(name, ()), *values]
        return sorted(found.items())

    def labels(self, scheme: str) -> list[str]:
        """Return the labels of the concepts of a scheme of the vocabulary, in order."""
        graph, listed = ox.NamedNode(self.names.vocabulary), ox.NamedNode(concept(scheme, "scheme"))
        members = self.store.quads_for_pattern(None, _IN_SCHEME, listed, graph)
        return sorted(
            str(getattr(quad.object, "value", ""))
            for member in members
            for quad in self.store.quads_for_pattern(member.subject, _LABEL, None, graph)
        )

    def describe(self, iri: str) -> list[ox.Triple]:
        """Return what the current versions, the catalogue and the vocabulary say about an IRI.

        These are its own statements, and of the records that name it (the first `NAMED_BY` in order) their
        classes and the statement that names it.
        """
        try:
            node = ox.NamedNode(iri)
        except ValueError:
            return []
        found: dict[ox.Triple, None] = {}
        naming: list[ox.Quad] = []
        for graph in (
            *self.graphs(),
            ox.NamedNode(self.names.catalogue),
            ox.NamedNode(self.names.vocabulary),
        ):
            found.update(
                (quad.triple, None) for quad in self.store.quads_for_pattern(node, None, None, graph)
            )
            naming += self.store.quads_for_pattern(None, None, node, graph)
        for quad in sorted(naming, key=str)[:NAMED_BY]:
            found[quad.triple] = None
            classes = self.store.quads_for_pattern(quad.subject, _TYPE, None, quad.graph_name)
            found.update((quad.triple, None) for quad in classes)
        return list(found)

    def known(self, iri: str, without: str = "") -> bool:
        """Return whether an IRI is described in a current version."""
        return any(self.types([iri], without).values())

    def types(self, iris: Iterable[str], without: str = "") -> Mapping[str, list[str]]:
        """Return the classes of IRIs in the current versions."""
        graphs, found = self.graphs(without), {}
        for iri in iris:
            try:
                found[iri] = [row[0].value for row in self.select("types", graphs, iri=iri)]
            except ValueError:  # not an IRI at all, so nothing is said about it
                found[iri] = []
        return found


@lru_cache(maxsize=128)
def _terms(table: str) -> Mapping[str, str]:
    """Return the prefixed names of the properties that a table's records may have, by IRI."""
    short = {expand(column.term): column.term for column in TABLES[table] if column.term}
    return short | {expand("rdf:type"): "rdf:type", expand("prov:wasInvalidatedBy"): "invalidated"}


def _version(row: ox.QuerySolution, names: Names) -> Version:
    def text(key: str) -> str:
        return str(row[key].value) if row[key] is not None else ""

    return Version(
        dataset=text("series").rpartition("/")[2],
        number=int(text("number")),
        iri=text("version"),
        title=text("title"),
        licence=text("licence"),
        publisher=text("publisher"),
        package_version=text("packageVersion"),
        checksum=text("checksum"),
        adapter=text("adapter"),
        admitted=text("admitted"),
        homepage=text("homepage"),
        description=text("description"),
        triples=int(text("triples")),
        rows=int(text("rows")),
        accepted=int(text("accepted")),
        warned=int(text("warned")),
        refused=int(text("refused")),
    )
