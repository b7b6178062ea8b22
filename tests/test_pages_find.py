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
