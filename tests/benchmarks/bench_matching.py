"""What matching costs: names against a graph of made ones, beside Splink on the same pairs; and what books cost.

Run by ``make bench``; never part of the tests. Sizes: OPENTIER_BENCH_NAMES names that are looked for (default 2,000),
OPENTIER_BENCH_ACTORS actors of the graph (default 20,000); P15 is meant for 100,000 against 1,000,000. Splink gets the
same names and actors up to OPENTIER_BENCH_PEER actors (default 100,000, a tenth as many names): beyond, its pairs may
not fit in the memory of a small machine. OPENTIER_BENCH_PARTS processes share the names (default: as many as cores).
Everything is run in processes of its own, so that their memory is theirs alone; to start them is not measured.
"""

from __future__ import annotations

import os
import random
import resource
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest

from opentier.graph.matching.matcher import LIMIT, Match, Matcher
from opentier.graph.matching.parties import Party
from tests.benchmarks.bench_admission import Rows
from tests.benchmarks.crowd import bound, opened, parties, written_otherwise

NAMES = int(os.environ.get("OPENTIER_BENCH_NAMES", "2000"))
ACTORS = int(os.environ.get("OPENTIER_BENCH_ACTORS", "20000"))
PEER = int(os.environ.get("OPENTIER_BENCH_PEER", "100000"))
PARTS = int(os.environ.get("OPENTIER_BENCH_PARTS", str(os.cpu_count() or 1)))
SEED = 11


@dataclass(frozen=True)
class Cost:
    """What some work took, in seconds and GiB, and what it found: how often the right one first, and among twenty."""

    wall: float
    cpu: float
    memory: float
    first: int = 0
    among: int = 0
    bands: dict[str, int] | None = None


def apart(work: Callable[..., Any], *given: Any) -> Any:
    """Run some work in a new process."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(work, *given).result()


def cost(wall: float, cpu: float, **found: Any) -> Cost:
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    return Cost(time.perf_counter() - wall, time.process_time() - cpu, memory, **found)


def asked(names: int, actors: int) -> tuple[list[Party], list[str]]:
    """Return noisy names of some of the actors, and whom each of them means."""
    chance = random.Random(SEED)
    wanted = set(chance.sample(range(actors), min(names, actors)))
    chosen = [party for number, party in enumerate(parties(actors)) if number in wanted]
    return [written_otherwise(party, chance) for party in chosen], [party.iri for party in chosen]


def write_book(actors: int, place: Path) -> Cost:
    """Write the book of the actors."""
    begin = time.perf_counter(), time.process_time()
    bound(parties(actors), place)
    return cost(*begin)


def match(place: Path, rows: list[Party], truth: list[str]) -> Cost:
    """Match some names against a book: candidates, scores, bands."""
    begin = time.perf_counter(), time.process_time()
    matcher, first, among, bands = Matcher(opened(place)), 0, 0, {"accept": 0, "review": 0, "reject": 0}
    for whom, found in zip(truth, matcher.match(rows), strict=True):
        first += bool(found) and found[0].iri == whom
        among += any(each.iri == whom for each in found)
        bands[found[0].band if found else "reject"] += 1
    return cost(*begin, first=first, among=among, bands=bands)


def candidates(place: Path, rows: list[Party], truth: list[str]) -> Cost:
    """Find the candidates alone."""
    begin = time.perf_counter(), time.process_time()
    books = opened(place)
    among = sum(
        any(books.party(number).iri == whom for number, _ in found)
        for whom, found in zip(truth, books.candidates(rows, LIMIT), strict=True)
    )
    return cost(*begin, among=among)


def in_parts(work: Callable[..., Cost], place: Path, rows: list[Party], truth: list[str]) -> Cost:
    """Share some names among processes; wall is that of the longest, CPU and memory are added up."""
    each = -(-len(rows) // PARTS)
    with ProcessPoolExecutor(PARTS, mp_context=get_context("spawn")) as pool:
        done = list(
            pool.map(
                work,
                *zip(
                    *((place, rows[n : n + each], truth[n : n + each]) for n in range(0, len(rows), each)),
                    strict=True,
                ),
            )
        )
    bands = {
        band: sum((part.bands or {}).get(band, 0) for part in done) for band in ("accept", "review", "reject")
    }
    return Cost(
        max(part.wall for part in done), sum(part.cpu for part in done), sum(part.memory for part in done),
        sum(part.first for part in done), sum(part.among for part in done), bands,
    )  # fmt: skip


def splinked(actors: int, rows: list[Party], truth: list[str]) -> Cost:
    """Match the same names with Splink as its guide does: trained without labels, blocked by words, on DuckDB."""
    import duckdb
    import pandas as pd

    compared, splink = import_module("splink.comparison_library"), import_module("splink")

    from opentier.graph.written.names import names

    def table(every: Any, ids: Any) -> Any:
        said = []
        for id, party in zip(ids, every, strict=True):
            words = next(iter(names(party.called[0])), None)
            named = words.words if words else ()
            said.append({
                "unique_id": id, "name": " ".join(named), "first": named[0] if named else None,
                "last": named[-1] if named else None, "start": words.core[:6] if words else None,
                "country": next(iter(party.countries), None),
            })  # fmt: skip
        return pd.DataFrame(said)

    known = list(parties(actors))
    begin = time.perf_counter(), time.process_time()
    api = splink.DuckDBAPI(connection=duckdb.connect())
    sides = [
        api.register(table(rows, [f"q{n}" for n in range(len(rows))])),
        api.register(table(known, [party.iri for party in known])),
    ]
    rules = [splink.block_on("first", "last"), splink.block_on("start"), splink.block_on("first", "country")]
    settings = splink.SettingsCreator(
        link_type="link_only",
        comparisons=[
            compared.JaroWinklerAtThresholds("name", [0.95, 0.88, 0.8]),
            compared.ExactMatch("first").configure(term_frequency_adjustments=True),
            compared.ExactMatch("country"),
        ],
        blocking_rules_to_generate_predictions=rules,
    )
    linker = splink.Linker(sides, settings, log_level=40)
    linker.training.estimate_probability_two_random_records_match([splink.block_on("name")], recall=0.5)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=SEED)
    linker.training.estimate_parameters_using_expectation_maximisation(splink.block_on("start"))
    found = linker.inference.predict(threshold_match_probability=0.001).as_pandas_dataframe()
    found["asked"] = found[["unique_id_l", "unique_id_r"]].apply(
        lambda pair: next(x for x in pair if x[0] == "q"), axis=1
    )
    found["given"] = found[["unique_id_l", "unique_id_r"]].apply(
        lambda pair: next(x for x in pair if x[0] != "q"), axis=1
    )
    best = (
        found.sort_values("match_weight", ascending=False)
        .groupby("asked")["given"]
        .apply(lambda each: list(each[:LIMIT]))
    )
    lists = [best.get(f"q{n}", []) for n in range(len(rows))]
    return cost(
        *begin, first=sum(bool(each) and each[0] == whom for each, whom in zip(lists, truth, strict=True)),
        among=sum(whom in each for each, whom in zip(lists, truth, strict=True)),
    )  # fmt: skip


def told(rows: Rows, work: str, ours: Cost, names: int, peer: str, theirs: Cost | None) -> None:
    """Add wall, CPU, memory and recall of a work, beside a peer's where it was asked."""
    none = float("nan")
    for what, unit, mine, other in (
        ("wall", "s", ours.wall, theirs.wall if theirs else none),
        ("CPU", "s", ours.cpu, theirs.cpu if theirs else none),
        ("memory", "GiB", ours.memory, theirs.memory if theirs else none),
        ("recall at 1", "", ours.first / names, theirs.first / names if theirs else none),
        ("recall at 20", "", ours.among / names, theirs.among / names if theirs else none),
    ):
        rows.add(
            "P15",
            f"{work}, {what}",
            mine,
            peer,
            other,
            unit=unit,
            most=unit != "",
            note=str(ours.bands or ""),
        )


def test_names_against_a_graph(tmp_path: Path) -> None:
    """P15: 100,000 names against 1,000,000 actors in five minutes and 4 GiB, recall at 20 of the candidates 0.95."""
    rows, (people, truth) = Rows("matching"), apart(asked, NAMES, ACTORS)
    print(f"\n{len(people):,} names against {ACTORS:,} actors, {PARTS} processes")
    written = apart(write_book, ACTORS, tmp_path / "book")
    rows.add(
        "P15", f"book of {ACTORS:,}, wall", written.wall, "CPU", written.cpu, note=f"{written.memory:.2f} GiB"
    )
    few = in_parts(candidates, tmp_path / "book", people, truth)
    rows.add("P15", "candidates, wall", few.wall, "CPU", few.cpu)
    rows.add("P15", "candidates, missed among 20", 1 - few.among / len(people), "of all", 0.05, 1, unit="")
    whole = in_parts(match, tmp_path / "book", people, truth)
    told(rows, "match", whole, len(people), "-", None)
    rows.add("P15", "match, wall", whole.wall, "five minutes, for so many", 300 * len(people) / 100_000, 1)
    rows.add("P15", "match, memory", whole.memory, "4 GiB", 4, 1, unit="GiB")
    rows.write()
    assert few.among > 0
    assert whole.first > 0


@pytest.mark.skipif(find_spec("splink") is None, reason="splink is not installed")
def test_the_same_names_beside_splink(tmp_path: Path) -> None:
    actors = min(ACTORS, PEER)
    rows, (people, truth) = Rows("matching-splink"), apart(asked, min(NAMES, actors // 10), actors)
    print(f"\n{len(people):,} names against {actors:,} actors, one process beside Splink on DuckDB")
    book = apart(write_book, actors, tmp_path / "book")
    ours = apart(match, tmp_path / "book", people, truth)
    both = Cost(
        ours.wall + book.wall,
        ours.cpu + book.cpu,
        max(ours.memory, book.memory),
        ours.first,
        ours.among,
        ours.bands,
    )
    theirs = apart(splinked, actors, people, truth)
    told(rows, "book and match", both, len(people), f"splink {version('splink')}", theirs)
    rows.write()
    assert ours.first > 0
    assert theirs.first > 0


def contributed(actors: int, place: Path, known: Path) -> Cost:
    """Write the book of new actors, and match all of them against those that are there."""
    begin = time.perf_counter(), time.process_time()
    mine = bound(parties(actors, seed=SEED), place)
    matcher = Matcher(opened(known))
    found: list[list[Match]] = list(matcher.match(list(mine.books[0]), least="review"))
    return cost(*begin, among=sum(map(bool, found)))


def test_the_actors_of_a_contribution_against_those_that_are_there(tmp_path: Path) -> None:
    """What matching adds to a contribution of so many actors: its book, and who of them may be whom."""
    rows = Rows("matching-contribution")
    there = apart(write_book, ACTORS, tmp_path / "there")
    print(f"\n{ACTORS:,} new actors against {ACTORS:,}")
    done = apart(contributed, ACTORS, tmp_path / "new", tmp_path / "there")
    rows.add(
        "P15",
        "book and match of new actors, wall",
        done.wall,
        "the book alone",
        there.wall,
        note=f"{done.memory:.2f} GiB",
    )
    rows.add(
        "P15",
        "book and match of new actors, CPU",
        done.cpu,
        "the book alone",
        there.cpu,
        note=f"{done.among:,} alike",
    )
    rows.write()
    assert done.among > 0
