"""Risk by place and good: what lists say of where somebody is and of what is bought there, whoever that is.

It is no exposure: nobody of the graph is meant, and no supply chain was tested.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from opentier.graph.exposure import words
from opentier.graph.exposure.objects import Json, Objects
from opentier.graph.exposure.sold import Risk
from opentier.graph.exposure.touches import Touches, in_scope, scope_match
from opentier.graph.matching.parties import Party
from opentier.graph.model.products import Product
from opentier.graph.network.network import Designation, Place

#: Reasons by how much they say.
_REASONS = ("place", "goods", "goods-input", "goods-site")
#: Designations that are named where they were not tested.
_NAMED = 3


class Placed:
    """What the designations of places, and of goods of places, say of the rows of a list.

    Parameters
    ----------
    touches
        The designations for the question of the list.
    """

    def __init__(self, touches: Touches, objects: Objects) -> None:
        self._touches, self._objects = touches, objects
        self._known: dict[tuple[Place, tuple[Product, ...]], tuple[tuple[Risk, ...], tuple[str, ...]]] = {}

    def of(self, party: Party, goods: Sequence[Product]) -> tuple[tuple[Risk, ...], tuple[str, ...]]:
        """Return what is listed of a place and goods, measures first; and what could not be tested, in sentences."""
        if not party.countries:
            return (), (_said("placed-no-country"),) if goods else ()
        if not self._listed:
            return (), (_said("placed-no-listings"),)
        key = Place(party.countries[0], next(iter(party.regions), "")), tuple(goods)
        if key not in self._known:
            self._known[key] = self._found(*key)
        return self._known[key]

    @cached_property
    def _listed(self) -> list[Designation]:
        """The designations that count: of a place or of goods of one, and not invented."""
        every = self._touches.index.designations
        return [
            each for each in every
            if each.target is None and each.place is not None and not each.invented
            and self._touches.state(each) == "current"
        ]  # fmt: skip

    def _found(self, place: Place, goods: tuple[Product, ...]) -> tuple[tuple[Risk, ...], tuple[str, ...]]:
        risks, regions, unstated = list[Risk](), list[Designation](), list[Designation]()
        for each in self._listed:
            assert each.place is not None
            if not each.place.covers(place):
                beyond = not place.region and each.place.region and each.place.country == place.country
                if beyond and (each.product is None or not goods or list(self._risks(each, goods))):
                    regions.append(each)
                continue
            if each.product is not None and not goods:
                unstated.append(each)
            risks += self._risks(each, goods)
        told = []
        if regions:
            told.append(self._told("placed-regions", regions, country=words.country(place.country)))
        if unstated:
            told.append(self._told("placed-goods", unstated, country=words.country(place.country)))
        order = sorted(
            risks,
            key=lambda risk: (
                not risk.designation.measure,
                _REASONS.index(risk.reason),
                risk.designation.iri,
            ),
        )
        return tuple(order), tuple(told)

    def _risks(self, entry: Designation, goods: Sequence[Product]) -> list[Risk]:
        """Return why a designation that covers a place is about some goods of it: for the first good that it is."""
        if entry.product is None:
            good = next((each for each in goods if in_scope(entry, each)), None)
            return (
                [Risk(entry, "place", good, scope_match(entry, "place", good))] if good or not goods else []
            )
        for good in goods:
            if any(listed.matches(good) for listed in entry.goods):
                return [Risk(entry, "goods", good, scope_match(entry, "goods", good))]
        inputs = self._touches.index.inputs
        into = (good for good in goods if any(inputs.goes_into(listed, good) for listed in entry.goods))
        return [Risk(entry, "goods-input", good, None) for good in list(into)[:1]]

    def _told(self, key: str, some: Sequence[Designation], **figures: Any) -> str:
        titles = list(dict.fromkeys(self._objects.entry(each)["title"] for each in some))
        return _said(key, n=len(some), named=words.few(titles, _NAMED), **figures)


def sentence(risk: Risk) -> str:
    """Return why a designation is about a row, as a sentence."""
    place = risk.designation.place
    said = {
        "place": words.place(place) if place else "",
        "good": words.product(risk.good) if risk.good else "",
    }
    found = _said(f"risk-{risk.reason}", **said)
    return f"{found} {_said('risk-coarse', **said)}" if risk.scope == "coarse" else found


def to_dict(risk: Risk, objects: Objects) -> Json:
    """Return it as a JSON object."""
    said = objects.entry(risk.designation)
    return {
        "designation": {name: said[name] for name in ("iri", "id", "title", "class")},
        "reason": risk.reason,
        "sentence": sentence(risk),
        "good": risk.good.label if risk.good else None,
        "scope_match": risk.scope,
        "group": "measure" if risk.designation.measure else "risk",
    }


def told(said: Json) -> str:
    """Return one in words, by its JSON object."""
    return f"{said['designation']['title'].removesuffix('.')}. {said['sentence']}"


def _said(key: str, **figures: Any) -> str:
    return words.said("screened", key, **figures)
