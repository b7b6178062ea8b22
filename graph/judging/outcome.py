"""The outcome of a judgement, or of one that is taken back: what became of the two, and what it changed in traces."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from opentier.graph.exposure import words
from opentier.graph.identity.judgements import Dispute, Judged
from opentier.graph.judging.effect import Changed, Effect, Met
from opentier.graph.judging.sides import Side
from opentier.graph.model.names import Names
from opentier.graph.network.network import Actor

#: Actors that are named of those whose exposures changed, and exposures of each; JSON has all.
FIRST, EACH = 10, 3


@dataclass(frozen=True)
class Outcome:
    """What was said, and what came of it.

    Attributes
    ----------
    undone
        Whether it was taken back, and not made.
    new
        Whether anything was published: what stands already is not said twice.
    version
        The version of the dataset of judgements that has it.
    counts
        The judgement that counts on the two now; None where nobody judges them.
    replaced
        Judgements of the same day that were taken back for this one.
    again
        Those that were, and are said again since this one is taken back.
    before, after
        The ids of all that are one with each of the two.
    disputes
        Joins that are not made since then.
    warnings
        What the report on the contribution warns of that it did not warn of before.
    effect
        What changed in traces; None where that was not compared, and `why` not.
    """

    names: Names
    judged: Judged
    left: Side
    right: Side
    reason: str
    undone: bool
    new: bool
    version: int
    counts: Judged | None
    replaced: tuple[Judged, ...]
    again: tuple[Judged, ...]
    before: tuple[tuple[str, ...], tuple[str, ...]]
    after: tuple[tuple[str, ...], tuple[str, ...]]
    disputes: tuple[Dispute, ...]
    warnings: tuple[str, ...]
    effect: Effect | None
    why: str = ""

    @property
    def id(self) -> str:
        """The id of the judgement."""
        return self.names.id(self.judged.record)

    @property
    def outweighed_by(self) -> Judged | None:
        """The judgement that counts in the place of this one, where one does."""
        found = self.counts
        return None if self.undone or found is None or found.record == self.judged.record else found

    # --- In words ------------------------------------------------------------------------------------------------

    def lines(self) -> list[str]:
        """Return it in lines of text."""
        said = [*self._said(), *self._one()]
        return [*said, *self._disputed(), *self._changed()] if self.new else said

    def _said(self) -> Iterator[str]:
        judged = self.judged
        what = words.said("judged", judged.judgement)
        state = "undone" if self.undone else "judged" if self.new else "judged before"
        yield f"{state}: {self.left} and {self.right} {what}"
        by = ", ".join(filter(None, (f"by {judged.decided_by}" if judged.decided_by else "", judged.date)))
        yield f"{self.id} ({by}), in judgements version {self.version}"
        if self.reason:
            yield f"Reason: {self.reason}"
        for key, several in (("replaced", self.replaced), ("again", self.again)):
            yield from (self._other(key, each) for each in several)
        if other := self.outweighed_by:
            yield self._other("outweighed", other)

    def _other(self, key: str, judged: Judged) -> str:
        record, by = self.names.id(judged.record), judged.decided_by or "nobody named"
        return words.said("judged", key, record=record, judgement=judged.judgement, by=by)

    def _one(self) -> Iterator[str]:
        (left, right), now = self.after, self.after[0] == self.after[1]
        was = self.before[0] == self.before[1]
        if now:
            yield words.said("judged", "one-still" if was else "joined", ids=words.listed(left))
        elif was:
            yield words.said("judged", "parted", left=words.listed(left), right=words.listed(right))
        else:
            yield words.said("judged", "apart")
        counts = self.counts
        if not now and counts is not None and counts.judgement == "unsure":
            yield words.said("judged", "doubt")

    def _disputed(self) -> Iterator[str]:
        for dispute in self.disputes:
            yield f"Disputed: {dispute.told(self.names)} {dispute.advice}"

    def _changed(self) -> Iterator[str]:
        found = self.effect
        if found is None:
            yield words.said("judged", "unknown", why=self.why)
            return
        yield words.said("judged", "compared", compared=found.compared, reaching=found.reaching)
        if found.why:
            yield words.said("judged", "not-compared", why=found.why)
        if found.left:
            yield words.said(
                "judged", "left", ids=words.listed([_named(each, self.names) for each in found.left])
            )
        if not found.changed:
            yield words.said("judged", "nothing")
            return
        yield words.said("judged", "gained", n=len(found.gained)) + words.said(
            "judged", "lost", n=len(found.lost)
        )
        for each in found.changed[:FIRST]:
            yield f"- {_named(each.actor, self.names)}"
            for sign, several in (("+", each.gained), ("-", each.lost)):
                yield from (f"  {sign} {self._met(met)}" for met in several[:EACH])
                if several[EACH:]:
                    yield f"  {sign} and {len(several) - EACH:,} more"
        if found.changed[FIRST:]:
            yield words.said("judged", "more", n=len(found.changed) - FIRST)

    def _met(self, met: Met) -> str:
        return f"{met.title}; tier {met.tier}, {_named(met.actor, self.names)}. {met.why}"

    # --- As an object --------------------------------------------------------------------------------------------

    def to_dict(self) -> dict[str, Any]:
        """Return it as a JSON object."""
        return {
            "judgement": {
                **self._judgement(self.judged),
                "left": self.left.to_dict(),
                "right": self.right.to_dict(),
                "reason": self.reason or None,
            },
            "undone": self.undone,
            "new": self.new,
            "version": self.version,
            "counts": self.counts and self._judgement(self.counts),
            "replaced": [self._judgement(each) for each in self.replaced],
            "said_again": [self._judgement(each) for each in self.again],
            "one": {"before": self.before[0] == self.before[1], "after": self.after[0] == self.after[1]},
            "members": {
                "before": [list(part) for part in self.before],
                "after": [list(part) for part in self.after],
            },
            "disputes": [self._dispute(dispute) for dispute in self.disputes],
            "warnings": list(self.warnings),
            "effect": self._effect(),
        }

    def _judgement(self, judged: Judged) -> dict[str, Any]:
        return {
            "record": judged.record,
            "id": self.names.id(judged.record),
            "judgement": judged.judgement,
            "decided_by": judged.decided_by,
            "date": judged.date,
        }

    def _dispute(self, dispute: Dispute) -> dict[str, Any]:
        join, against = dispute.join, dispute.against
        return {
            "not_joined": [self.names.id(join.left), self.names.id(join.right)],
            "judged_to_differ": [self.names.id(against.left), self.names.id(against.right)],
            "deciders": list(dispute.deciders),
        }

    def _effect(self) -> dict[str, Any]:
        found = self.effect
        if found is None:
            return {"compared": 0, "reaching": None, "why_not_all": self.why, "left": [], "changed": []}
        return {
            "compared": found.compared,
            "reaching": found.reaching,
            "why_not_all": found.why or None,
            "left": [self._actor(actor) for actor in found.left],
            "gained": len(found.gained),
            "lost": len(found.lost),
            "changed": [self._change(each) for each in found.changed],
        }

    def _change(self, each: Changed) -> dict[str, Any]:
        gained, lost = ([self._exposure(met) for met in some] for some in (each.gained, each.lost))
        return {**self._actor(each.actor), "gained": gained, "lost": lost}

    def _exposure(self, met: Met) -> dict[str, Any]:
        said = {"designation": met.designation, "title": met.title, "reason": met.reason, "why": met.why}
        return {**said, "actor": self._actor(met.actor), "tier": met.tier}

    def _actor(self, actor: Actor) -> dict[str, Any]:
        id = self.names.id(actor.iri)
        return {"iri": actor.iri, "id": id, "name": actor.name, "country": actor.country}


def _named(actor: Actor, names: Names) -> str:
    return f"{names.id(actor.iri)} {actor.name}" + (f" ({actor.country})" if actor.country else "")
