"""P13: the exposure of every actor by our engine and by Spark, the answers checked equal.

Run by ``make bench`` where PySpark and Java are; never part of the tests. Sizes: OPENTIER_BENCH_SIZES (default "S,M").
OPENTIER_BENCH_MASTER is where Spark runs (default "local[2]"; sail and local-cluster[2,1,1024] too), and
OPENTIER_BENCH_TIMES how often it is asked (default 2), the best counts. OPENTIER_BENCH_KILL has one executor of a local
cluster killed while shares are added up.

Each clock begins with columns on disk, ours as the index has them and Spark's as Parquet, and ends with the same
figures of all actors in memory; ours has the index to open. Spark's session is there before, as what is compiled of
ours is; neither writes a file of answers, which takes both as long. Pairs of matching, likewise: from books to pairs in
memory, OPENTIER_BENCH_NAMES names (default 100,000) among as many actors. On a machine that others use, the seconds of
processors tell more than those on the wall.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from opentier.graph.batch import everybody
from opentier.graph.batch.everybody import Exposures
from opentier.graph.distributed import candidates, columns, exposure, sessions
from opentier.graph.distributed.work import held
from opentier.graph.index.opened import Index
from opentier.graph.jobs.progress import silent
from opentier.graph.matching.matcher import LIMIT
from opentier.graph.trace.parameters import Parameters
from tests.benchmarks import chains, crowd, indexed
from tests.benchmarks.table import Goal, Row, Table, timed
from tests.test_spark import dying

SIZES = os.environ.get("OPENTIER_BENCH_SIZES", "S,M").split(",")
MASTER = os.environ.get("OPENTIER_BENCH_MASTER", "local[2]")
TIMES = int(os.environ.get("OPENTIER_BENCH_TIMES", "2"))
#: The question: all walks of one day, so that neither side has to look at the days of each.
ASKED = Parameters(on="2024-06-30")
NAMES = int(os.environ.get("OPENTIER_BENCH_NAMES", "100000"))
KILL = bool(os.environ.get("OPENTIER_BENCH_KILL"))
WHERE = Path("build/bench/spark.json")
_TICKS = os.sysconf("SC_CLK_TCK")

pytestmark = pytest.mark.skipif(find_spec("pyspark") is None, reason="PySpark is not installed")


@pytest.fixture(scope="module")
def table() -> Iterator[Table]:
    made = Table()
    yield made
    made.show()
    made.write(WHERE)


@pytest.fixture(scope="module")
def session() -> Iterator[Any]:
    with sessions.opened(MASTER) as found:
        yield found


def processors(session: Any) -> float:
    """Return the seconds of processors that this process and those that run its frames have used until now."""
    own = time.process_time()
    if MASTER.startswith(("sail", "sc:")):
        return own
    return own + sum(map(_used, _below(session.sparkContext._gateway.proc.pid)))


def _below(process: int) -> Iterator[int]:
    yield process
    for task in Path(f"/proc/{process}/task").iterdir():
        for child in (task / "children").read_text().split():
            yield from _below(int(child))


def _used(process: int) -> float:
    said = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(said[11]) + int(said[12])) / _TICKS


def same(ours: Exposures, theirs: Exposures) -> None:
    """Check that whole numbers are equal, and shares but for the order in which they are added up."""
    assert np.array_equal(ours.nearest_tiers, theirs.nearest_tiers)
    assert np.array_equal(ours.distinct, theirs.distinct)
    assert np.array_equal(ours.weighed.basis, theirs.weighed.basis)
    assert np.array_equal(ours.open.marks, theirs.open.marks)
    for name in ("share", "lower", "upper"):
        assert np.allclose(getattr(ours.weighed, name), getattr(theirs.weighed, name), rtol=0, atol=1e-9), (
            name
        )
    assert np.allclose(ours.open.possible, theirs.open.possible, rtol=0, atol=1e-9)


@pytest.mark.parametrize("size", SIZES)
def test_p13_exposure_of_every_actor(size: str, session: Any, table: Table, tmp_path: Path) -> None:
    indexed.build(chains.make(size), tmp_path / "index" / "1", "1")
    index = Index.open(tmp_path / "index" / "1", "1")
    used_up: list[float] = []

    def local() -> Exposures:
        begun = time.process_time()
        found = everybody.exposures(Index.open(tmp_path / "index" / "1", "1"), ASKED)
        used_up.append(time.process_time() - begun)
        return found

    ours, answer = timed(local, 9, 20.0)
    own = min(used_up)
    told: Any = dying(session) if KILL else silent
    theirs, used = float("inf"), float("inf")
    for turn in range(TIMES):
        work = tmp_path / f"work-{turn}"
        columns.write(index, work / exposure.COLUMNS)
        start, before = time.perf_counter(), processors(session)
        found = exposure.exposures(session, work, index, ASKED, told)
        theirs, used = min(theirs, time.perf_counter() - start), min(used, processors(session) - before)
        same(answer, found)
    assert not KILL or told.killed
    reaching = int((answer.nearest_tiers > 0).sum())
    note = f"{own:.3g} s of processors against {used:.3g}: {used / own:,.0f}x; {reaching:,} actors reach one"
    name = "pysail" if MASTER == "sail" else "pyspark"
    goal = Goal(400) if MASTER == "local[2]" else None
    table.add(
        Row(
            "P13",
            "exposure of every actor",
            size,
            ours,
            f"{name} {MASTER}",
            version(name),
            theirs,
            theirs / ours,
            goal,
            note=note,
        )
    )


def test_candidate_pairs_of_matching(session: Any, table: Table, tmp_path: Path) -> None:
    chance = random.Random(11)
    actors = list(crowd.parties(NAMES))
    books = crowd.bound(actors, tmp_path / "book")
    asked = [crowd.written_otherwise(party, chance) for party in actors]
    start, before = time.perf_counter(), time.process_time()
    ours = list(books.candidates(asked, LIMIT))
    wall, own = time.perf_counter() - start, time.process_time() - before
    start, before = time.perf_counter(), processors(session)
    with held(tmp_path / "work", session, {"job": "candidates"}) as work:
        candidates.pairs(work, books, asked, LIMIT)
        theirs = candidates.listed(work, len(asked))
    far, used = time.perf_counter() - start, processors(session) - before
    assert theirs == ours
    note = f"{sum(map(len, ours)):,} pairs, equal; {own:.3g} s of processors against {used:.3g}"
    name = "pysail" if MASTER == "sail" else "pyspark"
    peer = f"{name} {MASTER}"
    table.add(
        Row("", "candidate pairs", f"{NAMES:,}", wall, peer, version(name), far, far / wall, None, note=note)
    )
