"""The states of a search: everything that decides what may come next on a walk, or what an end of it means.

A state is the actor, the last hop, the carried product and the product of the last supply link; downstream the hop and
the product next to the traced end. Where all that is the actor alone (`Asked.plain`) the tiers are those of a search in
breadth, and states are searched only for actors that lie before an exposed one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from threading import Event, Thread

import numpy as np

from opentier.graph.engine import kernels
from opentier.graph.engine.arrays import BITS, FULL, NONE, Array, Ways
from opentier.graph.engine.hops import HOPS
from opentier.graph.engine.workspace import Reach, Search
from opentier.graph.index.opened import Index
from opentier.graph.jobs.progress import Progress, silent
from opentier.graph.model.products import Product
from opentier.graph.trace.asked import ENDLESS, Asked
from opentier.graph.trace.parameters import Parameters
from opentier.graph.trace.plain import NO_BITS, reach

#: Seconds between two looks at how far a search is.
_LOOK = 0.25
#: Days from the first to the last of each.
Spans = Sequence[tuple[int, int]]
NO_NODES: Array = np.zeros(0, np.uint32)


@dataclass(frozen=True, slots=True)
class End:
    """A state in which a walk may end: the reached node, the hop next to the traced end and that link's product."""

    state: int
    node: int
    hop: str
    product: Product | None


class States:
    """A finished search over an index, and the states in which its walks end.

    Attributes
    ----------
    nodes, tier : arrays, shape (reached,)
        The reached nodes, the root among them, and the smallest number of tiers of each.
    """

    def __init__(
        self,
        index: Index,
        node: int | None,
        parameters: Parameters,
        without: int | None = None,
        within: Array = NO_BITS,
        progress: Progress = silent,
    ) -> None:
        """Search from a node; where one is left out, at the nodes alone that a bitmap marks.

        Progress is told by tier: the stage is such as ``tier 6``, and done is how many are reached so far; after all
        that the stage is ``paths``.
        """
        self._progress = progress
        self.index, self.parameters, self._without, self._within = index, parameters, without, within
        self.asked = Asked.of(index, parameters)
        self.designated = index.designated
        self.node = None if node is None else np.uint32(node)
        self._search: Search | None = None
        self._states, self._mask = 0, NO_BITS
        self.nodes, self.tier = self._reach()
        progress(f"tier {self.tier.max(initial=0)}", len(self.nodes), 0)
        progress("paths", 0, 0)

    def __del__(self) -> None:
        search = getattr(self, "_search", None)
        if search is not None:
            self.index.pool.give(search)

    @cached_property
    def _ways(self) -> Ways:
        ways = self.index.back if self.parameters.downstream else self.index.out
        if self._without is None:
            return ways
        end = ways.end.copy()
        end[self._without] = ways.begin[self._without]
        return ways._replace(end=end)

    @property
    def _back(self) -> Ways:
        return self.index.out if self.parameters.downstream else self.index.back

    def _reach(self) -> tuple[Array, Array]:
        if self.node is None:
            return NO_NODES, np.zeros(0, np.int32)
        sources = np.array([self.node], np.uint32)
        if self._without is not None or not self.asked.plain:
            self._run(sources, self._within)
            return self._reached()
        nodes, tier = reach(self.index, self.asked, sources, downstream=self.parameters.downstream)
        if self.parameters.downstream:
            if self.designated.marked[self.node]:
                self._run(sources)
            return nodes, tier
        marked = nodes[self.designated.marked[nodes] != 0]
        if len(marked):
            behind = self._before(nodes, marked)
            self._run(sources, behind.seen)
            self.index.pool.give(behind)
        return nodes, tier

    def _before(self, reached: Array, marked: Array) -> Reach:
        """Return a workspace in which those reached nodes are marked from which some others can be reached."""
        inside, behind = self.index.pool.reach(), self.index.pool.reach()
        kernels.mark(inside.seen, reached)
        inside.found = len(reached)
        inside.queue[: len(reached)] = reached
        behind.found, _ = kernels.reach(
            self._back, self._ways, self.index.arcs, self.asked.keep, marked, ENDLESS,
            inside.seen, behind.seen, behind.front, behind.queue, behind.levels, False,
        )  # fmt: skip
        self.index.pool.give(inside)
        return behind

    def _run(self, sources: Array, mask: Array = NO_BITS) -> None:
        """Search the states, at the nodes marked in a bitmap only where there is one."""
        asked, self._search = self.asked, self.index.pool.search()
        ask = asked.ask
        if self._without is not None and ask.endless:
            ask = ask._replace(widest=True)
        stamp, done = self._search.next(), (0, 0, 0)
        while True:
            with self._watched(self._search, stamp, told=not len(mask)):
                done = kernels.search(
                    self._ways, self.index.arcs, asked.keep, asked.goods, ask, sources, asked.flag,
                    mask, self._search.space, stamp, done,
                )  # fmt: skip
            states, _, waiting = done
            if states == FULL:
                self._search.grow()
                stamp, done = self._search.next(), (0, 0, 0)
            elif waiting:
                self._search.lengthen()
            else:
                break
        self._states, self._mask = states, mask.copy()

    @contextmanager
    def _watched(self, search: Search, stamp: int, *, told: bool) -> Iterator[None]:
        """Tell how far a search is while it goes on: labels settle by cost, whose upper bits are tiers."""
        if self._progress is silent or not told:
            yield
            return
        over, space = Event(), search.space

        def look() -> None:
            while not over.wait(_LOOK):
                tier, reached = (
                    int(space.heap_cost[0]) >> BITS,
                    int(np.count_nonzero(space.node_stamp == stamp)),
                )
                self._progress(f"tier {tier}", reached, 0)

        looking = Thread(target=look, daemon=True)
        looking.start()
        try:
            yield
        finally:
            over.set()
            looking.join()

    def passed_by(self, nodes: Sequence[int]) -> Array:
        """Return for each state without which of some nodes a walk still comes there, whatever its days and its cost.

        Returns
        -------
        array of bool, shape (states, nodes)
        """
        assert self._search is not None
        words = (len(nodes) + 63) // 64
        number = np.full(len(self.index), -1, np.int64)
        number[list(nodes)] = np.arange(len(nodes))
        bits = np.empty((self._states, words), np.uint64)
        kernels.without(
            self._ways, self.index.arcs, self.asked.keep, self.asked.goods, self.asked.ask, self._mask,
            self._search.space, self._search.stamp, self._states, number, bits,
            np.empty(self._states, np.uint32), np.empty(self._states, np.uint8),
        )  # fmt: skip
        found: Array = np.unpackbits(bits.view(np.uint8), axis=1, bitorder="little", count=len(nodes)).view(
            np.bool_
        )
        return found

    def _leading(self) -> Array:
        """Mark the states from which walks go on to where one may end; none where each of them may be an end."""
        if self._search is None or not (self.parameters.downstream and self.asked.ask.product):
            return np.zeros(0, np.uint8)
        marks = np.zeros(self._states, np.uint8)
        marks[self._accepted()] = 1
        kernels.leading(
            self._ways, self.index.arcs, self.asked.keep, self.asked.goods, self.asked.ask, self._search.space,
            self._search.stamp, self._states, marks,
        )  # fmt: skip
        return marks

    def _accepted(self) -> Array:
        """Return the states in which a walk may end."""
        if self._search is None:
            return NO_NODES
        allowed = np.zeros(self._states, np.uint8)
        kernels.ends(self.asked.goods, self.asked.ask, self._search.space, self._states, allowed)
        return np.flatnonzero(allowed).astype(np.uint32)

    def _reached(self) -> tuple[Array, Array]:
        assert self._search is not None
        space, states = self._search.space, self._accepted()
        tiers = space.cost[space.best[states]] >> BITS
        order = np.argsort(tiers, kind="stable")
        nodes, first = np.unique(space.actor[states][order], return_index=True)
        return nodes, tiers[order][first].astype(np.int32)

    def end_states(self) -> tuple[Array, Array, Array, Array, Array]:
        """Return the states in which a walk may end and that a designation may touch, in the order of their costs.

        Returns
        -------
        states, nodes, hops, products, tiers : arrays
            For each state its node, the hop next to the traced end as its number in `HOPS`, the number of the product
            of the supply link there, and its smallest number of tiers.
        """
        states, downstream = self._accepted(), self.parameters.downstream
        if self._search is None:
            return (NO_NODES,) * 5
        space = self._search.space
        if not downstream:
            states = states[self.designated.marked[space.actor[states]] != 0]
        elif not self.designated.marked[self.node]:
            states = states[:0]
        cost = space.cost[space.best[states]]
        states, tiers = states[np.argsort(cost, kind="stable")], np.sort(cost) >> BITS
        hops = space.kind[states] >> (7 if downstream else 0) & 7
        return states, space.actor[states], hops, space.ending[states], tiers

    def ends(self, nodes: Sequence[int] | Array | None = None) -> list[End]:
        """Return the same states one by one; those of some nodes alone, where they are given."""
        every = self.end_states()[:4]
        if nodes is not None:
            wanted = np.isin(every[1], nodes)
            every = every[0][wanted], every[1][wanted], every[2][wanted], every[3][wanted]
        columns = (column.tolist() for column in every)
        return [
            End(state, node, HOPS[hop], self.index.product(product))
            for state, node, hop, product in zip(*columns, strict=True)
        ]

    def lives(self, end: End, spans: Spans) -> bool:
        """Return whether some walk to an end lives on a day of some spans."""
        return any(
            first <= until and since <= last for since, until in self._lived(end) for first, last in spans
        )

    def _lived(self, end: End) -> Iterator[tuple[int, int]]:
        """Yield the days of the asked time on which walks to an end live."""
        assert self._search is not None
        space = self._search.space
        label = space.labels[end.state]
        while label != NONE:
            yield int(space.start[label]), int(space.end[label])
            label = space.other[label]
