"""Records into RDF: each column of a table fills the property that tables.py declares for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal

from rdflib import RDF, XSD, Graph, Literal, URIRef
from rdflib.term import Node

from opentier.graph.contribution.records import Record
from opentier.graph.model.names import OT, Names, concept, expand
from opentier.graph.model.tables import Column

Triple = tuple[Node, Node, Node]

_DATES = {4: XSD.gYear, 7: XSD.gYearMonth, 10: XSD.date}
_DATATYPES = {"decimal": XSD.decimal, "integer": XSD.integer, "boolean": XSD.boolean, "url": XSD.anyURI}
_REFERENCES = frozenset({"actor", "record", "product", "subject"})
_HS_CODE = URIRef(OT + "hsCode")
_PRODUCT = URIRef(OT + "Product")
_BROADER = URIRef(expand("skos:broader"))


def term(column: Column, value: str, names: Names) -> Node:
    """Return the RDF term of one canonical value."""
    if column.kind in _REFERENCES:
        return URIRef(value)
    if column.kind == "code":
        return URIRef(concept(column.scheme, value))
    if column.kind == "identifier":
        scheme, _, notation = value.partition(":")
        return URIRef(names.record("identifier", scheme, notation))
    if column.kind == "date":
        return Literal(value, datatype=_DATES[len(value)], normalize=False)
    if column.kind == "integer":
        return Literal(str(int(Decimal(value))), datatype=XSD.integer)
    if column.kind in _DATATYPES:
        return Literal(value, datatype=_DATATYPES[column.kind], normalize=False)
    return Literal(value)


def triples(record: Record, names: Names) -> Iterator[Triple]:
    """Yield the triples of one record and of the products and identifiers that it names."""
    subject = URIRef(record.iri)
    yield from types(record)
    for column in record.table:
        if column.kind in ("id", "class"):
            continue
        for value in record.values.get(column.name, ()):
            found = term(column, value, names)
            yield subject, URIRef(expand(column.term)), found
            if column.kind == "product":
                yield from _product(found, value, names)
            elif column.kind == "identifier":
                yield from _identifier(found, value)
            elif column.kind == "hs":
                yield subject, _BROADER, URIRef(names.hs(value))
                yield from _product(URIRef(names.hs(value)), names.hs(value), names)
            elif record.table.name == "retractions" and column.name == "record":
                yield found, URIRef(expand("prov:wasInvalidatedBy")), subject


def _product(node: Node, iri: str, names: Names) -> Iterator[Triple]:
    """Yield what every named product carries: its class and, for an HS code, the headings above it."""
    yield node, RDF.type, _PRODUCT
    code = iri.removeprefix(names.hs(""))
    if code == iri:
        return
    for length in range(2, len(code) + 1, 2):
        heading = URIRef(names.hs(code[:length]))
        yield heading, RDF.type, _PRODUCT
        yield heading, _HS_CODE, Literal(code[:length])
        if length > 2:
            yield heading, _BROADER, URIRef(names.hs(code[: length - 2]))


def _identifier(node: Node, value: str) -> Iterator[Triple]:
    scheme, _, notation = value.partition(":")
    yield node, RDF.type, URIRef(expand("adms:Identifier"))
    yield node, URIRef(expand("skos:notation")), Literal(notation)
    yield node, URIRef(OT + "identifierScheme"), URIRef(concept("identifier-scheme", scheme))


def graph(records: Iterable[Record], names: Names) -> Graph:
    """Return the records as one RDF graph."""
    found = Graph()
    for record in records:
        for triple in triples(record, names):
            found.add(triple)
    return found


def types(record: Record) -> Iterator[Triple]:
    """Yield the type statements of a record alone."""
    subject = URIRef(record.iri)
    yield subject, RDF.type, URIRef(expand(record.table.rdf_class))
    for column in record.table:
        if column.kind == "class":
            for value in record.values.get(column.name, ()):
                yield subject, RDF.type, URIRef(expand(dict(column.classes)[value]))
