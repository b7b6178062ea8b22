"""SHACL: the statements of a contribution against the shapes, each result traced back to its file and row.

The statements are loaded into an engine, with the classes of all that they refer to beside them, and each constraint
is one question to it (`sets`). Shapes that ask of each record what it says itself, and of which classes its values are
(`declared.Shapes.local`), are asked part by part, in memory. What shapes ask for that is not compiled is answered by
pySHACL (`reference`), and the report says so.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

from rdflib import RDF, RDFS, SH, Graph, URIRef
from rdflib.term import Node

from opentier.graph.model.names import expand
from opentier.graph.model.rdf import IRI, Blank, Term, Triple
from opentier.graph.model.tables import TABLES
from opentier.graph.records.records import Records
from opentier.graph.records.written import Written
from opentier.graph.report.report import Finding, Report, Severity, Where
from opentier.graph.threads import once
from opentier.graph.triples import embedded
from opentier.graph.triples.embedded import Embedded
from opentier.graph.triples.engine import DEFAULT
from opentier.graph.validation import sets
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
    written: Written,
    own: Records | None,
    types: Types,
    report: Report,
    progress: Callable[[int, int], None] = lambda done, total: None,
    against: Shapes | None = None,
) -> None:
    """Validate the statements of a file of N-Triples; findings go into the report.

    Parameters
    ----------
    written
        The statements; beside their file lies, while they are many, what they are loaded into.
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
    progress(0, len(wanted.targeted))
    if wanted.unknown:
        from opentier.graph.validation import reference  # it takes a while to import, and is seldom asked

        report.add(
            "info", Where(""), f"pySHACL validated this: {wanted.unknown[0]} is not compiled.",
            "It takes longer, and finds the same.",
        )  # fmt: skip
        found = _Statements(written.file, types)
        results = reference.results(wanted.graph, found.as_rdflib(wanted))
        findings = _findings((result for result in results if found.contributed(result.focus)), own)
    else:
        findings = set()
        parts = len(written.ends) if wanted.local else 1
        for number in range(parts):
            with _part(written, number if parts > 1 else None) as file:
                data = _Statements(file, types, written.classes if parts > 1 else None).data(wanted)
                findings |= _findings(sets.results(wanted, data, _share(progress, number, parts)), own)
    report.extend(findings)


@contextmanager
def _part(written: Written, number: int | None) -> Iterator[Path]:
    """Make a file of one part of what is written, or give all of it."""
    if number is None:
        yield written.file
        return
    file = written.part(number)
    try:
        yield file
    finally:
        file.unlink()


def _share(progress: Callable[[int, int], None], number: int, parts: int) -> Callable[[int, int], None]:
    """Return what is told how far one of several parts is."""
    return lambda done, total: progress((number * total + done) // parts, total)


def _findings(results: Iterable[Result], own: Records | None) -> set[Finding]:
    """Return results as findings; one shape may say the same twice, of two of its constraints."""
    every = list(results)
    placed = own.places(result.focus.value for result in every) if own is not None and every else {}
    return {_finding(result, placed) for result in every}


class _Statements:
    """The statements of a contribution, or a part of them, and the classes of what they refer to.

    Parameters
    ----------
    classes
        Writes what the other parts say of classes.
    """

    def __init__(
        self, file: Path, types: Types, classes: Callable[[Collection[str], Path], None] | None = None
    ) -> None:
        self.file, self.types, self.classes = file, types, classes

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
        """Yield of which classes those are that they refer to and say nothing of."""
        data, foreign = Data(self.engine, _GRAPH), set()
        for term in wanted.referring:
            each = f"{{ SELECT DISTINCT ?o WHERE {{ ?s {term.n3()} ?o FILTER(isIRI(?o)) }} }}"
            text = f"SELECT ?o {{ {each} FILTER NOT EXISTS {{ ?o a ?k }} }}"
            foreign |= {found.value for (found,) in data.rows(text) if found is not None}
        if self.classes is not None and foreign:
            file = self.file.with_suffix(".classes.nt")
            self.classes(foreign, file)
            self.engine.load(_BESIDE, file)
            file.unlink()
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


def _finding(result: Result, own: Mapping[str, tuple[str, Where]]) -> Finding:
    focus, path, value = result.focus.value, result.path, result.value
    message = result.message or "The record does not fit its shape."
    rule = str(result.shape).rpartition("#")[2]
    column = str(path).rpartition("#")[2].rpartition("/")[2] if isinstance(path, URIRef) else None
    where = Where("")
    if focus in own:
        table, where = own[focus]
        column = _COLUMNS.get((table, str(path)), column)
    else:
        message = f"{focus}: {message}"
    shown = None if value is None or isinstance(value, Blank) or value.value == focus else value.value
    severity = _SEVERITIES.get(result.severity, "violation")
    return Finding(severity, where.file, where.row, column, shown, message, "", rule, subject=where.subject)
