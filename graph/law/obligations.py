"""Which laws bind an actor: by which threshold, on what facts, from which source, and what is unknown.

Every threshold cites its source, and sources disagree. A law is therefore judged once for each source of its
thresholds; where the outcomes differ, all are shown and none is chosen.

No clock is read: each law says when it applies, and only where a day is asked for are those that do not yet apply on
it marked as such.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from opentier.graph.index.opened import Index
from opentier.graph.model.dates import first_day
from opentier.graph.model.names import concept
from opentier.graph.store.engine import Fields
from opentier.graph.store.release import Release, one
from opentier.graph.vocabulary.extents import EU, covers

Verdict = Literal["yes", "no", "unknown"]

#: Kinds of law that bind States or nobody, not companies.
_NOT_COMPANIES = frozenset({"convention", "voluntary", "criminal"})
_OUTCOMES: dict[Verdict, str] = {"yes": "bound", "no": "not-bound", "unknown": "unknown"}


@dataclass(frozen=True)
class Fact:
    """A number that is known of an actor: turnover, employees, ... in a scope (a country, EU, or worldwide)."""

    metric: str
    value: Decimal
    currency: str
    scope: str
    year: str
    source: str


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


def obligations(release: Release, index: Index, actor: str, on: str | None = None) -> dict[str, Any]:
    """Return the laws that concern an actor (a canonical IRI), each with its outcome and the reasons.

    Parameters
    ----------
    on
        A day: what does not yet apply on it has the outcome not-yet. Facts are taken as they are stated.

    Returns
    -------
    dict
        ``actor``, ``on``, ``facts``, ``laws`` (those with a connection to the actor: bound, sources-differ, unknown,
        conditional, not-yet, not-bound, in that order), ``not_considered`` (how many laws have no known connection,
        or bind States rather than companies).
    """
    found = index.actors[actor]
    facts = [_fact(f) for _, f in release.records("actor_facts") if one(f, "ot:actor") in found.members]
    thresholds, duties, filed = (
        _by_law(release, table) for table in ("thresholds", "obligations", "disclosures")
    )
    laws: list[dict[str, Any]] = []
    other = 0
    for iri, fields in release.records("laws"):
        connection = None if _binds_states(fields) else _connection(fields, index, actor, facts)
        if connection is None:
            other += 1
            continue
        about = _law(iri, fields, index)
        begin = about["applicable"]
        by_source = _by_source([_threshold(f) for f in thresholds[iri]], facts, begin, on)
        laws.append(
            {
                "law": about,
                "connection": connection,
                "outcome": "not-yet" if _later(begin, on) else _outcome(by_source),
                "by_source": by_source,
                "obligations": [_duty(f) for f in duties[iri]],
                "filed": [_filed(f) for f in filed[iri] if one(f, "ot:party") in found.members],
            }
        )
    rank = ("bound", "sources-differ", "unknown", "conditional", "not-yet", "not-bound")
    laws.sort(key=lambda law: (rank.index(law["outcome"]), law["law"]["iri"]))
    return {
        "actor": {"iri": actor, "id": index.names.id(actor), "name": found.name, "country": found.country},
        "on": on,
        "facts": [_stated(fact) for fact in facts],
        "laws": laws,
        "not_considered": other,
    }


def judge(threshold: Threshold, facts: Iterable[Fact]) -> tuple[Verdict, Fact | None, str]:
    """Return whether a threshold is reached, on which fact, and why.

    A fact of a narrower scope is a lower bound, one of a wider scope an upper bound. Currencies are not converted.
    """
    same = [fact for fact in facts if fact.metric == threshold.metric]
    usable = [fact for fact in same if not threshold.currency or fact.currency == threshold.currency]
    scope = threshold.scope or "worldwide"
    for fact in sorted(usable, key=lambda fact: fact.year, reverse=True):
        reached, stated = fact.value >= threshold.minimum, fact.scope or "worldwide"
        if stated == scope:
            return ("yes" if reached else "no"), fact, "the fact has the scope of the threshold"
        if covers(scope, stated) and reached:
            return "yes", fact, f"already reached in {stated} alone"
        if covers(stated, scope) and not reached:
            return "no", fact, f"not even reached in {stated}"
    if same and not usable:
        return (
            "unknown",
            same[0],
            f"the fact is in {same[0].currency or 'no stated currency'} and is not converted",
        )
    if usable:
        return (
            "unknown",
            usable[0],
            f"the fact is for {usable[0].scope or 'worldwide'}, the threshold for {scope}",
        )
    return "unknown", None, f"{threshold.metric} is not known"


def combine(rule: str, verdicts: list[Verdict]) -> Verdict:
    """Return the outcome of a group by its rule: any, all, or how many must hold (Kleene's three values)."""
    needed = 1 if rule == "any" else len(verdicts) if rule in ("all", "") else int(rule)
    if verdicts.count("yes") >= needed:
        return "yes"
    return "unknown" if verdicts.count("yes") + verdicts.count("unknown") >= needed else "no"


def _by_source(
    thresholds: list[Threshold], facts: list[Fact], begin: str | None, on: str | None
) -> list[dict[str, Any]]:
    """Judge the groups of each source apart."""
    sources: dict[str, dict[str, list[Threshold]]] = defaultdict(lambda: defaultdict(list))
    for threshold in thresholds:
        sources[threshold.source][threshold.group].append(threshold)
    found = []
    for source, groups in sorted(sources.items()):
        judged = [_group(name, members, facts, begin, on) for name, members in sorted(groups.items())]
        found.append({"source": source, "outcome": _of_groups(judged), "groups": judged})
    return found


def _of_groups(groups: list[dict[str, Any]]) -> str:
    """Return what follows from the groups of one source: any that applies binds; one that will, not yet."""
    now = combine("any", [group["verdict"] for group in groups if not group["not_yet"]])
    later = combine("any", [group["verdict"] for group in groups if group["not_yet"]])
    if all(group["not_yet"] for group in groups) or (now == "no" and later == "yes"):
        return "not-yet"
    return _OUTCOMES[now]


def _group(
    name: str, members: list[Threshold], facts: list[Fact], begin: str | None, on: str | None
) -> dict[str, Any]:
    judged = [(threshold, *judge(threshold, facts)) for threshold in members]
    rule = next((threshold.rule for threshold in members if threshold.rule), "all")
    # A group whose name is a year reaches companies from that year on; the law's own date is the more exact.
    start = name if re.fullmatch(r"\d{4}", name) and not (begin or "").startswith(name) else begin
    return {
        "group": name,
        "applies_from": start,
        "not_yet": _later(start, on) or _later(begin, on),
        "rule": rule,
        "verdict": combine(rule, [verdict for _, verdict, _, _ in judged]),
        "thresholds": [
            {
                "metric": threshold.metric,
                "minimum": float(threshold.minimum),
                "currency": threshold.currency or None,
                "scope": threshold.scope or None,
                "verdict": verdict,
                "why": why,
                "fact": _stated(fact) if fact else None,
                "note": threshold.note or None,
            }
            for threshold, verdict, fact, why in judged
        ],
    }


def _later(begin: str | None, on: str | None) -> bool:
    """Return whether what applies from a date (of any precision) does not yet apply on a day."""
    return begin is not None and on is not None and first_day(begin) > first_day(on)


def _outcome(by_source: list[dict[str, Any]]) -> str:
    outcomes = {source["outcome"] for source in by_source}
    if not outcomes:
        return "conditional"
    return outcomes.pop() if len(outcomes) == 1 else "sources-differ"


def _binds_states(law: Fields) -> bool:
    kinds = {kind.rpartition("#law-kind-")[2] for kind in law.get("ot:lawKind", ())}
    return kinds <= _NOT_COMPANIES


def _connection(law: Fields, index: Index, actor: str, facts: list[Fact]) -> str | None:
    """Return how an actor is connected with a law's jurisdiction, or None where no connection is known."""
    jurisdiction = one(law, "ot:jurisdiction") or ""
    for place in index.actors[actor].places:
        if jurisdiction in (place.country, place.region):
            return f"established in {jurisdiction}"
        if jurisdiction == "EU" and place.country in EU:
            return f"established in {place.country}, a member of the EU"
    for fact in facts:
        if fact.scope and (fact.scope == jurisdiction or fact.scope == jurisdiction.partition("-")[0]):
            return f"{fact.metric} in {fact.scope}"
    return None


def _by_law(release: Release, table: str) -> Mapping[str, list[Fields]]:
    found: dict[str, list[Fields]] = defaultdict(list)
    for _, fields in release.records(table):
        found[one(fields, "ot:law") or ""].append(fields)
    return found


def _fact(fields: Fields) -> Fact:
    return Fact(
        metric=_code(fields, "ot:metric", "metric"),
        value=Decimal(one(fields, "ot:value") or "0"),
        source=one(fields, "dcterms:source") or "",
        **_texts(fields, "currency", "scope", "year"),
    )


def _threshold(fields: Fields) -> Threshold:
    return Threshold(
        metric=_code(fields, "ot:metric", "metric"),
        minimum=Decimal(one(fields, "ot:minimum") or "0"),
        source=one(fields, "dcterms:source") or "no source stated",
        note=one(fields, "skos:note") or "",
        **_texts(fields, "group", "currency", "scope", "rule"),
    )


def _texts(fields: Fields, *names: str) -> dict[str, str]:
    """Return what properties of ours say, by their names; nothing where they are not stated."""
    return {name: one(fields, f"ot:{name}") or "" for name in names}


def _law(iri: str, fields: Fields, index: Index) -> dict[str, Any]:
    return {
        "iri": iri,
        "id": index.names.id(iri),
        "title": one(fields, "dcterms:title"),
        "jurisdiction": one(fields, "ot:jurisdiction"),
        "kinds": sorted(kind.rpartition("#law-kind-")[2] for kind in fields.get("ot:lawKind", ())),
        "in_force": one(fields, "ot:inForce"),
        "applies_from": one(fields, "ot:appliesFrom"),
        "applicable": one(fields, "ot:appliesFrom") or one(fields, "ot:inForce"),
        "source": one(fields, "dcterms:source"),
    }


def _duty(fields: Fields) -> dict[str, Any]:
    return {
        "title": one(fields, "dcterms:title"),
        "kind": _code(fields, "ot:obligationKind", "obligation-kind") or None,
        "elements": sorted(fields.get("ot:element", ())),
        "source": one(fields, "dcterms:source"),
        "note": one(fields, "skos:note"),
    }


def _filed(fields: Fields) -> dict[str, Any]:
    return {
        "year": one(fields, "ot:year"),
        "url": one(fields, "ot:url"),
        "elements": sorted(fields.get("ot:element", ())),
        "source": one(fields, "dcterms:source"),
    }


def _stated(fact: Fact) -> dict[str, Any]:
    return {
        "metric": fact.metric,
        "value": float(fact.value),
        "currency": fact.currency or None,
        "scope": fact.scope or None,
        "year": fact.year or None,
        "source": fact.source or None,
    }


def _code(fields: Fields, name: str, scheme: str) -> str:
    return (one(fields, name) or "").removeprefix(concept(scheme, ""))
