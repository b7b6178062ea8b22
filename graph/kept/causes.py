"""Causes: why an answer is another one than before, by what the records behind it were and are; nothing is guessed.

A designation, a link, a judgement of an exposure is looked up in the two versions of its dataset. What came, went or
says something else is named with the contribution that did it. Only where none of these differs, and more than one
thing else does, all that is known is which datasets differ; and that is said.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from opentier.graph.exposure import words
from opentier.graph.identity.judgements import EQUAL, JUDGED, MATCHED
from opentier.graph.kept import record as records
from opentier.graph.kept.editions import Editions, contribution
from opentier.graph.model.dates import EVER, NEVER, first_day, last_day
from opentier.graph.model.names import expand
from opentier.graph.model.rdf import IRI
from opentier.graph.model.tables import COMMON
from opentier.graph.store import difference
from opentier.graph.store.release import Release

Json = dict[str, Any]
DATA, JUDGEMENT, TIME = "data", "judgement", "time"
PROGRAM, QUESTION, UNKNOWN = "program", "question", "unknown"
#: What of a record or its question says of what it was made.
_NAMED = {"program": "version", "weights": "weights"}
#: What a record says that no answer hangs on; of an actor only some of what it says counts.
_IDLE = frozenset(column.name for column in COMMON)
_PLACE = frozenset({"country", "region", "identifiers"})
_LINKED = "ot:designation"
_IDENTIFIER = expand("adms:identifier")


@dataclass(frozen=True)
class Cause:
    """Why something differs.

    Attributes
    ----------
    kind
        "data", "judgement", "time" (nothing but the asked day differs), "program" (another version or other weights),
        "question" (something else was asked), or "unknown": it is not known which of several things did it.
    text
        A sentence.
    contribution
        The versions of the dataset that did it, as `Editions.told` has them.
    record, change, columns
        The id of the record that differs, how ("added", "removed", "changed", "retracted"), and what of it.
    """

    kind: str
    text: str
    contribution: Mapping[str, Any] | None = field(default=None, hash=False)
    record: str | None = None
    change: str | None = None
    columns: tuple[str, ...] = ()

    def to_dict(self) -> Json:
        """Return it as a JSON object."""
        return {
            "kind": self.kind,
            "text": self.text,
            "contribution": self.contribution and dict(self.contribution),
            "record": self.record,
            "change": self.change,
            "columns": list(self.columns),
        }


class Causes:
    """Why the exposures of two records differ."""

    def __init__(self, release: Release, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
        self.release, self.old, self.new = release, old, new
        self.editions = Editions(release, old, new)
        self.days = tuple(side["question"]["parameters"]["on"] for side in (old, new))
        self._known: dict[str, Cause | None] = {}

    # --- What differs at all -------------------------------------------------------------------------------------

    @property
    def passed(self) -> bool:
        """Whether the two were asked about different days."""
        return bool(self.days[0] != self.days[1])

    @cached_property
    def others(self) -> list[Cause]:
        """What else differs, beside datasets and the day: the program, its weights, the rest of the question."""
        old, new = self.old, self.new
        sides = (("program", old["program"], new["program"]), ("weights", old["question"], new["question"]))
        found = [
            Cause(PROGRAM, words.said("again", key, old=was.get("version"), new=now.get("version")))
            for key, was, now in sides if was[_NAMED[key]] != now[_NAMED[key]]
        ]  # fmt: skip
        was, now = (_question(side["question"]) for side in (old, new))
        for name in sorted(was.keys() | now.keys()):
            if name != "on" and was.get(name) != now.get(name):
                said = {"old": _value(was.get(name)), "new": _value(now.get(name))}
                found.append(Cause(QUESTION, words.said("again", "question", name=name, **said)))
        return found

    # --- Of an exposure ------------------------------------------------------------------------------------------

    def of(self, old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> list[Cause]:
        """Return why an exposure is new, gone, or another one."""
        listing = list(self._listing(old, new))
        found = [*listing, *self._support(old, new), *self._passed(old, new)]
        if old is None or new is None:  # what is only told otherwise made nothing come or go
            come = "added" if old is None else "removed"
            sure = any(each.change == come for each in listing)
            found = [
                each for each in found
                if each.columns != ("evidence",) and (not sure or each.change == come)
            ]  # fmt: skip
        ends = list(self._ends(old, new))
        found += [each for each in ends if each.change == "changed"] if found else ends
        return [*dict.fromkeys(found)] or self.else_(doubted=self._doubted(old, new))

    def of_match(self, actors: Iterable[str]) -> list[Cause]:
        """Return why a row is another actor than it was, or one more or less, by what is said of these."""
        return [*self._records(actors)] or self.else_()

    def else_(self, *, doubted: bool = False) -> list[Cause]:
        """Return why something differs of which no record differs: for certain where only one thing else does."""
        found = [self._elsewhere(name, self.editions.told(name)) for name in self.editions.changed]
        found += [Cause(TIME, words.said("again", "day", **self._asked()))] if self.passed else []
        found += self.others
        found += [Cause(JUDGEMENT, words.said("again", "matched"))] if doubted else []
        if len(found) == 1:
            return found
        if not found:
            return [Cause(UNKNOWN, words.said("again", "nothing"))]
        return [Cause(UNKNOWN, words.said("again", "unknown", causes=" ".join(each.text for each in found)))]

    def _elsewhere(self, dataset: str, said: Json) -> Cause:
        """Return that another record of a dataset did it, or that nobody can look which."""
        if self.editions.graphs(dataset) is None:
            return Cause(UNKNOWN, words.said("again", "absent", by=contribution(said)), said)
        kind = JUDGEMENT if dataset in JUDGED else DATA
        return Cause(kind, words.said("again", "elsewhere", by=contribution(said)), said)

    def _listing(self, old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> Iterator[Cause]:
        """Yield what became of the designation, and of its status."""
        said = new or old
        assert said is not None
        iri = said["designation"]
        yield from self._records([iri])
        graphs = self.editions.graphs(self._dataset(iri))
        if graphs is not None:
            named = self.release.naming(iri, [_LINKED], *filter(None, graphs))
            yield from self._records(sorted({record for record, _ in named}))

    def _support(self, old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> Iterator[Cause]:
        """Yield what became of the links and the judgements that the path rests on, before and now."""
        for hop in self._hops(old, new):
            yield from self._joined(hop) if hop["kind"] == "identity" else self._records([hop["record"]])

    def _ends(self, old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> Iterator[Cause]:
        """Yield what became of where the actors of the path are."""
        actors = [side["actor"]["iri"] for side in (new, old) if side is not None]
        actors += [hop["to"]["iri"] for hop in self._hops(old, new)]
        yield from self._records(dict.fromkeys(actors), _PLACE)

    def _hops(self, old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> Iterator[Json]:
        """Yield the hops that an exposure rests on, now and before."""
        for side, record in ((new, self.new), (old, self.old)):
            if side is not None:
                numbers = (*side["path"]["hops"], *side["stakes"], *side["sites"])
                yield from (record["hops"][number] for number in numbers)

    def _joined(self, hop: Mapping[str, Any]) -> Iterator[Cause]:
        """Yield what became of a judgement that a path goes through."""
        ends = [hop["from"]["iri"], hop["to"]["iri"]]
        if hop["judgement"]["decided_by"] == EQUAL:
            for end in ends:
                yield from self._identified(end, hop["record"])
            return
        pair = sorted(map(self.release.names.id, ends))
        now = self._judged(self.new, pair)
        before = self._judged(self.old, pair)
        if now != before and (said := now or before) is not None:
            by = said["decided_by"] or "nobody named"
            key = "judged" if now else "unjudged"
            text = words.said(
                "again", key, left=pair[0], right=pair[1], judgement=words.said("judged", said["judgement"]), by=by,
                date=f" on {said['date']}" if said["date"] else "",
            )  # fmt: skip
            told = self.editions.told(said["dataset"]) if said["dataset"] not in MATCHED else None
            record = self.release.names.id(said["record"]) if said["record"] else None
            yield Cause(JUDGEMENT, text, told, record, "added" if now else "removed")

    def _identified(self, actor: str, identifier: str) -> Iterator[Cause]:
        """Yield since when, or until when, an actor goes by an identifier."""
        dataset = self._dataset(actor)
        graphs = self.editions.graphs(dataset)
        if graphs is None:
            return
        match = self.release.engine.match
        said = IRI(actor), _IDENTIFIER, IRI(identifier)
        held = [bool(graph) and any(True for _ in match(graph or "", *said)) for graph in graphs]
        if held[0] != held[1]:
            told = self.editions.told(dataset)
            text = words.said(
                "again", "identified" if held[1] else "unidentified", id=self.release.names.id(actor),
                identifier=self.release.names.id(identifier), by=contribution(told),
            )  # fmt: skip
            yield Cause(DATA, text, told, self.release.names.id(actor), "changed", ("identifiers",))

    @staticmethod
    def _judged(side: Mapping[str, Any], pair: Sequence[str]) -> Json | None:
        """Return the judgement on a pair that counts in a record."""
        found = (each for each in side["judgements"] if [each["left"], each["right"]] == list(pair))
        return next(found, None)

    def _doubted(self, old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> bool:
        """Return whether an exposure rests on what the matcher takes for likely one."""
        hops = self._hops(old, new)
        return any(hop["dataset"] in MATCHED for hop in hops)

    # --- Of records ----------------------------------------------------------------------------------------------

    def _records(self, iris: Iterable[str], only: frozenset[str] = frozenset()) -> Iterator[Cause]:
        for iri in iris:
            key = iri if not only else f"{iri} "
            if key not in self._known:
                self._known[key] = self._record(iri, only)
            if cause := self._known[key]:
                yield cause

    def _record(self, iri: str, only: frozenset[str]) -> Cause | None:
        """Return what became of a record; of columns of an actor `only` some are looked at."""
        dataset = self._dataset(iri)
        graphs = self.editions.graphs(dataset)
        if graphs is None or graphs[0] == graphs[1]:
            return None
        found = difference.of_record(self.release, iri, *graphs)
        if found is None:
            return None
        change, said = found
        columns = [name for name in said.columns if name not in _IDLE and (not only or name in only)]
        if not columns and (change == "changed" or only):
            return None
        told = self.editions.told(dataset)
        id = self.release.names.id(iri)
        named = [] if change != "changed" else columns
        text = words.said(
            "again", change, id=id, by=contribution(told),
            columns="; ".join(f"{name}: {_values(said.before, name)} -> {_values(said.after, name)}" for name in named),
        )  # fmt: skip
        kind = JUDGEMENT if dataset in JUDGED else DATA
        return Cause(kind, text, told, id, change, tuple(named))

    def _dataset(self, iri: str) -> str:
        return self.release.names.id(iri).partition("/")[0]

    # --- Of days -------------------------------------------------------------------------------------------------

    def _asked(self) -> dict[str, str]:
        return {"old": self.days[0] or "any day", "new": self.days[1] or "any day"}

    def _passed(self, old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> Iterator[Cause]:
        """Yield what holds on one of the two days and not on the other."""
        if not self.passed or None in self.days:
            return
        before, now = (first_day(day) for day in self.days if day)
        for side, record in ((new, self.new), (old, self.old)):
            if side is None:
                continue
            entry = records.entry(record, side["designation"])
            spans = {"in-force": entry["in_force"], "live": [side["path"]["live"]]}
            for key, held in spans.items():
                was, is_ = (any(_covers(span, day) for span in held) for day in (before, now))
                if was != is_:
                    text = words.said(
                        "again", f"{key}-{'now' if is_ else 'over'}", title=entry["title"], **self._asked()
                    )
                    yield Cause(TIME, text)
        if old is not None and new is not None and recency(old) != recency(new):
            yield Cause(TIME, words.said("again", "aged", **self._asked()))


def recency(exposure: Mapping[str, Any]) -> Any:
    """Return how much an exposure has lost by age."""
    return exposure["severity"]["factors"].get("recency")


def _covers(span: Mapping[str, Any], day: int) -> bool:
    since = first_day(span["from"]) if span["from"] else EVER
    until = last_day(span["to"]) if span["to"] else NEVER
    return since <= day <= until


def _question(said: Mapping[str, Any]) -> Json:
    """Return what a question says beside its subject: the parameters, and of a list how its rows were matched."""
    matched = {"every candidate": said["every"], **said["matcher"]} if "matcher" in said else {}
    return {**said["parameters"], **{f"{name} of the matcher": each for name, each in matched.items()}}


def _value(said: Any) -> str:
    if isinstance(said, Mapping):
        return "of its own"
    return (
        ",".join(map(str, said))
        if isinstance(said, list) and said
        else "nothing"
        if said in (None, [])
        else str(said)
    )


def _values(said: Mapping[str, Iterable[str]], name: str) -> str:
    return "|".join(sorted(said.get(name, ()))) or "nothing"
