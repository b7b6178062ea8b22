"""The comparison of two screening records: which exposures are new, gone or other ones, and why."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from opentier.graph.kept.causes import TIME, Cause, Causes
from opentier.graph.kept.record import LIST
from opentier.graph.store.release import Release

Json = dict[str, Any]
NEW, GONE, CHANGED, AGED = "new", "gone", "changed", "aged"
#: What of a hop makes it another one; its version alone does not.
_HOP = (
    "kind", "direction", "record", "product", "start_date", "end_date", "observed_date", "share", "gap", "confidence",
    "evidence", "judgement",
)  # fmt: skip
#: What of an exposure may differ, beside its path.
_SAID = ("tier", "severity", "state", "group", "scope_match")
#: Returns the canonical actor of one.
Canonical = Callable[[str], str]


@dataclass(frozen=True)
class Differing:
    """An exposure that is new, gone, or another one: as it was and as it is, what of it differs, and why.

    Attributes
    ----------
    what
        "new", "gone", "changed", or "aged": it weighs less for its age alone.
    traced
        Of a list the id of the actor whose exposure it is.
    """

    what: str
    old: Mapping[str, Any] | None
    new: Mapping[str, Any] | None
    title: str
    changes: Mapping[str, Any] = field(default_factory=dict)
    causes: tuple[Cause, ...] = ()
    traced: str = ""

    def to_dict(self) -> Json:
        """Return it as a JSON object."""
        said = self.new or self.old
        assert said is not None
        return {
            **({"traced": self.traced} if self.traced else {}),
            "what": self.what,
            "actor": said["actor"],
            "designation": {"iri": said["designation"], "title": self.title},
            "reason": said["reason"],
            "sentence": said["sentence"],
            "group": said["group"],
            "state": said["state"],
            "changes": dict(self.changes),
            "causes": [cause.to_dict() for cause in self.causes],
        }


@dataclass(frozen=True)
class Row:
    """A row of a list of which the answer is another one.

    Attributes
    ----------
    traced
        The ids of the actors that the row may be and of which exposures differ.
    changes
        What differs of it: its match, its verdict, the nearest exposure, whether somebody is exposed whom it may be.
    counts
        How many exposures of those actors are new, gone, changed.
    """

    row: int
    name: str
    traced: tuple[str, ...]
    changes: Mapping[str, Any]
    counts: Mapping[str, int]
    causes: tuple[Cause, ...]

    def to_dict(self) -> Json:
        """Return it as a JSON object."""
        return {
            "row": self.row,
            "name": self.name,
            "traced": list(self.traced),
            "changes": dict(self.changes),
            "counts": dict(self.counts),
            "causes": [cause.to_dict() for cause in self.causes],
        }


@dataclass(frozen=True)
class Comparison:
    """What differs between two records.

    Attributes
    ----------
    exposures
        Those that differ: new, gone, changed, aged; in the order of the answers.
    same
        How many are the same.
    rows, rows_same
        Of a list the rows that differ, and how many do not; the exposures are those of the actors that rows may be.
    """

    old: Mapping[str, Any]
    new: Mapping[str, Any]
    contributions: tuple[Mapping[str, Any], ...]
    others: tuple[Cause, ...]
    exposures: tuple[Differing, ...]
    same: int
    rows: tuple[Row, ...] = ()
    rows_same: int = 0

    @property
    def changed(self) -> bool:
        """Whether the answer is another one; that some weigh less for their age alone is no other answer."""
        verdicts = [side["verdict"]["result"] for side in (self.old, self.new)]
        return verdicts[0] != verdicts[1] or bool(self.rows) or any(e.what != AGED for e in self.exposures)

    def counts(self) -> dict[str, int]:
        """Return how many exposures are new, gone, changed, aged, and the same."""
        every = [each.what for each in self.exposures]
        return {**{what: every.count(what) for what in (NEW, GONE, CHANGED, AGED)}, "same": self.same}

    def to_dict(self) -> Json:
        """Return it as a JSON object."""
        on = [side["question"]["parameters"]["on"] for side in (self.old, self.new)]
        return {
            "old": _named(self.old),
            "new": _named(self.new),
            "changed": self.changed,
            "verdict": {"from": self.old["verdict"], "to": self.new["verdict"]},
            "on": {"from": on[0], "to": on[1]},
            "counts": self.counts(),
            "contributions": [dict(each) for each in self.contributions],
            "program": [cause.text for cause in self.others],
            **(
                {"rows": [each.to_dict() for each in self.rows], "rows_same": self.rows_same}
                if self.new["kind"] == LIST
                else {}
            ),
            "exposures": [each.to_dict() for each in self.exposures],
        }


def compare(
    release: Release, old: Mapping[str, Any], new: Mapping[str, Any], canonical: Canonical
) -> Comparison:
    """Return what differs between two records, as far as a release says why.

    Parameters
    ----------
    canonical
        Which actor stands for one now: those of the records are compared by it.
    """
    causes = Causes(release, old, new)
    differing, same = exposures(causes, old["results"], new["results"], canonical)
    told = tuple(causes.editions.told(name) for name in causes.editions.changed)
    return Comparison(old, new, told, tuple(causes.others), tuple(differing), same)


def exposures(
    causes: Causes, old: list[Json], new: list[Json], canonical: Canonical
) -> tuple[list[Differing], int]:
    """Return which of some exposures differ, and how many do not."""
    before, now = ({_key(each, canonical): each for each in side} for side in (old, new))
    found = [_one(causes, before.get(key), each) for key, each in now.items()]
    found += [_one(causes, each, None) for key, each in before.items() if key not in now]
    differing = [each for each in found if each is not None]
    order = (NEW, GONE, CHANGED, AGED)
    return sorted(differing, key=lambda each: order.index(each.what)), len(found) - len(differing)


def _key(exposure: Mapping[str, Any], canonical: Canonical) -> tuple[str, str, str]:
    return canonical(exposure["actor"]["iri"]), exposure["designation"], exposure["reason"]


def _one(causes: Causes, old: Json | None, new: Json | None) -> Differing | None:
    """Return how an exposure differs; None where it does not."""
    side, record = (new, causes.new) if new is not None else (old, causes.old)
    assert side is not None
    title = next(each["title"] for each in record["designations"] if each["iri"] == side["designation"])
    if old is None or new is None:
        return Differing(NEW if old is None else GONE, old, new, title, {}, tuple(causes.of(old, new)))
    changes = dict(_changes(causes, old, new))
    if not changes:
        return None
    if causes.passed and changes.keys() == {"severity"} and _factors(old) == _factors(new):
        aged = tuple(cause for cause in causes.of(old, new) if cause.kind == TIME)
        return Differing(AGED, old, new, title, changes, aged)
    return Differing(CHANGED, old, new, title, changes, tuple(causes.of(old, new)))


def _changes(causes: Causes, old: Json, new: Json) -> Iterator[tuple[str, Json]]:
    for name in _SAID:
        was, now = (side["actor"]["tier"] if name == "tier" else side[name] for side in (old, new))
        if name == "severity":
            was, now = was["value"], now["value"]
        if was != now:
            yield name, {"from": was, "to": now}
    was, now = ([causes.old["hops"][number] for number in old["path"]["hops"]],
                [causes.new["hops"][number] for number in new["path"]["hops"]])  # fmt: skip
    if [_hop(hop) for hop in was] != [_hop(hop) for hop in now]:
        yield "path", {"from": _path(was), "to": _path(now)}


def _hop(hop: Mapping[str, Any]) -> list[Any]:
    ends = [] if hop["record"] else [hop["from"]["id"], hop["to"]["id"]]  # whoever stands for them now
    return [*ends, *(hop.get(name) for name in _HOP)]


def _path(hops: list[Json]) -> list[str]:
    """Return the actors along a path, by id."""
    return [hop["from"]["id"] for hop in hops[:1]] + [hop["to"]["id"] for hop in hops]


def _factors(exposure: Mapping[str, Any]) -> Json:
    """Return what makes an exposure severe, but its age."""
    return {name: value for name, value in exposure["severity"]["factors"].items() if name != "recency"}


def _named(record: Mapping[str, Any]) -> Json:
    return {"id": record["id"], "hash": record.get("hash")}
