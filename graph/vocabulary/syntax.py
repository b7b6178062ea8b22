"""RDF as text: read into triples of ours, and written from them. The one reader and the one writer (pyoxigraph's)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import IO

import pyoxigraph as ox

from opentier.graph.model.names import PREFIXES
from opentier.graph.model.rdf import IRI, XSD_STRING, Blank, Literal, Term, Triple

#: What pyoxigraph calls our formats.
SYNTAXES = {
    "turtle": ox.RdfFormat.TURTLE,
    "trig": ox.RdfFormat.TRIG,
    "ntriples": ox.RdfFormat.N_TRIPLES,
    "nquads": ox.RdfFormat.N_QUADS,
    "rdfxml": ox.RdfFormat.RDF_XML,
    "jsonld": ox.RdfFormat.JSON_LD,
}


def read(data: bytes | str, format: str = "turtle", base: str | None = None) -> list[Triple]:
    """Return the triples of a document, whatever graphs they stand in.

    Raises
    ------
    SyntaxError
        If it is malformed; ``lineno`` says where.
    ValueError
        If a triple stands as a value.
    """
    return [ours(quad.triple) for quad in ox.parse(data, format=SYNTAXES[format], base_iri=base)]


def stream(file: IO[bytes], format: str, base: str) -> Iterator[tuple[Triple, str]]:
    """Yield the triples of an open file as they are read, each with the name of its graph: none for the default one.

    Raises
    ------
    SyntaxError
        If it is malformed; ``lineno`` says where.
    ValueError
        If a triple stands as a value.
    """
    for quad in ox.parse(file, format=SYNTAXES[format], base_iri=base):
        graph = quad.graph_name
        yield ours(quad.triple), "" if isinstance(graph, ox.DefaultGraph) else graph.value


def prefixes(text: str) -> dict[str, str]:
    """Return the prefixes that a Turtle document declares."""
    reader = ox.parse(text, format=ox.RdfFormat.TURTLE)
    for _ in reader:  # they are known once the document is read
        pass
    return dict(reader.prefixes)


def canonical(documents: Iterable[str]) -> list[Triple]:
    """Return the triples of Turtle documents together, sorted, blank nodes named canonically (RDFC-1.0)."""
    found = ox.Dataset()
    for text in documents:
        for quad in ox.parse(text, format=ox.RdfFormat.TURTLE, rename_blank_nodes=True):
            found.add(quad)
    found.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return sorted((ours(quad.triple) for quad in found), key=str)


def named(format: str) -> dict[str, str] | None:
    """Return our prefixes for a format that has any."""
    return PREFIXES if format in ("turtle", "trig", "rdfxml") else None


def write_to(file: IO[bytes], triples: Iterable[Triple], format: str) -> None:
    """Write triples to an open file as they come."""
    ox.serialize(map(theirs, triples), file, format=SYNTAXES[format], prefixes=named(format))


def write(triples: Iterable[Triple], format: str) -> bytes:
    """Return triples as a document."""
    said = (theirs(triple) for triple in triples)
    return ox.serialize(said, format=SYNTAXES[format], prefixes=named(format)) or b""


def term(said: object) -> Term:
    """Return a term of pyoxigraph's as ours.

    Raises
    ------
    ValueError
        If it is a triple.
    """
    if isinstance(said, ox.NamedNode):
        return IRI(said.value)
    if isinstance(said, ox.Literal):
        return Literal(said.value, said.datatype.value, said.language or "")
    if isinstance(said, ox.BlankNode):
        return Blank(said.value)
    raise ValueError("a triple is no value here")


def ours(said: ox.Triple) -> Triple:
    """Return a triple of pyoxigraph's as ours."""
    subject, predicate = term(said.subject), IRI(said.predicate.value)
    assert not isinstance(subject, Literal)
    return Triple(subject, predicate, term(said.object))


def node(said: Term) -> ox.NamedNode | ox.BlankNode | ox.Literal:
    """Return a term of ours as pyoxigraph's.

    Raises
    ------
    ValueError
        If what should be an IRI is none.
    """
    if isinstance(said, IRI):
        return ox.NamedNode(said.value)
    if isinstance(said, Blank):
        return ox.BlankNode(said.value)
    if said.language:
        return ox.Literal(said.value, language=said.language)
    if said.datatype == XSD_STRING:
        return ox.Literal(said.value)
    return ox.Literal(said.value, datatype=ox.NamedNode(said.datatype))


def theirs(said: Triple) -> ox.Triple:
    """Return a triple of ours as pyoxigraph's."""
    return ox.Triple(*terms(said))


def terms(
    said: Triple,
) -> tuple[ox.NamedNode | ox.BlankNode, ox.NamedNode, ox.NamedNode | ox.BlankNode | ox.Literal]:
    """Return subject, predicate and object of a triple as pyoxigraph's."""
    subject = node(said.subject)
    assert not isinstance(subject, ox.Literal)
    return subject, ox.NamedNode(said.predicate.value), node(said.object)
