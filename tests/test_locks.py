"""What OpenTier needs: what it imports, what pyproject.toml names, what the locks pin and the Makefile installs."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator
from importlib.metadata import distribution, entry_points, packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
EXTRAS = PROJECT["project"]["optional-dependencies"]
#: What the locks are made with.
MADE_WITH = {"python_version": "3.11", "python_full_version": "3.11.7", "sys_platform": "linux"}
RUN_TIME, DEVELOPMENT = "constraints.txt", "constraints-dev.txt"
PIN = re.compile(r"([a-z0-9-]+)(?:\[([a-z0-9,-]+)\])?==([0-9][0-9a-z.]*) \\")
HASH = re.compile(r"    --hash=sha256:[0-9a-f]{64}( \\)?")


def names(requirements: Iterable[str]) -> set[str]:
    """Return the names in some requirements, as the locks write them."""
    return {canonicalize_name(Requirement(text).name) for text in requirements}


NEEDED = names(PROJECT["project"]["dependencies"])
BUILDING = names(PROJECT["build-system"]["requires"])
OPTIONAL = names(EXTRAS["pandas"] + EXTRAS["parquet"] + EXTRAS["print"] + EXTRAS["mcp"])
DEVELOPING = names(EXTRAS["dev"]) - OPTIONAL


def closure(requirements: Iterable[str]) -> dict[str, set[str]]:
    """Return what some requirements need, and what that needs, as the installed distributions say; each with the extras
    that are asked of it.
    """
    found: dict[str, set[str]] = {}
    waiting = [(Requirement(text), "") for text in requirements]
    while waiting:
        asked, extra = waiting.pop()
        if not (asked.marker is None or asked.marker.evaluate(MADE_WITH | {"extra": extra})):
            continue
        name = canonicalize_name(asked.name)
        fresh = ({""} | asked.extras) - ({""} | found[name] if name in found else set())
        found.setdefault(name, set()).update(asked.extras)
        needs = [Requirement(text) for text in distribution(name).requires or ()]
        waiting += [(need, extra) for extra in fresh for need in needs]
    return found


def pins(lock: str) -> dict[str, tuple[str, set[str]]]:
    """Return version and extras by name that a lock pins; every line is a pin, one of its hashes, or a comment."""
    found: dict[str, tuple[str, set[str]]] = {}
    more = False
    for number, line in enumerate((ROOT / lock).read_text("utf-8").splitlines(), 1):
        where = f"{lock}:{number}: {line}"
        if pin := PIN.fullmatch(line):
            assert not more, where
            assert pin[1] not in found, where
            found[pin[1]], more = (pin[3], set(filter(None, (pin[2] or "").split(",")))), True
        elif hashed := HASH.fullmatch(line):
            assert more, where
            more = hashed[1] is not None
        else:
            assert not more, where
            assert not line or line.lstrip().startswith("#"), where
    assert not more, lock
    return found


def versions(lock: str) -> dict[str, str]:
    return {name: version for name, (version, _) in pins(lock).items()}


def extras(lock: str) -> dict[str, set[str]]:
    return {name: asked for name, (_, asked) in pins(lock).items()}


# --- What is imported --------------------------------------------------------------------------------------------


def imported(node: ast.AST) -> Iterator[str]:
    """Yield the top names that are imported in a tree."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.Import):
            yield from (item.name.partition(".")[0] for item in inner.names)
        elif isinstance(inner, ast.ImportFrom):
            yield (inner.module or "").partition(".")[0]


def trees(*parts: str) -> list[ast.Module]:
    return [
        ast.parse(path.read_text("utf-8"))
        for part in parts
        for path in sorted((ROOT / part).rglob("*.py"))
        if "__pycache__" not in path.parts
    ]


#: Plugins of the test runner, which are called by an option, and servers, which are started.
PLUGINS = {"pytest-xdist": "-m pytest -n ", "oxigraph": '.with_name("oxigraph")'}
#: What only the Makefile's own target installs: mutation of the code is no part of its development.
APART = {"cosmic_ray"}
#: What is imported where somebody has it, and what of it no lock holds: no wheel of them serves every machine.
UNLOCKED = {"followthemoney", "igraph", "py4j", "pysail", "pyspark"}


def distributions(modules: Iterable[str]) -> set[str]:
    """Return the distributions that hold some modules; the standard library and our own are none."""
    known = packages_distributions()
    others = {name for name in modules if name not in sys.stdlib_module_names} - {"opentier", "tests", *APART}
    return {canonicalize_name(known[name][0]) for name in others - UNLOCKED}


def used(*parts: str) -> set[str]:
    return distributions(name for tree in trees(*parts) for name in imported(tree))


def test_what_is_imported_is_what_run_time_needs_and_the_optional_forms() -> None:
    assert used("ontology", "shapes", "graph", "api") == NEEDED | OPTIONAL


def test_nothing_of_development_is_imported_outside_the_tests() -> None:
    assert used("ontology", "shapes", "graph", "api") & (DEVELOPING - NEEDED) == set()


def test_what_is_optional_is_imported_only_by_who_asks_for_it() -> None:
    assert {"mcp", "pandas", "pyarrow", "typst"} == OPTIONAL
    for tree in trees("graph", "api"):
        always = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
        assert {name for node in always for name in imported(node)} & OPTIONAL == set()


def test_every_development_dependency_is_imported_or_called() -> None:
    called = set()
    texts = [(ROOT / "Makefile").read_text("utf-8")]
    others = (path for path in sorted((ROOT / "tests").glob("*.py")) if path != Path(__file__))
    texts += [path.read_text("utf-8") for path in others]
    for text in texts:
        called |= set(re.findall(r"(?:\$\(BIN\)/|-m(?: |\", \"))([a-z-]+)", text))
    scripts = {script.name: script.dist for script in entry_points(group="console_scripts")}
    found: set[str] = {
        canonicalize_name(dist.name if (dist := scripts.get(name)) else name) for name in called
    }
    found |= used("tests")
    found |= {name for name, option in PLUGINS.items() if any(option in text for text in texts)}
    found |= {f"types-{name}" for name in used("graph", "api", "tests")}
    assert DEVELOPING - found == set()


# --- What is pinned ----------------------------------------------------------------------------------------------


def test_the_run_time_lock_pins_what_runs_and_installs_opentier() -> None:
    wanted = closure([*PROJECT["project"]["dependencies"], *PROJECT["build-system"]["requires"]])
    assert extras(RUN_TIME) == wanted
    assert wanted.keys() >= NEEDED | BUILDING


def test_the_development_lock_pins_the_same_and_what_develops_it() -> None:
    every = [*PROJECT["project"]["dependencies"], *PROJECT["build-system"]["requires"], *EXTRAS["dev"]]
    wanted = closure(every)
    assert extras(DEVELOPMENT) == wanted
    assert wanted.keys() >= DEVELOPING
    assert versions(RUN_TIME).items() <= versions(DEVELOPMENT).items()


@pytest.mark.parametrize("lock", [RUN_TIME, DEVELOPMENT])
def test_a_lock_names_no_address_and_no_path(lock: str) -> None:
    text = (ROOT / lock).read_text("utf-8")
    assert re.findall(r"\S*://\S*|(?<!\S)(?:/|~|\.\.)\S+", text) == []


# --- What is installed -------------------------------------------------------------------------------------------


def commands(target: str) -> list[str]:
    """Return what make would do for a target where nothing is installed."""
    variables = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    done = subprocess.run(
        ["make", "--dry-run", "--always-make", "VENV=nowhere", target],
        cwd=ROOT, env=variables, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def installs(target: str) -> list[str]:
    """Return those of them that install and check, without the name of the program."""
    pip = "nowhere/bin/python -m pip --disable-pip-version-check "
    found = [line for line in commands(target) if "pip install" in line or " -m pip " in line]
    assert all(line.startswith(pip) for line in found)
    return [line.removeprefix(pip) for line in found]


def locked(lock: str) -> str:
    return f"install --quiet --no-deps --only-binary :all: --require-hashes -r {lock}"


OURS = "install --quiet --no-deps --no-build-isolation -e ."


def test_the_demo_installs_the_run_time_lock_and_checks_it() -> None:
    assert installs("demo") == [locked(RUN_TIME), OURS, "check"]


@pytest.mark.parametrize("target", ["test", "check", "lock"])
def test_tests_and_tools_install_the_development_lock_as_well(target: str) -> None:
    assert installs(target) == [locked(RUN_TIME), OURS, "check", locked(DEVELOPMENT), "check"]


def test_make_lock_makes_both_locks() -> None:
    made = [line for line in commands("lock") if "pip-compile" in line]
    assert [re.findall(r"--output-file (\S+)", line) for line in made] == [[RUN_TIME], [DEVELOPMENT]]
    for line in made:
        wanted = (
            "--generate-hashes",
            "--no-strip-extras",
            "--upgrade",
            "--no-emit-index-url",
            "--no-emit-find-links",
        )
        assert {word for word in wanted if word not in line} == set()
