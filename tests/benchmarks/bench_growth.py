"""What a data directory takes as it grows: sizes, times, memory at some numbers of links, and what follows of them.

Run by ``make bench``; never part of the tests. Sizes: OPENTIER_BENCH_GROWTH, numbers of links with commas between them
(default 1000,3000,10000; the page `docs/growth.md` has larger ones). Each size has a data directory and processes of
its own. Of each figure a line ``fixed + each x links`` is laid through what was measured: of those through two of the
points that with the smallest largest relative error; what it says of more links is told beside it.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from itertools import combinations
from pathlib import Path
from typing import Any

from opentier.graph import Graph
from opentier.graph.trace.parameters import Parameters
from tests.benchmarks.bench_admission import apart, contribute, package, size

LINKS = [int(each) for each in os.environ.get("OPENTIER_BENCH_GROWTH", "1000,3000,10000").split(",")]
#: What is asked of the lines.
AHEAD = (10_000_000, 100_000_000, 1_000_000_000)
WHERE = Path("build/bench")


def memory() -> float:
    """Return the most memory that this process had, in bytes: without what the one that began it had."""
    said = Path("/proc/self/status").read_text().partition("VmHWM:")[2]
    return int(said.split()[0]) * 1024.0


def clocks() -> tuple[float, float]:
    """Return the time and the seconds of CPU that this process took."""
    return time.perf_counter(), time.process_time()


def took(name: str, begun: tuple[float, float]) -> dict[str, float]:
    """Return what some work took since it was begun."""
    wall, cpu = clocks()
    return {f"{name}, s": wall - begun[0], f"{name}, s of CPU": cpu - begun[1]}


def contributed(data: Path, folder: Path) -> dict[str, float]:
    """Contribute a package, and measure what comes of it."""
    found = contribute(data, folder)
    parts = [each for each in data.iterdir() if each.is_dir()]
    (release,) = (data / "releases").iterdir()
    return {
        "package, bytes": float(size(folder)),
        "triples": float(found.triples),
        "contribute, s": found.took[0],
        "contribute, s of CPU": found.took[1],
        "contribute, bytes of memory": memory(),
        "data directory, bytes": float(size(data)),
        **{f"{each.name}, bytes": float(size(each)) for each in sorted(parts)},
        **{
            f"release/{each.name}, bytes": float(size(each))
            for each in sorted(release.iterdir())
            if each.is_dir()
        },
        **{f"{name}, s of CPU": took[1] for name, took in found.stages.items()},
    }


def kept(data: Path, file: Path, again: Path) -> dict[str, float]:
    """Back a data directory up, and make another one of the backup."""
    begun = clocks()
    Graph.open(data).backup(file)
    found = {"backup, bytes": float(file.stat().st_size), **took("backup", begun)}
    begun = clocks()
    Graph.restore(file, again)
    return found | took("restore", begun) | {"backup and restore, bytes of memory": memory()}


def asked(data: Path) -> dict[str, float]:
    """Open a data directory, and trace; ask for the exposure of everybody; rebuild the index."""
    begun = clocks()
    view = Graph.open(data).view()
    view.trace("bench/a1", Parameters(max_tier=6))
    found, begun = took("open, and a trace of six tiers", begun), clocks()
    view.trace("bench/a3", Parameters())
    found |= took("a whole chain", begun) | {"tracing, bytes of memory": memory()}
    begun = clocks()
    view.exposure(Parameters())
    found, begun = found | took("exposure of all", begun), clocks()
    Graph.open(data).rebuild_index()
    return found | took("index anew", begun) | {"index anew, bytes of memory": memory()}


def line(points: Sequence[tuple[float, float]]) -> tuple[float, float, float]:
    """Return ``fixed``, ``each`` and the largest relative error of the best line through two of some points.

    Neither part is below zero: where one would be, the line runs through zero, or is flat.
    """

    def error(fixed: float, each: float) -> float:
        return max(abs(fixed + each * x - y) / y if y else 0.0 for x, y in points)

    tried = list[tuple[float, float]]()
    for (x, y), (far, there) in combinations(points, 2):
        each = (there - y) / (far - x)
        tried.append((y - each * x, each))
    tried += [(0.0, y / x) for x, y in points] + [(y, 0.0) for _, y in points]
    fits = [(fixed, each) for fixed, each in tried if fixed >= 0 and each >= 0]
    fixed, each = min(fits, key=lambda fit: error(*fit))
    return fixed, each, error(fixed, each)


def told(figures: dict[int, dict[str, float]]) -> Iterable[dict[str, Any]]:
    """Yield each figure with its line and what that says of more links."""
    for name in dict.fromkeys(name for each in figures.values() for name in each):
        points = [(float(links), each[name]) for links, each in figures.items() if name in each]
        fixed, each, error = line(points)
        yield {
            "figure": name,
            "measured": {int(links): value for links, value in points},
            "fixed": fixed,
            "each": each,
            "error": error,
            "ahead": {links: fixed + each * links for links in AHEAD},
        }


def test_growth(tmp_path: Path) -> None:
    """Measure each size, lay the lines, print and keep them."""
    figures: dict[int, dict[str, float]] = {}
    for links in LINKS:
        folder, data = tmp_path / "package", tmp_path / "data"
        package(folder, links)
        found: dict[str, float] = apart(contributed, data, folder)
        found |= apart(kept, data, tmp_path / "backup", tmp_path / "again")
        if not figures:
            apart(asked, data)  # kernels are compiled once a machine
        found |= apart(asked, data)
        figures[links] = found
        print(
            f"\n{links:,} links: {json.dumps({name: round(value, 3) for name, value in found.items()})}",
            flush=True,
        )
        for each in (folder, data, tmp_path / "again"):
            shutil.rmtree(each)
        (tmp_path / "backup").unlink()
    rows = list(told(figures))
    for row in rows:
        print(
            f"{row['figure']:<40} {row['fixed']:16,.2f} + {row['each']:.4g} x links, off by {row['error']:.0%} at most"
        )
        assert all(value >= 0 for value in row["ahead"].values())
    WHERE.mkdir(parents=True, exist_ok=True)
    about = {"links": LINKS, "opentier": version("opentier"), "cores": os.cpu_count()}
    (WHERE / "growth.json").write_text(json.dumps({"about": about, "rows": rows}, indent=1) + "\n")
