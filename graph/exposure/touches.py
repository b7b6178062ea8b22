"""What designations touch where one question is asked: which of them count, which actors, and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np

from opentier.graph.engine.arrays import Array
from opentier.graph.exposure.ownership import Owned, owned
from opentier.graph.index.opened import Index
from opentier.graph.model.dates import NEVER
from opentier.graph.model.names import is_invented
from opentier.graph.model.products import Product
from opentier.graph.network.network import Arc, Designation
from opentier.graph.trace.asked import Asked
from opentier.graph.trace.parameters import window
from opentier.graph.trace.states import Spans

_DIRECT = frozenset({"start", "supply", "operation-up", "operation-down"})
_REASONS = {
    "ownership-up": "owner-up",
    "ownership-down": "owner-down",
    "recruitment": "recruiter",
    "co-location": "co-location",
}


class Touch(NamedTuple):
    """A designation that touches the end of a walk, and why.

    Attributes
    ----------
    spans
        Where not empty, the walk has to live on a day of one of these.
    stakes
        Of a reason by ownership, the stakes that add up.
    sites
        Of a reason by a site, the links by which it is operated: their numbers and their days.
    """

    designation: Designation
    reason: str
    spans: Spans = ()
    stakes: tuple[Arc, ...] = ()
    sites: tuple[tuple[int, tuple[int, int]], ...] = ()


class Touches:
    """The designations of an index, for one question.

    Parameters
    ----------
    filtered
        Whether those count alone that state the exploitation that is asked for.
    """

    def __init__(self, index: Index, asked: Asked, *, filtered: bool = True) -> None:
        self.index, self.asked, self.filtered = index, asked, filtered
        self.parameters = asked.parameters
        self._states: dict[str, str] = {}
        self._known: dict[tuple[int, Product | None], list[Touch]] = {}
        self._since, self._until = window(self.parameters)
        self._timed = bool(self.parameters.on or self.parameters.since or self.parameters.until)

    # --- Which designations count --------------------------------------------------------------------------------

    def state(self, entry: Designation) -> str:
        """Return whether a designation counts: "current".

        Others do not: "past", "pending", "never" (what is revoked from its beginning) and "left out" by a filter.
        """
        found = self._states.get(entry.iri)
        if found is None:
            found = self._states[entry.iri] = self._state(entry)
        return found

    def _state(self, entry: Designation) -> str:
        wanted, asked = self.parameters.exploitation, self.parameters
        if self.filtered and wanted and not set(wanted) & set(entry.exploitation):
            return "left out"
        states = self.states(entry)
        if len(states) > 1:
            return "past" if asked.past or not asked.pending else "pending"
        return states[0] if states else "never"

    def states(self, entry: Designation) -> tuple[str, ...]:
        """Return whether a designation is in force at the asked time, whatever it lists for: "current" alone.

        Else "past", "pending", or both between two of its intervals; nothing where it never is in force.
        """
        intervals = entry.in_force
        if not self._timed:
            return ("current",) if intervals and intervals[-1][1] == NEVER else ("past",)
        if any(begin <= self._until and self._since <= end for begin, end in intervals):
            return ("current",)
        past = entry.over <= self._until
        pending = bool(intervals) and intervals[-1][0] > self._until
        return (*(("past",) if past else ()), *(("pending",) if pending else ()))

    def shown(self, entry: Designation) -> bool:
        """Return whether a designation counts, or is a past or pending one that is asked for."""
        state = self.state(entry)
        return (
            state == "current"
            or (state == "past" and self.parameters.past)
            or (state == "pending" and self.parameters.pending)
        )

    @cached_property
    def counting(self) -> list[Designation]:
        """Those that count."""
        return [entry for entry in self.index.designations if self.state(entry) == "current"]

    @cached_property
    def hidden(self) -> dict[str, str]:
        """The IRIs of those that are past or pending and not shown, since nobody asked for them, with which of both."""
        states = {entry.iri: self.state(entry) for entry in self.index.designations if not self.shown(entry)}
        return {iri: state for iri, state in states.items() if state in ("past", "pending")}

    @cached_property
    def of_regions(self) -> list[Designation]:
        """Those that count and are of a region, or of goods of one."""
        return [e for e in self.counting if not e.target and e.place and e.place.region]

    # --- What they touch -----------------------------------------------------------------------------------------

    def touching(
        self, node: int, hop: str, product: Product | None, *, hidden: bool = False
    ) -> Iterator[Touch]:
        """Yield the designations that are shown, or those that are hidden, and touch a node at the end of a walk.

        Parameters
        ----------
        hop
            The last hop of the walk, as in `HOPS`.
        product
            What the last supply link of the walk carries.
        """
        for touch in self._all(node, hop, product):
            entry = touch.designation
            foreign = entry.invented and not self._invented(node)
            wanted = entry.iri in self.hidden if hidden else self.shown(entry)
            if not foreign and wanted and in_scope(entry, product):
                yield touch

    def met(self, nodes: Iterable[int]) -> list[Designation]:
        """Return the designations that may touch any of some nodes: invented ones touch invented actors alone."""
        if len(self._real) == len(self.index.designations) or any(map(self._invented, nodes)):
            return self.index.designations
        return self._real

    @cached_property
    def _real(self) -> list[Designation]:
        """Those that are not invented."""
        return [entry for entry in self.index.designations if not entry.invented]

    def _invented(self, node: int) -> bool:
        members = self.index.actor(node).members or (self.index.iri(node),)
        return any(is_invented(self.index.names.id(member).partition("/")[0]) for member in members)

    @cached_property
    def _mixed(self) -> frozenset[int]:
        """The numbers of the places that an invented designation is of."""
        at = self.index.designated.at
        return frozenset(n for n, entries in enumerate(at) if any(entry.invented for entry in entries))

    def by_place(self, node: int) -> bool:
        """Return whether nothing but its place decides what touches a node."""
        mixed = self._mixed and int(self.index.place[node]) in self._mixed
        return not mixed and not any(node in those for those in self._apart)

    @cached_property
    def _apart(self) -> tuple[Collection[int], ...]:
        """The nodes that more than their place may decide of."""
        known = self.index.designated
        return known.targets, known.sites, self.index.unsure, self._successors, self._owned

    def near_hidden(self, nodes: Array) -> Array:
        """Return those of some nodes that a hidden designation may touch at all."""
        found: Array = nodes[self._near_hidden[nodes]]
        return found

    @cached_property
    def _near_hidden(self) -> Array:
        """Mark the nodes that a hidden designation may touch: by their place, or by more than that."""
        at = [any(entry.iri in self.hidden for entry in entries) for entries in self.index.designated.at]
        found: Array = np.array(at, np.bool_)[self.index.place[: len(self.index)]]
        for apart in self._apart:
            found[list(apart)] = True
        return found

    def _all(self, node: int, hop: str, product: Product | None) -> Iterator[Touch]:
        index, known = self.index, self.index.designated
        here = known.at[index.place[node]]
        for entry in known.targets.get(node, ()):
            yield Touch(entry, "direct" if hop in _DIRECT else _REASONS[hop])
        for other in index.unsure.get(node, ()):
            for entry in known.targets.get(other, ()):
                yield Touch(entry, "possible-identity")
            for entry in known.at[index.place[other]]:
                if entry.product is None and entry not in here:
                    yield Touch(entry, "possible-identity")
        for entry in self._successors.get(node, ()):
            yield Touch(entry, "successor")
        if node in self._owned:
            for entry in self._owned[node].entries:
                yield Touch(entry, "owned-by-listed", (), self._owned[node].stakes)
        yield from self._placed(int(index.place[node]), product if hop == "supply" else None)
        if hop == "supply" and product is not None and node in known.sites:
            yield from self._sites(node, product, here)

    def _placed(self, place: int, product: Product | None) -> list[Touch]:
        """Return what touches whoever is at a place, by its number, and sells a product to the one before."""
        found = self._known.get((place, product))
        if found is None:
            found = self._known[place, product] = []
            inputs = self.index.inputs
            for entry in self.index.designated.at[place]:
                if entry.product is None:
                    found.append(Touch(entry, "place"))
                elif product is not None:
                    if any(good.matches(product) for good in entry.goods):
                        found.append(Touch(entry, "goods"))
                    elif any(inputs.goes_into(good, product) for good in entry.goods):
                        found.append(Touch(entry, "goods-input"))
        return found

    def _sites(self, node: int, product: Product, here: Sequence[Designation]) -> Iterator[Touch]:
        index, keep = self.index, self.asked.keep
        sites: dict[str, list[tuple[int, tuple[int, int]]]] = defaultdict(list)
        entries = {}
        for facility, arc in index.designated.sites[node]:
            if not keep.confidences[index.arcs.confidence[arc]] or not keep.datasets[index.arcs.dataset[arc]]:
                continue
            span = (
                max(int(index.arcs.start[arc]), keep.since),
                min(int(index.arcs.end[arc]), keep.until),
            )
            for entry in index.designated.at[index.place[facility]]:
                if (
                    span[0] <= span[1]
                    and any(good.matches(product) for good in entry.goods)
                    and entry not in here
                ):
                    entries[entry.iri] = entry
                    sites[entry.iri].append((arc, span))
        for iri, entry in entries.items():
            yield Touch(
                entry, "goods-site", merged([span for _, span in sites[iri]]), sites=tuple(sites[iri])
            )

    # --- Small graphs of their own -------------------------------------------------------------------------------

    @cached_property
    def _owned(self) -> dict[int, Owned]:
        walked = "ownership" in self.parameters.kinds
        listed = {
            node: counted
            for node, entries in self.index.designated.targets.items()
            if (counted := [e for e in entries if (walked or e.subsidiaries) and self.state(e) == "current"])
        }
        return owned(self.index, self.asked, listed)

    def relayed(self) -> dict[int, frozenset[str]]:
        """Return the designations of others that touch actors by stakes or by successions, by node."""
        found: dict[int, set[str]] = defaultdict(set)
        for node, entries in self._successors.items():
            found[node] |= {entry.iri for entry in entries}
        for node, known in self._owned.items():
            found[node] |= {entry.iri for entry in known.entries}
        return {node: frozenset(entries) for node, entries in found.items()}

    @cached_property
    def _successors(self) -> dict[int, list[Designation]]:
        after: dict[int, set[int]] = defaultdict(set)
        for before, node, said in self.index.successions:
            if node is not None and said.kind != "dissolved" and said.happened(self._until):
                after[before].add(node)
        found: dict[int, list[Designation]] = defaultdict(list)
        for target, entries in self.index.designated.targets.items() if after else ():
            seen, todo = {target}, [target]
            while todo:
                for node in sorted(after[todo.pop()] - seen):
                    seen.add(node)
                    todo.append(node)
                    found[node] += entries
        return found


def in_scope(entry: Designation, product: Product | None) -> bool:
    """Return whether a designation touches a walk whose last supply link carries a product, or None."""
    if not entry.scope or entry.headed or product is None:
        return True
    return any(scoped.matches(product) for scoped in entry.scope)


def scope_match(entry: Designation, reason: str, product: Product | None) -> str | None:
    """Return how the good that a designation lists fits the link's: "exact", "coarse" where it is narrower, "unknown".

    None where it names no good, or one that only goes into the link's.
    """
    listed = list(entry.scope)
    if entry.product is not None and reason in ("goods", "goods-site"):
        listed.append(entry.product)
    if not listed or reason == "goods-input":
        return None
    if product is None:
        return "unknown"
    matching = [one for one in listed if one.matches(product)]
    return "exact" if any(not one.narrower(product) for one in matching) else "coarse"


def merged(spans: Spans) -> tuple[tuple[int, int], ...]:
    """Return the days of some spans as spans that do not touch, in order."""
    found: list[tuple[int, int]] = []
    for begin, end in sorted(spans):
        if found and begin <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((begin, end))
    return tuple(found)
