"""What designations touch: which actors they may touch at all, and which of them touch the end of a walk, and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np

from opentier.graph.engine.arrays import Array
from opentier.graph.index.network import Designation, Place
from opentier.graph.model.products import Inputs, Product

_DIRECT = frozenset({"start", "supply", "operation-up", "operation-down"})
_REASONS = {
    "ownership-up": "owner-up",
    "ownership-down": "owner-down",
    "recruitment": "recruiter",
    "co-location": "co-location",
}


class Designated:
    """The designations of an index, by what they touch.

    Attributes
    ----------
    marked : uint8, shape (nodes,)
        Nodes that some designation may touch, by whatever walk they are reached.
    """

    def __init__(
        self,
        designations: Iterable[tuple[Designation, int | None]],
        places: Sequence[Sequence[Place]],
        place: Array,
        unsure: Mapping[int, Sequence[int]],
        inputs: Inputs,
    ) -> None:
        """Take the designations with the nodes that they name, and what an index holds under these names."""
        self._place, self._unsure, self._inputs = place, unsure, inputs
        self._targets: dict[int, list[Designation]] = defaultdict(list)
        of_place = []
        for entry, node in designations:
            if node is not None:
                self._targets[node].append(entry)
            elif entry.place is not None:
                of_place.append(entry)
        #: Designations that cover a place, for each number of places that nodes have.
        self._at = [
            [entry for place in listed for entry in of_place if entry.place and entry.place.covers(place)]
            for listed in places
        ]
        covered = np.array([bool(entries) for entries in self._at], np.uint8)
        self.marked: Array = covered[place]
        for node in self._targets:
            self.marked[[node, *unsure.get(node, ())]] = 1

    def touching(
        self, node: int, hop: str, product: Product | None
    ) -> Iterator[tuple[Designation, str, str]]:
        """Yield the designations that touch a node at the end of a walk, with reason and scope.

        Parameters
        ----------
        hop
            The last hop of the walk, as in `HOPS`.
        product
            What the last supply link of the walk carries.
        """
        for entry in self._targets.get(node, ()):
            reason = "direct" if hop in _DIRECT else _REASONS[hop]
            yield from _in_scope(entry, reason, product)
        for other in self._unsure.get(node, ()):
            for entry in self._targets.get(other, ()):
                yield from _in_scope(entry, "possible-identity", product)
        for entry in self._at[self._place[node]]:
            if entry.product is None:
                yield from _in_scope(entry, "place", product)
            elif hop == "supply" and product is not None:
                if entry.product.matches(product):
                    yield from _in_scope(entry, "goods", product)
                elif self._inputs.goes_into(entry.product, product):
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
