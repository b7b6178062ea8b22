"""What is known of an actor that laws ask for: figures, and where it has its seat, a branch, business, ...

Of several facts the newest counts that is not after the asked day; how old it is, is told.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from opentier.graph.model.dates import first_day
from opentier.graph.model.names import concept, expand
from opentier.graph.model.rdf import IRI
from opentier.graph.store.release import Release, one
from opentier.graph.triples.engine import Fields

_DIVISION = re.compile(r"(?:ISIC[ :]*)?[A-U]?[ .]?(\d{2})\d{0,2}(?!\d)", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True)
class Fact:
    """A number that is known of an actor: turnover, employees, ... in a scope (a country, EU, or worldwide).

    Of a seat, a branch and the like the number is 1 or 0, and the scope says where. `consolidated` says whether it is
    that of the group; None where that is not stated.
    """

    metric: str
    value: Decimal
    currency: str
    scope: str
    year: str
    source: str
    consolidated: bool | None = None


def stated(release: Release, members: Iterable[str]) -> list[Fact]:
    """Return the facts that are stated of an actor, known by several IRIs."""
    known = frozenset(members)
    return [_fact(fields) for _, fields in release.records("actor_facts") if one(fields, "ot:actor") in known]


def known(facts: Iterable[Fact], on: str | None) -> list[Fact]:
    """Return the facts that are not after a day; without a day all of them."""
    return [fact for fact in facts if not after(fact, on)]


def after(fact: Fact, on: str | None) -> bool:
    """Return whether a fact is of a time after a day."""
    return bool(on and fact.year) and first_day(fact.year) > first_day(on or "")


def newest(facts: Iterable[Fact]) -> list[Fact]:
    """Return of each figure (metric, currency, scope, group or not) the newest facts, the newest first.

    There are several of one figure where sources give it for the same time.
    """
    found: dict[tuple[Any, ...], list[Fact]] = {}
    for fact in sorted(facts, key=lambda fact: fact.year, reverse=True):
        same = found.setdefault((fact.metric, fact.currency, fact.scope, fact.consolidated), [])
        if not same or same[0].year == fact.year:
            same.append(fact)
    return sorted(
        (fact for same in found.values() for fact in same), key=lambda fact: fact.year, reverse=True
    )


def age(fact: Fact, on: str | None) -> int | None:
    """Return how many years a fact is older than a day; None where either is not stated."""
    return int(on[:4]) - int(fact.year[:4]) if on and fact.year else None


def described(fact: Fact, on: str | None) -> dict[str, Any]:
    """Return a fact as it stands in an answer."""
    return {
        "metric": fact.metric,
        "value": float(fact.value),
        "currency": fact.currency or None,
        "scope": fact.scope or None,
        "year": fact.year or None,
        "source": fact.source or None,
        "consolidated": fact.consolidated,
        "age": age(fact, on),
        "after": after(fact, on),
    }


def sectors(release: Release, members: Iterable[str]) -> list[str]:
    """Return what is stated of the sector of an actor, known by several IRIs."""
    return sorted(
        {
            said.object.value
            for _, said in release.engine.among(release.graphs, [*map(IRI, members)], [expand("ot:sector")])
        }
    )


def division(sector: str) -> int | None:
    """Return the division of ISIC that a sector is in; None where it is no code of ISIC."""
    found = _DIVISION.match(sector.strip())
    return int(found[1]) if found else None


def _fact(fields: Fields) -> Fact:
    consolidated = one(fields, "ot:consolidated")
    return Fact(
        metric=(one(fields, "ot:metric") or "").removeprefix(concept("metric", "")),
        value=Decimal(one(fields, "ot:value") or "0"),
        currency=one(fields, "ot:currency") or "",
        scope=one(fields, "ot:scope") or "",
        year=one(fields, "ot:year") or "",
        source=one(fields, "dcterms:source") or "",
        consolidated=None if consolidated is None else consolidated == "true",
    )
