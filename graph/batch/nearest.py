"""The nearest exposures of an actor: the best paths to any exposed actor, found without tracing everything.

A lower bound is kept for each actor: the exact lowest cost of any walk to an exposed one, whatever the rules. Filters
only remove links, so it stays a bound under all of them, and a search led by it looks at little else than it prints.
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import overload

import numpy as np

from opentier.graph.batch.marks import Marks
from opentier.graph.engine import kernels
from opentier.graph.engine.arrays import BITS, FULL, NOTHING, NOWHERE, Array, Bound
from opentier.graph.engine.workspace import parts
from opentier.graph.errors import UsageError
from opentier.graph.exposure.exposures import expose
from opentier.graph.exposure.verdict import NONE_FOUND, lacking, verdict
from opentier.graph.index.description import digest
from opentier.graph.index.opened import Index
from opentier.graph.trace.asked import Asked
from opentier.graph.trace.parameters import Parameters
from opentier.graph.trace.paths import Path as TracePath
from opentier.graph.trace.paths import path
from opentier.graph.trace.walks import MAX_PARTIAL_PATHS, trace


@dataclass(frozen=True)
class NearestPaths(Sequence[TracePath]):
    """The paths that were found, which it is a sequence of, and whether there may be more of them.

    Attributes
    ----------
    paths
        By tiers, confidence descending, then IRIs from the root.
    truncated
        Whether the search was given up before it had all that were asked for.
    untestable
        Why no path is no answer, in sentences: nothing could be tested (see `Verdict`), or what is bought is listed,
        and by itself or by its place nobody is.
    """

    paths: tuple[TracePath, ...] = ()
    truncated: bool = False
    untestable: tuple[str, ...] = ()

    @overload
    def __getitem__(self, number: int) -> TracePath: ...

    @overload
    def __getitem__(self, number: slice) -> tuple[TracePath, ...]: ...

    def __getitem__(self, number: int | slice) -> TracePath | tuple[TracePath, ...]:
        return self.paths[number]

    def __len__(self) -> int:
        return len(self.paths)


def nearest(index: Index, root: str | int, parameters: Parameters) -> NearestPaths:
    """Return the best paths from an actor to any actor that a designation touches by itself or by its place.

    Parameters
    ----------
    root
        A node, or the IRI of a canonical actor where only that is known.
    parameters
        Those of a trace upstream; they filter the paths, and say which designations count and how many paths to find.

    Notes
    -----
    A* (Hart, Nilsson and Raphael 1968) over partial simple paths. The bound is computed once for a release: Dijkstra's
    search from all exposed actors over reversed links.

    Raises
    ------
    UsageError
        If downstream is asked for.
    """
    if parameters.downstream:
        raise UsageError("The nearest exposures are what lies upstream of an actor; leave downstream away.")
    node = index.node(root) if isinstance(root, str) else root
    if node is None:
        return NearestPaths()
    search = Nearest(index, parameters)
    found, truncated = search.find(node)
    product = parameters.product is not None
    paths = (path([index.arc(number) for number in numbers], asked=product) for numbers in found)
    untestable = tuple(lacking(search.touches, search.touches.index.designations))
    if not (found or truncated or untestable):
        traced = trace(index, node, parameters)
        said = verdict(traced, search.touches, expose(traced, touches=search.touches))
        untestable = () if said.result == NONE_FOUND else said.reasons
    return NearestPaths(tuple(paths), truncated, untestable)


class Nearest:
    """One question for many actors: what is the same for all of them, made once."""

    def __init__(self, index: Index, parameters: Parameters) -> None:
        self.index, self.asked, self.wanted = index, Asked.of(index, parameters), parameters.paths
        marked = Marks(index, parameters)
        self.touches, self.exposed, self.bound = marked.touches, marked.exposed, bound(index)
        if (self.exposed & ~self.bound.marked).any():  # what was exposed on another day
            self.bound = bounded(index, self.exposed)

    def find(self, node: int) -> tuple[list[list[int]], bool]:
        """Return the best paths from a node as numbers of arcs, and whether the search was given up."""
        index, asked, space = self.index, self.asked, self.index.pool.search()
        if space.parts is None:
            space.parts = parts(1 << 18)
        out, ends = np.empty(4096 + 64 * self.wanted, np.uint32), np.zeros(self.wanted + 1, np.int64)
        count = kernels.nearest(
            index.out, index.arcs, asked.keep, asked.goods, asked.ask, index.texts, self.bound.cost, self.exposed,
            np.uint32(node), asked.flag, asked.ask.number, MAX_PARTIAL_PATHS, space.parts, out, ends,
        )  # fmt: skip
        index.pool.give(space)
        truncated, count = count < 0, count if count >= 0 else -1 - count
        return [out[ends[i] : ends[i + 1]].tolist()[::-1] for i in range(count)], truncated


def bounded(index: Index, marked: Array) -> Bound:
    """Compute the bound for some exposed nodes."""
    found = Bound(marked, np.full(len(index), NOWHERE, np.int64))
    sources = np.flatnonzero(marked).astype(np.uint32)
    if index.tables.zero or index.tables.gaps:
        found.cost[sources] = 0
        _lower(index, found.cost, sources)
    else:
        keep, queue = Asked.of(index, Parameters()).keep, np.empty(len(index), np.uint32)
        done = np.zeros((len(index) + 63) // 64, np.uint64)
        kernels.level_bound(index.back, index.arcs, keep, index.costs, sources, found.cost, queue, done)
    return found


def _lower(index: Index, cost: Array, sources: Array) -> None:
    """Carry lower costs of some nodes on to all nodes that reach them: what new links make necessary."""
    keep, size = Asked.of(index, Parameters()).keep, 2 * len(index) + 1024
    before = cost.copy()
    while (
        kernels.bound(
            index.back, index.arcs, keep, index.costs, sources, cost,
            np.empty(size, np.uint32), np.empty(size, np.int64),
        ) == FULL
    ):  # fmt: skip
        size, cost[:] = size * 4, before


def bound(index: Index) -> Bound:
    """Return the bound of an index for the designations that count today; computed once, and kept in its folder."""
    if index.bound is None:
        index.bound = _read(index) or _computed(index)
    return index.bound


def _read(index: Index) -> Bound | None:
    """Return the bound that lies in the folder of an index."""
    file = _file(index)
    if file is None or not file.is_file():
        return None
    try:
        with file.open("rb") as opened:
            cost = np.load(opened)
            said = opened.read()
        fits = cost.shape == (len(index),) and cost.dtype == np.int64 and said == _seal(index, file, cost)
    except Exception:  # whatever is wrong with it, it is computed anew
        return None
    return Bound(Marks(index, Parameters()).exposed, cost) if fits else None


def _seal(index: Index, file: Path, cost: Array) -> bytes:
    """Return what stands behind a bound in its file: a digest of it and of the description of the index it is of."""
    known = digest(file.parent, index.release)
    return hashlib.blake2b(cost.data, key=known, digest_size=16).digest()


def _computed(index: Index) -> Bound:
    marked, before, index.before = Marks(index, Parameters()).exposed, index.before, None
    found = bounded(index, marked) if before is None else _carried(before, index, marked)
    _write(index, found.cost)
    return found


def _write(index: Index, cost: Array) -> None:
    """Keep a bound in the folder of an index, if it has one."""
    file = _file(index)
    if file is None:
        return
    draft = file.with_name(f".{file.name}.{os.getpid()}.{threading.get_ident()}.npy")
    try:
        with draft.open("wb") as opened:
            np.save(opened, cost)
            opened.write(_seal(index, file, cost))
        draft.replace(file)
    except OSError:  # a folder that is gone or closed to us; whoever asks next computes it again
        draft.unlink(missing_ok=True)


def _carried(before: Index, index: Index, marked: Array) -> Bound:
    """Return the bound of an index from that of the index to which it is an addition."""
    live, known = before.tables.live, None
    if index.tables.live[: len(live)] == live and index.tables.merged == before.tables.merged:
        known = before.bound or _read(before)
    was = np.zeros(len(index), np.uint8)
    was[: len(before)] = 0 if known is None else known.marked
    if known is None or (was & ~marked).any():  # what is gone may have been the way
        return bounded(index, marked)
    found = Bound(marked, np.full(len(index), NOWHERE, np.int64))
    found.cost[: len(before)] = known.cost
    fresh = np.flatnonzero(marked & ~was)
    found.cost[fresh] = 0
    numbers = np.arange(before.tables.counts["arcs"], index.tables.counts["arcs"])
    numbers = numbers[np.array(index.tables.live, np.bool_)[index.arcs.dataset[numbers]]]
    rest = found.cost[index.arcs.head[numbers]]
    numbers, rest = numbers[rest != NOWHERE], rest[rest != NOWHERE]
    sure = (rest & NOTHING) + index.costs[index.arcs.confidence[numbers]]
    cost = ((rest >> BITS) + index.arcs.tiers[numbers] << BITS) | np.minimum(sure, NOTHING)
    tails = index.columns["tail"][numbers]
    lower = cost < found.cost[tails]
    np.minimum.at(found.cost, tails[lower], cost[lower])
    _lower(index, found.cost, np.unique(np.concatenate([fresh, tails[lower]])).astype(np.uint32))
    return found


def _file(index: Index) -> Path | None:
    return index.folder and index.folder / f"{index.release}.bound.npy"
