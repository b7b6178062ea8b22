"""What designations may touch at all, whatever is asked: their targets, and what stands in a relation to them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from opentier.graph.engine.arrays import Array
from opentier.graph.engine.hops import OPERATION_DOWN, OWNERSHIP_DOWN
from opentier.graph.index.network import Designation

if TYPE_CHECKING:
    from opentier.graph.index.opened import Index


@dataclass(frozen=True)
class Ties:
    """Links of one kind between actors, as columns of one length each.

    Attributes
    ----------
    tail, head : uint32
        The nodes at their ends: operator and facility, owner and asset.
    arc : int64
        The numbers of their arcs.
    """

    tail: Array
    head: Array
    arc: Array

    @classmethod
    def of(cls, index: Index, hop: int) -> Ties:
        """Return the links of a hop whose dataset is current; one that an addition moved may come twice."""
        count = index.tables.counts["arcs"]
        numbers = (
            np.flatnonzero(index.arcs.hop[:count] == hop) if index.tables.zero else np.zeros(0, np.int64)
        )
        live = np.array(index.tables.live, np.bool_)
        numbers = numbers[live[index.arcs.dataset[numbers]]] if len(numbers) else numbers
        return cls(index.columns["tail"][numbers], index.arcs.head[numbers], numbers)

    def where(self, kept: Array) -> Ties:
        """Return those that are marked."""
        return Ties(self.tail[kept], self.head[kept], self.arc[kept])


class Designated:
    """The designations of an index, by what they may touch.

    Attributes
    ----------
    marked : uint8, shape (nodes,)
        Nodes that some designation may touch, by whatever walk they are reached.
    targets
        The designations that name a node, by node.
    at
        The designations of a place, or of goods of a place, that cover a place, for each number of places of nodes.
    stakes
        The ownership links below the targets, from owner to asset.
    sites
        The facilities in the place of listed goods that a node operates, by node: facility and number of the arc.
    """

    def __init__(self, index: Index) -> None:
        self.index = index
        self.targets: dict[int, list[Designation]] = defaultdict(list)
        of_place = []
        for entry, node in zip(index.designations, index.targets, strict=True):
            if node is not None:
                self.targets[node].append(entry)
            elif entry.place is not None:
                of_place.append(entry)
        self.at = [
            [entry for place in listed for entry in of_place if entry.place and entry.place.covers(place)]
            for listed in index.places
        ]
        place = index.place[: len(index)]
        self.marked: Array = np.array([bool(entries) for entries in self.at], np.uint8)[place]
        self.stakes = self._stakes()
        self.sites = self._sites(place)
        self.marked[[*self.targets, *self._related(), *self.sites]] = 1
        self.marked[self.stakes.head] = 1

    def _related(self) -> Iterable[int]:
        """Yield the nodes that a target became, and those that may be a target or lie where one is."""
        todo, after = list(self.targets), defaultdict(list)
        for before, said in self.index.successions:
            node = None if said.after is None else self.index.node(said.after)
            if node is not None:
                after[before].append(node)
        found: set[int] = set()
        while todo:
            fresh = set(after[todo.pop()]) - found
            found |= fresh
            todo += fresh
        yield from found
        for node, others in self.index.unsure.items():
            if any(other in self.targets or self.at[self.index.place[other]] for other in others):
                yield node

    def _stakes(self) -> Ties:
        ties = Ties.of(self.index, OWNERSHIP_DOWN)
        ties = ties.where(np.isfinite(self.index.arcs.share[ties.arc]))
        below = np.zeros(len(self.index), np.bool_)
        below[list(self.targets)] = True
        while True:
            fresh = ties.head[below[ties.tail] & ~below[ties.head]]
            if not len(fresh):
                return ties.where(below[ties.tail])
            below[fresh] = True

    def _sites(self, place: Array) -> dict[int, list[tuple[int, int]]]:
        goods = np.array([any(entry.product for entry in entries) for entries in self.at], np.bool_)
        found: dict[int, list[tuple[int, int]]] = defaultdict(list)
        if goods.any():
            ties = Ties.of(self.index, OPERATION_DOWN)
            ties = ties.where(goods[place[ties.head]])
            for tail, head, arc in zip(*(c.tolist() for c in (ties.tail, ties.head, ties.arc)), strict=True):
                found[tail].append((head, arc))
        return dict(found)
