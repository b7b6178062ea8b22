"""pySHACL: what the set queries are held against, and what answers for shapes that they do not know.

It holds plain rdflib graphs on both sides: mixing stores changes the meaning of string literals.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import pyshacl
from rdflib import RDF, SH, XSD, Graph, Literal, URIRef
from rdflib.plugins.sparql import prepareQuery
from rdflib.plugins.sparql.sparql import Query
from rdflib.query import Processor
from rdflib.query import Result as Answer
from rdflib.term import Node

from opentier.graph.errors import OpenTierError
from opentier.graph.model import rdf
from opentier.graph.model.rdf import Term
from opentier.graph.threads import alone
from opentier.graph.validation.checks import Result

# An impossible value is for the shapes to report: rdflib's traceback shows only where somebody set up logging.
logging.getLogger("rdflib.term").addHandler(logging.NullHandler())

_COMPONENT = "ConstraintComponent"


class PreparedGraph(Graph):
    """A graph that parses each SPARQL text once; pySHACL sends the same text for every focus node."""

    def query(
        self,
        query_object: str | Query,
        processor: str | Processor = "sparql",
        result: str | type[Answer] = "sparql",
        initNs: Mapping[str, Any] | None = None,
        *args: Any,
        **kwargs: Any,
    ) -> Answer:
        """Evaluate a query; a text seen before is taken from the cache."""
        if isinstance(query_object, str):
            namespaces = initNs if initNs is not None else dict(self.namespaces())
            query_object = _prepared(
                query_object, tuple(sorted((p, str(ns)) for p, ns in namespaces.items()))
            )
        return super().query(query_object, processor, result, initNs, *args, **kwargs)


@lru_cache(maxsize=256)
def _prepared(text: str, namespaces: tuple[tuple[str, str], ...]) -> Query:
    return prepareQuery(text, initNs=dict(namespaces))


@alone  # pySHACL switches how rdflib reads values, for all threads, and its readers of queries are of no use to two
def results(shapes: Graph, data: Graph) -> list[Result]:
    """Return what pySHACL finds in data.

    Raises
    ------
    OpenTierError
        If it cannot read the shapes.
    """
    graph, own = PreparedGraph(), Graph()  # pySHACL adds to both
    for known, copy in ((data, graph), (shapes, own)):
        for triple in known:
            copy.add(triple)
    _, found, text = pyshacl.validate(
        graph, shacl_graph=own, inplace=True, allow_infos=True, allow_warnings=True
    )
    if not isinstance(found, Graph):
        raise OpenTierError(f"pySHACL cannot read these shapes: {text}")
    inner = set(found.objects(predicate=SH.detail))
    return [
        result(found, node, shapes)
        for node in found.subjects(RDF.type, SH.ValidationResult)
        if node not in inner
    ]


def result(found: Graph, node: Node, shapes: Graph) -> Result:
    """Return one result of a report in RDF; a constraint in SPARQL speaks before its shape."""
    focus, value = found.value(node, SH.focusNode), found.value(node, SH.value)
    path, constraint = found.value(node, SH.resultPath), found.value(node, SH.sourceConstraint)
    messages = list(shapes.objects(constraint, SH.message)) if constraint is not None else []
    messages = messages or list(found.objects(node, SH.resultMessage))
    assert focus is not None
    return Result(
        _term(focus),
        path,
        None if value is None else _term(value),
        found.value(node, SH.sourceShape) or URIRef(""),
        found.value(node, SH.resultSeverity) or SH.Violation,
        min(map(str, messages), default=""),
        str(found.value(node, SH.sourceConstraintComponent) or "")
        .rpartition("#")[2]
        .removesuffix(_COMPONENT),
    )


def _term(node: Node) -> Term:
    if isinstance(node, Literal):
        datatype = str(node.datatype or (RDF.langString if node.language else XSD.string))
        return rdf.Literal(str(node), datatype, node.language or "")
    return rdf.IRI(str(node)) if isinstance(node, URIRef) else rdf.Blank(str(node))
