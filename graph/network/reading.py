"""The reading of one record: what its fields hold, and an error that names it where they cannot be read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from opentier.graph.errors import UnreadableRecord
from opentier.graph.model.dates import first_day
from opentier.graph.model.names import Names, concept
from opentier.graph.network.network import Place
from opentier.graph.store.release import one
from opentier.graph.triples.engine import Fields

T = TypeVar("T")
#: The schemes of the codes that are read here.
_SCHEMES = {
    "ot:changeKind": "change-kind",
    "ot:status": "designation-status",
    "ot:effect": "effect",
    "ot:designationClass": "designation-class",
}


def read(
    names: Names, records: Iterable[tuple[str, Fields]], made: Callable[[str, Fields], T]
) -> Iterator[T]:
    """Yield what is made of each record; one that cannot be read is named."""
    for iri, fields in records:
        try:
            yield made(iri, fields)
        except (ArithmeticError, LookupError, TypeError, ValueError) as error:
            raise UnreadableRecord(f"The record {names.id(iri)} cannot be read: {error}.") from error


def code(fields: Fields, name: str) -> str | None:
    """Return the code of a concept that a record names."""
    said = one(fields, name)
    return said and said.removeprefix(concept(_SCHEMES[name], ""))


def readable(*dates: str | None) -> None:
    """Raise ValueError where a date cannot be read."""
    for date in dates:
        if date:
            first_day(date)


def place(country: str | None, region: str | None) -> Place | None:
    """Return a place; an ISO 3166-2 code says its country."""
    if region and not country and len(region) > 3 and region[2] == "-":
        country = region[:2]
    return Place(country or "", region or "") if country or region else None


def places_of(fields: Fields) -> list[Place]:
    """Return where a record says that something is."""
    found = place(one(fields, "ot:country"), one(fields, "ot:region"))
    return [found] if found else []


def dataset_of(iri: str, names: Names) -> str:
    """Return the dataset of a record."""
    return names.id(iri).partition("/")[0]
