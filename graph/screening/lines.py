"""Lines: what is said beside a row of a list, of each actor that it may be."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from opentier.graph.exposure import words
from opentier.graph.exposure.exposures import GROUPS
from opentier.graph.exposure.objects import Json
from opentier.graph.exposure.verdict import EXPOSED, NONE_FOUND, NOT_TESTABLE
from opentier.graph.screening import matches, placed
from opentier.graph.screening.answers import ANY, Answers
from opentier.graph.screening.asking import Answer
from opentier.graph.screening.entries import OTHER, SAME, Entry
from opentier.graph.screening.goods import Good, Goods
from opentier.graph.screening.matches import Candidate
from opentier.graph.screening.placed import Placed

#: What is added to a list, after what `match` adds.
COLUMNS = (
    *matches.COLUMNS, "verdict", "exposure_tier", "exposure_reason", "exposure_why", "exposure_designation",
    "exposure_severity", "not_testable", "shared_with", "product_read", "risk_by_place_and_good", "risk_designations",
    "measure_tier", "measure_why",
)  # fmt: skip
#: Verdicts from the worst on.
WORST = (EXPOSED, NOT_TESTABLE, NONE_FOUND)
#: Possible actors of one row that are named.
_NAMED = 3


@dataclass(frozen=True)
class Line:
    """What is said beside a row: of the actor that it is likely to be, or why nobody was traced.

    Attributes
    ----------
    match
        The candidate that stands beside the row.
    traced
        The candidate of whose trace the verdict is: another one where that is as likely meant, and exposed.
    verdict
        Nothing beside a row that says nothing.
    not_testable
        In sentences.
    possibly
        Whether somebody is exposed who is possibly meant, and whose trace the verdict is not of.
    goods
        What the row says that is bought.
    whatever
        Whether it says so in words that are not understood, so that whatever links carry is asked about.
    risks
        What lists say of its place and goods, as JSON objects: no exposures, whatever the verdict is.
    """

    match: Candidate | None = None
    traced: Candidate | None = None
    answer: Answer | None = None
    verdict: str = ""
    not_testable: tuple[str, ...] = ()
    possibly: bool = False
    goods: tuple[Good, ...] = ()
    whatever: bool = False
    risks: tuple[Json, ...] = ()

    @property
    def nearest(self) -> Json | None:
        """The nearest exposure."""
        return self.answer.nearest if self.answer else None

    @property
    def sells(self) -> bool:
        """Whether the actor sells to others what is listed, and nothing else exposes it."""
        return self.answer is not None and self.answer.sells and not self.answer.exposed

    @property
    def why(self) -> str:
        """The nearest exposure in words: "if the same" where nobody decided that it is the one who is meant."""
        said = self.answer.why if self.answer else ""
        if not said or self.traced is None or self.traced.sure:
            return said
        return words.said("screened", "if-same", **_who(self.traced), said=said)

    @property
    def measure(self) -> Json | None:
        """The nearest exposure to a measure, as far as one was looked for."""
        return self.answer.measure if self.answer else None

    @property
    def behind(self) -> str:
        """That one in words as `why`, or how far it was looked for; nothing where nothing is exposed."""
        if not self.answer or self.traced is None:
            return ""
        said = self.answer.behind
        if self.traced.sure or self.answer.measure is None:
            return said
        return words.said("screened", "if-same", **_who(self.traced), said=said)

    @property
    def force(self) -> tuple[int, int, int]:
        """Where it stands from the worst on: by its verdict, then as `_force` says."""
        return WORST.index(self.verdict), *_force(self.answer)

    @property
    def shared_with(self) -> tuple[str, ...]:
        """The ids of others that buy from the nearest exposed actor."""
        return self.answer.shared if self.answer else ()

    def cells(self) -> tuple[object, ...]:
        """Return the cells of `COLUMNS`."""
        found: tuple[object, ...] = ("",) * 5
        if each := self.nearest:
            severity = each["severity"]["value"]
            found = each["path"]["tier"], each["reason"], self.why, each["designation"]["id"], severity
        untested, shared = " ".join(map(_ended, self.not_testable)), "|".join(self.shared_with)
        goods = "|".join(words.goods(good.product.label) or "" for good in self.goods)
        risks = " ".join(map(placed.told, self.risks))
        listed = "|".join(risk["designation"]["id"] for risk in self.risks)
        tier = self.measure["path"]["tier"] if self.measure else ""
        own = self.verdict, *found, untested, shared, goods, risks, listed, tier, self.behind
        return *matches.cells(self.match), *own


@dataclass(frozen=True)
class Beside:
    """What is known of all rows: the traces, what rows say that is bought, what lists say of places and goods."""

    answers: Answers
    goods: Goods
    placed: Placed

    def line(self, entry: Entry, match: Candidate | None, worth: Sequence[Candidate], *, every: bool) -> Line:
        """Return what is said beside a row of a candidate, or that there is none."""
        goods, whatever = self.goods.of(entry), self.goods.whatever(entry)
        found = _line(
            entry, match, worth, lambda id: self.answers.of(id, goods, whatever=whatever), every=every
        )
        if found.answer is None:
            risks, untested = self.placed.of(entry.party, self.goods.listed(entry))
        else:
            risks, untested = found.answer.risks, ()
        said = tuple(placed.to_dict(risk, self.answers.objects) for risk in risks)
        more = (*found.not_testable, *untested)
        if text := self.goods.unknown(entry):
            key = "product-unknown" if found.answer else "product-unknown-nobody"
            more = (_said(key, text=f'"{text}"'), *more)
        return replace(found, goods=goods, whatever=whatever, risks=said, not_testable=more)


def _line(
    entry: Entry,
    match: Candidate | None,
    worth: Sequence[Candidate],
    of: Callable[[str], Answer],
    *,
    every: bool,
) -> Line:
    """Return what is said beside a row of a candidate, or that there is none."""
    if match is None or match.band == "reject":
        refused = any(said == OTHER for _, said in entry.decided)
        key = "unlikely" if match else "others" if refused else "nobody" if entry.party.called else "no-name"
        return Line(match, verdict=NOT_TESTABLE, not_testable=(_said(key, **_who(match)),))
    others = [] if every else [each for each in worth if each.id != match.id]
    if match.band == "review":
        told = [_said("if-same", **_who(match), said=of(match.id).told)] if of(match.id).exposed else []
        told += _possibly(others, of)
        return Line(match, None, None, NOT_TESTABLE, (_said("possible", **_who(match)), *told), bool(told))
    likely = [each for each in others if each.decided == SAME or (each.band == "accept" and not match.sure)]
    traced = _worst([match, *likely], of)
    answer = of(traced.id)
    first = [] if traced.sure else [_said("unjudged", **_who(traced))]
    if likely:
        first.append(_said("several", n=len(likely), named=_listed([match, *likely], traced)))
        beside = [each for each in (match, *likely) if each is not traced and of(each.id).exposed]
        first += [_said("if-same", **_who(each), said=of(each.id).told) for each in beside[:_NAMED]]
    told = list(_possibly([each for each in others if each not in likely], of))
    untested = (*first, *told, *answer.untested) or (words.said("untested", "nothing"),)
    return Line(match, traced, answer, answer.verdict.result, untested, bool(told))


def _worst(likely: Sequence[Candidate], of: Callable[[str], Answer]) -> Candidate:
    """Return the candidate whose trace counts: the likeliest one that is exposed, else the first that was tested least.

    Of several that are as likely meant no exposure of any may be lost: a measure counts before a risk list, and the
    nearest of either first.
    """

    def order(each: Candidate) -> tuple[int, int, int]:
        answer = of(each.id)
        return WORST.index(answer.verdict.result), *_force(answer)

    return min(likely, key=order)


def _force(answer: Answer | None) -> tuple[int, int]:
    """Return where an exposed actor stands: one that a measure touches first, at the fewest tiers first."""
    each = answer and answer.foremost
    return (GROUPS.index(each["group"]), each["path"]["tier"]) if each else (0, 0)


def _possibly(candidates: Sequence[Candidate], of: Callable[[str], Answer]) -> Iterator[str]:
    """Yield which of some actors that are possibly meant are exposed, and by what."""
    exposed = [each for each in candidates if of(each.id).exposed]
    for each in exposed[:_NAMED]:
        yield _said("possibly-same", **_who(each), said=of(each.id).told)
    if len(exposed) > _NAMED:
        yield _said("more-possibly", n=len(exposed) - _NAMED)


def _listed(candidates: Sequence[Candidate], traced: Candidate) -> str:
    return words.few([f"{each.name} ({each.id})" for each in candidates if each is not traced], _NAMED)


def _who(candidate: Candidate | None) -> dict[str, str]:
    return {"name": candidate.name, "id": candidate.id} if candidate else {}


def _said(key: str, **figures: Any) -> str:
    return words.said("screened", key, **figures)


def to_dict(lines: Sequence[Line]) -> Json:
    """Return what is said of a row, that of its worst line, as a JSON object."""
    if not any(line.verdict for line in lines):
        return {"verdict": None}
    line = min(lines, key=lambda line: line.force)
    answer = line.answer
    return {
        "verdict": line.verdict,
        "traced": line.traced.id if line.traced else None,
        "reasons": list(answer.verdict.reasons) if answer else [],
        "exposure": {**line.nearest, "why": line.why} if line.nearest else None,
        "measure": {**line.measure, "why": line.behind} if line.measure else None,
        "measure_why": line.behind,
        "exposures": answer.exposures if answer else [],
        "not_testable": list(line.not_testable),
        "shared_with": list(line.shared_with),
        "possibly_exposed": line.possibly,
        "sells_listed": line.sells,
        "product": line.goods[0].said if len(line.goods) == 1 else ANY if line.whatever else None,
        "goods": [good.product.label for good in line.goods],
        "risk_by_place_and_good": list(line.risks),
    }


def _ended(sentence: str) -> str:
    """Return what a list names with a point after it, so that another sentence may follow."""
    return sentence if sentence.endswith((".", ":")) else f"{sentence}."
