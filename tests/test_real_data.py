"""What the real datasets show, from the raw files to the trace. Each is admitted once; PalmWatch takes a minute.

`lists` holds the official list (ILAB); each supply dataset is admitted into a copy of it.
"""

from __future__ import annotations

import csv
import re
import shutil
from collections import Counter
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import networkx as nx
import pytest

from opentier.graph import Graph
from opentier.graph.admission.admitted import Admission
from opentier.graph.answer.result import TraceResult
from opentier.graph.contribution.submission import Options

FOLDERS = {
    "sayari": "sayari_nike_tiers",
    "ipis": "ipis_mines",
    "ilab": "ilab_goods",
    "palmwatch": "palmwatch",
}
KINDS = ("supply", "operation", "ownership")
_YEAR = re.compile(r"20\d\d")
_DATE = re.compile(r"20\d\d(-\d\d(-\d\d)?)?")


class Place:
    """A data directory and what became of the contributions to it."""

    def __init__(self, graph: Graph, shared: Path) -> None:
        self.graph, self.shared = graph, shared
        self.admissions: dict[str, Admission] = {}

    def contribute(self, name: str) -> Admission:
        return self.graph.contribute(self.shared / "data" / FOLDERS[name], Options(adapter=name))

    def admit(self, *names: str) -> Place:
        for name in names:
            self.admissions[name] = self.contribute(name)
            assert self.admissions[name].new
        return self


def beside(lists: Place, tmp_path_factory: pytest.TempPathFactory, name: str) -> Place:
    """Return a copy of the lists into which one supply dataset is admitted."""
    data = tmp_path_factory.mktemp(name) / "data"
    shutil.copytree(lists.graph.store.path, data)
    return Place(Graph.open(data), lists.shared).admit(name)


@pytest.fixture(scope="module")
def lists(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Place:
    data = tmp_path_factory.mktemp("lists") / "data"
    return Place(Graph.open(data, create=True), shared).admit("ilab")


@pytest.fixture(scope="module")
def sayari(lists: Place, tmp_path_factory: pytest.TempPathFactory) -> Place:
    return beside(lists, tmp_path_factory, "sayari")


@pytest.fixture(scope="module")
def ipis(lists: Place, tmp_path_factory: pytest.TempPathFactory) -> Place:
    return beside(lists, tmp_path_factory, "ipis")


@pytest.fixture(scope="module")
def palmwatch(lists: Place, tmp_path_factory: pytest.TempPathFactory) -> Place:
    place = beside(lists, tmp_path_factory, "palmwatch")
    with as_file(files("opentier.graph") / "datasets" / "initiatives") as package:
        assert place.graph.contribute(package).new
    return place


@pytest.fixture(scope="module")
def bukavu(ipis: Place) -> TraceResult:
    return ipis.graph.trace("Bukavu")


@pytest.fixture(scope="module")
def nestle(palmwatch: Place) -> TraceResult:
    return palmwatch.graph.trace("Nestle", kinds=KINDS)


def tiers(found: dict[str, Any]) -> list[int]:
    counted = Counter(actor["tier"] for actor in found["reached"])
    return [counted[tier] for tier in sorted(counted)]


def hops(exposure: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the supply hops of all paths of an exposure."""
    return [hop for path in exposure["paths"] for hop in path["hops"] if hop["kind"] == "supply"]


@pytest.mark.parametrize(
    ("place", "name", "rows", "refused"),
    [
        ("lists", "ilab", 2120, 0),
        ("sayari", "sayari", 378, 0),
        ("ipis", "ipis", 7163, 0),
        ("palmwatch", "palmwatch", 59348, 0),
    ],
)
def test_every_row_has_one_outcome(
    request: pytest.FixtureRequest, place: str, name: str, rows: int, refused: int
) -> None:
    admission = request.getfixturevalue(place).admissions[name]
    counts = admission.report.counts()
    assert counts["accepted"] + counts["warned"] + counts["refused"] == counts["rows"] == rows
    assert counts["refused"] == refused
    version = admission.version
    said = {key: getattr(version, key) for key in ("rows", "accepted", "warned", "refused")}
    assert said == counts
    assert admission.report.conforms


@pytest.mark.parametrize("name", ["ilab", "sayari", "ipis", "palmwatch"])
def test_the_same_files_again_change_nothing(request: pytest.FixtureRequest, name: str) -> None:
    place: Place = request.getfixturevalue("lists" if name == "ilab" else name)
    release, versions = place.graph.store.current, place.graph.view().release.versions
    again = place.contribute(name)
    assert not again.new
    assert again.version == place.admissions[name].version
    assert place.graph.store.current == release
    assert place.graph.view().release.versions == versions


# Sayari: 378 companies upstream of one importer, and nothing listed among them.


def test_the_honest_negative_case(sayari: Place) -> None:
    result = sayari.graph.trace("NIKE USA, INC.")
    found = result.to_dict()
    assert len(found["reached"]) == 378
    assert tiers(found) == [5, 14, 117, 36, 71, 48, 47, 40]
    assert found["exposures"] == []
    assert found["chokepoints"] == []
    limits = found["limits"]
    assert [item["id"] for item in limits["datasets"]] == ["ilab", "sayari"]
    assert all(item["version"] == 1 and item["licence"] for item in limits["datasets"])
    assert limits["actors_without_upstream_links"] == 300
    assert (limits["declared_tier_gaps"], limits["doubtful_matches"], limits["truncated"]) == (0, [], False)
    assert found["parameters"]["kinds"] == ["supply", "operation"]
    graph = result.to_networkx()
    assert nx.is_arborescence(nx.DiGraph(graph))


def test_who_is_exposed_to_the_last_tier(sayari: Place) -> None:
    upstream = sayari.graph.trace("NIKE USA, INC.").to_dict()
    last = max(upstream["reached"], key=lambda actor: actor["tier"])
    downstream = sayari.graph.trace(last["id"], downstream=True).to_dict()
    assert {actor["tier"]: actor["name"] for actor in downstream["reached"]}[8] == "NIKE USA, INC."


# IPIS: the mines behind a trading town.


def test_the_mines_behind_bukavu(bukavu: TraceResult) -> None:
    found = bukavu.to_dict()
    iris = [actor["iri"] for actor in found["reached"]]
    assert 3300 <= len(iris) <= 3500
    assert len(set(iris)) == len(iris)
    assert found["root"]["iri"] not in iris
    assert sum(actor["kind"] == "mine" for actor in found["reached"]) > 2500
    assert not found["limits"]["truncated"]


def test_gold_of_the_congo_is_exposed(bukavu: TraceResult) -> None:
    exposures = bukavu.to_dict()["exposures"]
    gold = [exposure for exposure in exposures if exposure["designation"]["good"] == "hs:7108"]
    assert {exposure["designation"]["dataset"] for exposure in gold} == {"ilab"}
    assert {exposure["reason"] for exposure in gold} == {"goods"}
    assert {exposure["actor"]["country"] for exposure in gold} == {"CD"}
    assert len(gold) > 2500
    for exposure in gold:
        assert 1 <= len(exposure["paths"]) <= 3
        for path in exposure["paths"]:
            last = path["hops"][-1]
            assert (last["product"], last["to"]["iri"]) == ("hs:7108", exposure["actor"]["iri"])
        for hop in hops(exposure):
            assert hop["product"].startswith("hs:")
            assert _DATE.fullmatch(hop["observed_date"])
            assert (hop["dataset"], hop["version"]) == ("ipis", 1)
            assert hop["source"].startswith("IPIS visit ")
    minerals = {exposure["designation"]["good"] for exposure in exposures}
    assert minerals >= {"hs:260900", "hs:261100", "hs:261590"}
    severities = [exposure["severity"]["value"] for exposure in exposures]
    assert severities == sorted(severities, reverse=True)


def test_the_cycles_of_the_trade_are_found(bukavu: TraceResult) -> None:
    graph = bukavu.to_networkx()
    assert graph.number_of_nodes() == len(bukavu.reached) + 1
    assert nx.number_of_selfloops(graph) == 0
    cyclic = [group for group in nx.strongly_connected_components(graph) if len(group) > 1]
    # Three groups in the table of the shared README, made with "X et Y" unsplit; visit 5793 alone
    # ("Kabulongo et bikenge" to "Bikenge, Kabulongo, Bukavu") makes the fourth.
    assert sorted(len(group) for group in cyclic) == [2, 2, 3, 10]
    lengths = nx.single_source_shortest_path_length(graph, bukavu.trace.root)
    assert all(lengths[actor.iri] == tier for tier, actor in bukavu.reached)


# PalmWatch: the mills of the brands.


def test_palm_oil_and_palm_fruit_are_exposed(nestle: TraceResult) -> None:
    found = nestle.to_dict()
    exposures = found["exposures"]
    kinds = Counter(
        (exposure["designation"]["good"], exposure["reason"], exposure["actor"]["country"])
        for exposure in exposures
    )
    assert kinds["hs:151110", "goods", "ID"] > 900
    assert kinds["hs:120710", "goods-input", "MY"] > 400
    assert not any((product, country) == ("hs:151110", "MY") for product, _, country in kinds)
    severities = [exposure["severity"]["value"] for exposure in exposures]
    assert severities == sorted(severities, reverse=True)
    goods = {e["severity"]["value"] for e in exposures if e["reason"] == "goods"}
    inputs = {e["severity"]["value"] for e in exposures if e["reason"] == "goods-input"}
    assert len(goods & inputs) == 0
    for exposure in exposures:
        assert hops(exposure)
        for hop in hops(exposure):
            assert _YEAR.fullmatch(hop["observed_date"])
            assert hop["source"] == f"Mill list of Nestle, {hop['observed_date']}"
            assert [item["title"] for item in hop["evidence"]] == [hop["source"]]
            assert hop["product"] == "hs:151110"
    assert found["parameters"]["kinds"] == list(KINDS)


def test_the_edition_of_a_list_dates_nothing(palmwatch: Place, nestle: TraceResult) -> None:
    """On a day before the edition, the same listings touch the same actors: when a list was seen bounds nothing.

    What a later edition no longer had was in force then, too: palm oil, until 2022.
    """
    then = palmwatch.graph.trace("Nestle", kinds=KINDS, on="2020-06-30")
    entries = then.index.designations
    assert {entry.observed_date for entry in entries} - {None}
    later = {entry.iri for entry in entries if entry.begin_date and entry.begin_date > "2020-06-30"}
    now = {exposure.key for exposure in nestle.exposures}
    ended = {entry.iri for entry in entries if entry.changes}
    touched = {exposure.key for exposure in then.exposures}
    assert {key for key in touched if key[1] not in ended} == {key for key in now if key[1] not in later}
    assert {key[1].rpartition("/")[2] for key in touched if key[1] in ended} >= {"oil-palm-id", "oil-palm-my"}


def test_listings_for_child_labour_alone_are_told_apart(nestle: TraceResult) -> None:
    exploitation = {exposure.designation.exploitation for exposure in nestle.exposures}
    assert {("child-labour",), ("child-labour", "forced-labour")} <= exploitation
    for exposure in nestle.to_dict()["exposures"]:
        alone = exposure["designation"]["exploitation"] == ["child-labour"]
        assert ("child labour only" in exposure["designation"]["title"]) == alone
        assert (exposure["severity"]["factors"]["exploitation"] == 0.7) == alone


def test_palm_exposures_meet_palm_initiatives_first(palmwatch: Place) -> None:
    """Nine in ten of the exposures of three brands are offered an initiative about palm oil before others, with why."""
    exposures = [
        exposure
        for brand in ("nestle", "hershey", "mars")
        for exposure in palmwatch.graph.trace(f"palmwatch/brand-{brand}", kinds=KINDS).to_dict()["exposures"]
    ]
    assert len(exposures) > 5000
    firsts = Counter(
        (exposure["initiatives"][0]["name"], exposure["initiatives"][0]["why"])
        for exposure in exposures
        if exposure["initiatives"]
    )
    palm = sum(
        count for (name, why), count in firsts.items() if "Palm" in name and why.startswith("Palm oil, ")
    )
    assert palm >= 0.9 * len(exposures)
    named = {initiative["name"] for exposure in exposures for initiative in exposure["initiatives"]}
    assert not any("Fisheries" in name or "Seafood" in name or "Cotton" in name for name in named)


def test_the_listed_goods_without_an_initiative_are_a_part_of_the_list(palmwatch: Place) -> None:
    view = palmwatch.graph.view()
    risks = view.initiatives.gaps()["risks"]
    listings = {view.release.names.id(entry.iri): entry for entry in view.index.designations}
    assert 0 < len(risks) < len(listings)
    assert {risk["designation"] for risk in risks} < listings.keys()
    assert not any(risk["hs"] == "151110" and risk["country"] == "ID" for risk in risks)
    assert {("0901", "BR")} <= {(risk["hs"], risk["country"]) for risk in risks}  # coffee


def test_the_owners_of_the_mills_are_reached(nestle: TraceResult) -> None:
    kinds = Counter(hop["kind"] for _, _, hop in nestle.to_networkx().edges(data=True))
    assert set(kinds) == set(KINDS)
    names = [actor.iri.rpartition("/")[2].partition("-")[0] for _, actor in nestle.reached]
    assert {"parent", "group"} <= set(names)
    assert {tier for tier, _ in nestle.reached} == {1}


def test_two_brands_share_mills(nestle: TraceResult, palmwatch: Place) -> None:
    mars = palmwatch.graph.trace("Mars", kinds=("supply",))
    both = {actor.iri for _, actor in nestle.reached} & {actor.iri for _, actor in mars.reached}
    path = palmwatch.shared / "data" / "palmwatch" / "brand_mill_disclosures.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        raw = {(row["consumer_brand"], row["UML ID"]) for row in csv.DictReader(file)}
    of_mars = {mill for brand, mill in raw if brand == "Mars"}
    of_nestle = {mill for brand, mill in raw if brand == "Nestle"}
    assert len(mars.reached) == len(of_mars)
    assert {iri.rpartition("/")[2] for iri in both} >= of_mars & of_nestle
    assert len(of_mars & of_nestle) > 100
