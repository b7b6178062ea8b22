"""The conformance cases of traces: small random packages with the reach, tiers and exposures that the rules demand.

They lie outside the repository, under ``OPENTIER_SHARED`` or in ``shared`` beside it; without them these tests
are skipped. Every package goes the real way: admitted into a store, indexed, traced.
"""

from __future__ import annotations

import json
import os
import shlex
from pathlib import Path
from typing import Any

import pytest

from opentier.graph.admission import admission
from opentier.graph.contribution.submission import Options
from opentier.graph.exposure.exposures import expose
from opentier.graph.index.build import opened
from opentier.graph.index.survey import survey
from opentier.graph.store.directory import Store
from opentier.graph.trace.parameters import Parameters
from opentier.graph.trace.walks import trace

SHARED = Path(os.environ.get("OPENTIER_SHARED") or Path(__file__).parents[2] / "shared")
CASES = SHARED / "conformance" / "trace"
PACKAGES = sorted(folder for folder in CASES.glob("*") if (folder / "expected.json").is_file())
#: How many there are: a package that is not found must not pass for one that agrees.
PACKAGES_IN_ALL, CASES_IN_ALL = 24, 336

pytestmark = pytest.mark.skipif(not PACKAGES, reason=f"no conformance cases at {CASES}")


def expected(package: Path) -> list[dict[str, Any]]:
    """The cases of a package: an actor, the options of a command, and the answer."""
    cases: list[dict[str, Any]] = json.loads((package / "expected.json").read_text("utf-8"))
    return cases


def parameters(options: str) -> Parameters:
    """What the options of a trace command ask."""
    found: dict[str, Any] = {}
    words = iter(shlex.split(options))
    for word in words:
        match word:
            case "--strict-product":
                found["strict_product"] = True
            case "--on" | "--product":
                found[word[2:]] = next(words)
            case "--from":
                found["since"] = next(words)
            case "--to":
                found["until"] = next(words)
            case "--min-confidence":
                found["min_confidence"] = float(next(words))
            case "--max-tier":
                found["max_tier"] = int(next(words))
            case "--kinds":
                found["kinds"] = tuple(next(words).split(","))
            case _:
                pytest.fail(f"The cases use {word}, which this test does not know.")
    return Parameters(**found)


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package.name)
def test_reach_tiers_and_exposures_are_those_of_the_cases(package: Path, tmp_path: Path) -> None:
    store = Store.open(tmp_path / "data", create=True)
    admission.contribute(package, Options(), store, lambda stage, done, total: None)
    index = opened(survey(store.release()), tmp_path / "index")
    for case in expected(package):
        root = index.names.of_id(case["actor"])
        assert root is not None
        node = index.node(root)
        assert node is not None
        found = trace(index, index.iri(node), parameters(case["options"]))
        told = f"{case['actor']} {case['options']}"
        reached = {iri.rpartition("/")[2]: tier for iri, tier in found.tiers.items() if iri != found.root}
        assert reached == case["reached"], told
        exposures = [
            [iri.rpartition("/")[2] for iri in (e.actor, e.designation.iri)] + [e.reason]
            for e in expose(found)
        ]
        assert sorted(exposures) == sorted(case["exposures"]), told


def test_no_case_is_missing() -> None:
    assert len(PACKAGES) == PACKAGES_IN_ALL
    assert sum(len(expected(package)) for package in PACKAGES) == CASES_IN_ALL
