"""Additions to an index from a release: what a new version of one dataset adds to the index of the release before."""

from __future__ import annotations

from opentier.graph.index.build import Small, taken
from opentier.graph.index.extension import Addition, NoRoom
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
            node = self.index.node(thing)
            found = self.seen[thing] = len(self.index) + super().__call__(thing) if node is None else node
        return found


class _Behind(Numbers[str]):
    """Numbers behind those that an index has given."""

    def __init__(self, count: int, *known: str) -> None:
        super().__init__()
        self.first, self.known = count, known

    def __call__(self, thing: str) -> int:
        """Return the number of a text."""
        return 0 if thing in self.known else self.first + super().__call__(thing)


def beyond(index: Index, nodes: Numbers[str] | None = None) -> Rows:
    """Return numbers for what new arcs name: those that an index has given, and new ones behind them."""
    known = index.tables
    return Rows(
        _Known(index) if nodes is None else nodes, Numbers(index.every_product),
        Numbers((product, made) for product, made in known.goods),
        Numbers(known.confidences), Numbers(known.datasets), _Behind(known.counts["record"]),
        _Behind(known.counts["extra"], ""), Numbers((currency, unit) for currency, unit in known.measures),
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
    known = index.tables
    nodes = _Known(index)
    codes = [number for number, name in enumerate(known.datasets) if name == dataset]
    rows = beyond(index, nodes)
    rows.datasets.of = {name: number for name, number in rows.datasets.of.items() if name != dataset}
    rows.datasets.of |= {dataset: len(known.datasets)}
    _same(index, network, dataset)
    read = taken(network, rows, None if index.folder is None else index.folder.parent)
    columns = read.columns
    if len(columns["head"]) > _PART * known.counts["arcs"] + 10_000:
        raise NoRoom
    small = Small.of(network, rows)
    for iri in network.actors:
        nodes(iri)
    fresh = [network.actors.get(iri, iri) for iri in nodes.since(0)]
    places = Numbers([tuple((c, r) for c, r in listed) for listed in known.places])
    kinds = Numbers(known.kinds[1:])
    for actor in fresh:
        if isinstance(actor, Actor):
            places(tuple((place.country, place.region) for place in actor.places))
            kinds(actor.kind)
    tables = small.tables((), ["actor", *kinds.of], columns)
    tables.places = [[list(place) for place in listed] for listed in places.of]
    tables.datasets = [*known.datasets, dataset]
    tables.live = [*known.live, True]
    return Addition(
        columns=columns,
        records=read.records,
        tables=tables,
        extras=read.extras,
        actors=fresh,
        evidence=[said for said in network.told() if _told(index, said[0]) is None],
        dead=codes,
    )


def _same(index: Index, network: Network, dataset: str) -> None:
    """Raise NoRoom unless every known actor, product and piece of evidence stays what it is."""
    before, now = {tuple(pair) for pair in index.tables.merged}, set(network.canonical.merged())
    if before - now or any(index.node(member) is not None for member, _ in now - before):
        raise NoRoom
    versions = {*index.versions.items()} ^ {*network.versions.items()}
    if any(name != dataset for name, _ in versions):  # what another dataset says now is not in this network
        raise NoRoom
    named, said = {product.iri: product for product in index.every_product}, network.products
    if any(named.get(iri, said[iri]) != said[iri] for iri in said) or index.products.keys() - said.keys():
        raise NoRoom
    if any(_told(index, iri) not in (None, told) for iri, told in network.evidence.items()):
        raise NoRoom
    for iri, actor in network.actors.items():
        node = index.node(iri)
        if node is not None and index.actor(node) != actor:
            raise NoRoom
    if any(name == dataset for name in index.tables.datasets) or dataset in index.versions:
        described = {iri for iri in index.actors if index.names.id(iri).partition("/")[0] == dataset}
        if described - set(network.actors):
            raise NoRoom


def _told(index: Index, iri: str) -> dict[str, str] | None:
    """Return what an index says of a piece of evidence; None where it does not know it."""
    return index.evidence(iri) if index.keys["evidence"].find(iri) else None
