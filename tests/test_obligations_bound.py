"""Who can be bound by a law at all: what is not known is unknown, and neither met nor failed."""

from __future__ import annotations

from decimal import Decimal

import pytest

from opentier.graph.law.bound import Standing, conditions
from opentier.graph.law.facts import Fact, division
from opentier.graph.law.thresholds import Verdict
from opentier.graph.model.tables import SCHEMES

EVERY = SCHEMES["bound-class"]


@pytest.mark.parametrize("code", EVERY)
@pytest.mark.parametrize("jurisdiction", ["FR", "EU", "US-CA", "INT"])
def test_an_actor_of_whom_nothing_is_known_meets_no_condition_and_fails_none(
    code: str, jurisdiction: str
) -> None:
    found = conditions(Standing((), (), ()), jurisdiction, [code], ["47"], ["64"], ["deals in goods"])
    assert [each.verdict for each in found] == ["unknown"] * 3
    assert all(each.what and each.why for each in found)
    assert jurisdiction in found[0].what


def holds(code: str, jurisdiction: str, places: str, *facts: str) -> Verdict:
    """Say of an actor in some places whether a class holds; a fact is metric, value, place and year."""
    told = [
        Fact(metric, Decimal(value), "", scope, year, "a report")
        for metric, value, scope, year in (fact.split() for fact in facts)
    ]
    (found,) = conditions(Standing(tuple(places.split()), tuple(told), ()), jurisdiction, [code], [], [], [])
    return found.verdict


@pytest.mark.parametrize(
    ("verdict", "code", "jurisdiction", "places", "facts"),
    [
        ("yes", "seat", "FR", "FR-75", []),
        ("no", "seat", "FR", "US", []),
        ("yes", "seat", "EU", "FR", []),
        ("unknown", "seat", "US-CA", "US", []),  # somewhere in the country
        ("no", "seat", "US-CA", "US-NY", []),
        ("yes", "seat", "FR", "US", ["seat 1 FR 2024"]),
        ("no", "seat", "FR", "FR", ["seat 1 DE 2024"]),  # where it works is not where its seat is
        ("no", "seat", "FR", "FR", ["seat 0 FR 2024"]),
        ("yes", "seat", "FR", "US", ["seat 0 FR 2020", "seat 1 FR 2024"]),
        ("unknown", "seat", "FR", "US", ["seat 0 FR 2024", "seat 1 FR 2024"]),  # two sources
        ("no", "third-country", "EU", "FR", []),
        ("yes", "third-country", "EU", "US", []),
        ("yes", "business-in", "GB", "GB", []),  # its seat is there
        ("unknown", "business-in", "GB", "US", []),
        ("yes", "business-in", "US", "FR", ["business-in 1 US-CA 2024"]),
        ("unknown", "business-in", "US-CA", "FR", ["business-in 1 US 2024"]),
        ("no", "business-in", "US-CA", "FR", ["business-in 0 US 2024"]),
        ("yes", "importer-of-record", "EU", "US", ["importer-of-record 1 FR 2024"]),
        ("yes", "assets-in", "CA", "US", ["assets 5 CA 2024"]),
        ("unknown", "listed", "CA", "CA", ["listed 1 US 2024"]),
        ("unknown", "taxable", "NO", "NO", ["seat 1 NO 2024"]),
    ],
)
def test_a_class_holds_where_what_is_known_says_so(
    verdict: Verdict, code: str, jurisdiction: str, places: str, facts: list[str]
) -> None:
    assert (
        holds(code, jurisdiction, places, *facts)
        == holds(code, jurisdiction, places, *facts[::-1])
        == verdict
    )


@pytest.mark.parametrize(
    ("verdict", "sector", "included", "excluded"),
    [
        ("yes", "4771", ["10-33", "47"], ["35-46"]),
        ("no", "4641", ["10-33", "47"], ["35-46"]),
        ("unknown", "6201", ["10-33", "47"], ["35-46"]),  # neither list names it
        ("yes", "6201", [], ["64"]),
        ("no", "K6419", [], ["64"]),
        ("unknown", "clothes", ["47"], []),
        ("unknown", "", ["47"], []),
    ],
)
def test_a_sector_is_compared_by_its_division(
    verdict: Verdict, sector: str, included: list[str], excluded: list[str]
) -> None:
    standing = Standing((), (), (sector,) if sector else ())
    (found,) = conditions(standing, "FR", [], included, excluded, [])
    assert found.verdict == verdict


@pytest.mark.parametrize(
    ("sector", "number"),
    [("1410", 14), ("C1410", 14), ("C 14", 14), ("ISIC 4641", 46), ("01", 1), ("4", None), ("14100", None),
     ("shoes", None)],
)  # fmt: skip
def test_a_division_is_the_first_two_digits_of_a_code(sector: str, number: int | None) -> None:
    assert division(sector) == number
