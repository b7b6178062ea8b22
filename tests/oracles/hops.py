"""Hops and walks: each record walked one way, and what hops in a row add up to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from tests.oracles.rows import EVER, NEVER, Interval, Package, Record, confidence, live, records


@dataclass(frozen=True)
class Hop:
    """One record, walked one way: from buyer to supplier, from asset to owner, ..."""

    record: Record
    kind: str
    way: str  # "up", "down" or ""
    start: str
    end: str
    tiers: int
    product: str
    input_to: str
    first: str
    last: str
    confidence: Fraction

    @property
    def reason(self) -> str:
        """Why the target of a designation is exposed when this hop is the last one."""
        named = {"recruitment": "recruiter", "co-location": "co-location", "ownership": f"owner-{self.way}"}
        return named.get(self.kind, "direct")


@dataclass(frozen=True)
class Walk:
    """Hops in a row, and what they add up to."""

    hops: tuple[Hop, ...]
    actor: str
    tiers: int
    turn: str  # since the last supply hop: "", "up", "down", or "side" after recruitment or co-location
    carried: str
    first: str
    last: str
    confidence: Fraction
    product: str | None  # of the last supply link ("" where it states none); None where there is no such link

    @property
    def unknown(self) -> bool:
        """Whether its continuity is unknown: it crosses a supply link without a product."""
        return any(hop.kind == "supply" and not hop.product for hop in self.hops)

    @property
    def live(self) -> Interval:
        """The days on which all its links live together, whatever was asked."""
        return max((hop.first for hop in self.hops), default=EVER), min(
            (hop.last for hop in self.hops), default=NEVER
        )

    @property
    def hop(self) -> Hop | None:
        """Its last hop."""
        return self.hops[-1] if self.hops else None


def hops(package: Package, alias: Mapping[str, str]) -> Iterator[Hop]:
    """Yield the hops of all records that may be walked.

    Supply: buyer to supplier, one tier or the declared number. No tier: operator to facility (down) and back
    (up), owner to asset (down) and back (up), employer or worksite to recruiter, a recruiter to its principal,
    co-located actors both ways.
    """
    ways = {
        "supply_links": [("supply", "", "buyer", "supplier")],
        "operation_links": [
            ("operation", "down", "operator", "facility"),
            ("operation", "up", "facility", "operator"),
        ],
        "ownership_links": [("ownership", "up", "asset", "owner"), ("ownership", "down", "owner", "asset")],
        "recruitment_links": [
            ("recruitment", "", "employer", "recruiter"),
            ("recruitment", "", "worksite", "recruiter"),
            ("recruitment", "", "recruiter", "sub_agent_of"),
        ],
        "co_locations": [("co-location", "", "actor", "other"), ("co-location", "", "other", "actor")],
    }
    for table, columns in ways.items():
        for number, row in records(package, table):
            for kind, way, start, end in columns:
                if row.get(start) and row.get(end):
                    since, until = live(row)
                    yield Hop(
                        record=(table, number),
                        kind=kind,
                        way=way,
                        start=alias[row[start]],
                        end=alias[row[end]],
                        tiers=int(row.get("declared_tier") or 1) if kind == "supply" else 0,
                        product=row.get("product", ""),
                        input_to=row.get("input_to", ""),
                        first=since,
                        last=until,
                        confidence=confidence(row),
                    )


def turned(turn: str, hop: Hop) -> str | None:
    """Return which way the hops since the last supply hop go, or None where a hop may not come.

    Between two supply hops the hops that add no tier go one way only, up or down; after a recruitment or
    co-location hop only a supply or a recruitment hop may come.
    """
    if hop.kind == "supply":
        return ""
    if hop.way:
        return hop.way if turn in ("", hop.way) else None
    return "side" if turn != "side" or hop.kind == "recruitment" else None
