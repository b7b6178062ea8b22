"""Additions to an index from a release: what a new version of one dataset adds to the index of the release before."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from itertools import chain, takewhile

import numpy as np

from opentier.graph.index.build import Small, taken
from opentier.graph.index.extension import Addition, NoRoom
from opentier.graph.index.format import ARCS
from opentier.graph.index.moves import Moving
from opentier.graph.index.numbering import Numbers, Rows
from opentier.graph.index.opened import Index
from opentier.graph.network.network import Actor, Network

#: Of all links, how many may be new before a new index is better.
_PART = 0.1


class _Known(Numbers[str]):
    """Numbers of nodes: those of an index, and new ones behind them."""

    def __init__(self, index: Index) -> None:
        super().__init__()
        self.index = index
        self.seen: dict[str, int] = {}

    def __call__(self, thing: str) -> int:
        """Return the number of a node."""
        found = self.seen.get(thing)
        if found is None:
            found = self.index.node(thing)
            if (
                found is None or self.index.iri(found) != thing
            ):  # who was one with another is a node of his own now
                found = len(self.index) + super().__call__(thing)
            self.seen[thing] = found
        return found


class _Behind(Numbers[str]):
    """Numbers behind those that an index has given, but for what it knows by some of these."""

    def __init__(self, count: int, known: Mapping[str, int] = {}) -> None:
        super().__init__()
        self.first, self.known = count, dict(known)

    def __call__(self, thing: str) -> int:
        """Return the number of a text."""
        number = self.known.get(thing)
        return self.first + super().__call__(thing) if number is None else number


def beyond(index: Index, nodes: Numbers[str] | None = None) -> Rows:
    """Return numbers for what new arcs name: those that an index has given, and new ones behind them."""
    known = index.tables
    datasets = enumerate(zip(known.datasets, known.live, strict=True))
    return Rows(
        _Known(index) if nodes is None else nodes, Numbers(index.every_product),
        Numbers((product, made) for product, made in known.goods), Numbers(known.confidences),
        _Behind(len(known.datasets), {name: number for number, (name, live) in datasets if live}),
        _Behind(known.counts["record"]), _Behind(known.counts["extra"], {"": 0}),
        Numbers((currency, unit) for currency, unit in known.measures),
    )  # fmt: skip


def addition(index: Index, network: Network, dataset: str) -> Addition:
    """Return what a new version of a dataset adds to the index of the release before.

    Parameters
    ----------
    network
        The network of the new release, with the arcs, actors and evidence of that dataset only.

    Raises
    ------
    NoRoom
        If it needs a new index.
    """
    known, nodes = index.tables, _Known(index)
    rows, dead = beyond(index, nodes), _linking(index, dataset)
    if dead:
        del rows.datasets.known[dataset]  # type: ignore[attr-defined]
    moving = Moving(
        index, network, np.array(known.live, np.bool_) & ~np.isin(np.arange(len(known.live)), dead)
    )
    _same(index, network, dataset, moving.others)
    moves = moving.moves(rows)
    if network.again:
        network = replace(network, arcs=chain(network.arcs, network.again))
    read = taken(network, rows, None if index.folder is None else index.folder.parent)
    columns = read.columns | {
        name: np.concatenate([moves.columns[name], read.columns[name]]) for name in ARCS
    }
    if len(columns["head"]) > _PART * known.counts["arcs"] + 10_000:
        raise NoRoom
    small = Small.of(network, rows)
    for iri in network.actors:
        nodes(iri)
    fresh, anew = [network.actors.get(iri, iri) for iri in nodes.since(0)], dict(_anew(index, network))
    places = Numbers([tuple((c, r) for c, r in listed) for listed in known.places])
    kinds = Numbers(known.kinds[1:])
    for actor in (*fresh, *anew.values()):
        if isinstance(actor, Actor):
            places(tuple((place.country, place.region) for place in actor.places))
            kinds(actor.kind)
    tables = small.tables((), ["actor", *kinds.of], columns)
    tables.places = [[list(place) for place in listed] for listed in places.of]
    tables.datasets = [*known.datasets, *rows.datasets.of]
    tables.live = [*known.live, *[True] * len(rows.datasets)]
    return Addition(
        columns=columns,
        records=read.records,
        tables=tables,
        extras=read.extras,
        actors=fresh,
        evidence=[said for said in network.told() if _told(index, said[0]) is None],
        dead=dead,
        out=moves.out,
        back=moves.back,
        anew=anew,
        gone=moves.gone,
    )


def _linking(index: Index, dataset: str) -> list[int]:
    """Return the numbers of a dataset that count and have arcs."""
    known, numbers = index.tables, index.columns["dataset"][: index.tables.counts["arcs"]]
    named = enumerate(zip(known.datasets, known.live, strict=True))
    return [
        number for number, (name, live) in named if name == dataset and live and (numbers == number).any()
    ]


def _anew(index: Index, network: Network) -> Iterator[tuple[int, Actor | str]]:
    """Yield the nodes that are described otherwise now, with the actor, or the IRI of one whom nobody describes."""
    for iri in sorted(network.whole):
        node, actor = index.node(iri), network.actors.get(iri)
        if node is None or index.iri(node) != iri:
            continue
        if actor != (index.actor(node) if index.described(node) else None):
            yield node, actor or iri


def _same(index: Index, network: Network, dataset: str, others: Collection[str]) -> None:
    """Raise NoRoom unless all that is known and not read whole stays what it is: actors, products and evidence."""
    if any(
        index.node(name) is not None and network.canonical.find(name) not in network.whole for name in others
    ):
        raise NoRoom
    versions = {*index.versions.items()} ^ {*network.versions.items()}
    if any(name != dataset for name, _ in versions):  # what another dataset says now is not in this network
        raise NoRoom
    named, said = {product.iri: product for product in index.every_product}, network.products
    if any(named.get(iri, said[iri]) != said[iri] for iri in said) or index.products.keys() - said.keys():
        raise NoRoom
    if any(_told(index, iri) not in (None, told) for iri, told in network.evidence.items()):
        raise NoRoom
    before = _evidenced(index, dataset) if dataset in index.versions else ()
    if any(iri not in network.evidence for iri in before):  # a document that went is not held
        raise NoRoom
    for iri in network.actors.keys() - {*network.whole}:
        node = index.node(iri)
        if node is not None and index.actor(node) != network.actors[iri]:
            raise NoRoom
    if set(_described(index, dataset)) - network.actors.keys() - {*network.whole}:
        raise NoRoom


def _described(index: Index, dataset: str) -> Iterator[str]:
    """Yield the actors of a dataset that an index knows to be described."""
    ordered, own = index.tables.counts["ordered nodes"], f"{index.names.base}{dataset}/"
    first = bisect_left(range(ordered), own, key=index.iri)
    begun = takewhile(lambda node: index.iri(node).startswith(own), range(first, ordered))
    for node in chain(begun, range(ordered, len(index))):
        if index.described(node) and (iri := index.iri(node)).startswith(own):
            yield iri


def _evidenced(index: Index, dataset: str) -> Iterator[str]:
    """Yield the evidence of a dataset that an index knows, without reading that of others."""
    told, count = index.strings["evidence"], index.tables.counts["evidence"]
    own = f"{index.names.base}{dataset}/"
    named = re.compile(b'"iri": "(' + re.escape(own.encode()) + b'[^"]*)"')
    for each in named.finditer(told.heap[: int(told.ends[count])].data):
        yield each[1].decode()


def _told(index: Index, iri: str) -> dict[str, str] | None:
    """Return what an index says of a piece of evidence; None where it does not know it."""
    return index.evidence(iri) if index.keys["evidence"].find(iri) else None
