"""Additions to an index: new links put behind the old ones, in the room that every column keeps free.

The links of a node that gets new ones are written once more, old and new together, and its place in the rows is
changed; nothing else moves. Links of a dataset version that was replaced or withdrawn stay, marked as not live. What
cannot be said in this way (two known actors become one, a known actor is described otherwise, no room is left) needs a
new index.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from opentier.graph.builder import Small, describe, flags, more, words
from opentier.graph.columns import Array, Keys, Mode, Strings, load
from opentier.graph.goods import goods
from opentier.graph.index import Index, spread
from opentier.graph.network import Actor, Network
from opentier.graph.rows import Numbers, Rows
from opentier.graph.scheme import ARCS, Tables

#: Of all links, how many may be new before a new index is better.
_PART = 0.1
_ENDS = ("out.begin", "out.end", "back.begin", "back.end")


@dataclass
class Addition:
    """What is added to an index: arcs as columns numbered as the index numbers, and what they name that is new.

    Attributes
    ----------
    dead
        Numbers of datasets whose arcs count no longer.
    actors
        The new nodes: actors, or the IRIs of nodes that nobody describes.
    """

    columns: dict[str, Array]
    records: Sequence[str]
    tables: Tables
    extras: Sequence[str] = ()
    actors: Sequence[Actor | str] = ()
    evidence: Sequence[tuple[str, str]] = ()
    dead: Iterable[int] = ()


class NoRoom(Exception):
    """An addition cannot be said in the room that is left; build a new index."""


def extended(index: Index, addition: Addition, *, keep: bool = False) -> Index:
    """Return an index with an addition; `keep` writes it to the folder, where it counts under its release.

    The given index stays as it is. Without `keep` the addition is in memory only: it has no folder, and nobody else
    sees it; another addition to it has to copy its columns.

    Raises
    ------
    NoRoom
        If it needs a new index.
    """
    opened = _opened(index, keep)
    tables = addition.tables
    counts = dict(index.tables.counts)
    _nodes(opened, addition, counts)
    for name, texts in (("record", addition.records), ("extra", addition.extras)):
        _texts(opened, name, texts, counts)
    evidence = [said for _, said in addition.evidence]
    for number, (iri, _) in enumerate(addition.evidence, counts["evidence"]):
        opened.keys["evidence"].add(iri, number)
    _texts(opened, "evidence", evidence, counts)
    patched = _patch(opened, addition.columns, counts)
    live = [known and number not in set(addition.dead) for number, known in enumerate(tables.live)]
    before, now = index.tables, flags(addition.columns)
    tables = replace(
        tables, counts=counts, live=live, dated=before.dated or now["dated"], gaps=before.gaps or now["gaps"],
        zero=before.zero or now["zero"],
    )  # fmt: skip
    products = goods(tables)
    folder = index.folder if keep else None
    if folder is not None:
        describe(folder, tables, products | patched | _more(opened))
    found = Index(tables, opened.columns | products, opened.strings, opened.keys, folder, patched)
    if len(found) == len(index):
        found.pool = index.pool
    found.__dict__["_before"] = index  # until its bound is made of that one's (see `nearest`)
    index.__dict__.pop("_before", None)
    return found


def _opened(index: Index, keep: bool) -> Index:
    """Open the columns once more, as mappings of our own; `keep` lets what is added reach the files."""
    folder = index.folder
    mode: Mode = "r+" if keep else "c"
    names = [name for name in index.columns if not name.startswith("goods.")]
    if folder is None:
        assert not keep, "what is in memory only cannot be kept"
        columns = {name: index.columns[name].copy() for name in names}
        texts = {name: Strings(said.ends.copy(), said.heap.copy()) for name, said in index.strings.items()}
    else:
        columns = {name: load(folder, name, "c" if name in _ENDS else mode) for name in names}
        texts = {name: Strings.open(folder, name, mode) for name in index.strings}
    for name in _ENDS:
        side, _, end = name.partition(".")
        nodes, rows = index.patches[f"patch.{side}.nodes"], index.patches[f"patch.{side}.{end}"]
        columns[name][nodes] = rows
    keys = {name: Keys(known.hashes, known.numbers) for name, known in index.keys.items()}
    for name, known in index.keys.items():
        keys[name].more = {hashed: list(numbers) for hashed, numbers in known.more.items()}
    products = {name: column for name, column in index.columns.items() if name.startswith("goods.")}
    return Index(index.tables, columns | products, texts, keys, folder, index.patches)


def _texts(index: Index, name: str, texts: Sequence[str], counts: dict[str, int]) -> None:
    if not index.strings[name].append(counts[name], texts):
        raise NoRoom
    counts[name] += len(texts)


def _nodes(index: Index, addition: Addition, counts: dict[str, int]) -> None:
    """Add nodes: no rows yet, a place, a kind, their texts and what they are found by."""
    first, actors = counts["nodes"], addition.actors
    if first + len(actors) > len(index.columns["place"]) or first + len(actors) > len(
        index.columns["out.begin"]
    ):
        raise NoRoom
    iris = [actor.iri if isinstance(actor, Actor) else actor for actor in actors]
    places = {tuple(map(tuple, listed)): number for number, listed in enumerate(addition.tables.places)}
    for number, actor in enumerate(actors, first):
        for name in _ENDS:
            index.columns[name][number] = 0
        if isinstance(actor, str):
            index.columns["place"][number], index.columns["kind"][number] = places[()], 0
            index.keys["node"].add(actor, number)
            continue
        where = tuple((place.country, place.region) for place in actor.places)
        index.columns["place"][number] = places[where]
        index.columns["kind"][number] = 1 + addition.tables.kinds[1:].index(actor.kind)
        for word in words(actor, index.names.base):
            index.keys["node"].add(word, number)
    _texts(index, "iri", iris, counts)
    _texts(index, "name", [actor.name if isinstance(actor, Actor) else "" for actor in actors], counts)
    _texts(index, "more", [more(actor) if isinstance(actor, Actor) else "" for actor in actors], counts)
    counts["nodes"] += len(actors)


def _patch(index: Index, new: dict[str, Array], counts: dict[str, int]) -> dict[str, Array]:
    """Write the arcs of the nodes that get new ones behind the others; return the changed places in the rows."""
    columns, patched = index.columns, dict(index.patches)
    count, added = counts["arcs"], len(new["tail"])
    nodes, order, old = _lists(columns, "out", new["tail"])
    if count + len(order) > len(columns["head"]):
        raise NoRoom
    for name in ARCS:
        if new[name].dtype.itemsize > columns[name].dtype.itemsize:
            raise NoRoom
        columns[name][count : count + len(order)] = np.concatenate([columns[name][old], new[name]])[order]
    numbers = np.empty(len(order), np.uint32)
    numbers[order] = np.arange(count, count + len(order), dtype=np.uint32)
    _place(columns, patched, "out", nodes, count, columns["tail"][count : count + len(order)])
    counts["arcs"] = count + len(order)
    behind = counts["back"]
    nodes, order, old = _lists(columns, "back", new["head"])
    if behind + len(order) > len(columns["back.arc"]):
        raise NoRoom
    ours = numbers[len(numbers) - added :]
    for name, fresh in (("back.arc", ours), ("back.other", new["tail"])):
        columns[name][behind : behind + len(order)] = np.concatenate([columns[name][old], fresh])[order]
    heads = np.concatenate([np.repeat(nodes, _sizes(columns, "back", nodes)), new["head"]])[order]
    _place(columns, patched, "back", nodes, behind, heads)
    counts["back"] = behind + len(order)
    return patched


def _sizes(columns: dict[str, Array], side: str, nodes: Array) -> Array:
    return columns[f"{side}.end"][nodes].astype(np.int64) - columns[f"{side}.begin"][nodes]


def _lists(columns: dict[str, Array], side: str, new: Array) -> tuple[Array, Array, Array]:
    """Return the nodes of new rows, the order of old and new rows by node, and the numbers of the old ones."""
    nodes = np.unique(new)
    begin, end = (columns[f"{side}.{name}"][nodes].astype(np.int64) for name in ("begin", "end"))
    ends = np.concatenate([np.repeat(nodes, end - begin), new])
    return nodes, np.argsort(ends, kind="stable"), spread(begin, end)


def _place(
    columns: dict[str, Array], patched: dict[str, Array], side: str, nodes: Array, first: int, ends: Array
) -> None:
    """Change where the rows of nodes begin and end, and note it."""
    begin = first + np.searchsorted(ends, nodes, "left")
    end = first + np.searchsorted(ends, nodes, "right")
    columns[f"{side}.begin"][nodes], columns[f"{side}.end"][nodes] = begin, end
    known = np.concatenate([patched[f"patch.{side}.nodes"], nodes.astype(np.uint32)])
    every = np.unique(known)
    patched[f"patch.{side}.nodes"] = every
    for name in ("begin", "end"):
        patched[f"patch.{side}.{name}"] = columns[f"{side}.{name}"][every]


def _more(index: Index) -> dict[str, Array]:
    """Return the keys that were added, as columns."""
    found = {}
    for name, known in index.keys.items():
        pairs = [(hashed, number) for hashed, numbers in known.more.items() for number in numbers]
        found[f"more.{name}.hash"] = np.array([hashed for hashed, _ in pairs], np.uint64)
        found[f"more.{name}.number"] = np.array([number for _, number in pairs], np.uint32)
    return found


# --- From a release ----------------------------------------------------------------------------------------------


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
        self.count, self.known = count, known

    def __call__(self, thing: str) -> int:
        """Return the number of a text."""
        return 0 if thing in self.known else self.count + super().__call__(thing)


def beyond(index: Index, nodes: Numbers[str] | None = None) -> Rows:
    """Return numbers for what new arcs name: those that an index has given, and new ones behind them."""
    known = index.tables
    return Rows(
        _Known(index) if nodes is None else nodes, Numbers(index.every_product),
        Numbers((product, made) for product, made in known.goods),
        Numbers(known.confidences), Numbers(known.datasets), _Behind(known.counts["record"]),
        _Behind(known.counts["extra"], ""),
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
    columns = rows.read(network.arcs)
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
        records=rows.records.since(0),
        tables=tables,
        extras=rows.extras.since(0),
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
