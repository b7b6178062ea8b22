"""Who buys from whom in an answer, and who else buys from those whom it names: where leverage is shared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import numpy as np

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

    def links(self) -> list[Json]:
        """Return how many walked links stand between each two reached actors."""
        index, walked = self.index, self.trace.walked
        pairs = Counter(
            zip(index.columns["tail"][walked].tolist(), index.arcs.head[walked].tolist(), strict=True)
        )
        iris = {node: index.iri(node) for pair in pairs for node in pair}
        named = sorted((iris[tail], iris[head], count) for (tail, head), count in pairs.items())
        return [{"from": tail, "to": head, "count": count} for tail, head, count in named]

    def others(self, iri: str) -> list[Json]:
        """Return the buyers of an actor that this trace does not reach, the first of them by IRI."""
        index, node = self.index, self.index.node(iri)
        assert node is not None
        rows = slice(int(index.back.begin[node]), int(index.back.end[node]))
        arcs, buyers = index.back.arc[rows], index.back.other[rows]
        live = self._live[index.arcs.dataset[arcs]]
        found = buyers[(index.arcs.hop[arcs] == SUPPLY) & live & ~self._reached[buyers]]
        others = sorted(index.iri(buyer) for buyer in set(found.tolist()))
        return [self.objects.named(other) for other in others[:_NAMED]]

    def shared(self, exposures: Iterable[Exposure]) -> list[Json]:
        """Return the exposed actors that others buy from, too."""
        exposed = dict.fromkeys(e.actor for e in exposures if e.state == "current")
        found = ((iri, self.others(iri)) for iri in exposed if self.index.node(iri) is not None)
        return [{"actor": self.objects.named(iri), "buyers": buyers} for iri, buyers in found if buyers]
