"""The steps of a path, from the traced actor outwards: whom each leads to, at which tier, and as what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from opentier.graph.answer import particulars
from opentier.graph.exposure.words import said

Json = Mapping[str, Any]


class Step(NamedTuple):
    """A hop of a path as it is read.

    Attributes
    ----------
    tier
        How many tiers there are from the traced actor to here, declared ones included.
    actor
        Whom it leads to.
    relation
        What that is to the one before; nothing of a supplier or buyer.
    gap
        What is not known of who stands between.
    end
        Whether it is whom the designation touches.
    """

    tier: int
    actor: Json
    relation: str
    gap: str
    hop: Json
    end: bool


def steps(exposure: Json, number: int = 0, *, downstream: bool = False) -> Iterator[Step]:
    """Yield the steps of one path of an exposure, then the stakes that are its reason."""
    tier = 0
    hops = exposure["paths"][number]["hops"]
    for rest, hop in zip(range(len(hops), 0, -1), reversed(hops) if downstream else hops, strict=True):
        tier += 1 + hop["gap"] if hop["kind"] == "supply" else 0
        there = hop["from" if downstream else "to"]
        yield Step(tier, there, _relation(hop, downstream), particulars.gap(hop), hop, rest == 1)
    for stake in exposure["stakes"]:
        yield Step(tier, stake["from"], _holds(stake), "", stake, False)


def _relation(hop: Json, downstream: bool) -> str:
    if hop["kind"] == "supply":
        return ""
    if hop["kind"] == "identity":
        return "; ".join(particulars.facts(hop))
    way = hop["direction"] or "down"
    if downstream:
        way = "up" if way == "down" else "down"
    return said("relations", f"{hop['kind']}-{way}")


def _holds(stake: Json) -> str:
    share = said("unstated", "share") if stake["share"] is None else f"{stake['share']:g} %"
    return said("relations", "holds", share=share, what=stake["to"]["name"])
