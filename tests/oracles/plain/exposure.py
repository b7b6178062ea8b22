"""Exposures of a plain trace: which designations touch the ends of its walks, why, and by which paths."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property

from opentier.graph.exposure.exposures import Exposure, Severity
from opentier.graph.index.network import Designation, Place
from opentier.graph.model.products import Product
from opentier.graph.trace.asked import active
from tests.oracles.plain.paths import State
from tests.oracles.plain.trace import Trace


def _reason(hop: str) -> str:
    """Return why the target of a designation is exposed, by the last hop."""
    if hop.startswith("ownership-"):
        return hop.replace("ownership", "owner")
    return {"recruitment": "recruiter", "co-location": "co-location"}.get(hop, "direct")


def expose(trace: Trace) -> list[Exposure]:
    """Return the exposures of a trace, by actor, designation and reason; of severity it knows nothing."""
    return list(_Finder(trace).exposures())


class _Finder:
    """The designations that touch the ends of a trace's walks."""

    def __init__(self, trace: Trace) -> None:
        self.trace, self.index = trace, trace.index
        self.downstream = trace.parameters.downstream

    def exposures(self) -> Iterator[Exposure]:
        ends: dict[tuple[str, str, str], dict[State, str]] = defaultdict(dict)
        designations = {designation.iri: designation for designation in self.index.designations}
        for state in self.trace.states:
            touched = self.trace.root if self.downstream else state.actor
            for designation, reason, scope in self._touching(touched, state):
                ends[(state.actor, designation.iri, reason)][state] = scope
        for (actor, iri, reason), states in sorted(ends.items()):
            designation = designations[iri]
            past = not active(designation, self.trace.parameters)
            if past and not self.trace.parameters.past:
                continue
            scope = min(states.values(), key=("whole", "match", "unknown").index)
            paths = tuple(self.trace.paths(list(states), self.trace.parameters.paths))
            yield Exposure(
                actor, self.trace.tiers[actor], designation, reason, scope, past, paths, Severity({})
            )

    def _touching(self, touched: str, state: State) -> Iterator[tuple[Designation, str, str]]:
        """Yield the designations that touch an actor at the end of a walk, with reason and scope."""
        for designation in self._by_target.get(touched, ()):
            yield from self._in_scope(designation, _reason(state.end_hop), state)
        for other in sorted(self.index.unsure.get(touched, ())):
            for designation in self._by_target.get(other, ()):
                yield from self._in_scope(designation, "possible-identity", state)
        actor = self.index.actors.get(touched)
        if actor is None:
            return
        for place in actor.places:
            for designation in self._at(place):
                if designation.product is None:
                    yield from self._in_scope(designation, "place", state)
                elif state.end_hop == "supply" and state.end_product is not None:
                    for reason in self._goods(designation.product, state.end_product):
                        yield from self._in_scope(designation, reason, state)

    def _goods(self, listed: Product, carried: Product) -> Iterator[str]:
        if listed.matches(carried):
            yield "goods"
        elif self.index.inputs.goes_into(listed, carried):
            yield "goods-input"

    def _in_scope(
        self, designation: Designation, reason: str, state: State
    ) -> Iterator[tuple[Designation, str, str]]:
        if not designation.scope:
            yield designation, reason, "whole"
        elif state.end_product is None:
            yield designation, reason, "unknown"
        elif any(product.matches(state.end_product) for product in designation.scope):
            yield designation, reason, "match"

    @cached_property
    def _by_target(self) -> dict[str, list[Designation]]:
        found = defaultdict(list)
        for designation in self.index.designations:
            if designation.target:
                found[designation.target].append(designation)
        return dict(found)

    @cached_property
    def _of_place(self) -> list[Designation]:
        return [d for d in self.index.designations if d.place is not None and d.target is None]

    def _at(self, place: Place) -> list[Designation]:
        """Return the designations of places that cover a place."""
        known = self._cover.get(place)
        if known is None:
            known = self._cover[place] = [
                d for d in self._of_place if d.place is not None and d.place.covers(place)
            ]
        return known

    @cached_property
    def _cover(self) -> dict[Place, list[Designation]]:
        return {}
