"""Severity: a product of factors that are stated one by one; each is held against the table of weights."""

from __future__ import annotations

import re
from datetime import date
from math import prod
from pathlib import Path
from typing import Any

import pytest

from opentier.graph import Graph
from opentier.graph.errors import UsageError
from opentier.graph.exposure.exposures import GROUPS, Exposure
from opentier.graph.exposure.severity import Severity, weights
from opentier.graph.front import View
from opentier.graph.model.dates import first_day, iso, last_day
from opentier.graph.trace.parameters import Parameters

FACTORS = (
    "effect", "confidence", "tier", "scope", "continuity", "reason", "exploitation", "recency", "status",
)  # fmt: skip
KINDS = ("supply", "operation", "ownership", "recruitment", "co-location")


@pytest.fixture(scope="module")
def graph(admitted: Path) -> Graph:
    return Graph.open(admitted)


def found(view: View, **asked: Any) -> list[Exposure]:
    exposures = view.trace("example/aurora", Parameters(kinds=KINDS, **asked)).exposures
    assert len(exposures) > 5
    return exposures


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"on": "2022-06-30"},
        {"until": "2023"},
        {"past": True},
        {"product": "610910"},
    ],
    ids=str,
)
def test_every_factor_is_that_of_the_table(view: View, asked: dict[str, Any]) -> None:
    table = weights()
    for exposed in found(view, **asked):
        entry = exposed.designation
        for path, scope, said in zip(exposed.paths, exposed.scopes, exposed.severities, strict=True):
            factors = said.factors
            assert tuple(factors) == FACTORS
            assert factors["effect"] == table["effect"][entry.effect or "unstated"]
            assert factors["confidence"] == round(float(path.confidence), 6)
            assert factors["tier"] == round(0.8**path.tiers, 6)
            assert factors["scope"] == table["scope"][scope or "whole"]
            assert factors["continuity"] == table["continuity"]["unknown" if path.unknown else "consistent"]
            assert factors["reason"] == table["reason"][exposed.reason]
            assert factors["exploitation"] == max(table["exploitation"][code] for code in entry.exploitation)
            assert factors["status"] == table["status"][exposed.state.replace("current", "active")]
            assert said.value == pytest.approx(prod(factors.values()), abs=1e-6)
        assert exposed.severity == exposed.severities[0]


def test_the_value_is_the_product_and_orders_the_exposures(view: View) -> None:
    exposures = found(view, past=True)
    assert Severity({"one": 0.5, "other": 0.3}).value == 0.15
    assert Severity({}).value == 1.0
    order = [
        (exposed.state != "current", GROUPS.index(exposed.group), -exposed.severity.value, exposed.tier)
        for exposed in exposures
    ]
    assert order == sorted(order)
    assert len({value for _, _, value, _ in order}) > 3
    assert {group for _, group, _, _ in order} == {0, 1, 2}


@pytest.mark.parametrize(
    ("asked", "day"), [({"on": "2022-06-30"}, "2022-06-30"), ({"until": "2023"}, "2023-12-31")], ids=str
)
def test_a_year_takes_three_in_a_hundred_of_the_recency(view: View, asked: dict[str, Any], day: str) -> None:
    several = set()
    for exposed in found(view, **asked):
        entry, recency = exposed.designation, exposed.severity.factors["recency"]
        known = [iso(first_day(text)) for text in (entry.begin_date, entry.observed_date) if text]
        if entry.measure or not known:
            assert recency == 1.0
            continue
        last = date.fromisoformat(max(text for text in known if text))
        years = max(0.0, (date.fromisoformat(day) - last).days / 365.25)
        assert recency == pytest.approx(0.97**years, abs=1e-4)
        several.add(recency)
    assert len(several) > 1
    assert first_day(day) == last_day(day)


def test_without_a_day_nothing_is_less_recent(view: View) -> None:
    assert {exposed.severity.factors["recency"] for exposed in found(view)} == {1.0}
    assert {exposed.severity.factors["recency"] for exposed in found(view, since="2015")} == {1.0}


def test_own_weights_take_the_place_of_those_that_they_name(view: View, tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text("decay = 0.5\n[reason]\ndirect = 0.25\n", "utf-8")
    assert weights(own) == {
        **weights(), "decay": 0.5, "reason": {**weights()["reason"], "direct": 0.25}
    }  # fmt: skip
    found = view.trace("example/aurora", Parameters(kinds=KINDS), own).exposures
    assert {exposed.severity.factors["tier"] for exposed in found} <= {0.5**tier for tier in range(9)}
    assert 0.25 in {exposed.severity.factors["reason"] for exposed in found}


@pytest.mark.parametrize("text", ["decay =", "decay = 1.5", "decay = -0.1", 'decay = "much"', "decoy = 0.5"])
def test_weights_that_make_no_sense_are_refused(tmp_path: Path, text: str) -> None:
    own = tmp_path / "own.toml"
    own.write_text(text, "utf-8")
    with pytest.raises(UsageError, match="weights"):
        weights(own)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("decai = 0.5", "have no 'decai'. Did you mean decay?"),
        ("[reason]\nnonsense = 1", "have no 'reason.nonsense'. There are: direct, "),
        ("[reason]\ndirekt = 1", "have no 'reason.direkt'. Did you mean direct?"),
        ("[reason.direct]\nmore = 1", "'reason.direct' is a number, not a table."),
        ("reason = 1", "'reason' is a table of weights."),
        ("decay = true", "numbers from 0 to 1; 'decay' is True."),
        ('[effect]\nseize = "much"', "numbers from 0 to 1; 'effect.seize' is 'much'."),
        ("yearly = nan", "numbers from 0 to 1; 'yearly' is nan."),
    ],
)
def test_what_is_no_weight_is_named_with_the_nearest(tmp_path: Path, text: str, said: str) -> None:
    own = tmp_path / "own.toml"
    own.write_text(text, "utf-8")
    with pytest.raises(UsageError, match=re.escape(said)):
        weights(own)


def test_a_weight_that_a_file_does_not_name_is_the_shipped_one(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text("decay = 0.8\n", "utf-8")
    assert weights(own) == weights()


@pytest.mark.parametrize("text", ["", "# decay = 0.5\n"])
def test_a_file_that_names_no_weight_is_refused(tmp_path: Path, text: str) -> None:
    own = tmp_path / "own.toml"
    own.write_text(text, "utf-8")
    with pytest.raises(UsageError, match=r"names no weight. There are: decay, yearly, effect"):
        weights(own)
