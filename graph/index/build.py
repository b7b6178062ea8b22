"""Building an index: the columns of a network, sorted into compressed sparse rows and written to a folder."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import asdict, astuple, dataclass
from pathlib import Path
from typing import TypedDict

import numpy as np

from opentier.graph.engine.arrays import NONE, Array
from opentier.graph.engine.columns import Keys, Packed, Strings, key, room, save
from opentier.graph.errors import StoreError
from opentier.graph.index.description import Description
from opentier.graph.index.format import ARCS, RECORDS, Tables
from opentier.graph.index.numbering import Numbers, Rows, Taken
from opentier.graph.index.opened import Index
from opentier.graph.index.products import goods
from opentier.graph.jobs.progress import Progress, silent
from opentier.graph.model import identifiers
from opentier.graph.model.characters import folded
from opentier.graph.model.dates import EVER, NEVER
from opentier.graph.network.links import Links
from opentier.graph.network.network import Actor, Designation, Network, Place
from opentier.graph.store.durable import sync

# --- From a network ----------------------------------------------------------------------------------------------


def build(network: Network, folder: Path, progress: Progress = silent) -> None:
    """Write the index of a network to `folder`, all of it or nothing; an index that is there stays."""
    iris = sorted(network.actors)
    rows = Rows.new(iris, network.products.values())
    folder.parent.mkdir(parents=True, exist_ok=True)
    read = taken(network, rows, folder.parent, progress)
    columns = read.columns
    small = Small.of(network, rows)
    actors = [network.actors[iri] for iri in iris]
    undescribed = rows.nodes.since(len(actors))
    places, kinds = Numbers[tuple[Place, ...]]([()]), Numbers(["actor"])
    nodes: dict[str, Array] = {
        "place": np.array([places(actor.places) for actor in actors] + [0] * len(undescribed), np.uint32),
        "kind": np.array([1 + kinds(actor.kind) for actor in actors] + [0] * len(undescribed), np.uint8),
    }
    texts: dict[str, Iterable[str]] = {
        "iri": rows.nodes.of,
        "name": [actor.name for actor in actors] + [""] * len(undescribed),
        "more": [more(actor) for actor in actors] + [""] * len(undescribed),
        "evidence": [said for _, said in network.told()],
    }
    pairs = [
        (word, number) for number, actor in enumerate(actors) for word in words(actor, network.names.base)
    ]
    pairs += [(iri, rows.nodes(iri)) for iri in undescribed]
    keys = {
        "node": _keys(pairs),
        "evidence": _keys((iri, number) for number, iri in enumerate(network.evidence)),
    }
    tables = small.tables(places.of, ["actor", *kinds.of], columns)
    tables.counts = {"ordered nodes": len(actors), "ordered records": len(read.records[0]) - 1}
    packed = {name: Strings.pack(said) for name, said in texts.items()}
    write(folder, tables, columns, nodes, {"record": read.records, "extra": read.extras} | packed, keys)


def taken(network: Network, rows: Rows, folder: Path | None, progress: Progress = silent) -> Taken:
    """Return the arcs of a network as columns: all at once where they are many links of a release, else arc by arc.

    Sources of a thousand characters and more, each another one, are too much at once for a million links.

    Parameters
    ----------
    folder
        Where something may be kept meanwhile; None stands for the system's own.
    """
    if not isinstance(network.arcs, Links) or network.arcs.few:
        return rows.read(network.arcs, progress)
    from opentier.graph.index import links, statements  # DuckDB takes a while to import

    with tempfile.TemporaryDirectory(prefix=".", dir=folder, ignore_cleanup_errors=True) as scratch:
        try:
            return links.columns(network.arcs, rows, Path(scratch), progress)
        except statements.TooMuch:
            return rows.read(network.arcs, progress)


def more(actor: Actor) -> str:
    """Return what is known of an actor beside its IRI and one name, as JSON; nothing where that is all."""
    said = {"names": actor.names, "members": actor.members, "identifiers": actor.identifiers}
    plain = {"names": (actor.name,), "members": (actor.iri,), "identifiers": ()}
    found = {name: value for name, value in said.items() if value != plain[name]}
    return json.dumps(found, ensure_ascii=False) if found else ""


def words(actor: Actor, base: str) -> Iterable[str]:
    """Yield what an actor is found by: the IRIs of its members, its names and its identifiers, both folded."""
    yield from dict.fromkeys((actor.iri, *actor.members))
    yield from dict.fromkeys(f"name:{folded(name)}" for name in actor.names)
    for identifier in actor.identifiers:
        yield f"identifier:{folded(identifiers.of_iri(identifier, base) or identifier)}"


def _keys(pairs: Iterable[tuple[str, int]]) -> tuple[Array, Array]:
    found = [(key(word), number) for word, number in pairs]
    hashes = np.array([hashed for hashed, _ in found], np.uint64)
    return Keys.pack(hashes, np.array([number for _, number in found], np.uint32))


@dataclass
class Small:
    """The small tables of a network, with the numbers that its arcs were given."""

    network: Network
    rows: Rows
    designations: list[dict[str, object]]
    inputs: list[list[int]]
    unsure: list[list[int]]
    successions: list[list[object]]

    @classmethod
    def of(cls, network: Network, rows: Rows) -> Small:
        """Number what the designations and the inputs of a network name, and the nodes that judgements join."""
        return cls(
            network,
            rows,
            [_entry(entry, rows) for entry in network.designations],
            [[rows.products(a), rows.products(b)] for a, b in network.inputs],
            _doubts(network, rows),
            [[rows.nodes(said.before), *astuple(said)] for said in network.successions],
        )

    def tables(
        self, places: Iterable[tuple[object, ...]], kinds: list[str], columns: Mapping[str, Array]
    ) -> Tables:
        """Return the tables; the counts are those of a new index."""
        rows, network = self.rows, self.network
        return Tables(
            release=network.release,
            base=network.names.base,
            counts={},
            products=[[product.iri, product.code, product.name] for product in rows.products.of],
            goods=[list(pair) for pair in rows.goods.of],
            confidences=list(rows.confidences.of),
            measures=[list(pair) for pair in rows.measures.of],
            datasets=list(rows.datasets.of),
            live=[True] * len(rows.datasets),
            places=[[[place.country, place.region] for place in listed] for listed in places],  # type: ignore[attr-defined]
            kinds=kinds,
            designations=self.designations,
            inputs=self.inputs,
            unsure=self.unsure,
            successions=self.successions,
            judged=[list(astuple(said)) for said in network.judged],
            disputed=network.disputed,
            merged=[list(pair) for pair in network.canonical.merged()],
            versions=[asdict(version) for version in network.versions.values()],
            **flags(columns),
        )


class Flags(TypedDict):
    """What arcs have at all."""

    dated: bool
    gaps: bool
    zero: bool
    valued: bool


def flags(columns: Mapping[str, Array]) -> Flags:
    """Return what arcs have at all: dates, declared tiers, hops that add no tier, values or quantities."""
    return {
        "dated": bool((columns["start"] != EVER).any() or (columns["end"] != NEVER).any()),
        "gaps": bool((columns["tiers"] > 1).any()),
        "zero": bool((columns["hop"] != 1).any()),
        "valued": bool((np.isfinite(columns["worth"]) | np.isfinite(columns["amount"])).any()),
    }


def _doubts(network: Network, rows: Rows) -> list[list[int]]:
    """Return the pairs of nodes that an unsure judgement joins, each way round."""
    found = set()
    for said in network.judged:
        left, right = network.canonical.find(said.left), network.canonical.find(said.right)
        if said.judgement == "unsure" and left != right:
            pair = rows.nodes(left), rows.nodes(right)
            found |= {pair, pair[::-1]}
    return sorted(map(list, found))


def _entry(entry: Designation, rows: Rows) -> dict[str, object]:
    said = asdict(entry)
    said["product"] = None if entry.product is None else rows.products(entry.product)
    said["scope"] = [rows.products(product) for product in entry.scope]
    said["place"] = None if entry.place is None else [entry.place.country, entry.place.region]
    said["node"] = None if entry.target is None else rows.nodes(entry.target)
    return said


# --- To a folder -------------------------------------------------------------------------------------------------


def write(
    folder: Path,
    tables: Tables,
    arcs: dict[str, Array],
    nodes: Mapping[str, Array],
    texts: Mapping[str, Packed],
    keys: Mapping[str, tuple[Array, Array]],
) -> None:
    """Write an index to a folder: first beside it, then renamed, so that it is there whole or not at all.

    Parameters
    ----------
    arcs : dict of arrays
        The columns of `format.ARCS`, in any order of arcs, and of `format.RECORDS`; they are taken out of the dict one
        by one.
    nodes : dict of arrays
        ``place`` and ``kind``, one row for each node.
    texts, keys
        Packed strings and keys; the counts of the tables say how many IRIs of nodes and records are in their own order.
    """
    many, count = len(nodes["place"]), len(arcs["head"])
    if count >= int(NONE):
        raise StoreError(f"{count} arcs are more than one index holds; split the data.")
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    tables.counts |= {"nodes": many, "arcs": count, "back": count}
    tables.counts |= {name: len(packed[0]) - 1 for name, packed in texts.items()}
    order = np.argsort(arcs["tail"], kind="stable")
    free = room(count)
    head = arcs["head"][order]
    for name in ARCS:
        save(draft, name, head if name == "head" else arcs[name][order], free)
        if name not in ("head", "tail"):
            del arcs[name]
    for name in RECORDS:
        save(draft, name, arcs.pop(name), room(tables.counts["record"]))
    tail = arcs.pop("tail")[order]
    del order, arcs["head"]
    back = np.argsort(head, kind="stable").astype(np.uint32)
    save(draft, "back.arc", back, free)
    save(draft, "back.other", tail[back], free)
    for name, ends in (("out", tail), ("back", head)):
        offsets = np.zeros(many + 1, np.uint32)
        np.cumsum(np.bincount(ends, minlength=many), out=offsets[1:])
        save(draft, f"{name}.begin", offsets[:-1], room(many))
        save(draft, f"{name}.end", offsets[1:], room(many))
    for name, column in nodes.items():
        save(draft, name, column, room(many))
    for name, packed in texts.items():
        Strings.save(draft, name, packed)
    for name, packed in keys.items():
        Keys.save(draft, f"key.{name}", packed)
    Description.write(draft, tables, goods(tables))
    try:
        draft.rename(folder)
        sync(folder.parent)
    except OSError:  # another process was faster
        shutil.rmtree(draft, ignore_errors=True)
        if not folder.is_dir():
            raise


def opened(network: Network, folder: Path) -> Index:
    """Build an index and open it."""
    build(network, folder)
    return Index.open(folder, network.release)
