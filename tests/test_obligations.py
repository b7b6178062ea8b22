"""Which laws bind: three companies and the importer of the example, thresholds, groups, dates, and what was filed."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from opentier.graph import Graph
from opentier.graph.errors import UnknownActor, UsageError
from opentier.graph.front import View
from opentier.graph.law.facts import Fact, newest
from opentier.graph.law.obligations import RANK as OUTCOMES
from opentier.graph.law.thresholds import Threshold, Verdict, combine, judge, reached
from opentier.graph.model.tables import SCHEMES
from opentier.graph.query import questions
from opentier.graph.triples.engine import Rows
from opentier.graph.vocabulary.extents import EU, covers
from tests.broken import write
from tests.test_readme import assert_shown

if TYPE_CHECKING:
    from tests.conftest import Command

DATASETS = Path(str(files("opentier.graph") / "datasets"))
OSCE = "2017 OSCE workshop report, France paragraph"


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    """Return the laws and the example."""
    graph = Graph.open(tmp_path_factory.mktemp("obligations") / "data", create=True)
    for name in ("laws", "example"):
        assert graph.contribute(DATASETS / name).new
    return graph


def laws(found: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {law["law"]["id"].removeprefix("laws/law/"): law for law in found["laws"]}


def outcomes(found: dict[str, Any]) -> dict[str, str]:
    return {name: law["outcome"] for name, law in laws(found).items()}


# The companies of the example.


def test_a_german_company_with_1200_employees(view: View) -> None:
    found = view.obligations("example/lindenhof")
    assert outcomes(found) == {
        "de-lksg-2023": "bound",  # 1,000 employees in Germany
        "de-procurement-2016": "conditional",
        "eu-2014-24": "conditional",
        "eu-2014-25": "conditional",
        "eu-2017-821": "unknown",  # whether it imports, and how much
        "eu-eudr-2023": "conditional",
        "eu-flr-2024": "conditional",
        "eu-batteries-2023": "unknown",  # EUR 260 million, and whether it sells batteries
        "eu-csddd-2024": "not-bound",  # EUR 260 million are less than 1,500, and than the 275 of a franchise
        "eu-csrd-2022": "not-bound",  # EUR 260 million are less than 450
    }
    assert found["not_considered"] == 66 - 10
    law = laws(found)["de-lksg-2023"]
    assert law["connection"] == "established in DE"
    assert [(g["group"], g["verdict"]) for g in law["by_source"][0]["groups"]] == [
        ("2023", "no"),
        ("2024", "yes"),
    ]
    fact = law["by_source"][0]["groups"][1]["thresholds"][0]["fact"]
    assert (fact["value"], fact["scope"], fact["source"]) == (
        1200,
        "DE",
        "Annual report 2025 of Lindenhof (invented)",
    )
    assert law["filed"] == []
    assert [duty["kind"] for duty in law["obligations"]] == ["due-diligence", "report"]
    assert all(duty["source"] for law in found["laws"] for duty in law["obligations"])


def test_an_australian_company_with_a_revenue_of_150_million_which_has_filed(view: View) -> None:
    found = view.obligations("example/wattlebird")
    assert outcomes(found) == {"au-msa-2018": "bound"}
    law = laws(found)["au-msa-2018"]
    (filed,) = law["filed"]
    assert (filed["year"], filed["url"]) == (
        "2025",
        "https://example.org/wattlebird/modern-slavery-statement-2025",
    )
    (duty,) = law["obligations"]
    assert duty["deadline_rule"] == "6 months after the end of the entity's own reporting period"
    assert set(duty["elements"]) - set(filed["elements"]) == {"consultation", "remediation"}


def test_a_french_company_with_3000_employees_of_which_a_report_claims_more_than_the_law_says(
    view: View,
) -> None:
    found = view.obligations("example/mistral")
    assert outcomes(found) == {
        "fr-vigilance-2017": "unknown",
        "eu-csddd-2024": "unknown",  # its turnover is not known
        "eu-csrd-2022": "unknown",
        "eu-batteries-2023": "unknown",
        "eu-2017-821": "unknown",
        "eu-2014-24": "conditional",
        "eu-2014-25": "conditional",
        "eu-eudr-2023": "conditional",
        "eu-flr-2024": "conditional",
    }
    report, law = laws(found)["fr-vigilance-2017"]["by_source"]
    assert (report["source"], report["outcome"]) == (OSCE, "claim")  # shown, and never counted
    assert [(t["minimum"], t["scope"], t["verdict"]) for t in report["groups"][0]["thresholds"]] == [
        (10000, "worldwide", "unknown"),
        (500, "EU", "yes"),
    ]
    assert report["groups"][0]["thresholds"][1]["why"] == "already reached in FR alone"
    # Under the law's own text: fewer than 5,000 in France, but nobody knows whether 10,000 worldwide.
    assert law["source"].startswith("Law no. 2017-399 of 27 March 2017, article 1")
    assert law["outcome"] == "unknown"
    (group,) = law["groups"]
    assert group["rule"] == "any"
    assert [(t["minimum"], t["scope"], t["verdict"]) for t in group["thresholds"]] == [
        (10000, "worldwide", "unknown"),
        (5000, "FR", "no"),
    ]
    assert [year["year"] for year in group["years"]] == ["2025", "2024"]


def test_both_french_sources_are_shown_with_what_follows(call: Command, graph: Graph) -> None:
    shown = call("obligations", "example/mistral", "--data", str(graph.store.path), COLUMNS="250").out
    assert "unknown: Duty of Vigilance Law (FR; established in FR)" in shown
    assert f"claimed, and not counted, according to {OSCE}" in shown
    assert "unknown according to Law no. 2017-399 of 27 March 2017, article 1" in shown


def test_a_wholesaler_in_new_york_is_of_the_size_of_the_law_of_california_and_not_of_its_sectors(
    view: View,
) -> None:
    found = view.obligations("example/aurora")
    assert outcomes(found) == {
        "us-ca-tscsa-2010": "not-bound",  # USD 130 million in the United States alone, and wholesale trade
        "us-far-22-17": "unknown",  # no contract is known
        "us-307-1930": "conditional",
        "us-caatsa-321": "conditional",
        "us-dodd-frank-1502": "conditional",
        "us-eo-13126": "conditional",
        "us-eo-customs-2026": "not-yet",  # signed, and no rules yet
        "us-uflpa-2021": "conditional",
        "us-301-forced-labour-2026": "proposed",
        "us-ny-fashion": "proposed",
    }
    law = laws(found)["us-ca-tscsa-2010"]
    assert law["connection"] == "turnover in US"
    (group,) = law["by_source"][0]["groups"]
    assert (group["size"], group["verdict"]) == ("yes", "no")
    assert [(each["condition"].split(" ")[0], each["verdict"]) for each in group["conditions"]] == [
        ("business", "unknown"),
        ("sector", "no"),
    ]


def test_what_binds_comes_first(view: View) -> None:
    for actor in ("lindenhof", "mistral", "aurora"):
        for on in (None, "2023-06-30"):
            found = [
                OUTCOMES.index(law["outcome"]) for law in view.obligations(f"example/{actor}", on)["laws"]
            ]
            assert found == sorted(found)


def test_an_actor_of_whom_no_fact_is_known_is_bound_by_nothing_and_cleared_of_nothing(view: View) -> None:
    found = view.obligations("example/borealis")
    assert found["facts"] == []
    assert set(outcomes(found).values()) == {"unknown", "conditional"}
    assert outcomes(found)["de-lksg-2023"] == "unknown"


def test_the_query_finds_the_sizes_that_the_command_finds(view: View) -> None:
    rows = view.query(questions.question(8).text)
    assert isinstance(rows, Rows)
    wanted = [rows.names.index(name) for name in ("actor", "law", "source", "filed")]
    queried = {tuple(term.value for place in wanted if (term := row[place])) for row in rows}
    del rows
    found = {
        (result["actor"]["iri"], law["law"]["iri"], source["source"], str(bool(law["filed"])).lower())
        for actor in view.index.actors
        for result in [view.obligations(actor)]
        for law in result["laws"]
        for source in law["by_source"]
        for group in source["groups"]
        if group["thresholds"] and group["size"] == "yes" and source["outcome"] != "claim"
        if not group["superseded"]
    }
    assert queried == found


# Dates.


def test_every_law_says_when_it_applies_and_no_clock_is_read(view: View) -> None:
    found = view.obligations("example/lindenhof")
    assert found["on"] is None
    assert "not-yet" not in outcomes(found).values()
    law = laws(found)["eu-csddd-2024"]["law"]
    assert (law["in_force"], law["applies_from"], law["applicable"]) == (
        "2024-07-25",
        "2029-07-26",
        "2029-07-26",
    )
    german = laws(found)["de-procurement-2016"]["law"]
    assert (german["in_force"], german["applies_from"], german["applicable"]) == (
        "2016-04-18",
        None,
        "2016-04-18",
    )


@pytest.mark.parametrize(
    ("on", "law", "outcome"),
    [
        ("2022-12-31", "de-lksg-2023", "not-yet"),  # the law applies from 2023
        ("2023-06-30", "de-lksg-2023", "unknown"),  # its figures are of 2025, which is later
        ("2024-01-01", "de-lksg-2023", "unknown"),
        ("2025-01-01", "de-lksg-2023", "bound"),
        ("2027-12-13", "eu-flr-2024", "not-yet"),
        ("2027-12-14", "eu-flr-2024", "conditional"),
        ("2028-07-26", "eu-csddd-2024", "not-yet"),  # the day of the text of 2024, which is law no longer
        ("2029-07-25", "eu-csddd-2024", "not-yet"),
        ("2029-07-26", "eu-csddd-2024", "not-bound"),
    ],
)
def test_on_a_day_what_does_not_yet_apply_is_marked(view: View, on: str, law: str, outcome: str) -> None:
    found = view.obligations("example/lindenhof", on)
    assert found["on"] == on
    assert outcomes(found)[law] == outcome


def test_a_group_that_applies_later_is_not_counted_before(view: View) -> None:
    (source,) = laws(view.obligations("example/lindenhof", "2023-06-30"))["de-lksg-2023"]["by_source"]
    assert source["outcome"] == "unknown"  # its only figures are of later
    assert [(g["group"], g["applies_from"], g["not_yet"], g["verdict"]) for g in source["groups"]] == [
        ("2023", "2023-01-01", False, "unknown"),
        ("2024", "2024-01-01", True, "unknown"),
    ]


def test_the_text_says_when_a_law_applies(call: Command, graph: Graph) -> None:
    where = ("--data", str(graph.store.path))
    shown = call("obligations", "example/lindenhof", *where, COLUMNS="250").out
    assert "applies from 2029-07-26 (in force from 2024-07-25)" in shown
    assert "No day was asked for: see when each law applies." in shown
    assert "group 2024 applies from 2024-01-01" in shown
    assert "(not-enforced); due: none is enforced since 2025-10-01" in shown
    assert "filed: nothing is known to be filed" in shown
    shown = call("obligations", "example/lindenhof", "--on", "2023-06-30", *where, COLUMNS="250").out
    assert "On 2023-06-30." in shown
    assert "unknown: Supply Chain Due Diligence Act" in shown
    assert "not yet in reach: group 2024 applies from 2024-01-01" in shown
    assert "employees 1,200 (DE, 2025, -2 years old, after the asked day and not used)" not in shown
    assert "employees 1,200 (DE, 2025, after the asked day and not used)" in shown


@pytest.mark.parametrize("on", ["2023", "2023-02-30", "tomorrow", ""])
def test_a_day_that_is_none_is_refused(view: View, on: str) -> None:
    with pytest.raises(UsageError):
        view.obligations("example/lindenhof", on or "no day")


# The faces.


@pytest.mark.parametrize("actor", ["lindenhof", "wattlebird", "mistral", "aurora", "borealis"])
@pytest.mark.parametrize("on", ["", "2023-06-30"])
def test_the_service_says_what_the_command_says(
    call: Command, client: TestClient, graph: Graph, actor: str, on: str
) -> None:
    day = ("--on", on) if on else ()
    where = ("--data", str(graph.store.path))
    said = call("obligations", f"example/{actor}", "--format", "json", "-q", *day, *where)
    asked = {"actor": f"example/{actor}"} | ({"on": on} if on else {})
    assert json.loads(said.out) == client.get("/obligations", params=asked).json()


def test_an_unknown_actor_and_a_wrong_day_are_problems(
    call: Command, client: TestClient, view: View, graph: Graph
) -> None:
    with pytest.raises(UnknownActor):
        view.obligations("example/nobody")
    answer = client.get("/obligations", params={"actor": "example/nobody"})
    assert (answer.status_code, answer.json()["title"]) == (404, "Unknown actor")
    assert client.get("/obligations", params={"actor": "example/aurora", "on": "soon"}).status_code == 400
    assert client.get("/obligations").status_code == 400
    assert call("obligations", "example/nobody", "--data", str(graph.store.path)).code == 2
    assert call("obligations", "example/aurora", "--on", "soon", "--data", str(graph.store.path)).code == 2


def test_the_guide_shows_what_is_printed(call: Command, graph: Graph) -> None:
    guide = (Path(__file__).parents[1] / "docs" / "obligations.md").read_text("utf-8")
    command, *lines = guide.partition("```console\n$ ")[2].partition("```")[0].splitlines()
    typed = command.removeprefix("opentier ").split()
    printed = call(*typed, "--data", str(graph.store.path), COLUMNS="400").out
    assert_shown(tuple(lines), printed)
    for outcome in OUTCOMES:
        assert f"`{outcome}`" in guide
    for metric in SCHEMES["metric"]:
        assert f"`{metric}`" in guide


# Laws of others.

OTHERS = {
    "actors": [["id", "name", "country"], ["firm", "Firm", "KE"]],
    "actor_facts": [
        ["actor", "metric", "value", "scope", "year"],
        ["firm", "employees", "900", "worldwide", "2025"],
    ],
    "laws": [
        ["id", "title", "jurisdiction", "kinds", "status", "bound_class"],
        ["bare", "Bare", "KE", "reporting", "", ""],
        ["claimed", "Claimed", "KE", "reporting", "in-force", "seat"],
        ["mixed", "Mixed", "KE", "reporting", "in-force", "seat"],
        ["held", "Held", "KE", "reporting", "on-hold", "seat"],
        ["idle", "Idle", "KE", "reporting", "not-enforced", "seat"],
        ["gone", "Gone", "KE", "reporting", "repealed", "seat"],
        ["seated", "Seated", "KE", "reporting", "in-force", "seat"],
    ],
    "thresholds": [
        ["law", "group", "metric", "minimum", "source", "confidence"],
        ["claimed", "size", "employees", "500", "A paper", "contradicted"],
        ["mixed", "size", "employees", "1000", "A paper", "primary"],
        ["mixed", "claim", "employees", "500", "A paper", "contradicted"],
        ["held", "size", "employees", "500", "A paper", ""],
    ],
}


@pytest.mark.parametrize("on", [None, "2026-11-26"])
def test_what_binds_nobody_is_never_bound_and_a_claim_alone_decides_nothing(
    tmp_path: Path, on: str | None
) -> None:
    graph = Graph.open(tmp_path / "data", create=True)
    graph.contribute(write(tmp_path / "package", OTHERS))
    found = graph.view().obligations("probe/firm", on)
    assert {law["law"]["title"].lower(): law["outcome"] for law in found["laws"]} == {
        "bare": "conditional", "claimed": "unknown", "mixed": "not-bound", "held": "on-hold", "idle": "not-enforced",
        "gone": "repealed", "seated": "bound",
    }  # fmt: skip
    assert found["coverage"] == {"jurisdictions": [], "not_covered": ["KE"], "looked_at": []}


# One threshold.

SCOPES = ("", "worldwide", "EU", "DE", "FR", "US")
ASKED = Threshold("g", "turnover", Decimal(100), "EUR", "EU", "all", "a source", "")
KNOWN = Fact("turnover", Decimal(100), "EUR", "EU", "2025", "a report")


@pytest.mark.parametrize(
    ("asked", "known", "value", "verdict"),
    [
        ("DE", "DE", 100, "yes"),  # at least
        ("DE", "DE", 99, "no"),
        ("EU", "DE", 100, "yes"),  # a member alone: a lower bound
        ("EU", "DE", 99, "unknown"),
        ("worldwide", "DE", 100, "yes"),
        ("worldwide", "EU", 99, "unknown"),
        ("DE", "EU", 99, "no"),  # all of it: an upper bound
        ("DE", "EU", 100, "unknown"),
        ("DE", "worldwide", 99, "no"),
        ("EU", "worldwide", 100, "unknown"),
        ("DE", "FR", 1000, "unknown"),  # neither contains the other
        ("EU", "US", 1000, "unknown"),
        ("", "worldwide", 100, "yes"),  # no scope is the world
        ("worldwide", "", 99, "no"),
    ],
)
def test_a_narrower_fact_is_a_lower_bound_and_a_wider_one_an_upper(
    asked: str, known: str, value: int, verdict: Verdict
) -> None:
    fact = replace(KNOWN, scope=known, value=Decimal(value))
    found, used, why = judge(replace(ASKED, scope=asked), [fact])
    assert found == verdict
    assert used == fact
    assert why


def test_currencies_are_not_converted() -> None:
    verdict, fact, why = judge(ASKED, [replace(KNOWN, currency="USD", value=Decimal(10**12))])
    assert (verdict, why) == ("unknown", "the fact is in USD and is not converted")
    assert fact is not None
    assert judge(replace(ASKED, currency=""), [replace(KNOWN, currency="")])[0] == "yes"
    assert judge(ASKED, [replace(KNOWN, currency="")])[0] == "unknown"


def test_what_is_not_known_is_said() -> None:
    assert judge(ASKED, []) == ("unknown", None, "turnover is not known")
    assert judge(ASKED, [replace(KNOWN, metric="employees")])[1] is None


def test_the_latest_fact_that_decides_is_taken() -> None:
    old, new = replace(KNOWN, year="2023", value=Decimal(50)), replace(KNOWN, year="2024")
    assert judge(ASKED, [old, new])[:2] == judge(ASKED, [new, old])[:2] == ("yes", new)
    silent = replace(new, scope="DE", value=Decimal(1))
    assert judge(ASKED, [silent, old])[:2] == ("no", old)


def test_a_newer_figure_of_the_same_place_takes_the_older_away() -> None:
    old = replace(KNOWN, year="2022", scope="DE", value=Decimal(1000))
    new = replace(old, year="2024", value=Decimal(1))
    assert newest([old, new]) == [new]
    assert judge(ASKED, [old, new])[:2] == ("unknown", new)  # 1 in Germany says nothing of the Union


def test_figures_of_one_year_that_contradict_each_other_decide_nothing() -> None:
    other = replace(KNOWN, value=Decimal(99), source="another report")
    assert judge(ASKED, [KNOWN, other])[::2] == ("unknown", "the facts of 2025 contradict each other")
    assert judge(ASKED, [KNOWN, replace(other, year="2024")])[0] == "yes"


@pytest.mark.parametrize(("more_than", "value", "verdict"), [
    (False, 99, "no"), (False, 100, "yes"), (True, 100, "no"), (True, 101, "yes"),
])  # fmt: skip
def test_more_than_leaves_the_figure_itself_out(more_than: bool, value: int, verdict: Verdict) -> None:
    assert judge(replace(ASKED, more_than=more_than), [replace(KNOWN, value=Decimal(value))])[0] == verdict


@pytest.mark.parametrize(("asked", "known", "value", "verdict"), [
    (True, True, 99, "no"),
    (True, False, 100, "yes"),  # the company alone is a lower bound of its group
    (True, False, 99, "unknown"),
    (False, True, 99, "no"),  # the group is an upper bound of the company
    (False, True, 100, "unknown"),
    (None, True, 99, "no"),
    (True, None, 99, "no"),  # not stated: taken as it stands, and told as not tested
])  # fmt: skip
def test_a_company_is_a_lower_bound_of_its_group(
    asked: bool | None, known: bool | None, value: int, verdict: Verdict
) -> None:
    fact = replace(KNOWN, consolidated=known, value=Decimal(value))
    assert judge(replace(ASKED, consolidated=asked), [fact])[0] == verdict


def test_a_company_alone_in_one_country_bounds_nothing_of_a_group_in_a_part_of_it() -> None:
    fact = replace(KNOWN, scope="worldwide", consolidated=False)
    assert judge(replace(ASKED, scope="DE", consolidated=True), [fact])[0] == "unknown"


@pytest.mark.parametrize(("years", "last", "before", "verdict"), [
    ("2", 100, 100, "yes"), ("2", 100, 99, "no"), ("2", 99, 100, "no"), ("2", 100, None, "unknown"),
    ("2", 99, None, "no"), ("1-of-2", 99, 100, "yes"), ("1-of-2", 99, 99, "no"), ("1-of-2", 99, None, "unknown"),
    ("1-of-2", 100, None, "yes"), ("1", 99, 100, "no"), ("", 99, 100, "no"),
])  # fmt: skip
def test_years_running_are_the_latest_ones(
    years: str, last: int, before: int | None, verdict: Verdict
) -> None:
    facts = [replace(KNOWN, year="2024", value=Decimal(last))]
    facts += [] if before is None else [replace(KNOWN, year="2023-12-31", value=Decimal(before))]
    asked = replace(ASKED, years=years)
    assert reached([asked], facts)[0] == reached([asked], facts[::-1])[0] == verdict


def test_a_newer_figure_of_another_place_or_currency_moves_no_year() -> None:
    asked = replace(ASKED, scope="FR", years="2")
    facts = [replace(KNOWN, scope="FR", year=year) for year in ("2024", "2023")]
    for other in (
        replace(KNOWN, scope="US", year="2025"),
        replace(KNOWN, scope="FR", currency="USD", year="2025"),
    ):
        assert reached([asked], [*facts, other])[0] == "yes"
    assert reached([asked], [*facts, replace(KNOWN, scope="FR", year="2025", value=Decimal(1))])[0] == "no"


def test_two_of_three_must_hold_in_the_same_year() -> None:
    group = [
        replace(ASKED, metric=metric, currency="", scope="", rule="2", years="1-of-2")
        for metric in ("turnover", "assets", "employees")
    ]

    def told(**values: tuple[int, int]) -> list[Fact]:
        return [
            Fact(metric, Decimal(value), "", "", year, "a report")
            for metric, each in values.items()
            for year, value in zip(("2024", "2023"), each, strict=True)
        ]

    assert reached(group, told(turnover=(100, 1), assets=(100, 1), employees=(1, 1)))[0] == "yes"
    assert reached(group, told(turnover=(100, 1), assets=(1, 100), employees=(1, 1)))[0] == "no"


def test_figures_without_a_year_are_of_no_year() -> None:
    assert reached([replace(ASKED, years="2")], [replace(KNOWN, year="")])[0] == "unknown"
    assert reached([ASKED], [replace(KNOWN, year="")])[0] == "yes"


def test_scopes_contain_each_other() -> None:
    assert all(covers("worldwide", place) and covers(place, place) for place in (*SCOPES[1:], "worldwide"))
    assert all(covers("EU", place) and not covers(place, "EU") for place in EU)
    assert covers("US", "US-CA")
    assert covers("EU", "DE-BY")
    assert not covers("US-CA", "US")
    assert not covers("EU", "GB")
    assert not covers("DE", "worldwide")
    assert len(EU) == 27


# Properties.

RANK: dict[Verdict, int] = {"no": 0, "unknown": 1, "yes": 2}
VERDICTS = st.lists(st.sampled_from(("no", "unknown", "yes")), min_size=1, max_size=6)
FACTS = st.lists(
    st.builds(
        Fact,
        metric=st.sampled_from(("turnover", "employees")),
        value=st.integers(0, 200).map(Decimal),
        currency=st.sampled_from(("EUR", "USD", "")),
        scope=st.sampled_from(SCOPES),
        year=st.sampled_from(("", "2023", "2024", "2025")),
        source=st.just("a report"),
        consolidated=st.sampled_from((None, True, False)),
    ),
    max_size=5,
)
THRESHOLDS = st.builds(
    Threshold,
    group=st.just("g"),
    metric=st.sampled_from(("turnover", "employees")),
    minimum=st.integers(0, 200).map(Decimal),
    currency=st.sampled_from(("EUR", "")),
    scope=st.sampled_from(SCOPES),
    rule=st.just("all"),
    source=st.just("a source"),
    note=st.just(""),
    more_than=st.booleans(),
    consolidated=st.sampled_from((None, True, False)),
)


@given(THRESHOLDS, FACTS, st.data())
def test_a_larger_fact_never_takes_an_actor_out_of_reach(
    threshold: Threshold, facts: list[Fact], data: st.DataObject
) -> None:
    more = [replace(fact, value=fact.value + data.draw(st.integers(0, 200))) for fact in facts]
    assert RANK[judge(threshold, more)[0]] >= RANK[judge(threshold, facts)[0]]


@given(THRESHOLDS, FACTS, st.integers(0, 200))
def test_a_lower_threshold_never_takes_an_actor_out_of_reach(
    threshold: Threshold, facts: list[Fact], less: int
) -> None:
    lower = replace(threshold, minimum=max(Decimal(0), threshold.minimum - less))
    assert RANK[judge(lower, facts)[0]] >= RANK[judge(threshold, facts)[0]]


@given(THRESHOLDS, FACTS)
def test_a_verdict_names_a_fact_of_its_metric_and_a_reason(threshold: Threshold, facts: list[Fact]) -> None:
    verdict, fact, why = judge(threshold, facts)
    assert why
    assert fact is None or (fact in facts and fact.metric == threshold.metric)
    assert fact is not None or verdict == "unknown"
    if verdict != "unknown" and threshold.currency:
        assert fact is not None
        assert fact.currency == threshold.currency


@pytest.mark.parametrize(
    ("rule", "verdicts", "outcome"),
    [
        ("any", ["no", "no"], "no"),
        ("any", ["no", "yes"], "yes"),
        ("any", ["no", "unknown"], "unknown"),
        ("all", ["yes", "yes"], "yes"),
        ("all", ["yes", "unknown"], "unknown"),
        ("all", ["no", "unknown"], "no"),
        ("", ["yes", "no"], "no"),  # no rule: all
        ("2", ["yes", "yes", "no"], "yes"),  # Canada: two of three
        ("2", ["yes", "unknown", "no"], "unknown"),
        ("2", ["yes", "no", "no"], "no"),
        ("2", ["unknown", "unknown", "no"], "unknown"),
        ("3", ["yes", "yes"], "no"),  # more than there are
    ],
)
def test_a_group_holds_as_its_rule_says(rule: str, verdicts: list[Verdict], outcome: Verdict) -> None:
    assert combine(rule, verdicts) == outcome


@given(st.sampled_from(("any", "all", "1", "2", "3")), VERDICTS, st.data())
def test_a_group_is_monotone_and_blind_to_order(
    rule: str, verdicts: list[Verdict], data: st.DataObject
) -> None:
    better: list[Verdict] = [
        max(verdict, data.draw(st.sampled_from(("no", "unknown", "yes"))), key=RANK.__getitem__)
        for verdict in verdicts
    ]
    assert RANK[combine(rule, better)] >= RANK[combine(rule, verdicts)]
    assert combine(rule, data.draw(st.permutations(verdicts))) == combine(rule, verdicts)


@given(st.sampled_from(("any", "all", "1", "2", "3")), VERDICTS)
def test_a_group_says_unknown_only_where_what_is_unknown_decides(rule: str, verdicts: list[Verdict]) -> None:
    worst: list[Verdict] = ["no" if verdict == "unknown" else verdict for verdict in verdicts]
    best: list[Verdict] = ["yes" if verdict == "unknown" else verdict for verdict in verdicts]
    found = combine(rule, verdicts)
    assert (found == "unknown") == (combine(rule, worst) != combine(rule, best))
    if found != "unknown":
        assert combine(rule, worst) == combine(rule, best) == found
