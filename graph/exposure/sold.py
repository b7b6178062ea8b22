"""What a company sells: whether that is listed where it is. The trace of the company itself asks only what it buys."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from opentier.graph.engine.arrays import NONE
from opentier.graph.engine.hops import HOPS, SUPPLY
from opentier.graph.exposure import words
from opentier.graph.exposure.objects import Json, Objects
from opentier.graph.exposure.touches import Touches, scope_match
from opentier.graph.model.products import Product
from opentier.graph.network.network import Designation
from opentier.graph.trace.plain import allowed

#: Why a good touches its seller.
_BY_GOODS = frozenset({"goods", "goods-input", "goods-site"})
#: Designations that are named.
_NAMED = 3


class Risk(NamedTuple):
    """What a designation says of a place, or of a good of it, where the trace of nobody meets it.

    Attributes
    ----------
    reason
        "place", "goods", "goods-input" or "goods-site", as of an exposure.
    good
        What is bought; None where that is not stated, and a place alone is listed.
    scope
        How the good that is listed fits it: "exact", "coarse" where it is narrower, "unknown"; None where none is.
    """

    designation: Designation
    reason: str
    good: Product | None
    scope: str | None


class Sold(NamedTuple):
    """What is listed of the goods of a company.

    Attributes
    ----------
    listed
        The designations of what it sells: where it is stated what is bought of it, of that; else of what it sells to
        others: each would touch it for a buyer who buys the same.
    untested
        How many list other goods of where it is.
    risks
        Where it is stated what is bought of it, what lists say of that.
    """

    listed: tuple[Designation, ...]
    untested: int
    risks: tuple[Risk, ...] = ()

    def told(self, objects: Objects) -> list[str]:
        """Return it in sentences."""
        named = titled(objects.entry(entry) for entry in self.listed)
        lines = (
            [words.said("screened", "sells-here" if self.risks else "sells", named=named)] if named else []
        )
        return lines + ([words.said("screened", "listed-goods", n=self.untested)] if self.untested else [])


def titled(listed: Iterable[Json]) -> str:
    """Return the titles of designations of what is sold, the first of them, each once; nothing of none."""
    return words.few(list(dict.fromkeys(entry["title"] for entry in listed)), _NAMED)


def sold(touches: Touches, node: int, stated: Sequence[Product] = ()) -> Sold:
    """Return what of the goods of a company its own trace does not test.

    Parameters
    ----------
    stated
        What is bought of it, where that is stated.
    """
    index = touches.index
    if stated:
        risks = tuple(
            Risk(
                touch.designation,
                touch.reason,
                product,
                scope_match(touch.designation, touch.reason, product),
            )
            for product in stated
            for touch in touches.touching(node, HOPS[SUPPLY], product)
            if touch.reason in _BY_GOODS and touches.state(touch.designation) == "current"
        )
        return Sold(tuple({risk.designation.iri: risk.designation for risk in risks}.values()), 0, risks)
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
