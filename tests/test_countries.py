"""What is known of a country: every number with its source, every blank said, the same as data and as a page."""

from __future__ import annotations

import csv
import io
import re
import shutil
from collections.abc import Iterator
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from opentier.api.service import create_app
from opentier.graph import Graph
from opentier.graph.contribution.submission import Options
from opentier.graph.errors import UsageError
from opentier.graph.front import View
from opentier.graph.profile import country, points
from opentier.graph.profile.country import COUNTED, SECTIONS
from tests.browsing import BROWSER


@pytest.fixture(scope="module")
def graph(stocked: Path) -> Graph:
    return Graph.open(stocked)


@pytest.fixture(scope="module")
def malaysia(view: View) -> dict[str, Any]:
    return country.country(view, "MY")


def test_each_record_of_a_country_has_dataset_version_and_licence(
    view: View, malaysia: dict[str, Any]
) -> None:
    versions = {(each.dataset, each.number, each.licence) for each in view.release.current.values()}
    sources = [row["source"] for name in SECTIONS for row in malaysia[name]["rows"]]
    assert len(sources) > 20
    for source in [
        *sources,
        *malaysia["actors"]["sources"],
        *(r["source"] for r in malaysia["coverage"]["rows"]),
    ]:
        assert (source["dataset"], source["version"], source["licence"]) in versions


def test_actors_of_a_country_are_those_that_are_there(view: View, malaysia: dict[str, Any]) -> None:
    there = [
        actor for actor in view.index.actors.values() if "MY" in {place.country for place in actor.places}
    ]
    assert malaysia["actors"]["count"] == len(there) > 0
    assert malaysia["actors"]["held"] == len(view.index.actors)
    assert sum(each["count"] for each in malaysia["actors"]["sources"]) == len(there)


def test_listings_of_a_country_and_of_actors_there_are_told_apart(view: View) -> None:
    found = country.country(view, "CN")
    assert {row["target"] for row in found["listings"]["rows"]} == {None}
    assert all(row["target"] for row in found["named"]["rows"])
    placed = [entry for entry in view.index.designations if entry.target is None and entry.place]
    assert found["listings"]["held"] == len(placed)
    assert {row["iri"] for row in found["listings"]["rows"]} == {
        entry.iri for entry in placed if entry.place and entry.place.country == "CN"
    }


def test_none_of_a_country_is_told_from_none_at_all(view: View) -> None:
    bhutan = country.country(view, "BT")
    assert bhutan["observations"]["rows"] == []
    assert bhutan["observations"]["held"] == 3  # of other countries
    assert bhutan["coverage"]["rows"] == []  # nobody has looked at its laws


def test_laws_of_a_country_are_its_own_those_of_its_parts_and_of_the_union(view: View) -> None:
    found = {name: country.country(view, name)["laws"]["rows"] for name in ("DE", "US", "CH")}
    assert {row["jurisdiction"] for row in found["DE"]} == {"DE", "EU"}
    assert {"US", "US-CA"} <= {row["jurisdiction"] for row in found["US"]}
    assert {row["jurisdiction"] for row in found["CH"]} == {"CH"}


def test_the_counts_of_all_countries_are_those_of_each(view: View) -> None:
    counted = {row["code"]: row for row in country.every(view)["countries"]}
    for code in ("MY", "BR", "DE", "BT"):
        found = country.country(view, code)
        assert counted[code]["actors"] == found["actors"]["count"]
        assert {name: counted[code][name] for name in SECTIONS} == {
            name: len(found[name]["rows"]) for name in SECTIONS
        }


def test_a_data_point_is_of_the_country_that_its_holder_names() -> None:
    assert points.place("Ministry of Labour, Brazil") == "BR"
    assert points.place("U.S. Customs and Border Protection") == "US"
    assert [points.place(holder) for holder in ("police", "labour inspectorate", "")] == [None, None, None]


def test_data_points_are_found_by_what_they_say_and_by_what_they_do_not(view: View) -> None:
    every = points.every(view)
    blocked = points.chosen(every, {"barrier": "privacy-law"})
    assert 0 < len(blocked) < len(every)
    assert all("privacy-law" in point["barriers"] for point in blocked)
    silent = points.chosen(every, {"barrier": "not-stated"})
    assert all(point["barriers"] == [] for point in silent)
    assert len(silent) == sum(not point["barriers"] for point in every)
    with pytest.raises(UsageError, match=r"no data point has 'privacy'.*privacy-law"):
        points.chosen(every, {"barrier": "privacy"})


def test_a_country_is_the_same_as_json_and_as_csv(client: TestClient) -> None:
    found = client.get("/countries/MY").json()
    table = client.get("/countries/MY.csv")
    rows = list(csv.DictReader(io.StringIO(table.text.removeprefix("\ufeff"))))
    assert [(row["section"], row["id"]) for row in rows] == [
        (name, row["id"]) for name in SECTIONS for row in found[name]["rows"]
    ]
    assert all(row["dataset"] and row["version"] and row["licence"] for row in rows)
    assert client.get("/countries/Malaysia").json() == found
    counted = list(csv.DictReader(io.StringIO(client.get("/countries.csv").text.removeprefix("\ufeff"))))
    assert list(counted[0]) == list(COUNTED)
    assert len(counted) == client.get("/countries").json()["total"] + 1  # the last is what states no country


def test_an_address_that_is_no_country_leads_nowhere(client: TestClient) -> None:
    for name in ("QQ", "Atlantis"):
        answer = client.get(f"/countries/{name}")
        assert answer.status_code == 404
        assert name in answer.json()["detail"]


def test_the_page_of_a_country_says_every_section_or_that_it_is_blank(client: TestClient) -> None:
    page = client.get("/countries/BT", headers=BROWSER).text
    for name in SECTIONS:
        assert f'<h2 id="{name}">' in page
    assert "Records of this kind in this data: 3, none about this country." in page
    assert "Nobody has looked whether this country has such laws." in page
    assert "?format=json" in page


def test_a_long_section_comes_in_parts_of_25_with_the_exact_count(client: TestClient) -> None:
    page = client.get("/countries/MY", headers=BROWSER).text
    assert "1 to 25 of 27" in page
    following = re.search(r'rel="next" href="([^"]+)#initiatives"', page)
    assert following is not None
    rest = client.get(f"/countries/MY{following[1]}", headers=BROWSER).text
    assert "26 to 27 of 27" in rest
    assert client.get("/countries/MY?initiatives=3", headers=BROWSER).status_code == 404


def test_a_release_that_is_named_is_named_in_the_links_of_the_page(client: TestClient) -> None:
    number = client.get("/countries").headers["opentier-release"]
    page = client.get(f"/countries?release={number}", headers=BROWSER).text
    assert f"/countries/AF?release={number}" in page


def test_countries_come_in_parts_and_one_is_found_by_its_name_in_any_language(client: TestClient) -> None:
    page = client.get("/countries", headers=BROWSER).text
    assert page.count('<th scope="row">') == 25
    assert "1 to 25 of " in page
    for name in ("Malaysia", "MY", "Malaisie", "Malásia"):
        sent = client.get(
            "/countries", params={"name": name, "lang": "fr"}, headers=BROWSER, follow_redirects=False
        )
        assert (sent.status_code, sent.headers["location"]) == (303, "/countries/MY?lang=fr")
    assert client.get("/countries?name=Nowhereland", headers=BROWSER).status_code == 404


@pytest.fixture(scope="module")
def silent(stocked: Path, tmp_path_factory: pytest.TempPathFactory) -> Graph:
    """Return the same with the entity list of the UFLPA, which states the country of no company."""
    graph = Graph.open(shutil.copytree(stocked, tmp_path_factory.mktemp("silent") / "data"))
    with as_file(files("opentier.graph") / "datasets" / "uflpa") as package:
        assert graph.contribute(package, Options(match=False)).new
    return graph


@pytest.fixture(scope="module")
def asked(silent: Graph) -> Iterator[TestClient]:
    with TestClient(create_app(silent, local=True)) as client:
        yield client


def test_what_states_no_country_is_counted_for_none_and_that_is_said(
    silent: Graph, asked: TestClient
) -> None:
    index = silent.view().index
    stated = {
        entry.iri: bool(node is not None and any(place.country for place in index.places[index.place[node]]))
        for entry, node in zip(index.designations, index.targets, strict=True)
        if entry.target is not None
    }
    left = sum(not each for each in stated.values())
    homeless = sum(actor.country is None for actor in index.actors.values())
    assert left > 100, "the UFLPA entity list states no country of any company"
    assert homeless > 100
    for code in ("CN", "BT"):  # one of which something is listed, and one of which nothing is
        found = asked.get(f"/countries/{code}").json()
        assert found["named"]["without_country"] == left
        assert found["actors"]["without_country"] == homeless
        page = asked.get(f"/countries/{code}", headers=BROWSER).text
        tested = page.partition('<div class="tested">')[2].partition("</div>\n</div>")[0]
        for text in (tested, page.partition('<h2 id="named">')[2].partition("<h2")[0]):
            assert f"whose country is not stated: {left:,}. Each may be in this country." in text
        table = asked.get(f"/countries/{code}.csv")
        assert f"{left:,} listings of actors" in table.headers["opentier-warning"]
        assert 'rel="describedby"' in table.headers["link"]
    every = asked.get("/countries").json()["without_country"]
    assert (every["named"], every["actors"]) == (left, homeless)
    assert f"listings of such: {left:,}." in asked.get("/countries", headers=BROWSER).text
    *_, last = csv.DictReader(io.StringIO(asked.get("/countries.csv").text))
    assert (last["name"], int(last["named"]), int(last["actors"])) == (
        "country not known",
        left,
        homeless,
    )


def test_every_record_of_a_section_is_of_a_country_or_counted_as_of_none(silent: Graph) -> None:
    view = silent.view()
    found = country.country(view, "CN")
    for name, read in SECTIONS.items():
        records = [where for where, _ in read(view)]
        assert found[name]["held"] == len(records)
        assert found[name]["without_country"] == sum(not where for where in records)
        assert all(len(code) == 2 for where in records for code in where), name
    every = len(view.index.designations)
    assert found["listings"]["held"] + found["named"]["held"] == every, "none is left out"


def test_a_map_says_in_every_form_what_is_on_none(asked: TestClient) -> None:
    for address in ("/map", "/map?country=CN"):
        many = asked.get(address, headers={"accept": "application/json"}).json()["unplaced"]
        assert many > 100
        assert f"{many:,} more are on no map:" in asked.get(address, headers=BROWSER).text
