"""Workspaces of the kernels: arrays that are used again, trace after trace, one thread at a time.

Memory that no kernel has touched yet is only reserved. What a search left behind is told from what the next one writes
by a stamp, and a plain reach clears what it has marked, so that neither a small trace nor the second one pays for the
size of the graph.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from opentier.graph.engine import kernels
from opentier.graph.engine.arrays import Array, Parts, Space

#: States that the first workspace of a search holds; one that is too small is replaced by a larger one.
STATES = 1 << 15
#: Workspaces that wait to be used again.
KEPT = 8
_STAMPS = (1 << 32) - 2
#: The columns of the labels of a search.
_LABELS = ("state", "cost", "start", "end", "before", "arc", "other", "heap", "heap_cost")


class Reach:
    """Workspace of a plain reach: bitmaps of the nodes, their queue, and where the tiers in it end.

    Attributes
    ----------
    found
        How many nodes of the queue are marked in `seen`; whoever marks them says so.
    """

    def __init__(self, nodes: int) -> None:
        words = (nodes + 63) // 64
        self.seen: Array = np.zeros(words, np.uint64)
        self.front: Array = np.zeros(words, np.uint64)
        self.queue: Array = np.empty(nodes, np.uint32)
        self.levels: Array = np.empty(nodes + 2, np.int64)
        self.found = 0

    def clear(self) -> None:
        """Clear what is marked."""
        kernels.unmark(self.seen, self.queue[: self.found])
        self.found = 0


class Search:
    """Workspace of a search over states, and of the search for paths after it."""

    def __init__(self, nodes: int, states: int = STATES) -> None:
        self.nodes, self.states, self.stamp = nodes, states, 0
        self.space = _space(nodes, states)
        self.parts: Parts | None = None

    def next(self) -> int:
        """Return a new stamp."""
        self.stamp += 1
        if self.stamp > _STAMPS:
            self.space.node_stamp[:] = 0
            self.space.slot_stamp[:] = 0
            self.stamp = 1
        return self.stamp

    def grow(self) -> None:
        """Make room for four times as many states; what was in it is lost."""
        self.states *= 4
        self.space = _space(self.nodes, self.states)

    def lengthen(self) -> None:
        """Make room for twice as many labels; all that is in it stays."""
        known = self.space
        longer = {name: np.empty(2 * len(known.state), getattr(known, name).dtype) for name in _LABELS}
        for name, column in longer.items():
            column[: len(known.state)] = getattr(known, name)
        self.space = known._replace(**longer)


def _space(nodes: int, states: int) -> Space:
    labels = states * 2
    sizes: dict[str, tuple[int, Any]] = {
        "node": (nodes, np.uint32), "actor": (states, np.uint32), "kind": (states, np.uint32),
        "goods": (states, np.uint32), "ending": (states, np.uint32), "sister": (states, np.uint32),
        "best": (states, np.uint32), "labels": (states, np.uint32), "sure": (states, np.int64),
        "waiting": (states, np.int64), "waiting_start": (states, np.int32), "waiting_end": (states, np.int32),
        "state": (labels, np.uint32), "cost": (labels, np.int64), "start": (labels, np.int32),
        "end": (labels, np.int32), "before": (labels, np.uint32), "arc": (labels, np.uint32),
        "other": (labels, np.uint32), "heap": (labels, np.uint32), "heap_cost": (labels, np.int64),
        "slot": (states * 2, np.uint32),
    }  # fmt: skip
    arrays = {name: np.empty(size, kind) for name, (size, kind) in sizes.items()}
    stamps = {"node_stamp": np.zeros(nodes, np.uint32), "slot_stamp": np.zeros(states * 2, np.uint32)}
    return Space(**arrays, **stamps)


def parts(size: int) -> Parts:
    """Return the workspace of a search for paths, for so many partial ones."""
    kinds: dict[str, Any] = dict.fromkeys(Parts._fields, np.uint32)
    kinds |= dict.fromkeys(("code", "cost", "heap_cost"), np.int64)
    kinds |= dict.fromkeys(("start", "end", "depth"), np.int32)
    return Parts(**{name: np.empty(size, kinds[name]) for name in Parts._fields})


class Pool:
    """The workspaces of one index that are not in use."""

    def __init__(self, nodes: int) -> None:
        self.nodes = nodes
        self._reaches: list[Reach] = []
        self._searches: list[Search] = []

    def reach(self) -> Reach:
        """Take a workspace of a plain reach."""
        try:
            return self._reaches.pop()
        except IndexError:
            return Reach(self.nodes)

    def search(self) -> Search:
        """Take a workspace of a search."""
        try:
            return self._searches.pop()
        except IndexError:
            return Search(self.nodes)

    def give(self, space: Reach | Search) -> None:
        """Give one back."""
        kept: list[Any] = self._searches
        if isinstance(space, Reach):
            space.clear()
            kept = self._reaches
        if len(kept) < KEPT:
            kept.append(space)
