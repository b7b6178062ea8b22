"""Dates and numbers of contributed RDF: read as cells of the tables are, so that one rule holds for every carrier."""

from __future__ import annotations

from collections import defaultdict

from rdflib import Graph, Literal, URIRef

from opentier.graph.model import cells
from opentier.graph.model.names import expand
from opentier.graph.model.tables import TABLES, Column
from opentier.graph.report.report import Report, Where

_READ = frozenset({"date", "decimal", "integer"})


def _columns() -> dict[URIRef, list[Column]]:
    """Return the columns that hold dates and numbers by the property that they fill."""
    found = defaultdict(list)
    for table in TABLES.values():
        for column in table:
            if column.kind in _READ and column.term:
                found[URIRef(expand(column.term))].append(column)
    return found


def check(graph: Graph, where: Where, report: Report) -> None:
    """Report every date and number of a graph that no column with its property takes.

    What a shape has found already is not said again.
    """
    said = {(finding.message.partition(": ")[0], finding.value) for finding in report.findings}
    for term, columns in _columns().items():
        for subject, value in graph.subject_objects(term):
            if not isinstance(value, Literal) or (str(subject), str(value)) in said:
                continue
            wrong = [_wrong(column, str(value)) for column in columns]
            if all(wrong):
                error = next(filter(None, wrong))
                report.add(
                    "error", where, f"{subject}: {error.message}", error.advice,
                    column=str(term).rpartition("#")[2].rpartition("/")[2], value=value,
                )  # fmt: skip


def _wrong(column: Column, text: str) -> cells.CellError | None:
    """Return why a column does not take a text, or None; a date is written as it is kept."""
    try:
        value, _ = cells.read(column, text)
    except cells.CellError as error:
        return error
    if column.kind == "date" and value != text:
        return cells.CellError("This is not a date.", "Write YYYY-MM-DD, YYYY-MM or YYYY, without a zone.")
    return None
