"""Links that are kept and never walked, whatever is asked: closed ones without an end, and those of confidence 0."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from opentier.graph.engine.arrays import Array
from opentier.graph.index.opened import Index
from opentier.graph.store.release import Release

#: Why a link is never walked, with the limit that counts it.
LIMITS = {"closed": "links_closed_without_end", "doubted": "links_of_no_confidence"}


class Unwalked:
    """Such links by the nodes at their ends.

    Parameters
    ----------
    ends
        The IRI of each link, why it is never walked, and the IRI of an actor at one of its ends as it names it.
    """

    def __init__(self, index: Index, ends: Iterable[tuple[str, ...]] = ()) -> None:
        self.index = index
        known = {iri: number for number, iri in enumerate(index.tables.datasets)}
        links: dict[str, int] = {}
        rows = []
        for link, why, actor in ends:
            dataset = index.names.id(link).partition("/")[0]
            node, number = index.node(actor), links.setdefault(link, len(links))
            if node is not None:
                rows.append((node, number, [*LIMITS].index(why), known.setdefault(dataset, len(known))))
        self._datasets = known
        self._node, self._link, self._why, self._dataset = np.array(rows, np.int64).reshape(-1, 4).T

    @classmethod
    def of(cls, release: Release, index: Index) -> Unwalked:
        """Return those of a release."""
        return cls(index, release.select("unwalked"))

    def limits(self, nodes: Array, datasets: Iterable[str] = ()) -> dict[str, int]:
        """Return how many of them have some nodes at their ends, of some datasets where any are given."""
        kept = np.isin(self._node, nodes)
        if datasets:
            kept &= np.isin(self._dataset, [self._datasets.get(name, -1) for name in datasets])
        return {
            limit: len(np.unique(self._link[kept & (self._why == why)]))
            for why, limit in enumerate(LIMITS.values())
        }
