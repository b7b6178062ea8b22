"""The front, search and its suggestions, the page of a company, replies and guides, as a browser shows them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from starlette.testclient import TestClient

from opentier.api.service import create_app
from opentier.graph import Graph
from opentier.graph.contribution.submission import Options
from tests.browsing import BROWSER, Visit
from tests.conftest import Service
from tests.twins import package


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
    for code, leads in (
        ("6109", "/id/hs/6109"),
        ("0101", "/search?kind=products&amp;q=0101"),
    ):  # described, and not
        assert f'data-href="{leads}"' in client.get(f"/suggestions?q={code}", headers=BROWSER).text
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


def test_the_front_says_what_is_in_here_and_what_is_not(client: TestClient) -> None:
    page = client.get("/", headers=BROWSER).text
    for said in (
        "Screen a supplier list", "Ask in SPARQL", "Contribute a file", "Withhold release orders and findings",
        "Worked example (invented companies)", "trade is absent", 'id="contents"',
    ):  # fmt: skip
        assert said in page, said
    program = client.get("/", follow_redirects=False)
    assert (program.status_code, program.headers["location"]) == (307, "/docs")


def test_an_instance_without_data_says_what_to_load_first(tmp_path: Path) -> None:
    with TestClient(create_app(Graph.open(tmp_path / "data", create=True), local=True)) as client:
        page = client.get("/", headers=BROWSER)
        for address in (
            "/search?q=aurora",
            "/trace?actor=example/aurora",
            "/map",
            "/datasets",
            "/sparql",
            "/screen",
        ):
            other = client.get(address, headers=BROWSER)
            assert (other.status_code, "opentier reference" in other.text) == (503, True), address
    assert page.status_code == 200
    assert "<code>opentier reference</code>" in page.text
    assert "<code>opentier demo</code>" in page.text


def test_the_first_page_with_all_that_it_loads_has_less_than_a_hundred_kilobytes(client: TestClient) -> None:
    page = client.get("/", headers=BROWSER)
    loaded = re.findall(r'(?:href|src)="(/static/[^"]+\.(?:css|js))"', page.text)
    assert loaded
    sizes = [len(page.content), *(len(client.get(address).content) for address in loaded)]
    assert sum(sizes) < 100_000, sizes


def test_the_page_of_a_company_says_what_touches_it_itself_and_by_whom_that_is_said(
    client: TestClient,
) -> None:
    page = client.get("/id/example/quiet-river-yarn", headers=BROWSER).text
    text = " ".join(re.sub(r"<[^>]+>", " ", page).split())
    for said in (
        "2 measures in force touch this company itself: Import order: seize cotton yarn (HS 5205)",
        "1 risk list, not binding, touches it or what it sells: Goods list: raw cotton (HS 5201) of China.",
        "1 incident is recorded; the latest found by an authority, 2019-11 to 2021-12.",
        "The company has replied.",
        "The order names this company.",
        "Tariff Act of 1930, Section 307 (19 USC 1307)",
        "Reply of Quiet River Yarn (invented)",
        "restriction of movement",
        "buys from East Oasis Ginning (invented)",
        "sells to Tidewater Textile Trading (invented)",
        "the report mixed up two spinners; the customs papers name Copperpot",
        "No owner, operator, site or recruiter is in the data.",
        "Origin papers for yarn asked for and not received.",
        "No disclosure of it is in the data.",
        "example v1, CC0-1.0",
    ):
        assert said in text, said
    assert "静河纱线" in page
    assert "<s><span" in page  # what was withdrawn is struck through
    assert 'href="/id/example/quiet-river-yarn.ttl"' in page
    assert 'href="/reply?party=example%2Fquiet-river-yarn' in page


def test_what_is_not_known_of_a_company_is_said(client: TestClient) -> None:
    aurora = client.get("/id/example/aurora", headers=BROWSER).text
    assert "No listing was found that touches this company itself" in aurora
    assert "No incident at this company itself is in the data" in aurora
    for word in ("flagged", "compliant", "verified", " clean ", " safe "):
        assert word not in aurora.casefold()


def test_what_was_done_is_called_by_its_own_kind(client: TestClient) -> None:
    page = client.get("/id/example/mangosteen-unit", headers=BROWSER).text
    for kind in ("Remedy", "Corrective action plan", "Audit"):
        assert f'<th scope="row">{kind}<br>' in page, kind
    assert "its operator" in page
    assert "3.00000, 101.40000" in page


def test_the_links_of_a_company_come_in_pages_that_count_exactly(lists: Graph) -> None:
    with TestClient(create_app(lists, local=True)) as client:
        first = client.get("/id/palmwatch/brand-colgate-palmolive", headers=BROWSER).text
        assert "1,716 companies and sites, 6,078 records" in first
        assert "no country of it is stated" in first
        assert "?suppliers=2#suppliers" in first
        last = client.get("/id/palmwatch/brand-colgate-palmolive?suppliers=69", headers=BROWSER).text
        assert "1,701–1,716 of 1,716" in last
        named = [set(re.findall(r'<th scope="row"><span class="regular">buys from</span> <a href="([^"]+)"', page))
                 for page in (first, last)]  # fmt: skip
        assert [len(each) for each in named] == [25, 16]
        assert not named[0] & named[1]
        beyond = client.get("/id/palmwatch/brand-colgate-palmolive?suppliers=70", headers=BROWSER)
        assert beyond.status_code == 404


def test_an_address_of_data_stays_one_and_a_suffix_says_the_form(client: TestClient) -> None:
    where = "/id/example/quiet-river-yarn"
    assert (
        client.get(where, headers={"accept": "text/turtle"}).headers["content-type"].startswith("text/turtle")
    )
    assert client.get(f"{where}.ttl", headers=BROWSER).headers["content-type"].startswith("text/turtle")
    assert client.get(f"{where}.html").text == client.get(where, headers=BROWSER).text
    statements = client.get(f"{where}?inbound=1", headers=BROWSER).text
    assert "Named by" in statements
    order = client.get("/id/example/designation/d-cbp-quiet-river", headers=BROWSER).text
    assert "Measure, binding" in order
    assert "/reply?to=example/designation/d-cbp-quiet-river" in order


def test_a_release_that_is_asked_for_is_handed_on(client: TestClient) -> None:
    number = client.get("/health").json()["release"]
    page = client.get(f"/id/example/quiet-river-yarn?release={int(number)}", headers=BROWSER).text
    assert f'href="/trace?actor=example/quiet-river-yarn&amp;release={int(number)}"' in page
    assert f'href="/id/example/east-oasis-ginning?release={int(number)}"' in page


def test_a_reply_is_taken_by_the_form_and_shown_again_where_something_is_wrong(directory: Path) -> None:
    with TestClient(create_app(Graph.open(directory), local=True), headers=BROWSER) as client:
        form = client.get("/reply?party=example/quiet-river-yarn")
        assert 'value="example/designation/d-cbp-quiet-river"' in form.text
        assert 'data-label="Quiet River Yarn (invented)"' in form.text
        said = {
            "party": "example/quiet-river-yarn",
            "to": "example/designation/d-cbp-quiet-river",
            "url": "",
            "date": "",
        }
        wrong = client.post("/responses", data=said)
        assert wrong.status_code == 400
        assert "A reply has a text" in wrong.text
        sent = client.post("/responses", data={**said, "text": "We deny it."}, follow_redirects=False)
        assert sent.status_code == 303
        page = client.get(sent.headers["location"])
        assert "Your reply was received." in page.text
        waiting = client.get("/responses", headers={"accept": "application/json"}).json()["responses"]
        assert [each["text"] for each in waiting] == ["We deny it."]
        assert "We deny it." not in client.get("/id/example/quiet-river-yarn").text


def test_who_may_judges_on_the_page_and_is_led_back(directory: Path) -> None:
    app = create_app(Graph.open(directory), local=True)
    with TestClient(app, headers=BROWSER, base_url="http://localhost") as client:
        said = {
            "left": "example/tidewater-textiles",
            "right": "example/harbour-lane-trading",
            "judgement": "negative",
            "reason": "two firms",
        }
        made = client.post("/judgements", data=said, follow_redirects=False)
        assert (made.status_code, made.headers["location"]) == (
            303,
            "/id/example/tidewater-textiles#identity",
        )
        page = client.get("/id/example/tidewater-textiles").text
        assert "they are two" in page
        assert "two firms" in page
        assert client.post("/judgements", data={**said, "judgement": "perhaps"}).status_code == 400
    with TestClient(create_app(Graph.open(directory)), headers=BROWSER) as stranger:
        assert stranger.post("/judgements", data=said).status_code == 401
        assert "They are one" not in stranger.get("/id/example/tidewater-textiles").text


def test_every_step_of_a_guide_leads_to_a_page(client: TestClient) -> None:
    for name in ("", "/importer", "/researcher", "/platform"):
        page = client.get(f"/guides{name}", headers=BROWSER)
        assert page.status_code == 200
    assert client.get("/guides/somebody", headers=BROWSER).status_code in (400, 404)


def test_every_page_keeps_the_rules_of_all_pages(visit: Visit) -> None:
    for address in (
        "/", "/search?q=cotton&kind=designations", "/search?q=xqzwvy", "/id/example/quiet-river-yarn",
        "/id/example/mangosteen-unit", "/id/example/designation/d-cbp-quiet-river",
        "/reply?party=example/quiet-river-yarn", "/guides", "/guides/importer",
    ):  # fmt: skip
        visit.to(address)
        visit.look()


def test_without_scripts_a_name_leads_from_the_front_to_its_page(chromium: Browser, reading: Service) -> None:
    visitor = Visit(chromium, reading.url, script=False)
    page = visitor.to("/")
    page.get_by_label("Search a company, site, good, law or initiative").fill("quiet river")
    visitor.press("Search")
    visitor.look()
    visitor.follow("Quiet River Yarn (invented)")
    visitor.look()
    assert page.url.endswith("/id/example/quiet-river-yarn")
    visitor.follow("Reply or correct")
    assert page.get_by_label("Import order: seize cotton yarn").count() == 1
    visitor.close()


def test_where_no_list_is_nothing_is_said_to_be_found_or_not(tmp_path: Path) -> None:
    graph = Graph.open(tmp_path / "data", create=True)
    actors = [
        {"id": "a", "name": "Alder Works (invented)", "kind": "facility", "country": "CN"},
        {"id": "b", "name": "Birch Imports (invented)", "kind": "legal-entity", "country": "US"},
    ]
    links = [
        {"id": "l", "buyer": "b", "supplier": "a", "product": "520100", "observed_date": "2024-01-01"},
        {"id": "m", "buyer": "a", "supplier": "b", "product": "520100", "observed_date": "2024-01-01"},
    ]
    graph.contribute(
        package(tmp_path / "p", "bare", {"actors": actors, "supply_links": links}), Options(match=False)
    )
    with TestClient(create_app(graph, local=True), headers=BROWSER) as client:
        for address in ("/search?q=works&kind=actors", "/search?q=5201&kind=products"):
            page = client.get(address).text
            assert "<tbody>" in page
            assert "none found" not in page
            assert "no list names it" not in page
            assert "not testable: no list is here" in page


def test_an_actor_whose_kind_nobody_says_is_found(tmp_path: Path) -> None:
    graph = Graph.open(tmp_path / "data", create=True)
    tables = {"actors": [{"id": "a", "name": "Minembwe (invented)", "country": "CD"}]}
    graph.contribute(package(tmp_path / "p", "bare", tables), Options(match=False))
    with TestClient(create_app(graph, local=True), headers=BROWSER) as client:
        for address in ("/search?q=minembwe", "/search?q=minembwe&kind=actors", "/suggestions?q=minem"):
            answer = client.get(address)
            assert answer.status_code == 200, address
            assert "Minembwe (invented)" in answer.text


def test_a_good_that_no_list_names_is_not_said_to_be_touched_by_nothing(client: TestClient) -> None:
    page = client.get("/search?q=cotton+t-shirts&kind=products", headers=BROWSER).text
    assert "no list names it itself" in page
    assert "none found" not in page
