"""The trace: which actors a walk reaches, at which tier, and by which paths (trace.md has the rules)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, partial

import numpy as np

from opentier.graph.engine import kernels
from opentier.graph.engine.arrays import FULL, NONE, Array, Ways
from opentier.graph.engine.columns import spread
from opentier.graph.engine.workspace import parts
from opentier.graph.index.opened import Index
from opentier.graph.jobs.progress import Progress, silent
from opentier.graph.network.network import Arc
from opentier.graph.trace.parameters import Parameters
from opentier.graph.trace.paths import Path, is_simple, path, rank
from opentier.graph.trace.plain import NO_BITS, allowed, dead_ends
from opentier.graph.trace.states import NO_NODES, End, Spans, States

#: Partial paths taken up for one exposure before the search for more paths is given up.
MAX_PARTIAL_PATHS = 20_000
#: Those taken up for a path that leaves an actor out before that is left to a search.
MAX_DETOURS = 2_000
#: Partial paths that are kept for that at most.
_PARTS = 1 << 18


class Trace(States):
    """A finished search over an index.

    Attributes
    ----------
    root
        The IRI of the traced actor.
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
        within: Array = NO_BITS,
        progress: Progress = silent,
    ) -> None:
        super().__init__(index, node, parameters, without, within, progress)
        self.root, self.truncated = root, False
        self._arcs: dict[int, Arc] = {}

    @cached_property
    def tiers(self) -> dict[str, int]:
        """The smallest number of tiers of every reached actor, by IRI; the root has 0."""
        if self.node is None:
            return {self.root: 0}
        return {self.index.iri(node): int(tier) for node, tier in zip(self.nodes, self.tier, strict=True)}

    def without(self, node: int, ends: Sequence[int]) -> Trace:
        """Return the same trace as it would be if no walk went on from a node, as far as it leads to some others.

        Its tiers and costs are none where nothing that is asked depends on them.
        """
        behind = self._before(self.nodes, np.array(ends, np.uint32))
        root = None if self.node is None else int(self.node)
        found = Trace(self.index, self.root, root, self.parameters, node, behind.seen)
        self.index.pool.give(behind)
        return found

    def beside(self, node: int, each: Sequence[Sequence[End]]) -> Array:
        """Mark those of some sets of ends to one of which the search came by a walk that leaves a node out."""
        assert self._search is not None
        finals = np.array([end.state for ends in each for end in ends], np.uint32)
        found, last = np.zeros(len(each), np.bool_), np.cumsum([len(ends) for ends in each])
        kernels.beside(self._search.space, finals, last.astype(np.int64), np.uint32(node), found)
        return found

    def passes(self, node: int, ends: Sequence[End], spans: Spans = ()) -> bool:
        """Return whether a path to any of some ends is soon found that leaves a node out; if not, there may be one.

        Where there are spans, it lives on a day of one of them.
        """
        end = self._back.end.copy()
        end[node] = self._back.begin[node]
        back = self._back._replace(end=end)
        return any(self._sought(ends, span, back, 1, MAX_DETOURS)[0] for span in self._spans(spans))

    def paths(self, ends: Sequence[End], wanted: int, spans: Spans = ()) -> list[Path]:
        """Return the best paths to any of some ends: by tiers, confidence descending, then IRIs.

        The IRIs of records and actors are compared from the traced end. Where there is no path that repeats no actor,
        a walk of the search stands for it. Where there are spans, paths live on a day of one of them.
        """
        found: dict[tuple[Arc, ...], Path] = {}
        for span in self._spans(spans):
            found |= {each.arcs: each for each in self._paths(ends, wanted, span)}
        ordered = list(found.values())
        if len(spans) > 1:
            ordered.sort(key=partial(rank, downstream=self.parameters.downstream))
        return ordered[:wanted] or [min((self._walk(end) for end in ends), key=rank)]

    def _spans(self, spans: Spans) -> Spans:
        """Return some spans; where there are none, the asked time."""
        return spans or ((self.asked.keep.since, self.asked.keep.until),)

    def _paths(self, ends: Sequence[End], wanted: int, span: tuple[int, int]) -> list[Path]:
        found, given_up = self._sought(ends, span, self._back, wanted, MAX_PARTIAL_PATHS)
        self.truncated |= given_up
        turn = -1 if self.parameters.downstream else 1
        product = self.parameters.product is not None
        return [path(list(map(self.arc, numbers[::turn])), asked=product) for numbers in found]

    def _sought(
        self, ends: Sequence[End], span: tuple[int, int], back: Ways, wanted: int, most: int
    ) -> tuple[list[list[int]], bool]:
        """Return the arcs of the best paths to any of some ends, from those on, and whether more were given up."""
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
            back, self.index.arcs, keep, asked.goods, asked.ask, self.index.texts,
            self._search.space, self._search.stamp, self.node, asked.ask.number,
            np.array([end.state for end in ends], np.uint32), most, self._search.parts, out, out_ends,
        )  # fmt: skip
        given_up = found < 0
        many = -1 - found if given_up else found
        return [out[out_ends[i] : out_ends[i + 1]].tolist() for i in range(many)], given_up

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

    @cached_property
    def walked(self) -> Array:
        """The numbers of the arcs that admissible walks take."""
        if self.node is None:
            return NO_NODES
        return self._walked_plainly() if self.asked.plain else self._arcs_of_states(refused=False)

    @cached_property
    def refused(self) -> Array:
        """The numbers of the supply links behind others that no walk takes, and some would but for their product."""
        if self.node is None or self.asked.product is None:
            return NO_NODES
        return np.setdiff1d(self._arcs_of_states(refused=True), self.walked)

    def _arcs_of_states(self, *, refused: bool) -> Array:
        assert self._search is not None
        marks, size = self._leading(), 4096
        while True:
            out = np.empty(size, np.uint32)
            found = kernels.walked(
                self._ways, self.index.arcs, self.asked.keep, self.asked.goods, self.asked.ask,
                self._search.space, self._search.stamp, self._states, marks, refused,
                out,
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
        return dead_ends(self.index, self.nodes)


def trace(index: Index, root: str | int, parameters: Parameters, progress: Progress = silent) -> Trace:
    """Search all admissible walks from `root`: a node, or the IRI of a canonical actor where only that is known."""
    if isinstance(root, str):
        return Trace(index, root, index.node(root), parameters, progress=progress)
    return Trace(index, index.iri(root), root, parameters, progress=progress)
