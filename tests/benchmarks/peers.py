"""The peers networkx and igraph, each doing the work in the fastest way that its users would write.

The databases are in `stores`. A peer that is not installed is listed as such. A peer has those of the works
`reach`, `reach_filtered`, `whole`, `paths`, `nearest`, `shares`, `distinct` that it can express; what it prepares
once per graph is in `load` and `prepare`, and never timed. Answers come in the peer's natural form; `read` turns
those of reaches into arrays.
"""

from __future__ import annotations

import gc
from collections.abc import Iterable
from importlib import import_module, metadata, util
from itertools import islice, pairwise
from typing import Any, ClassVar

import numpy as np

from tests.benchmarks.chains import Array, Chain
from tests.benchmarks.table import available, resident

#: The most that a graph in networkx may take, and about what a link takes there, by what it carries.
ROOM = 12 << 30
BYTES = {"plain": 250, "reverse": 250, "multi": 900, "costed": 400, "weighted": 400}


class DoesNotFit(Exception):
    """The peer cannot hold the graph; says why."""


class Peer:
    """A library that does some of the works."""

    name: ClassVar[str]
    #: What it is fed by.
    needs: ClassVar[tuple[str, ...]] = ()
    #: The most links it is asked to hold.
    largest: ClassVar[int] = 20_000_000
    #: What its answers lack, by work.
    lacks: ClassVar[dict[str, str]] = {}

    def __init__(self) -> None:
        self.chain: Chain
        self.installed = all(util.find_spec(name) for name in (self.name, *self.needs))
        self.version = metadata.version(self.name) if self.installed else ""

    @property
    def module(self) -> Any:
        return import_module(self.name)

    def load(self, chain: Chain) -> None:
        self.chain = chain

    def prepare(self, kind: str) -> Any:
        """Build what a kind of work needs besides: plain, reverse, multi, costed or weighted."""

    def close(self) -> None:
        """Let go of what is held."""

    def read(self, answer: Any) -> tuple[Array, Array | None]:
        """Return the reached actors, and their tiers where the answer has any."""
        return np.fromiter(answer, np.int64, len(answer)), np.fromiter(answer.values(), np.int64, len(answer))


class NetworkX(Peer):
    """Pure Python; graphs without attributes where none are asked for. Holds one graph at a time."""

    name = "networkx"

    def load(self, chain: Chain) -> None:
        super().load(chain)
        self.kind, self.graph = "", None

    def close(self) -> None:
        self.graph = None
        gc.unfreeze()

    def read(self, answer: Any) -> tuple[Array, Array | None]:
        """Tiers are counted from the source, where there is one."""
        first = 1 if "source" in answer else 0
        actors, tiers = super().read({a: t for a, t in answer.items() if a != "source"})
        return actors, None if tiers is None else tiers - first

    def prepare(self, kind: str) -> Any:
        """Return the graph of a kind: plain, reverse, multi, costed or weighted.

        Behind the exposed actors there is a "sink" in the costed one, and a "source" in the reverse.
        """
        if self.kind != kind:
            self.kind, self.graph = "", None
            gc.unfreeze()
            gc.collect()
            needed = BYTES[kind] * self.chain.links
            if needed > min(ROOM, available()):
                raise DoesNotFit(f"its graph would take about {needed / 2**30:.0f} GiB")
            self.graph = self._build(kind)
            self.kind = kind
            # So that no later collection walks it: that would slow all timings around.
            gc.collect()
            gc.freeze()
        return self.graph

    def _build(self, kind: str) -> Any:
        chain, nx = self.chain, self.module
        buyers, suppliers = chain.buyer.tolist(), chain.supplier.tolist()
        graph = nx.MultiDiGraph() if kind == "multi" else nx.DiGraph()
        graph.add_nodes_from(range(chain.actors))
        if kind == "plain":
            graph.add_edges_from(zip(buyers, suppliers, strict=True))
        elif kind == "reverse":
            graph.add_edges_from(zip(suppliers, buyers, strict=True))
            graph.add_edges_from(("source", actor) for actor in chain.exposed.tolist())
        elif kind == "multi":
            columns = chain.start.tolist(), chain.end.tolist(), chain.sure.tolist()
            graph.add_edges_from(
                (buyer, supplier, {"start": start, "end": end, "confidence": sure})
                for buyer, supplier, start, end, sure in zip(buyers, suppliers, *columns, strict=True)
            )
        else:
            pairs, numbers = costs(chain) if kind == "costed" else weights(chain)
            rows = zip(pairs[0].tolist(), pairs[1].tolist(), numbers.tolist(), strict=True)
            graph.add_weighted_edges_from(rows)
        if kind == "costed":
            graph.add_weighted_edges_from((actor, "sink", 0.0) for actor in chain.exposed.tolist())
        return graph

    def reach(self, root: int, max_tier: int) -> Any:
        return self.module.single_source_shortest_path_length(self.prepare("plain"), root, cutoff=max_tier)

    def whole(self, root: int) -> Any:
        return self.module.single_source_shortest_path_length(self.prepare("plain"), root)

    def reach_filtered(self, root: int, max_tier: int, day: int, least_confidence: float) -> Any:
        graph = self.prepare("multi")

        def fits(buyer: int, supplier: int, key: int) -> bool:
            link = graph.get_edge_data(buyer, supplier, key)
            return bool(link["start"] <= day <= link["end"] and link["confidence"] >= least_confidence)

        view = self.module.subgraph_view(graph, filter_edge=fits)
        return self.module.single_source_shortest_path_length(view, root, cutoff=max_tier)

    def paths(self, root: int, many: int) -> list[list[int]]:
        found = self.module.shortest_simple_paths(self.prepare("costed"), root, "sink", weight="weight")
        return [path[:-1] for path in islice(found, many)]

    def nearest(self) -> Any:
        return self.module.single_source_shortest_path_length(self.prepare("reverse"), "source")

    def shares(self, rounds: int) -> list[float]:
        graph = self.prepare("weighted")
        exposed = set(self.chain.exposed.tolist())
        old = [1.0 if actor in exposed else 0.0 for actor in range(self.chain.actors)]
        for _ in range(rounds):
            new = old.copy()
            for buyer, links in graph.adjacency():
                if buyer not in exposed:
                    new[buyer] = sum(link["weight"] * old[supplier] for supplier, link in links.items())
            old = new
        return old

    def distinct(self, sample: Iterable[int]) -> list[int]:
        graph, exposed = self.prepare("plain"), set(self.chain.exposed.tolist())
        lengths = self.module.single_source_shortest_path_length
        return [len(exposed & lengths(graph, actor).keys() - {actor}) for actor in sample]


class IGraph(Peer):
    """The C core; a filter is a new subgraph of the links that pass."""

    name = "igraph"
    lacks: ClassVar[dict[str, str]] = dict.fromkeys(("reach", "reach_filtered"), "no tiers, actors only")

    def load(self, chain: Chain) -> None:
        super().load(chain)
        made = np.unique(chain.buyer.astype(np.int64) * chain.actors + chain.supplier)
        self.graph = self._graph(*np.divmod(made, chain.actors))
        self.costed: Any = None

    def close(self) -> None:
        self.graph = self.costed = None

    def _graph(self, buyer: Array, supplier: Array, more: int = 0) -> Any:
        # Faster than from an array.
        edges = list(zip(buyer.tolist(), supplier.tolist(), strict=True))
        return self.module.Graph(n=self.chain.actors + more, edges=edges, directed=True)

    def read(self, answer: Any) -> tuple[Array, Array | None]:
        """A list of numbers is actors; a list of one list is distances."""
        if not isinstance(answer[0], list):
            return np.array(answer), None
        tiers = np.array(answer[0])
        actors = np.flatnonzero(np.isfinite(tiers[: self.chain.actors]))
        return actors, tiers[actors].astype(np.int64)

    def reach(self, root: int, max_tier: int) -> Any:
        return self.graph.neighborhood(root, order=max_tier, mode="out")

    def reach_filtered(self, root: int, max_tier: int, day: int, least_confidence: float) -> Any:
        fits = self.chain.live(day, least_confidence)
        graph = self._graph(self.chain.buyer[fits], self.chain.supplier[fits])
        return graph.neighborhood(root, order=max_tier, mode="out")

    def whole(self, root: int) -> Any:
        return self.graph.distances(root, mode="out")

    def prepare(self, kind: str) -> None:
        """Build the graph with costs and a sink behind the exposed."""
        if kind == "costed" and self.costed is None:
            pairs, numbers = costs(self.chain)
            exposed, sink = self.chain.exposed, self.chain.actors
            buyer = np.concatenate((pairs[0], exposed))
            self.costed = self._graph(buyer, np.concatenate((pairs[1], np.full(len(exposed), sink))), 1)
            self.costed.es["cost"] = np.concatenate((numbers, np.zeros(len(exposed)))).tolist()

    def paths(self, root: int, many: int) -> list[list[int]]:
        self.prepare("costed")
        sink = self.chain.actors
        found = self.costed.get_k_shortest_paths(root, to=sink, k=many, mode="out", weights="cost")
        return [path[:-1] for path in found]


def costs(chain: Chain) -> tuple[tuple[Array, Array], Array]:
    """Return the pairs that trade, and what the surest link between them costs on a path."""
    cost = 1000.0 - np.log2(chain.sure)
    order = np.lexsort((cost, chain.supplier, chain.buyer))
    buyer, supplier = chain.buyer[order].astype(np.int64), chain.supplier[order].astype(np.int64)
    first = np.ones(len(order), bool)
    first[1:] = (np.diff(buyer) != 0) | (np.diff(supplier) != 0)
    return (buyer[first], supplier[first]), cost[order][first]


def weights(chain: Chain) -> tuple[tuple[Array, Array], Array]:
    """Return the pairs that trade, and the part of the buyer's inputs between them."""
    key = chain.buyer.astype(np.int64) * chain.actors + chain.supplier
    made, place = np.unique(key, return_inverse=True)
    buyer, supplier = np.divmod(made, chain.actors)
    return (buyer, supplier), np.bincount(place, weights=chain.normalised())


def path_cost(chain: Chain, actors: list[int]) -> float:
    """Return what a path costs, over the surest link of every hop; infinite where there is no link."""
    order, begins = chain.rows
    total = 0.0
    for buyer, supplier in pairwise(actors):
        links = order[begins[buyer] : begins[buyer + 1]]
        sure = chain.sure[links[chain.supplier[links] == supplier]]
        total += 1000.0 - np.log2(sure.max()) if len(sure) else np.inf
    return float(total)


if __name__ == "__main__":
    import sys

    from tests.benchmarks.chains import make

    given = make(sys.argv[1])
    peer = NetworkX()
    peer.load(given)
    gc.collect()
    before = resident()[0]
    peer.prepare("multi")
    gc.collect()
    print((resident()[0] - before) / given.links)
