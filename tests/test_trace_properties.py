"""The trace engine against the oracle of brute.py: small random packages, all questions, all roots.

One test holds networks that are made from the rows of a package against those of the real way through the store.
"""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from hypothesis import assume, event, given
from hypothesis import strategies as st

from opentier.graph.admission import admission
from opentier.graph.contribution.submission import Options
from opentier.graph.engine.hops import KINDS
from opentier.graph.exposure import exposures as exposure
from opentier.graph.identity.judgements import Judged
from opentier.graph.model.dates import EVER, NEVER, first_day, last_day
from opentier.graph.model.products import Product
from opentier.graph.network.survey import survey
from opentier.graph.store.directory import Store
from opentier.graph.trace.parameters import Parameters
from opentier.graph.trace.paths import Path as TracePath
from opentier.graph.trace.paths import is_simple
from opentier.graph.trace.walks import trace
from tests.counts import runs
from tests.oracles import brute
from tests.oracles.brute import Oracle
from tests.oracles.draw import ACTORS, Tables, packages, questions
from tests.oracles.tables import (
    Key,
    Rows,
    chain,
    indexed,
    local,
    networked,
    parameters,
    rank,
    roots,
    steps,
    tiers,
    written,
)


@runs(800)
@given(packages(), questions())
def test_reach_tiers_and_exposures_upstream(tables: Tables, question: Parameters) -> None:
    rows, oracle, index = Rows(tables), Oracle(tables, question), indexed(tables)
    for root in roots(tables):
        found = trace(index, rows.actor(root), parameters(question, rows))
        walks = oracle.walks(root)
        assert tiers(found) == oracle.tiers(walks)
        exposures = exposure.expose(found)
        touches = [(local(e.actor), local(e.designation.iri), e.reason) for e in exposures]
        assert sorted(touches) == sorted(oracle.exposures(walks))
        active = {row["id"] for row in oracle.designations if oracle.active(row)}
        assert all((e.state == "current") == (local(e.designation.iri) in active) for e in exposures)
        assert all(e.tier == found.tiers[e.actor] and len(e.paths) == 1 for e in exposures)


@runs(500)
@given(packages(), questions())
def test_downstream_is_the_same_walk_reversed(tables: Tables, question: Parameters) -> None:
    rows, oracle, index = Rows(tables), Oracle(tables, question), indexed(tables)
    walks = {root: oracle.walks(root) for root in roots(tables)}
    upstream = {root: oracle.tiers(found) for root, found in walks.items()}
    touches = {root: oracle.exposures(found) for root, found in walks.items()}
    for root in walks:
        found = trace(index, rows.actor(root), parameters(question, rows, downstream=True))
        assert tiers(found) == {
            buyer: reached[root] for buyer, reached in upstream.items() if root in reached
        }
        exposures = [(local(e.actor), local(e.designation.iri), e.reason) for e in exposure.expose(found)]
        expected = [
            (buyer, d, why) for buyer, all_ in touches.items() for actor, d, why in all_ if actor == root
        ]
        assert sorted(exposures) == sorted(expected)


@runs(600)
@given(packages(), questions(), st.integers(1, 4), st.booleans())
def test_printed_paths_are_the_best_of_all_paths(
    tables: Tables, question: Parameters, most: int, downstream: bool
) -> None:
    rows, oracle, index = Rows(tables), Oracle(tables, question), indexed(tables)
    simple: dict[tuple[str, str, str, str], list[Key]] = defaultdict(list)
    best: dict[tuple[str, str, str, str], int] = {}
    for root in roots(tables):
        try:
            paths = list(oracle.paths(root, 2000))
        except brute.TooMany:
            assume(False)
        for walk in paths:
            for touch in oracle.touches(walk):
                simple[root, *touch].append(rank(rows, walk, root, downstream=downstream))
        for walk in oracle.walks(root):
            for touch in oracle.touches(walk):
                best[root, *touch] = min(walk.tiers, best.get((root, *touch), walk.tiers))
    for traced in roots(tables):
        found = trace(
            index, rows.actor(traced), parameters(question, rows, downstream=downstream, paths=most)
        )
        for touched in exposure.expose(found):
            actor = local(touched.actor)
            root, end = (actor, traced) if downstream else (traced, actor)
            key = (root, end, local(touched.designation.iri), touched.reason)
            printed = [_checked(oracle, rows, path, root, key) for path in touched.paths]
            expected = sorted(simple[key])[:most]
            if expected:
                assert [rank(rows, walk, root, downstream=downstream) for walk in printed] == expected
                assert all(path.simple for path in touched.paths)
            else:
                event("only a path that repeats an actor")
                assert [
                    (walk.tiers, path.simple) for walk, path in zip(printed, touched.paths, strict=True)
                ] == [(best[key], False)]
        assert not found.truncated


def test_surer_ways_with_more_tiers_keep_the_minimum_of_a_path() -> None:
    tables, rows = chain(
        ("a", "b", "0.5"), ("a", "c", ""), ("c", "b", ""), ("c", "b", "0.9"), ("b", "d", "0.6"), listed="d"
    )
    question = Parameters(min_path_confidence=0.5)
    found = trace(indexed(tables), rows.actor("a"), parameters(question, rows, paths=3))
    [touched] = exposure.expose(found)
    assert [(path.tiers, path.confidence) for path in touched.paths] == [
        (3, Fraction("0.6")),
        (3, Fraction("0.54")),
    ]


@runs(15)
@given(packages())
def test_a_network_in_memory_is_the_network_of_the_store(tables: Tables) -> None:
    for row in tables["co_locations"]:
        row.clear()  # a contribution states neither dates nor confidence of a co-location
        row.update(actor="a", other="b")
    with tempfile.TemporaryDirectory() as scratch:
        package = Path(scratch, "package")
        written(tables, package)
        store = Store.open(Path(scratch, "data"), create=True)
        admission.contribute(package, Options(), store, lambda stage, done, total: None)
        real, memory = survey(store.release()), networked(tables)
        by = lambda arc: (arc.record, arc.hop, arc.tail, arc.head)  # noqa: E731
        assert sorted(memory.arcs, key=by) == sorted(real.arcs, key=by)
        assert unordered(memory.judged) == unordered(real.judged)
    for name in ("names", "actors", "designations", "products", "successions", "evidence", "disputed"):
        assert getattr(memory, name) == getattr(real, name), name
    assert all(
        memory.canonical.find(iri) == real.canonical.find(iri) for iri in map(Rows(tables).actor, ACTORS)
    )
    assert sorted(memory.inputs, key=str) == sorted(real.inputs, key=str)


def unordered(judged: Iterable[Judged]) -> set[tuple[object, Judged]]:
    """Return judgements whose sides have no order."""
    return {(one.pair, replace(one, left="", right="")) for one in judged}


def _checked(
    oracle: Oracle, rows: Rows, path: TracePath, root: str, key: tuple[str, str, str, str]
) -> brute.Walk:
    """Return a printed path as an admissible walk of the oracle, which agrees with all that is said of it."""
    walk = oracle.admitted(root, steps(rows, path))
    assert walk is not None
    assert key[1:] in oracle.touches(walk)
    assert (path.tiers, path.confidence) == (walk.tiers, walk.confidence)
    first = max((hop.first for hop in walk.hops), default=brute.EVER)
    last = min((hop.last for hop in walk.hops), default=brute.NEVER)
    assert path.start == (first_day(first) if first != brute.EVER else EVER)
    assert path.end == (last_day(last) if last != brute.NEVER else NEVER)
    assert oracle.question.product is None or path.unknown == walk.unknown
    return walk


def test_an_actor_is_met_again_with_another_product_by_supply_links_alone() -> None:
    """After another kind of link the product that is carried stays, whatever that link says."""
    tables, _ = chain(("a", "b", ""), ("b", "a", ""))
    out, back = networked(tables).arcs
    cotton, yarn = Product("urn:cotton", "52", ""), Product("urn:yarn", "5205", "")
    out, back = replace(out, product=cotton), replace(back, product=yarn)
    assert is_simple([out, back], cotton)
    assert not is_simple([out, replace(back, product=cotton)], cotton)
    assert not is_simple([out, back], None)
    assert is_simple([out, replace(back, product=None)], cotton)
    for kind in set(KINDS) - {"supply"}:
        assert not is_simple([out, replace(back, kind=kind, product=yarn)], cotton)
