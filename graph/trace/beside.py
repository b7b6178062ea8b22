"""What a release says that its index does not hold, and that answers have to tell nevertheless.

Links that are kept and never walked, whatever is asked: closed ones without an end, and those of confidence 0; and what
people judged of identities that another dataset overrules.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import NamedTuple

import numpy as np

from opentier.graph.engine.arrays import Array
from opentier.graph.identity.judgements import Judged, overruled
from opentier.graph.index.opened import Index
from opentier.graph.network.network import Place
from opentier.graph.network.reading import places_of
from opentier.graph.store.release import Release

#: Why a link is never walked, with the limit that counts it.
LIMITS = {"closed": "links_closed_without_end", "doubted": "links_of_no_confidence"}


class Member(NamedTuple):
    """What an actor is called by its own records, "" where nothing is known, and where it is."""

    name: str
    places: tuple[Place, ...]


class Beside:
    """What a release says beside its index, by the nodes that it is said of.

    Parameters
    ----------
    ends
        The IRI of each link that is never walked, why not, and the IRI of an actor at one of its ends as it names it.
    overruled
        Judgements of people, each with the one of another dataset that counts instead.
    release
        Says what a member of a joined actor is called, and where it is.
    """

    def __init__(
        self,
        index: Index,
        ends: Iterable[tuple[str, ...]] = (),
        overruled: Iterable[tuple[Judged, Judged]] = (),
        release: Release | None = None,
    ) -> None:
        self.index, self._release = index, release
        self._members: dict[str, Member] = {}
        self._overruled = [
            ({index.node(said.left), index.node(said.right)}, said, by) for said, by in overruled
        ]
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
    def of(cls, release: Release, index: Index) -> Beside:
        """Return what a release says beside its index."""
        return cls(index, release.select("unwalked"), overruled(release), release)

    def member(self, iri: str) -> Member:
        """Return what is said of an actor alone, whoever is one with it."""
        found = self._members.get(iri)
        if found is None:
            said = list(self._release.of("actors", iri)) if self._release else []
            names = sorted(name for fields in said for name in fields.get("rdfs:label", ()))
            places = dict.fromkeys(place for fields in said for place in places_of(fields))
            found = self._members[iri] = Member(names[0] if names else "", tuple(places))
        return found

    def overruled(self, nodes: Collection[int]) -> list[tuple[Judged, Judged]]:
        """Return the judgements on some nodes that are overruled, each with what overrules it."""
        return [(said, by) for ends, said, by in self._overruled if any(end in nodes for end in ends)]

    def unwalked(self, nodes: Array, datasets: Iterable[str] = ()) -> dict[str, int]:
        """Return how many links are never walked that end at some nodes; of some datasets, where any are given."""
        kept = np.isin(self._node, nodes)
        if datasets:
            kept &= np.isin(self._dataset, [self._datasets.get(name, -1) for name in datasets])
        return {
            limit: len(np.unique(self._link[kept & (self._why == why)]))
            for why, limit in enumerate(LIMITS.values())
        }
