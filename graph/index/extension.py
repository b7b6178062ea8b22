"""Additions to an index: new links put behind the old ones, in the room that every column keeps free.

The links of a node that gets new ones are written once more, old and new together, and its place in the rows is
changed; nothing else moves. Links of a dataset version that was replaced or withdrawn stay, marked as not live. Where
judgements join actors or part them, their links go from one node to another, and so do those of their neighbours (see
`moves`). What cannot be said in this way (a known actor is described otherwise, no room is left) needs a new index.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from opentier.graph.engine.arrays import Array
from opentier.graph.engine.columns import NO_TEXTS, Keys, Mode, Packed, Strings, load, spread
from opentier.graph.index.actors import describe
from opentier.graph.index.build import flags, more, words
from opentier.graph.index.description import Description
from opentier.graph.index.format import ARCS, ENDS, NODES, RECORDS, Tables
from opentier.graph.index.opened import Index
from opentier.graph.index.products import goods
from opentier.graph.network.network import Actor

NO_ROWS: Array = np.zeros(0, np.int64)


@dataclass
class Addition:
    """What is added to an index: arcs and records as columns numbered as the index numbers, and what they name that is
    new.

    Attributes
    ----------
    dead
        Numbers of datasets whose arcs count no longer.
    actors
        The new nodes: actors, or the IRIs of nodes that nobody describes.
    out, back
        The rows that are let go, of those out and of those back.
    anew
        Nodes that are described otherwise now: actors, or the IRIs of those whom nobody describes any more.
    gone
        Nodes that are nobody any more.
    """

    columns: dict[str, Array]
    records: Packed
    tables: Tables
    extras: Packed = NO_TEXTS
    actors: Sequence[Actor | str] = ()
    evidence: Sequence[tuple[str, str]] = ()
    dead: Iterable[int] = ()
    out: Array = field(default_factory=lambda: NO_ROWS)
    back: Array = field(default_factory=lambda: NO_ROWS)
    anew: Mapping[int, Actor | str] = field(default_factory=dict)
    gone: Collection[int] = ()


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
    opened = _opened(index, addition, keep)
    tables = addition.tables
    counts = dict(index.tables.counts)
    _nodes(opened, addition, counts)
    _records(opened, addition, counts["record"])
    for name, texts in (("record", addition.records), ("extra", addition.extras)):
        _texts(opened, name, texts, counts)
    evidence = Strings.pack(said for _, said in addition.evidence)
    for number, (iri, _) in enumerate(addition.evidence, counts["evidence"]):
        opened.keys["evidence"].add(iri, number)
    _texts(opened, "evidence", evidence, counts)
    patched = _patch(opened, addition, counts)
    dead = set(addition.dead)
    live = [known and number not in dead for number, known in enumerate(tables.live)]
    before, now = index.tables, flags(addition.columns)
    anew, gone = _otherwise(before, addition)
    tables = replace(
        tables, counts=counts, live=live, anew=anew, gone=gone, dated=before.dated or now["dated"],
        gaps=before.gaps or now["gaps"], zero=before.zero or now["zero"], valued=before.valued or now["valued"],
    )  # fmt: skip
    products = _goods(index, tables)
    folder = index.folder if keep else None
    if folder is not None:
        known = Description.read(folder, index.release)
        Description.write(folder, tables, products | patched | _more(opened), known)
    if tables.anew or tables.gone:  # to us alone: others have these columns open
        opened.columns |= {
            name: load(folder, name) if folder else opened.columns[name].copy() for name in NODES
        }
        describe(tables, opened.columns)
    found = Index(tables, opened.columns | products, opened.strings, opened.keys, folder, patched)
    if len(found) == len(index):
        found.pool = index.pool
    found.before = index  # until its bound is made of that one's (see `nearest`)
    index.before = None
    return found


def _goods(index: Index, tables: Tables) -> dict[str, Array]:
    """Return the columns of the products, made anew only where what they are made of has changed."""

    def listed(said: Tables) -> set[tuple[object, ...]]:
        return {(entry["product"], *entry["scope"]) for entry in said.designations}

    known = index.tables
    named = tables.products == known.products and tables.inputs == known.inputs
    if not named or (tables.designations is not known.designations and listed(tables) != listed(known)):
        return goods(tables)
    return {name: column for name, column in index.columns.items() if name.startswith("goods.")}


def _opened(index: Index, addition: Addition, keep: bool) -> Index:
    """Open the columns once more, as mappings of our own; `keep` lets what is added reach the files.

    The first addition to an index that is kept nowhere takes the room of its columns, which the index never reads.
    """
    folder = index.folder
    mode: Mode = "r+" if keep else "c"
    if keep and folder is not None:
        _afford(folder)
    names = [name for name in index.columns if not name.startswith("goods.")]
    if folder is None:
        assert not keep, "what is in memory only cannot be kept"
        columns = {name: index.columns[name].copy() for name in names}
        texts = {name: Strings(said.ends.copy(), said.heap.copy()) for name, said in index.strings.items()}
    elif not keep and index.room.acquire(blocking=False):
        columns = {name: load(folder, name) if name in ENDS else index.columns[name] for name in names}
        texts = index.strings
    else:
        columns = {name: load(folder, name, "c" if name in ENDS else mode) for name in names}
        texts = {name: Strings.open(folder, name, mode) for name in index.strings}
    for name in ENDS:
        side, _, end = name.partition(".")
        nodes, rows = index.patches[f"patch.{side}.nodes"], index.patches[f"patch.{side}.{end}"]
        columns[name][nodes] = rows
    keys = {name: Keys(known.hashes, known.numbers) for name, known in index.keys.items()}
    for name, known in index.keys.items():
        keys[name].more = {hashed: list(numbers) for hashed, numbers in known.more.items()}
    products = {name: column for name, column in index.columns.items() if name.startswith("goods.")}
    return Index(index.tables, columns | products, texts, keys, folder, index.patches)


def _afford(folder: Path) -> None:
    """Raise OSError where the disk has less left than the room in the columns: through a mapping, a full disk ends the
    process, whatever it was about to say.
    """
    files = [item.stat() for item in folder.iterdir()]
    holes = sum(max(0, file.st_size - file.st_blocks * 512) for file in files)
    if shutil.disk_usage(folder).free < holes:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(folder))


def _records(index: Index, addition: Addition, count: int) -> None:
    """Add what is printed of records behind the first `count`."""
    for name in RECORDS:
        column, new = index.columns[name], addition.columns[name]
        if count + len(new) > len(column) or new.dtype.itemsize > column.dtype.itemsize:
            raise NoRoom
        column[count : count + len(new)] = new


def _texts(index: Index, name: str, texts: Packed, counts: dict[str, int]) -> None:
    if not index.strings[name].append(counts[name], texts):
        raise NoRoom
    counts[name] += len(texts[0]) - 1


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
        for name in ENDS:
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
    named = [actor.name if isinstance(actor, Actor) else "" for actor in actors]
    known = [more(actor) if isinstance(actor, Actor) else "" for actor in actors]
    for node, actor in addition.anew.items():
        for word in words(actor, index.names.base) if isinstance(actor, Actor) else ():
            index.keys["node"].add(word, node)
    for name, texts in (("iri", iris), ("name", named), ("more", known)):
        _texts(index, name, Strings.pack(texts), counts)
    counts["nodes"] += len(actors)


def _otherwise(before: Tables, addition: Addition) -> tuple[list[list[Any]], list[int]]:
    """Return what the tables say of nodes that are otherwise than their columns say, and of those that are gone."""
    places = {tuple(map(tuple, listed)): number for number, listed in enumerate(addition.tables.places)}
    anew, gone = {said[0]: said for said in before.anew}, {*before.gone, *addition.gone}
    for node, actor in addition.anew.items():
        if isinstance(actor, Actor):
            where = places[tuple((place.country, place.region) for place in actor.places)]
            kind = 1 + addition.tables.kinds[1:].index(actor.kind)
            anew[node] = [node, actor.name, more(actor), where, kind]
        else:
            anew[node] = [node, "", "", places[()], 0]
    return [said for node, said in sorted(anew.items()) if node not in gone], sorted(gone)


def _patch(index: Index, addition: Addition, counts: dict[str, int]) -> dict[str, Array]:
    """Write the arcs of the nodes that get or lose some behind the others; return the changed places in the rows."""
    columns, new, patched = index.columns, addition.columns, dict(index.patches)
    gone = columns["tail"][addition.out], columns["head"][columns["back.arc"][addition.back]]
    count, lists = counts["arcs"], _Lists(columns, "out", new["tail"], addition.out, gone[0], counts["arcs"])
    numbers = lists.fresh.astype(np.uint32)
    for name in ARCS:
        if new[name].dtype.itemsize > columns[name].dtype.itemsize:
            raise NoRoom
        lists.write(columns[name], new[name])
    lists.place(columns, patched)
    counts["arcs"] = count + lists.size
    lists = _Lists(columns, "back", new["head"], addition.back, gone[1], counts["back"])
    lists.write(columns["back.arc"], numbers)
    lists.write(columns["back.other"], new["tail"])
    lists.place(columns, patched)
    counts["back"] += lists.size
    return patched


class _Lists:
    """The lists of the nodes that get or lose rows, on their way behind the first `count` rows of one direction.

    Parameters
    ----------
    new : shape (new rows,)
        The nodes that get rows.
    gone, of
        The rows that are let go, and the nodes that lose them.

    Attributes
    ----------
    fresh : int64, shape (new rows,)
        Where each new row goes: behind the old ones of its node.
    size
        How many rows are written, old and new.
    """

    def __init__(
        self, columns: dict[str, Array], side: str, new: Array, gone: Array, of: Array, count: int
    ) -> None:
        self.side, self.nodes = side, np.union1d(new, of)
        begin, end = (columns[f"{side}.{name}"][self.nodes].astype(np.int64) for name in ("begin", "end"))
        rows = spread(begin, end)
        stay = ~np.isin(rows, gone)
        self.old, owner = rows[stay], np.repeat(np.arange(len(self.nodes)), end - begin)[stay]
        place = np.searchsorted(self.nodes, new)
        owners = np.concatenate([owner, place])
        order = np.argsort(owners, kind="stable")  # the old rows of a node before its new ones
        many = np.bincount(owners, minlength=len(self.nodes))
        self.size = len(owners)
        self.end = count + np.cumsum(many)
        self.begin = self.end - many
        at = np.empty(self.size, np.int64)
        at[order] = np.arange(count, count + self.size)
        self.kept, self.fresh = at[: len(owner)], at[len(owner) :]

    def write(self, column: Array, new: Array) -> None:
        """Copy the old rows of a column and write the new ones."""
        if self.size and int(self.end[-1]) > len(column):
            raise NoRoom
        column[self.kept] = column[self.old]
        column[self.fresh] = new

    def place(self, columns: dict[str, Array], patched: dict[str, Array]) -> None:
        """Change where the rows of the nodes begin and end, and note it."""
        for name, rows in (("begin", self.begin), ("end", self.end)):
            columns[f"{self.side}.{name}"][self.nodes] = rows
        every = np.unique(np.concatenate([patched[f"patch.{self.side}.nodes"], self.nodes.astype(np.uint32)]))
        patched[f"patch.{self.side}.nodes"] = every
        for name in ("begin", "end"):
            patched[f"patch.{self.side}.{name}"] = columns[f"{self.side}.{name}"][every]


def _more(index: Index) -> dict[str, Array]:
    """Return the keys that were added, as columns."""
    found = {}
    for name, known in index.keys.items():
        pairs = [(hashed, number) for hashed, numbers in known.more.items() for number in numbers]
        found[f"more.{name}.hash"] = np.array([hashed for hashed, _ in pairs], np.uint64)
        found[f"more.{name}.number"] = np.array([number for _, number in pairs], np.uint32)
    return found
