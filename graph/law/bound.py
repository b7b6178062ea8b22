"""Who can be bound by a law at all, of whatever size: seat, branch, business, ..., sector, and what nobody can test.

What is not known is unknown: it is named, and never taken as met or as not met.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from opentier.graph.law.facts import Fact, division, newest
from opentier.graph.law.thresholds import Verdict, combine
from opentier.graph.vocabulary.extents import covers

_OPPOSITE: dict[Verdict, Verdict] = {"yes": "no", "no": "yes", "unknown": "unknown"}


@dataclass(frozen=True)
class Standing:
    """Where an actor is, by what is stated of its places and in facts, and what it does."""

    places: tuple[str, ...]
    facts: tuple[Fact, ...]
    sectors: tuple[str, ...]

    @property
    def everywhere(self) -> set[str]:
        """All countries, regions and areas that something is known of."""
        return {*self.places, *(fact.scope for fact in self.facts if fact.scope not in ("", "worldwide"))}


@dataclass(frozen=True)
class Condition:
    """Something that must hold for a law to bind, whether it does, and why."""

    what: str
    verdict: Verdict
    why: str

    def described(self) -> dict[str, Any]:
        """Return it as it stands in an answer."""
        return {"condition": self.what, "verdict": self.verdict, "why": self.why}


def conditions(
    standing: Standing, jurisdiction: str, classes: Sequence[str], included: Sequence[str],
    excluded: Sequence[str], others: Iterable[str],
) -> list[Condition]:  # fmt: skip
    """Return the conditions of a law or of a group of its thresholds.

    Parameters
    ----------
    classes
        Codes of what ties an actor to the law: one of them suffices.
    included, excluded
        Divisions of ISIC, or ranges of them.
    others
        Conditions in words, which no fact tells.
    """
    found = []
    if classes:
        found.append(_class(standing, jurisdiction, classes))
    if included or excluded:
        found.append(_sector(standing.sectors, included, excluded))
    return [*found, *(Condition(text, "unknown", "no fact tells") for text in others)]


def _class(standing: Standing, jurisdiction: str, classes: Sequence[str]) -> Condition:
    each = [(code, *_tie(standing, jurisdiction, code)) for code in classes]
    verdict = combine("any", [found for _, found, _ in each])
    what = " or ".join(_WORDS[code] for code in classes).replace("...", jurisdiction)
    return Condition(
        what, verdict, "; ".join(dict.fromkeys(why for _, found, why in each if found == verdict))
    )


def _tie(standing: Standing, jurisdiction: str, code: str) -> tuple[Verdict, str]:
    if code in _TIES:
        return _TIES[code](standing, jurisdiction)
    return _fact(standing, jurisdiction, code) if code in _FACTS else ("unknown", "no fact tells")


def _seat(standing: Standing, jurisdiction: str) -> tuple[Verdict, str]:
    if _said(standing, jurisdiction, "seat"):
        return _fact(standing, jurisdiction, "seat")
    seats = [fact.scope for fact in newest(standing.facts) if fact.metric == "seat" and fact.value]
    places = seats or list(standing.places)
    said = "its seat is in" if seats else "it is established in"
    if inside := next((place for place in places if covers(jurisdiction, place)), None):
        return "yes", f"{said} {inside}"
    if places and not any(covers(place, jurisdiction) for place in places):
        return "no", f"{said} {', '.join(places)}"
    return "unknown", f"whether its seat is in {jurisdiction} is not known"


def _business(standing: Standing, jurisdiction: str) -> tuple[Verdict, str]:
    seat, there = _seat(standing, jurisdiction)
    if seat == "yes" and not _said(standing, jurisdiction, "business-in"):
        return seat, there
    return _fact(standing, jurisdiction, "business-in")


def _elsewhere(standing: Standing, jurisdiction: str) -> tuple[Verdict, str]:
    verdict, why = _seat(standing, jurisdiction)
    return _OPPOSITE[verdict], why


def _fact(standing: Standing, jurisdiction: str, metric: str) -> tuple[Verdict, str]:
    """Return what the newest facts of a metric say."""
    said = _said(standing, jurisdiction, metric)
    if len({verdict for verdict, _ in said}) > 1:
        return "unknown", f"the facts on {metric} in {jurisdiction} contradict each other"
    return said[0] if said else ("unknown", f"{metric} in {jurisdiction} is not known")


def _said(standing: Standing, jurisdiction: str, metric: str) -> list[tuple[Verdict, str]]:
    """Return what facts of a metric of the latest time say: yes of a place in the jurisdiction, no of one around it."""
    found: list[tuple[str, Verdict, str]] = []
    for fact in newest(fact for fact in standing.facts if fact.metric == metric and fact.scope):
        if fact.value and covers(jurisdiction, fact.scope):
            found.append((fact.year, "yes", f"{metric} in {fact.scope}"))
        elif not fact.value and covers(fact.scope, jurisdiction):
            found.append((fact.year, "no", f"no {metric} in {fact.scope}"))
    return [(verdict, why) for year, verdict, why in found if year == found[0][0]]


_TIES: dict[str, Callable[[Standing, str], tuple[Verdict, str]]] = {
    "seat": _seat,
    "business-in": _business,
    "third-country": _elsewhere,
    "assets-in": lambda standing, jurisdiction: _fact(standing, jurisdiction, "assets"),
}
#: Codes that are metrics of facts, too.
_FACTS = frozenset({"branch", "importer-of-record", "contractor", "listed"})
_WORDS = {
    "seat": "seat in ...",
    "branch": "branch in ...",
    "business-in": "business in ...",
    "importer-of-record": "importer of record in ...",
    "contractor": "public contractor or subcontractor in ...",
    "listed": "listed in ...",
    "third-country": "formed outside ...",
    "taxable": "liable to tax in ...",
    "assets-in": "assets in ...",
    "public-interest-entity": "public-interest entity in ...",
    "bidder": "bids for public contracts in ...",
    "issuer": "files with the securities regulator of ...",
}


def _sector(sectors: Sequence[str], included: Sequence[str], excluded: Sequence[str]) -> Condition:
    """Return whether a law binds the sectors of an actor; one that neither list names is unknown."""
    what = "; ".join(
        f"{word} ISIC {', '.join(listed)}"
        for word, listed in (("sector in", included), ("not in", excluded))
        if listed
    )
    known = {number: sector for sector in sectors if (number := division(sector)) is not None}
    if not known:
        return Condition(what, "unknown", "its sector is not known as a code of ISIC")
    said = ", ".join(known.values())
    if any(_within(number, included) for number in known):
        return Condition(what, "yes", f"its sector is {said}")
    if all(_within(number, excluded) for number in known):
        return Condition(what, "no", f"its sector is {said}")
    if not included:
        return Condition(what, "yes", f"its sector is {said}")
    return Condition(what, "unknown", f"its sector is {said}, which neither list names")


def _within(number: int, listed: Iterable[str]) -> bool:
    return any(int(each[:2]) <= number <= int(each[-2:]) for each in listed)
