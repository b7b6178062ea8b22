"""SPARQL over a release: read-only, nothing fetched from elsewhere.

The default graph of a query is the union of the current dataset versions; every admitted version, the
catalogue and the vocabulary are named graphs.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyoxigraph as ox
from pyparsing import ParseBaseException
from rdflib.plugins.sparql.parser import parseQuery
from rdflib.plugins.sparql.parserutils import CompValue

from opentier.graph.errors import QueryError
from opentier.graph.model import PREFIXES
from opentier.graph.release import Release

Result = ox.QuerySolutions | ox.QueryTriples | ox.QueryBoolean


def answer(
    release: Release, text: str, default: list[str] | None = None, named: list[str] | None = None
) -> Result:
    """Answer a query; `default` and `named` are the graphs that the protocol asks for, if any.

    Raises
    ------
    QueryError
        If the query is malformed, updates something, or asks another service.
    """
    from_clause = _guard(text)
    graphs: dict[str, Any] = {"default_graph": release.graphs()}
    if default or named:
        graphs = {"default_graph": _nodes(default or []), "named_graphs": _nodes(named or [])}
    elif from_clause:
        graphs = {}
    else:
        names = release.names
        known = [version.iri for version in release.versions] + [
            names.catalogue,
            names.vocabulary,
            names.derived,
        ]
        graphs["named_graphs"] = _nodes(known)
    try:
        return release.store.query(text, prefixes=PREFIXES, **graphs)
    except (SyntaxError, ValueError, RuntimeError) as error:
        raise QueryError(f"The query cannot be answered: {error}") from error


def _nodes(iris: list[str]) -> list[ox.NamedNode]:
    try:
        return [ox.NamedNode(iri) for iri in iris]
    except ValueError as error:
        raise QueryError(f"A graph is named by an IRI: {error}") from error


def _guard(text: str) -> bool:
    """Refuse a query that would ask another service; return whether it names its own dataset (FROM)."""
    try:
        parsed = parseQuery(text)
    except ParseBaseException as error:
        raise QueryError(
            f"The query cannot be read: line {error.lineno}, column {error.col}: {error.msg}"
        ) from error
    except RecursionError as error:
        raise QueryError("The query is nested too deeply.") from error
    if any(part.name == "ServiceGraphPattern" for part in _parts(parsed)):
        raise QueryError("SERVICE is not served: this graph asks no other endpoint.")
    return any(part.name == "DatasetClause" or "datasetClause" in part for part in _parts(parsed))


def _parts(parsed: Any) -> Iterator[CompValue]:
    todo = [parsed]
    while todo:
        part = todo.pop()
        if isinstance(part, CompValue):
            yield part
            todo.extend(part.values())
        elif hasattr(part, "__iter__") and not isinstance(part, str | bytes):
            todo.extend(part)
