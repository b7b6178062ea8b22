"""Counts of exposed actors: for every actor the fewest tiers to one, and how many there are upstream.

Where actors alone decide walks but for the hops between two supply hops (`steady`), these hops and the supply hop
before them are made one step, and all actors are answered in one pass over such steps. Otherwise each exposed actor is
traced downstream, which finds the same.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from opentier.graph.batch.marks import Marks
from opentier.graph.engine import kernels
from opentier.graph.engine.arrays import NOTHING, Array, Ways
from opentier.graph.engine.columns import spread
from opentier.graph.engine.hops import HOPS, OPERATION_DOWN, SUPPLY
from opentier.graph.index.opened import Index
from opentier.graph.jobs.progress import Progress, silent
from opentier.graph.trace.asked import ENDLESS, Asked
from opentier.graph.trace.plain import allowed
from opentier.graph.trace.states import End
from opentier.graph.trace.vicinity import Vicinity
from opentier.graph.trace.walks import trace

_BITS = 512
#: Steps for each arc, and besides, that are made at most; where there are more, actors are traced one by one.
_STEPS, _MORE = 4, 1 << 20


class Pairs(NamedTuple):
    """Pairs of nodes, sorted by the second: from the first, hops that add no tier lead to the second."""

    near: Array
    far: Array

    def behind(self, nodes: Array) -> tuple[Array, Array]:
        """Return for some nodes the pairs of which each is the second: numbers of the nodes, and the first ones."""
        begin, end = (np.searchsorted(self.far, nodes, side) for side in ("left", "right"))
        return np.repeat(np.arange(len(nodes)), end - begin), self.near[spread(begin, end)]


NO_PAIRS = Pairs(np.zeros(0, np.uint32), np.zeros(0, np.uint32))


def steady(index: Index, asked: Asked) -> bool:
    """Return whether only the last hop decides what may come next, and the tiers of a walk are its supply links."""
    tables, keep = index.tables, asked.keep
    one_day = keep.since == keep.until or not tables.dated
    return (
        asked.product is None and asked.ask.least == NOTHING and one_day and not tables.gaps
        and "supply" in asked.parameters.kinds
    )  # fmt: skip


def pairs(vicinity: Vicinity) -> Pairs | None:
    """Return all pairs of nodes between which hops that add no tier lead, None where there are too many."""
    if not len(vicinity):
        return NO_PAIRS
    index, keep = vicinity.index, vicinity.asked.keep
    nodes = np.flatnonzero(vicinity.degrees)
    same = np.zeros(len(nodes), np.int64)
    every, most = np.ones(len(index), np.bool_), _STEPS * index.tables.counts["arcs"] + _MORE
    led = vicinity.led(nodes, same + keep.since, same + keep.until, same, every, most)
    if led is None:
        return None
    found = np.unique(np.stack([led.node, nodes[led.origin]]), axis=1).astype(np.uint32)
    far, near = found[:, found[0] != found[1]]
    return Pairs(near, far)


def stepped(index: Index, asked: Asked, known: Pairs) -> Ways | None:
    """Return the way back by steps: from a supplier to its buyers, and to those from which hops lead to a buyer.

    None where there are too many.
    """
    if not len(known.near):
        return index.back
    rows = allowed(index, asked, index.rows())
    rows = rows[index.arcs.hop[rows] == SUPPLY]
    buyer = index.columns["tail"][rows]
    begin, end = (np.searchsorted(known.far, buyer, side) for side in ("left", "right"))
    if int((end - begin).sum()) > _STEPS * len(rows) + _MORE:
        return None
    link, near = known.behind(buyer)
    arc, other = np.concatenate([rows, rows[link]]), np.concatenate([buyer, near])
    head = index.arcs.head[arc]
    order = np.argsort(head, kind="stable")
    ends = np.cumsum(np.bincount(head, minlength=len(index))).astype(np.uint32)
    return Ways(np.append(np.zeros(1, np.uint32), ends[:-1]), ends, other[order], arc[order])


def together(
    index: Index, asked: Asked, marked: Marks, vicinity: Vicinity, progress: Progress = silent
) -> tuple[Array, Array] | None:
    """Return nearest tiers and distinct exposed actors where walks are steady; None where there are too many steps."""
    known = pairs(vicinity)
    ways = None if known is None else stepped(index, asked, known)
    if known is None or ways is None:
        return None
    opening = openings(index, asked, marked, known)
    least = nearest_tiers(index, asked, opening[0], known, ways)
    least[marked.exposed != 0] = 0
    beside = Pairs(*(side[marked.exposed[known.far] != 0] for side in known))
    least[beside.near] = 0
    return least, distinct(index, asked, *opening, known, beside, ways, progress)


def openings(index: Index, asked: Asked, marked: Marks, known: Pairs) -> tuple[Array, Array]:
    """Return the supply links that are the last of exposed walks, each with an exposed node that they end at."""
    rows = allowed(index, asked, marked.opening)
    heads = index.arcs.head[rows]
    exposed = marked.exposed[known.far] != 0
    if not exposed.any():
        return rows, heads
    near, far = known.near[exposed], known.far[exposed]
    begin, end = (column[near].astype(np.int64) for column in (index.back.begin, index.back.end))
    pair, arc = np.repeat(np.arange(len(near)), end - begin), index.back.arc[spread(begin, end)]
    kept = index.arcs.hop[arc] == SUPPLY
    kept[kept] = np.isin(arc[kept], allowed(index, asked, np.unique(arc[kept])))
    pair, arc = pair[kept], arc[kept]
    ends = np.stack([far[pair], marked.products(arc)]).astype(np.int64)
    every, which = np.unique(ends, axis=1, return_inverse=True)
    touched = [
        marked.touched(node, HOPS[OPERATION_DOWN], product) is not None for node, product in every.T.tolist()
    ]
    met = np.array(touched, np.bool_)[which.reshape(-1)]
    return np.concatenate([rows, arc[met]]), np.concatenate([heads, far[pair[met]]])


def nearest_tiers(
    index: Index, asked: Asked, opening: Array, known: Pairs = NO_PAIRS, ways: Ways | None = None
) -> Array:
    """Return for each node the fewest tiers of steady walks whose last supply link is one of some, -1 where none is."""
    found, queue = np.empty(len(index), np.int32), np.empty(len(index), np.uint32)
    buyers = index.columns["tail"][allowed(index, asked, opening)]
    seeds = np.concatenate([buyers, known.behind(np.unique(buyers))[1]]) if len(known.near) else buyers
    kernels.before(ways or index.back, index.arcs, asked.keep, seeds, asked.ask.most, found, queue)
    return found


def distinct(
    index: Index,
    asked: Asked,
    opening: Array,
    ends: Array | None = None,
    known: Pairs = NO_PAIRS,
    beside: Pairs = NO_PAIRS,
    ways: Ways | None = None,
    progress: Progress = silent,
) -> Array:
    """Return for each node how many other nodes steady walks come to by one of some links as the last supply link.

    Parameters
    ----------
    ends
        The exposed node that each of the links stands for: its supplier, where nothing else is said.
    beside
        Pairs of which the second is exposed and counts for the first.
    """
    if ends is None:
        opening = allowed(index, asked, opening)
        ends = index.arcs.head[opening]
    seeds = index.columns["tail"][opening]
    if len(known.near):
        link, near = known.behind(seeds)
        seeds, ends = np.concatenate([seeds, near]), np.concatenate([ends, ends[link]])
    order = np.argsort(ends, kind="stable")
    seeds, ends = seeds[order], ends[order]
    exposed = np.union1d(ends, beside.far).astype(np.uint32)
    seed_ends, beside_ends = (
        np.append(np.searchsorted(sorted_, exposed), len(sorted_)) for sorted_ in (ends, beside.far)
    )
    back, nodes = ways or index.back, len(index)
    knot, number, found = np.zeros(nodes, np.uint32), np.zeros(nodes, np.uint32), np.zeros(nodes, np.int64)
    ranked, *room = (np.empty(nodes, np.uint32) for _ in range(5))
    done, knots = kernels.knotted(
        back, index.arcs, asked.keep, seeds, knot, ranked, room[0], number, *room[1:]
    )
    words = -(-min(len(exposed), _BITS) // 64)
    bits, own = (np.empty((rows, words), np.uint64) for rows in (knots + 1, nodes))
    for first in range(0, len(exposed), _BITS):
        last = min(first + _BITS, len(exposed))
        progress("tracing", first, len(exposed))
        kernels.distinct(
            back, index.arcs, asked.keep, seeds, seed_ends[first : last + 1], beside.near,
            beside_ends[first : last + 1], exposed[first:last], knot, ranked[:done], bits, own, found,
        )  # fmt: skip
    return found


def one_by_one(index: Index, asked: Asked, marked: Marks, progress: Progress = silent) -> tuple[Array, Array]:
    """Return nearest tiers and distinct exposed actors from a downstream trace of each exposed actor."""
    least, many = np.full(len(index), ENDLESS, np.int32), np.zeros(len(index), np.int64)
    ends = marked.ends.tolist()
    for number, node in enumerate(ends):
        progress("tracing", number, len(ends))
        nodes, tiers = exposed_to(index, asked, marked, node)
        np.minimum.at(least, nodes, tiers)  # its own, too: on a way round
        many[np.unique(nodes[nodes != node])] += 1
    least[least == ENDLESS] = -1
    least[marked.exposed != 0] = 0
    return least, many


def exposed_to(index: Index, asked: Asked, marked: Marks, node: int) -> tuple[Array, Array]:
    """Return the nodes from which exposed walks end at a node, and their tiers; a node more than once, at times."""
    found = trace(index, node, replace(asked.parameters, downstream=True))
    states, nodes, hops, products, tiers = found.end_states()
    every, inverse = np.unique(np.stack([hops, products]).astype(np.int64), axis=1, return_inverse=True)
    inverse, exposed = inverse.reshape(-1), np.zeros(len(nodes), np.bool_)
    for kind, (hop, product) in enumerate(every.T.tolist()):
        spans = marked.touched(node, HOPS[hop], product)
        if spans is None:
            continue
        here = np.flatnonzero(inverse == kind)
        if spans:
            lived = [
                found.lives(End(s, n, HOPS[hop], None), spans)
                for s, n in zip(states[here].tolist(), nodes[here].tolist(), strict=True)
            ]
            here = here[np.array(lived, np.bool_)]
        exposed[here] = True
    return nodes[exposed], tiers[exposed].astype(np.int32)
