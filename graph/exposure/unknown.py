"""What is not known of actors: where they are, whether they are a listed one, and what became of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import replace

import numpy as np

from opentier.graph.engine.arrays import Array
from opentier.graph.engine.columns import spread
from opentier.graph.exposure.objects import Json, Objects
from opentier.graph.exposure.touches import Touches
from opentier.graph.index.opened import Index
from opentier.graph.model.dates import EVER, iso
from opentier.graph.network.network import Designation, Succession
from opentier.graph.trace.likeness import Likeness
from opentier.graph.trace.parameters import window
from opentier.graph.trace.plain import allowed
from opentier.graph.trace.unindexed import Unindexed


def without_country(index: Index) -> Array:
    """Mark the numbers of places of nodes that say no country."""
    return np.array([not any(place.country for place in listed) for listed in index.places], np.bool_)


def without_region(touches: Touches) -> Array:
    """Mark the numbers of places in a country of which a region is listed, where nobody knows in which region."""
    countries = {entry.place.country for entry in touches.of_regions if entry.place}
    found = np.zeros(len(touches.index.places), np.bool_)
    for number, listed in enumerate(touches.index.places):
        for country in countries:
            inside = [place for place in listed if place.country == country]
            found[number] |= bool(inside) and not any(place.known_region for place in inside)
    return found


def called(
    touches: Touches, unindexed: Unindexed, nodes: Collection[int]
) -> Iterator[tuple[Likeness, Designation]]:
    """Yield those of some nodes that are called as a designated one is, which nobody has judged, with what lists it."""
    for alike in unindexed.alike:
        if alike.actor in nodes:
            listing = touches.index.designated.targets.get(alike.listed, ())
            yield from ((alike, entry) for entry in listing if touches.state(entry) == "current")


def alike(touches: Touches, objects: Objects, unindexed: Unindexed, nodes: Collection[int]) -> Iterator[Json]:
    """Yield those of some actors that are called as a designated one is, unjudged: the likeliest first."""
    found = sorted(
        called(touches, unindexed, nodes),
        key=lambda each: (-each[0].score, touches.index.iri(each[0].actor), each[1].iri),
    )
    for likeness, entry in found:
        actor = objects.named(touches.index.iri(likeness.actor))
        designation = objects.entry(entry)
        yield {"actor": actor, "designation": designation, "score": likeness.score, "why": likeness.why}


def changes(touches: Touches, objects: Objects, nodes: Collection[int]) -> Iterator[Json]:
    """Yield the changes of some organisations until the asked day."""
    index, until = touches.index, window(touches.parameters)[1]
    for node, _, said in index.successions:
        if node in nodes and said.happened(until):
            after = objects.named(said.after) if said.after else None
            yield {
                "actor": objects.named(index.iri(node)),
                "kind": said.kind,
                "after": after,
                "date": said.date,
            }


def continued(
    touches: Touches, objects: Objects, nodes: Array, tier: Array, reached: Collection[int] = ()
) -> list[Json]:
    """Return who became of actors with whom some others, at their tiers, had links that ended before the asked time.

    Nothing says whether the dealings went on with those. Who is reached, or linked at the asked time, is left out.
    """
    index, until, down = touches.index, window(touches.parameters)[1], touches.parameters.downstream
    after: dict[int, list[tuple[int, Succession]]] = defaultdict(list)
    for before, node, said in index.successions:
        if node is not None and said.kind != "dissolved" and said.happened(until):
            after[before].append((node, said))
    became = {node for said in after.values() for node, _ in said}
    ends = np.array(sorted((after.keys() | became).difference(reached)), np.int64)
    ended, live = _linked(touches, nodes, tier, ends)
    found = []
    for (near, far), end in ended.items():
        seen, todo = {far}, [far] if far in after else []
        while todo:
            before = todo.pop()
            for node, said in after.get(before, ()):
                if node in seen or node in reached or (near, node) in live:
                    continue
                seen.add(node)
                todo.append(node)
                listing = index.designated.targets.get(node, ())
                found.append({
                    "from": objects.named(index.iri(far if down else near)),
                    "to": objects.named(index.iri(near if down else far)), "ended": iso(end),
                    "actor": objects.named(index.iri(before)), "kind": said.kind,
                    "after": objects.named(index.iri(node)), "date": said.date,
                    "designations": [index.names.id(e.iri) for e in listing if touches.state(e) == "current"],
                })  # fmt: skip
    return sorted(found, key=lambda each: [each[name]["iri"] for name in ("from", "to", "actor", "after")])


def _linked(
    touches: Touches, nodes: Array, tier: Array, ends: Array
) -> tuple[dict[tuple[int, int], int], set[tuple[int, int]]]:
    """Return which links lead from nodes, at their tiers, to some ends: those that ended before the asked time, each
    with its last day, where none is live at it, and those that are.
    """
    index, asked = touches.index, touches.asked
    keep = asked.keep
    if not keep.some_time or keep.since == EVER or not len(ends) or not len(nodes):
        return {}, set()
    ways = index.out if touches.parameters.downstream else index.back
    begin, end = ways.begin[ends].astype(np.int64), ways.end[ends].astype(np.int64)
    rows = spread(begin, end)
    arcs = ways.arc[rows].astype(np.int64) if len(ways.arc) else rows
    near, far = ways.other[rows], np.repeat(ends, end - begin)
    order = np.argsort(nodes)
    at = order[np.minimum(np.searchsorted(nodes, near, sorter=order), len(nodes) - 1)]
    known = (nodes[at] == near) & (tier[at] + index.arcs.tiers[arcs] <= asked.ask.most)
    earlier = replace(asked, keep=keep._replace(since=EVER, until=keep.since - 1))
    before, now = (known & np.isin(arcs, allowed(index, each, arcs)) for each in (earlier, asked))
    live = set(zip(near[now].tolist(), far[now].tolist(), strict=True))
    ended: dict[tuple[int, int], int] = {}
    last = index.arcs.end[arcs]
    for one, other, day in zip(*(each[before].tolist() for each in (near, far, last)), strict=True):
        if (one, other) not in live:
            ended[one, other] = max(day, ended.get((one, other), day))
    return ended, live
