"""What traces and batch jobs cost, as ratios against named peers in the same run; all answers are checked equal.

Run by ``make bench``; never part of the tests, and no clock fails it: only a wrong answer does. Sizes:
OPENTIER_BENCH_SIZES (default "S,M"; the full run is "M,L"; "XL" asks our engine only, and needs 16 GiB). pyoxigraph
and ladybug run up to M, networkx while its graph fits; a peer that took a minute for a call is not asked at the next
size. Goals are those of sizes M and L. OPENTIER_BENCH_CACHES=cold sweeps the caches before every run, ours and theirs.
"""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.benchmarks import chains
from tests.benchmarks.chains import Array
from tests.benchmarks.harness import (
    Bench,
    ask,
    checked_paths,
    reaches,
    same_numbers,
    same_reach,
    spread,
    traced,
)
from tests.benchmarks.ours import engine
from tests.benchmarks.peers import IGraph, NetworkX, Peer, path_cost
from tests.benchmarks.stores import DuckDB, Ladybug, Oxigraph
from tests.benchmarks.table import Goal, Row, Table, bandwidth, timed

SIZES = os.environ.get("OPENTIER_BENCH_SIZES", "S,M").split(",")
DAY, LEAST = date(2024, 6, 30).toordinal(), 0.7
#: More tiers than there are.
ALL = 1_000_000
ROUNDS, PATHS, NEW, SAMPLE = 10, 10, 1_000, 8


@pytest.fixture(scope="module")
def table() -> Iterator[Table]:
    made = Table()
    made.facts |= {f"bandwidth_{threads}_threads": bandwidth(threads) for threads in (1, 2)}
    yield made
    made.show()
    made.write()


@pytest.fixture(scope="module")
def longest() -> dict[tuple[str, str], float]:
    return {}


@pytest.fixture(scope="module", params=SIZES)
def bench(
    request: pytest.FixtureRequest, table: Table, longest: dict[tuple[str, str], float],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Bench]:  # fmt: skip
    size = str(request.param)
    print(f"\nsize {size}", flush=True)
    chain, ours = chains.make(size), engine()
    ours.load(chain, tmp_path_factory.mktemp(size))
    peers: list[Peer] = [NetworkX(), IGraph(), DuckDB(), Oxigraph(), Ladybug()]
    made = Bench(size, chain, ours, peers, table, dict(longest), longest)
    yield made
    made.close()


def importers(bench: Bench, live: Array | None = None) -> list[tuple[int, int]]:
    """Return six importers, and tiers within which they reach about 10,000 actors (3,000 of the small chain)."""
    least, most = (5_000, 20_000) if bench.size != "S" else (1_500, 6_000)
    found = chains.roots(bench.chain, 6, least, most, live)
    assert found, "no importer reaches that many"
    return found


def test_p1_reach(bench: Bench) -> None:
    asked = importers(bench)
    seconds, answers = ask(bench.ours.reach, asked)
    check = same_reach(bench.chain, asked, reaches(bench, asked, answers, None))
    row = Row("P1", "trace", note=f"{np.mean([len(actors) for actors, _ in answers]):,.0f} actors each")
    ratios = {"networkx": 20, "duckdb": 75, "pyoxigraph": 85, "ladybug": 25}
    bench.against(row, "reach", asked, seconds, check, ratios)


def test_p2_filters(bench: Bench) -> None:
    live = bench.chain.live(DAY, LEAST)
    asked = [(root, most, DAY, LEAST) for root, most in importers(bench, live)]
    seconds, answers = ask(bench.ours.reach_filtered, asked)
    check = same_reach(bench.chain, asked, reaches(bench, asked, answers, live))
    note = f"{np.mean([len(actors) for actors, _ in answers]):,.0f} actors each"
    row = Row("P2", "trace, date and confidence", note=note)
    bench.against(row, "reach_filtered", asked, seconds, check, {"networkx": 50})


def test_p3_products(bench: Bench) -> None:
    chain = bench.chain
    live = chain.live(DAY)
    order, begins = chain.rows
    asked = []
    for root, _ in importers(bench, live):
        links = order[begins[root] : begins[root + 1]]
        asked.append((root, int(np.bincount(chain.product[links[live[links]]]).argmax()), DAY))
    seconds, answers = ask(bench.ours.reach_product, asked)
    for (root, product, _), (actors, tiers) in zip(asked, answers, strict=True):
        assert dict(zip(actors.tolist(), tiers.tolist(), strict=True)) == traced(chain, root, product, live)
    plain, without = ask(bench.ours.reach_filtered, [(root, ALL, DAY, 0.0) for root, _, _ in asked])
    reached, all_reached = (
        sum(len(actors) for actors, _ in found) / len(found) for found in (answers, without)
    )
    ours, theirs = sum(seconds), sum(plain)
    row = Row("P3", "trace of a product", bench.size, ours, "opentier", "any product", theirs, ours / theirs)
    note = f"ours / theirs; {reached:,.0f} actors each against {all_reached:,.0f}"
    bench.table.add(replace(row, goal=Goal(1.2, most=True), note=note))
    each = row.ratio * all_reached / reached
    bench.table.add(replace(row, work="the same, per actor reached", ratio=each, note=note))


def test_p4_whole_graph(bench: Bench) -> None:
    asked = [(root,) for root, _ in importers(bench)[:3]]
    seconds, answers = ask(bench.ours.whole, asked)
    for (root,), tiers in zip(asked, answers, strict=True):
        assert np.array_equal(tiers, chains.tiers(bench.chain, root, ALL)), "ours differs"
    row = Row(
        "P4", "whole-graph trace", note=f"{np.mean([(t >= 0).sum() for t in answers]):,.0f} actors each"
    )
    check = same_reach(bench.chain, asked, answers)
    bench.against(row, "whole", asked, seconds, check, {"networkx": 60, "igraph": 6})


def test_p5_paths(bench: Bench) -> None:
    chain = bench.chain
    asked = [(root, PATHS) for root, _ in importers(bench)]
    bound, _ = timed(bench.ours.bound, 2)
    seconds, answers = ask(bench.ours.paths, asked)
    ours = [checked_paths(chain, root, paths) for (root, _), paths in zip(asked, answers, strict=True)]

    def check(peer: Peer, answer: list[list[int]], number: int) -> None:
        theirs = [path_cost(chain, actors) for actors in answer][: len(ours[number])]
        assert np.allclose(ours[number], theirs, rtol=0, atol=1e-6), f"{peer.name} differs"

    row = Row("P5", "10 best paths, bound kept")
    bench.against(row, "paths", asked, seconds, check, {"networkx": 10_000, "igraph": 1_000})
    row = Row("P5", "10 best paths, bound computed", note=f"anew for each root, in {bound:.3g} s")
    bench.against(row, "paths", asked, seconds, check, {"networkx": 45, "igraph": 7}, extra=bound)


def test_p6_batch(bench: Bench) -> None:
    chain = bench.chain
    seconds, (nearest,) = ask(bench.ours.nearest, [()])
    bench.against(
        Row("P6", "nearest exposed tier"), "nearest", [()], seconds,
        lambda peer, answer, _: same_numbers(spread(chain, *peer.read(answer)), nearest, peer), {"networkx": 75},
    )  # fmt: skip
    sample = np.random.default_rng(3).choice(chain.actors, SAMPLE, replace=False).tolist()
    seconds, (distinct,) = ask(bench.ours.distinct, [()], 3)
    bench.against(
        Row("P6", "distinct exposed", note=f"extrapolated from {SAMPLE} actors"), "distinct", [(sample,)], seconds,
        lambda peer, answer, _: same_numbers(np.array(answer), distinct[sample], peer), {"networkx": 50_000},
        scale=chain.actors / SAMPLE,
    )  # fmt: skip
    seconds, (shares,) = ask(bench.ours.shares, [(ROUNDS,)])
    bench.against(
        Row("P6", "value share", note=f"{ROUNDS} rounds"), "shares", [(ROUNDS,)], seconds,
        lambda peer, answer, _: same_numbers(np.array(answer), shares, peer), {"networkx": 150},
    )  # fmt: skip


def test_p7_memory(bench: Bench) -> None:
    row = Row("P7", "resident memory", bench.size, bench.ours.bytes_per_link(), unit="bytes/link")
    bench.table.add(replace(row, goal=Goal(32, most=True, own=True)))
    peer = NetworkX()
    row = replace(row, peer=peer.name, version=peer.version, goal=Goal(15))
    if not peer.installed:
        bench.table.add(replace(row, note="not installed"))
    elif bench.chain.links > chains.SIZES["M"][1]:
        bench.table.add(replace(row, note="too large for it; the smaller size's ratio stands"))
    else:
        command = [sys.executable, "-m", "tests.benchmarks.peers", bench.size]
        done = subprocess.run(command, check=True, capture_output=True, cwd=Path(__file__).parents[2])
        theirs = float(done.stdout)
        note = "start, end and confidence on the links; both directions"
        bench.table.add(replace(row, theirs=theirs, ratio=theirs / row.ours, note=note))


def test_index(bench: Bench, tmp_path: Path) -> None:
    """Building: columns in, no RDF, at every size; from the records of a store up to a million links."""

    def child(what: str) -> Any:
        command = [sys.executable, "-m", "tests.benchmarks.stored", str(tmp_path), bench.size, what]
        done = subprocess.run(command, capture_output=True, cwd=Path(__file__).parents[2], text=True)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    works = [("index from columns", "columns", 6.0)]
    if bench.chain.links <= chains.SIZES["M"][1]:
        child("fill")
        works.append(("index of a store", "index", 4.0))
    for work, what, most in works:
        seconds, memory = child(what)
        row = Row("IX", work, bench.size, bench.chain.links / seconds, unit="links/s")
        bench.table.add(replace(row, note=f"{seconds:.3g} s"))
        row = replace(row, work=f"{work}, most memory", ours=memory / 2**30, unit="GiB")
        bench.table.add(replace(row, goal=Goal(most, most=True, own=True)))


def test_p9_bandwidth(bench: Bench) -> None:
    bench.ours.shares(ROUNDS)
    seconds, _ = timed(lambda: bench.ours.shares(ROUNDS), 9, 20.0)
    used = bench.ours.share_bytes(ROUNDS) / seconds / 1e9
    for threads, goal in ((2, Goal(0.25)), (1, None)):
        most = bench.table.facts[f"bandwidth_{threads}_threads"]
        row = Row(
            "P9", "value share", bench.size, used, "STREAM triad,", f"{threads} threads", most, used / most
        )
        bench.table.add(replace(row, goal=goal, unit="GB/s", note="ours / theirs"))


def test_p16_json(bench: Bench) -> None:
    """A trace as JSON, from the question to the text, against the same up to its finished result."""
    root, most = importers(bench)[0]
    ours, text = timed(lambda: bench.ours.result(root, most).to_json(), 7)
    theirs, found = timed(lambda: bench.ours.result(root, most), 7)
    assert text == json.dumps(found.to_dict(), indent=1, ensure_ascii=False) + "\n"
    row = Row("P16", "trace as JSON", bench.size, ours, "opentier", "the result alone", theirs, ours / theirs)
    note = f"ours / theirs; {len(found.exposures):,} exposures, {len(text) / 1e6:.1f} MB"
    bench.table.add(replace(row, goal=Goal(3, most=True), note=note))


def test_p8_fresh_and_new(bench: Bench) -> None:
    """Last, because the engine then holds more links than the chain."""
    root, most = importers(bench)[0]
    row = Row("P8", "fresh process, first answer", bench.size, bench.ours.cold(root, most))
    bench.table.add(replace(row, goal=Goal(1.0, most=True, own=True)))
    new = chains.more(bench.chain, NEW, root)
    seconds = bench.ours.overlay(new)
    if not math.isnan(seconds):
        both = chains.joined(bench.chain, new)
        expected = chains.tiers(both, root, most)
        assert np.array_equal(spread(both, *bench.ours.reach(root, most)), expected), "ours differs"
    row = Row("P8", f"{NEW:,} new links visible", bench.size, seconds)
    bench.table.add(replace(row, goal=Goal(0.005, most=True, own=True)))
