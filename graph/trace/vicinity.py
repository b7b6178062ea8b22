"""The vicinity of actors: what hops lead to that add no tier, as they may come between two supply hops."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from opentier.graph.engine.arrays import FOLLOWS, NOTHING, Array
from opentier.graph.engine.columns import spread
from opentier.graph.engine.hops import SUPPLY
from opentier.graph.index.opened import Index
from opentier.graph.trace.asked import Asked
from opentier.graph.trace.plain import allowed

#: For each hop the number of its turn, and for each turn a hop that stands for it: what may follow is the same.
_, _HOP_OF, _TURN_OF = np.unique(FOLLOWS, axis=1, return_index=True, return_inverse=True)
_TURN_OF = _TURN_OF.reshape(-1)


class Led(NamedTuple):
    """Where walks come to: the number of each walk's beginning, the node at its end, and the days on which it lives."""

    origin: Array
    node: Array
    start: Array
    end: Array


class Vicinity:
    """The hops of an index that add no tier and pass what is asked of links."""

    def __init__(self, index: Index, asked: Asked) -> None:
        self.index, self.asked, arcs = index, asked, index.arcs
        walked = index.tables.zero and asked.parameters.kinds != ("supply",)
        rows = index.rows() if walked else np.zeros(0, np.uint32)
        rows = rows[arcs.hop[rows] != SUPPLY]
        self.arc = allowed(index, asked, rows) if len(rows) else rows
        self.tail, self.head = index.columns["tail"][self.arc], arcs.head[self.arc]
        self.degrees = np.bincount(self.tail, minlength=len(index))
        self.begin = np.cumsum(self.degrees) - self.degrees

    def __len__(self) -> int:
        """Return how many hops there are."""
        return len(self.arc)

    def before(self, nodes: Array) -> Array:
        """Mark the nodes from which hops lead to some marked nodes, whatever may follow what; these among them."""
        found: Array = nodes.astype(np.bool_)
        while True:
            fresh = self.tail[found[self.head] & ~found[self.tail]]
            if not len(fresh):
                return found
            found[fresh] = True

    def led(
        self, nodes: Array, start: Array, end: Array, price: Array, inside: Array, most: int = 0
    ) -> Led | None:
        """Return where walks of one or more such hops come to, from some nodes after a supply hop or without one.

        Parameters
        ----------
        start, end, price
            The days on which each walk lives at its beginning, and what its links so far cost of confidence.
        inside
            The nodes to which walks may come.
        most
            Where given, the most ends that are wanted; None is returned where there are more.
        """
        arcs, costs, least = self.index.arcs, self.asked.ask.cost, self.asked.ask.least
        fresh = np.zeros((len(nodes), 5), np.int64)  # origin, node, turn, start, end
        fresh[:, 0], fresh[:, 1], fresh[:, 2] = np.arange(len(nodes)), nodes, _TURN_OF[SUPPLY]
        fresh[:, 3], fresh[:, 4] = start, end
        price = price.astype(np.int64)
        known, prices = np.zeros((0, 5), np.int64), np.zeros(0, np.int64)
        while len(fresh):
            first = self.begin[fresh[:, 1]]
            many = self.degrees[fresh[:, 1]]
            hops, before = spread(first, first + many), np.repeat(np.arange(len(fresh)), many)
            arc = self.arc[hops]
            hop = arcs.hop[arc]
            kept = (FOLLOWS[hop, _HOP_OF[fresh[before, 2]]] != 0) & inside[self.head[hops]]
            hops, before, arc, hop = hops[kept], before[kept], arc[kept], hop[kept]
            after = fresh[before]
            after[:, 1], after[:, 2] = self.head[hops], _TURN_OF[hop]
            np.maximum(after[:, 3], arcs.start[arc], out=after[:, 3])
            np.minimum(after[:, 4], arcs.end[arc], out=after[:, 4])
            paid = price[before] if least == NOTHING else price[before] + costs[arcs.confidence[arc]]
            kept = (after[:, 3] <= after[:, 4]) & (paid <= least)
            after, paid = after[kept], paid[kept]
            every, cost = np.concatenate([known, after]), np.concatenate([prices, paid])
            new = np.arange(len(every)) >= len(known)
            order = np.lexsort((new, cost, *every.T[::-1]))
            best = np.ones(len(order), np.bool_)  # the first of those that are alike
            best[1:] = (every[order[1:]] != every[order[:-1]]).any(axis=1)
            cheapest = order[best]
            known, prices = every[cheapest], cost[cheapest]
            cheapest = cheapest[new[cheapest]]
            fresh, price = every[cheapest], cost[cheapest]
            if most and len(known) > most:
                return None
        return Led(known[:, 0], known[:, 1], known[:, 3], known[:, 4])
