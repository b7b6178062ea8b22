"""The nearest exposures of an actor: the best paths to any exposed actor, found without tracing everything.

A lower bound is kept for each actor: the exact lowest cost of any walk to an exposed one, whatever the rules. Filters
only remove links, so it stays a bound under all of them, and a search led by it looks at little else than it prints.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from opentier.graph import kernels
from opentier.graph.arrays import FULL, NOWHERE
from opentier.graph.batch import Marks
from opentier.graph.columns import Array
from opentier.graph.index import Index
from opentier.graph.parameters import Parameters
from opentier.graph.paths import Path as TracePath
from opentier.graph.paths import path
from opentier.graph.question import question
from opentier.graph.trace import MAX_PARTIAL_PATHS
from opentier.graph.workspace import parts


def nearest(index: Index, root: str, parameters: Parameters) -> tuple[list[TracePath], bool]:
    """Return the best paths from an actor to any actor that a designation touches by itself or by its place.

    Parameters
    ----------
    root
        The IRI of a canonical actor.
    parameters
        Those of a trace upstream; they filter the paths, and say which designations count and how many paths to find.

    Returns
    -------
    paths, truncated
        By tiers, confidence descending, then IRIs from the root; whether the search was given up before it had all.

    Notes
    -----
    A* (Hart, Nilsson and Raphael 1968) over partial simple paths. The bound is computed once for a release: Dijkstra's
    search from all exposed actors over reversed links.
    """
    node = index.node(root)
    if node is None:
        return [], False
    found, truncated = Nearest(index, parameters).find(node)
    product = parameters.product is not None
    return [path([index.arc(number) for number in numbers], asked=product) for numbers in found], truncated


class Nearest:
    """One question for many actors: what is the same for all of them, made once."""

    def __init__(self, index: Index, parameters: Parameters) -> None:
        self.index, self.asked, self.wanted = index, question(index, parameters), parameters.paths
        self.exposed, self.bound = Marks(index, parameters).exposed, bound(index)
        if (self.exposed & ~self.bound.marked).any():  # what was exposed on another day
            self.bound = Bound.of(index, self.exposed)

    def find(self, node: int) -> tuple[list[list[int]], bool]:
        """Return the best paths from a node as numbers of arcs, and whether the search was given up."""
        index, asked, space = self.index, self.asked, self.index.pool.search()
        if space.parts is None:
            space.parts = parts(1 << 18)
        out, ends = np.empty(4096 + 64 * self.wanted, np.uint32), np.zeros(self.wanted + 1, np.int64)
        count = kernels.nearest(
            index.out, index.arcs, asked.keep, index.goods, asked.ask, index.texts, self.bound.cost, self.exposed,
            np.uint32(node), asked.flag, asked.number, MAX_PARTIAL_PATHS, space.parts, out, ends,
        )  # fmt: skip
        index.pool.give(space)
        truncated, count = count < 0, count if count >= 0 else -1 - count
        return [out[ends[i] : ends[i + 1]].tolist()[::-1] for i in range(count)], truncated


class Bound:
    """The lowest cost of any walk from each node to an exposed one.

    Attributes
    ----------
    marked : uint8, shape (nodes,)
        The exposed nodes.
    cost : int64, shape (nodes,)
        Their distance as `costs` has it, `kernels.NOWHERE` where there is no way.
    """

    def __init__(self, marked: Array, cost: Array) -> None:
        self.marked, self.cost = marked, cost

    @classmethod
    def of(cls, index: Index, marked: Array) -> Bound:
        """Compute the bound for some exposed nodes."""
        found = cls(marked, np.full(len(index), NOWHERE, np.int64))
        sources = np.flatnonzero(marked).astype(np.uint32)
        found.cost[sources] = 0
        found.lower(index, sources)
        return found

    def lower(self, index: Index, sources: Array) -> None:
        """Carry lower costs of some nodes on to all nodes that reach them: what new links make necessary."""
        keep, size = question(index, Parameters()).keep, 2 * len(index) + 1024
        before = self.cost.copy()
        while (
            kernels.bound(
                index.back, index.arcs, keep, index.costs, sources, self.cost,
                np.empty(size, np.uint32), np.empty(size, np.int64),
            ) == FULL
        ):  # fmt: skip
            size, self.cost[:] = size * 4, before


def bound(index: Index) -> Bound:
    """Return the bound of an index for the designations that count today; computed once, and kept in its folder."""
    found = index.__dict__.get("_bound")
    if found is None:
        found = index.__dict__["_bound"] = _kept(index) or _computed(index)
    assert isinstance(found, Bound)
    return found


def _kept(index: Index) -> Bound | None:
    file = _file(index)
    if file is None or not file.is_file():
        return None
    marked = Marks(index, Parameters()).exposed
    return Bound(marked, np.asarray(np.load(file, mmap_mode="c")))


def _computed(index: Index) -> Bound:
    found, file = Bound.of(index, Marks(index, Parameters()).exposed), _file(index)
    if file is not None:
        draft = file.with_name(f".{file.name}.{os.getpid()}.npy")
        np.save(draft, found.cost)
        draft.replace(file)
    return found


def _file(index: Index) -> Path | None:
    return index.folder and index.folder / f"{index.release}.bound.npy"
