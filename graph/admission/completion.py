"""What data of an earlier edition lacks of what this one says of the same records.

A country, an authority or a law that stands as a text becomes the individual that the text means, and is described; a
record gets the classes above its own, and the bounds of its dates. Nothing is refused, and nothing is lost.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from opentier.graph.model import cells, dates, resources
from opentier.graph.model.names import Names, concept, expand
from opentier.graph.model.rdf import IRI, XSD_STRING, Blank, Literal, Term, Triple
from opentier.graph.model.tables import TABLES, Column
from opentier.graph.vocabulary import individuals
from opentier.graph.written import hs

#: What a subject says by a property, as texts.
Values = Callable[[IRI | Blank, str], Iterable[str]]

#: Columns by property; a property that several schemes share (``ot:status``) is none that a text can be read for.
_COLUMNS = {
    expand(column.term): column
    for table in TABLES.values()
    for column in table
    if column.kind in (*resources.KINDS, "product", "subject", "code") and column.term != "ot:status"
}
_TYPE, _AS_PRINTED, _COUNTRY = (expand(name) for name in ("rdf:type", "ot:asPrinted", "ot:country"))
_DATES = {expand(name) for name in (*dates.BEGINNINGS, *dates.ENDS)}
#: What is made here, and never taken from others.
_MADE = {expand("ot:earliestStart"), expand("ot:latestEnd")}


def completed(said: Iterable[Triple], names: Names, values: Values) -> Iterator[Triple]:
    """Yield statements with all that they lack; some may come more than once.

    Parameters
    ----------
    values
        Gives what the same statements say of a subject by a property.
    """
    for triple in said:
        subject, property = triple.subject, triple.predicate.value
        if property in _MADE or (isinstance(subject, IRI) and resources.at(subject.value, names)):
            continue  # an individual with a code is described where it is named
        column = _COLUMNS.get(property)
        if column and column.kind == "code":
            yield from (Triple(subject, triple.predicate, value) for value in _codes(column, triple.object))
            continue
        found = column and _meant(column, triple.object, subject, names, values)
        if column and found:
            yield Triple(subject, triple.predicate, IRI(found.iri))
            yield from _described(found, names)
            text = triple.object.value
            if column.kind == "named" and isinstance(triple.object, Literal) and text != found.label:
                yield Triple(subject, IRI(_AS_PRINTED), Literal(text))
            continue
        yield triple
        if column and column.kind == "product":
            yield from _heading(triple.object.value, names)
        elif property == _TYPE:
            for kind in individuals.classes(triple.object.value)[1:]:
                yield Triple(subject, triple.predicate, IRI(kind))
        elif property in _DATES:
            bounds = dates.bounds(lambda name, s=subject: min(values(s, expand(name)), default=None))  # type: ignore[misc]
            for name, day in bounds:
                yield Triple(subject, IRI(expand(name)), Literal(day, expand("xsd:date")))


def _meant(
    column: Column, value: Term, subject: IRI | Blank, names: Names, values: Values
) -> resources.Resource | None:
    """Return the individual that a value means; None where it means none, or one that others describe."""
    if isinstance(value, IRI):
        if column.kind == "subject" and value.value.startswith(stem := names.shared("place", "")):
            return resources.place(value.value.removeprefix(stem), names)  # as the first edition named places
        return resources.at(value.value, names) or resources.shipped(value.value, names)
    if column.kind not in resources.KINDS or not isinstance(value, Literal) or value.datatype != XSD_STRING:
        return None
    if value.language or not value.value.strip():
        return None
    try:
        text, _ = cells.read(column, value.value)
    except cells.CellError:  # for the shapes to report
        return None
    country = ""
    if column.kind == "region":
        stated = min(values(subject, _COUNTRY), default="")
        country = resources.code_of(stated, names) or (stated if len(stated) == 2 else "")
    return resources.meant(column, text, names, country)


def _codes(column: Column, value: Term) -> Iterator[Term]:
    """Yield the codes that a text gives, or the value as it is where it gives none, for the shapes to report."""
    if not isinstance(value, Literal) or value.datatype != XSD_STRING or value.language:
        yield value
        return
    parts = re.split(r"[|;]", value.value) if column.many else [value.value]
    try:
        codes = [cells.read(column, part.strip())[0] for part in parts if part.strip()]
    except cells.CellError:
        yield value
        return
    yield from (IRI(concept(column.scheme, code)) for code in codes)


def _described(found: resources.Resource, names: Names) -> Iterator[Triple]:
    yield from individuals.described(found)
    if around := resources.at(found.within, names):
        yield from individuals.described(around)


def _heading(iri: str, names: Names) -> Iterator[Triple]:
    code = iri.removeprefix(names.hs(""))
    if code != iri and hs.is_code(code):
        yield from individuals.heading(code, names)
