"""Records into RDF: each column of a table fills the property that tables.py declares for it.

Statements are made as lines of N-Triples, without their end: most of what a package says is said once, and what many
records name (countries, headings) is written once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

from opentier.graph.contribution.records import Record
from opentier.graph.model import dates, identifiers, resources
from opentier.graph.model.names import Names, concept, expand
from opentier.graph.model.rdf import IRI, Literal
from opentier.graph.model.tables import TABLES, Column
from opentier.graph.vocabulary import individuals

#: Records after which progress is told.
_STEP = 5000

_DATES = {4: "gYear", 7: "gYearMonth", 10: "date"}
_DATATYPES = {"decimal": "decimal", "integer": "integer", "boolean": "boolean", "url": "anyURI"}
_REFERENCES = frozenset({"actor", "record", "product", "subject"})
_A, _PRODUCT, _AS_PRINTED, _BROADER = (
    f"<{expand(name)}>" for name in ("rdf:type", "ot:Product", "ot:asPrinted", "skos:broader")
)

#: The columns that bound a record in time, by their property, for each table.
_DATED = {
    table.name: {
        column.term: column.name for column in table if column.term in (*dates.BEGINNINGS, *dates.ENDS)
    }
    for table in TABLES.values()
}


@lru_cache(maxsize=65536)
def _iri(text: str) -> str:
    return str(IRI(text))


@lru_cache(maxsize=1024)
def _property(name: str) -> str:
    return f"<{expand(name)}>"


@lru_cache(maxsize=65536)
def _value(text: str, datatype: str = "string") -> str:
    return str(Literal(text, expand(f"xsd:{datatype}")))


def term(column: Column, value: str, names: Names) -> str:
    """Return one canonical value as N-Triples has it."""
    if column.kind in _REFERENCES:
        return _iri(value)
    if column.kind == "code":
        return _iri(concept(column.scheme, value))
    if column.kind == "identifier":
        scheme, _, notation = value.partition(":")
        return _iri(names.record("identifier", scheme, notation))
    if column.kind == "date":
        return _value(value, _DATES[len(value)])
    if column.kind == "integer":
        return _value(str(int(Decimal(value))), "integer")
    return _value(value, _DATATYPES.get(column.kind, "string"))


def own(record: Record, names: Names) -> Iterator[str]:
    """Yield what is said of one record; a line may come twice."""
    subject = _iri(record.iri)
    for kind in types(record):
        yield f"{subject} {_A} {_iri(kind)}"
    for column in record.table:
        if column.kind in ("id", "class"):
            continue
        for value in record.values.get(column.name, ()):
            if column.kind in resources.KINDS:
                found = _individual(record, column, value, names)
                yield f"{subject} {_property(column.term)} {_iri(found.iri)}"
                if column.kind not in resources.CODED and value != found.label:
                    yield f"{subject} {_AS_PRINTED} {_value(value)}"
                continue
            yield f"{subject} {_property(column.term)} {term(column, value, names)}"
            if column.kind == "hs":
                yield f"{subject} {_BROADER} {_iri(names.hs(value))}"
    for name, day in dates.bounds(lambda term: _date(record, term)):
        yield f"{subject} {_property(name)} {_value(day, 'date')}"


def shared(record: Record, names: Names) -> Iterator[tuple[str, ...]]:
    """Yield what is said of all that a record names and no dataset owns: products, places, authorities, identifiers."""
    for column in record.table:
        for value in record.values.get(column.name, ()):
            if column.kind in resources.KINDS:
                yield from _around(_individual(record, column, value, names), names)
            elif column.kind == "product":
                yield from _product(value, names)
            elif column.kind == "identifier":
                yield from _identifier(term(column, value, names), value, names)
            elif column.kind == "hs":
                yield from _product(names.hs(value), names)
            elif column.kind == "subject" and (place := resources.at(value, names)):
                yield from _around(place, names)
            elif record.table.name == "retractions" and column.name == "record":
                yield (f"{_iri(value)} {_property('prov:wasInvalidatedBy')} {_iri(record.iri)}",)


def _individual(record: Record, column: Column, value: str, names: Names) -> resources.Resource:
    """Return the individual that a record names in a column."""
    country = "" if column.kind != "region" else next(iter(record.values.get("country", ())), "")
    return resources.meant(column, value, names, country)


def _date(record: Record, term: str) -> str | None:
    column = _DATED[record.table.name].get(term)
    return next(iter(record.values.get(column, ())), None) if column else None


@lru_cache(maxsize=65536)
def _described(found: resources.Resource) -> tuple[str, ...]:
    return tuple(map(str, individuals.described(found)))


def _around(found: resources.Resource, names: Names) -> Iterator[tuple[str, ...]]:
    """Yield what is said of an individual, and of the country that it lies in."""
    yield _described(found)
    if country := resources.at(found.within, names):
        yield _described(country)


@lru_cache(maxsize=65536)
def _heading(code: str, names: Names) -> tuple[str, ...]:
    return tuple(map(str, individuals.heading(code, names)))


def _product(iri: str, names: Names) -> Iterator[tuple[str, ...]]:
    """Yield what every named product carries: its class and, for an HS code, the headings above it."""
    yield (f"{_iri(iri)} {_A} {_PRODUCT}",)
    code = iri.removeprefix(names.hs(""))
    if code != iri:
        yield _heading(code, names)


def _identifier(node: str, value: str, names: Names) -> Iterator[tuple[str, ...]]:
    """Yield what is said of an identifier, and of a scheme of it that the vocabulary does not have."""
    scheme, _, notation = value.partition(":")
    yield (
        f"{node} {_A} {_property('adms:Identifier')}",
        f"{node} {_property('skos:notation')} {_value(notation)}",
        f"{node} {_property('ot:identifierScheme')} {_iri(identifiers.scheme_iri(scheme, names))}",
    )
    if not identifiers.known(value):
        yield tuple(map(str, individuals.scheme(scheme, names)))


def write(records: Iterable[Record], names: Names, file: Path, progress: Callable[[int], None]) -> int:
    """Write records as N-Triples, each statement once, and return how many there are."""
    written, said, done = 0, set[str](), set[tuple[str, ...]]()
    with file.open("w", encoding="utf-8", newline="\n") as out:
        for number, record in enumerate(records):
            if number % _STEP == 0:
                progress(number)
            lines = dict.fromkeys(line for line in own(record, names) if line not in said)
            if record.table.name == "products":  # others that name it say its class, too
                said.update(lines)
            for block in shared(record, names):
                if block not in done:
                    done.add(block)
                    lines |= dict.fromkeys(line for line in block if line not in said)
                    said.update(block)
            written += len(lines)
            out.writelines(f"{line} .\n" for line in lines)
    return written


def types(record: Record) -> Iterator[str]:
    """Yield the classes of a record: its own, and those above them."""
    own = [record.table.rdf_class]
    for column in record.table:
        if column.kind == "class":
            own += [dict(column.classes)[value] for value in record.values.get(column.name, ())]
    yield from dict.fromkeys(each for name in own for each in individuals.classes(expand(name)))
