"""Mutation testing of the trace and of exposures: what share of small faults do the tests notice?

Run by ``make mutants``; never part of the tests. cosmic-ray makes the faults (comparisons, arithmetic, numbers, `not`,
`break`, ...), in a copy of the packages that stands before the installed ones. One fault is drawn for each place of
the code, and of these a sample: OPENTIER_MUTANTS of them (default 100, 0 is all), with a fixed seed. Each is shown to
those tests of `TESTS` that are quick. The score and the faults that no test noticed go to the benchmark's report.
"""

from __future__ import annotations

import os
import random
import re
import shlex
import shutil
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

from cosmic_ray.commands.init import init  # type: ignore[import-not-found, import-untyped, unused-ignore]
from cosmic_ray.mutating import mutate_and_test  # type: ignore[import-not-found, import-untyped, unused-ignore]
from cosmic_ray.testing import run_tests  # type: ignore[import-not-found, import-untyped, unused-ignore]
from cosmic_ray.work_db import WorkDB, use_db  # type: ignore[import-not-found, import-untyped, unused-ignore]
from cosmic_ray.work_item import TestOutcome  # type: ignore[import-not-found, import-untyped, unused-ignore]

from tests.benchmarks.table import Row, Table

ROOT = Path(__file__).parents[2]
COPY = ROOT / "build" / "mutants"
MODULES = (
    "index/designated", "index/history", "trace/parameters", "trace/asked", "trace/walks", "trace/paths",
    "exposure/ownership", "exposure/touches", "exposure/severity", "exposure/exposures", "exposure/chokepoints",
    "exposure/limits", "exposure/verdict",
)  # fmt: skip
TESTS = (
    "severity", "answer_properties", "trace_properties", "engine", "nearest", "batch", "analytics", "cli",
    "docstrings",
)  # fmt: skip
#: Tests that hold other modules, or the same at a greater length.
LEFT_OUT = "kernels_as_plain or costs or bigger_graphs or wide_frontier or real"
SEED, SAMPLE = 2026, int(os.environ.get("OPENTIER_MUTANTS", "100"))
#: What mutates annotations (``str | None``), and what compares equal values for identity: faults of no meaning.
NOT_MUTATED = re.compile(r"BinaryOperator_BitOr|(Eq|NotEq|Lt|LtE|Gt|GtE)_Is(Not)?$")


def copied() -> list[Path]:
    """Copy the packages, have them imported before the installed ones, and return the modules to mutate."""
    shutil.rmtree(COPY, ignore_errors=True)
    for part in ("api", "graph", "ontology", "shapes"):
        shutil.copytree(ROOT / part, COPY / "opentier" / part, ignore=shutil.ignore_patterns("__pycache__"))
    os.environ["PYTHONPATH"] = str(COPY)
    said = "import opentier.graph.errors as one; print(one.__file__)"
    done = subprocess.run(
        [sys.executable, "-c", said], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.startswith(str(COPY)), f"the installed packages come first: {done.stdout}"
    os.chdir(ROOT)
    found = [COPY / "opentier" / "graph" / f"{name}.py" for name in MODULES]
    assert all(path.is_file() for path in found), "a module has moved"
    return [path.relative_to(ROOT) for path in found]


def drawn(modules: list[Path]) -> list[Any]:
    """Draw one mutation for each place, and a sample of them."""
    with use_db(COPY / "session.sqlite", WorkDB.Mode.create) as session:
        init(modules, session, {})
        mutations = [mutation for item in session.work_items for mutation in item.mutations]
    mutations = [each for each in mutations if not NOT_MUTATED.search(each.operator_name)]
    mutations.sort(
        key=lambda each: (str(each.module_path), each.start_pos, each.operator_name, each.occurrence)
    )
    chance = random.Random(SEED)
    chance.shuffle(mutations)
    places = list({(each.module_path, each.start_pos): each for each in mutations}.values())
    return places[:SAMPLE] if SAMPLE else places


def main() -> None:
    """Measure, print the faults that no test noticed, and write the report."""
    files = [f"tests/test_{name}.py" for name in TESTS]
    marks = ["-m", "not (server or process or data or threads)", "-k", f"not ({LEFT_OUT})"]
    words = [sys.executable, "-m", "pytest", "-x", "-p", "no:cacheprovider", "--hypothesis-profile", "quick"]
    command = shlex.join([*words, *marks, *files])
    mutations = drawn(copied())
    for _ in range(2):  # the first run compiles the kernels of the copy
        begun = time.monotonic()
        outcome, said = run_tests(command, 1800)
        took = time.monotonic() - begun
        assert outcome == TestOutcome.SURVIVED, f"the tests fail without a fault:\n{said}"
    print(f"{len(mutations)} faults; the tests take {took:.0f} s where nothing is wrong", flush=True)
    made, noticed, survivors = Counter[str](), Counter[str](), []
    for mutation in mutations:
        result = mutate_and_test([mutation], command, 60 + 5 * took)
        module = Path(mutation.module_path).stem
        made[module] += 1
        noticed[module] += result.is_killed
        print(f"{made.total()} {module}: {'noticed' if result.is_killed else 'NOT NOTICED'}", flush=True)
        if not result.is_killed:
            survivors.append(result.diff)
            print(result.diff, flush=True)
    table = Table(facts={"seed": SEED, "sample": len(mutations), "survivors": survivors})
    for module, many in [*sorted(made.items()), ("all", made.total())]:
        found = noticed.total() if module == "all" else noticed[module]
        table.add(Row("mutants", module, ours=found / many, unit="noticed", note=f"{found} of {many}"))
    table.show()
    table.write(ROOT / "build" / "bench" / "mutants.json")


if __name__ == "__main__":
    main()
