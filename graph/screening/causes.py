"""Causes: why an answer is another one than before, by what the records behind it were and are; nothing is guessed.

A designation, a link, a judgement of an exposure is looked up in the two versions of its dataset. What came, went or
says something else is named with the contribution that did it. Only where none of these differs, and more than one
thing else does, all that is known is which datasets differ; and that is said.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from opentier.graph.exposure import words
from opentier.graph.identity.judgements import EQUAL, MATCHES, PEOPLE
from opentier.graph.model.dates import EVER, NEVER, first_day, last_day
from opentier.graph.model.names import expand
from opentier.graph.model.rdf import IRI
from opentier.graph.model.tables import COMMON
from opentier.graph.model.versions import Version
from opentier.graph.screening import record as records
from opentier.graph.store import difference
from opentier.graph.store.release import Release

Json = dict[str, Any]
DATA, JUDGEMENT, TIME, PROGRAM, UNKNOWN = "data", "judgement", "time", "program", "unknown"
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
        or "unknown": one of several things, and it is not known which.
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


class Editions:
    """The dataset versions that two records rest on, as far as a release has them."""

    def __init__(self, release: Release, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
        self.release = release
        self.sides = [{each["id"]: each for each in side["datasets"]} for side in (old, new)]
        known = {(each.dataset, each.number): each for each in release.versions}
        self._versions = [
            {name: known.get((name, each["version"] or 0)) for name, each in side.items()}
            for side in self.sides
        ]

    @property
    def changed(self) -> list[str]:
        """The datasets of which one record has another version than the other, or none."""
        before, after = ({name: self._said(each) for name, each in side.items()} for side in self.sides)
        names = sorted((before.keys() | after.keys()) - {MATCHES})
        return [name for name in names if before.get(name) != after.get(name)]

    def graphs(self, dataset: str) -> tuple[str | None, str | None] | None:
        """Return the graphs of a dataset in both, None for one without it; nothing where one cannot be looked at."""
        found: list[str | None] = []
        for side, versions in zip(self.sides, self._versions, strict=True):
            if dataset not in side:
                found.append(None)
                continue
            version = versions[dataset]
            if version is None or version.checksum != side[dataset]["checksum"]:
                return None
            found.append(version.iri)
        return found[0], found[1]

    def told(self, dataset: str) -> Json:
        """Return what a contribution is: the dataset, its versions before and after, its title and its days."""
        before, after = (side.get(dataset) for side in self.sides)
        version = self._versions[1].get(dataset)
        named = after or before or {}
        return {
            "dataset": dataset,
            "from": before and before["version"],
            "to": after and after["version"],
            "title": named.get("title") or None,
            "edition": named.get("edition"),
            "date": named.get("date"),
            "contributed": version.admitted[:10] if version else None,
            "withdrawn": None if after else self._withdrawn(self._versions[0].get(dataset)),
        }

    def _withdrawn(self, version: Version | None) -> str | None:
        """Return why a version is withdrawn."""
        if version is None:
            return None
        holding = (
            each for each in self.release.withdrawals if each.version == version.iri and not each.ended
        )
        return next((each.reason for each in holding), None)

    @staticmethod
    def _said(each: Mapping[str, Any]) -> tuple[Any, Any]:
        return each["version"], each["checksum"]


def contribution(said: Mapping[str, Any]) -> str:
    """Return a contribution in a few words."""
    if said["to"] is None:
        why = f", withdrawn: {said['withdrawn']}" if said["withdrawn"] else ""
        return f"{said['dataset']} version {said['from']} (no longer there{why})"
    stands = [said["title"], said["edition"] and f"edition {said['edition']}"]
    stands += [said["contributed"] and f"contributed {said['contributed']}"]
    before = f"{said['from']} -> " if said["from"] is not None else ""
    return f"{said['dataset']} version {before}{said['to']} ({', '.join(filter(None, stands))})"


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

    @property
    def others(self) -> list[Cause]:
        """What else differs, beside datasets: the program, its weights, the rest of the question."""
        found = []
        program, weights = (
            [side["program"]["version"] for side in (self.old, self.new)],
            [side["question"]["weights"] for side in (self.old, self.new)],
        )
        if program[0] != program[1]:
            found.append(Cause(PROGRAM, words.said("again", "program", old=program[0], new=program[1])))
        if weights[0] != weights[1]:
            found.append(Cause(PROGRAM, words.said("again", "weights")))
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

    def else_(self, *, doubted: bool = False) -> list[Cause]:
        """Return why something differs of which no record differs: for certain where only one thing else does."""
        told = {name: self.editions.told(name) for name in self.editions.changed}
        found = [
            Cause(
                JUDGEMENT if name == PEOPLE else DATA,
                words.said("again", "elsewhere", by=contribution(said)),
                said,
            )
            for name, said in told.items()
        ]
        found += [Cause(TIME, words.said("again", "day", **self._asked()))] if self.passed else []
        found += self.others
        found += [Cause(JUDGEMENT, words.said("again", "matched"))] if doubted else []
        if len(found) == 1:
            return found
        if not found:
            return [Cause(UNKNOWN, words.said("again", "nothing"))]
        return [Cause(UNKNOWN, words.said("again", "unknown", causes=" ".join(each.text for each in found)))]

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
            told = self.editions.told(said["dataset"]) if said["dataset"] != MATCHES else None
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
        return any(hop["dataset"] == MATCHES for hop in hops)

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
        kind = JUDGEMENT if dataset == PEOPLE else DATA
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


def _values(said: Mapping[str, Iterable[str]], name: str) -> str:
    return "|".join(sorted(said.get(name, ()))) or "nothing"
