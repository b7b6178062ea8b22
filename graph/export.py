"""Answers in the formats that others read."""

from __future__ import annotations

import json
from collections.abc import Iterable
from importlib.resources import files

import pyoxigraph as ox
from rdflib import Graph

from opentier.graph.errors import UsageError
from opentier.graph.model import PREFIXES
from opentier.graph.sparql import Result

_RESULTS = {
    "json": ox.QueryResultsFormat.JSON,
    "xml": ox.QueryResultsFormat.XML,
    "csv": ox.QueryResultsFormat.CSV,
    "tsv": ox.QueryResultsFormat.TSV,
}
_GRAPHS = {
    "turtle": ox.RdfFormat.TURTLE,
    "ntriples": ox.RdfFormat.N_TRIPLES,
    "rdfxml": ox.RdfFormat.RDF_XML,
    "jsonld": ox.RdfFormat.JSON_LD,
}
FORMATS = (*_RESULTS, *_GRAPHS)

#: Media types by format, for answers over HTTP.
MEDIA_TYPES = {
    "json": "application/sparql-results+json",
    "xml": "application/sparql-results+xml",
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
    "turtle": "text/turtle",
    "ntriples": "application/n-triples",
    "rdfxml": "application/rdf+xml",
    "jsonld": "application/ld+json",
}


def fits(answer: Result, format: str) -> bool:
    """Return whether an answer can be given in a format: rows in some, triples in others."""
    return format in (_GRAPHS if isinstance(answer, ox.QueryTriples) else _RESULTS)


def serialize(answer: Result, format: str) -> bytes:
    """Return an answer in a format.

    Raises
    ------
    UsageError
        If rows are asked for as a graph, or a graph as rows.
    """
    if not fits(answer, format):
        known = ", ".join(_GRAPHS if isinstance(answer, ox.QueryTriples) else _RESULTS)
        raise UsageError(f"This answer can be given as {known}; not as {format}.")
    if isinstance(answer, ox.QueryTriples):
        return triples(answer, format)
    if isinstance(answer, ox.QueryBoolean) and format == "tsv":
        raise UsageError("A yes or no can be given as json, xml or csv; not as tsv.")
    return answer.serialize(format=_RESULTS[format]) or b""


def triples(found: Iterable[ox.Triple], format: str) -> bytes:
    """Return triples as turtle, ntriples, rdfxml or jsonld."""
    if format == "jsonld":
        return _jsonld(found)
    prefixes = PREFIXES if format in ("turtle", "rdfxml") else None
    return ox.serialize(found, format=_GRAPHS[format], prefixes=prefixes) or b""


def context() -> dict[str, object]:
    """Return the JSON-LD context document."""
    found = json.loads(files("opentier.ontology").joinpath("context.jsonld").read_text("utf-8"))
    assert isinstance(found, dict)
    return found


def _jsonld(found: Iterable[ox.Triple]) -> bytes:
    """Return triples as JSON-LD, compacted with our context, which goes with it: its address is not registered."""
    graph = Graph()
    graph.parse(data=ox.serialize(found, format=ox.RdfFormat.N_TRIPLES) or b"", format="nt")
    ours = context()["@context"]
    document = json.loads(graph.serialize(format="json-ld", context=ours, auto_compact=False))
    document["@context"] = ours
    return (json.dumps(document, indent=1, ensure_ascii=False, sort_keys=True) + "\n").encode()
