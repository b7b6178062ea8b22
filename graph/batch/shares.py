"""Shares of inputs: what of an actor's inputs passes through exposed suppliers, weighed by what its links state.

u(a) is the sum over the supply links of a of weight x (1 if a walk that begins with the link meets an exposure before
its second supply hop, else u(supplier)), over a number of tiers: a closed cycle has no fixed point. Links that meet one
absorb, so that a supplier that is listed for other products does not count.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import numpy as np

from opentier.graph.batch.marks import Marks
from opentier.graph.engine import kernels
from opentier.graph.engine.arrays import NONE, NOTHING, Array, Claimed, Weighted
from opentier.graph.engine.hops import HOPS, OPERATION_DOWN, SUPPLY
from opentier.graph.index.opened import Index
from opentier.graph.trace.asked import Asked
from opentier.graph.trace.plain import allowed
from opentier.graph.trace.vicinity import Vicinity

#: What inputs are weighed by, by number: the first that an actor's links state alike. 0 is an actor without inputs.
BASES = (None, "share", "value", "quantity", "evenly")
_SHARE, _VALUE, _QUANTITY, _EVENLY = range(1, len(BASES))


@dataclass(frozen=True)
class Shares:
    """The shares of all nodes, each from 0 to 1, with their bounds.

    Attributes
    ----------
    share, lower, upper : float64, shape (nodes,)
        As weighed, and the least and the greatest over all weightings that agree with what is stated.
    basis : uint8, shape (nodes,)
        What the inputs of each node are weighed by, as in `BASES`.
    """

    share: Array
    lower: Array
    upper: Array
    basis: Array


@dataclass(frozen=True)
class Inputs:
    """The supply links with which walks may begin, in the order of their buyers, and what they are weighed by.

    Attributes
    ----------
    stated : float64, shape (links,)
        What each states of the basis of its buyer, NaN where nothing.
    basis : uint8, shape (nodes,)
    """

    rows: Array
    buyer: Array
    supplier: Array
    goods: Array
    stated: Array
    basis: Array

    @cached_property
    def sums(self) -> _Sums:
        """What the links of each node state, added up."""
        return _Sums(self)

    @classmethod
    def of(cls, index: Index, asked: Asked) -> Inputs:
        """Return those of all nodes."""
        rows = begun(index, asked)
        buyer, supplier = index.columns["tail"][rows], index.arcs.head[rows]
        share = index.arcs.share[rows]
        basis = np.zeros(len(index), np.uint8)
        basis[buyer] = _EVENLY
        basis[buyer[np.isfinite(share)]] = _SHARE
        stated = np.where(np.isfinite(share), share, np.nan)
        codes = np.array(index.tables.measures, object).reshape(-1, 2)
        records = index.columns["record"]
        figures = ((_VALUE, "worth", codes[:, 0]), (_QUANTITY, "amount", codes[:, 1]))
        for number, name, measure in figures if index.tables.valued else ():
            open_ = np.flatnonzero(basis[buyer] == _EVENLY)
            said = index.columns[name][records[rows[open_]]]
            known = np.isfinite(said)
            some, said = open_[known], said[known]
            if not len(some):
                continue
            code = np.unique(measure, return_inverse=True)[1][index.columns["measures"][records[rows[some]]]]
            least, most = np.full(len(index), len(codes)), np.full(len(index), -1)
            np.minimum.at(least, buyer[some], code)
            np.maximum.at(most, buyer[some], code)
            alike = (least == most) & (np.bincount(buyer[some], said, len(index)) > 0)
            basis[alike] = number
            stated[some[alike[buyer[some]]]] = said[alike[buyer[some]]]
        return cls(rows, buyer, supplier, index.arcs.goods[rows], stated, basis)


def begun(index: Index, asked: Asked) -> Array:
    """Return the numbers of the supply links with which a walk may begin, in the order of their buyers."""
    arcs, ask = index.arcs, asked.ask
    rows = allowed(index, asked, index.rows())
    kept = arcs.hop[rows] == SUPPLY
    if index.tables.gaps:
        kept &= arcs.tiers[rows] <= ask.most
    if ask.most < 1:
        kept[:] = False
    if ask.least != NOTHING:
        kept &= sure(asked)[arcs.confidence[rows]]
    if ask.product:
        kept &= sold(asked)[arcs.goods[rows]]
    found: Array = rows[kept]
    return found


def sure(asked: Asked) -> Array:
    """Mark the confidences, by number, of links with which a walk may begin."""
    found: Array = asked.ask.cost <= asked.ask.least
    return found


def sold(asked: Asked) -> Array:
    """Mark what links carry, by number of the pair of product and input-to, where a walk may begin with them."""
    ask, goods = asked.ask, asked.goods
    none = goods.product == NONE
    if not ask.product:
        return np.ones(len(none), np.bool_)
    low, high = (column[np.where(none, 0, goods.product)] for column in (goods.low, goods.high))
    low_asked, high_asked = goods.low[ask.number], goods.high[ask.number]
    wider = (low <= low_asked) & (high_asked <= high)
    narrower = (low_asked <= low) & (high <= high_asked)
    found: Array = np.where(none, not ask.strict, wider | narrower)
    return found


def met(index: Index, asked: Asked, marked: Marks, vicinity: Vicinity, rows: Array) -> Array:
    """Mark those of some supply links with which walks begin that meet an exposure before their second supply hop."""
    opens = np.zeros(len(index.arcs.head), np.bool_)
    opens[marked.opening] = True
    found: Array = opens[rows]
    if not len(vicinity):
        return found
    arcs, keep = index.arcs, asked.keep
    inside = vicinity.before(marked.exposed)
    further = np.flatnonzero(inside[arcs.head[rows]] & (vicinity.degrees[arcs.head[rows]] > 0) & ~found)
    links = rows[further]
    start, end = np.maximum(arcs.start[links], keep.since), np.minimum(arcs.end[links], keep.until)
    price = asked.ask.cost[arcs.confidence[links]] if asked.ask.least != NOTHING else np.zeros(len(links))
    begins = np.stack([arcs.head[links], start, end, price]).astype(np.int64)
    begins, which = np.unique(begins, axis=1, return_inverse=True)
    led = vicinity.led(begins[0], begins[1], begins[2], begins[3], inside)
    assert led is not None
    ends = np.unique(np.stack([led.origin, led.node])[:, marked.exposed[led.node] != 0], axis=1)
    pairs, pair = np.unique(
        np.stack([which.reshape(-1), marked.products(links)]), axis=1, return_inverse=True
    )
    first, last = (np.searchsorted(ends[0], pairs[0], side) for side in ("left", "right"))
    touching = [
        any(marked.touched(node, HOPS[OPERATION_DOWN], product) is not None for node in ends[1][a:b].tolist())
        for product, a, b in zip(pairs[1].tolist(), first.tolist(), last.tolist(), strict=True)
    ]
    found[further] = np.array(touching, np.bool_)[pair.reshape(-1)]
    return found


def shares(inputs: Inputs, exposed: Array, tiers: int) -> Shares:
    """Return the shares of all nodes over a number of tiers, whether they are exposed themselves or not."""
    share = added_up(weighted(inputs, exposed), tiers)
    lower, upper = bounded(claimed(inputs, exposed), tiers)
    return Shares(share, lower, upper, inputs.basis)


class _Sums:
    """What the links of each node state, added up."""

    def __init__(self, inputs: Inputs) -> None:
        nodes, buyer = len(inputs.basis), inputs.buyer
        self.known = np.isfinite(inputs.stated)
        self.stating = np.bincount(buyer[self.known], minlength=nodes)
        self.silent = np.bincount(buyer[~self.known], minlength=nodes)
        self.total = np.bincount(buyer[self.known], inputs.stated[self.known], nodes)
        self.of_hundred = inputs.basis == _SHARE
        #: What a stated figure is a part of, and the part of a hundred that no link states.
        self.whole = np.where(self.of_hundred, np.maximum(self.total, 100.0), self.total)
        self.rest = np.where(
            self.of_hundred, 1.0 - self.total / np.where(self.of_hundred, self.whole, 1.0), 0.0
        )
        parts = inputs.stated / np.where(self.whole > 0, self.whole, 1.0)[buyer]
        #: The part that each link claims; NaN where it may be any.
        self.claims = np.where(self.known, parts, np.where(self.of_hundred[buyer], 0.0, np.nan))


def weighted(inputs: Inputs, exposed: Array) -> Weighted:
    """Return the weights of links that are not exposed, and for each node the sum of the others.

    A link that lacks the basis weighs the mean of those that state it; of stated shares no more than is left of a
    hundred.
    """
    sums, buyer = inputs.sums, inputs.buyer
    mean = np.where(sums.stating > 0, sums.total / np.maximum(sums.stating, 1), 1.0)
    whole = np.where(sums.of_hundred, sums.whole, sums.total + mean * sums.silent)
    each = np.minimum(mean / np.where(whole > 0, whole, 1.0), 1.0)
    each = np.where(sums.of_hundred, np.minimum(each, sums.rest / np.maximum(sums.silent, 1)), each)
    parts = inputs.stated / np.where(whole > 0, whole, 1.0)[buyer]
    weight = np.where(sums.known, parts, each[buyer])
    given = np.bincount(buyer[exposed], weight[exposed], len(inputs.basis))
    rest = ~exposed
    return Weighted(_begins(inputs, rest), inputs.supplier[rest], weight[rest], given)


def claimed(inputs: Inputs, exposed: Array) -> Claimed:
    """Return what links claim: their stated parts; one that states nothing any part, but none of a stated hundred."""
    sums, buyer, nodes, weight = inputs.sums, inputs.buyer, len(inputs.basis), inputs.sums.claims
    stating = exposed & sums.known
    given = np.where(sums.stating > 0, np.bincount(buyer[stating], weight[stating], nodes), np.nan)
    free = exposed & np.isnan(weight)
    rest = ~exposed
    return Claimed(
        _begins(inputs, rest), inputs.supplier[rest], weight[rest], given, sums.rest,
        (np.bincount(buyer[free], minlength=nodes) > 0).astype(np.uint8),
    )  # fmt: skip


def _begins(inputs: Inputs, kept: Array) -> Array:
    """Return where the kept links of each node begin, and where the last end."""
    found = np.zeros(len(inputs.basis) + 1, np.uint32)
    np.cumsum(np.bincount(inputs.buyer[kept], minlength=len(inputs.basis)), out=found[1:])
    return found


def added_up(given: Weighted, tiers: int) -> Array:
    """Return the shares of inputs after some rounds, one for each tier."""
    found, after = np.zeros(len(given.given)), np.empty(len(given.given))
    _rounds(
        given.begin, tiers, lambda turn: partial(kernels.passed_on, given, *_turned(turn, (found, after)))
    )
    return after if tiers % 2 else found


def bounded(given: Claimed, tiers: int) -> tuple[Array, Array]:
    """Return the least and the greatest shares after some rounds."""
    nodes = len(given.given)
    found, after = (np.zeros(nodes), np.zeros(nodes)), (np.empty(nodes), np.empty(nodes))

    def kernel(turn: int) -> Callable[..., Any]:
        before, then = _turned(turn, (found, after))
        return partial(kernels.bounds_passed_on, given, *before, *then)

    _rounds(given.begin, tiers, kernel)
    return after if tiers % 2 else found


def _turned(turn: int, pair: tuple[Any, Any]) -> tuple[Any, Any]:
    return pair[::-1] if turn % 2 else pair


def _rounds(begin: Array, tiers: int, kernel: Callable[[int], Callable[..., Any]]) -> None:
    """Run a kernel for each tier, on two blocks of rows side by side."""
    half = int(np.searchsorted(begin, begin[-1] // 2))
    rows = (0, min(half, len(begin) - 1), len(begin) - 1)
    with ThreadPoolExecutor(len(rows) - 1) as pool:
        for turn in range(tiers):
            list(pool.map(kernel(turn), rows[:-1], rows[1:]))
