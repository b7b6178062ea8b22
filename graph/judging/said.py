"""What is said of who is who: every judgement that stands in a current version, by people and by rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from opentier.graph.identity.judgements import Judged, Judgements, admitted, of
from opentier.graph.judging.sides import Side, Sides
from opentier.graph.model.names import digest, expand
from opentier.graph.model.tables import TABLES
from opentier.graph.store.release import Release, one
from opentier.graph.triples.engine import Fields

#: Who decided, where it is not said who.
PERSON, BY_RULE = "person", "rule"
#: The columns of an export: with names, and without any.
NAMED: tuple[str, ...] = (
    "id", "left", "left_name", "right", "right_name", "judgement", "score", "decided_by", "date", "reason", "state",
)  # fmt: skip
NAMELESS: tuple[str, ...] = ("left", "right", "judgement", "score", "decided_by", "year")
_TABLE = TABLES["identity_judgements"]
_TERMS = {expand(column.term): column.term for column in _TABLE if column.term}
_TERMS[expand("prov:wasInvalidatedBy")] = "invalidated"


@dataclass(frozen=True)
class Undone:
    """That a judgement was taken back: why, when, by whom, and which one stands in its place, if one does."""

    reason: str
    date: str | None
    by: str | None
    replaced_by: str | None


@dataclass(frozen=True)
class Said:
    """A judgement with its sides.

    Attributes
    ----------
    state
        "counts"; "disputed", where it joins nobody; "outweighed" by another on the same pair; or "undone".
    """

    judged: Judged
    id: str
    left: Side
    right: Side
    reason: str
    state: str
    undone: Undone | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return it as a JSON object."""
        undone = self.undone
        return {
            "record": self.judged.record,
            "id": self.id,
            "dataset": self.id.partition("/")[0],
            "left": self.left.to_dict(),
            "right": self.right.to_dict(),
            "judgement": self.judged.judgement,
            "score": self.judged.score,
            "decided_by": self.judged.decided_by,
            "by_person": self.judged.by_person,
            "date": self.judged.date,
            "reason": self.reason or None,
            "state": self.state,
            "undone": undone and {"reason": undone.reason, "date": undone.date, "by": undone.by},
        }


def said(
    release: Release,
    sides: Sides,
    *,
    undone: bool = False,
    by_rule: bool | None = None,
    actor: str | None = None,
) -> list[Said]:
    """Return the judgements of the current versions, the latest first.

    Parameters
    ----------
    undone
        Whether those are meant that were taken back, and not those that stand.
    by_rule
        Whether those of rules alone are meant, or those of people; all where it is None.
    actor
        An actor as a trace takes it: only judgements on it or on one that is one with it.
    """
    own = _members(sides, actor) if actor is not None else None
    found = _Found(release, sides)
    every = [
        found.said(judged, fields)
        for judged, fields in _each(release, release.graphs)
        if ("invalidated" in fields) == undone
        and (by_rule is None or judged.by_person != by_rule)
        and (own is None or own & judged.pair)
    ]
    every.sort(key=lambda each: each.judged.record)
    return sorted(every, key=lambda each: each.judged.date or "", reverse=True)


def find(release: Release, sides: Sides, record: str) -> Said | None:
    """Return a judgement of a current version by its IRI, one that was taken back too."""
    version = release.current.get(release.names.id(record).partition("/")[0])
    for judged, fields in _each(release, [version.iri] if version else []):
        if judged.record == record:
            return _Found(release, sides).said(judged, fields)
    return None


class _Found:
    """What makes a judgement one with its sides and its state."""

    def __init__(self, release: Release, sides: Sides) -> None:
        self.release, self.sides = release, sides

    @cached_property
    def known(self) -> Judgements:
        return admitted(self.release)

    @cached_property
    def disputed(self) -> set[str]:
        return {dispute.join.record for dispute in self.known.disputed}

    @cached_property
    def undone(self) -> dict[str, Undone]:
        return dict(_undone(self.release))

    def said(self, judged: Judged, fields: Fields) -> Said:
        """Return a judgement with its sides and its state."""
        sides, reason = self.sides, one(fields, "ot:statusReason") or ""
        gone = self.undone.get(judged.record) if "invalidated" in fields else None
        state = "undone" if "invalidated" in fields else self._state(judged)
        id, left, right = self.release.names.id(judged.record), sides.of(judged.left), sides.of(judged.right)
        return Said(judged, id, left, right, reason, state, gone)

    def _state(self, judged: Judged) -> str:
        if judged.record in self.disputed:
            return "disputed"
        counts = self.known.counts.get(judged.pair)
        return "counts" if counts and counts.record == judged.record else "outweighed"


def _each(release: Release, graphs: Iterable[str]) -> Iterator[tuple[Judged, Fields]]:
    """Yield all judgements of some versions with their fields, those taken back too."""
    for graph in graphs:
        for iri, fields in release.engine.records(graph, expand(_TABLE.rdf_class), _TERMS):
            if judged := of(iri, fields):
                yield judged, fields


def _undone(release: Release) -> Iterator[tuple[str, Undone]]:
    """Yield records that were taken back, each with why."""
    for _, fields in release.each("retractions"):
        date, by = one(fields, "dcterms:date"), one(fields, "ot:decidedBy")
        for record in fields.get("ot:retracts", ()):
            yield record, Undone(one(fields, "ot:statusReason") or "", date, by, one(fields, "ot:replacedBy"))


def _members(sides: Sides, actor: str) -> set[str]:
    """Return all that are one with an actor."""
    node = sides.directory.node(actor)
    index = sides.directory.index
    return {index.iri(node), *index.actor(node).members}


def named(every: Iterable[Said]) -> Iterator[tuple[object, ...]]:
    """Yield judgements as rows of `NAMED`."""
    for each in every:
        judged = each.judged
        sides = each.left.id, each.left.name, each.right.id, each.right.name
        more = judged.judgement, judged.score, judged.decided_by, judged.date, each.reason or None, each.state
        yield each.id, *sides, *more


def nameless(every: Iterable[Said]) -> Iterator[tuple[object, ...]]:
    """Yield judgements as rows of `NAMELESS`: actors are numbers, of who decided only whether it was a person.

    The numbers follow from an order that no name shows in.
    """
    numbers: dict[str, int] = {}
    for each in sorted(every, key=lambda each: digest([each.judged.record])):
        judged = each.judged
        left, right = (numbers.setdefault(iri, len(numbers) + 1) for iri in (judged.left, judged.right))
        by = PERSON if judged.by_person else BY_RULE
        yield left, right, judged.judgement, judged.score, by, (judged.date or "")[:4] or None
