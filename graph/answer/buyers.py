"""Who buys from whom in an answer, and who else buys from those whom it names: where leverage is shared."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

import numpy as np

from opentier.graph.engine.arrays import Array
from opentier.graph.engine.columns import spread
from opentier.graph.engine.hops import SUPPLY
from opentier.graph.exposure.exposures import Exposure
from opentier.graph.exposure.objects import Json, Objects
from opentier.graph.trace.walks import Trace

#: Other buyers that are named of one actor.
_NAMED = 25


class Buyers:
    """The buyers of the actors of a trace, in it and beside it."""

    def __init__(self, trace: Trace, objects: Objects) -> None:
        self.trace, self.index, self.objects = trace, trace.index, objects
        self._live = np.array(trace.index.tables.live, np.bool_)
        self._reached = np.zeros(len(trace.index.back.begin), np.bool_)
        self._reached[trace.nodes] = True

    @cached_property
    def _iris(self) -> dict[int, str]:
        """The IRIs of the reached actors, and of the root, by node."""
        return {node: self.index.iri(node) for node in self.trace.nodes.tolist()}

    @cached_property
    def pairs(self) -> tuple[Array, Array, Array]:
        """The nodes between which walked links stand, from buyer to supplier, and how many each two have."""
        index, walked = self.index, self.trace.walked
        ends = index.columns["tail"][walked].astype(np.int64) << 32 | index.arcs.head[walked]
        pairs, counts = np.unique(ends, return_counts=True)
        return pairs >> 32, pairs & 0xFFFFFFFF, counts

    @cached_property
    def links(self) -> list[Json]:
        """How many walked links stand between each two reached actors."""
        iris, (tails, heads, counts) = self._iris, (each.tolist() for each in self.pairs)
        named = sorted(
            (iris[tail], iris[head], count) for tail, head, count in zip(tails, heads, counts, strict=True)
        )
        return [{"from": tail, "to": head, "count": count} for tail, head, count in named]

    def others(self, iri: str) -> list[Json]:
        """Return the buyers of an actor that this trace does not reach, the first of them by IRI."""
        node = self.index.node(iri)
        assert node is not None
        found, _ = self._elsewhere(np.array([node]))
        others = sorted(self.index.iri(buyer) for buyer in set(found.tolist()))
        return [self.objects.named(other) for other in others[:_NAMED]]

    def shared(self, exposures: Iterable[Exposure]) -> list[str]:
        """Return the IRIs of the exposed actors that others buy from, too."""
        exposed = dict.fromkeys(e.actor for e in exposures if e.state == "current")
        nodes = {iri: node for node, iri in self._iris.items() if iri in exposed}
        iris = [iri for iri in exposed if iri in nodes]
        _, which = self._elsewhere(np.array([nodes[iri] for iri in iris], np.int64))
        return [iris[number] for number in np.unique(which).tolist()]

    def _elsewhere(self, nodes: Array) -> tuple[Array, Array]:
        """Return the buyers of some actors that this trace does not reach, and of which of these each is one."""
        index = self.index
        begin, end = (each[nodes].astype(np.int64) for each in (index.back.begin, index.back.end))
        rows, which = spread(begin, end), np.repeat(np.arange(len(nodes)), end - begin)
        arcs, buyers = index.back.arc[rows], index.back.other[rows]
        live = self._live[index.arcs.dataset[arcs]]
        found = (index.arcs.hop[arcs] == SUPPLY) & live & ~self._reached[buyers]
        return buyers[found], which[found]
