"""The trace: which actors a walk reaches, at which tier, and by which paths (trace.md has the rules).

A walk's state is everything that decides what may come next or what an end means: the actor, the last hop, the carried
product, and downstream the hop and product next to the traced end. Where all that is the actor alone (`Asked.plain`)
the tiers come from a breadth-first search, and states are searched only for actors that lie before an exposed one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np

from opentier.graph.engine import kernels
from opentier.graph.engine.arrays import BITS, FULL, NONE, Array, Ways
from opentier.graph.engine.hops import HOPS
from opentier.graph.engine.workspace import Reach, Search, parts
from opentier.graph.index.columns import spread
from opentier.graph.index.network import Arc
from opentier.graph.index.opened import Index
from opentier.graph.model.products import Product
from opentier.graph.trace.asked import Asked
from opentier.graph.trace.parameters import Parameters
from opentier.graph.trace.paths import Path, is_simple, path, rank
from opentier.graph.trace.plain import allowed, reach

#: Partial paths taken up for one exposure before the search for more paths is given up.
MAX_PARTIAL_PATHS = 20_000
#: Partial paths that are kept for that at most.
_PARTS = 1 << 18
#: Days from the first to the last of each.
Spans = Sequence[tuple[int, int]]
_NO_NODES: Array = np.zeros(0, np.uint32)
_NO_BITS: Array = np.zeros(0, np.uint64)


@dataclass(frozen=True, slots=True)
class End:
    """A state in which a walk may end: the reached node, the hop next to the traced end and that link's product."""

    state: int
    node: int
    hop: str
    product: Product | None


class Trace:
    """A finished search over an index.

    Attributes
    ----------
    nodes, tier : arrays, shape (reached,)
        The reached nodes, the root among them, and the smallest number of tiers of each.
    truncated
        Whether the search for more paths of some end was given up.
    """

    def __init__(
        self,
        index: Index,
        root: str,
        node: int | None,
        parameters: Parameters,
        without: int | None = None,
    ) -> None:
        self.index, self.root, self.parameters, self._without = index, root, parameters, without
        self.asked = Asked.of(index, parameters)
        self.designated = index.designated
        self.node = None if node is None else np.uint32(node)
        self.truncated = False
        self._search: Search | None = None
        self._states, self._mask = 0, _NO_BITS
        self._arcs: dict[int, Arc] = {}
        self.nodes, self.tier = self._reach()

    def __del__(self) -> None:
        search = getattr(self, "_search", None)
        if search is not None:
            self.index.pool.give(search)

    @cached_property
    def tiers(self) -> dict[str, int]:
        """The smallest number of tiers of every reached actor, by IRI; the root has 0."""
        if self.node is None:
            return {self.root: 0}
        return {self.index.iri(node): int(tier) for node, tier in zip(self.nodes, self.tier, strict=True)}

    # --- Searching -----------------------------------------------------------------------------------------------

    def without(self, node: int) -> Trace:
        """Return the same trace as it would be if no walk went on from a node."""
        return Trace(
            self.index, self.root, None if self.node is None else int(self.node), self.parameters, node
        )

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
            return _NO_NODES, np.zeros(0, np.int32)
        sources = np.array([self.node], np.uint32)
        if not self.asked.plain:
            self._run(sources)
            return self._reached()
        ways = None if self._without is None else self._ways
        nodes, tier = reach(self.index, self.asked, sources, downstream=self.parameters.downstream, ways=ways)
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
        """Return a workspace in which those reached nodes are marked from which a designated one can be reached."""
        inside, behind = self.index.pool.reach(), self.index.pool.reach()
        kernels.mark(inside.seen, reached)
        inside.found = len(reached)
        inside.queue[: len(reached)] = reached
        behind.found, _ = kernels.reach(
            self._back, self._ways, self.index.arcs, self.asked.keep, marked, self.asked.ask.most,
            inside.seen, behind.seen, behind.front, behind.queue, behind.levels, False,
        )  # fmt: skip
        self.index.pool.give(inside)
        return behind

    def _run(self, sources: Array, mask: Array = _NO_BITS) -> None:
        """Search the states, at the nodes marked in a bitmap only where there is one."""
        asked, self._search = self.asked, self.index.pool.search()
        while True:
            stamp = self._search.next()
            states, _ = kernels.search(
                self._ways, self.index.arcs, asked.keep, asked.goods, asked.ask, sources, asked.flag,
                mask, self._search.space, stamp,
            )  # fmt: skip
            if states != FULL:
                break
            self._search.grow()
        self._states, self._mask = states, mask.copy()

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

    def _accepted(self) -> Array:
        """Return the states in which a walk may end."""
        if self._search is None:
            return _NO_NODES
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

    # --- Ends and paths ------------------------------------------------------------------------------------------

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
            return (_NO_NODES,) * 5
        space = self._search.space
        if not downstream:
            states = states[self.designated.marked[space.actor[states]] != 0]
        elif not self.designated.marked[self.node]:
            states = states[:0]
        cost = space.cost[space.best[states]]
        states, tiers = states[np.argsort(cost, kind="stable")], np.sort(cost) >> BITS
        hops = space.kind[states] >> (7 if downstream else 0) & 7
        return states, space.actor[states], hops, space.ending[states], tiers

    def ends(self) -> list[End]:
        """Return the same states one by one."""
        columns = (column.tolist() for column in self.end_states()[:4])
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

    def paths(self, ends: Sequence[End], wanted: int, spans: Spans = ()) -> list[Path]:
        """Return the best paths to any of some ends: by tiers, confidence descending, then IRIs.

        The IRIs of records and actors are compared from the traced end. Where there is no path that repeats no actor,
        a walk of the search stands for it. Where there are spans, paths live on a day of one of them.
        """
        found: dict[tuple[Arc, ...], Path] = {}
        for span in spans or ((self.asked.keep.since, self.asked.keep.until),):
            found |= {each.arcs: each for each in self._paths(ends, wanted, span)}
        ordered = list(found.values())
        if len(spans) > 1:
            ordered.sort(key=partial(rank, downstream=self.parameters.downstream))
        return ordered[:wanted] or [min((self._walk(end) for end in ends), key=rank)]

    def _paths(self, ends: Sequence[End], wanted: int, span: tuple[int, int]) -> list[Path]:
        assert self._search is not None
        if self._search.parts is None:
            self._search.parts = parts(_PARTS)
        asked = self.asked
        keep = asked.keep
        if span != (keep.since, keep.until):
            keep = keep._replace(
                since=max(keep.since, span[0]), until=min(keep.until, span[1]), some_time=True
            )
        out, out_ends = np.empty(4096 + 64 * wanted, np.uint32), np.zeros(wanted + 1, np.int64)
        found = kernels.paths(
            self._back, self.index.arcs, keep, asked.goods, asked.ask, self.index.texts,
            self._search.space, self._search.stamp, self.node, asked.ask.number,
            np.array([end.state for end in ends], np.uint32), MAX_PARTIAL_PATHS, self._search.parts, out, out_ends,
        )  # fmt: skip
        if found < 0:
            self.truncated, found = True, -1 - found
        turn = -1 if self.parameters.downstream else 1
        each = [out[out_ends[i] : out_ends[i + 1]].tolist()[::turn] for i in range(found)]
        product = self.parameters.product is not None
        return [path(list(map(self.arc, numbers)), asked=product) for numbers in each]

    def _walk(self, end: End) -> Path:
        """Return the walk by which the search came to a state first."""
        assert self._search is not None
        space, arcs = self._search.space, []
        label = space.best[end.state]
        while space.before[label] != NONE:
            arcs.append(self.arc(int(space.arc[label])))
            label = space.before[label]
        if not self.parameters.downstream:
            arcs.reverse()
        asked = self.asked.product
        return path(arcs, asked=asked is not None, simple=is_simple(arcs, asked))

    def arc(self, number: int) -> Arc:
        """Return an arc, the same object each time."""
        found = self._arcs.get(number)
        if found is None:
            found = self._arcs[number] = self.index.arc(number)
        return found

    # --- What was walked -----------------------------------------------------------------------------------------

    @cached_property
    def walked(self) -> Array:
        """The numbers of the arcs that admissible walks take."""
        if self.node is None:
            return _NO_NODES
        return self._walked_plainly() if self.asked.plain else self._arcs_of_states(refused=False)

    @cached_property
    def refused(self) -> Array:
        """The numbers of the supply links behind others that no walk takes, and some would but for their product."""
        if self.node is None or self.asked.product is None:
            return _NO_NODES
        return np.setdiff1d(self._arcs_of_states(refused=True), self.walked)

    def _arcs_of_states(self, *, refused: bool) -> Array:
        assert self._search is not None
        size = 4096
        while True:
            out = np.empty(size, np.uint32)
            found = kernels.walked(
                self._ways, self.index.arcs, self.asked.keep, self.asked.goods, self.asked.ask,
                self._search.space, self._search.stamp, self._states, refused, out,
            )  # fmt: skip
            if found != FULL:
                return np.unique(out[:found])
            size *= 4

    def _walked_plainly(self) -> Array:
        ways = self._ways
        nodes = self.nodes[self.tier < self.asked.ask.most]
        begin, end = ways.begin[nodes].astype(np.int64), ways.end[nodes].astype(np.int64)
        rows = spread(begin, end)
        arcs = ways.arc[rows] if len(ways.arc) else rows.astype(np.uint32)
        return np.sort(allowed(self.index, self.asked, arcs))

    def gaps(self) -> list[Arc]:
        """Return the walked arcs that stand for more than one tier, one for each record, by record."""
        if not self.index.tables.gaps:
            return []
        walked = self.walked
        arcs = [self.arc(int(number)) for number in walked[self.index.arcs.tiers[walked] > 1]]
        return [arc for _, arc in sorted({arc.record: arc for arc in arcs}.items())]

    def bare(self) -> int:
        """Return how many reached actors have no supply link upstream at all."""
        return 1 if self.node is None else int(self.dead_ends().sum())

    def dead_ends(self) -> Array:
        """Mark the reached nodes that have no supply link upstream at all: there the trace ends for lack of data."""
        marks, live = np.zeros(len(self.nodes), np.bool_), np.array(self.index.tables.live, np.bool_)
        kernels.bare(self.index.out, self.index.arcs, live, self.nodes, marks)
        return marks


def trace(index: Index, root: str | int, parameters: Parameters) -> Trace:
    """Search all admissible walks from `root`: a node, or the IRI of a canonical actor where only that is known."""
    if isinstance(root, str):
        return Trace(index, root, index.node(root), parameters)
    return Trace(index, index.iri(root), root, parameters)
