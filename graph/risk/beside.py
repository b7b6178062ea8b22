"""What stands beside the exposures of a trace: incidents at reached sites, and likelihoods that bear on walked links.

Neither is an exposure, and none of the two is the other: nothing here changes a verdict, a count or a severity.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from opentier.graph.engine.arrays import NONE, Array
from opentier.graph.engine.hops import SUPPLY
from opentier.graph.index.opened import Index
from opentier.graph.network.network import Arc
from opentier.graph.risk.incidents import REFUTED, Incident, incidents
from opentier.graph.risk.likelihoods import WHY, Likelihood, Likelihoods
from opentier.graph.store.release import Release
from opentier.graph.trace.parameters import window
from opentier.graph.trace.walks import Trace


class Risks:
    """The incidents and likelihoods of a release, read when they are first asked for, each once."""

    def __init__(self, release: Release, index: Index) -> None:
        self._release, self._index = release, index

    @cached_property
    def incidents(self) -> list[Incident]:
        """The incidents that name a site."""
        return incidents(self._release)

    @cached_property
    def likelihoods(self) -> Likelihoods:
        """The likelihoods."""
        return Likelihoods(self._release, self._index.products)


@dataclass
class Bearing:
    """A likelihood that bears on a trace.

    Attributes
    ----------
    why
        By what, as in `WHY`.
    tier
        The tier of the nearest supplier or actor that it bears on.
    links
        How many walked supply links it bears on.
    """

    likelihood: Likelihood
    why: str
    tier: int
    links: int = 0

    @property
    def series(self) -> tuple[object, ...]:
        """What it has in common with others of other times."""
        said = self.likelihood
        return self.why, said.kind, said.indicators, said.subject, said.place, said.product, said.sector


class Beside:
    """What stands beside the exposures of one trace. What begins after the asked time is left out."""

    def __init__(self, trace: Trace, risks: Risks | None) -> None:
        self.trace, self.index = trace, trace.index
        self.risks = risks if trace.node is not None else None
        self._until = window(trace.parameters)[1]
        self._bearing: dict[tuple[int, int, str], list[tuple[Likelihood, str]]] = {}

    @cached_property
    def incidents(self) -> dict[str, list[Incident]]:
        """The incidents at reached actors and the root, by canonical IRI, the newest first; nearest actors first."""
        found: dict[str, list[Incident]] = defaultdict(list)
        for each in self.risks.incidents if self.risks else ():
            node = self.index.node(each.facility)
            if node is not None and node in self.tiers and each.begins <= self._until:
                found[self.index.iri(node)].append(each)
        ordered = sorted(found, key=lambda iri: (self.tier(iri), iri))
        return {
            iri: sorted(sorted(found[iri], key=lambda each: each.iri), key=lambda each: -each.begins)
            for iri in ordered
        }

    @cached_property
    def known(self) -> Likelihoods | None:
        """The likelihoods of the release, where it has any."""
        return self.risks.likelihoods if self.risks and self.risks.likelihoods else None

    @cached_property
    def likelihoods(self) -> list[Bearing]:
        """The likelihoods that bear on the trace, the newest of each series first: by what, then the nearest."""
        found: dict[tuple[str, str], Bearing] = {}
        for each in self.known.of_actors if self.known else ():
            node = self.index.node(each.subject or "")
            if node is not None and node in self.tiers and each.begins <= self._until:
                found[each.iri, "actor"] = Bearing(each, "actor", self.tiers[node])
        for place, product, dataset, links, tier in self._supplied() if self.known else ():
            for each, why in self._of(place, product, dataset):
                bearing = found.setdefault((each.iri, why), Bearing(each, why, tier))
                bearing.links, bearing.tier = bearing.links + links, min(bearing.tier, tier)
        newest = sorted(found.values(), key=lambda b: (-b.likelihood.begins, b.likelihood.iri))
        older: Counter[tuple[object, ...]] = Counter()
        ranked = []
        for bearing in newest:
            ranked.append((older[bearing.series], WHY.index(bearing.why), bearing.tier, bearing))
            older[bearing.series] += 1
        return [bearing for *_, bearing in sorted(ranked, key=lambda rank: rank[:3])]

    def at(self, arc: Arc) -> tuple[list[Incident], list[Likelihood]]:
        """Return what stands beside a hop: incidents at its end, the newest likelihood of each kind and indicator.

        What was refuted is told where incidents are listed, with that status, and on no hop.
        """
        happened = [each for each in self.incidents.get(arc.head, ()) if each.status != REFUTED]
        newest: dict[tuple[str, ...], Likelihood] = {}
        node = self.index.node(arc.head) if arc.kind == "supply" and self.known else None
        if node is not None:
            product = self.index.product_numbers[arc.product.iri] if arc.product else int(NONE)
            bearing = self._of(int(self.index.place[node]), product, arc.dataset)
            for each, why in sorted(bearing, key=lambda b: (WHY.index(b[1]), -b[0].begins, b[0].iri)):
                newest.setdefault((each.kind, why, *each.indicators), each)
        return happened, list(newest.values())

    @cached_property
    def tiers(self) -> dict[int, int]:
        """The tiers of the reached nodes and the root."""
        return dict(zip(self.trace.nodes.tolist(), self.trace.tier.tolist(), strict=True))

    def tier(self, iri: str) -> int:
        """Return the tier of a reached actor or the root, by canonical IRI."""
        node = self.index.node(iri)
        assert node is not None
        return self.tiers[node]

    def _of(self, place: int, product: int, dataset: str) -> list[tuple[Likelihood, str]]:
        """Return what bears on links of a dataset with a product, by number, from suppliers in a place, by number."""
        key = place, product, dataset
        found = self._bearing.get(key)
        if found is None:
            carried = self.index.product(product)
            known = self.known.touching(self.index.places[place], carried, dataset) if self.known else ()
            found = self._bearing[key] = [each for each in known if each[0].begins <= self._until]
        return found

    def _supplied(self) -> list[tuple[int, int, str, int, int]]:
        """Return the walked supply links by the supplier's place, product and dataset: how many, and the least tier."""
        index, arcs = self.index, self.index.arcs
        walked = self.trace.walked[arcs.hop[self.trace.walked] == SUPPLY]
        suppliers = arcs.head[walked]
        place, product = index.place[suppliers], index.goods.product[arcs.goods[walked]]
        dataset, products = arcs.dataset[walked], len(index.every_product)
        numbered = np.where(product == NONE, products, product).astype(np.int64)
        key = (place.astype(np.int64) * (products + 1) + numbered) * len(index.tables.datasets) + dataset
        _, first, which, many = np.unique(key, return_index=True, return_inverse=True, return_counts=True)
        tiers = np.full(len(many), np.iinfo(np.int64).max)
        np.minimum.at(tiers, which, self._tiers_of(suppliers))
        return [
            (int(place[at]), int(product[at]), index.tables.datasets[dataset[at]], int(count), int(tier))
            for at, count, tier in zip(first, many, tiers, strict=True)
        ]

    def _tiers_of(self, nodes: Array) -> Array:
        """Return the tiers of reached nodes."""
        order = np.argsort(self.trace.nodes)
        found: Array = self.trace.tier[order][np.searchsorted(self.trace.nodes[order], nodes)].astype(
            np.int64
        )
        return found
