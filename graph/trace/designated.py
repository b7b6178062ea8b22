"""What designations touch: which actors they may touch at all, and which of them touch the end of a walk, and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import numpy as np

from opentier.graph.engine.arrays import Array
from opentier.graph.index.network import Designation
from opentier.graph.index.opened import Index
from opentier.graph.model.dates import first_day, last_day
from opentier.graph.model.products import Product
from opentier.graph.trace.parameters import Parameters

_DIRECT = frozenset({"start", "supply", "operation-up", "operation-down"})
_REASONS = {
    "ownership-up": "owner-up",
    "ownership-down": "owner-down",
    "recruitment": "recruiter",
    "co-location": "co-location",
}
_PAST = frozenset({"revoked", "inactive"})


class Designated:
    """The designations of an index, by what they touch.

    Attributes
    ----------
    marked : uint8, shape (nodes,)
        Nodes that some designation may touch, by whatever walk they are reached.
    """

    def __init__(self, index: Index) -> None:
        self.index = index
        self._targets: dict[int, list[Designation]] = defaultdict(list)
        of_place = []
        for entry, node in zip(index.designations, index.targets, strict=True):
            if node is not None:
                self._targets[node].append(entry)
            elif entry.place is not None:
                of_place.append(entry)
        #: Designations that cover a place, for each number of places that nodes have.
        self._at = [
            [entry for place in places for entry in of_place if entry.place and entry.place.covers(place)]
            for places in index.places
        ]
        covered = np.array([bool(entries) for entries in self._at], np.uint8)
        self.marked: Array = covered[index.place[: len(index)]]
        for node in self._targets:
            self.marked[[node, *index.unsure.get(node, ())]] = 1

    @classmethod
    def of(cls, index: Index) -> Designated:
        """Return what the designations of an index touch, made once."""
        found = index.memo.get("designated")
        if found is None:
            found = index.memo.setdefault("designated", cls(index))
        assert isinstance(found, cls)
        return found

    def touching(
        self, node: int, hop: str, product: Product | None
    ) -> Iterator[tuple[Designation, str, str]]:
        """Yield the designations that touch a node at the end of a walk, with reason and scope.

        Parameters
        ----------
        hop
            The last hop of the walk, as in `network.HOPS`.
        product
            What the last supply link of the walk carries.
        """
        for entry in self._targets.get(node, ()):
            reason = "direct" if hop in _DIRECT else _REASONS[hop]
            yield from _in_scope(entry, reason, product)
        for other in self.index.unsure.get(node, ()):
            for entry in self._targets.get(other, ()):
                yield from _in_scope(entry, "possible-identity", product)
        for entry in self._at[self.index.place[node]]:
            if entry.product is None:
                yield from _in_scope(entry, "place", product)
            elif hop == "supply" and product is not None:
                if entry.product.matches(product):
                    yield from _in_scope(entry, "goods", product)
                elif self.index.inputs.goes_into(entry.product, product):
                    yield from _in_scope(entry, "goods-input", product)


def _in_scope(
    entry: Designation, reason: str, product: Product | None
) -> Iterator[tuple[Designation, str, str]]:
    if not entry.scope:
        yield entry, reason, "whole"
    elif product is None:
        yield entry, reason, "unknown"
    elif any(scoped.matches(product) for scoped in entry.scope):
        yield entry, reason, "match"


def active(entry: Designation, asked: Parameters) -> bool:
    """Return whether a designation counts on the asked day, in the asked window, or without either."""
    delisted = entry.delisting_date
    if delisted is None and entry.status in _PAST:
        return False
    begin = first_day(entry.begin_date) if entry.begin_date else None
    end = last_day(delisted) if delisted else None
    if asked.on:
        day = last_day(asked.on)
        return (begin is None or begin <= day) and (end is None or day < end)
    if asked.since or asked.until:
        since = first_day(asked.since) if asked.since else None
        until = last_day(asked.until) if asked.until else None
        first = max((day for day in (begin, since) if day is not None), default=None)
        last = min(
            (day for day in (until, end - 1 if end is not None else None) if day is not None), default=None
        )
        return first is None or last is None or first <= last
    return delisted is None and entry.status not in _PAST
