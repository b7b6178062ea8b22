"""The statements of the vocabulary and of the shapes, read for people: prefixed names, words, values, rows."""

from __future__ import annotations

import re
from collections.abc import Collection as Some
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from rdflib import DCTERMS, OWL, RDF, RDFS, SH, SKOS, BNode, Graph, Literal, URIRef
from rdflib.collection import Collection
from rdflib.term import Node

from opentier.graph.model.names import OT
from opentier.graph.threads import once
from opentier.graph.vocabulary import documents

#: Properties that hold notes.
NOTES = (SKOS.scopeNote, SKOS.note, SKOS.editorialNote, RDFS.comment)
_PATHS = {
    SH.inversePath: "^{}", SH.zeroOrMorePath: "{}*", SH.oneOrMorePath: "{}+", SH.zeroOrOnePath: "{}?",
}  # fmt: skip


@dataclass(frozen=True)
class Value:
    """What stands on the right of a statement: a text, or a thing, on one of the pages (`page`) or elsewhere."""

    text: str
    iri: str = ""
    page: str = ""

    @property
    def anchor(self) -> str:
        """The name of the thing on its page."""
        return self.iri.removeprefix(OT)


#: Values by the name of their row.
Rows = Mapping[str, tuple[Value, ...]]


@once
def _subjects() -> dict[str, str]:
    """Return the page of every IRI that is described."""
    return {
        said.subject.value: document
        for document in documents.DOCUMENTS
        for said in documents.triples(document)
        if said.predicate.value == str(RDF.type) and said.subject.value.startswith(OT)
    }


def page_of(iri: str) -> str:
    """Return the page on which an IRI is described: ontology, shapes, or none."""
    return _subjects().get(iri, "")


def page(name: str) -> str:
    """Return the page on which a local name of our namespace is described: ontology, shapes, or none."""
    return page_of(OT + name)


@dataclass(frozen=True)
class Head:
    """What a document says about itself."""

    iri: str
    title: str
    notes: tuple[str, ...]
    description: str
    version: str
    version_iri: str
    licence: str


class Reader:
    """Reads the statements of one document."""

    def __init__(self, document: str) -> None:
        self.graph: Graph = documents.graph(document)
        self._prefixes = sorted(((str(iri), name) for name, iri in self.graph.namespaces()), reverse=True)

    def text(self, node: Node, *predicates: Node) -> str:
        """Return the first text that one of some properties gives."""
        return next(iter(self.texts(node, predicates)), "")

    def texts(self, node: Node, predicates: Iterable[Node]) -> tuple[str, ...]:
        """Return the texts that some properties give: in English, or without a language."""
        return tuple(
            " ".join(str(said).split())
            for each in predicates
            for said in sorted(self.graph.objects(node, each), key=str)
            if not isinstance(said, Literal) or said.language in (None, "en")
        )

    def short(self, iri: Node) -> str:
        """Return the prefixed name of an IRI, or the IRI where none of the prefixes fits."""
        for namespace, prefix in self._prefixes:
            if str(iri).startswith(namespace):
                return f"{prefix}:{str(iri).removeprefix(namespace)}"
        return str(iri)

    def words(self, iri: Node) -> str:
        """Return the local name of an IRI as words: ``disjoint with``."""
        local = re.split(r"[#/:]", self.short(iri))[-1]
        return re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", local).lower()

    def values(self, node: Node) -> tuple[Value, ...]:
        """Return a node as values: the members of a list, the content of a blank node, or itself."""
        if isinstance(node, Literal):
            return (Value(str(node)),)
        if (node, RDF.first, None) in self.graph:
            return tuple(value for item in Collection(self.graph, node) for value in self.values(item))
        if isinstance(node, BNode):
            said = sorted((self.words(p), self.short(o)) for p, o in self.graph.predicate_objects(node))
            return (Value(", ".join(f"{name} {value}" for name, value in said)),)
        return (Value(self.short(node), str(node), page_of(str(node))),)

    def rows(
        self, node: Node, names: Mapping[URIRef, str], skipped: Some[Node]
    ) -> dict[str, tuple[Value, ...]]:
        """Return the other statements about a node by name, those of `names` first."""
        known: list[Node] = list(names)
        said = [
            (known.index(p) if p in known else len(known), URIRef(str(p)), self.values(o))
            for p, o in self.graph.predicate_objects(node)
            if p not in skipped
        ]
        found: dict[str, tuple[Value, ...]] = {}
        for _, p, values in sorted(said, key=lambda each: (*each[:2], [value.text for value in each[2]])):
            name = names.get(p) or self.words(p)
            found[name] = (*found.get(name, ()), *values)
        return found

    def path(self, node: Node) -> str:
        """Return a property path as SPARQL writes it."""
        if (node, RDF.first, None) in self.graph:
            return "/".join(self.path(step) for step in Collection(self.graph, node))
        for edge, inner in self.graph.predicate_objects(node) if isinstance(node, BNode) else ():
            if edge == SH.alternativePath:
                return " | ".join(self.path(step) for step in Collection(self.graph, inner))
            if edge in _PATHS:
                return _PATHS[URIRef(str(edge))].format(self.path(inner))
        return self.short(node)


def head(document: str) -> Head:
    """Return what a document says about itself."""
    reader, node = Reader(document), URIRef(documents.IRIS[document])
    return Head(
        iri=str(node),
        title=reader.text(node, DCTERMS.title),
        description=reader.text(node, DCTERMS.description),
        notes=reader.texts(node, (RDFS.comment, SKOS.editorialNote)),
        version=reader.text(node, OWL.versionInfo),
        version_iri=reader.text(node, OWL.versionIRI),
        licence=reader.text(node, DCTERMS.license),
    )
