"""The oracle of traces against the conformance cases of both editions: what it says is what the rules demand.

They lie outside the repository, under ``OPENTIER_SHARED`` or in ``shared`` beside it; without them these tests
are skipped. The engine has no part in this: the oracle reads the tables of a package as they stand.
"""

from __future__ import annotations

import csv
import json
import os
import shlex
from pathlib import Path
from typing import Any

import pytest

from opentier.graph.trace.parameters import Parameters
from tests.oracles.answers import Answer
from tests.oracles.brute import Oracle, Touch
from tests.oracles.draw import Tables
from tests.oracles.shares import Batch

SHARED = Path(os.environ.get("OPENTIER_SHARED") or Path(__file__).parents[2] / "shared")
#: The editions, with how many packages and questions there are: what is not found must not pass for what agrees.
EDITIONS = {"trace": (24, 336), "trace2": (98, 312)}
REPLACED = 23
PACKAGES = sorted(
    folder
    for edition in EDITIONS
    for folder in (SHARED / "conformance" / edition).glob("*")
    if (folder / "expected.json").is_file()
)
BATCHES = [folder for folder in PACKAGES if (folder / "batch.json").is_file()]
#: Paths of one question, at most; over how many tiers shares are added up.
PATHS, TIERS = 400_000, 20
#: What is said of the first path of an exposure.
SAID = ("in_force_while_live", "scope_match", "continuity")

pytestmark = pytest.mark.skipif(not PACKAGES, reason=f"no conformance cases at {SHARED / 'conformance'}")

Case = dict[str, Any]


def tables(package: Path) -> Tables:
    """The tables of a package."""
    found = {}
    for path in package.glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            found[path.stem] = list(csv.DictReader(file))
    return found


def replaced() -> dict[tuple[str, str], Case]:
    """The cases of edition 1 that have another answer in edition 2, by actor and options."""
    file = SHARED / "conformance" / "trace2" / "replaces.json"
    return {(case["actor"], case["options"]): case for case in json.loads(file.read_text("utf-8"))}


def expected(package: Path) -> list[Case]:
    """The cases of a package, with the answers of edition 2."""
    cases: list[Case] = json.loads((package / "expected.json").read_text("utf-8"))
    if package.parent.name == "trace":
        others = replaced()
        cases = [others.get((case["actor"], case["options"]), case) for case in cases]
    return cases


def asked(options: str) -> tuple[Parameters, list[str]]:
    """What the options of a trace command ask, and upon what the command fails."""
    found: dict[str, Any] = {}
    fail_on: list[str] = []
    words = iter(shlex.split(options))
    for word in words:
        match word:
            case "--strict-product":
                found["strict_product"] = True
            case "--past" | "--pending":
                found[word[2:]] = True
            case "--on" | "--product":
                found[word[2:]] = next(words)
            case "--from":
                found["since"] = next(words)
            case "--to":
                found["until"] = next(words)
            case "--min-confidence":
                found["min_confidence"] = float(next(words))
            case "--min-share":
                found["min_share"] = float(next(words))
            case "--max-tier":
                found["max_tier"] = int(next(words))
            case "--kinds" | "--exploitation":
                found[word[2:]] = tuple(next(words).split(","))
            case "--fail-on":
                fail_on += next(words).split(",")
            case _:
                pytest.fail(f"The cases use {word}, which this test does not know.")
    return Parameters(**found), fail_on


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package.name)
def test_the_oracle_says_what_the_cases_demand(package: Path) -> None:
    rows = tables(package)
    for case in expected(package):
        question, fail_on = asked(case["options"])
        oracle = Oracle(rows, question)
        answer = Answer(oracle, case["actor"].partition("/")[2])
        told = f"{case['actor']} {case['options']}"
        assert {actor: answer.tiers[actor] for actor in answer.reached} == case["reached"], told
        demanded = {(e[0], e[1], e[2]): e[3] if len(e) > 3 else {} for e in case["exposures"]}
        assert answer.exposures == set(demanded), told
        assert answer.verdict == case.get("verdict", answer.verdict), told
        assert answer.limits | case.get("limits", {}) == answer.limits, told
        assert answer.exits(fail_on) == case.get("exit", answer.exits(fail_on)), told
        assert case.get("chokepoints") in (None, answer.chokepoints()), told
        if any(demanded.values()):
            said = of_first_paths(oracle, answer)
            for touch, by_case in demanded.items():
                for name, value in by_case.items():
                    assert said[touch][name] == [value], (told, touch, name)


def of_first_paths(oracle: Oracle, answer: Answer) -> dict[Touch, dict[str, list[Any]]]:
    """What is said of each exposure by its first paths: one thing each, where the question has one answer."""
    found = {}
    for (actor, designation, reason), walks in answer.first_paths(PATHS).items():
        listed_for = {"exploitation": [oracle.listings[designation].exploitation]}
        each = [
            (
                oracle.in_force_while_live(designation, walk),
                oracle.scope_match(designation, reason, walk),
                oracle.continuity(walk),
            )
            for walk in walks
        ]
        said = {name: list({e[n] for e in each}) for n, name in enumerate(SAID)}
        found[actor, designation, reason] = listed_for | said
    return found


@pytest.mark.parametrize("package", BATCHES, ids=lambda package: package.name)
def test_the_oracle_has_the_figures_of_the_batches(package: Path) -> None:
    batch = Batch(Oracle(tables(package), Parameters()), TIERS)
    demanded = json.loads((package / "batch.json").read_text("utf-8"))["actors"]
    assert demanded
    for actor, figures in demanded.items():
        found = batch.figures(actor)
        for name, value in figures.items():
            assert getattr(found, name) == (pytest.approx(value) if type(value) is float else value), (
                actor,
                name,
            )


def test_no_case_is_missing() -> None:
    for edition, (packages, cases) in EDITIONS.items():
        found = [package for package in PACKAGES if package.parent.name == edition]
        assert (len(found), sum(len(expected(package)) for package in found)) == (packages, cases)
    ours = {(case["actor"], case["options"]) for package in PACKAGES for case in expected(package)}
    assert len(replaced()) == REPLACED
    assert set(replaced()) <= ours
    assert len(BATCHES) == 4
