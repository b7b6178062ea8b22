"""What a company sells: whether that is listed where it is. The trace of the company itself asks only what it buys."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from opentier.graph.engine.arrays import NONE
from opentier.graph.engine.hops import HOPS, SUPPLY
from opentier.graph.exposure import words
from opentier.graph.exposure.objects import Objects
from opentier.graph.exposure.touches import Touches
from opentier.graph.network.network import Designation
from opentier.graph.trace.plain import allowed

#: Why a good touches its seller.
_BY_GOODS = frozenset({"goods", "goods-input", "goods-site"})
#: Designations that are named.
_NAMED = 3


class Sold(NamedTuple):
    """What of the goods of a company was not tested.

    Attributes
    ----------
    listed
        The designations of what it sells to others: each would touch it for a buyer who buys the same.
    untested
        How many list other goods of where it is.
    """

    listed: tuple[Designation, ...]
    untested: int

    def told(self, objects: Objects) -> list[str]:
        """Return it in sentences."""
        titles = list(dict.fromkeys(objects.entry(entry)["title"] for entry in self.listed))
        named = words.few(titles, _NAMED)
        lines = [words.said("screened", "sells", named=named)] if titles else []
        return lines + ([words.said("screened", "listed-goods", n=self.untested)] if self.untested else [])


def sold(touches: Touches, node: int) -> Sold:
    """Return what of the goods of a company its own trace does not test."""
    index = touches.index
    met = {entry.iri for entry in touches.met([node])}
    here = {
        entry.iri for entry in index.designated.at[index.place[node]]
        if entry.product is not None and entry.iri in met and touches.state(entry) == "current"
    }  # fmt: skip
    rows = slice(int(index.back.begin[node]), int(index.back.end[node]))
    arcs = allowed(index, touches.asked, index.back.arc[rows].astype(np.int64))
    carried = np.unique(index.goods.product[index.arcs.goods[arcs[index.arcs.hop[arcs] == SUPPLY]]])
    listed: dict[str, Designation] = {}
    for product in carried[carried != NONE].tolist():
        for touch in touches.touching(node, HOPS[SUPPLY], index.product(product)):
            if touch.reason in _BY_GOODS and touches.state(touch.designation) == "current":
                listed.setdefault(touch.designation.iri, touch.designation)
    return Sold(tuple(listed.values()), len(here - listed.keys()))
