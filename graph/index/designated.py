"""What designations may touch at all, whatever is asked: their targets, and what stands in a relation to them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from opentier.graph.engine.arrays import Arcs, Array, Ways
from opentier.graph.engine.hops import OPERATION_DOWN, OWNERSHIP_DOWN
from opentier.graph.index.format import Tables
from opentier.graph.network.network import Designation, Place, Succession


@dataclass(frozen=True)
class Ties:
    """Links of one kind between actors, as columns of one length each.

    Attributes
    ----------
    tail, head : uint32
        The nodes at their ends: operator and facility, owner and asset.
    arc : int64
        The numbers of their arcs.
    share : float64
        Of ownership, in percent.
    """

    tail: Array
    head: Array
    arc: Array
    share: Array

    def where(self, kept: Array) -> Ties:
        """Return those that are marked."""
        return Ties(self.tail[kept], self.head[kept], self.arc[kept], self.share[kept])


def ties(tables: Tables, arcs: Arcs, out: Ways, tail: Array, hop: int) -> Ties:
    """Return the links of a hop whose dataset is current; `tail` says at which node each arc begins."""
    count = tables.counts["arcs"] if tables.zero else 0
    numbers = np.flatnonzero(arcs.hop[:count] == hop)
    numbers = numbers[np.array(tables.live, np.bool_)[arcs.dataset[numbers]]]
    tails = tail[numbers]
    held = (out.begin[tails] <= numbers) & (numbers < out.end[tails])  # not left from before an addition
    numbers = numbers[held]
    return Ties(tails[held], arcs.head[numbers], numbers, arcs.share[numbers])


@dataclass(frozen=True)
class Relations:
    """What stands between the actors of an index beside walks.

    Attributes
    ----------
    places
        The places of nodes by number.
    place : shape (nodes,)
        The number of the places of each node.
    unsure
        Nodes joined to a node by an unsure judgement only.
    successions
        Who became whom: nodes before and after, and the change.
    ties
        Returns the links of a hop.
    """

    places: Sequence[Sequence[Place]]
    place: Array
    unsure: Mapping[int, Sequence[int]]
    successions: Sequence[tuple[int, int | None, Succession]]
    ties: Callable[[int], Ties]


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

    def __init__(self, entries: Iterable[tuple[Designation, int | None]], relations: Relations) -> None:
        self.relations = relations
        self.targets: dict[int, list[Designation]] = defaultdict(list)
        of_place = []
        for entry, node in entries:
            if node is not None:
                self.targets[node].append(entry)
            elif entry.place is not None:
                of_place.append(entry)
        self.at = [
            [entry for place in listed for entry in of_place if entry.place and entry.place.covers(place)]
            for listed in relations.places
        ]
        place = relations.place
        self.marked: Array = np.array([bool(entries) for entries in self.at], np.uint8)[place]
        self.stakes = self._stakes()
        self.sites = self._sites(place)
        self.marked[[*self.targets, *self._related(), *self.sites]] = 1
        self.marked[self.stakes.head] = 1

    def _related(self) -> Iterable[int]:
        """Yield the nodes that a target became, and those that may be a target or lie where one is."""
        todo, after = list(self.targets), defaultdict(list)
        for before, node, _ in self.relations.successions:
            if node is not None:
                after[before].append(node)
        found: set[int] = set()
        while todo:
            fresh = set(after[todo.pop()]) - found
            found |= fresh
            todo += fresh
        yield from found
        for node, others in self.relations.unsure.items():
            if any(other in self.targets or self.at[self.relations.place[other]] for other in others):
                yield node

    def _stakes(self) -> Ties:
        ties = self.relations.ties(OWNERSHIP_DOWN)
        ties = ties.where((ties.share > 0) & np.isfinite(ties.share))  # neither nothing nor unknown
        below = np.zeros(len(self.relations.place), np.bool_)
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
            ties = self.relations.ties(OPERATION_DOWN)
            ties = ties.where(goods[place[ties.head]])
            for tail, head, arc in zip(*(c.tolist() for c in (ties.tail, ties.head, ties.arc)), strict=True):
                found[tail].append((head, arc))
        return dict(found)
