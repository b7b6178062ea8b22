"""SHACL: the statements of a contribution against the shapes, each result traced back to its file and row.

The statements are loaded into an engine, with the classes of all that they refer to beside them, and each constraint
is one question to it (`sets`). What shapes ask for that is not compiled is answered by pySHACL (`reference`), and the
report says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path

from rdflib import RDF, RDFS, SH, Graph, URIRef
from rdflib.term import Node

from opentier.graph.model.names import expand
from opentier.graph.model.rdf import IRI, Blank, Term, Triple
from opentier.graph.model.tables import TABLES
from opentier.graph.records.records import Record, Records
from opentier.graph.report.report import Finding, Report, Severity, Where
from opentier.graph.store import embedded
from opentier.graph.store.embedded import Embedded
from opentier.graph.store.engine import DEFAULT
from opentier.graph.threads import once
from opentier.graph.validation import reference, sets
from opentier.graph.validation.checks import Result
from opentier.graph.validation.data import Data
from opentier.graph.validation.declared import Shapes
from opentier.graph.vocabulary import documents

Types = Callable[[Iterable[str]], Mapping[str, Iterable[str]]]
#: Bytes of N-Triples that are validated in memory; more are loaded into files.
IN_MEMORY = 500_000_000
_GRAPH, _BESIDE = DEFAULT, "urn:x-opentier:beside"
_TYPE, _UNDER = IRI(str(RDF.type)), IRI(str(RDFS.subClassOf))
_SEVERITIES: dict[Node, Severity] = {SH.Violation: "violation", SH.Warning: "warning", SH.Info: "info"}
_COLUMNS = {
    (table.name, expand(column.term)): column.name
    for table in TABLES.values()
    for column in table
    if column.term
}


@once
def shapes() -> Shapes:
    """Return the shapes that every contribution is held against."""
    return Shapes(documents.graph("shapes"))


def validate(
    file: Path,
    own: Records | None,
    types: Types,
    report: Report,
    progress: Callable[[int, int], None] = lambda done, total: None,
    against: Shapes | None = None,
) -> None:
    """Validate the statements of a file of N-Triples; findings go into the report.

    Parameters
    ----------
    file
        The statements; beside it lies, while they are many, the store that they are loaded into.
    own
        The records that they were made of: findings name their file and row.
    types
        Gives the classes of IRIs that stand in admitted datasets.
    progress
        Is told how many shapes of how many are done.
    against
        Other shapes than ours.
    """
    wanted = against or shapes()
    found = _Statements(file, types)
    if wanted.unknown:
        report.add(
            "info", Where(""), f"pySHACL validated this: {wanted.unknown[0]} is not compiled.",
            "It takes longer, and finds the same.",
        )  # fmt: skip
        results: Iterable[Result] = reference.results(wanted.graph, found.as_rdflib(wanted))
        results = (result for result in results if found.contributed(result.focus))
    else:
        results = sets.results(wanted, found.data(wanted), progress)
    every = list(results)
    placed = own.find(result.focus.value for result in every) if own is not None else {}
    # one shape may say the same twice, of two of its constraints
    report.extend({_finding(result, placed) for result in every})


class _Statements:
    """The statements of a contribution, and the classes of what they refer to."""

    def __init__(self, file: Path, types: Types) -> None:
        self.file, self.types = file, types

    @cached_property
    def engine(self) -> Embedded:
        """The engine that they are loaded into."""
        large = self.file.stat().st_size > IN_MEMORY
        found = embedded.writable(self.file.with_suffix(".store")) if large else embedded.in_memory()
        found.load(_GRAPH, self.file)
        found.change(_GRAPH, (), _above())
        return found

    def data(self, wanted: Shapes) -> Data:
        """Return them with the classes of what they refer to beside them."""
        self.engine.change(_BESIDE, (), self._beside(wanted))
        return Data(self.engine, _GRAPH, _BESIDE)

    def _beside(self, wanted: Shapes) -> Iterator[Triple]:
        data, foreign = Data(self.engine, _GRAPH), set()
        for term in wanted.referring:
            each = f"{{ SELECT DISTINCT ?o WHERE {{ ?s {term.n3()} ?o FILTER(isIRI(?o)) }} }}"
            text = f"SELECT ?o {{ {each} FILTER NOT EXISTS {{ ?o a ?k }} }}"
            foreign |= {found.value for (found,) in data.rows(text) if found is not None}
        for iri, classes in self.types(sorted(foreign)).items():
            yield from (Triple(IRI(iri), _TYPE, IRI(name)) for name in classes)

    def as_rdflib(self, wanted: Shapes) -> Graph:
        """Return all of it as one rdflib graph."""
        found = Graph().parse(self.file, format="nt")
        for triple in (*_above(), *self._beside(wanted)):
            found.add(
                (
                    documents.node(triple.subject),
                    documents.node(triple.predicate),
                    documents.node(triple.object),
                )
            )
        return found

    def contributed(self, focus: Term) -> bool:
        """Return whether the statements say something of a node."""
        return isinstance(focus, IRI) and next(self.engine.match(_GRAPH, focus), None) is not None


def _above() -> Iterator[Triple]:
    """Yield the sub-class statements of the vocabulary, closed, among its own classes."""
    for name, above in documents.above().items():
        yield from (Triple(IRI(name), _UNDER, IRI(higher)) for higher in above)


def _finding(result: Result, own: Mapping[str, Record]) -> Finding:
    focus, path, value = result.focus.value, result.path, result.value
    message = result.message or "The record does not fit its shape."
    rule = str(result.shape).rpartition("#")[2]
    column = str(path).rpartition("#")[2].rpartition("/")[2] if isinstance(path, URIRef) else None
    record, where = own.get(focus), Where("")
    if record is not None:
        where, column = record.where, _COLUMNS.get((record.table.name, str(path)), column)
    else:
        message = f"{focus}: {message}"
    shown = None if value is None or isinstance(value, Blank) or value.value == focus else value.value
    severity = _SEVERITIES.get(result.severity, "violation")
    return Finding(severity, where.file, where.row, column, shown, message, "", rule, subject=where.subject)
