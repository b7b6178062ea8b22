"""The effect of a judgement: which actors gain or lose exposures, and which.

An exposure changes only where a walk meets an actor of which the judgement changes who is one with it, or an actor
that is touched through such a one: by a doubt, by stakes, by a succession. So only those who reach such actors are
traced, before and after; the nearest first, as many as may be.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from opentier.graph.exposure import words
from opentier.graph.exposure.exposures import gathered
from opentier.graph.exposure.touches import Touches
from opentier.graph.index.opened import Index
from opentier.graph.network.network import Actor, Designation
from opentier.graph.store.release import Release
from opentier.graph.trace.asked import ENDLESS, Asked
from opentier.graph.trace.parameters import Parameters
from opentier.graph.trace.unindexed import Unindexed
from opentier.graph.trace.walks import trace

#: What is asked before and after: at any time, over supply and operation links; and the same question reversed.
ASKED, _BACK = Parameters(paths=1), Parameters(paths=1, downstream=True)
#: Actors that are compared at most, and the links that are walked for it at most, if each walks all there are.
MOST, WORK = 1_000, 20_000_000
#: Actors that are named of those that were not compared.
FIRST = 10
#: What tells one exposure of an actor from another, whoever is one with whom: designation and reason.
Key = tuple[str, str]
#: The nodes of an actor before and after.
Pair = tuple[int | None, int | None]
#: The tier of a touched actor, its IRI and its node, and what touches it.
_Nearest = tuple[int, str, int, Designation]


@dataclass(frozen=True)
class Met:
    """An exposure that was gained or lost: by which designation, why, and whom it touches at which tier."""

    designation: str
    title: str
    reason: str
    why: str
    actor: Actor
    tier: int


@dataclass(frozen=True)
class Changed:
    """An actor that gained or lost exposures; called as before or as after, whichever has fewer that are one."""

    actor: Actor
    gained: tuple[Met, ...]
    lost: tuple[Met, ...]


@dataclass(frozen=True)
class Effect:
    """What a judgement changed in traces.

    Attributes
    ----------
    changed
        Who gained or lost exposures, the nearest first.
    reaching
        How many actors reach those of whom the judgement says anything; they themselves count.
    compared
        How many of them were compared, the nearest first.
    left
        The first of those that were not.
    why
        Why not all were compared; "" where they were.
    """

    changed: tuple[Changed, ...] = ()
    reaching: int = 0
    compared: int = 0
    left: tuple[Actor, ...] = ()
    why: str = ""

    @property
    def gained(self) -> list[Changed]:
        """Those that gained exposures."""
        return [each for each in self.changed if each.gained]

    @property
    def lost(self) -> list[Changed]:
        """Those that lost exposures."""
        return [each for each in self.changed if each.lost]


class _Seen:
    """An index with what is asked of it."""

    def __init__(self, index: Index, release: Release | None) -> None:
        self.index, self.touches = index, Touches(index, Asked.of(index, ASKED))
        self._unindexed = Unindexed(index, release)

    def members(self, iri: str) -> set[str]:
        """Return all that are one with an actor, itself too."""
        node = self.index.node(iri)
        return {iri} if node is None else {iri, self.index.iri(node), *self.index.actor(node).members}

    def doubted(self, iris: Iterable[str]) -> set[str]:
        """Return those that some actors may be one with."""
        nodes = {self.index.node(iri) for iri in iris}
        unsure = self.index.unsure
        return {self.index.iri(n) for node in nodes if node is not None for n in unsure.get(node, ())}

    def relayed(self) -> dict[str, frozenset[str]]:
        """Return the designations of others that touch actors by stakes or by successions."""
        return {self.index.iri(node): said for node, said in self.touches.relayed().items()}

    def reaching(self, iris: Iterable[str], most: int) -> tuple[dict[str, int], int]:
        """Return who reaches any of some actors, by how many tiers at least, the nearest first; and how many do."""
        index = self.index
        least = np.full(len(index), ENDLESS, np.int32)
        for node in sorted({node for iri in iris if (node := index.node(iri)) is not None}):
            found = trace(index, node, _BACK)
            least[found.nodes] = np.minimum(least[found.nodes], found.tier)
        nodes = np.flatnonzero((least < ENDLESS) & (index.columns["kind"][: len(index)] != 0))
        first = nodes[np.lexsort((nodes, least[nodes]))][:most].tolist()
        return {index.iri(node): int(least[node]) for node in first}, len(nodes)

    def exposures(self, node: int | None) -> dict[Key, _Nearest]:
        """Return the exposures of an actor: of those by one designation for one reason the nearest."""
        if node is None:
            return {}
        found, index = trace(self.index, node, ASKED), self.index
        every = gathered(found, self.touches)
        here = np.isin(found.nodes, np.fromiter({end for end, _, _ in every}, np.uint32))
        tiers = dict(zip(found.nodes[here].tolist(), found.tier[here].tolist(), strict=True))
        met: dict[Key, _Nearest] = {}
        for (end, iri, reason), known in every.items():
            assert known.touch is not None
            new = tiers[end], index.iri(end), end, known.touch.designation
            met[iri, reason] = min(new, met.get((iri, reason), new), key=lambda one: one[:2])
        return met

    def but(self, some: Mapping[Key, _Nearest], others: Mapping[Key, _Nearest]) -> tuple[Met, ...]:
        """Return some exposures of this index but those that others are, too; the nearest first."""
        found = [self._met(key[1], *each) for key, each in some.items() if key not in others]
        return tuple(sorted(found, key=lambda met: (met.tier, met.designation, met.reason)))

    def _met(self, reason: str, tier: int, iri: str, end: int, entry: Designation) -> Met:
        index = self.index
        actor, title = index.actor(end), words.title(entry, self._unindexed.listed(entry))
        why = words.reason(reason, entry, kind=actor.kind, share=ASKED.min_share)
        return Met(entry.iri, title, reason, why, actor, tier)


def effect(
    before: Index,
    after: Index,
    judged: Iterable[str],
    releases: tuple[Release | None, Release | None] = (None, None),
) -> Effect:
    """Return what a judgement on some actors (by IRI) changed; nothing else differs between the two indexes.

    Listed actors are called as their lists call them where the releases are given, too.
    """
    old, new = (_Seen(*each) for each in zip((before, after), releases, strict=True))
    links = len(after.rows())
    most = min(MOST, max(1, WORK // max(1, links)))
    one = _one(old, new, judged)
    was, now = old.relayed(), new.relayed()
    others = old.doubted(one) | new.doubted(one) | {i for i in {*was, *now} if was.get(i) != now.get(i)}
    seeds = [*sorted(one), *sorted(others - one)]
    reached = [side.reaching(seeds[:most], most + FIRST) for side in (old, new)]
    tiers: dict[Pair, tuple[int, str]] = {}
    for iri, tier in [
        *((iri, 0) for iri in one),
        *(each for tiers_, _ in reached for each in tiers_.items()),
    ]:
        pair = before.node(iri), after.node(iri)
        tiers[pair] = min((tier, iri), tiers.get(pair, (tier, iri)))
    order = [pair for pair in sorted(tiers, key=tiers.__getitem__) if _actors(before, after, pair)]
    changed = []
    for pair in order[:most]:
        lost, gained = old.exposures(pair[0]), new.exposures(pair[1])
        apart = new.but(gained, lost), old.but(lost, gained)
        if any(apart):
            changed.append(Changed(_called(before, after, pair), *apart))
    left = order[most:]
    why = words.said("judged", "bound", most=most, links=links) if left or seeds[most:] else ""
    first = tuple(_called(before, after, pair) for pair in left[:FIRST])
    many = max(len(order), *(count for _, count in reached))
    return Effect(tuple(changed), many, min(most, len(order)), first, why)


def _one(old: _Seen, new: _Seen, judged: Iterable[str]) -> set[str]:
    """Return all that were or are one with some actors, and with these again."""
    found, todo = set[str](), list(judged)
    while todo:
        iri = todo.pop()
        if iri not in found:
            found.add(iri)
            todo += old.members(iri) | new.members(iri)
    return found


def _actors(before: Index, after: Index, pair: Pair) -> list[Actor]:
    sides = zip((before, after), pair, strict=True)
    return [index.actor(node) for index, node in sides if node is not None and index.described(node)]


def _called(before: Index, after: Index, pair: Pair) -> Actor:
    return min(_actors(before, after, pair), key=lambda actor: len(actor.members))
