"""The oracle of traces against the conformance cases of both editions: what it says is what the rules demand.

They lie outside the repository, under ``OPENTIER_SHARED`` or in ``shared`` beside it; without them these tests
are skipped. The engine has no part in this: the oracle reads the tables of a package as they stand. On drawn
packages it is held against itself: the draws come to every rule, and what it says of one package agrees.
"""

from __future__ import annotations

import csv
import json
import os
import shlex
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

from opentier.graph.trace.parameters import Parameters
from tests.counts import runs
from tests.oracles.answers import Answer, Downstream
from tests.oracles.brute import Oracle, Touch
from tests.oracles.draw import Tables, packages, questions
from tests.oracles.listed import Listing
from tests.oracles.rows import NEVER, day_before
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

#: Every reason of an exposure.
REASONS = {
    "direct", "owner-up", "owner-down", "recruiter", "co-location", "owned-by-listed", "successor", "place", "goods",
    "goods-input", "goods-site", "possible-identity",
}  # fmt: skip

with_cases = pytest.mark.skipif(not PACKAGES, reason=f"no conformance cases at {SHARED / 'conformance'}")

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


@with_cases
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


@with_cases
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


@with_cases
def test_no_case_is_missing() -> None:
    for edition, (many, cases) in EDITIONS.items():
        found = [package for package in PACKAGES if package.parent.name == edition]
        assert (len(found), sum(len(expected(package)) for package in found)) == (many, cases)
    ours = {(case["actor"], case["options"]) for package in PACKAGES for case in expected(package)}
    assert len(replaced()) == REPLACED
    assert set(replaced()) <= ours
    assert len(BATCHES) == 4


# --- What no case says -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("own", "changes", "expected"),  # from a day on, to the day on which it is no longer in force
    [
        ("listing_date=2020", "", "2020-01-01/"),
        ("listing_date=2020 effective_date=2021-03", "", "2021-03-01/"),
        ("listing_date=2020 delisting_date=2021-02", "", "2020-01-01/2021-02-28"),
        ("listing_date=2020-05-01 delisting_date=2020-05-01", "", ""),
        ("delisting_date=2021-02-02", "", "/2021-02-02"),
        ("", "2021-02:active", "2021-02-01/"),
        ("", "2021-02:modified", "/"),
        ("", "2021-02:revoked", "/2021-02-28"),
        ("", "2022:active 2021-02:revoked", "/2021-02-28 2022-01-01/"),
        ("listing_date=2020", "2021-05-01:revoked 2021-05-01:active", "2020-01-01/2021-05-01 2021-05-01/"),
        ("listing_date=2020", "2021-05-01:active 2021-05-01:revoked", "2020-01-01/2021-05-01 2021-05-01/"),
        ("", "2021-05-01:active 2021-05-01:modified", "/"),
        ("status=revoked", "", ""),
        ("status=inactive listing_date=2020", "2022-03:partially-active", "2022-03-01/"),
        ("status=revoked listing_date=2020 delisting_date=2021-01-01", "", "2020-01-01/2021-01-01"),
        (
            "status=revoked listing_date=2020 observed_date=2019",
            "2021-01-01:inactive",
            "2020-01-01/2021-01-01",
        ),
    ],
)
def test_a_history_is_in_force_in_these_intervals(own: str, changes: str, expected: str) -> None:
    row = {"id": "d"} | dict(said.split("=") for said in own.split())
    said = [{"designation": "d", "status": c.split(":")[1], "date": c.split(":")[0]} for c in changes.split()]
    ends = [interval.split("/") for interval in expected.split()]
    assert Listing(row, said).intervals == [(start, day_before(end) if end else NEVER) for start, end in ends]


@pytest.mark.parametrize(
    ("links", "share", "lower", "upper", "basis"),
    [
        ("b:share=80", 0.8, 0.8, 1, "share"),
        (
            "b:share=80 c:",
            0.8,
            0.8,
            1,
            "share",
        ),  # c weighs the mean of 80, but no more than the 20 that are left
        ("b:share=30 c:", 0.3, 0.3, 1, "share"),
        ("b:share=90 c:share=60", 0.6, 0.6, 0.6, "share"),
        ("b:value=900,currency=USD c:", 0.5, 0, 1, "value"),
        ("b:value=900,currency=USD c:value=100,currency=EUR", 0.5, 0, 1, "evenly"),
        ("b:value=0,currency=USD,quantity=3,unit=t c:quantity=1,unit=t", 0.75, 0.75, 0.75, "quantity"),
        ("b: c: e:", 1 / 3, 0, 1, "evenly"),
        ("b: b:", 1, 1, 1, "evenly"),
    ],
)
def test_inputs_of_which_b_is_exposed_weigh_so(
    links: str, share: float, lower: float, upper: float, basis: str
) -> None:
    rows = []
    for number, link in enumerate(links.split()):
        supplier, _, said = link.partition(":")
        stated = dict(cell.split("=") for cell in said.split(",") if cell)
        rows.append({"id": f"s{number}", "buyer": "a", "supplier": supplier} | stated)
    package: Tables = {
        "actors": [{"id": name} for name in "abce"],
        "supply_links": rows,
        "designations": [{"id": "d", "target": "b"}],
    }
    found = Batch(Oracle(package, Parameters()), 1).figures("a")
    expected = [pytest.approx(figure) for figure in (share, lower, upper)]
    assert [float(figure) for figure in (found.share, found.lower, found.upper)] == expected
    assert found.basis == basis


# --- What is drawn -----------------------------------------------------------------------------------------------


def test_the_draws_come_to_every_reason_and_every_verdict() -> None:
    """What is never drawn is never tested: some verdicts with their reasons, histories of two intervals, all bases."""
    wanted = REASONS | {
        "exposed",
        "none-found",
        "designations",
        "reach",
        "countries",
        "two intervals",
        "past",
        "pending",
    }
    wanted |= {"share", "value", "quantity", "evenly"}
    seen: set[str | None] = set()

    def complete(drawn: tuple[Tables, Parameters]) -> bool:
        oracle = Oracle(*drawn)
        batch = Batch(oracle, 1)
        for actor, answer in batch.answers.items():
            seen.update(reason for _, _, reason in answer.exposures)
            seen.update((answer.verdict, *answer.untestable, batch.figures(actor).basis))
        for listing in oracle.listings.values():
            seen.update({"two intervals"} if len(listing.intervals) > 1 else ())
            seen.update({"past"} if listing.past(oracle.question) else ())
            seen.update({"pending"} if listing.pending(oracle.question) else ())
        return wanted <= seen

    once = settings(max_examples=5000, derandomize=True, database=None, phases=(Phase.generate,))
    assert find(st.tuples(packages(), questions()), complete, settings=once)


@runs(300)
@given(packages(), questions())
def test_the_figures_of_a_package_agree_with_each_other(tables: Tables, question: Parameters) -> None:
    oracle = Oracle(tables, question)
    batch = Batch(oracle, TIERS)
    for actor, answer in batch.answers.items():
        figures = batch.figures(actor)
        assert 0 <= figures.lower <= figures.share <= figures.upper <= 1
        assert (figures.nearest is None) == (not answer.exposures)
        assert (figures.nearest == 0) <= (figures.share == 1)
        limits = answer.limits
        assert min(limits.values()) >= 0
        assert max(limits["actors_without_country"], limits["place_unknown"]) <= len(answer.tiers)
        ended = answer.chokepoints()
        assert set(ended) <= answer.reached
        assert max(ended.values(), default=0) <= len(answer.exposures)


@runs(100)
@given(packages(), questions())
def test_an_actor_is_exposed_downstream_to_what_it_is_exposed_to_upstream(
    tables: Tables, question: Parameters
) -> None:
    oracle = Oracle(tables, question)
    answers = Batch(oracle, 0).answers
    reversed_ = {actor: Downstream(oracle, actor) for actor in answers}
    assert {(a, *touch) for a, answer in answers.items() for touch in answer.exposures} == {
        (buyer, end, designation, reason)
        for end, verdict in reversed_.items()
        for buyer, designation, reason in verdict.exposures
    }
    for actor, verdict in reversed_.items():
        touched = any(touch[0] == actor for answer in answers.values() for touch in answer.counting)
        assert (verdict.verdict == "exposed") == touched
