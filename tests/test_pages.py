"""What all pages have in common: the frame, what they load, and problems that whoever asked for a page is shown."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from opentier.graph import Graph
from tests.browsing import BROWSER, Visit

PAGES = Path(__file__).parents[1] / "api" / "pages"


@pytest.fixture(scope="module")
def graph(admitted: Path) -> Graph:
    return Graph.open(admitted)


def test_what_pages_load_was_built_from_the_sources_that_are_here() -> None:
    manifest = json.loads((PAGES / "static/site/manifest.json").read_text("utf-8"))
    for folder, said in (("static/site", manifest["served"]), ("web", manifest["sources"])):
        found = {
            path.relative_to(PAGES / folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted((PAGES / folder).rglob("*"))
            if path.is_file() and "node_modules" not in path.parts and path.name != "manifest.json"
        }
        assert found == said, "run `make web`"


def test_what_pages_load_names_no_foreign_host() -> None:
    for file in (PAGES / "static/site").glob("*.[cj]ss"):
        assert "url(http" not in file.read_text("utf-8"), file.name


def test_a_file_is_kept_for_good_under_its_hash_and_not_under_another(client: TestClient) -> None:
    page = client.get("/nearest?actor=nobody-at-all", headers=BROWSER).text
    address = re.search(r'href="(/static/[^"]+/style.css)"', page)
    assert address is not None
    kept = client.get(address[1])
    assert kept.headers["content-type"].startswith("text/css")
    assert "immutable" in kept.headers["cache-control"]
    other = client.get("/static/000000000000/style.css")
    assert (other.content, other.headers["cache-control"]) == (kept.content, "no-cache")
    assert client.get("/static/000000000000/page.py").status_code == 404


def test_whoever_asks_for_a_page_is_told_of_a_problem_on_one(client: TestClient) -> None:
    page = client.get("/nearest?actor=nobody-at-all", headers=BROWSER)
    assert page.status_code == 404
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "nobody-at-all" in page.text
    assert "<h1>Unknown actor</h1>" in page.text
    program = client.get("/nearest?actor=nobody-at-all")
    assert program.headers["content-type"] == "application/problem+json"
    assert "Accept" in page.headers["vary"]


def test_fields_that_are_left_empty_are_not_in_the_address(client: TestClient) -> None:
    sent = client.get("/trace?actor=example/aurora&product=&on=%20", headers=BROWSER, follow_redirects=False)
    assert (sent.status_code, sent.headers["location"]) == (303, "/trace?actor=example%2Faurora")
    assert client.get("/trace?actor=example/aurora&product=").status_code == 400


@pytest.mark.parametrize(
    "address",
    [
        "/countries/CN",
        "/countries",
        "/laws",
        "/laws?seat=DE",
        "/initiatives",
        "/data-points",
        "/datasets",
        "/sparql",
    ],
)
def test_a_page_of_what_was_known_on_a_day_says_so(client: TestClient, address: str) -> None:
    day = "1990-01-01" if address != "/laws?seat=DE" else "2099-01-01"
    page = client.get(f"{address}{'&' if '?' in address else '?'}as_known={day}", headers=BROWSER)
    assert page.status_code == 200
    main = page.text.partition("<main")[2]
    assert f"As known at the end of 1 January {day[:4]}: what was contributed later is left out here." in main
    assert "No data yet" not in page.text
    assert "As known at the end" not in client.get(address, headers=BROWSER).text


def test_a_problem_is_a_page_like_any_other(visit: Visit) -> None:
    visit.to("/nearest?actor=nobody-at-all")
    visit.look()
