"""What traces say together: shared suppliers, supposed changes, coverage; and the forms in which results go home."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import networkx as nx
import pytest
from starlette.testclient import TestClient

from opentier.graph import Graph
from opentier.graph.batch.marks import Marks
from opentier.graph.errors import UsageError
from opentier.graph.exposure import comparison
from opentier.graph.front import View
from opentier.graph.trace.parameters import Parameters
from opentier.graph.trace.walks import Trace, trace

AURORA, BOREALIS = "example/aurora", "example/borealis"
ASKED = Parameters(kinds=("supply", "operation"))


@pytest.fixture(scope="module")
def graph(admitted: Path) -> Graph:
    return Graph.open(admitted)


def traced(view: View, actor: str) -> Trace:
    return trace(view.index, view.directory.actor(actor), ASKED)


def test_shared_suppliers_are_what_both_buyers_reach(view: View) -> None:
    left, right = traced(view, AURORA), traced(view, BOREALIS)
    found = view.shared(AURORA, BOREALIS, ASKED)
    both = left.tiers.keys() & right.tiers.keys() - {left.root, right.root}
    assert both
    assert {one.actor.iri for one in found} == both
    assert all(one.tiers == (left.tiers[one.actor.iri], right.tiers[one.actor.iri]) for one in found)
    assert [sum(one.tiers) for one in found] == sorted(sum(one.tiers) for one in found)
    exposed = {exposure.actor for exposure in view.trace(AURORA, ASKED).exposures}
    assert {one.actor.iri for one in found if one.exposed} == both & exposed != set()


def test_without_a_record_a_trace_loses_what_only_that_link_led_to(view: View) -> None:
    before = traced(view, AURORA)
    here = [arc for arc in map(before.arc, before.walked.tolist()) if arc.tail == before.root]
    heads = [arc.head for arc in here]
    first = next(arc for arc in here if heads.count(arc.head) == 1)  # no other leads there at once
    plain: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    for arc in map(view.index.arc, view.index.rows().tolist()):
        if arc.kind in ASKED.kinds and arc.record != first.record:
            plain.add_edge(arc.tail, arc.head, record=arc.record)
    change = view.supposed(AURORA, ASKED, without=[first.record])
    assert not change.gained
    assert change.lost or change.moved
    assert change.lost.keys() <= before.tiers.keys()
    reached = {before.root} | nx.descendants(plain, before.root)
    assert not (before.tiers.keys() - change.lost.keys()) - reached
    assert view.supposed(AURORA, ASKED) == comparison.Change({}, {}, {})


def test_a_supposed_link_leads_to_its_supplier_and_is_kept_nowhere(view: View) -> None:
    before = traced(view, AURORA)
    stranger = next(iri for iri in view.index.actors if iri not in before.tiers)
    known = before.arc(int(before.walked[0]))
    link = replace(
        known, kind="supply", direction="", tail=before.root, head=stranger, record="urn:supposed", tiers=1,
        start_date=None, end_date=None, start=-1, end=10_000_000,
    )  # fmt: skip
    change = view.supposed(AURORA, ASKED, links=[link])
    assert change.gained[stranger] == 1
    assert not change.lost
    assert traced(view, AURORA).tiers == before.tiers
    assert view.supposed(AURORA, ASKED, links=[link], without=["urn:supposed"]) == comparison.Change(
        {}, {}, {}
    )
    with pytest.raises(UsageError, match="urn:nobody"):
        view.supposed(AURORA, ASKED, links=[replace(link, head="urn:nobody")])


def test_coverage_says_where_the_trace_ends(view: View) -> None:
    found = traced(view, AURORA)
    said = comparison.coverage(found)
    buyers = {arc.tail for arc in map(view.index.arc, view.index.rows().tolist()) if arc.kind == "supply"}
    assert set(said.ends) == found.tiers.keys() - buyers
    assert [found.tiers[iri] for iri in said.ends] == sorted(found.tiers[iri] for iri in said.ends)
    assert sum(many for _, many, _ in said.by_tier) == len(found.tiers)
    assert sum(bare for _, _, bare in said.by_tier) == len(said.ends) == found.bare()


def test_results_go_home_as_frames_graphs_and_pages(graph: Graph) -> None:
    found = graph.trace(AURORA, product="6109")
    frame = found.to_pandas()
    assert list(frame["iri"]) == [actor.iri for _, actor in found.reached]
    assert list(frame["tier"]) == [tier for tier, _ in found.reached]
    taken = found.to_networkx()
    assert set(taken) == found.trace.tiers.keys()
    assert {key for *_, key in taken.edges(keys=True)} >= {
        arc.record for exposure in found.exposures for path in exposure.paths for arc in path.arcs
    }
    assert all(nx.has_path(taken, found.trace.root, actor) for actor in taken)
    page = found._repr_html_()
    groups = len({exposure.designation.iri for exposure in found.exposures})
    assert page.count("<tr>") == groups + len(found.exposures)
    assert "Aurora Apparel Imports (invented)" in page
    assert "<script" not in page


def test_the_nearest_exposures_come_without_a_trace(graph: Graph) -> None:
    view = graph.view()
    found, tiers = view.nearest(AURORA, replace(ASKED, paths=5)), traced(view, AURORA).tiers
    exposed = map(view.index.iri, Marks(view.index, ASKED).exposed.nonzero()[0])
    assert found[0].tiers == min(tiers[iri] for iri in exposed if iri in tiers)
    assert [path.tiers for path in found] == sorted(path.tiers for path in found)


def test_no_path_is_no_answer_where_nobody_was_tested_or_what_is_bought_is_listed(graph: Graph) -> None:
    view = graph.view()
    for asked in (
        ASKED,
        replace(ASKED, max_tier=0),
        replace(ASKED, product="6109"),
        replace(ASKED, countries=("NO",)),
    ):
        for actor in view.index.actors:
            found, traced = view.nearest(actor, asked), view.trace(actor, asked)
            if not found and not found.truncated:
                assert bool(found.untestable) == (traced.verdict.result != "none-found"), (actor, asked)
    assert view.nearest(AURORA, replace(ASKED, max_tier=0)).untestable


@pytest.mark.parametrize(
    "address",
    [
        f"/nearest?actor={AURORA}&max_tier=0",
        f"/shared?a={AURORA}&b={BOREALIS}&max_tier=0",
        f"/without?actor={AURORA}&drop=example/supply-link/sl-001",
        f"/dossier?actor={AURORA}&law=us-uflpa-2021&max_tier=0",
    ],
)
def test_a_table_that_says_nothing_is_never_sent_alone(client: TestClient, address: str) -> None:
    answer = client.get(f"{address}&format=csv")
    assert 'rel="describedby"' in answer.headers["link"]
    told = client.get(answer.links["describedby"]["url"])
    assert told.headers["content-type"] == "application/json"
    assert "link" not in told.headers
    said = told.json()
    if "verdict" in said:
        assert answer.headers["opentier-verdict"] == said["verdict"]["result"] == "not-testable"
    if "untestable" in said:
        assert answer.headers["opentier-warning"] == " ".join(said["untestable"]) != ""


def test_what_nothing_in_the_data_is_warns_in_every_answer(client: TestClient) -> None:
    for address in ("/trace", "/nearest"):
        answer = client.get(address, params={"actor": AURORA, "product": "0101"})
        assert "Nothing in the data is 0101" in answer.headers["opentier-warning"]
