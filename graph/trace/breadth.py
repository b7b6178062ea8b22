"""How wide a trace may become, before it is asked: its links without what is asked of them, counted up to a bound."""

from __future__ import annotations

import numpy as np

from opentier.graph.engine.columns import spread
from opentier.graph.index.opened import Index

#: Links beyond which a trace is wide: up to there it takes some hundredths of a second.
WIDE = 4_000


def wide(index: Index, node: int, *, downstream: bool, most: int = WIDE) -> bool:
    """Return whether more than so many links lead on from an actor, at any tier."""
    if len(index.arcs.head) <= most:
        return False
    ways = index.back if downstream else index.out
    fresh = np.array([node], np.int64)
    known, links = fresh, 0
    while len(fresh):
        begin, end = ways.begin[fresh].astype(np.int64), ways.end[fresh].astype(np.int64)
        links += int((end - begin).sum())
        if links > most:
            return True
        fresh = np.setdiff1d(ways.other[spread(begin, end)].astype(np.int64), known)
        known = np.union1d(known, fresh)
    return False
