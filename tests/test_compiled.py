"""Compiled kernels: they follow their constants, and they run where nothing can be written to.

Each test runs processes of its own over a copy of the package, whose files it may change and whose folders it may
close. Root may write anywhere, so a place is closed by a file where a folder would have to be.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from opentier.graph.engine import compiled
from tests.test_layout import PARTS, ROOT, imports

#: What a process says of a kernel that reads a constant of another module: where it is
#: kept, and a sum of costs that have no more room below the tiers.
COST = """
import numpy as np
from opentier.graph.engine import compiled, kernels
print(kernels.__file__, compiled.place(), kernels.added(np.int64(1 << 45), np.int64(1 << 45)), sep="\\n")
"""
#: The same of a trace of the worked example.
TRACE = """
import sys
from opentier.graph import Graph
from opentier.graph.engine import compiled
print(len(Graph.open(sys.argv[1]).trace("example/aurora", max_tier=3).exposures), compiled.place(), sep="\\n")
"""


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Return a folder from which a copy of the package is imported."""
    return copied(tmp_path / "copy")


def copied(folder: Path) -> Path:
    """Copy the package to a folder from which it is imported."""
    for part in PARTS:
        shutil.copytree(ROOT / part, folder / "opentier" / part, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def run(code: str, copy: Path, *words: object, **variables: str) -> list[str]:
    """Return the lines that a process prints which imports the copy."""
    kept = {name: value for name, value in os.environ.items() if name not in ("HOME", "XDG_CACHE_HOME")}
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, words)],
        env={**kept, "PYTHONPATH": str(copy), "HOME": "/nonexistent", **variables},
        cwd=copy, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout.splitlines()


def closed(copy: Path) -> None:
    """Leave no room beside the modules of the copy."""
    (copy / "opentier" / "graph" / "engine" / "__pycache__").write_text("a file")


def kept(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.nbc"))


def test_a_constant_of_another_module_that_changes_is_seen(copy: Path) -> None:
    path, place, cost = run(COST, copy)
    assert path == str(copy / "opentier" / "graph" / "engine" / "kernels.py")
    assert Path(place).parent == copy / "opentier" / "graph" / "engine" / "__pycache__"
    files = kept(Path(place))
    assert files
    times = [file.stat().st_mtime_ns for file in files]
    assert run(COST, copy) == [path, place, cost]
    assert [file.stat().st_mtime_ns for file in files] == times  # nothing is compiled twice
    arrays = copy / "opentier" / "graph" / "engine" / "arrays.py"
    assert "BITS = 46" in arrays.read_text()
    arrays.write_text(arrays.read_text().replace("BITS = 46", "BITS = 40"))
    _, elsewhere, other = run(COST, copy)
    assert elsewhere != place
    assert other != cost


def test_what_kernels_take_from_other_modules_is_in_the_name_of_the_place() -> None:
    ours = {
        name for name, _ in imports(ROOT / "graph" / "engine" / "kernels.py") if name.startswith("opentier")
    }
    assert {name.rpartition(".")[2] for name in ours} | {"kernels"} == set(compiled.SOURCES)
    for source in compiled.SOURCES:
        further = {
            name
            for name, _ in imports(ROOT / "graph" / "engine" / f"{source}.py")
            if name.startswith("opentier")
        }
        assert further <= ours, source


def test_kernels_run_where_nothing_can_be_written_to(copy: Path, admitted: Path, tmp_path: Path) -> None:
    closed(copy)
    data = tmp_path / "data"
    shutil.copytree(admitted, data)
    (data / "cache").write_text("a file")
    exposures, place = run(TRACE, copy, data)
    assert int(exposures) > 0
    assert place == "None"


def test_kernels_are_kept_in_the_first_place_that_can_be_written_to(copy: Path, tmp_path: Path) -> None:
    home, cache = tmp_path / "home", tmp_path / "cache"
    home.mkdir()
    closed(copy)
    _, place, cost = run(COST, copy, HOME=str(home))
    assert Path(place).parent == home / ".cache" / "opentier"
    assert kept(Path(place))
    (home / ".cache" / "opentier" / "more").touch()
    _, place, again = run(COST, copy, HOME=str(home), XDG_CACHE_HOME=str(cache))
    assert Path(place).parent == cache / "opentier"
    assert again == cost
    own = tmp_path / "own"
    _, place, again = run(COST, copy, HOME=str(home), NUMBA_CACHE_DIR=str(own))
    assert Path(place).parent == own
    assert again == cost
    assert kept(own)


def test_without_another_place_kernels_are_kept_in_the_data_directory(
    copy: Path, admitted: Path, tmp_path: Path
) -> None:
    closed(copy)
    data = tmp_path / "data"
    shutil.copytree(admitted, data)
    _, place = run(TRACE, copy, data)
    assert Path(place).parent == data / "cache"
    files = kept(data / "cache")
    times = [file.stat().st_mtime_ns for file in files]
    assert files
    assert run(TRACE, copy, data)[1] == place
    assert [file.stat().st_mtime_ns for file in files] == times


@pytest.mark.parametrize(("files", "left"), [("*.nbi", 0), ("*.nbc", 40)])
def test_damaged_kernels_are_compiled_anew(copy: Path, files: str, left: int) -> None:
    found = run(COST, copy)
    for file in Path(found[1]).rglob(files):
        os.truncate(file, left)
    assert run(COST, copy) == found
    times = [file.stat().st_mtime_ns for file in kept(Path(found[1]))]
    assert run(COST, copy) == found
    assert [file.stat().st_mtime_ns for file in kept(Path(found[1]))] == times


def test_processes_that_compile_at_once_get_the_same(copy: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        found = [*pool.map(lambda _: run(COST, copy), range(4))]
    assert found == [found[0]] * 4
    assert run(COST, copy) == found[0]


def test_libraries_that_are_hidden_from_numba_can_be_imported_afterwards() -> None:
    code = """
import sys
from opentier.graph.engine import compiled
assert not {"scipy", "coverage"} & set(sys.modules), "they are imported, or still hidden"
import coverage
import numba
print(numba.config.CACHE_DIR == "")
"""
    assert run(code, ROOT) == ["True"]
