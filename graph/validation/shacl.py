"""SHACL: the records of a contribution against the shapes, each result traced back to its file and row.

Records are validated in batches together with one hop of context (the types of everything that they refer
to), on plain rdflib graphs on both sides: mixing stores changes the meaning of string literals.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import islice
from typing import Any

import pyshacl
from rdflib import RDF, RDFS, SH, Graph, Literal, URIRef
from rdflib.plugins.sparql import prepareQuery
from rdflib.plugins.sparql.sparql import Query
from rdflib.query import Processor, Result
from rdflib.term import Node

from opentier.graph.contribution.records import Record
from opentier.graph.contribution.report import Finding, Report, Severity, Where
from opentier.graph.model.names import Names, expand
from opentier.graph.model.tables import TABLES
from opentier.graph.threads import once
from opentier.graph.validation import mapping
from opentier.graph.vocabulary import documents

# An impossible value is for the shapes to report: rdflib's traceback shows only where somebody set up logging.
logging.getLogger("rdflib.term").addHandler(logging.NullHandler())

#: Records in a batch: large enough to spread the cost of a run, small enough to show progress.
BATCH = 5000
_SEVERITIES: dict[Node, Severity] = {SH.Violation: "violation", SH.Warning: "warning", SH.Info: "info"}
_COLUMNS = {
    (table.name, expand(column.term)): column.name
    for table in TABLES.values()
    for column in table
    if column.term
}


class PreparedGraph(Graph):
    """A graph that parses each SPARQL text once; pySHACL sends the same text for every focus node."""

    def query(
        self,
        query_object: str | Query,
        processor: str | Processor = "sparql",
        result: str | type[Result] = "sparql",
        initNs: Mapping[str, Any] | None = None,
        *args: Any,
        **kwargs: Any,
    ) -> Result:
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


@once
def shapes() -> Graph:
    """Return the shapes graph, each property shape with the targets of the node shape that holds it.

    pySHACL evaluates a nested property shape once for every focus node, and one with targets of its own once
    for all of them: the results are the same, several times sooner.
    """
    found = Graph() + documents.graph("shapes")
    for shape, held in list(found.subject_objects(SH.property)):
        for target in found.objects(shape, SH.targetClass):
            found.add((held, SH.targetClass, target))
            found.remove((shape, SH.property, held))
    return found


@once
def _closure() -> tuple[tuple[Node, Node, Node], ...]:
    """Sub-class statements of the vocabulary, closed, among its own classes."""
    return tuple(
        (URIRef(name), RDFS.subClassOf, URIRef(up)) for name, ups in documents.above().items() for up in ups
    )


def validate(
    records: list[Record],
    names: Names,
    types: Callable[[Iterable[str]], Mapping[str, Iterable[str]]],
    report: Report,
    progress: Callable[[int], None],
) -> Iterator[Graph]:
    """Validate records batch by batch; yield each batch's graph once its findings are in the report.

    Parameters
    ----------
    types
        Gives the classes of IRIs that stand in admitted datasets.
    progress
        Is told the number of records that are done.
    """
    own = {record.iri: record for record in records}
    batches = iter(records)
    done = 0
    while batch := list(islice(batches, BATCH)):
        graph = mapping.graph(batch, names)
        context = _context(graph, own, names, types)
        contributed = set(graph.subjects(RDF.type))
        report.extend(_findings(graph, context, contributed, own, Where("")))
        done += len(batch)
        progress(done)
        yield graph


def validate_graph(
    graph: Graph,
    names: Names,
    types: Callable[[Iterable[str]], Mapping[str, Iterable[str]]],
    report: Report,
    file: str,
) -> None:
    """Validate a contributed RDF graph; findings name its subjects, since RDF has no rows."""
    report.extend(_findings(graph, _context(graph, {}, names, types), set(graph.subjects()), {}, Where(file)))


def _context(
    graph: Graph,
    own: Mapping[str, Record],
    names: Names,
    types: Callable[[Iterable[str]], Mapping[str, Iterable[str]]],
) -> Graph:
    """Return the types of all that a graph refers to, and the sub-class statements."""
    context = Graph()
    for triple in _closure():
        context.add(triple)
    described = set(graph.subjects(RDF.type))
    foreign = []
    for node in {node for node in graph.objects() if isinstance(node, URIRef)} - described:
        record = own.get(str(node))
        if record is None:
            foreign.append(str(node))
        else:
            for triple in mapping.types(record):
                context.add(triple)
    for iri, classes in types(foreign).items():
        for name in classes:
            context.add((URIRef(iri), RDF.type, URIRef(name)))
    return context


def _findings(
    graph: Graph, context: Graph, contributed: set[Node], own: Mapping[str, Record], where: Where
) -> set[Finding]:
    data = PreparedGraph()
    for part in (graph, context):
        for triple in part:
            data.add(triple)
    _, results, _ = pyshacl.validate(
        data, shacl_graph=shapes(), inplace=True, allow_infos=True, allow_warnings=True
    )
    assert isinstance(results, Graph)
    found = set()  # one shape may say the same twice, of two of its constraints
    for result in results.subjects(RDF.type, SH.ValidationResult):
        focus = results.value(result, SH.focusNode)
        if focus in contributed:
            found.add(_finding(results, result, str(focus), own.get(str(focus)), where))
    return found


def _finding(results: Graph, result: Node, focus: str, record: Record | None, where: Where) -> Finding:
    severity = _SEVERITIES[results.value(result, SH.resultSeverity) or SH.Violation]
    path, value = results.value(result, SH.resultPath), results.value(result, SH.value)
    message = str(results.value(result, SH.resultMessage) or "The record does not fit its shape.")
    rule = str(results.value(result, SH.sourceShape) or "").rpartition("#")[2]
    column = str(path).rpartition("#")[2].rpartition("/")[2] if isinstance(path, URIRef) else None
    if record is not None:
        where, column = record.where, _COLUMNS.get((record.table.name, str(path)), column)
    else:
        message = f"{focus}: {message}"
    shown = str(value) if isinstance(value, Literal | URIRef) and str(value) != focus else None
    return Finding(severity, where.file, where.row, column, shown, message, "", rule)
