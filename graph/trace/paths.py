"""A path as it is printed: its arcs from the buyer's side to the supplier's side, and what they add up to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import prod

from opentier.graph.model.dates import EVER, NEVER
from opentier.graph.model.products import Product
from opentier.graph.network.network import Arc


@dataclass(frozen=True, slots=True)
class Path:
    """An admissible path.

    Attributes
    ----------
    tiers, confidence, start, end
        The sum, the product and the days in common of its arcs.
    unknown
        Whether a product was asked for and a supply link states none.
    simple
        Whether it repeats no actor (where a product was asked for: no actor with the same product).
    """

    arcs: tuple[Arc, ...]
    tiers: int
    confidence: Fraction | int
    start: int
    end: int
    unknown: bool
    simple: bool

    @property
    def product(self) -> Product | None:
        """What its last supply link carries; None where that states none, or there is no such link."""
        return next((arc.product for arc in reversed(self.arcs) if arc.kind == "supply"), None)


def path(arcs: Sequence[Arc], *, asked: bool, simple: bool = True) -> Path:
    """Return the path of some arcs."""
    bare = any(arc.kind == "supply" and arc.product is None for arc in arcs)
    return Path(
        arcs=tuple(arcs),
        tiers=sum(arc.tiers for arc in arcs),
        confidence=prod(arc.confidence for arc in arcs),
        start=max((arc.start for arc in arcs), default=EVER),
        end=min((arc.end for arc in arcs), default=NEVER),
        unknown=bare and asked,
        simple=simple,
    )


def is_simple(arcs: Sequence[Arc], asked: Product | None) -> bool:
    """Return whether a walk repeats no actor; where a product was asked for, none with the same carried product."""
    carried = asked
    places = [(arcs[0].tail, carried)] if arcs else []
    for arc in arcs:
        if asked and arc.kind == "supply" and carried is not None:
            kept = arc.product is not None and carried.narrower(arc.product)
            carried = carried if kept else arc.product
        places.append((arc.head, carried))
    return len(set(places)) == len(places)


def rank(found: Path, *, downstream: bool = False) -> tuple[int, Fraction | int, list[str]]:
    """Return where a path stands: by tiers, confidence, then the IRIs of records and actors from the traced end."""
    if not found.arcs:
        return found.tiers, -found.confidence, []
    if downstream:
        told = [iri for arc in found.arcs for iri in (arc.record, arc.head)]
    else:
        told = [iri for arc in reversed(found.arcs) for iri in (arc.record, arc.tail)]
    return found.tiers, -found.confidence, told
