"""Marks: which actors and which supply links count as exposed, whoever asks for them."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from opentier.graph.engine.arrays import NONE, Array
from opentier.graph.engine.hops import HOPS, START, SUPPLY
from opentier.graph.exposure.touches import Touches, merged
from opentier.graph.index.opened import Index
from opentier.graph.trace.asked import Asked
from opentier.graph.trace.parameters import Parameters
from opentier.graph.trace.states import Spans


class Marks:
    """What counts as exposed: what a designation touches that counts, or a past or pending one that is asked for.

    Attributes
    ----------
    exposed : uint8, shape (nodes,)
        Actors that a designation touches by themselves, whatever walk comes to them: 1 for each.
    """

    def __init__(self, index: Index, parameters: Parameters) -> None:
        self.index, self.asked, self.designated = index, Asked.of(index, parameters), index.designated
        self.touches = Touches(index, self.asked)
        self._known: dict[tuple[int, bool, int], Spans | None] = {}
        self.exposed = np.zeros(len(index), np.uint8)
        for node in np.flatnonzero(self.designated.marked).tolist():
            self.exposed[node] = self.touched(node, HOPS[START], int(NONE)) is not None

    def touched(self, node: int, hop: str, product: int) -> Spans | None:
        """Return when a walk has to live that ends at a node, for a designation to touch it; None where none does.

        Nothing but the days of the walk decides it where there are spans; no spans are any day.
        """
        supplied = hop == HOPS[SUPPLY]
        where = int(self.index.place[node]) if self.touches.by_place(node) else ~node
        key = (where, supplied, product)
        if key not in self._known:
            self._known[key] = self._touched(node, hop, product)
        return self._known[key]

    def _touched(self, node: int, hop: str, product: int) -> Spans | None:
        spans: list[tuple[int, int]] = []
        for touch in self.touches.touching(node, hop, self.index.product(product)):
            if not touch.spans:
                return ()
            spans += touch.spans
        return merged(spans) if spans else None

    @cached_property
    def opening(self) -> Array:
        """The numbers of the supply links that a designation touches as the last of a walk."""
        index, arcs = self.index, self.index.arcs
        rows = index.rows()
        rows = rows[(self.designated.marked[arcs.head[rows]] != 0) & (arcs.hop[rows] == SUPPLY)]
        ends = np.stack([arcs.head[rows], self.products(rows)], axis=1).astype(np.int64)
        every, inverse = np.unique(ends, axis=0, return_inverse=True)
        inverse = inverse.reshape(-1)
        touched = [self.touched(node, HOPS[SUPPLY], product) for node, product in every.tolist()]
        met = np.array([spans is not None for spans in touched], bool)[inverse]
        for number, spans in enumerate(touched):
            if spans:
                some = np.flatnonzero(inverse == number)
                met[some] = self._live(rows[some], spans)
        found: Array = rows[met]
        return found

    def _live(self, rows: Array, spans: Spans) -> Array:
        """Mark those of some links that live on a day of some spans within the asked time."""
        arcs, keep = self.index.arcs, self.asked.keep
        start, end = np.maximum(arcs.start[rows], keep.since), np.minimum(arcs.end[rows], keep.until)
        found: Array = np.zeros(len(rows), np.bool_)
        for first, last in spans:
            found |= (np.maximum(start, first) <= end) & (start <= last)
        return found

    def products(self, rows: Array) -> Array:
        """Return what some links carry, as far as it matters to designations."""
        goods = self.index.goods
        product = goods.product[self.index.arcs.goods[rows]]
        some = product != NONE
        product[some] = goods.alike[product[some]]
        found: Array = product
        return found

    @cached_property
    def ends(self) -> Array:
        """The nodes at which some walk may be exposed."""
        ends = self.exposed != 0
        ends[self.index.arcs.head[self.opening]] = True
        found: Array = np.flatnonzero(ends)
        return found
