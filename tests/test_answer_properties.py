"""What an answer says beside reach and paths, against the oracle of brute.py: small random packages, all questions.

Verdict, limits, chokepoints, and what every exposure and every path of it says of itself; upstream and downstream.
"""

from __future__ import annotations

from math import prod
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from opentier.graph.answer.result import TraceResult
from opentier.graph.exposure import chokepoints
from opentier.graph.exposure.exposures import Exposure, expose
from opentier.graph.exposure.severity import weights
from opentier.graph.exposure.touches import merged
from opentier.graph.index.opened import Index
from opentier.graph.trace.parameters import Parameters
from opentier.graph.trace.walks import trace
from tests.counts import runs
from tests.oracles.answers import Answer, Downstream, Verdict
from tests.oracles.brute import Oracle, Touch
from tests.oracles.draw import Tables, packages, questions
from tests.oracles.hops import Walk
from tests.oracles.tables import Rows, chain, indexed, local, parameters, roots, steps

WEIGHTS = weights()


def answered(index: Index, root: str, asked: Parameters) -> TraceResult:
    """Return the answer of the engine."""
    found = trace(index, root, asked)
    return TraceResult(found, expose(found))


def demanded(oracle: Oracle, root: str, *, downstream: bool) -> Verdict:
    """Return the answer of the oracle."""
    return Downstream(oracle, root) if downstream else Answer(oracle, root)


def touch(exposed: Exposure) -> Touch:
    """Return an exposure as the oracle names it."""
    return local(exposed.actor), local(exposed.designation.iri), exposed.reason


# --- Of a whole answer -------------------------------------------------------------------------------------------


@runs(500)
@given(packages(), questions(), st.booleans())
def test_verdict_and_limits_are_those_of_the_oracle(
    tables: Tables, question: Parameters, downstream: bool
) -> None:
    rows, oracle, index = Rows(tables), Oracle(tables, question), indexed(tables)
    for root in roots(tables):
        found = answered(index, rows.actor(root), parameters(question, rows, downstream=downstream))
        expected = demanded(oracle, root, downstream=downstream)
        assert {touch(e) for e in found.exposures} == expected.exposures
        assert found.verdict.result == expected.verdict
        event(f"{expected.verdict} {expected.untestable}")
        said = expected.limits
        assert {name: found.limits[name] for name in said} == said
        assert not found.limits["truncated"]


@runs(150)
@given(packages(), questions(), st.booleans(), st.integers(1, 3), st.sampled_from((0, 10**9)))
def test_chokepoints_are_what_exposures_hang_on(
    tables: Tables, question: Parameters, downstream: bool, paths: int, worth: int
) -> None:
    rows, oracle, index = Rows(tables), Oracle(tables, question), indexed(tables)
    for root in roots(tables):
        asked = parameters(question, rows, downstream=downstream, paths=paths)
        with patch.object(
            chokepoints, "_PATH", worth
        ):  # paths are looked for first, or all is searched at once
            found = answered(index, rows.actor(root), asked).chokepoints
        expected = demanded(oracle, root, downstream=downstream).chokepoints()
        assert {local(actor.iri): ended for actor, ended in found.actors} == expected
        event(f"{len(expected)} chokepoints")
        order = [(-ended, actor.iri) for actor, ended in found.actors]
        assert order == sorted(order)
        assert not found.truncated


# --- Of exposures and their paths ----------------------------------------------------------------------------------


@runs(400)
@given(packages(), questions(), st.booleans())
def test_every_exposure_and_path_says_what_the_oracle_says(
    tables: Tables, question: Parameters, downstream: bool
) -> None:
    rows, oracle, index = Rows(tables), Oracle(tables, question), indexed(tables)
    for traced in roots(tables):
        asked = parameters(question, rows, downstream=downstream, paths=3)
        found = answered(index, rows.actor(traced), asked)
        for exposed, said in zip(found.exposures, found.to_dict()["exposures"], strict=True):
            actor, designation, reason = touch(exposed)
            listing = oracle.listings[designation]
            assert said["state"] == state(oracle, designation)
            assert said["group"] == group(listing.row, reason)
            assert (said["stakes"] != []) == (reason == "owned-by-listed")
            assert said["designation"]["exploitation"] == sorted(listing.exploitation)
            for path, printed in zip(exposed.paths, said["paths"], strict=True):
                walk = oracle.admitted(actor if downstream else traced, steps(rows, path))
                assert walk is not None
                scope = oracle.scope_match(designation, reason, walk)
                assert printed["scope_match"] == scope
                assert printed["in_force_while_live"] == oracle.in_force_while_live(designation, walk)
                assert printed["product_continuity"] == (oracle.continuity(walk) or "not-asked")
                factors = printed["severity"]["factors"]
                assert factors == pytest.approx(
                    severity(oracle, designation, reason, walk, factors["recency"])
                )
                assert printed["severity"]["value"] == pytest.approx(prod(factors.values()), abs=1e-6)
                event(f"{reason} {scope} {said['state']}")
            for name in ("severity", "scope_match", "in_force_while_live"):
                assert said[name] == said["paths"][0][name]


def state(oracle: Oracle, designation: str) -> str:
    """Return whether a designation that is shown counts, is past, or is pending."""
    listing, question = oracle.listings[designation], oracle.question
    if listing.current(question):
        return "current"
    return "past" if question.past and listing.past(question) else "pending"


def group(row: Any, reason: str) -> str:
    """Return the group of an exposure: in these packages presumptions alone are measures."""
    if reason == "possible-identity":
        return "possible"
    return "measure" if row["kind"] == "regional-presumption" else "risk"


def severity(oracle: Oracle, designation: str, reason: str, walk: Walk, recency: float) -> dict[str, float]:
    """Return the factors of a path; its recency is held elsewhere."""
    listing = oracle.listings[designation]
    return {
        "effect": WEIGHTS["effect"]["unstated"],
        "confidence": pytest.approx(float(walk.confidence), abs=1e-6),
        "tier": pytest.approx(0.8**walk.tiers, abs=1e-6),
        "scope": WEIGHTS["scope"][oracle.scope_match(designation, reason, walk) or "whole"],
        "continuity": WEIGHTS["continuity"][oracle.continuity(walk) or "consistent"],
        "reason": WEIGHTS["reason"][reason],
        "exploitation": 0.7 if listing.exploitation == ["child-labour"] else 1.0,
        "recency": recency,
        "status": WEIGHTS["status"][state(oracle, designation).replace("current", "active")],
    }


@runs(120)
@given(packages(), questions(), st.booleans())
def test_severity_and_order_do_not_hang_on_how_many_paths_are_printed(
    tables: Tables, question: Parameters, downstream: bool
) -> None:
    rows, index = Rows(tables), indexed(tables)
    for root in roots(tables):
        said = [
            [
                (touch(e), dict(e.severity.factors), e.scope, e.in_force(e.paths[0]), e.state)
                for e in answered(
                    index, rows.actor(root), parameters(question, rows, downstream=downstream, paths=paths)
                ).exposures
            ]
            for paths in (1, 4)
        ]
        assert said[0] == said[1]


# --- By hand -------------------------------------------------------------------------------------------------------


def both(tables: Tables, root: str, question: Parameters) -> tuple[TraceResult, Answer]:
    """Return the answers of engine and oracle upstream of an actor, which agree."""
    rows = Rows(tables)
    found = answered(indexed(tables), rows.actor(root), parameters(question, rows))
    expected = Answer(Oracle(tables, question), root)
    assert {touch(e) for e in found.exposures} == expected.exposures
    assert {name: found.limits[name] for name in expected.limits} == expected.limits
    return found, expected


def test_links_that_are_refused_for_their_product_are_counted_and_named() -> None:
    """Of the links after the first: one that another walk takes, or that nobody comes to, is not refused."""
    tables, _ = chain(
        ("a", "b", ""),
        ("b", "c", ""),
        ("b", "x", ""),
        ("a", "d", ""),
        ("c", "e", ""),
        ("b", "e", "0"),
        ("b", "f", ""),
    )
    products = ("6109", "5205", "7408", "8703", "7403", "7408", "7408")
    for row, product in zip(tables["supply_links"], products, strict=True):
        row["product"] = product
    tables["supply_links"][6] |= {"start_date": "2022", "end_date": ""}
    tables["product_inputs"] = [{"input": "5205", "output": "6109"}]
    question = Parameters(product="6109", on="2021-03-31")
    found, expected = both(tables, "a", question)
    assert expected.limits["refused_by_product"] == 2
    named = [
        (said["from"]["name"], said["to"]["name"], said["product"]) for said in found.limits["refused_first"]
    ]
    assert sorted(named) == [("b", "x", "hs:7408"), ("c", "e", "hs:7403")]
    assert found.verdict.result == "none-found"
    asked, _ = both(tables, "a", Parameters(on="2021-03-31"))
    assert (asked.limits["refused_by_product"], asked.limits["refused_first"]) == (0, [])
    strict, _ = both(tables, "a", Parameters(product="6109", strict_product=True))
    assert strict.limits["refused_by_product"] == 3


@pytest.mark.parametrize(
    ("day", "owned"),
    [("2021-06-30", False), ("2021-07-01", True), ("2021-08-31", True), ("2021-09-01", False), (None, True)],
)
def test_an_indirect_stake_counts_from_the_day_after_a_chain_of_direct_ones_has_ended(
    day: str | None, owned: bool
) -> None:
    tables, _ = chain(("a", "b", ""))
    stake = dict.fromkeys(("share_minimum", "interest", "start_date", "end_date", "confidence", "direct"), "")
    tables["ownership_links"] = [
        stake | {"owner": "x", "asset": "c", "share_exact": "10", "end_date": "2021-06-30"},
        stake | {"owner": "c", "asset": "b", "share_exact": "10", "end_date": "2021-08-31"},
        stake
        | {"owner": "x", "asset": "b", "share_exact": "60", "direct": "false", "end_date": "2021-08-31"},
    ]
    tables["actors"].append(tables["actors"][0] | {"id": "c", "name": "c"})
    question = Parameters(on=day, kinds=("supply", "ownership"))
    found, _ = both(tables, "a", question)
    reasons = {(touch(e)[0], e.reason) for e in found.exposures}
    assert (("b", "owned-by-listed") in reasons) == owned
    stakes = [(arc.share, arc.indirect) for e in found.exposures for arc in e.stakes]
    assert stakes == ([(60.0, True)] if owned else [])


@pytest.mark.parametrize("said", [{"share_exact": "0"}, {"interest": "controlling"}])
def test_a_stake_of_nothing_and_control_without_a_share_own_nothing(said: dict[str, str]) -> None:
    tables, _ = chain(("a", "b", ""))
    stake = dict.fromkeys(
        ("share_exact", "share_minimum", "interest", "start_date", "end_date", "confidence", "direct"), ""
    )
    tables["ownership_links"] = [stake | {"owner": "x", "asset": "b"} | said]
    found, _ = both(tables, "a", Parameters(kinds=("supply", "ownership"), min_share=0))
    assert {e.reason for e in found.exposures} == {"owner-up"}


@pytest.mark.parametrize(
    ("day", "past", "pending", "expected"),
    [
        ("2020-06-01", True, False, None),
        ("2020-06-01", False, True, "pending"),
        ("2020-06-01", True, True, "pending"),
        ("2021-06-01", True, True, "current"),
        ("2022-06-01", False, False, None),
        ("2022-06-01", True, False, "past"),
        ("2022-06-01", False, True, "pending"),
        ("2022-06-01", True, True, "past"),
        ("2024-06-01", False, True, None),
        ("2024-06-01", True, True, "past"),
        (None, False, True, None),
        (None, True, True, "past"),
    ],
)
def test_between_two_intervals_a_designation_is_past_and_pending(
    day: str | None, past: bool, pending: bool, expected: str | None
) -> None:
    tables, _ = chain(("a", "x", ""))
    tables["designations"][0]["listing_date"] = "2021"
    tables["status_changes"] = [
        {"designation": "d", "status": status, "date": date}
        for status, date in (
            ("revoked", "2022-01-01"),
            ("active", "2023-01-01"),
            ("inactive", "2024-01-01"),
        )
    ]
    found, _ = both(tables, "a", Parameters(on=day, past=past, pending=pending))
    assert [e.state for e in found.exposures] == ([expected] if expected else [])
    assert found.verdict.result == ("exposed" if expected == "current" else "not-testable")
    assert found.to_dict()["counts"]["exposed"] == (expected == "current")


@pytest.mark.parametrize(
    ("day", "told"),
    [
        (None, "closed renamed"),
        ("2021-03-30", ""),
        ("2021-03-31", "renamed"),
        ("2022-01-01", "closed renamed"),
    ],
)
def test_changes_of_reached_organisations_until_the_asked_day_are_told(day: str | None, told: str) -> None:
    tables, _ = chain(("a", "b", ""), ("y", "a", ""))
    change = {"before": "b", "after": "x", "kind": "renamed", "date": "2021-03-31"}
    tables["organisation_changes"] = [
        change,
        change | {"before": "a", "after": "", "kind": "dissolved", "date": "2022"},
        change | {"before": "y", "kind": "merged", "date": ""},
    ]
    found = both(tables, "a", Parameters(on=day))[0].limits["organisation_changes"]
    said = sorted(
        (one["kind"], one["actor"]["name"], one["after"] and one["after"]["name"], one["date"])
        for one in found
    )
    expected = {"closed": ("dissolved", "a", None, "2022"), "renamed": ("renamed", "b", "x", "2021-03-31")}
    assert said == [expected[kind] for kind in told.split()]


def test_spans_are_one_where_no_day_lies_between_them() -> None:
    assert merged([(7, 9), (1, 5)]) == ((1, 5), (7, 9))
    assert merged([(6, 9), (1, 5)]) == ((1, 9),)
    assert merged([(1, 9), (2, 5), (9, 9), (12, 12)]) == ((1, 9), (12, 12))


def test_downstream_links_that_no_buyer_of_the_product_takes_count_nowhere() -> None:
    tables, rows = chain(("a", "b", ""), ("b", "x", ""))
    for link, product in zip(tables["supply_links"], ("8703", "7408"), strict=True):
        link |= {"product": product, "declared_tier": "2"}
    index = indexed(tables)
    for strict in (False, True):
        question = Parameters(product="6109", strict_product=strict)
        found = answered(index, rows.actor("x"), parameters(question, rows, downstream=True))
        assert found.reached == []
        assert found.limits["declared_tier_gaps"] == 0
    every = answered(index, rows.actor("x"), parameters(Parameters(), rows, downstream=True))
    assert every.limits["declared_tier_gaps"] == 2
