"""What could not be tested of each actor and of what it buys, and how far that may raise its share."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from opentier.graph.batch.shares import Inputs, bounded, claimed
from opentier.graph.engine.arrays import NONE, Array
from opentier.graph.exposure import unknown
from opentier.graph.exposure.touches import Touches
from opentier.graph.trace.plain import dead_ends
from opentier.graph.trace.unindexed import Unindexed
from opentier.graph.trace.vicinity import Vicinity

#: Why something could not be tested, by the bit of its mark: nobody knows what an actor buys; it has no country where a
#: place is listed; it is in a country of which a region is listed, and in which region is not known; a link of its own
#: states no product, or none with a code, and its supplier is where goods are listed; it is called as a listed one
#: is, and nobody has judged whether it is that.
REASONS = ("no-upstream-links", "no-country", "place-unknown", "no-product", "name-alike")
_ENDS, _NO_COUNTRY, _NO_REGION, _NO_PRODUCT, _ALIKE = (1 << bit for bit in range(len(REASONS)))


@dataclass(frozen=True)
class Untested:
    """What could not be tested.

    Attributes
    ----------
    marks : uint8, shape (nodes,)
        Why not, of each actor: a bit for each of `REASONS`.
    possible : float64, shape (nodes,)
        The greatest share that each may have: the upper bound, if all were exposed that could not be tested.
    """

    marks: Array
    possible: Array

    @property
    def alike(self) -> int:
        """How many actors are called as a listed one is, which nobody has judged."""
        return int(np.count_nonzero(self.marks & _ALIKE))

    def of(self, node: int) -> Iterator[str]:
        """Yield why an actor could not be tested in full."""
        mark = int(self.marks[node])
        yield from (reason for bit, reason in enumerate(REASONS) if mark >> bit & 1)


@dataclass(frozen=True)
class Doubts:
    """What leaves nodes and links untested, wherever walks come from.

    Attributes
    ----------
    marks : uint8, shape (nodes,)
        Why each actor could not be tested, but for the products of its links.
    open : bool, shape (nodes,)
        Who a link leads to that may meet an exposure for that: such an actor, or one from which hops lead to one.
    listed : bool, shape (nodes,)
        Where goods are listed.
    bare : bool, shape (pairs,)
        What links carry, by number, where they state no product, or one without a code.
    """

    marks: Array
    open: Array
    listed: Array
    bare: Array

    @classmethod
    def of(cls, touches: Touches, unindexed: Unindexed, vicinity: Vicinity) -> Doubts:
        """Return those of all nodes and links."""
        index = touches.index
        nodes, place = np.arange(len(index), dtype=np.uint32), index.place[: len(index)]
        marks = np.where(dead_ends(index, nodes), _ENDS, 0).astype(np.uint8)
        if any(entry.place and not entry.target for entry in touches.counting):
            marks[unknown.without_country(index)[place]] |= _NO_COUNTRY
        marks[unknown.without_region(touches)[place]] |= _NO_REGION
        alike = {alike.actor for alike, _ in unknown.called(touches, unindexed, range(len(index)))}
        marks[sorted(alike)] |= _ALIKE
        unplaced = vicinity.before(marks & (_NO_COUNTRY | _NO_REGION | _ALIKE))
        return cls(marks, unplaced, _where_goods_are_listed(touches)[place], _of_no_product(touches))

    @property
    def ends(self) -> Array:
        """Mark the actors of whom nobody knows what they buy; bool, shape (nodes,)."""
        found: Array = self.marks & _ENDS != 0
        return found

    def marked(self, bare: Array) -> Array:
        """Return the marks with those of the nodes that have a link without a product where goods are listed."""
        found = self.marks.copy()
        found[bare] |= _NO_PRODUCT
        return found


def untested(doubts: Doubts, inputs: Inputs, met: Array, tiers: int) -> Untested:
    """Return what could not be tested of all nodes, over a number of tiers."""
    goods = inputs.goods
    bare = doubts.bare[goods] & doubts.listed[inputs.supplier]
    given = claimed(inputs, met | doubts.open[inputs.supplier] | bare)
    given.met[doubts.ends] = 1
    return Untested(doubts.marked(inputs.buyer[bare & ~met]), bounded(given, tiers)[1])


def _of_no_product(touches: Touches) -> Array:
    """Mark what links carry, by number, that is no product, or one without a code."""
    index = touches.index
    product = index.goods.product
    coded = np.array([*(bool(p.code) for p in index.every_product), False], np.bool_)
    found: Array = ~coded[np.where(product == NONE, len(coded) - 1, product)]
    return found


def _where_goods_are_listed(touches: Touches) -> Array:
    """Mark the numbers of places of nodes at which a good is listed that counts."""
    return np.array(
        [
            any(entry.product and touches.state(entry) == "current" for entry in entries)
            for entries in touches.index.designated.at
        ],
        np.bool_,
    )
