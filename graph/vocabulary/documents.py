"""The vocabulary and the shapes as whole documents: canonical, each the same bytes for the same statements.

``python -m opentier.graph.vocabulary.documents FOLDER`` writes the release of the current version into a
folder of its own there.
"""

from __future__ import annotations

import sys
from importlib.resources import files
from pathlib import Path

import pyoxigraph as ox
from rdflib import XSD, BNode, Graph, Literal, URIRef
from rdflib.term import Node

from opentier.graph.errors import UsageError
from opentier.graph.threads import once

#: The documents, and the package whose Turtle files make one.
DOCUMENTS = {"ontology": "opentier.ontology", "shapes": "opentier.shapes"}
#: IRI of each document.
IRIS = {"ontology": "https://w3id.org/opentier/ns", "shapes": "https://w3id.org/opentier/shapes"}

_VERSION = ox.NamedNode("http://www.w3.org/2002/07/owl#versionInfo")


@once
def triples(document: str) -> tuple[ox.Triple, ...]:
    """Return the statements of a document as they stand in its files, sorted, blank nodes named canonically."""
    found = ox.Dataset()
    for text in _files(document).values():
        for quad in ox.parse(text, format=ox.RdfFormat.TURTLE, rename_blank_nodes=True):
            found.add(quad)
    found.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return tuple(sorted((quad.triple for quad in found), key=str))


@once
def graph(document: str) -> Graph:
    """Return a document as an rdflib graph, with the prefixes that its files use. It is shared: nobody changes it."""
    found = Graph(bind_namespaces="none")
    for triple in triples(document):
        found.add((_node(triple.subject), _node(triple.predicate), _node(triple.object)))
    for text in _files(document).values():
        reader = ox.parse(text, format=ox.RdfFormat.TURTLE)
        for _ in reader:  # the prefixes are known once the file is read
            pass
        for prefix, namespace in reader.prefixes.items():
            found.bind(prefix, namespace)
    return found


@once
def turtle(document: str) -> str:
    """Return a document as one Turtle text."""
    return graph(document).serialize(format="longturtle")


def version(document: str) -> str:
    """Return the version that a document says it has."""
    subject = ox.NamedNode(IRIS[document])
    for triple in triples(document):
        if triple.subject == subject and triple.predicate == _VERSION:
            assert isinstance(triple.object, ox.Literal)
            return triple.object.value
    raise UsageError(f"<{IRIS[document]}> has no owl:versionInfo.")


def release() -> dict[str, str]:
    """Return the files of a release of the vocabulary by name."""
    head = "# {0} {1}, all topics in one file, written by `make release-vocabulary`.\n\n"
    return {
        "opentier.ttl": head.format("OpenTier vocabulary", version("ontology")) + turtle("ontology"),
        "shapes.ttl": head.format("OpenTier shapes", version("shapes")) + turtle("shapes"),
        "context.jsonld": files("opentier.ontology").joinpath("context.jsonld").read_text("utf-8"),
    }


def write(folder: Path) -> Path:
    """Write the release of the current version below a folder and return where it is.

    Raises
    ------
    UsageError
        If the vocabulary and the shapes name different versions: a release holds one of both.
    """
    ours, theirs = version("ontology"), version("shapes")
    if ours != theirs:
        raise UsageError(
            f"The vocabulary is {ours} and the shapes are {theirs}: give both one owl:versionInfo."
        )
    place = folder / ours
    place.mkdir(parents=True, exist_ok=True)
    for name, text in release().items():
        (place / name).write_text(text, "utf-8", newline="\n")
    return place


def _files(document: str) -> dict[str, str]:
    """Return the Turtle files of a document; frozen releases lie in folders below them and are not read."""
    found = sorted(files(DOCUMENTS[document]).iterdir(), key=lambda item: item.name)
    return {item.name: item.read_text("utf-8") for item in found if item.name.endswith(".ttl")}


def _node(term: object) -> Node:
    if isinstance(term, ox.NamedNode):
        return URIRef(term.value)
    if isinstance(term, ox.BlankNode):
        return BNode(term.value)
    assert isinstance(term, ox.Literal)
    if term.language:
        return Literal(term.value, lang=term.language)
    datatype = URIRef(term.datatype.value)
    return Literal(term.value) if datatype == XSD.string else Literal(term.value, datatype=datatype)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m opentier.graph.vocabulary.documents FOLDER")
    sys.stderr.write(f"written: {write(Path(sys.argv[1]))}\n")
