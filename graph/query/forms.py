"""Answers in the formats that others read."""

from __future__ import annotations

import json
from collections.abc import Iterable
from importlib.resources import files
from typing import IO

import pyoxigraph as ox

from opentier.graph.model.names import PREFIXES
from opentier.graph.query.sparql import Result

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
#: What a table is made of: names and cells as JSON, of every kind of answer. It is no format for others.
CELLS = "cells"
#: The formats of each kind of answer.
BY_KIND = {"rows": tuple(_RESULTS), "boolean": ("json", "xml", "csv"), "triples": tuple(_GRAPHS)}

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


def kind(answer: Result) -> str:
    """Return the kind of an answer: rows, triples, or yes or no."""
    if isinstance(answer, ox.QueryTriples):
        return "triples"
    return "boolean" if isinstance(answer, ox.QueryBoolean) else "rows"


def write(answer: Result, format: str, output: IO[bytes]) -> None:
    """Write an answer in one of the formats of its kind, as it comes from the engine where the format allows it."""
    if format == CELLS:
        output.write(_cells(answer))
    elif not isinstance(answer, ox.QueryTriples):
        answer.serialize(output, format=_RESULTS[format])
    elif format == "jsonld":
        output.write(_jsonld(answer))
    else:
        ox.serialize(answer, output, format=_GRAPHS[format], prefixes=_prefixes(format))


def triples(found: Iterable[ox.Triple], format: str) -> bytes:
    """Return triples as turtle, ntriples, rdfxml or jsonld."""
    if format == "jsonld":
        return _jsonld(found)
    return ox.serialize(found, format=_GRAPHS[format], prefixes=_prefixes(format)) or b""


def _prefixes(format: str) -> dict[str, str] | None:
    return PREFIXES if format in ("turtle", "rdfxml") else None


def _cells(answer: Result) -> bytes:
    """Return the names and the cells of an answer as texts, for a table."""
    names: list[str] = []
    if isinstance(answer, ox.QueryBoolean):
        names, rows = ["answer"], [["yes" if answer else "no"]]
    elif isinstance(answer, ox.QuerySolutions):
        names = [variable.value for variable in answer.variables]
        rows = [[_text(row[name]) for name in names] for row in answer]
    else:
        names = ["subject", "predicate", "object"]
        rows = [[_text(term) for term in (said.subject, said.predicate, said.object)] for said in answer]
    return json.dumps({"names": names, "rows": rows}).encode()


def _text(term: object) -> str:
    return "" if term is None else str(getattr(term, "value", term))


def context() -> dict[str, object]:
    """Return the JSON-LD context document."""
    found = json.loads(files("opentier.ontology").joinpath("context.jsonld").read_text("utf-8"))
    assert isinstance(found, dict)
    return found


def _jsonld(found: Iterable[ox.Triple]) -> bytes:
    """Return triples as JSON-LD, compacted with our context, which goes with it: its address is not registered."""
    from rdflib import Graph  # takes longer to import than a worker to start, and few ask for JSON-LD

    graph = Graph()
    graph.parse(data=ox.serialize(found, format=ox.RdfFormat.N_TRIPLES) or b"", format="nt")
    ours = context()["@context"]
    document = json.loads(graph.serialize(format="json-ld", context=ours, auto_compact=False))
    document["@context"] = ours
    return (json.dumps(document, indent=1, ensure_ascii=False, sort_keys=True) + "\n").encode()
