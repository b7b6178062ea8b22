"""Whether the figures of an actor reach the thresholds of a law: yes, no, or unknown, and on what facts.

A fact of a narrower scope is a lower bound, one of a wider scope an upper bound; so are the figures of a company for
those of its group, and the other way round. Currencies are not converted.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from opentier.graph.law.facts import Fact, described, newest
from opentier.graph.model.names import concept
from opentier.graph.store.release import one
from opentier.graph.triples.engine import Fields
from opentier.graph.vocabulary.extents import covers

Verdict = Literal["yes", "no", "unknown"]
#: What a fact is to the figure that a threshold asks for.
Relation = Literal["same", "lower", "upper", "none"]


@dataclass(frozen=True)
class Threshold:
    """A minimum that binds, one of a group."""

    group: str
    metric: str
    minimum: Decimal
    currency: str
    scope: str
    rule: str
    source: str
    note: str
    more_than: bool = False
    consolidated: bool | None = None
    years: str = ""
    valid_from: str = ""
    valid_to: str = ""
    bound_class: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    checked: str = ""
    confidence: str = ""


@dataclass(frozen=True)
class Judged:
    """One threshold, held against facts."""

    threshold: Threshold
    verdict: Verdict
    fact: Fact | None
    why: str

    def described(self, on: str | None) -> dict[str, Any]:
        """Return it as it stands in an answer."""
        asked = self.threshold
        return {
            "metric": asked.metric,
            "minimum": float(asked.minimum),
            "currency": asked.currency or None,
            "scope": asked.scope or None,
            "verdict": self.verdict,
            "why": self.why,
            "fact": described(self.fact, on) if self.fact else None,
            "note": asked.note or None,
            "comparator": "more-than" if asked.more_than else "at-least",
            "consolidated": asked.consolidated,
            "checked": asked.checked or None,
            "confidence": asked.confidence or None,
        }


@dataclass(frozen=True)
class Year:
    """The thresholds of a group in one year, or with the newest facts (no year)."""

    year: str | None
    verdict: Verdict
    thresholds: tuple[Judged, ...]


def read(fields: Fields) -> Threshold:
    """Return the threshold that a record states."""
    consolidated = one(fields, "ot:consolidated")
    texts = {
        name: one(fields, f"ot:{name}") or "" for name in ("group", "scope", "rule", "currency", "years")
    }
    return Threshold(
        metric=(one(fields, "ot:metric") or "").removeprefix(concept("metric", "")),
        minimum=Decimal(one(fields, "ot:minimum") or "0"),
        source=one(fields, "dcterms:source") or "no source stated",
        note=one(fields, "skos:note") or "",
        more_than=one(fields, "ot:comparator") == concept("comparator", "more-than"),
        consolidated=None if consolidated is None else consolidated == "true",
        valid_from=one(fields, "ot:validFrom") or "",
        valid_to=one(fields, "ot:validTo") or "",
        bound_class=codes(fields, "ot:boundClass", "bound-class"),
        conditions=tuple(sorted(fields.get("ot:condition", ()))),
        checked=one(fields, "ot:checked") or "",
        confidence="".join(codes(fields, "ot:certainty", "certainty")[:1]),
        **texts,
    )


def codes(fields: Fields, term: str, scheme: str) -> tuple[str, ...]:
    """Return the codes that a record has by a property, in order."""
    return tuple(sorted(value.removeprefix(concept(scheme, "")) for value in fields.get(term, ())))


def judge(threshold: Threshold, facts: Iterable[Fact]) -> tuple[Verdict, Fact | None, str]:
    """Return whether a threshold is reached, on which fact, and why: the newest fact that decides it does."""
    same = [fact for fact in facts if fact.metric == threshold.metric]
    usable = newest(fact for fact in same if not threshold.currency or fact.currency == threshold.currency)
    deciding = [(fact, *found) for fact in usable if (found := _decided(threshold, fact))]
    latest = [found for found in deciding if found[0].year == deciding[0][0].year]
    if len({verdict for _, verdict, _ in latest}) > 1:
        return (
            "unknown",
            latest[0][0],
            f"the facts of {latest[0][0].year or 'no stated year'} contradict each other",
        )
    if latest:
        fact, verdict, why = latest[0]
        return verdict, fact, why
    if same and not usable:
        return (
            "unknown",
            same[0],
            f"the fact is in {same[0].currency or 'no stated currency'} and is not converted",
        )
    if usable:
        return "unknown", usable[0], _silent(threshold, usable[0])
    return "unknown", None, f"{threshold.metric} is not known"


def combine(rule: str, verdicts: Sequence[Verdict]) -> Verdict:
    """Return the outcome of a group by its rule: any, all, or how many must hold (Kleene's three values)."""
    needed = 1 if rule == "any" else len(verdicts) if rule in ("all", "") else int(rule)
    if verdicts.count("yes") >= needed:
        return "yes"
    return "unknown" if verdicts.count("yes") + verdicts.count("unknown") >= needed else "no"


def reached(members: Sequence[Threshold], facts: Sequence[Fact]) -> tuple[Verdict, list[Year]]:
    """Return whether a group of thresholds is reached for as many years as it asks for, and what holds in each year.

    The newest year comes first. Where one year suffices, each threshold is held against the newest fact there is.
    """
    needed, looked = _years(members)
    if looked == 1:
        year = _in_year(members, facts, None)
        return year.verdict, [year]
    asked = [threshold for threshold in members if threshold.years]
    last = max((int(fact.year[:4]) for fact in facts if fact.year and _speaks(asked, fact)), default=None)
    if last is None:  # undated figures are of no year
        found = [_in_year(members, [], None)]
    else:
        found = [_in_year(members, facts, str(last - back)) for back in range(looked)]
    verdicts: list[Verdict] = [year.verdict for year in found] + ["unknown"] * (looked - len(found))
    return combine(str(needed), verdicts), found


def rule(members: Sequence[Threshold]) -> str:
    """Return the rule of a group."""
    return next((threshold.rule for threshold in members if threshold.rule), "all")


def _years(members: Sequence[Threshold]) -> tuple[int, int]:
    """Return in how many years a group must be reached, and of how many."""
    asked = [threshold.years.partition("-of-") for threshold in members if threshold.years]
    return max(
        ((int(needed), int(of or needed)) for needed, _, of in asked),
        key=lambda two: two[::-1],
        default=(1, 1),
    )


def _speaks(members: Iterable[Threshold], fact: Fact) -> bool:
    """Return whether a fact can say anything of some threshold: its year is then one of those that are looked at."""
    return any(
        fact.metric == asked.metric
        and (not asked.currency or fact.currency == asked.currency)
        and _in_scope(asked, fact) != "none"
        for asked in members
    )


def _in_year(members: Sequence[Threshold], facts: Sequence[Fact], year: str | None) -> Year:
    judged = []
    for threshold in members:
        of = facts
        if year is not None:
            # A threshold that asks for no years is held against the newest fact of that year or before.
            of = [fact for fact in facts if fact.year and _fits(fact.year[:4], year, bool(threshold.years))]
        verdict, fact, why = judge(threshold, of)
        if fact is None and year is not None:
            why = f"{threshold.metric} of {year} is not known"
        judged.append(Judged(threshold, verdict, fact, why))
    return Year(year, combine(rule(members), [each.verdict for each in judged]), tuple(judged))


def _fits(of: str, year: str, exactly: bool) -> bool:
    return of == year if exactly else of <= year


def _decided(threshold: Threshold, fact: Fact) -> tuple[Verdict, str] | None:
    """Return what a fact decides about a threshold and why; None where it decides nothing."""
    above = fact.value > threshold.minimum if threshold.more_than else fact.value >= threshold.minimum
    place, group = _in_scope(threshold, fact), _of_group(threshold, fact)
    relations = {place, group} - {"same"}
    if not relations:
        return ("yes" if above else "no"), "the fact has the scope of the threshold"
    stated = fact.scope or "worldwide"
    if relations == {"lower"} and above:
        where = f"in {stated} alone" if place == "lower" else "without the group"
        return "yes", f"already reached {where}"
    if relations == {"upper"} and not above:
        return "no", f"not even reached {f'in {stated}' if place == 'upper' else 'with the group'}"
    return None


def _silent(threshold: Threshold, fact: Fact) -> str:
    """Say why a fact decides nothing."""
    if _in_scope(threshold, fact) == "same":
        return f"the fact is that of the {'group' if fact.consolidated else 'company alone'}"
    return f"the fact is for {fact.scope or 'worldwide'}, the threshold for {threshold.scope or 'worldwide'}"


def _in_scope(threshold: Threshold, fact: Fact) -> Relation:
    asked, stated = threshold.scope or "worldwide", fact.scope or "worldwide"
    if asked == stated:
        return "same"
    return "lower" if covers(asked, stated) else "upper" if covers(stated, asked) else "none"


def _of_group(threshold: Threshold, fact: Fact) -> Relation:
    """Return what a fact of a company is to a figure of its group; one that says neither is taken as it stands."""
    if threshold.consolidated is None or fact.consolidated in (None, threshold.consolidated):
        return "same"
    return "lower" if threshold.consolidated else "upper"


def unstated(judged: Iterable[Judged]) -> list[str]:
    """Return of which facts it is not stated whether they are those of the group, where that could change a verdict."""
    asked = {True: ("no", "that of the group"), False: ("yes", "that of the company alone")}
    found = set()
    for each in judged:
        group = each.threshold.consolidated
        if (
            each.fact
            and group is not None
            and each.fact.consolidated is None
            and each.verdict == asked[group][0]
        ):
            found.add(f"whether the stated {each.fact.metric} is {asked[group][1]}")
    return sorted(found)
