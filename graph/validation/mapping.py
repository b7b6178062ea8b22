"""Records into RDF: each column of a table fills the property that tables.py declares for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

from rdflib import RDF, XSD, Graph, Literal, URIRef
from rdflib.term import Node

from opentier.graph.contribution.records import Record
from opentier.graph.model import dates, rdf, resources
from opentier.graph.model.names import OT, Names, concept, expand
from opentier.graph.model.tables import TABLES, Column
from opentier.graph.vocabulary import documents, individuals

Triple = tuple[Node, Node, Node]
#: Records that are written at once: enough to say what they share once, few enough to show progress.
BATCH = 5000

_DATES = {4: XSD.gYear, 7: XSD.gYearMonth, 10: XSD.date}
_DATATYPES = {"decimal": XSD.decimal, "integer": XSD.integer, "boolean": XSD.boolean, "url": XSD.anyURI}
_REFERENCES = frozenset({"actor", "record", "product", "subject"})
_PRODUCT = URIRef(OT + "Product")
_AS_PRINTED = URIRef(OT + "asPrinted")
_BROADER = URIRef(expand("skos:broader"))

#: The columns that bound a record in time, by their property, for each table.
_DATED = {
    table.name: {
        column.term: column.name for column in table if column.term in (*dates.BEGINNINGS, *dates.ENDS)
    }
    for table in TABLES.values()
}


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
    """Yield the triples of one record and of all that it names and no dataset owns: products, places, authorities."""
    subject = URIRef(record.iri)
    yield from types(record)
    for column in record.table:
        if column.kind in ("id", "class"):
            continue
        for value in record.values.get(column.name, ()):
            if column.kind in resources.KINDS:
                yield from _named(record, column, value, names)
                continue
            found = term(column, value, names)
            yield subject, URIRef(expand(column.term)), found
            if column.kind == "product":
                yield from _product(found, value, names)
            elif column.kind == "identifier":
                yield from _identifier(found, value)
            elif column.kind == "hs":
                yield subject, _BROADER, URIRef(names.hs(value))
                yield from _product(URIRef(names.hs(value)), names.hs(value), names)
            elif column.kind == "subject" and (place := resources.at(value, names)):
                yield from _around(place, names)
            elif record.table.name == "retractions" and column.name == "record":
                yield found, URIRef(expand("prov:wasInvalidatedBy")), subject
    for name, day in dates.bounds(lambda term: _date(record, term)):
        yield subject, URIRef(expand(name)), Literal(day, datatype=XSD.date, normalize=False)


def _named(record: Record, column: Column, value: str, names: Names) -> Iterator[Triple]:
    """Yield that a record names an individual, what is said of that, and how it was printed where that differs."""
    country = "" if column.kind != "region" else next(iter(record.values.get("country", ())), "")
    found = resources.meant(column, value, names, country)
    yield URIRef(record.iri), URIRef(expand(column.term)), URIRef(found.iri)
    yield from _around(found, names)
    if column.kind not in resources.CODED and value != found.label:
        yield URIRef(record.iri), _AS_PRINTED, Literal(value)


def _date(record: Record, term: str) -> str | None:
    column = _DATED[record.table.name].get(term)
    return next(iter(record.values.get(column, ())), None) if column else None


def _nodes(said: Iterable[rdf.Triple]) -> tuple[Triple, ...]:
    """Return statements as rdflib has them."""
    return tuple((documents.node(s), documents.node(p), documents.node(o)) for s, p, o in said)


@lru_cache(maxsize=65536)
def _described(found: resources.Resource) -> tuple[Triple, ...]:
    return _nodes(individuals.described(found))


def _around(found: resources.Resource, names: Names) -> Iterator[Triple]:
    """Yield what is said of an individual, and of the country that it lies in."""
    yield from _described(found)
    if country := resources.at(found.within, names):
        yield from _described(country)


@lru_cache(maxsize=65536)
def _heading(code: str, names: Names) -> tuple[Triple, ...]:
    return _nodes(individuals.heading(code, names))


def _product(node: Node, iri: str, names: Names) -> Iterator[Triple]:
    """Yield what every named product carries: its class and, for an HS code, the headings above it."""
    yield node, RDF.type, _PRODUCT
    code = iri.removeprefix(names.hs(""))
    if code != iri:
        yield from _heading(code, names)


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


def write(records: Sequence[Record], names: Names, file: Path, progress: Callable[[int], None]) -> int:
    """Write the records as N-Triples and return how many lines there are; a line may come twice."""
    written = 0
    with file.open("wb") as out:
        for start in range(0, len(records), BATCH):
            progress(start)
            found = graph(records[start : start + BATCH], names)
            written += len(found)
            out.write(found.serialize(format="nt", encoding="utf-8"))
    progress(len(records))
    return written


def types(record: Record) -> Iterator[Triple]:
    """Yield the type statements of a record alone: its classes, and those above them."""
    subject = URIRef(record.iri)
    own = [record.table.rdf_class]
    for column in record.table:
        if column.kind == "class":
            own += [dict(column.classes)[value] for value in record.values.get(column.name, ())]
    for kind in dict.fromkeys(each for name in own for each in individuals.classes(expand(name))):
        yield subject, RDF.type, URIRef(kind)
