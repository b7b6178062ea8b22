"""The rows of a screened list of which the answer is another one than it was: which, in what, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from opentier.graph.kept import record as records
from opentier.graph.kept.causes import Cause, Causes
from opentier.graph.kept.comparison import (
    AGED,
    CHANGED,
    GONE,
    NEW,
    Canonical,
    Comparison,
    Differing,
    Row,
    exposures,
)
from opentier.graph.store.release import Release

Json = dict[str, Any]
RISK = "risk_by_place_and_good"
_MATCH = ("match_id", "match_name", "match_band")


def compare(
    release: Release, old: Mapping[str, Any], new: Mapping[str, Any], canonical: Canonical
) -> Comparison:
    """Return what differs between two records of one list, row by row (see `comparison.compare`)."""
    return _Rows(release, old, new, canonical).comparison()


class _Rows:
    """Compares the rows of two records; the exposures of each two actors once."""

    def __init__(
        self, release: Release, old: Mapping[str, Any], new: Mapping[str, Any], canonical: Canonical
    ) -> None:
        self.old, self.new, self.names, self._canonical = old, new, release.names, canonical
        self.causes = Causes(release, old, new)
        self._answers = [
            {
                (self.canonical(each["actor"]), each.get("product")): each["results"]
                for each in side["answers"]
            }
            for side in (old, new)
        ]
        self._known: dict[tuple[str, int, int], list[Differing]] = {}
        self.same = 0

    def canonical(self, id: str) -> str:
        """Return the IRI that stands for an actor now, by its id."""
        return self._canonical(self.names.of_id(id) or id)

    def comparison(self) -> Comparison:
        rows = [
            *filter(
                None, map(self._row, self.old["rows"], self.new["rows"], self.new["question"]["list"]["rows"])
            )
        ]
        told = tuple(self.causes.editions.told(name) for name in self.causes.editions.changed)
        every = tuple(each for some in self._known.values() for each in some)
        return Comparison(
            self.old, self.new, told, tuple(self.causes.others), every, self.same, tuple(rows),
            sum(each["verdict"] is not None for each in self.new["rows"]) - len(rows),
        )  # fmt: skip

    def _row(self, old: Json, new: Json, said: Json) -> Row | None:
        """Return how a row differs; None where it does not."""
        before, now = (self._who(side) for side in (old, new))
        differing = [
            each
            for iri in before.keys() & now.keys()
            for each in self._of(iri, old, new)
            if each.what != AGED
        ]
        changes = {**dict(self._changes(old, new)), **dict(self._others(old, new))}
        if not changes and not differing:
            return None
        causes = [cause for each in differing for cause in each.causes]
        if changes.keys() & {"match", "others_exposed"} or not differing:
            some = [iri for iri in {**before, **now} if (iri in before) != (iri in now)]
            causes += self.causes.of_match(some or [*before, *now])
        counts = Counter(each.what for each in differing)
        return Row(
            said["row"],
            next(iter(said["read"]["called"]), said["read"]["id"]) if said["read"] else "",
            tuple(dict.fromkeys(each.traced for each in differing)),
            changes,
            {what: counts[what] for what in (NEW, GONE, CHANGED)},
            tuple(_once(causes)),
        )

    def _who(self, row: Json) -> dict[str, None]:
        """Return whom a row may be, as far as they were traced: by IRI, the traced one first."""
        ids = [row["traced"], *(each["id"] for each in row["candidates"])]
        return dict.fromkeys(self.canonical(id) for id in ids if id)

    def _of(self, iri: str, old: Json, new: Json) -> list[Differing]:
        """Return how the exposures of an actor differ that was traced both times for a row."""
        was, now = self._both(iri, old, new)
        if was is None or now is None:
            return []
        key = iri, id(was), id(now)
        if key not in self._known:
            found, same = exposures(self.causes, was, now, self._canonical)
            self._known[key] = [replace(each, traced=self.names.id(iri)) for each in found]
            self.same += same
        return self._known[key]

    def _both(self, iri: str, *rows: Json) -> list[list[Json] | None]:
        """Return the exposures of an actor as a row had them, and as it has them."""
        return [records.results(of, row, iri) for of, row in zip(self._answers, rows, strict=True)]

    def _changes(self, old: Json, new: Json) -> Iterator[tuple[str, Json]]:
        """Yield what of a row differs; that a score is a little other is no difference."""
        was, now = (side["matches"][0] if side["matches"] else None for side in (old, new))
        if self._match(was) != self._match(now):
            yield "match", {"from": was and _named(was), "to": now and _named(now)}
        for name in ("verdict", "possibly_exposed"):
            if old[name] != new[name]:
                yield name, {"from": old[name], "to": new[name]}
        told: list[Json] = []
        for name in ("nearest", "measure"):
            if name not in old or name not in new:  # an earlier version of the program did not ask
                continue
            sides = [side[name] for side in (old, new)]
            keys = [
                each and (self._canonical(each["actor"]["iri"]), each["designation"], each["reason"])
                for each in sides
            ]
            said = dict(zip(("from", "to"), (each and each["why"] for each in sides), strict=True))
            if keys[0] != keys[1] and said not in told:
                told.append(said)
                yield name, said
        if RISK in old and RISK in new:  # an earlier version of the program did not ask
            risks = [sorted({each["designation"] for each in side[RISK]}) for side in (old, new)]
            if risks[0] != risks[1]:
                titles = [
                    self._titles(side, of) for side, of in zip((self.old, self.new), risks, strict=True)
                ]
                yield RISK, {"from": titles[0], "to": titles[1]}

    def _titles(self, side: Mapping[str, Any], iris: Sequence[str]) -> str | None:
        return "; ".join(records.entry(side, iri)["title"] for iri in iris) or None

    def _others(self, old: Json, new: Json) -> Iterator[tuple[str, Json]]:
        """Yield which exposed actors a row may be only before or only now, beside the one whose trace counts."""
        sides = (old, self._answers[0]), (new, self._answers[1])
        every = [self._who(row) for row, _ in sides]
        alone = [every[0].keys() - every[1].keys(), every[1].keys() - every[0].keys()]
        found = [
            sorted(
                self.names.id(iri)
                for iri in some
                if iri != self._traced(row) and _exposed(records.results(answers, row, iri))
            )
            for some, (row, answers) in zip(alone, sides, strict=True)
        ]
        if any(found):
            yield (
                "others_exposed",
                {side: ", ".join(ids) or None for side, ids in zip(("from", "to"), found, strict=True)},
            )

    def _traced(self, row: Json) -> str | None:
        return self.canonical(row["traced"]) if row["traced"] else None

    def _match(self, said: Json | None) -> tuple[str, str] | None:
        return None if said is None or said["match_band"] == "reject" else (
            self.canonical(said["match_id"]), said["match_band"],
        )  # fmt: skip


def _exposed(results: Sequence[Json] | None) -> bool:
    return any(each["state"] == "current" for each in results or ())


def _named(said: Mapping[str, Any]) -> Json:
    return {name.removeprefix("match_"): said[name] for name in _MATCH}


def _once(causes: list[Cause]) -> Iterator[Cause]:
    """Yield some causes, each once."""
    yield from dict.fromkeys(causes)
