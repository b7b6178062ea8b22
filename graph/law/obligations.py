"""Which laws bind an actor: by which threshold, on what facts, from which source, and what is unknown.

Every threshold cites its source, and sources disagree. A law is therefore judged once for each source of its
thresholds; where the outcomes differ, all are shown and none is chosen. A claim that the law's own text contradicts is
shown and never counted; nor is a set of thresholds that the law has no longer.

No clock is read: each law says when it applies, and only where a day is asked for are those that do not yet apply on
it marked as such. What cannot be tested is named, and so is which jurisdictions were looked at at all.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from opentier.graph.index.opened import Index
from opentier.graph.law import acts, bound, coverage, facts, thresholds
from opentier.graph.law.bound import Condition, Standing
from opentier.graph.law.said import NOTHING, Said
from opentier.graph.law.thresholds import Threshold, Verdict, codes, combine
from opentier.graph.model.dates import first_day, last_day
from opentier.graph.network.network import Actor
from opentier.graph.store.release import Release, one
from opentier.graph.triples.engine import Fields
from opentier.graph.vocabulary.extents import covers

#: Kinds of law that bind States or nobody, not companies.
_NOT_COMPANIES = frozenset({"convention", "voluntary", "criminal"})
_OUTCOMES: dict[Verdict, str] = {"yes": "bound", "no": "not-bound", "unknown": "unknown"}
#: Outcomes in the order in which laws are listed. A status that keeps a law from binding is an outcome.
RANK = (
    "bound", "sources-differ", "unknown", "conditional", "not-yet", "not-enforced", "on-hold", "proposed", "not-bound",
    "repealed",
)  # fmt: skip
#: What is told of a source beside an outcome: it is not counted.
_UNCOUNTED = ("claim", "superseded")
_BINDS_NOBODY = frozenset({"proposed", "on-hold", "not-enforced"})


@dataclass(frozen=True)
class Group:
    """The thresholds of a group with all else that must hold, on a day."""

    described: dict[str, Any]
    verdict: Verdict
    not_yet: bool
    superseded: bool
    claim: bool
    untested: tuple[Condition, ...]


def obligations(release: Release, index: Index, actor: str, on: str | None = None) -> dict[str, Any]:
    """Return the laws that concern an actor (a canonical IRI), each with its outcome and the reasons.

    Parameters
    ----------
    on
        A day: what does not yet apply on it has the outcome not-yet, and facts of later times are left out.

    Returns
    -------
    dict
        ``actor``, ``on``, ``facts``, ``laws`` (those with a connection to the actor, in the order of `RANK`),
        ``not_considered`` (how many laws have no known connection, or bind States rather than companies),
        ``coverage`` (which jurisdictions were looked at, when, and which of the actor's were not).
    """
    found = supposed(release, index, actor, NOTHING, on)
    return {**found, "not_considered": len(found["not_considered"])}


def supposed(
    release: Release, index: Index, actor: str | None, said: Said, on: str | None = None
) -> dict[str, Any]:
    """Return the same with what somebody says of a company, and of nobody in the data without an actor.

    Returns
    -------
    dict
        As of `obligations`; ``actor`` is None without one, and ``not_considered`` are the laws themselves, each with
        the reason.
    """
    found = index.actors[actor] if actor is not None else None
    members = found.members if found else ()
    stated = said.with_known(facts.stated(release, members))
    places = (said.seat,) if said.seat else _places(found)
    sectors = said.sectors or tuple(facts.sectors(release, members))
    standing = Standing(places, tuple(facts.known(stated, on)), sectors)
    limits, duties, filed = (
        _by_law(release, table) for table in ("thresholds", "obligations", "disclosures")
    )
    laws, other = list[dict[str, Any]](), list[dict[str, Any]]()
    for iri, fields in release.records("laws"):
        about = acts.law(iri, fields, release.names)
        connection = None if _binds_states(fields) else _connection(fields, standing)
        if connection is None:
            why = (
                "binds States"
                if _binds_states(fields)
                else f"no connection with {about['jurisdiction']} is known"
            )
            other.append({"law": about, "why": why})
            continue
        judged = _judged(about, [thresholds.read(each) for each in limits[iri]], standing, on)
        laws.append(
            {
                "law": about,
                "connection": connection,
                **judged,
                "obligations": [acts.duty(each) for each in duties[iri]],
                "filed": [acts.filed(each) for each in filed[iri] if one(each, "ot:party") in members],
            }
        )
    laws.sort(key=lambda law: (RANK.index(law["outcome"]), law["law"]["iri"]))
    name = found and {
        "iri": actor,
        "id": index.names.id(found.iri),
        "name": found.name,
        "country": found.country,
    }
    return {
        "actor": name,
        "on": on,
        "facts": [facts.described(fact, on) for fact in stated],
        "laws": laws,
        "not_considered": other,
        "coverage": coverage.coverage(release, standing.everywhere),
    }


def _places(actor: Actor | None) -> tuple[str, ...]:
    """Return the codes of where an actor is, as exact as they are known."""
    places = actor.places if actor else ()
    return tuple(dict.fromkeys(p.region if p.known_region else p.country for p in places if p.country))


def _judged(
    law: dict[str, Any], limits: Sequence[Threshold], standing: Standing, on: str | None
) -> dict[str, Any]:
    """Return the outcome of a law, by source, and what was not tested."""
    sources: dict[str, dict[str, list[Threshold]]] = defaultdict(lambda: defaultdict(list))
    for threshold in limits:
        sources[threshold.source][threshold.group].append(threshold)
    by_source, untested = list[dict[str, Any]](), list[Condition]()
    for source, named in sorted(sources.items()):
        groups = [_group(law, name, members, standing, on) for name, members in sorted(named.items())]
        outcome = _of_groups(groups)
        by_source.append(
            {"source": source, "outcome": outcome, "groups": [group.described for group in groups]}
        )
        if outcome not in _UNCOUNTED:
            untested += [each for group in groups if not group.superseded for each in group.untested]
    whole: list[Condition] = []
    if not limits:
        whole = bound.conditions(
            standing,
            law["jurisdiction"],
            law["bound_class"],
            law["sectors_in"],
            law["sectors_out"],
            law["conditions"],
        )
        untested += [each for each in whole if each.verdict == "unknown"]
    outcome = _with_status(
        law, _outcome([source["outcome"] for source in by_source], whole), bool(limits), on
    )
    untested += [Condition(text, "unknown", "an exception: no fact tells") for text in law["exceptions"]]
    return {
        "outcome": outcome,
        "by_source": by_source,
        "conditions": [each.described() for each in whole],
        "not_tested": [{"condition": each.what, "why": each.why} for each in dict.fromkeys(untested)],
    }


def _outcome(by_source: Sequence[str], whole: Sequence[Condition]) -> str:
    """Return what follows from the sources of a law or, where it has no thresholds, from its conditions."""
    outcomes = {each for each in by_source if each not in _UNCOUNTED}
    if len(outcomes) > 1:
        return "sources-differ"
    if outcomes:
        return outcomes.pop()
    if by_source:  # sets that were replaced, or claims, alone
        return "repealed" if "superseded" in by_source else "unknown"
    verdict = combine("all", [each.verdict for each in whole]) if whole else "unknown"
    return "conditional" if verdict == "unknown" else _OUTCOMES[verdict]


def _with_status(law: dict[str, Any], outcome: str, limited: bool, on: str | None) -> str:
    """Return the outcome as the status of the law and its day leave it: what binds nobody is never bound."""
    status, begin = law["status"], law["applicable"]
    if status in _BINDS_NOBODY:
        return str(status)
    if status == "repealed" and (on is None or not limited):  # its thresholds say until when it bound
        return "repealed"
    if _later(begin, on):
        return "not-yet"
    waits = status == "adopted" and (on is None or begin is None)
    return "not-yet" if waits and outcome not in ("not-bound", "unknown", "repealed") else outcome


def _of_groups(groups: Sequence[Group]) -> str:
    """Return what follows from the groups of one source: any that applies binds; one that will, not yet."""
    if all(group.claim for group in groups):
        return "claim"
    live = [group for group in groups if not (group.superseded or group.claim)]
    if not live:
        return "superseded"
    now = combine("any", [group.verdict for group in live if not group.not_yet])
    later = combine("any", [group.verdict for group in live if group.not_yet])
    if all(group.not_yet for group in live) or (now == "no" and later == "yes"):
        return "not-yet"
    return _OUTCOMES[now]


def _group(
    law: dict[str, Any], name: str, members: Sequence[Threshold], standing: Standing, on: str | None
) -> Group:
    """Judge a group: its figures, whom it can bind, its sectors, and what nobody can test."""
    size, years = thresholds.reached(members, standing.facts)
    classes = sorted({code for threshold in members for code in threshold.bound_class}) or law["bound_class"]
    texts = dict.fromkeys(
        (*law["conditions"], *(text for threshold in members for text in threshold.conditions))
    )
    conditions = bound.conditions(
        standing, law["jurisdiction"], classes, law["sectors_in"], law["sectors_out"], texts
    )
    verdict = combine("all", [size, *(each.verdict for each in conditions)])
    begin = law["applicable"]
    start = min((threshold.valid_from for threshold in members if threshold.valid_from), default=begin)
    end = max((threshold.valid_to for threshold in members if threshold.valid_to), default=None)
    superseded = end is not None and (on is None or last_day(end) < first_day(on))
    not_yet = _later(start, on) or _later(begin, on)
    described = {
        "group": name,
        "applies_from": start,
        "not_yet": not_yet,
        "rule": thresholds.rule(members),
        "verdict": verdict,
        "thresholds": [each.described(on) for each in years[0].thresholds],
        "size": size,
        "conditions": [each.described() for each in conditions],
        "years": [
            {
                "year": year.year,
                "verdict": year.verdict,
                "thresholds": [each.described(on) for each in year.thresholds],
            }
            for year in (years if years[0].year else [])
        ],
        "valid_to": end,
        "superseded": superseded,
    }
    unstated = thresholds.unstated(each for year in years for each in year.thresholds)
    untested = [each for each in conditions if each.verdict == "unknown"]
    untested += [Condition(text, "unknown", "not stated; it is taken as it stands") for text in unstated]
    claim = all(threshold.confidence == "contradicted" for threshold in members)
    return Group(described, verdict, not_yet, superseded, claim, tuple(untested))


def _later(begin: str | None, on: str | None) -> bool:
    """Return whether what applies from a date (of any precision) does not yet apply on a day."""
    return begin is not None and on is not None and first_day(begin) > first_day(on)


def _binds_states(law: Fields) -> bool:
    return set(codes(law, "ot:lawKind", "law-kind")) <= _NOT_COMPANIES


def _connection(law: Fields, standing: Standing) -> str | None:
    """Return how an actor is connected with a law's jurisdiction, or None where no connection is known."""
    jurisdiction = one(law, "ot:jurisdiction") or ""
    for place in standing.places:
        if covers(jurisdiction, place):
            country = place.partition("-")[0]
            if jurisdiction == "EU":
                return f"established in {country}, a member of the EU"
            return f"established in {jurisdiction}"
    for fact in standing.facts:
        if (
            fact.scope
            and fact.value
            and (covers(jurisdiction, fact.scope) or fact.scope == jurisdiction.partition("-")[0])
        ):
            return f"{fact.metric} in {fact.scope}"
    return None


def _by_law(release: Release, table: str) -> Mapping[str, list[Fields]]:
    found: dict[str, list[Fields]] = defaultdict(list)
    for _, fields in release.records(table):
        found[one(fields, "ot:law") or ""].append(fields)
    return found
