"""Who is owned by listed owners, and who came out of a listed organisation."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from tests.oracles.rows import (
    NEVER,
    Interval,
    Package,
    cell,
    confidence,
    day_after,
    first,
    kept,
    live,
    meet,
    records,
    stated,
)

#: Designations by the actors that they list, or of which they are a matter of ownership.
Listings = Mapping[str, set[str]]
LEADS_ON = ("renamed", "merged", "split", "continued")


@dataclass(frozen=True)
class Stake:
    """What one record says that an owner holds of an asset."""

    owner: str
    asset: str
    live: Interval
    share: Fraction
    direct: bool


def stakes(package: Package, alias: Mapping[str, str], least: Fraction) -> list[Stake]:
    """Return all stakes of a share (exact, else the minimum) that keep a minimum of confidence, walked or not."""
    found = []
    for _, row in records(package, "ownership_links"):
        share = Fraction(row.get("share_exact") or row.get("share_minimum") or 0)
        owner, asset = alias.get(row.get("owner", "")), alias[row["asset"]]
        if owner and owner != asset and share > 0 and confidence(row) >= least:
            found.append(Stake(owner, asset, live(row), share, stated(row, "direct") is not False))
    return found


def owned(
    held: Sequence[Stake], listed: Listings, minimum: Fraction, asked: Interval
) -> Iterator[tuple[str, str]]:
    """Yield who is owned by listed owners on some day of the asked time, each with a designation of theirs.

    What counts together does so on the first day that is asked, on one on which a stake begins, or on the day after one
    has ended: an indirect stake counts from then on. Nobody is owned through its own listing.
    """
    days = {asked[0], *(stake.live[0] for stake in held)}
    days |= {day_after(stake.live[1]) for stake in held if stake.live[1] != NEVER}
    for day in sorted(day for day in days if asked[0] <= day <= asked[1]):
        today = [stake for stake in held if meet(stake.live, (day, day))]
        for asset, designations in on_a_day(shares(today), listed, minimum).items():
            for designation in designations - listed.get(asset, set()):
                yield asset, designation


def shares(today: Sequence[Stake]) -> dict[tuple[str, str], Fraction]:
    """Return what each owner holds of each asset on a day.

    Of several records the greatest counts; an indirect stake only where no chain of direct ones leads there.
    """
    direct = [(stake.owner, stake.asset) for stake in today if stake.direct]
    found: dict[tuple[str, str], Fraction] = defaultdict(Fraction)
    for stake in today:
        pair = stake.owner, stake.asset
        if stake.direct or stake.asset not in after(stake.owner, direct):
            found[pair] = max(found[pair], stake.share)
    return dict(found)


def on_a_day(
    held: Mapping[tuple[str, str], Fraction], listed: Listings, minimum: Fraction
) -> dict[str, set[str]]:
    """Return who is owned, with the designations of all owners whose stakes count: the least fixed point.

    The stakes of owners that are listed, or are owned themselves, add up to the minimum or more.
    """
    found: dict[str, set[str]] = {}
    while True:
        more: dict[str, set[str]] = {}
        for asset in {asset for _, asset in held}:
            counting = [owner for owner, of in held if of == asset and (owner in listed or owner in found)]
            if counting and sum(held[owner, asset] for owner in counting) >= minimum:
                named = (listed.get(owner, set()) | found.get(owner, set()) for owner in counting)
                more[asset] = set().union(*named)
        if more == found:
            return found
        found = more


def successors(package: Package, alias: Mapping[str, str], until: str) -> dict[str, set[str]]:
    """Return who came out of whom by changes until a day, in any number of steps; undated ones count always."""
    steps = [
        (alias[before], alias[successor])
        for row in kept(package, "organisation_changes")
        if row["kind"] in LEADS_ON and (not row.get("date") or first(row["date"]) <= until)
        for before in cell(row, "before")
        for successor in cell(row, "after")
    ]
    return {before: after(before, steps) - {before} for before, _ in steps}


def after(start: str, steps: Sequence[tuple[str, str]]) -> set[str]:
    """Return where steps lead from a start, one at least."""
    found: set[str] = set()
    while more := {end for begin, end in steps if begin == start or begin in found} - found:
        found |= more
    return found
