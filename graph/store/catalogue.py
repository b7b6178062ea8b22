"""The catalogue entry of a dataset version and of its withdrawals (DCAT 3, PROV, VoID), and its report (SHACL)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from opentier.graph.contribution.submission import Contribution
from opentier.graph.model.names import PREFIXES, Names, digest, expand
from opentier.graph.model.rdf import IRI, Blank, Literal, Term, Triple
from opentier.graph.model.versions import Withdrawal
from opentier.graph.report.report import Report

_SEVERITIES = {"warning": "sh:Warning", "refused": "sh:Warning", "info": "sh:Info"}


class _Said:
    """Triples, as they are said: a subject, a prefixed name, and a term, or a value to make one of."""

    def __init__(self) -> None:
        self.triples: list[Triple] = []

    def add(self, subject: IRI | Blank, name: str, value: Term | str | int | bool) -> None:
        """Say something."""
        term = value if isinstance(value, IRI | Blank | Literal) else _literal(value)
        self.triples.append(Triple(subject, IRI(expand(name)), term))

    def kinds(self, subject: IRI | Blank, *names: str) -> None:
        """Say of what classes something is."""
        for name in names:
            self.add(subject, "rdf:type", IRI(expand(name)))


def _literal(value: str | int | bool, datatype: str = "") -> Literal:
    if isinstance(value, bool):
        return Literal(str(value).lower(), expand("xsd:boolean"))
    if isinstance(value, int):
        return Literal(str(value), expand("xsd:integer"))
    return Literal(value, expand(datatype)) if datatype else Literal(value)


def entry(contribution: Contribution, names: Names, number: int, triples: int, admitted: str) -> list[Triple]:
    """Return the catalogue entry of version `number` of a dataset, admitted at a time (ISO 8601)."""
    said, found = contribution.metadata, _Said()
    version = IRI(names.version(said.dataset, number))
    series, activity = IRI(names.series(said.dataset)), IRI(f"{version.value}/contribution")
    found.kinds(version, "dcat:Dataset", "ot:DatasetVersion")
    found.kinds(series, "dcat:DatasetSeries")
    found.add(version, "dcat:inSeries", series)
    found.add(version, "dcat:version", str(number))
    if number > 1:
        found.add(version, "dcat:prev", IRI(names.version(said.dataset, number - 1)))
    found.add(version, "dcterms:license", said.licence)
    found.add(version, "ot:checksum", contribution.checksum)
    found.add(version, "void:triples", triples)
    texts = {
        "dcterms:title": said.title,
        "dcterms:description": said.description,
        "ot:packageVersion": said.version,
        "dcterms:created": said.created,
        "ot:licenceUrl": said.licence_url,
    }
    for name, text in texts.items():
        if text:
            found.add(version, name, text)
    if said.homepage:
        found.add(version, "dcat:landingPage", _literal(said.homepage, "xsd:anyURI"))
    if said.publisher:
        publisher = Blank(f"publisher{digest([version.value])}")
        found.add(version, "dcterms:publisher", publisher)
        found.kinds(publisher, "foaf:Agent")
        found.add(publisher, "foaf:name", said.publisher)
    found.add(version, "prov:wasGeneratedBy", activity)
    found.kinds(activity, "prov:Activity", "ot:Contribution")
    found.add(activity, "prov:endedAtTime", _literal(admitted, "xsd:dateTime"))
    counts = contribution.report.counts()
    for key, name in (("rows", "rows"), ("accepted", "acceptedRows"), ("warned", "warnedRows")):
        found.add(activity, f"ot:{name}", counts[key])
    found.add(activity, "ot:refusedRows", counts["refused"])
    if said.adapter:
        found.add(activity, "ot:adapter", said.adapter)
    return found.triples


def partitions(
    version: str,
    things: Mapping[str, int],
    statements: Mapping[str, int],
    both: Mapping[tuple[str, str], int],
    subjects: int,
) -> list[Triple]:
    """Return what the catalogue says of which things a version describes, and by which properties (VoID).

    Parameters
    ----------
    things
        How many have each class.
    statements
        How many there are of each property.
    both
        How many there are of each property, whose subjects have a class.
    subjects
        How many different subjects there are.
    """
    found, whole = _Said(), IRI(version)

    def part(of: IRI, kind: str, what: str, iri: str, count: str, many: int) -> IRI:
        node = IRI(f"{of.value}-{_short(iri)}" if "#" in of.value else f"{of.value}#{kind}-{_short(iri)}")
        found.add(of, f"void:{kind}Partition", node)
        found.add(node, f"void:{what}", IRI(iri))
        found.add(node, f"void:{count}", many)
        return node

    found.add(whole, "void:distinctSubjects", subjects)
    found.add(whole, "void:classes", len(things))
    found.add(whole, "void:properties", len(statements))
    for iri, many in statements.items():
        part(whole, "property", "property", iri, "triples", many)
    for iri, many in things.items():
        node = part(whole, "class", "class", iri, "entities", many)
        for (kind, said), triples in both.items():
            if kind == iri:
                part(node, "property", "property", said, "triples", triples)
    return found.triples


def part_of(version: str, kind: str, property: str = "") -> str:
    """Return what a version's things of a class are called in the catalogue, or what they say by a property."""
    return f"{version}#class-{_short(kind)}" + (f"-{_short(property)}" if property else "")


def _short(iri: str) -> str:
    """Return an IRI as a part of a name: its prefix and the rest; of one that has none, digits that stand for it."""
    prefix = next((name for name, space in PREFIXES.items() if iri.startswith(space)), None)
    local = iri[len(PREFIXES[prefix]) :] if prefix else ""
    if not re.fullmatch(r"\w+", local):
        return digest([iri])
    return local if prefix == "ot" else f"{prefix}-{local}"


def withdrawn(about: Withdrawal, names: Names) -> list[Triple]:
    """Return what the catalogue says of a withdrawal that begins."""
    found, node = _Said(), IRI(names.withdrawal(about.dataset, about.number))
    found.kinds(node, "prov:Activity", "ot:Withdrawal")
    found.add(node, "prov:invalidated", IRI(about.version))
    found.add(node, "ot:statusReason", about.reason)
    found.add(node, "prov:startedAtTime", _literal(about.begun, "xsd:dateTime"))
    return found.triples


def restored(about: Withdrawal, names: Names, ended: str) -> list[Triple]:
    """Return what the catalogue says of a withdrawal when it ends."""
    found = _Said()
    node = IRI(names.withdrawal(about.dataset, about.number))
    found.add(node, "prov:endedAtTime", _literal(ended, "xsd:dateTime"))
    return found.triples


def report(about: Report, version: str) -> Iterator[str]:
    """Yield a report as a ``sh:ValidationReport`` about a dataset version, in Turtle; a line for each finding."""
    node = IRI(f"{version}/report")
    yield from (f"@prefix {name}: <{PREFIXES[name]}> .\n" for name in ("dcterms", "ot", "sh"))
    conforms = str(about.conforms).lower()
    yield f"{node} a sh:ValidationReport , ot:ValidationRun ; sh:conforms {conforms} .\n"
    yield f"{node} dcterms:subject {IRI(version)} .\n"
    for number, finding in enumerate(about.sorted(), 1):
        result = IRI(f"{node.value}/{number}")
        said = [
            f"{node} sh:result {result} . {result} a sh:ValidationResult",
            f"sh:resultSeverity {_SEVERITIES.get(finding.severity, 'sh:Violation')}",
            f"sh:resultMessage {_text(f'{finding.message} {finding.advice}'.strip())}",
            f"ot:file {_text(finding.file)}",
        ]
        if finding.subject is not None and not finding.subject.startswith("_:"):
            said.append(f"sh:focusNode {IRI(finding.subject)}")
        if finding.row is not None:
            said.append(f"ot:row {finding.row}")
        for name, value in (("column", finding.column), ("cell", finding.value)):
            if value is not None:
                said.append(f"ot:{name} {_text(value)}")
        yield f"{' ; '.join(said)} .\n"


@lru_cache(maxsize=1024)
def _text(value: str) -> str:
    return str(Literal(value))
