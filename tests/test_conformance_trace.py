"""The conformance cases of traces: small packages with the reach, tiers, exposures, verdicts and limits that are right.

They lie outside the repository, under ``OPENTIER_SHARED`` or in ``shared`` beside it; without them these tests
are skipped. Every package goes the real way: admitted into a store, indexed, traced. Edition 2 replaces some answers
of edition 1, and says which.
"""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from opentier.graph.admission import admission
from opentier.graph.answer.result import TraceResult
from opentier.graph.contribution.submission import Options
from opentier.graph.exposure.exposures import expose
from opentier.graph.index.build import opened
from opentier.graph.index.opened import Index
from opentier.graph.network.survey import survey
from opentier.graph.store.directory import Store
from opentier.graph.trace.parameters import FILTERS, Parameters
from opentier.graph.trace.walks import trace

SHARED = Path(os.environ.get("OPENTIER_SHARED") or Path(__file__).parents[2] / "shared")
CASES, SECOND = SHARED / "conformance" / "trace", SHARED / "conformance" / "trace2"
PACKAGES = sorted(file.parent for folder in (CASES, SECOND) for file in folder.glob("*/expected.json"))
#: How many there are, by edition: a package that is not found must not pass for one that agrees.
PACKAGES_IN_ALL, CASES_IN_ALL, REPLACED = (24, 98), (336, 312), 23
#: The options that are no filters of a trace.
OTHERS = frozenset({"fail_on"})

pytestmark = pytest.mark.skipif(not PACKAGES, reason=f"no conformance cases at {CASES}")


def expected(package: Path) -> list[dict[str, Any]]:
    """The cases of a package: an actor, the options of a command, and the answer; of edition 1 as edition 2 has it."""
    cases: list[dict[str, Any]] = json.loads((package / "expected.json").read_text("utf-8"))
    if package.parent == SECOND:
        return cases
    return [case | replaced().get((case["actor"], case["options"]), {}) for case in cases]


@cache
def replaced() -> dict[tuple[str, str], dict[str, Any]]:
    """The answers of edition 1 that edition 2 replaces, by actor and options."""
    found = json.loads((SECOND / "replaces.json").read_text("utf-8"))
    return {
        (one["actor"], one["options"]): {name: one[name] for name in ("reached", "exposures")}
        for one in found
    }


def parameters(options: str) -> Parameters:
    """What the options of a trace command ask."""
    named = {said.called: name for name, said in FILTERS.items()}
    found: dict[str, Any] = {}
    words = iter(shlex.split(options))
    for word in words:
        name = word.removeprefix("--").replace("-", "_")
        if name in OTHERS:
            next(words)
            continue
        default = getattr(Parameters, named[name])
        if isinstance(default, bool):
            found[named[name]] = True
        elif isinstance(default, tuple):
            found[named[name]] = tuple(next(words).split(","))
        else:
            text = next(words)
            numeric = FILTERS[named[name]].bounds is not None
            found[named[name]] = (
                text if not numeric else int(text) if name in ("max_tier", "paths") else float(text)
            )
    return Parameters(**found)


@pytest.fixture(scope="module", params=PACKAGES, ids=lambda package: f"{package.parent.name}-{package.name}")
def package(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Index]:
    """A package, which is admitted, and the index of it alone."""
    folder = tmp_path_factory.mktemp("case")
    store = Store.open(folder / "data", create=True)
    admission.contribute(request.param, Options(), store, lambda stage, done, total: None)
    return request.param, opened(survey(store.release()), folder / "index")


def local(iri: str) -> str:
    """The local id of an actor or a record."""
    return iri.rpartition("/")[2]


def answers(package: tuple[Path, Index]) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Each case of a package with its name and the JSON object of our answer."""
    folder, index = package
    for case in expected(folder):
        root = index.names.of_id(case["actor"])
        node = index.node(root) if root else None
        assert node is not None
        found = trace(index, node, parameters(case["options"]))
        answer = json.loads(TraceResult(found, expose(found)).to_json())
        yield f"{case['actor']} {case['options']}", case, answer


def test_answers_are_those_of_the_cases(package: tuple[Path, Index]) -> None:
    for told, case, answer in answers(package):
        assert {local(actor["iri"]): actor["tier"] for actor in answer["reached"]} == case["reached"], told
        exposures = {
            (local(e["actor"]["iri"]), local(e["designation"]["iri"]), e["reason"]): e
            for e in answer["exposures"]
        }
        assert sorted(exposures) == sorted(tuple(said[:3]) for said in case["exposures"]), told
        assert len(answer["exposures"]) == len(exposures), told
        for actor, designation, reason, *more in case["exposures"]:
            _holds(
                exposures[actor, designation, reason],
                more[0] if more else {},
                f"{told}: {actor} {designation}",
            )
        if "verdict" in case:
            assert answer["verdict"]["result"] == case["verdict"], told
            assert answer["verdict"]["reasons"], told
        limits = {name: answer["limits"][name] for name in case.get("limits", {})}
        assert limits == case.get("limits", {}), told
        if "chokepoints" in case:
            ended = {local(c["actor"]["iri"]): c["exposures_ended"] for c in answer["chokepoints"]}
            assert ended == case["chokepoints"], told


def _holds(exposure: dict[str, Any], said: dict[str, Any], told: str) -> None:
    """Hold what a case says of one exposure against it."""
    for name, value in said.items():
        if name == "exploitation":
            assert sorted(exposure["designation"]["exploitation"]) == sorted(value), told
        elif name == "continuity":
            assert {path["product_continuity"] for path in exposure["paths"]} == {value}, told
        else:
            assert exposure[name] == value, f"{told}: {name}"


@pytest.mark.parametrize("edition", [0, 1])
def test_no_case_is_missing(edition: int) -> None:
    here = [package for package in PACKAGES if package.parent == (CASES, SECOND)[edition]]
    assert len(here) == PACKAGES_IN_ALL[edition]
    assert sum(len(expected(package)) for package in here) == CASES_IN_ALL[edition]


def test_every_replaced_answer_is_one_of_edition_1() -> None:
    asked = {
        (case["actor"], case["options"])
        for package in PACKAGES
        if package.parent == CASES
        for case in json.loads((package / "expected.json").read_text("utf-8"))
    }
    assert len(replaced()) == REPLACED
    assert replaced().keys() <= asked
