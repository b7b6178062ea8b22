"""Answers in the formats that others read; `model.formats` says what each is called."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import IO

from opentier.graph.model import formats
from opentier.graph.model.rdf import Triple
from opentier.graph.query import jsonld
from opentier.graph.triples.engine import Answer, Rows, Triples, YesNo
from opentier.graph.vocabulary import syntax

#: What a table is made of: names and cells as JSON, of every kind of answer. It is no format for others.
CELLS = "cells"
_GRAPHS = tuple(format.name for format in formats.GRAPHS)
_RESULTS = tuple(format.name for format in formats.ROWS)
#: The formats of each kind of answer.
BY_KIND = {"rows": _RESULTS, "boolean": ("json", "xml", "csv", "tsv"), "triples": _GRAPHS}
FORMATS = (*_RESULTS, *_GRAPHS)


def write(answer: Answer, format: str, output: IO[bytes]) -> None:
    """Write an answer in one of the formats of its kind, as it comes from the engine where the format allows it."""
    if format == CELLS:
        output.write(_cells(answer))
    elif isinstance(answer, Triples) and format == "jsonld":
        output.write(jsonld.write(answer))
    else:
        answer.write(format, output)


def triples(found: Iterable[Triple], format: str) -> bytes:
    """Return triples as turtle, ntriples, rdfxml or jsonld."""
    return jsonld.write(found) if format == "jsonld" else syntax.write(found, format)


def _cells(answer: Answer) -> bytes:
    """Return the names and the cells of an answer as texts, for a table."""
    names, rows = ["answer"], [[""]]
    if isinstance(answer, YesNo):
        rows = [["yes" if answer else "no"]]
    elif isinstance(answer, Rows):
        names = list(answer.names)
        rows = [["" if term is None else term.value for term in row] for row in answer]
    elif isinstance(answer, Triples):
        names = ["subject", "predicate", "object"]
        rows = [[term.value for term in said] for said in answer]
    return json.dumps({"names": names, "rows": rows}).encode()
