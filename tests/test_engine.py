"""The engine against what it replaced and against networkx: the same tiers, ends of walks, paths and gaps.

The plain tracer (`tests.oracles.plain`) walks lists of Python objects; the engine walks columns with compiled kernels.
It knows what walks are and nothing of designations: exposures are held against the oracle of brute.py.
Small random packages are asked every kind of question; bigger graphs take the ways that only big ones take. Costs are
held against fractions, and the compiled kernels against the same kernels run as plain Python.
"""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from fractions import Fraction
from math import prod
from pathlib import Path
from typing import Any, cast
from zlib import crc32

import networkx as nx
import numpy as np
import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from opentier.graph.engine import workspace
from opentier.graph.engine.arrays import BITS, NOTHING
from opentier.graph.engine.costs import cost
from opentier.graph.exposure.exposures import Exposure, expose
from opentier.graph.index.opened import Index
from opentier.graph.model.dates import first_day
from opentier.graph.model.products import Product
from opentier.graph.network.network import Arc, Network
from opentier.graph.trace.parameters import Parameters
from opentier.graph.trace.paths import Path as TracePath
from opentier.graph.trace.states import End
from opentier.graph.trace.walks import Trace, trace
from tests.counts import runs, scaled
from tests.oracles.draw import (
    DATASETS,
    Tables,
    actor,
    arcs,
    chosen,
    link,
    network,
    packages,
    questions,
)
from tests.oracles.plain import network as plain_network
from tests.oracles.plain import trace as plain_trace
from tests.oracles.tables import Rows, built, networked, parameters, roots

REPOSITORY = Path(__file__).parents[1]
DAY = "2021-06-15"
#: Records with tail and head, tiers, confidence, first and last day, and whether its product is unknown.
Told = tuple[tuple[tuple[str, str, str], ...], int, Fraction | int, int, int, bool]
Key = tuple[str, str, str]
#: A path of networkx: tail, head and record of each link.
Edges = list[tuple[str, str, str]]


# --- The engine and the plain tracer -----------------------------------------------------------------------------


@dataclass
class Pair:
    """One network as the engine and as the plain tracer have it."""

    index: Index
    plain: plain_network.Index

    @classmethod
    def of(cls, network: Network) -> Pair:
        return cls(built(network), plain_network.indexed(network))

    def agree(self, root: str, asked: Parameters) -> tuple[Trace, plain_trace.Trace]:
        """Check that both give one answer, and return both."""
        found, expected = trace(self.index, root, asked), plain_trace.trace(self.plain, root, asked)
        assert found.tiers == expected.tiers
        states = defaultdict(list)
        for state in expected.states:
            states[state.actor, state.end_hop, self.alike(state.end_product)].append(state)
        marked = {self.index.iri(node) for node in np.flatnonzero(self.index.designated.marked)}
        assert {self.end(end) for end in found.ends()} == {
            end for end in states if (root if asked.downstream else end[0]) in marked
        }
        for exposed in expose(found):
            if not exposed.spans:  # what a site bounds is held against the oracle of brute.py
                ends = [state for end in {self.end(end) for end in exposed.ends} for state in states[end]]
                same_paths(exposed.paths, expected.paths(ends, asked.paths))
        gaps = sorted(record for record, arc in expected.walked.items() if arc.tiers > 1)
        if (
            asked.downstream and asked.product
        ):  # the plain tracer counts what leads to no buyer of the product, too
            assert {arc.record for arc in found.gaps()} <= set(gaps)
        else:
            assert [arc.record for arc in found.gaps()] == gaps
        assert found.truncated <= expected.truncated  # the engine gives up only where the plain tracer does
        return found, expected

    def end(self, end: End) -> tuple[str, str, int | None]:
        """Return what tells the ends of walks apart for designations."""
        return self.index.iri(end.node), end.hop, self.alike(end.product)

    def alike(self, product: Product | None) -> int | None:
        """Return the number that a product has in common with those that no designation tells from it."""
        if product is None:
            return None
        return int(self.index.goods.alike[self.index.product_numbers[product.iri]])


def _key(exposed: Exposure) -> Key:
    return exposed.actor, exposed.designation.iri, exposed.reason


def _said(exposed: Exposure) -> tuple[int, str, str | None]:
    return exposed.tier, exposed.state, exposed.scope


def told(path: Any) -> Told:
    """Return all that is said of a path of either tracer."""
    hops = tuple((arc.record, arc.tail, arc.head) for arc in path.arcs)
    return hops, path.tiers, path.confidence, path.start, path.end, path.unknown


def same_paths(found: Sequence[Any], expected: Sequence[TracePath]) -> None:
    """Check that the paths of an exposure are the same; of a walk that stands for them, its tiers."""
    assert [path.simple for path in found] == [path.simple for path in expected]
    if all(path.simple for path in expected):
        assert [told(path) for path in found] == [told(path) for path in expected]
    else:
        event("only a walk that repeats an actor")
        assert [path.tiers for path in found] == [path.tiers for path in expected]


def without_supply(plain: plain_network.Index, actors: Iterable[str]) -> int:
    """Return how many of some actors have no supply link upstream at all that may be walked."""
    return sum(
        not any(arc.kind == "supply" and arc.confidence for arc in plain.upstream.get(iri, ()))
        for iri in actors
    )


# --- Small packages, every question ------------------------------------------------------------------------------


#: Questions with what the oracle of brute.py knows nothing of: datasets, and how many paths are wanted.
ASKED = st.builds(
    replace,
    questions(),
    datasets=st.sampled_from((*[()] * 6, ("left",), ("middle", "right"), ("left", "none"), ("none",))),
    paths=st.integers(1, 4),
)


def said(asked: Parameters, rows: Rows, *, downstream: bool) -> Parameters:
    """Return the parameters of a trace that asks this."""
    return parameters(asked, rows, downstream=downstream, paths=asked.paths)


def spread(network: Network, salt: int) -> Network:
    """Return a network whose records are stated by three datasets."""
    arcs = [
        replace(arc, dataset=DATASETS[(crc32(arc.record.encode()) + salt) % len(DATASETS)])
        for arc in network.arcs
    ]
    return replace(network, arcs=arcs)


@runs(380)
@given(packages(), st.integers(0, 2), st.lists(ASKED, min_size=4, max_size=4))
def test_the_engine_is_the_plain_tracer(tables: Tables, salt: int, asked: list[Parameters]) -> None:
    rows, pair = Rows(tables), Pair.of(spread(networked(tables), salt))
    for each, root, downstream in itertools.product(asked, roots(tables), (False, True)):
        found, _ = pair.agree(rows.actor(root), said(each, rows, downstream=downstream))
        assert not found.truncated


@runs(100)
@given(packages(), st.integers(0, 2), ASKED)
def test_actors_without_supply_links_are_counted(tables: Tables, salt: int, asked: Parameters) -> None:
    rows, pair = Rows(tables), Pair.of(spread(networked(tables), salt))
    for root, downstream in itertools.product(roots(tables), (False, True)):
        found = trace(pair.index, rows.actor(root), said(asked, rows, downstream=downstream))
        assert found.bare() == without_supply(pair.plain, found.tiers)


@runs(20)
@given(packages(), ASKED)
def test_an_actor_that_no_dataset_knows_reaches_itself(tables: Tables, asked: Parameters) -> None:
    rows, pair = Rows(tables), Pair.of(networked(tables))
    root = rows.actor("nobody")
    found, _ = pair.agree(root, said(asked, rows, downstream=False))
    assert found.tiers == {root: 0}
    assert found.bare() == 1


# --- Bigger graphs -----------------------------------------------------------------------------------------------


def turns(found: Trace) -> bool:
    """Return whether the breadth-first search went from the unreached side (the rule of `kernels.reach`)."""
    index, left = found.index, len(found.index.back.other)
    degree = index.out.end.astype(np.int64) - index.out.begin
    for level in range(int(found.tier.max()) + 1):
        front = found.nodes[found.tier == level]
        wide = int(degree[front].sum())
        left -= wide
        if wide * 14 > left and len(front) * 24 > len(index):
            return True
    return False


#: Whether links have dates, how many operation links there are, what is asked, and whether actors alone decide.
BIG: tuple[tuple[str, bool, int, dict[str, Any], bool], ...] = (
    ("undated", False, 0, {}, True),
    ("undated, a day", False, 0, {"on": DAY}, True),
    ("undated, sure links", False, 0, {"min_confidence": 0.5, "max_tier": 3}, True),
    ("undated, one dataset", False, 0, {"datasets": ("left",)}, True),
    ("undated, sure paths", False, 0, {"min_path_confidence": 0.6, "max_tier": 4}, False),
    ("dated, a day", True, 0, {"on": DAY}, True),
    ("dated, a day, sure links", True, 0, {"on": DAY, "min_confidence": 0.5}, True),
    ("dated", True, 0, {"max_tier": 4}, False),
    ("dated, a window", True, 0, {"since": "2021-06", "until": "2021-07", "max_tier": 4}, False),
    ("operations, supply alone", False, 200, {"kinds": ("supply",)}, True),
    ("operations", False, 200, {}, False),
    ("operations, dated, a day", True, 200, {"on": DAY}, False),
)


def same_answers(
    actors: int, links: int, seed: int, dated: bool, operations: int, said: dict[str, Any], count: int
) -> list[Trace]:
    """Check that engine and plain tracer agree on a random graph from some roots, the hubs among them."""
    random = np.random.default_rng(seed)
    listed = [int(number) for number in random.integers(actors, size=6)]
    pair = Pair.of(network(actors, arcs(random, actors, links, dated=dated, operations=operations), listed))
    starts = [0, 1, listed[0], *(int(number) for number in random.integers(actors, size=max(0, count - 3)))]
    found = []
    for number, start in enumerate(starts):
        asked = Parameters(downstream=number % 3 == 2, paths=2, **said)
        found.append(pair.agree(actor(start), asked)[0])
    return found


@pytest.mark.parametrize(
    ("dated", "operations", "said", "plainly"), [row[1:] for row in BIG], ids=[row[0] for row in BIG]
)
def test_bigger_graphs(dated: bool, operations: int, said: dict[str, Any], plainly: bool) -> None:
    seed = crc32(repr((dated, operations, said)).encode())
    found = same_answers(300, 1500, seed, dated, operations, said, scaled(20))
    assert {each.asked.plain for each in found} == {plainly}


def test_a_wide_frontier_is_searched_from_the_other_side() -> None:
    found = same_answers(200, 1500, 7, True, 0, {"on": DAY}, 20)
    found += same_answers(400, 1500, 8, False, 0, {}, 20)
    assert sum(turns(each) for each in found if not each.parameters.downstream) >= 4


@pytest.mark.parametrize("said", [{}, {"on": DAY}, {"since": "2021-06", "until": "2021-07"}])
def test_a_workspace_that_is_too_small_grows(monkeypatch: pytest.MonkeyPatch, said: dict[str, Any]) -> None:
    grown: list[int] = []

    class Small(workspace.Search):
        """A workspace of four states."""

        def __init__(self, nodes: int) -> None:
            super().__init__(nodes, 4)

        def grow(self) -> None:
            super().grow()
            grown.append(self.states)

    monkeypatch.setattr(workspace, "Search", Small)
    same_answers(60, 150, 9, True, 20, {**said, "max_tier": 5}, scaled(20))
    assert max(grown) >= 4**4


def test_a_search_that_is_given_up_keeps_the_best_paths_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    ends = itertools.permutations(range(8), 2)
    index = built(network(8, [link(number, *pair) for number, pair in enumerate(ends)], [7]))
    asked = Parameters(paths=50)
    whole = trace(index, actor(0), asked)
    [expected] = expose(whole)
    assert (len(expected.paths), whole.truncated) == (50, False)
    monkeypatch.setattr("opentier.graph.trace.walks.MAX_PARTIAL_PATHS", 30)
    some = trace(index, actor(0), asked)
    [found] = expose(some)
    assert some.truncated
    assert 1 < len(found.paths) < 50
    assert [told(path) for path in found.paths] == [told(path) for path in expected.paths[: len(found.paths)]]


# --- networkx ----------------------------------------------------------------------------------------------------


def sound(found: Arc, least: Fraction) -> bool:
    """Return whether a link is a supply link that lives on the day and is sure enough, and sure at all."""
    live = found.start <= first_day(DAY) <= found.end
    return found.kind == "supply" and live and found.confidence > 0 and found.confidence >= least


def as_networkx(found: Iterable[Arc], actors: int) -> nx.MultiDiGraph[str]:
    """Return links as edges from buyer to supplier, keyed by record."""
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    graph.add_nodes_from(map(actor, range(actors)))
    for each in found:
        graph.add_edge(each.tail, each.head, key=each.record, confidence=each.confidence)
    return graph


@pytest.mark.parametrize("seed", range(6))
def test_tiers_are_the_shortest_paths_of_networkx(seed: int) -> None:
    random = np.random.default_rng(seed)
    reached = 0
    for _ in range(scaled(60)):
        many, least = int(random.integers(1, 61)), chosen(random, ("0", "0.25", "0.5", "0.81", "1"))
        links = arcs(random, many, int(random.integers(0, 4 * many)), dated=True, operations=many // 10)
        index = built(network(many, links, [many - 1]))
        graph = as_networkx((each for each in links if sound(each, Fraction(least))), many)
        for number in range(0, many, 1 + many // 8):
            for downstream, walked in ((False, graph), (True, graph.reverse())):
                asked = Parameters(downstream, on=DAY, min_confidence=float(least), kinds=("supply",))
                expected = dict(nx.single_source_shortest_path_length(walked, actor(number)))
                assert trace(index, actor(number), asked).tiers == expected
                reached += len(expected) > 2
    assert reached > scaled(100)


@pytest.mark.parametrize("seed", range(4))
def test_paths_are_the_simple_paths_of_networkx(seed: int) -> None:
    random = np.random.default_rng(100 + seed)
    several = 0
    for _ in range(scaled(90)):
        many, wanted = int(random.integers(2, 8)), int(random.integers(1, 7))
        links = arcs(random, many, int(random.integers(2 * many, 8 * many)), dated=True)
        buyer, listed = (int(number) for number in random.permutation(many)[:2])
        index = built(network(many, links, [listed]))
        graph = as_networkx((each for each in links if sound(each, Fraction(0))), many)
        paths = cast("list[Edges]", list(nx.all_simple_edge_paths(graph, actor(buyer), actor(listed))))
        for downstream, root in ((False, buyer), (True, listed)):
            asked = Parameters(downstream, on=DAY, kinds=("supply",), paths=wanted)
            touched = [
                e for e in expose(trace(index, actor(root), asked)) if _ends(e, buyer, listed, downstream)
            ]
            expected = sorted((_rank(graph, path, downstream), path) for path in paths)[:wanted]
            assert [
                [(arc.tail, arc.head, arc.record) for arc in path.arcs] for e in touched for path in e.paths
            ] == [path for _, path in expected]
            assert [path.confidence for e in touched for path in e.paths] == [
                -rank[1] for rank, _ in expected
            ]
            several += len(expected) > 2
    assert several >= scaled(20)


def _ends(exposed: Exposure, buyer: int, listed: int, downstream: bool) -> bool:
    return exposed.actor == actor(buyer if downstream else listed)


def _rank(graph: nx.MultiDiGraph[str], path: Edges, downstream: bool) -> tuple[int, Fraction, list[str]]:
    """Return where a path stands: by its links, confidence descending, then IRIs from the exposed end."""
    confidence = prod((Fraction(graph.edges[edge]["confidence"]) for edge in path), start=Fraction(1))
    hops = [(record, head) for _, head, record in path]
    if not downstream:
        hops = [(record, tail) for tail, _, record in reversed(path)]
    return len(path), -confidence, [iri for hop in hops for iri in hop]


# --- Costs -------------------------------------------------------------------------------------------------------


def decimals(digits: int) -> st.SearchStrategy[Fraction]:
    """Decimals above 0 and up to 1 with so many digits after the point at most."""
    return st.integers(1, digits).flatmap(
        lambda places: st.builds(Fraction, st.integers(1, 10**places), st.just(10**places))
    )


def lists(digits: int, most: int) -> st.SearchStrategy[list[Fraction]]:
    """Some decimals."""
    return st.lists(decimals(digits), max_size=most)


def near(digits: int, most: int) -> st.SearchStrategy[tuple[list[Fraction], list[Fraction]]]:
    """Two lists of one length in which no decimal is far from the one at its place in the other."""
    unit = Fraction(1, 10**digits)
    places = st.tuples(decimals(digits), st.integers(-2, 2))
    return st.lists(places, min_size=1, max_size=most).map(
        lambda drawn: (
            [first for first, _ in drawn],
            [min(max(first + steps * unit, unit), Fraction(1)) for first, steps in drawn],
        )
    )


def total(confidences: Iterable[Fraction]) -> int:
    """Return the cost of a path."""
    return sum(map(cost, confidences))


def in_order(left: list[Fraction], right: list[Fraction]) -> None:
    """Check that costs order two paths as their confidences do."""
    one, other = prod(left, start=Fraction(1)), prod(right, start=Fraction(1))
    event(f"products {'equal' if one == other else 'differ'}")
    assert (total(left) > total(right)) == (one < other)
    assert (total(left) == total(right)) == (one == other)


@runs(600)
@given(lists(4, 8), lists(4, 8))
def test_costs_order_paths_as_confidences_do(left: list[Fraction], right: list[Fraction]) -> None:
    in_order(left, right)


@runs(600)
@given(st.one_of(near(4, 2), near(3, 3), near(2, 4), near(1, 8)))
def test_costs_tell_near_confidences_apart(pair: tuple[list[Fraction], list[Fraction]]) -> None:
    in_order(*pair)


@runs(300)
@given(st.lists(decimals(2), min_size=2, max_size=8), st.randoms(use_true_random=False))
def test_equal_products_have_equal_costs(parts: list[Fraction], random: Any) -> None:
    """Decimals of two digits, multiplied in pairs to decimals of four, in two ways."""
    mixed = list(parts)
    random.shuffle(mixed)
    left, right = ([prod(some[i : i + 2]) for i in range(0, len(some), 2)] for some in (parts, mixed))
    assert total(map(Fraction, left)) == total(map(Fraction, right)) == total(parts)


def test_costs_at_their_ends() -> None:
    assert (cost(1), cost(0), NOTHING) == (0, NOTHING, (1 << BITS) - 1)
    assert 0 < cost(Fraction(9999, 10000)) < cost(Fraction(1, 10**12)) < NOTHING


# --- The kernels as plain Python ---------------------------------------------------------------------------------

Case = tuple[Tables, int, list[dict[str, Any]]]


def cases() -> list[Case]:
    """Draw packages and questions, the same ones always."""
    found: list[Case] = []

    @runs(25)
    @given(packages(), st.integers(0, 2), st.lists(ASKED, min_size=2, max_size=2))
    def draw(tables: Tables, salt: int, asked: list[Parameters]) -> None:
        rows = Rows(tables)
        pairs = itertools.product(asked, (False, True))
        found.append((tables, salt, [asdict(said(each, rows, downstream=down)) for each, down in pairs]))

    draw()
    return found


def answers(drawn: Iterable[Case]) -> list[Any]:
    """Return what the engine answers: tiers, exposures and paths, as JSON has them."""
    found: list[Any] = []
    for tables, salt, asked in drawn:
        rows, index = Rows(tables), built(spread(networked(tables), salt))
        for said, root in itertools.product(asked, roots(tables)):
            lists = {name: tuple(said[name]) for name in ("kinds", "countries", "datasets", "exploitation")}
            answer = trace(index, rows.actor(root), Parameters(**(said | lists)))
            exposures = sorted(expose(answer), key=_key)
            found.append(
                [
                    answer.tiers,
                    [(_key(e), _said(e), [told(path) for path in e.paths]) for e in exposures],
                    [arc.record for arc in answer.gaps()],
                    answer.bare(),
                ]
            )
    plain: list[Any] = json.loads(json.dumps(found, default=str))
    return plain


CHILD = """
import json, sys, warnings
from numba import config
warnings.filterwarnings("ignore", "overflow encountered in scalar multiply")  # a hash wraps around, as it should
from tests.test_engine import answers
assert config.DISABLE_JIT
print(json.dumps(answers(json.load(sys.stdin))))
"""


def test_kernels_as_plain_python_give_the_same_answers() -> None:
    drawn = json.loads(json.dumps(cases()))
    done = subprocess.run(
        [sys.executable, "-c", CHILD],
        input=json.dumps(drawn), capture_output=True, text=True, cwd=REPOSITORY, timeout=120, check=False,
        env={**os.environ, "NUMBA_DISABLE_JIT": "1", "PYTHONWARNINGS": "default"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    expected = answers(drawn)
    assert len(expected) > scaled(100)
    assert json.loads(done.stdout) == expected
    assert done.stderr == ""
