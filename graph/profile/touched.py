"""What touches an actor itself, by its name, its place and what it sells: no walk, and nothing of its chain."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from opentier.graph.engine.arrays import NONE
from opentier.graph.engine.hops import SUPPLY
from opentier.graph.exposure import words
from opentier.graph.exposure.exposures import GROUPS
from opentier.graph.exposure.objects import Objects
from opentier.graph.exposure.touches import Touch, Touches
from opentier.graph.index.opened import Index
from opentier.graph.model.products import Product
from opentier.graph.network.network import Designation
from opentier.graph.picture.marks import mark
from opentier.graph.risk.incidents import Incident
from opentier.graph.risk.likelihoods import Likelihood
from opentier.graph.trace.asked import Asked
from opentier.graph.trace.parameters import Parameters
from opentier.graph.view import View

Json = dict[str, Any]
_STATES = ("current", "past")
#: Reasons that say of a good that is sold, and not of the actor, that it is listed.
OF_GOODS = ("goods", "goods-input", "goods-site")


@dataclass
class Direct:
    """A designation that touches an actor itself.

    Attributes
    ----------
    state
        "current", or "past" where it is no longer in force.
    goods
        What the actor sells that it is about, of a reason by goods.
    """

    touch: Touch
    state: str
    goods: list[Product] = field(default_factory=list)

    @property
    def designation(self) -> Designation:
        """The designation."""
        return self.touch.designation

    @property
    def group(self) -> str:
        """One of `exposures.GROUPS`."""
        if self.touch.reason == "possible-identity":
            return "possible"
        return "measure" if self.designation.measure else "risk"

    @property
    def mark(self) -> str:
        """Its mark (see `marks.MARKS`)."""
        return mark(self.group, self.designation.exploitation)


class Touched:
    """What touches the actors of a view themselves."""

    def __init__(self, view: View) -> None:
        self.view = view
        self.objects = Objects(self.index, unindexed=view.unindexed(self.index))

    @property
    def index(self) -> Index:
        """The index."""
        return self.view.index

    @cached_property
    def _touches(self) -> Touches:
        return Touches(self.index, Asked.of(self.index, Parameters(past=True)))

    def met(self, node: int) -> list[Designation]:
        """Return the designations that may touch an actor: invented ones touch invented actors alone."""
        return self._touches.met([node])

    def sold(self, node: int) -> list[Product]:
        """Return the products that the data says an actor sells."""
        index = self.index
        arcs = index.back.arc[int(index.back.begin[node]) : int(index.back.end[node])]
        arcs = arcs[index.arcs.hop[arcs] == SUPPLY]
        numbers = np.unique(index.goods.product[index.arcs.goods[arcs]])
        return [found for number in numbers.tolist() if number != NONE and (found := index.product(number))]

    def of(self, node: int) -> list[Direct]:
        """Return what touches an actor itself, by legal force; what is past comes last."""
        found: dict[tuple[str, str], Direct] = {}
        for touch in self._touches.touching(node, "start", None):
            self._add(found, touch)
        for product in self.sold(node):
            for touch in self._touches.touching(node, "supply", product):
                if touch.reason in OF_GOODS:
                    self._add(found, touch).goods.append(product)
        return sorted(found.values(), key=lambda d: (
            _STATES.index(d.state), GROUPS.index(d.group), d.designation.place is not None, d.designation.iri,
        ))  # fmt: skip

    def _add(self, found: dict[tuple[str, str], Direct], touch: Touch) -> Direct:
        key = touch.designation.iri, touch.reason
        return found.setdefault(key, Direct(touch, self._touches.state(touch.designation)))

    def title(self, direct: Direct) -> str:
        """Return what a designation does, and to what."""
        return str(self.objects.entry(direct.designation)["title"])

    def sentence(self, node: int, direct: Direct) -> str:
        """Return why a designation touches an actor."""
        sites = [self.objects.site(self.index.arc(number)) for number, _ in direct.touch.sites]
        kind = self.index.actor(node).kind
        share = Parameters().min_share
        return words.reason(direct.touch.reason, direct.designation, kind=kind, share=share, sites=sites)

    def alike(self, node: int) -> list[tuple[int, float, str]]:
        """Return the listed actors that are called as an actor is, which nobody has judged: node, score and why."""
        every = self.view.unindexed(self.index).alike
        return [(each.listed, each.score, each.why) for each in every if each.actor == node]

    def untestable(self, node: int) -> Iterator[str]:
        """Yield what has no input: "place" where no country is stated, "goods" where nothing says what is sold."""
        if not any(place.country for place in self.index.places[self.index.place[node]]):
            yield "place"
        if not self.sold(node):
            yield "goods"

    # --- What is no designation ----------------------------------------------------------------------------------

    def incidents(self, node: int) -> list[Incident]:
        """Return the incidents at a site, the latest first."""
        members = set(self.index.actor(node).members)
        found = [each for each in self.view.risks.incidents if each.facility in members]
        return sorted(found, key=lambda each: (-each.begins, each.iri))

    def likelihoods(self, node: int) -> list[Likelihood]:
        """Return the likelihoods that are about an actor itself, the latest first."""
        members = set(self.index.actor(node).members)
        found = [each for each in self.view.risks.likelihoods.of_actors if each.subject in members]
        return sorted(found, key=lambda each: (-each.begins, each.iri))
