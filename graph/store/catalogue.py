"""The catalogue entry of a dataset version (DCAT 3, PROV, VoID), and its validation report (SHACL)."""

from __future__ import annotations

from rdflib import RDF, SH, XSD, BNode, Graph, Literal, Namespace, URIRef

from opentier.graph.contribution.report import Report
from opentier.graph.contribution.submission import Contribution
from opentier.graph.model.names import OT, PREFIXES, Names

_OT = Namespace(OT)
# rdflib's own DCAT lacks the terms of DCAT 3.
_DCAT, _DCTERMS = Namespace(PREFIXES["dcat"]), Namespace(PREFIXES["dcterms"])
_PROV, _FOAF, _VOID = Namespace(PREFIXES["prov"]), Namespace(PREFIXES["foaf"]), Namespace(PREFIXES["void"])
_SEVERITIES = {"warning": SH.Warning, "refused": SH.Warning, "info": SH.Info}


def entry(contribution: Contribution, names: Names, number: int, triples: int, admitted: str) -> Graph:
    """Return the catalogue entry of version `number` of a dataset, admitted at a time (ISO 8601)."""
    said, found = contribution.metadata, Graph()
    version = URIRef(names.version(said.dataset, number))
    series, activity = URIRef(names.series(said.dataset)), URIRef(f"{version}/contribution")
    for kind in (_DCAT.Dataset, _OT.DatasetVersion):
        found.add((version, RDF.type, kind))
    found.add((series, RDF.type, _DCAT.DatasetSeries))
    found.add((version, _DCAT.inSeries, series))
    found.add((version, _DCAT.version, Literal(str(number))))
    if number > 1:
        found.add((version, _DCAT.prev, URIRef(names.version(said.dataset, number - 1))))
    found.add((version, _DCTERMS.license, Literal(said.licence)))
    found.add((version, _OT.checksum, Literal(contribution.checksum)))
    found.add((version, _VOID.triples, Literal(triples)))
    texts = {
        _DCTERMS.title: said.title,
        _DCTERMS.description: said.description,
        _OT.packageVersion: said.version,
        _DCTERMS.created: said.created,
        _OT.licenceUrl: said.licence_url,
    }
    for term, text in texts.items():
        if text:
            found.add((version, term, Literal(text)))
    if said.homepage:
        found.add((version, _DCAT.landingPage, Literal(said.homepage, datatype=XSD.anyURI)))
    if said.publisher:
        publisher = BNode()
        found.add((version, _DCTERMS.publisher, publisher))
        found.add((publisher, RDF.type, _FOAF.Agent))
        found.add((publisher, _FOAF.name, Literal(said.publisher)))
    found.add((version, _PROV.wasGeneratedBy, activity))
    for kind in (_PROV.Activity, _OT.Contribution):
        found.add((activity, RDF.type, kind))
    found.add((activity, _PROV.endedAtTime, Literal(admitted, datatype=XSD.dateTime)))
    counts = contribution.report.counts()
    for key, term in (("rows", _OT.rows), ("accepted", _OT.acceptedRows), ("warned", _OT.warnedRows)):
        found.add((activity, term, Literal(counts[key])))
    found.add((activity, _OT.refusedRows, Literal(counts["refused"])))
    if said.adapter:
        found.add((activity, _OT.adapter, Literal(said.adapter)))
    return found


def report(found: Report, version: str) -> Graph:
    """Return a report as a ``sh:ValidationReport`` about a dataset version."""
    graph = Graph()
    node = URIRef(f"{version}/report")
    for kind in (SH.ValidationReport, _OT.ValidationRun):
        graph.add((node, RDF.type, kind))
    graph.add((node, SH.conforms, Literal(found.conforms)))
    graph.add((node, _DCTERMS.subject, URIRef(version)))
    for number, finding in enumerate(found.sorted(), 1):
        result = URIRef(f"{node}/{number}")
        graph.add((node, SH.result, result))
        graph.add((result, RDF.type, SH.ValidationResult))
        graph.add((result, SH.resultSeverity, _SEVERITIES.get(finding.severity, SH.Violation)))
        graph.add((result, SH.resultMessage, Literal(f"{finding.message} {finding.advice}".strip())))
        graph.add((result, _OT.file, Literal(finding.file)))
        for term, value in ((_OT.row, finding.row), (_OT.column, finding.column), (_OT.cell, finding.value)):
            if value is not None:
                graph.add((result, term, Literal(value)))
    return graph
