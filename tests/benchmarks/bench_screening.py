"""What screening a list costs: its rows beside a graph of so many links, one index and many traces.

Run by ``make bench``; never part of the tests. Sizes: OPENTIER_BENCH_SIZES (default "S,M"; the aim is meant for "L": a
thousand rows beside 10 M links in a minute), OPENTIER_BENCH_ROWS rows of the list (default 1,000). Rows name actors of
the chain as others spell them, some of them twice. Some answers are checked against traces of their whole chains.
"""

from __future__ import annotations

import csv
import os
import random
import resource
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from opentier.graph.exposure.exposures import expose
from opentier.graph.index.opened import Index
from opentier.graph.matching.matcher import Matcher
from opentier.graph.report.report import Report
from opentier.graph.screening import listing
from opentier.graph.screening.screened import Screened, screen
from opentier.graph.trace.lookup import Directory
from opentier.graph.trace.parameters import Parameters
from opentier.graph.trace.unindexed import Unindexed
from opentier.graph.trace.walks import trace
from tests.benchmarks import chains
from tests.benchmarks.bench_admission import Rows
from tests.benchmarks.crowd import bound, parties, written_otherwise
from tests.benchmarks.indexed import build, iri
from tests.benchmarks.ours import RELEASE

SIZES = os.environ.get("OPENTIER_BENCH_SIZES", "S,M").split(",")
ROWS = int(os.environ.get("OPENTIER_BENCH_ROWS", "1000"))
#: Seconds for a thousand rows beside 10 M links.
AIM, AIMED = 60, 10_000_000
SEED, CHECKED, DAY = 5, 5, "2024-06-30"


@dataclass
class Known:
    """A chain with the names of its actors."""

    index: Index
    matcher: Matcher

    @property
    def directory(self) -> Directory:
        """The names of the actors."""
        return Directory(self.index)

    def unindexed(self, index: Index) -> Unindexed:
        """Return what the index does not hold: nothing."""
        return Unindexed(index)


def known(size: str, folder: Path) -> tuple[Known, Path]:
    """Return a chain with names, and a list that names some of its actors otherwise."""
    chain, where, chance = chains.make(size), folder / "index" / RELEASE, random.Random(SEED)
    build(chain, where, RELEASE)
    named = [replace(party, iri=iri(number)) for number, party in enumerate(parties(chain.actors))]
    matcher = Matcher(bound(named, folder / "book"))
    meant = [written_otherwise(party, chance) for party in chance.choices(named, k=ROWS)]
    path = folder / "suppliers.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = [(party.called[0], *(party.countries or ("",))) for party in meant]
        csv.writer(file).writerows([("Vendor name", "Country"), *rows])
    return Known(Index.open(where, RELEASE), matcher), path


def checked(found: Screened, index: Index, asked: Parameters) -> None:
    """Hold some rows against the traces of their actors."""
    directory, left = Directory(index), CHECKED
    for (line,) in found.lines:
        if line.traced and left:
            left -= 1
            node = directory.known(line.traced.id)
            assert node is not None
            whole = [e for e in expose(trace(index, node, replace(asked, paths=1))) if e.state == "current"]
            near = min(whole, key=lambda each: each.paths[0].tiers, default=None)
            assert (near and index.names.id(near.actor)) == (line.nearest and line.nearest["actor"]["id"])


@pytest.mark.parametrize("size", SIZES)
def test_rows_beside_a_chain(size: str, tmp_path: Path) -> None:
    """A thousand rows beside 10 M links in a minute."""
    world, path = known(size, tmp_path)
    rows, links = Rows(f"screening-{size}"), chains.SIZES[size][1]
    print(f"\n{ROWS:,} rows beside {links:,} links and {chains.SIZES[size][0]:,} actors")
    for named, asked in (("on a day", Parameters(on=DAY)), ("at any time", Parameters())):
        found = listing.of(path, Report())
        stages = dict[str, list[float]]()

        def told(stage: str, done: int, total: int, stages: dict[str, list[float]] = stages) -> None:
            stages.setdefault(stage, []).append(time.perf_counter())

        if named == "on a day":
            screen(listing.of(path, Report()), world, asked, whole=False)  # what is compiled once
        begin = time.perf_counter(), time.process_time()
        made = screen(found, world, asked, whole=False, progress=told)
        wall, cpu = time.perf_counter() - begin[0], time.process_time() - begin[1]
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        said: dict[str, Any] = made.counts()
        note = (
            f"{said['exposed']:,} exposed, {said['not_testable']:,} not testable, {said['traced']:,} traced"
        )
        goal = 1 if links >= AIMED else None
        rows.add(
            "P19", f"screen, {named}, wall", wall, "a minute, for so many", AIM * ROWS / 1000, goal, note=note
        )
        rows.add("P19", f"screen, {named}, CPU", cpu, "wall", wall, note=f"{memory:.2f} GiB")
        for stage, times in stages.items():
            rows.add("P19", f"{stage}, {named}", times[-1] - times[0], "all", wall)
        checked(made, world.index, asked)
        assert said["exposed"]
    rows.write()
