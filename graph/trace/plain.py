"""Plain walks, which actors alone decide (see `Asked.plain`), and which links may be walked at all."""

from __future__ import annotations

import numpy as np

from opentier.graph.engine import kernels
from opentier.graph.engine.arrays import Array
from opentier.graph.index.opened import Index
from opentier.graph.trace.asked import Asked

#: A mask that leaves out nothing.
NO_BITS: Array = np.zeros(0, np.uint64)


def reach(index: Index, asked: Asked, sources: Array, *, downstream: bool) -> tuple[Array, Array]:
    """Return the nodes that plain walks reach from some nodes, and their tiers; in the order of tiers."""
    ways, back = (index.back, index.out) if downstream else (index.out, index.back)
    space = index.pool.reach()
    space.found, tiers = kernels.reach(
        ways, back, index.arcs, asked.keep, sources, asked.ask.most, NO_BITS, space.seen, space.front,
        space.queue, space.levels, not downstream,
    )  # fmt: skip
    nodes = space.queue[: space.found].copy()
    tier = np.repeat(np.arange(tiers, dtype=np.int32), np.diff(space.levels[:tiers], prepend=0))
    index.pool.give(space)
    return nodes, tier


def allowed(index: Index, asked: Asked, arcs: Array) -> Array:
    """Return those of some arcs that may be walked, whatever the walk."""
    marks = np.zeros(len(arcs), np.bool_)
    kernels.allowed(index.arcs, asked.keep, arcs, marks)
    found: Array = arcs[marks]
    return found


def dead_ends(index: Index, nodes: Array) -> Array:
    """Mark those of some nodes that have no supply link upstream at all: there a trace ends for lack of data."""
    marks, live = np.zeros(len(nodes), np.bool_), np.array(index.tables.live, np.bool_)
    kernels.bare(index.out, index.arcs, live, nodes.astype(np.uint32, copy=False), marks)
    return marks
