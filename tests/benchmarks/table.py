"""One table of what was measured: ratios against peers, goals, and whether they are met; and how to measure."""

from __future__ import annotations

import gc
import json
import math
import os
import platform
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numba
import numpy as np
from rich.console import Console
from rich.table import Table as Printed

#: Sizes at which the goals are to be met.
JUDGED = ("M", "L", "shipped")
WHERE = Path("build/bench/engine.json")
#: Whether the caches are swept before every run.
COLD = os.environ.get("OPENTIER_BENCH_CACHES") == "cold"
#: More than any cache holds; it takes memory once it is first swept.
_SWEPT = np.zeros(32_000_000)


@dataclass(frozen=True)
class Goal:
    """What is to be reached: a bound on the ratio, or on our own figure."""

    bound: float
    most: bool = False
    own: bool = False

    def met(self, ours: float, ratio: float) -> bool:
        value = ours if self.own else ratio
        return value <= self.bound if self.most else value >= self.bound

    def __str__(self) -> str:
        return f"{'at most' if self.most else 'at least'} {self.bound:,g}{'' if self.own else 'x'}"


@dataclass(frozen=True)
class Row:
    """A work at a size, ours against a peer's. NaN is not measured; ratios are theirs / ours."""

    id: str
    work: str
    size: str = ""
    ours: float = math.nan
    peer: str = ""
    version: str = ""
    theirs: float = math.nan
    ratio: float = math.nan
    goal: Goal | None = None
    unit: str = "s"
    note: str = ""

    @property
    def met(self) -> str:
        if self.goal is None or self.size not in JUDGED:
            return "-"
        if math.isnan(self.ours if self.goal.own else self.ratio):
            return "not measured"
        return "yes" if self.goal.met(self.ours, self.ratio) else "no"


@dataclass
class Table:
    """The rows of one run."""

    rows: list[Row] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)

    def add(self, row: Row) -> None:
        self.rows.append(row)
        print(f"  {row.id} {row.work}, {row.peer}: {_figure(row.ratio)} {row.note}", flush=True)

    def show(self) -> None:
        """Print the table, then how our figures grow with the size."""
        heads = ("goal", "work", "size", "ours", "unit", "peer", "theirs", "ratio", "goal", "met", "note")
        rows = [
            (r.id, r.work, r.size, _figure(r.ours), r.unit, f"{r.peer} {r.version}".strip(), _figure(r.theirs),
             _figure(r.ratio), str(r.goal or ""), r.met, r.note)
            for r in sorted(self.rows, key=lambda r: r.id)
        ]  # fmt: skip
        _print(f"OpenTier's trace engine and its peers, {'cold' if COLD else 'warm'} caches", heads, rows)
        sizes = list(dict.fromkeys(row.size for row in self.rows))
        grown: dict[tuple[str, str, str], dict[str, float]] = {}
        for row in sorted(self.rows, key=lambda row: row.id):
            grown.setdefault((row.id, row.work, row.unit), {}).setdefault(row.size, row.ours)
        lines = [(*work, *(_figure(by.get(size, math.nan)) for size in sizes)) for work, by in grown.items()]
        _print("Ours by size", ("goal", "work", "unit", *sizes), lines)

    def write(self, file: Path = WHERE) -> None:
        """Write everything as JSON; what was not measured is null."""
        rows = [
            asdict(row) | {"goal": str(row.goal) if row.goal else None, "met": row.met} for row in self.rows
        ]
        rows = [
            {k: None if isinstance(v, float) and math.isnan(v) else v for k, v in r.items()} for r in rows
        ]
        about = {
            "opentier": version("opentier"),
            "python": platform.python_version(),
            "cores": os.cpu_count(),
            "caches": "cold" if COLD else "warm",
        }
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps({"about": about | self.facts, "rows": rows}, indent=1) + "\n")


def _print(title: str, heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
    printed = Printed(title=title, title_justify="left")
    for head in heads:
        number = bool(rows) and head in ("ours", "theirs", "ratio", "S", "M", "L", "XL")
        printed.add_column(head, justify="right" if number else "left", no_wrap=True, overflow="ignore")
    for row in rows:
        printed.add_row(*row)
    Console(width=260).print(printed)


def _figure(number: float) -> str:
    if math.isnan(number):
        return ""
    return f"{number:,.0f}" if abs(number) >= 100 else f"{number:.3g}"


def timed(work: Callable[[], Any], repeat: int = 3, budget: float = 10.0) -> tuple[float, Any]:
    """Return the best seconds of some runs and the last answer; no run starts when the budget is spent.

    Runs are repeated as they are: the best one finds in the caches what it needs. With OPENTIER_BENCH_CACHES=cold
    they are swept before every run, for us and for peers alike: the first trace of a user is somewhere between the two.
    """
    best, answer, begun = math.inf, None, time.perf_counter()
    gc.collect()
    gc.disable()
    try:
        for _ in range(repeat):
            answer = None
            if COLD:
                np.add(_SWEPT, 1.0, out=_SWEPT)
            start = time.perf_counter()
            answer = work()
            now = time.perf_counter()
            best = min(best, now - start)
            if now - begun > budget:
                break
    finally:
        gc.enable()
    return best, answer


def resident() -> tuple[int, int]:
    """Return the resident and the proportional set size of this process, in bytes."""
    found = dict(line.split(":", 1) for line in Path("/proc/self/smaps_rollup").read_text().splitlines()[1:])
    rss, pss = (int(found[key].split()[0]) * 1024 for key in ("Rss", "Pss"))
    return rss, pss


def available() -> int:
    """Return the bytes of memory that can still be had."""
    lines = dict(line.split(":", 1) for line in Path("/proc/meminfo").read_text().splitlines())
    return int(lines["MemAvailable"].split()[0]) * 1024


@numba.njit(parallel=True)  # type: ignore[untyped-decorator, unused-ignore]
def _triad(a: Any, b: Any, c: Any) -> None:
    for i in numba.prange(len(a)):
        a[i] = b[i] + 3.0 * c[i]


def bandwidth(threads: int, numbers: int = 20_000_000) -> float:
    """Return the memory bandwidth of a STREAM triad on some threads, in GB/s."""
    a, b, c = (np.full(numbers, value) for value in (0.0, 1.0, 2.0))
    most = numba.get_num_threads()
    numba.set_num_threads(min(threads, most))
    try:
        _triad(a, b, c)
        seconds, _ = timed(lambda: _triad(a, b, c), 7)
    finally:
        numba.set_num_threads(most)
    return 3 * a.nbytes / seconds / 1e9
