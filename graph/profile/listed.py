"""Designations of a country: what lists it or its goods, and what names companies and sites that are there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from opentier.graph.exposure import words
from opentier.graph.model.dates import NEVER
from opentier.graph.network.network import Designation
from opentier.graph.picture.marks import mark
from opentier.graph.profile import sources
from opentier.graph.view import View

Json = dict[str, Any]


def of_places(view: View) -> Iterator[tuple[set[str], Designation]]:
    """Yield the designations that name no actor: of a country, a region or their goods, each with the country's code.

    One that names no place, or one by a text that is no code, is of no country.
    """
    for entry in view.index.designations:
        if entry.target is None:
            yield {entry.place.country} - {""} if entry.place else set(), entry


def of_actors(view: View) -> Iterator[tuple[set[str], Designation]]:
    """Yield the designations that name an actor, each with the codes of the countries in which that is, if any."""
    index = view.index
    for entry, node in zip(index.designations, index.targets, strict=True):
        if entry.target is not None:
            places = index.places[index.place[node]] if node is not None else ()
            yield {place.country for place in places if place.country}, entry


def described(view: View, entry: Designation) -> Json:
    """Return a designation as it stands in a list of a country."""
    node = view.index.node(entry.target) if entry.target else None
    target = None if node is None else view.index.actor(node).name
    return {
        "id": view.release.names.id(entry.iri),
        "iri": entry.iri,
        "title": words.title(entry, target),
        "kind": entry.kind,
        "mark": mark("measure" if entry.measure else "risk", entry.exploitation),
        "codes": list(entry.exploitation),
        "authority": entry.authority,
        "register": entry.register,
        "law": entry.law,
        "target": view.release.names.id(entry.target) if entry.target else None,
        "region": entry.place.region or None if entry.place else None,
        "goods": [words.product(good) for good in entry.goods],
        "from": entry.begin_date,
        "until": entry.delisting_date,
        "lasting": any(last == NEVER for _, last in entry.in_force),
        "note": entry.note,
        "source": sources.of(view.index.versions[entry.dataset], entry.register),
    }
