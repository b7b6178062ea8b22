"""An index follows judgements: after any of them all answers are those of an index built anew, and little has moved.

Random packages are judged again and again: judgements come, go and come back, those of people and of rules, for and
against; each time the index grows by what they touch, and is held against one that is built from the whole.
"""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import threading
import weakref
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from opentier.graph import Graph
from opentier.graph.answer.result import TraceResult
from opentier.graph.batch.everybody import exposures
from opentier.graph.engine.hops import KINDS
from opentier.graph.errors import OpenTierError
from opentier.graph.exposure.exposures import expose
from opentier.graph.identity import closure
from opentier.graph.identity.components import regrouped
from opentier.graph.index import difference, shelf
from opentier.graph.index.build import opened
from opentier.graph.index.extension import extended
from opentier.graph.index.opened import Index
from opentier.graph.network.network import Arc, Network
from opentier.graph.network.survey import survey
from opentier.graph.report.report import ContributionError
from opentier.graph.trace.lookup import Directory
from opentier.graph.trace.parameters import Parameters
from opentier.graph.trace.walks import trace
from tests.counts import runs, scaled
from tests.oracles.cells import JUDGEMENT
from tests.oracles.draw import ACTORS, NAMES, Tables, packages, questions
from tests.oracles.tables import Rows, indexed, kept, networked, parameters
from tests.test_overlay import PLAIN, folder, same
from tests.test_union import Table, actors, edges, link, send

#: Judgements of each of some days; one of them may be what another one was.
DAYS = st.lists(st.lists(JUDGEMENT, max_size=5), min_size=2, max_size=5)


def between(whole: Network, group: set[str]) -> list[Arc]:
    """Return the arcs of the records that name two of a group."""
    ends: dict[str, set[str]] = defaultdict(set)
    for arc in whole.arcs:
        ends[arc.record].update(arc.members or (arc.tail, arc.head))
    return [arc for arc in whole.arcs if len(ends[arc.record] & group) > 1]


def changed(before: Network, now: Network) -> Network:
    """Return what other judgements change of a network, as a survey of them reads it."""
    others = regrouped(before.canonical, now.canonical)
    groups = [group for said in (before, now) for group in said.canonical.groups().values() if group & others]
    again = {id(arc): arc for group in groups for arc in between(now, group)}
    whole = {now.canonical.find(name) for name in others}
    known = {iri: actor for iri, actor in now.actors.items() if iri in whole}
    return replace(now, actors=known, arcs=[], whole=whole, again=[*again.values()])


def judged(tables: Tables, rows: Sequence[dict[str, str]], release: int) -> Network:
    """Return the network of a package with some judgements."""
    return replace(networked({**tables, "identity_judgements": [*rows]}), release=f"{release:08d}")


def limits(index: Index, iri: str, asked: Parameters) -> tuple[Any, Any]:
    """Return what an answer rests on, and its verdict; which refused links it names first hangs on their numbers."""
    found = trace(index, iri, asked)
    answer = TraceResult(found, expose(found))
    first = answer.limits.pop("refused_first")
    few = sorted(map(str, first)) if answer.limits["refused_by_product"] <= len(first) else len(first)
    return answer.limits | {"refused_first": few}, answer.verdict


def called(index: Index, text: str) -> str:
    """Return whom a text stands for, or what is said of it."""
    try:
        return Directory(index).actor(text)
    except OpenTierError as error:
        return str(error)


def alike(index: Index, whole: Network, asked: Sequence[Parameters]) -> None:
    """Hold an index against one that is built anew, by all that can be asked of it."""
    same(index, whole, asked)
    with kept(whole) as fresh:
        assert len(index.actors) == len(fresh.actors)
        assert sorted(index.actors) == sorted(fresh.actors)
        assert index.judged == fresh.judged
        for said in asked:
            assert exposures(index, said).limits == exposures(fresh, said).limits
            for iri in fresh.actors:
                assert limits(index, iri, said) == limits(fresh, iri, said)
        names = {name for said in whole.actors.values() for name in (*said.names, *said.identifiers)}
        ids = {f"random/{local}" for local in ACTORS}
        for text in (*ids, *map(NAMES.of_id, ids), *names, *map(NAMES.id, names), "nobody"):
            assert called(index, str(text)) == called(fresh, str(text))


@runs(60)
@given(packages(), DAYS, questions(), st.booleans())
def test_after_any_judgements_all_answers_are_those_of_a_new_index(
    tables: Tables, days: list[list[dict[str, str]]], question: Any, keep: bool
) -> None:
    asked = [PLAIN, parameters(question, Rows(tables), paths=2)]
    wholes = [judged(tables, rows, number) for number, rows in enumerate((*days, days[0]), 1)]
    with folder() as place:
        found = [opened(wholes[0], place)]
        for before, now in pairwise(wholes):
            addition = difference.addition(found[-1], changed(before, now), "judgements")
            found.append(extended(found[-1], addition, keep=keep))
        for index, whole in reversed([*zip(found, wholes, strict=True)]):  # the older ones stay as they are
            alike(index, whole, asked)
        if keep:
            for whole in wholes:
                alike(Index.open(place, whole.release), whole, asked[1:])
        event(f"{sum(len(each.tables.gone) > 0 for each in found)} times somebody was nobody any more")


@runs(20)
@given(packages(), questions())
def test_an_index_that_nobody_has_any_more_is_closed_at_once(tables: Tables, question: Any) -> None:
    index, asked = indexed(tables), parameters(question, Rows(tables), paths=2)
    gc.disable()
    try:
        for iri in index.actors:
            limits(index, iri, asked)
        assert exposures(index, asked).limits
        seen = weakref.ref(index)
        del index
        assert seen() is None
    finally:
        gc.enable()


# --- From the store ----------------------------------------------------------------------------------------------

LEI = ("lei:5493001KJTIIGC8Y1R12", "lei:529900T8BM49AURSDO55")


def one(random: Random) -> dict[str, Table]:
    """Return a dataset of actors and links of every kind, some of them between actors that may become one."""
    ends = [(random.choice("abcdefgh"), random.choice("abcdefgh")) for _ in range(24)]
    pairs = [pair for pair in ends if pair[0] != pair[1]]
    return {
        "actors": actors(*"abcdefgh"),
        "supply_links": [link(f"s{n}", a, b, product="6109") for n, (a, b) in enumerate(pairs[:9])],
        "operation_links": [{"operator": a, "facility": b} for a, b in pairs[9:11]],
        "ownership_links": [{"owner": a, "asset": b, "share_exact": "60"} for a, b in pairs[11:14]],
        "recruitment_links": [
            {"recruiter": "a", "employer": "b", "worksite": "c", "sub_agent_of": "d"},
            {"recruiter": "e", "employer": "f", "worksite": "g"},
        ],
        "designations": [
            {"id": f"d{name}", "kind": "entity-listing", "authority": "Some authority", "target": name} for name in "ah"
        ],
    }  # fmt: skip


def two(random: Random) -> dict[str, Table]:
    """Return a dataset of other actors, some of which have one identifier, and of what they buy of the first one."""
    known = [dict(row, identifiers=random.choice(("", *LEI))) for row in actors(*"xyz")]
    bought = [link(f"t{n}", buyer, f"one/{random.choice('abcdefgh')}") for n, buyer in enumerate("xyyz")]
    return {"actors": known, "supply_links": bought}


def judgements(random: Random) -> dict[str, Table]:
    """Return judgements on the actors of both."""
    by, day = ("person:ann", "rule:names"), ("2024-01-01", "2024-02-01")
    every = [*(f"one/{name}" for name in "abcdefgh"), *(f"two/{name}" for name in "xyz")]
    chosen = [
        (random.sample(every, 2), random.choice(("positive", "positive", "negative", "unsure")))
        for _ in range(4)
    ]
    return {
        "identity_judgements": [
            {"left": left, "right": right, "judgement": code}
            | {"decided_by": random.choice(by), "date": random.choice(day)}
            for (left, right), code in chosen
        ]
    }


def folders(graph: Graph) -> set[str]:
    """Return the folders in which indexes lie."""
    return {path.name for path in (graph.store.path / "index").glob("[0-9]*")}


@pytest.mark.parametrize("seed", range(scaled(6)))
def test_judgements_and_versions_one_after_the_other_leave_what_a_new_index_and_closure_say(
    tmp_path: Path, seed: int
) -> None:
    random, graph = Random(seed), Graph.open(tmp_path / "data", create=True)
    send(graph, tmp_path / "one", "one", **one(random))
    send(graph, tmp_path / "two", "two", **two(random))
    asked = [PLAIN, Parameters(kinds=KINDS, min_share=50.0)]
    steps = (judgements, judgements, two, judgements, judgements)
    before, said = set[str](), list[dict[str, Table]]()
    for number, step in enumerate((*steps, None)):
        rows = step(random) if step is not None else said[0]
        said += [rows] if step is not two else []
        try:
            send(graph, tmp_path / f"step-{number}", "two" if step is two else "judgements", **rows)
        except ContributionError:  # what contradicts itself is refused, and nothing changes
            continue
        release = graph.store.release()
        index = shelf.index(release)
        assert index.folder is not None
        assert step is two or not before or folders(graph) <= before, "a judgement made an index anew"
        before = folders(graph)
        alike(index, survey(release), asked)
        assert not closure.differs(release)
        assert graph.verify() == []


# --- What moves --------------------------------------------------------------------------------------------------

LARGE = 44


@pytest.fixture
def ring(tmp_path: Path) -> Graph:
    """Return a graph in which each of many actors buys of the next two."""
    graph, many = Graph.open(tmp_path / "data", create=True), [f"a{number:02d}" for number in range(LARGE)]
    bought = [
        link(f"l{number}-{step}", name, many[(number + step) % LARGE])
        for number, name in enumerate(many)
        for step in (1, 2)
    ]
    listed = {"id": "d", "kind": "entity-listing", "authority": "Some authority", "target": "a30"}
    send(graph, tmp_path / "ring", "ring", actors=actors(*many), supply_links=bought, designations=[listed])
    return graph


def judge(graph: Graph, folder: Path, *pairs: tuple[str, str], code: str = "positive") -> None:
    """Let a person judge some pairs of the ring, and nobody any other one."""
    by = {"judgement": code, "decided_by": "person:ann", "date": "2024-01-01"}
    rows = [{"left": f"ring/{left}", "right": f"ring/{right}", **by} for left, right in pairs]
    send(graph, folder, "judgements", identity_judgements=rows)


def test_only_the_links_of_the_component_and_its_neighbours_are_written_anew(
    ring: Graph, tmp_path: Path
) -> None:
    judge(ring, tmp_path / "1", ("a00", "a01"))
    before = ring.view().index
    judge(ring, tmp_path / "2", ("a00", "a01"), ("a10", "a20"))
    after = ring.view().index
    assert before.folder == after.folder
    # what a10 and a20 buy, and what the two buy who bought of a20; and the same of those who sell
    assert after.tables.counts["arcs"] - before.tables.counts["arcs"] == 4 + 2 + 2
    assert after.tables.counts["back"] - before.tables.counts["back"] == 4 + 2 + 2
    assert after.tables.counts["record"] == before.tables.counts["record"] == 2 * LARGE
    assert len(after.actors) == LARGE - 2
    gone = [after.iri(node) for node in after.tables.gone]
    assert gone == [NAMES.actor("ring", name) for name in ("a01", "a20")]
    judge(ring, tmp_path / "3", ("a00", "a01"))
    undone = ring.view().index
    assert undone.folder == before.folder
    assert len(undone.actors) == LARGE - 1
    assert undone.tables.counts["record"] == 2 * LARGE
    assert all(undone.tables.live)  # a dataset without links leaves none behind


def test_a_judgement_made_undone_and_made_again_is_followed_by_trace_batch_and_closure(
    ring: Graph, tmp_path: Path
) -> None:
    buyer, listed = NAMES.actor("ring", "a26"), NAMES.actor("ring", "a30")
    pair = [("ring/a27", "ring/a30"), ("ring/a30", "ring/a27")]
    folder = None
    for number, made in enumerate((False, True, False, True, False)):
        judge(ring, tmp_path / str(number), ("a27", "a30"), code="positive" if made else "negative")
        view = ring.view()
        folder = folder or view.index.folder
        assert view.index.folder == folder
        [exposure] = view.trace("ring/a26", Parameters()).exposures
        rows = {row[0]: row for row in view.exposure(Parameters()).rows()}
        assert exposure.tier == rows["ring/a26"][4] == (1 if made else 2)
        assert len(rows) == (LARGE - 1 if made else LARGE)
        assert view.directory.actor(listed) == (NAMES.actor("ring", "a27") if made else listed)
        assert edges(ring, "sameActorAs") == (pair if made else [])
        assert [path.arcs[0].tail for path in view.nearest(buyer, Parameters(paths=1))] == [buyer]
        alike(view.index, survey(view.release), [Parameters()])


def test_who_has_an_earlier_index_open_is_answered_from_that_one(ring: Graph, tmp_path: Path) -> None:
    """The other process maps the files, and looks at most of them only after they have grown."""
    names = [f"ring/a{number:02d}" for number in range(LARGE)]
    before = [ring.view().trace(name, Parameters()).to_json() for name in names]
    code = f"""if True:
        import json, sys
        from opentier.graph import Graph
        from opentier.graph.index import description
        from opentier.graph.trace.parameters import Parameters
        description.SMALL = 0
        view = Graph.open({str(ring.store.path)!r}).view()
        view.index
        print("open", flush=True)
        sys.stdin.readline()
        print(json.dumps([view.trace(name, Parameters()).to_json() for name in {names!r}]))"""
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        late = threading.Timer(240, child.kill)
        late.start()
        try:
            assert child.stdout is not None
            assert child.stdout.readline() == "open\n"
            judge(ring, tmp_path / "1", ("a10", "a20"), ("a30", "a31"))
            judge(ring, tmp_path / "2", ("a10", "a20"), ("a40", "a41"))
            output, _ = child.communicate("go on\n", timeout=240)
        finally:
            late.cancel()
            child.kill()
    assert json.loads(output) == before
    assert ring.view().trace("ring/a00", Parameters()).to_json() != before[0]


def test_what_is_too_much_is_built_anew_and_says_the_same(
    ring: Graph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge(ring, tmp_path / "1", ("a10", "a20"))
    first = ring.view().index
    monkeypatch.setattr(difference, "_PART", -10_000.0 / (2 * LARGE))
    judge(ring, tmp_path / "2", ("a10", "a30"))
    second = ring.view().index
    assert first.folder != second.folder
    assert not second.tables.gone
    alike(second, survey(ring.view().release), [Parameters()])
