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
from opentier.graph.law.obligations import Fact, Threshold, Verdict, combine, judge
from opentier.graph.query import questions
from opentier.graph.store.engine import Rows
from opentier.graph.vocabulary.extents import EU, covers

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
        "eu-2017-821": "conditional",
        "eu-flr-2024": "conditional",
        "eu-csddd-2024": "not-bound",  # EUR 260 million are less than 450
    }
    assert found["not_considered"] == 42 - 7
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
    assert set(duty["elements"]) - set(filed["elements"]) == {"consultation", "remediation"}


def test_a_french_company_with_3000_employees_on_which_the_sources_differ(view: View) -> None:
    found = view.obligations("example/mistral")
    assert outcomes(found) == {
        "fr-vigilance-2017": "sources-differ",
        "eu-csddd-2024": "unknown",  # its turnover is not known
        "eu-2014-24": "conditional",
        "eu-2014-25": "conditional",
        "eu-2017-821": "conditional",
        "eu-flr-2024": "conditional",
    }
    report, law = laws(found)["fr-vigilance-2017"]["by_source"]
    assert (report["source"], report["outcome"]) == (OSCE, "bound")
    (threshold,) = report["groups"][0]["thresholds"]
    assert (threshold["minimum"], threshold["scope"], threshold["verdict"]) == (500, "EU", "yes")
    assert threshold["why"] == "already reached in FR alone"
    # Under the law's own text: fewer than 5,000 in France, but nobody knows whether 10,000 worldwide.
    assert law["source"].startswith("Law no. 2017-399 of 27 March 2017, article 1")
    assert law["outcome"] == "unknown"
    (group,) = law["groups"]
    assert group["rule"] == "any"
    assert [(t["minimum"], t["scope"], t["verdict"]) for t in group["thresholds"]] == [
        (5000, "FR", "no"),
        (10000, "worldwide", "unknown"),
    ]


def test_both_french_sources_are_shown_with_what_follows(call: Command, graph: Graph) -> None:
    shown = call("obligations", "example/mistral", "--data", str(graph.store.path), COLUMNS="250").out
    assert "sources-differ: Duty of Vigilance Law (FR; established in FR)" in shown
    assert f"bound according to {OSCE}" in shown
    assert "unknown according to Law no. 2017-399 of 27 March 2017, article 1" in shown


def test_an_importer_in_new_york_is_reached_by_the_law_of_california(view: View) -> None:
    found = view.obligations("example/aurora")
    assert outcomes(found) == {
        "us-ca-tscsa-2010": "bound",  # USD 130 million in the United States alone
        "us-far-22-17": "unknown",  # no contract value is known
        "us-307-1930": "conditional",
        "us-eo-13126": "conditional",
        "us-uflpa-2021": "conditional",
    }
    assert laws(found)["us-ca-tscsa-2010"]["connection"] == "turnover in US"


def test_what_binds_comes_first(view: View) -> None:
    rank = ["bound", "sources-differ", "unknown", "conditional", "not-yet", "not-bound"]
    for actor in ("lindenhof", "mistral", "aurora"):
        for on in (None, "2023-06-30"):
            found = [rank.index(law["outcome"]) for law in view.obligations(f"example/{actor}", on)["laws"]]
            assert found == sorted(found)


def test_an_actor_of_whom_no_fact_is_known_is_bound_by_nothing_and_cleared_of_nothing(view: View) -> None:
    found = view.obligations("example/borealis")
    assert found["facts"] == []
    assert set(outcomes(found).values()) == {"unknown", "conditional"}
    assert outcomes(found)["de-lksg-2023"] == "unknown"


def test_the_query_finds_what_the_command_finds(view: View) -> None:
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
        if source["outcome"] == "bound"
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
        "2028-07-26",
        "2028-07-26",
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
        ("2023-06-30", "de-lksg-2023", "not-yet"),  # 3,000 employees were needed, 1,000 only from 2024
        ("2024-01-01", "de-lksg-2023", "bound"),
        ("2027-12-13", "eu-flr-2024", "not-yet"),
        ("2027-12-14", "eu-flr-2024", "conditional"),
        ("2028-07-25", "eu-csddd-2024", "not-yet"),
        ("2028-07-26", "eu-csddd-2024", "not-bound"),
        ("2029-07-26", "eu-csddd-2024", "not-bound"),
    ],
)
def test_on_a_day_what_does_not_yet_apply_is_marked(view: View, on: str, law: str, outcome: str) -> None:
    found = view.obligations("example/lindenhof", on)
    assert found["on"] == on
    assert outcomes(found)[law] == outcome


def test_a_group_that_applies_later_is_not_counted_before(view: View) -> None:
    (source,) = laws(view.obligations("example/lindenhof", "2023-06-30"))["de-lksg-2023"]["by_source"]
    assert source["outcome"] == "not-yet"
    assert [(g["group"], g["applies_from"], g["not_yet"], g["verdict"]) for g in source["groups"]] == [
        ("2023", "2023-01-01", False, "no"),
        ("2024", "2024", True, "yes"),
    ]


def test_the_text_says_when_a_law_applies(call: Command, graph: Graph) -> None:
    where = ("--data", str(graph.store.path))
    shown = call("obligations", "example/lindenhof", *where, COLUMNS="250").out
    assert "applies from 2028-07-26 (in force from 2024-07-25)" in shown
    assert "No day was asked for: see when each law applies." in shown
    assert "group 2024 applies from 2024" in shown
    assert "filed: nothing is known to be filed" in shown
    shown = call("obligations", "example/lindenhof", "--on", "2023-06-30", *where, COLUMNS="250").out
    assert "On 2023-06-30." in shown
    assert "not-yet: Supply Chain Due Diligence Act" in shown
    assert "not yet in reach: group 2024 applies from 2024" in shown


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


def test_scopes_contain_each_other() -> None:
    assert all(covers("worldwide", place) and covers(place, place) for place in (*SCOPES[1:], "worldwide"))
    assert all(covers("EU", place) and not covers(place, "EU") for place in EU)
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
