"""Search and its suggestions, as a browser shows them."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from opentier.graph import Graph
from tests.browsing import Visit

BROWSER = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


@pytest.fixture(scope="module")
def graph(admitted: Path) -> Graph:
    return Graph.open(admitted)


def test_what_is_suggested_has_the_value_that_a_form_sends(client: TestClient) -> None:
    for kind, typed, value in (
        ("actors", "aurora app", "example/aurora"),
        ("products", "raw cott", "5201"),
        ("products", "5205", "5205"),
        ("laws", "uyghur", "laws/law/us-uflpa-2021"),
    ):
        answer = client.get("/suggestions", params={"q": typed, "kind": kind}, headers=BROWSER)
        assert answer.status_code == 200, answer.text
        assert f'data-value="{value}"' in answer.text, (kind, typed)
    anything = client.get("/suggestions?q=aurora", headers=BROWSER).text
    assert 'data-href="/id/example/aurora"' in anything
    assert client.get("/suggestions?q=no-such-thing-here", headers=BROWSER).text.strip() == ""


def test_suggestions_are_chosen_by_keys_and_lead_to_a_page(visit: Visit) -> None:
    page = visit.to("/search")
    field = page.get_by_label("Company, site, good, law or initiative").first
    options = page.locator("#q-list").get_by_role("option")
    field.press_sequentially("aurora")
    options.first.wait_for()
    visit.look()
    field.press("Escape")
    assert options.count() == 0
    field.press("ArrowDown")
    options.first.wait_for()
    field.press("ArrowDown")
    chosen = page.locator("#q-list [aria-selected=true]")
    assert "Aurora" in chosen.inner_text()
    assert field.get_attribute("aria-activedescendant") == chosen.get_attribute("id")
    field.press("Enter")
    page.wait_for_url("**/id/example/aurora")


def test_what_is_found_is_said_with_what_touches_it_itself(client: TestClient) -> None:
    page = client.get("/search?q=quiet+river", headers=BROWSER).text
    assert "1 company or site" in page
    assert "Quiet River Yarn (invented)" in page
    assert "静河纱线" in page
    assert "Presumption of forced labour: goods made in Xinjiang" in page
    assert "1 incident" in page
    assert "Import order: seize cotton yarn" in page
    data = client.get("/search.json?q=quiet+river&kind=actors", headers=BROWSER)
    assert data.headers["content-type"] == "application/json"
    assert data.json()["actors"][0]["id"] == "example/quiet-river-yarn"


def test_who_has_it_as_an_id_or_identifier_is_shown_at_once(client: TestClient) -> None:
    for typed, led in (
        ("example/aurora", "/id/example/aurora"),
        ("lei:EXMP00AURORAEXMP0190", "/id/example/aurora"),
        ("EXMP00AURORAEXMP0190", "/id/example/aurora"),
    ):
        sent = client.get("/search", params={"q": typed}, headers=BROWSER, follow_redirects=False)
        assert (sent.status_code, sent.headers["location"]) == (303, led)
    stays = client.get("/search?q=example/aurora&kind=actors", headers=BROWSER, follow_redirects=False)
    assert stays.status_code == 200


def test_a_name_that_is_not_here_is_said_not_to_be_and_what_is_near_is_offered(client: TestClient) -> None:
    page = client.get("/search?q=quite+rivver", headers=BROWSER).text
    assert "No company, site, good, law or initiative is called “quite rivver” in this data." in page
    assert "Quiet River Yarn (invented)" in page
    nothing = client.get("/search?q=xqzwvy", headers=BROWSER).text
    assert "This is no statement about a company" in nothing
    assert 'href="/#contents"' in nothing


def test_long_lists_come_in_pages_and_one_beyond_the_last_is_refused(client: TestClient) -> None:
    first = client.get("/search?q=fabric&kind=products", headers=BROWSER).text
    assert "?q=fabric&amp;kind=products&amp;page=2" in first
    second = client.get("/search?q=fabric&kind=products&page=2", headers=BROWSER).text
    assert 'rel="prev"' in second
    assert client.get("/search?q=fabric&kind=products&page=99", headers=BROWSER).status_code == 404
