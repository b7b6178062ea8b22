"""What could not be tested of each actor and of what it buys, and how far that may raise its share."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from opentier.graph.batch.shares import Shares, bounded, claimed
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


def untested(
    touches: Touches, unindexed: Unindexed, weighed: Shares, vicinity: Vicinity, tiers: int
) -> Untested:
    """Return what could not be tested of all nodes, over a number of tiers."""
    index, inputs = touches.index, weighed.inputs
    nodes, place = np.arange(len(index), dtype=np.uint32), index.place[: len(index)]
    marks = np.where(dead_ends(index, nodes), _ENDS, 0).astype(np.uint8)
    if any(entry.place and not entry.target for entry in touches.counting):
        marks[unknown.without_country(index)[place]] |= _NO_COUNTRY
    marks[unknown.without_region(touches)[place]] |= _NO_REGION
    marks[sorted({alike.actor for alike, _ in unknown.called(touches, unindexed, range(len(index)))})] |= (
        _ALIKE
    )
    unplaced = vicinity.before(marks & (_NO_COUNTRY | _NO_REGION | _ALIKE))
    bare = _of_no_product(touches, inputs.rows) & _where_goods_are_listed(touches)[place][inputs.supplier]
    links = weighed.met | unplaced[inputs.supplier] | bare
    marks[inputs.buyer[bare & ~weighed.met]] |= _NO_PRODUCT
    given = claimed(inputs, links)
    given.met[marks & _ENDS != 0] = 1
    return Untested(marks, bounded(given, tiers)[1])


def _of_no_product(touches: Touches, rows: Array) -> Array:
    """Mark those of some links that state no product, or one without a code."""
    index = touches.index
    product = index.goods.product[index.arcs.goods[rows]]
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
