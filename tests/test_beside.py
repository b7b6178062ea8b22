"""Incidents and likelihoods: shown beside the exposures of a trace on every face, and never counted with them."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from opentier.api.service import create_app
from opentier.graph import Graph
from opentier.graph.front import View
from opentier.graph.report.report import ContributionError
from opentier.graph.trace.parameters import Parameters
from opentier.graph.triples.engine import Rows
from tests.broken import BASE, NAME, write
from tests.conftest import Command

Tables = dict[str, list[list[str]]]

ACTORS = [
    ["id", "name", "kind", "country", "region"],
    ["trader", "Trader", "legal-entity", "BE", ""],
    ["town", "Town", "organisation", "CD", "CD-NK"],
    ["mine", "Mine", "mine", "CD", "CD-NK"],
    ["pit", "Pit", "mine", "CD", "CD-SK"],
    ["owner", "Owner", "legal-entity", "CD", "CD-NK"],
    ["far", "Far away", "mine", "CD", "CD-NK"],
]
LINKS = [
    ["id", "buyer", "supplier", "product"],
    ["s1", "trader", "town", "7108"],
    ["s2", "town", "mine", "710812"],
    ["s3", "town", "pit", ""],
]
OPERATION = [["operator", "facility"], ["owner", "far"]]
LISTED = [
    ["id", "kind", "authority", "target", "country", "product", "exploitation", "listing_date"],
    ["named", "entity-listing", "Somebody", "pit", "", "", "forced-labour", "2020-01-01"],
    ["goods", "goods-listing", "Somebody", "", "CD", "7108", "forced-labour", "2020-01-01"],
]
CHAIN: Tables = {"actors": ACTORS, "supply_links": LINKS, "operation_links": OPERATION}
INCIDENTS = [
    ["id", "status", "facility", "country", "indicators", "from", "to", "source", "note", "response"],
    [
        "old",
        "alleged",
        "mine",
        "CD",
        "intimidation-and-threats",
        "2015",
        "2015",
        "A survey",
        "Told once.",
        "",
    ],
    ["new", "corroborated", "mine", "CD", "", "2021-03-04", "", "A survey", "", "We deny it."],
    ["at-root", "disputed", "trader", "BE", "", "", "", "A paper", "", ""],
    ["elsewhere", "administratively-found", "far", "CD", "", "2020", "", "An inspectorate", "", ""],
    ["province", "alleged", "", "CD", "", "2020", "", "A paper", "", ""],
]
COUNTED = [
    ["indicator", "area", "period", "value", "unit", "sample_size", "method", "product", "source"],
    ["forced-labour-recorded", "CD-NK", "2019", "3", "visits", "20", "visits", "7108", "A survey"],
    ["forced-labour-recorded", "CD-NK", "2021", "2", "visits", "30", "visits", "7108", "A survey"],
    ["forced-labour-recorded", "CD-NK", "2021", "7", "visits", "30", "visits", "260900", "A survey"],
    ["forced-labour-recorded", "CD-SK", "2021", "8", "visits", "30", "visits", "7108", "A survey"],
    ["children-under-15", "CD", "2020", "40", "percent", "100", "a sample", "", "A survey"],
    ["excessive-overtime", "BE", "2020", "4", "percent", "100", "a sample", "", "A survey"],
    ["excessive-overtime", "worldwide", "2020", "9", "percent", "100", "a sample", "", "A survey"],
]
JUDGED = [
    ["id", "subject", "likelihood", "severity", "method", "indicators"],
    ["of-pit", "pit", "high", "high", "read off a list", "listed-good"],
    ["of-far", "far", "high", "high", "read off a list", "listed-good"],
    ["of-province", "CD-SK", "medium", "", "read off a list", "listed-good"],
]
RISKS: Tables = {
    "incidents": INCIDENTS,
    "observations": COUNTED,
    "risk_assessments": JUDGED,
}


def made(folder: Path, *parts: Tables, **tables: list[list[str]]) -> Graph:
    """Return a data directory with one package of some tables."""
    graph = Graph.open(folder / "data", create=True)
    graph.contribute(
        write(folder / "package", {name: t for part in (*parts, tables) for name, t in part.items()})
    )
    return graph


@pytest.fixture(scope="module")
def listed(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    """Return a chain with designations, incidents and likelihoods."""
    return made(tmp_path_factory.mktemp("listed"), CHAIN, RISKS, designations=LISTED)


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    """Return the same without incidents and likelihoods."""
    return made(tmp_path_factory.mktemp("bare"), CHAIN, designations=LISTED)


@pytest.fixture(scope="module")
def unlisted(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    """Return the chain with incidents and likelihoods alone."""
    return made(tmp_path_factory.mktemp("unlisted"), CHAIN, RISKS)


def traced(graph: Graph, actor: str = "trader", **asked: Any) -> dict[str, Any]:
    return graph.view().trace(f"{NAME}/{actor}", Parameters(**asked)).to_dict()


def sites(found: dict[str, Any]) -> dict[str, list[str]]:
    """Return the incidents by actor."""
    return {
        site["actor"]["id"].partition("/")[2]: [each["id"].rpartition("/")[2] for each in site["incidents"]]
        for site in found["incidents"]["by_actor"]
    }


def bearing(found: dict[str, Any]) -> list[tuple[str, ...]]:
    """Return the likelihoods: by what, about what, of when."""
    return [
        (
            each["touches"],
            each["actor"]["name"] if each["actor"] else each["place"]["region"] or each["place"]["country"],
            each["good"] or "",
            each["period"] or "",
        )
        for each in found["likelihoods"]["listed"]
    ]


def without(found: Any) -> Any:
    """Return an answer without what stands beside its exposures."""
    if isinstance(found, dict):
        return {
            name: without(value) for name, value in found.items() if name not in ("incidents", "likelihoods")
        }
    return [without(value) for value in found] if isinstance(found, list) else found


# --- What is shown, and where -----------------------------------------------------------------------------------------


def test_incidents_stand_at_their_actors_the_nearest_first_and_the_newest_first(unlisted: Graph) -> None:
    found = traced(unlisted)
    assert list(sites(found).items()) == [("trader", ["at-root"]), ("mine", ["new", "old"])]
    assert (found["incidents"]["count"], found["incidents"]["actors"]) == (3, 2)
    assert [site["actor"]["tier"] for site in found["incidents"]["by_actor"]] == [0, 2]
    new, old = found["incidents"]["by_actor"][1]["incidents"]
    assert (new["status"], new["from"], new["response"], new["source"]) == (
        "corroborated",
        "2021-03-04",
        "We deny it.",
        "A survey",
    )
    assert (old["indicators"], old["to"], old["note"]) == (["intimidation-and-threats"], "2015", "Told once.")


def test_a_likelihood_bears_on_a_chain_by_its_actor_its_place_and_product_or_its_place(
    unlisted: Graph,
) -> None:
    found = traced(unlisted)
    assert bearing(found) == [
        ("actor", "Pit", "", ""),
        ("place-and-product", "CD-NK", "hs:7108", "2021"),
        ("place", "CD", "", "2020"),
        ("place", "CD-SK", "", ""),
        ("place-and-product", "CD-NK", "hs:7108", "2019"),
    ]
    assert found["likelihoods"]["count"] == 5
    links = {
        each["id"].rpartition("/")[2]: (each["links"], each["nearest_tier"])
        for each in found["likelihoods"]["listed"]
    }
    assert (links["of-pit"], links["of-province"]) == ((0, 2), (1, 2))
    newest = found["likelihoods"]["listed"][1]
    assert (newest["links"], newest["nearest_tier"]) == (2, 1)
    assert (newest["value"], newest["unit"], newest["sample_size"], newest["method"], newest["source"]) == (
        2,
        "visits",
        30,
        "visits",
        "A survey",
    )


def test_a_hop_says_what_stands_beside_it_the_newest_of_each(listed: Graph) -> None:
    found = traced(listed)
    hops = {
        hop["record"].rpartition("/")[2]: hop
        for e in found["exposures"]
        for p in e["paths"]
        for hop in p["hops"]
    }
    ids = {
        name: [iri.removeprefix(f"{BASE}{NAME}/") for iri in hop["incidents"]] for name, hop in hops.items()
    }
    assert ids == {"s1": [], "s2": ["incident/new", "incident/old"], "s3": []}
    period = {each["iri"]: each["period"] for each in found["likelihoods"]["listed"]}
    assert {name: [period[iri] for iri in hop["likelihoods"]] for name, hop in hops.items()} == {
        "s1": ["2021", "2020"],
        "s2": ["2021", "2020"],
        "s3": ["2020", None],
    }


def test_a_refuted_incident_is_listed_with_its_status_and_stands_on_no_hop(tmp_path: Path) -> None:
    happened = [["id", "status", "facility", "source"], ["i", "refuted", "pit", "A survey"]]
    graph = made(tmp_path, CHAIN, incidents=happened, designations=LISTED[:2])
    found = traced(graph)
    assert [i["status"] for site in found["incidents"]["by_actor"] for i in site["incidents"]] == ["refuted"]
    (exposure,) = found["exposures"]
    assert [hop["incidents"] for hop in exposure["paths"][0]["hops"]] == [[], []]


def test_what_begins_after_the_asked_time_is_left_out(unlisted: Graph) -> None:
    found = traced(unlisted, on="2020-06-30")
    assert sites(found) == {"trader": ["at-root"], "mine": ["old"]}
    assert [of[3] for of in bearing(found) if of[0] == "place-and-product"] == ["2019"]
    assert sites(traced(unlisted, since="2010-01-01", until="2014-12-31")) == {"trader": ["at-root"]}


def test_downstream_incidents_of_the_traced_site_are_its_own(unlisted: Graph) -> None:
    found = traced(unlisted, "mine", downstream=True)
    assert sites(found) == {"mine": ["new", "old"], "trader": ["at-root"]}
    assert ("place-and-product", "CD-NK", "hs:7108", "2021") in bearing(found)


def test_an_incident_reaches_an_actor_that_is_judged_the_same(tmp_path: Path) -> None:
    actors = [*ACTORS, ["twin", "Mine, too", "mine", "CD", "CD-NK"]]
    happened = [["id", "status", "facility", "source"], ["i", "alleged", "twin", "A survey"]]
    judged = [
        ["left", "right", "judgement", "decided_by", "date"],
        ["mine", "twin", "positive", "Somebody", "2024-01-01"],
    ]
    graph = made(tmp_path, CHAIN, actors=actors, incidents=happened, identity_judgements=judged)
    found = traced(graph)
    assert list(sites(found).values()) == [["i"]]
    assert found["incidents"]["by_actor"][0]["incidents"][0]["facility"] == f"{NAME}/twin"


def test_a_retracted_incident_and_a_retracted_likelihood_are_not_shown(tmp_path: Path) -> None:
    happened = [["id", "status", "facility", "source"], ["i", "alleged", "mine", "A survey"]]
    judged = [JUDGED[0], ["r", "mine", "high", "", "read off a list", ""]]
    gone = [
        ["record", "reason", "date"],
        *([f"{BASE}{NAME}/{each}", "Wrong", "2024-01-01"] for each in ("incident/i", "risk-assessment/r")),
    ]
    graph = made(tmp_path, CHAIN, incidents=happened, risk_assessments=judged, retractions=gone)
    found = traced(graph)
    assert (found["incidents"]["count"], found["likelihoods"]["count"]) == (0, 0)


def test_what_is_invented_bears_on_invented_links_alone(directory: Path, tmp_path: Path) -> None:
    links = [["buyer", "supplier", "product"], ["b", "s", "5201"]]
    actors = [["id", "name", "country"], ["b", "Buyer", "BE"], ["s", "Supplier", "TM"]]
    graph = Graph.open(directory)
    graph.contribute(write(tmp_path / "own", {"actors": actors, "supply_links": links}))
    view = graph.view()
    assert view.trace(f"{NAME}/b", Parameters()).to_dict()["likelihoods"]["count"] == 0
    about = [
        each["place"]["country"]
        for each in view.trace("example/aurora", Parameters()).to_dict()["likelihoods"]["listed"]
        if each["place"]
    ]
    assert "TM" in about


def test_a_reply_stands_with_the_incident(tmp_path: Path) -> None:
    replies = [["to", "party", "date", "text"], ["old", "mine", "2022-01-01", "It was otherwise."]]
    graph = made(tmp_path, CHAIN, RISKS, responses=replies)
    (old,) = [
        i
        for site in traced(graph)["incidents"]["by_actor"]
        for i in site["incidents"]
        if i["id"].endswith("/old")
    ]
    assert [(reply["party"]["name"], reply["text"]) for reply in old["replies"]] == [
        ("Mine", "It was otherwise.")
    ]


# --- Every face -------------------------------------------------------------------------------------------------------


def test_text_notebook_and_limits_tell_them_apart_from_exposures(call: Command, unlisted: Graph) -> None:
    data = str(unlisted.store.path)
    text = " ".join(call("trace", f"{NAME}/trader", "--quiet", "--data", data).out.split())
    result = unlisted.view().trace(f"{NAME}/trader", Parameters())
    for told in (text, result._repr_html_()):
        assert "Incidents at sites of the chain (none is an exposure, none counts above)" in told
        assert (
            "corroborated by independent sources, 2021-03-04. A survey (probe). Answer: We deny it." in told
        )
        assert "Likelihood (of places and goods; it says of no site what happened there)" in told
        assert "2 visits (2021, sample of 30); its place and product are those of 2 supply links" in told
        assert "Method: visits. Source: A survey (probe)." in told
    rows = list(csv.reader(io.StringIO(result.limits_csv().lstrip("\ufeff"))))
    assert [row[1] for row in rows if row[0] == "incidents"] == [
        f"{NAME}/{a}" for a in ("trader", "mine", "mine")
    ]
    assert sum(row[0] == "likelihoods" for row in rows) == 5


def test_the_csv_names_the_incidents_of_an_actor_in_a_column_of_their_own(listed: Graph) -> None:
    result = listed.view().trace(f"{NAME}/trader", Parameters())
    rows = {row["id"]: row for row in csv.DictReader(io.StringIO(result.to_csv().lstrip("\ufeff")))}
    assert rows[f"{NAME}/mine"]["incidents"] == (
        f"{NAME}/incident/new (corroborated)|{NAME}/incident/old (alleged)"
    )
    assert {row["incidents"] for name, row in rows.items() if name != f"{NAME}/mine"} == {""}


def test_the_service_says_what_the_library_does(listed: Graph) -> None:
    with TestClient(create_app(listed)) as client:
        told = client.get("/trace", params={"actor": f"{NAME}/trader"}).json()
    assert (told["incidents"], told["likelihoods"]) == (
        traced(listed)["incidents"],
        json.loads(json.dumps(traced(listed)["likelihoods"])),
    )


def test_a_grouped_answer_names_the_first_and_counts_all(listed: Graph) -> None:
    found = listed.view().trace(f"{NAME}/trader", Parameters()).to_dict(grouped=1)
    assert sites(found) == {"trader": ["at-root"]}
    assert (found["incidents"]["count"], found["incidents"]["actors"]) == (3, 2)
    assert len(found["likelihoods"]["listed"]) == 1
    assert found["likelihoods"]["count"] == 5


# --- Never counted ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "asked", [{}, {"downstream": True}, {"product": "7108"}, {"on": "2022-01-01"}], ids=str
)
@pytest.mark.parametrize("actor", ["trader", "mine", "owner"])
def test_nothing_of_an_answer_changes_but_what_stands_beside_it(
    listed: Graph, bare: Graph, actor: str, asked: dict[str, Any]
) -> None:
    with_them, without_them = (
        graph.view().trace(f"{NAME}/{actor}", Parameters(**asked)) for graph in (listed, bare)
    )
    assert without(with_them.to_dict()) == without(without_them.to_dict())
    assert without(with_them.to_dict(grouped=2)) == without(without_them.to_dict(grouped=2))
    assert with_them.to_svg() == without_them.to_svg()
    rows = [[row[:-1] for row in result.rows()] for result in (with_them, without_them)]
    assert rows[0] == rows[1]


def test_figures_of_everybody_and_nearest_paths_do_not_know_them(listed: Graph, bare: Graph) -> None:
    views: list[View] = [graph.view() for graph in (listed, bare)]
    told, plain = (view.exposure(Parameters()) for view in views)
    assert told.to_csv() == plain.to_csv()
    assert told.to_json() == plain.to_json()
    near, plainly = (
        [path.arcs for path in view.nearest(f"{NAME}/trader", Parameters(paths=3))] for view in views
    )
    assert [[arc.record for arc in arcs] for arcs in near] == [
        [arc.record for arc in arcs] for arcs in plainly
    ]


def test_without_a_designation_they_make_nothing_exposed_and_nobody_fail(
    call: Command, unlisted: Graph
) -> None:
    found = traced(unlisted)
    assert found["verdict"]["result"] == "not-testable"
    assert found["exposures"] == []
    assert (found["counts"]["exposed"], found["counts"]["root_exposed"]) == (0, False)
    words = ("trace", f"{NAME}/trader", "--quiet", "--data", str(unlisted.store.path), "--fail-on")
    assert call(*words, "exposure").code == 0
    assert call(*words, "not-testable").code == 4
    with TestClient(create_app(unlisted)) as client:
        answer = client.get("/trace", params={"actor": f"{NAME}/trader"})
    assert answer.headers["OpenTier-Verdict"] == "not-testable"
    figures = unlisted.view().exposure(Parameters())
    assert figures.verdict.result == "not-testable"


def test_a_likelihood_is_never_listed_as_an_incident_nor_an_incident_as_a_likelihood(listed: Graph) -> None:
    found = traced(listed)
    happened = {each["iri"] for site in found["incidents"]["by_actor"] for each in site["incidents"]}
    likely = {each["iri"] for each in found["likelihoods"]["listed"]}
    assert happened
    assert likely
    assert not happened & likely
    assert all("/incident/" in iri for iri in happened)
    assert not any("/incident/" in iri for iri in likely)


def test_due_diligence_falls_due_for_incidents_and_never_for_likelihoods(tmp_path: Path) -> None:
    likely = made(
        tmp_path / "likely", CHAIN, {name: RISKS[name] for name in ("observations", "risk_assessments")}
    )
    assert likely.view().obligations(f"{NAME}/trader")["due"] == []
    happened = made(tmp_path / "happened", CHAIN, RISKS)
    due = {each["trigger"]: each["because"] for each in happened.view().obligations(f"{NAME}/trader")["due"]}
    assert due == {
        "incident-upstream": [f"{NAME}/incident/new: corroborated"],
        "alleged-incident-upstream": [f"{NAME}/incident/at-root: disputed", f"{NAME}/incident/old: alleged"],
    }


# --- Privacy ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("table", "rows"),
    [
        (
            "incidents",
            [
                ["id", "status", "facility", "source", "population_max"],
                ["i", "alleged", "mine", "A survey", "9"],
            ],
        ),
        (
            "incidents",
            [
                ["id", "status", "facility", "source", "population_min"],
                ["i", "alleged", "mine", "A survey", "9"],
            ],
        ),
        (
            "observations",
            [
                ["indicator", "area", "period", "value", "population"],
                ["children-under-15", "CD", "2020", "40", "9"],
            ],
        ),
        (
            "observations",
            [
                ["indicator", "area", "period", "value", "unit"],
                ["children-under-15", "CD", "2020", "9", "children"],
            ],
        ),
    ],
)
def test_fewer_than_ten_people_are_refused(tmp_path: Path, table: str, rows: list[list[str]]) -> None:
    with pytest.raises(ContributionError) as refused:
        made(tmp_path, CHAIN, **{table: rows})
    assert "below 10" in str(refused.value.report.to_dict())


# --- Real observations ------------------------------------------------------------------------------------------------


def test_real_flags_reach_the_chain_and_are_no_exposure(lists: Graph) -> None:
    view = lists.view()
    result = view.trace("ipis/place-bukavu", Parameters())
    found = result.to_dict()
    reached = {actor["id"] for actor in found["reached"]}
    there = [iri for iri, fields in view.release.records("incidents") if _facility(view, fields) in reached]
    assert found["incidents"]["count"] == len(there) > 200
    assert {i["status"] for site in found["incidents"]["by_actor"] for i in site["incidents"]} == {"alleged"}
    assert {exposure["designation"]["dataset"] for exposure in found["exposures"]} == {"ilab"}
    assert found["likelihoods"]["count"] > 200
    few = result.to_dict(grouped=25)
    assert len(json.dumps([few["incidents"], few["likelihoods"]])) < 100_000
    due = {each["trigger"]: each["count"] for each in view.obligations("ipis/place-bukavu")["due"]}
    assert due["alleged-incident-upstream"] == len(there)


def _facility(view: View, fields: Any) -> str:
    return view.release.names.id(min(fields.get("ot:facility", [""])))


def test_question_nine_answers_on_real_visits(lists: Graph) -> None:
    view = lists.view()
    found = view.query(view.question(9, {"actor": "ipis/place-bukavu"}).text)
    assert isinstance(found, Rows)
    named = list(found.names)
    rows = [dict(zip(named, row, strict=True)) for row in found]
    told = view.trace("ipis/place-bukavu", Parameters()).to_dict()
    assert {row["incident"].value for row in rows if row["incident"]} == {
        each["iri"] for site in told["incidents"]["by_actor"] for each in site["incidents"]
    }
    assert {row["evidentiary"].value.rpartition("#")[2] for row in rows if row["evidentiary"]} == {
        "evidentiary-status-alleged"
    }
