"""The map: listings, listed goods without an initiative, sites; drawn by the server, the same numbers beside it."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from starlette.testclient import TestClient

from opentier.api.pages import atlas, maps
from opentier.api.service import create_app
from opentier.graph import Graph
from opentier.graph.contribution.submission import Options
from opentier.graph.model.dates import NEVER
from opentier.graph.profile import map as profile
from tests.browsing import BROWSER, Visit
from tests.conftest import Service
from tests.twins import package


@pytest.fixture(scope="module")
def graph(admitted: Path) -> Graph:
    return Graph.open(admitted)


@pytest.fixture(scope="module")
def real(lists: Graph) -> Iterator[TestClient]:
    with TestClient(create_app(lists, local=True)) as client:
        yield client


def test_places_lie_where_the_shapes_of_countries_were_drawn() -> None:
    for east, north, x, y in atlas.world()["points"]:
        assert atlas.placed(north, east) == pytest.approx((x, y), abs=0.01)
    assert {"SG", "HK", "MU", "MT", "BH", "MV", "XK", "RE"} <= atlas.by_code().keys(), "small ones are dots"
    assert all(path["path"] for code, path in atlas.by_code().items() if code in ("CN", "CD", "BR", "DE"))


def test_what_is_listed_is_counted_once_and_only_while_it_is_in_force(graph: Graph) -> None:
    view = graph.view()
    lasting = [d for d in view.index.designations if any(last == NEVER for _, last in d.in_force)]
    assert 0 < len(lasting) < len(view.index.designations)
    found = profile.listings(view)
    assert sum(row[name] for row in found for name in profile.MARKS) == len(lasting)
    china = next(row for row in found if row["country"] == "CN")
    assert china["measure"] == sum(d.measure and d.place is not None and (d.place.country or d.place.region[:2]) == "CN"
                                   for d in lasting) + sum(
        d.measure and d.place is None and _land(view, d) == "CN" for d in lasting
    )  # fmt: skip


def _land(view: object, designation: object) -> str:
    index = view.index  # type: ignore[attr-defined]
    actor = index.actor(index.node(designation.target))  # type: ignore[attr-defined]
    return actor.places[0].country if actor.places else ""


def test_the_table_the_csv_and_the_json_say_the_same(client: TestClient) -> None:
    for show in ("listings", "gaps"):
        said = client.get(f"/map?show={show}").json()
        rows = list(
            csv.DictReader(io.StringIO(client.get(f"/map?show={show}&format=csv").text.lstrip("\ufeff")))
        )
        assert [row["country"] for row in rows] == [row["country"] for row in said["places"]]
        page = client.get(f"/map?show={show}", headers=BROWSER).text
        body = page.partition("<tbody>")[2]
        assert body.count("<tr>") == len(rows) == said["total"] > 0
        assert page.count(
            '<a href="?show=gaps&amp;country=' if show == "gaps" else '<a href="?country='
        ) >= len(rows)


def test_an_empty_map_says_so_and_says_what_that_means(client: TestClient) -> None:
    page = client.get("/map?country=IS", headers=BROWSER).text
    assert "Nothing that is in force is listed of Iceland in this data." in page
    assert 'class="map"' not in page
    refused = client.get("/map?country=Atlantis", headers=BROWSER)
    assert refused.status_code == 400
    assert "Atlantis" in refused.text


def test_sites_of_a_real_list_are_on_the_map_of_their_country(lists: Graph, real: TestClient) -> None:
    sites = profile.sites(lists.view())
    counts = Counter(site.country for site in sites)
    assert counts["CD"] > 3000
    said = real.get("/map?show=sites").json()["places"]
    assert {row["country"]: row["sites"] for row in said} == {code or None: n for code, n in counts.items()}
    congo = real.get("/map?show=sites&country=CD&limit=5").json()
    assert (congo["total"], len(congo["places"])) == (counts["CD"], 5)
    page = real.get("/map?show=sites&country=CD", headers=BROWSER).text
    assert f"{counts['CD']:,} sites of DR Congo" in page
    box = [float(each) for each in re.findall(r'viewBox="([^"]+)" role', page)[0].split()]
    marks = page.partition('class="marks"')[2].partition("</svg>")[0]
    dots = [(float(x), float(y)) for x, y in re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)"', marks)]
    assert 100 < len(dots) <= counts["CD"]
    inside = [x for x, y in dots if box[0] <= x <= box[0] + box[2] and box[1] <= y <= box[1] + box[3]]
    assert len(inside) == len(dots)
    assert len(page.encode()) < 400_000


def test_where_sites_are_everywhere_marks_stand_for_more_of_them(
    graph: Graph, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def marks() -> list[str]:
        page = client.get("/map?show=sites", headers=BROWSER).text
        return re.findall(r"<title>([^<]+)", page.partition('class="marks"')[2].partition("</svg>")[0])

    sites, every = len(profile.sites(graph.view())), marks()
    monkeypatch.setattr(maps, "MARKS", len(every) - 1)
    fewer = marks()
    assert 0 < len(fewer) < len(every) <= sites
    told = [re.match(r"([\d,]+) sites, ", each) for each in fewer]
    assert sum(int(each[1].replace(",", "")) if each else 1 for each in told) == sites


def test_the_map_is_a_page_like_any_other(visit: Visit) -> None:
    page = visit.to("/map")
    visit.look()
    visit.follow("Listed goods that no initiative is there for")
    visit.look()
    page.locator(".map a").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**country=*")
    visit.look()


def test_the_map_needs_no_script(chromium: Browser, reading: Service) -> None:
    visit = Visit(chromium, reading.url, script=False)
    page = visit.to("/map")
    page.locator("tbody a").first.click()
    assert "country=" in page.url
    assert page.locator("svg.map").count() == 1
    visit.close()


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """Return a service whose data has an initiative, a place and a good, and no list of goods."""
    folder = tmp_path_factory.mktemp("bare")
    graph = Graph.open(folder / "data", create=True)
    actors = [
        {"id": "a", "name": "Alder Works (invented)", "kind": "facility", "country": "CN"},
        {"id": "b", "name": "Nowhere Works (invented)", "kind": "facility"},
    ]
    listed = {
        "id": "d", "kind": "entity-listing", "authority": "A board (invented)", "target": "b", "effect": "withhold",
        "listing_date": "2021-01-01", "status": "active",
    }  # fmt: skip
    until = {
        "id": "e", "kind": "entity-listing", "authority": "A board (invented)", "target": "a", "effect": "withhold",
        "listing_date": "2021-01-01", "delisting_date": "2099-06-01",
    }  # fmt: skip
    over = until | {"id": "o", "delisting_date": "2022-06-01"}
    body = {"id": "i", "name": "A body (invented)", "type": "Initiative", "industry": "Apparel",
            "geography": "Asia", "issues": "Forced labour"}  # fmt: skip
    tables = {"actors": actors, "designations": [listed, until, over], "initiatives": [body]}
    graph.contribute(package(folder / "bare", "bare", tables), Options(match=False))
    with TestClient(create_app(graph, local=True), headers=BROWSER) as client:
        yield client


def test_where_no_good_is_listed_nobody_is_said_to_work_on_all(bare: TestClient) -> None:
    for address in ("/map?show=gaps", "/map?show=gaps&country=CN"):
        page = bare.get(address).text
        assert "Every listed good" not in page
        assert "is listed in this data." in page
        assert "nothing can be said of gaps" in page


def test_what_is_of_no_country_is_counted_beside_the_map(bare: TestClient, client: TestClient) -> None:
    assert "1 more is on no map:" in bare.get("/map").text
    assert "on no map:" not in client.get("/map", headers=BROWSER).text


def test_what_says_when_it_ends_is_named_beside_the_map_while_it_is_in_force(bare: TestClient) -> None:
    for address in ("/map", "/map?country=CN", "/map?show=sites"):
        page = bare.get(address).text
        assert "1 more is not counted:" in page
        assert 'href="/id/bare/designation/e"' in page
        assert "until 31 May 2099" in page
        assert "/id/bare/designation/o" not in page
    assert "more is not counted:" not in bare.get("/map?country=IS").text
    (said,) = bare.get("/map", headers={"accept": "application/json"}).json()["ending"]
    assert (said["id"], said["last"]) == ("bare/designation/e", "2099-05-31")
