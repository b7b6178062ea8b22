"""Ownership by listed owners: whose stakes, on one day, add up to the least share that is asked for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from opentier.graph.index.opened import Index
from opentier.graph.model.dates import EVER, NEVER
from opentier.graph.network.network import Arc, Designation
from opentier.graph.trace.asked import Asked


@dataclass(frozen=True)
class Owned:
    """Why an actor is owned by listed owners: their designations, and the stakes that add up."""

    entries: tuple[Designation, ...]
    stakes: tuple[Arc, ...]


@dataclass(frozen=True, slots=True)
class _Stake:
    owner: int
    asset: int
    share: float
    direct: bool
    start: int
    end: int
    arc: int


def owned(index: Index, asked: Asked, listed: Mapping[int, Sequence[Designation]]) -> dict[int, Owned]:
    """Return the actors that listed owners own, by node.

    The stakes of listed owners in an actor on one day of the asked time add up to the least share or more; an owner
    that is owned so itself counts with its whole stake (the least fixed point). Of several records on one owner and one
    asset the greatest counts; an indirect stake only where no chain of direct ones leads from that owner to the asset.

    Parameters
    ----------
    listed
        The designations that count, by the node that they name.

    Returns
    -------
    dict
        For each actor the designations of all owners whose stakes count, its own left out, on the first day on which
        there are any.
    """
    said, records = index.columns["record"], index.strings["record"]
    stakes = list(_stakes(index, asked)) if listed else []
    stakes.sort(
        key=lambda stake: (index.iri(stake.owner), records[said[stake.arc]])
    )  # whatever the index grew from
    found: dict[int, dict[str, tuple[Designation, tuple[int, ...]]]] = defaultdict(dict)
    for day in sorted(_days(stakes, asked)):
        live = [stake for stake in stakes if stake.start <= day <= stake.end]
        for asset, (entries, arcs) in _on_one_day(live, listed, asked.parameters.min_share).items():
            for entry in entries:
                found[asset].setdefault(entry.iri, (entry, arcs))
    return {
        asset: Owned(
            tuple(entry for entry, _ in said.values()),
            tuple(index.arc(arc) for arc in dict.fromkeys(arc for _, arcs in said.values() for arc in arcs)),
        )
        for asset, said in found.items()
    }


def _stakes(index: Index, asked: Asked) -> Iterator[_Stake]:
    """Yield the stakes below listed owners that pass what is asked of links."""
    ties, arcs, keep = index.designated.stakes, index.arcs, asked.keep
    start, end = np.maximum(arcs.start[ties.arc], keep.since), np.minimum(arcs.end[ties.arc], keep.until)
    kept = start <= end
    kept &= (keep.confidences[arcs.confidence[ties.arc]] != 0) & (keep.datasets[arcs.dataset[ties.arc]] != 0)
    ties = ties.where(kept)
    direct = index.columns["stated"][index.columns["record"][ties.arc]] >> 8 == 0
    columns = (ties.tail, ties.head, ties.share, direct, start[kept], end[kept], ties.arc)
    for stake in zip(*(column.tolist() for column in columns), strict=True):
        yield _Stake(*stake)


def _days(stakes: Sequence[_Stake], asked: Asked) -> set[int]:
    """Return days of the asked time among which there is one for each set of stakes that live together."""
    days = {stake.start for stake in stakes} | {stake.end + 1 for stake in stakes if stake.end != NEVER}
    return {max(day, asked.keep.since, EVER) for day in days if day <= asked.keep.until}


def _on_one_day(
    stakes: Sequence[_Stake], listed: Mapping[int, Sequence[Designation]], least: float
) -> dict[int, tuple[list[Designation], tuple[int, ...]]]:
    direct: dict[int, set[int]] = defaultdict(set)
    for stake in stakes:
        if stake.direct:
            direct[stake.owner].add(stake.asset)
    greatest: dict[tuple[int, int], _Stake] = {}
    for stake in stakes:
        pair = stake.owner, stake.asset
        if (stake.direct or not _leads(direct, *pair)) and (
            pair not in greatest or greatest[pair].share < stake.share
        ):
            greatest[pair] = stake
    by_asset: dict[int, list[_Stake]] = defaultdict(list)
    for stake in greatest.values():
        by_asset[stake.asset].append(stake)
    entries: dict[int, dict[str, Designation]] = {}
    counted: dict[int, tuple[int, ...]] = {}
    changed = True
    while changed:
        changed = False
        for asset, into in by_asset.items():
            count = [stake for stake in into if listed.get(stake.owner) or stake.owner in entries]
            if not count or round(sum(stake.share for stake in count), 9) < least:
                continue
            reached = {entry.iri: entry for stake in count for entry in listed.get(stake.owner, ())}
            for stake in count:
                reached |= entries.get(stake.owner, {})
            own = {entry.iri for entry in listed.get(asset, ())}
            reached = {iri: entry for iri, entry in reached.items() if iri not in own}
            if reached and reached.keys() != entries.get(asset, {}).keys():
                entries[asset], changed = reached, True
            counted[asset] = tuple(stake.arc for stake in count)
    return {asset: (list(found.values()), counted[asset]) for asset, found in entries.items()}


def _leads(direct: Mapping[int, set[int]], owner: int, asset: int) -> bool:
    """Return whether a chain of direct stakes leads from an owner to an asset."""
    seen, todo = {owner}, [owner]
    while todo:
        for below in direct.get(todo.pop(), ()):
            if below == asset:
                return True
            if below not in seen:
                seen.add(below)
                todo.append(below)
    return False
