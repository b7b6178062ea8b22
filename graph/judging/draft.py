"""A draft: an edition of the judgements that is to be published, and what came of it, before and after."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from opentier.graph.admission.admitted import Admission
from opentier.graph.exposure import words
from opentier.graph.identity.judgements import Judged, Judgements, admitted
from opentier.graph.index.opened import Index
from opentier.graph.judging.edition import Edition
from opentier.graph.judging.effect import Effect, effect
from opentier.graph.judging.outcome import Outcome
from opentier.graph.judging.sides import Side, Sides
from opentier.graph.store.release import Release
from opentier.graph.trace.lookup import Directory


class Shown(Protocol):
    """A release and its index, as a view has them."""

    release: Release

    @property
    def index(self) -> Index:
        """The index."""


class Seen:
    """A release as it is before or after a judgement."""

    def __init__(self, shown: Shown) -> None:
        self.release, self.index = shown.release, shown.index

    @property
    def sides(self) -> Sides:
        """Its actors, member by member."""
        return Sides(self.release, Directory(self.index, self.release))

    def one(self, side: Side) -> tuple[str, ...]:
        """Return the ids of all that are one with an actor."""
        node = self.index.node(side.iri)
        members = self.index.actor(node).members if node is not None else ()
        return tuple(map(self.release.names.id, members)) or (side.id,)

    def ones(self, left: Side, right: Side) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the same of two actors."""
        return self.one(left), self.one(right)


@dataclass
class Draft:
    """An edition that is to be published, and for what.

    Attributes
    ----------
    known
        The judgements as they are before.
    """

    edition: Edition
    known: Judgements
    judged: Judged
    left: Side
    right: Side
    reason: str
    undone: bool = False
    replaced: list[Judged] = field(default_factory=list)
    again: list[Judged] = field(default_factory=list)

    def outcome(
        self, before: Seen, after: Seen, admission: Admission | None, warnings: tuple[str, ...]
    ) -> Outcome:
        """Return what came of it; without an admission nothing was published."""
        release, same = after.release, admission is None
        version = admission.version.number if admission else self.edition.number
        known = self.known if same else admitted(release)
        told = {dispute.key for dispute in self.known.disputed}
        disputes = tuple(dispute for dispute in known.disputed if dispute.key not in told)
        said = [f"{dispute.told(release.names)} {dispute.advice}" for dispute in disputes]
        changed, why = (Effect(), "") if same else self._effect(before, after, version)
        return Outcome(
            names=release.names, judged=self.judged, left=self.left, right=self.right, reason=self.reason,
            undone=self.undone, new=not same,
            version=version,
            counts=known.counts.get(self.judged.pair), replaced=tuple(self.replaced), again=tuple(self.again),
            before=before.ones(self.left, self.right), after=after.ones(self.left, self.right),
            disputes=disputes, warnings=tuple(each for each in warnings if each not in said), effect=changed, why=why,
        )  # fmt: skip

    def _effect(self, before: Seen, after: Seen, version: int) -> tuple[Effect | None, str]:
        """Return what changed in traces, or why that cannot be said."""
        old, new = before.release.current, after.release.current
        changed = {name for name in {*old, *new} if old.get(name) != new.get(name)}
        own = self.edition.dataset
        if changed != {own} or new[own].number != version:
            return None, words.said("judged", "meanwhile")
        judged = self.left.iri, self.right.iri
        return effect(before.index, after.index, judged, (before.release, after.release)), ""
