"""The nearest exposures: the best paths to any exposed actor against all paths there are, and the bound behind them.

Random packages are asked every kind of question; the oracle of brute.py says which paths are admissible. The bound is
held against Dijkstra's search over arcs as Python has them, and against the file in which it is kept.
"""

from __future__ import annotations

import heapq
import shutil
from collections import defaultdict
from fractions import Fraction
from math import inf
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, event, given
from hypothesis import strategies as st

from opentier.graph import Graph
from opentier.graph.batch import nearest as searching
from opentier.graph.batch.marks import Marks
from opentier.graph.batch.nearest import NearestPaths, bound, bounded, nearest
from opentier.graph.engine.arrays import BITS, NOTHING, NOWHERE, Bound
from opentier.graph.errors import UsageError
from opentier.graph.index.opened import Index
from opentier.graph.network.network import Network
from opentier.graph.trace.parameters import Parameters
from tests.counts import runs
from tests.oracles import brute
from tests.oracles.brute import Oracle
from tests.oracles.draw import Tables, packages, questions
from tests.oracles.tables import Key, Rows, chain, kept, networked, parameters, rank, roots, steps


def own(oracle: Oracle, actor: str) -> bool:
    """Return whether a designation touches an actor by itself."""
    return any(True for _ in oracle.touches(oracle.start(actor)))


# --- The paths ---------------------------------------------------------------------------------------------------


@runs(300)
@given(packages(), questions(), st.integers(1, 5))
def test_the_best_of_all_paths_to_exposed_actors(tables: Tables, asked: Parameters, wanted: int) -> None:
    rows, oracle = Rows(tables), Oracle(tables, asked)
    expected: dict[str, list[Key]] = {}
    for root in roots(tables):
        try:
            walks = [walk for walk in oracle.paths(root, 2000) if walk.hops and own(oracle, walk.actor)]
        except brute.TooMany:
            assume(False)
        expected[root] = sorted(rank(rows, walk, root, downstream=True) for walk in walks)
    said = parameters(asked, rows, paths=wanted)
    with kept(networked(tables)) as index:
        marked = np.flatnonzero(Marks(index, said).exposed).tolist()
        assert {index.iri(node) for node in marked} == {rows.actor(a) for a in expected if own(oracle, a)}
        for root, keys in expected.items():
            paths = nearest(index, rows.actor(root), said)
            found = [oracle.admitted(root, steps(rows, path)) for path in paths]
            assert [walk and rank(rows, walk, root, downstream=True) for walk in found] == keys[:wanted]
            assert not paths.truncated
            assert all(path.simple for path in paths)
            for walk, path in zip(found, paths, strict=True):
                assert asked.product is None or (walk is not None and path.unknown == walk.unknown)
            lowest = packed_at(index, rows.actor(root))
            assert all(
                lowest <= (tiers, -float(sure) + 1e-9) for tiers, sure, _ in unmarked(index, said, keys)
            )
        event("some paths" if any(expected.values()) else "no path")


def unmarked(index: Index, said: Parameters, keys: list[Key]) -> list[tuple[int, Fraction, object]]:
    """Return the costs of paths where the bound of today speaks of the same exposed actors."""
    more = Marks(index, said).exposed & ~bound(index).marked
    return [] if more.any() else [(tiers, -less, iris) for tiers, less, iris in keys]


def packed(price: int) -> tuple[int, float]:
    """Return a cost as tiers and confidence."""
    rest = price & NOTHING
    return price >> BITS, 0.0 if rest == NOTHING else 2.0 ** (-rest / (1 << 36))


def packed_at(index: Index, iri: str) -> tuple[float, float]:
    """Return what the kept bound says of an actor: tiers, and confidence as a negative number."""
    node = index.node(iri)
    assert node is not None
    cost = int(bound(index).cost[node])
    if cost == NOWHERE:
        return inf, 0.0
    tiers, confidence = packed(cost)
    return tiers, -confidence


def records(index: Index, rows: Rows, root: str, **said: float) -> list[list[str]]:
    """Return the records of the nearest paths of an actor, by their ids."""
    paths = nearest(index, rows.actor(root), Parameters(paths=9, **said))  # type: ignore[arg-type]
    return [[arc.record.rpartition("/")[2] for arc in path.arcs] for path in paths]


def test_a_surer_way_with_more_tiers_is_found_where_the_nearest_is_too_doubtful() -> None:
    tables, rows = chain(("a", "b", "1"), ("b", "x", "0.1"), ("b", "c", "0.9"), ("c", "x", "0.9"))
    with kept(networked(tables)) as index:
        assert records(index, rows, "a") == [["s0", "s1"], ["s0", "s2", "s3"]]
        assert records(index, rows, "a", min_path_confidence=0.5) == [["s0", "s2", "s3"]]
        assert records(index, rows, "a", min_path_confidence=0.5, max_tier=2) == []


def test_beyond_an_exposed_actor_there_are_others() -> None:
    tables, rows = chain(("a", "x", ""), ("x", "y", ""), ("y", "x", ""), ("a", "a", ""))
    tables["designations"] += [tables["designations"][0] | {"id": "e", "target": "y"}]
    with kept(networked(tables)) as index:
        assert records(index, rows, "a") == [["s0"], ["s0", "s1"]]
        assert records(index, rows, "x") == [["s1"]]


def test_nobody_and_nothing() -> None:
    tables, rows = chain(("a", "b", ""), ("x", "a", ""))
    with kept(networked(tables)) as index:
        assert nearest(index, rows.actor("nobody"), Parameters()) == NearestPaths()
        assert nearest(index, rows.actor("a"), Parameters()) == NearestPaths()
        with pytest.raises(UsageError, match="upstream"):
            nearest(index, rows.actor("a"), Parameters(downstream=True))


def test_a_search_that_is_given_up_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    tables, rows = chain(*[(a, b, "") for a in "abcdef" for b in "abcdefx" if a != b])
    with kept(networked(tables)) as index:
        assert len(nearest(index, rows.actor("a"), Parameters(paths=1000))) > 300
        monkeypatch.setattr(searching, "MAX_PARTIAL_PATHS", 20)
        paths = nearest(index, rows.actor("a"), Parameters(paths=1000))
        assert paths.truncated
        assert 0 < len(paths) < 20


def test_the_library_answers_by_name(admitted: Path) -> None:
    view = Graph.open(admitted).view()
    found = view.nearest("example/borealis", Parameters(paths=4))
    assert len(found) == 4
    assert found[0].arcs[0].tail == view.index.names.actor("example", "borealis")
    assert [path.tiers for path in found] == sorted(path.tiers for path in found)
    assert found[:2] == found.paths[:2]
    exposed = Marks(view.index, Parameters()).exposed
    nodes = [view.index.node(path.arcs[-1].head) for path in found]
    assert all(node is not None and exposed[node] for node in nodes)


def test_the_library_says_when_the_search_was_given_up(
    admitted: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = Graph.open(admitted).view()
    assert not view.nearest("example/borealis", Parameters(paths=4)).truncated
    monkeypatch.setattr(searching, "MAX_PARTIAL_PATHS", 0)
    given_up = view.nearest("example/borealis", Parameters(paths=4))
    assert given_up.truncated
    assert list(given_up) == []


# --- The bound ---------------------------------------------------------------------------------------------------


def dijkstra(network: Network, exposed: set[str]) -> dict[str, tuple[int, Fraction]]:
    """Return the fewest tiers, and then the highest confidence, of any walk from each actor to an exposed one."""
    backward: dict[str, list[tuple[str, int, Fraction]]] = defaultdict(list)
    for arc in network.arcs:
        backward[arc.head].append((arc.tail, arc.tiers, Fraction(arc.confidence)))
    found: dict[str, tuple[int, Fraction]] = {}
    heap = [(0, Fraction(-1), iri) for iri in exposed]
    heapq.heapify(heap)
    while heap:
        tiers, less, iri = heapq.heappop(heap)
        if iri in found:
            continue
        found[iri] = tiers, -less
        for tail, more, sure in backward[iri]:
            heapq.heappush(heap, (tiers + more, less * sure, tail))
    return found


def same_bound(index: Index, kept_bound: Bound, network: Network) -> None:
    """Check that a bound is what Dijkstra's search over the arcs of a network finds."""
    exposed = {index.iri(node) for node in np.flatnonzero(kept_bound.marked).tolist()}
    expected = dijkstra(network, exposed)
    for node, cost in enumerate(kept_bound.cost.tolist()):
        iri = index.iri(node)
        if cost == NOWHERE:
            assert iri not in expected
        else:
            tiers, confidence = packed(cost)
            assert tiers == expected[iri][0]
            assert confidence == pytest.approx(float(expected[iri][1]), abs=1e-9)


@runs(200)
@given(packages())
def test_the_bound_is_the_cost_of_the_best_walk_whatever_the_rules(tables: Tables) -> None:
    network, oracle, rows = networked(tables), Oracle(tables, Parameters()), Rows(tables)
    with kept(network) as index:
        found = bound(index)
        assert {index.iri(n) for n in np.flatnonzero(found.marked).tolist()} == {
            rows.actor(a) for a in roots(tables) if own(oracle, a)
        }
        same_bound(index, found, network)
        again = bounded(index, found.marked)
        assert np.array_equal(again.cost, found.cost)
        assert bound(index) is found


@runs(40)
@given(packages())
def test_the_bound_is_kept_in_the_folder(tables: Tables) -> None:
    with kept(networked(tables)) as index:
        assert index.folder is not None
        file = index.folder / f"{index.release}.bound.npy"
        assert not file.exists()
        found = bound(index)
        assert np.array_equal(np.load(file), found.cost)
        again = Index.open(index.folder, index.release)
        other = bound(again)
        assert other is not found
        assert np.array_equal(other.cost, found.cost)
        assert np.array_equal(other.marked, found.marked)
        assert [p.name for p in index.folder.glob("*bound*")] == [file.name]
        for root in roots(tables):
            iri = Rows(tables).actor(root)
            assert nearest(again, iri, Parameters()) == nearest(index, iri, Parameters())


def test_the_kept_bound_is_the_one_that_is_used() -> None:
    tables, _ = chain(("a", "x", ""), ("b", "a", ""))
    with kept(networked(tables)) as index:
        assert index.folder is not None
        changed = bound(index).cost + 1
        searching._write(index, changed)
        assert np.array_equal(bound(Index.open(index.folder, index.release)).cost, changed)


def test_a_bound_that_was_changed_or_is_of_another_index_is_computed_anew() -> None:
    tables, rows = chain(("a", "x", ""), ("b", "a", ""))
    others, _ = chain(("x", "a", ""), ("b", "x", ""))
    with kept(networked(tables)) as index, kept(networked(others)) as other:
        assert index.folder is not None
        assert other.folder is not None
        expected, another = bound(index).cost, bound(other).cost
        assert not np.array_equal(expected, another)
        file = index.folder / f"{index.release}.bound.npy"
        sound = file.read_bytes()
        stranger = (other.folder / file.name).read_bytes()
        changes = [
            sound[:place] + bytes([sound[place] ^ 4]) + sound[place + 1 :] for place in range(len(sound))
        ]
        for damaged in (*changes[:: len(sound) // 40], stranger):
            file.write_bytes(damaged)
            again = Index.open(index.folder, index.release)
            assert np.array_equal(bound(again).cost, expected)
            assert records(again, rows, "b") == [["s1", "s0"]]


@pytest.mark.parametrize("damage", [b"", b"not an array", b"short"])
def test_a_damaged_file_is_computed_anew(damage: bytes) -> None:
    tables, rows = chain(("a", "x", ""), ("b", "a", ""))
    with kept(networked(tables)) as index:
        expected, folder = bound(index).cost, index.folder
        assert folder is not None
        file = folder / f"{index.release}.bound.npy"
        if damage == b"short":
            np.save(file, expected[:-1])
        else:
            file.write_bytes(damage)
        again = Index.open(folder, index.release)
        assert records(again, rows, "b") == [["s1", "s0"]]
        assert np.array_equal(np.load(file), expected)


def test_a_folder_that_is_gone_hinders_nobody() -> None:
    tables, rows = chain(("a", "x", ""), ("b", "a", ""))
    with kept(networked(tables)) as index:
        assert index.folder is not None
        shutil.rmtree(index.folder)
        assert records(index, rows, "b") == [["s1", "s0"]]


def test_what_was_exposed_on_another_day_has_a_bound_of_its_own() -> None:
    tables, rows = chain(("a", "x", ""), ("a", "b", ""), ("b", "y", ""))
    past = tables["designations"][0] | {"id": "e", "target": "y", "delisting_date": "2021-06-01"}
    tables["designations"] += [past]
    with kept(networked(tables)) as index:
        assert records(index, rows, "b") == []
        for said in (Parameters(on="2021-01-01"), Parameters(past=True), Parameters(since="2020")):
            paths = nearest(index, rows.actor("b"), said)
            assert [path.arcs[-1].head for path in paths] == [rows.actor("y")]
        assert nearest(index, rows.actor("b"), Parameters(on="2022-01-01")) == NearestPaths()
        assert bound(index).cost[index.node(rows.actor("b"))] == NOWHERE


def test_a_filter_of_exploitation_leads_to_those_that_are_left() -> None:
    tables, rows = chain(("a", "x", ""), ("a", "b", ""), ("b", "y", ""))
    near = tables["designations"][0] | {"exploitation": "child-labour"}
    tables["designations"] = [near, near | {"id": "e", "target": "y", "exploitation": "forced-labour"}]
    with kept(networked(tables)) as index:
        assert records(index, rows, "a") == [["s0"], ["s1", "s2"]]
        forced = nearest(index, rows.actor("a"), Parameters(exploitation=("forced-labour",)))
        assert [path.arcs[-1].head for path in forced] == [rows.actor("y")]
        assert forced.untestable == ()


def test_where_no_designation_counts_no_path_is_no_answer() -> None:
    tables, rows = chain(("a", "x", ""))
    tables["designations"][0]["delisting_date"] = "2020-01-01"
    with kept(networked(tables)) as index:
        found = nearest(index, rows.actor("a"), Parameters(on="2022-01-01"))
        assert list(found) == []
        assert "in force" in found.untestable[0]
        assert nearest(index, rows.actor("a"), Parameters(on="2019-01-01")).untestable == ()
