"""The pages of a trace: the answer first, what could not be tested beside it, every state at an address of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser
from starlette.testclient import TestClient

from opentier.api.service import create_app
from opentier.graph import Graph
from opentier.graph.front import View
from opentier.graph.jobs.pool import Limits
from opentier.graph.trace.parameters import FILTERS, Parameters
from tests.browsing import BROWSER, Visit
from tests.conftest import Service
from tests.test_cli import package
from tests.test_nothing_found import DATA
from tests.test_words import NEVER

AURORA = "/trace?actor=example/aurora&product=6109"
XINJIANG = "example/designation/d-uflpa-region"
#: The most bytes of a picture.
PICTURE = 80_000


@pytest.fixture(scope="module")
def graph(admitted: Path) -> Graph:
    return Graph.open(admitted)


@pytest.fixture(scope="module")
def wide(lists: Graph) -> Iterator[TestClient]:
    """Return a client of the service over three real lists."""
    with TestClient(create_app(lists, local=True), headers={"prefer": "wait=100"}) as client:
        yield client


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """Return a client of the service over a chain with a gap, and over two actors of one name."""
    folder = tmp_path_factory.mktemp("small")
    actors = "id,name,country\nbuyer,Buyer,US\nlisted,Listed Mill,CN\none,Twin Mills,IN\ntwo,Twin Mills,TR\n"
    tables = {
        "actors": actors,
        "supply_links": "id,buyer,supplier,declared_tier\nl1,buyer,listed,3\n",
        "designations": "id,kind,class,effect,target,authority,listing_date\n"
        "d1,import-order,measure,withhold,listed,Customs,2020-01-01\n",
    }
    graph = Graph.open(folder / "data", create=True)
    assert graph.contribute(package(folder / "package", "small", **tables)).new
    with TestClient(create_app(graph, local=True)) as client:
        yield client


def shown(client: TestClient, address: str, status: int = 200) -> str:
    answer = client.get(address, headers=BROWSER, follow_redirects=False)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    return answer.text


def words(page: str) -> str:
    """Return what a page says, without its picture."""
    main = page[page.index("<main") : page.index("</main>")]
    bare = re.sub(r"<svg.*?</svg>", "", main, flags=re.DOTALL)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", bare)))


def picture(page: str) -> str:
    found = re.search(r'<svg xmlns="[^"]+" class="tp".*?</svg>\n', page, re.DOTALL)
    assert found is not None
    return found[0]


def links(page: str) -> list[str]:
    return list(map(unescape, re.findall(r'href="([^"]+)"', page)))


# --- The answer ------------------------------------------------------------------------------------------------------


def test_an_answer_stands_in_the_order_of_the_design(client: TestClient) -> None:
    page = shown(client, "/trace?actor=example/aurora")
    marks = (
        '<p class="kicker">Trace upstream', "<h1>", 'class="answer"', 'class="tested"', "Save as screening record",
        "Report (PDF): one page, then everything behind it",
        "Change the question", 'aria-label="Asked"', 'id="picture"', 'id="listings"',
        'id="incidents"', 'id="likelihoods"', 'id="change"', 'id="who"', 'id="all"', 'id="limits"',
    )  # fmt: skip
    places = [page.index(mark) for mark in marks]
    assert places == sorted(places)
    groups = re.findall(r'<p class="kicker"><span class="mark (\w+)">', page)
    assert groups == ["measure"] * 5 + ["risk"] * 3 + ["possible"]


def test_an_answer_says_first_what_was_found_and_what_could_not_be_tested(
    client: TestClient, view: View
) -> None:
    said = words(shown(client, AURORA))
    assert "Yes: 4 measures in force and 2 risk list entries touch 8 actors upstream." in said
    assert "The nearest measure is at tier 3 and touches Stonebridge Cotton Spinning (invented)" in said
    found = view.trace("example/aurora", Parameters(product="6109")).to_dict()
    assert found["counts"]["exposed"] == 8
    assert "11 actors have no upstream link" in said[said.index("Not testable") : said.index("Save as")]


def test_no_page_of_a_trace_accuses_or_absolves(client: TestClient) -> None:
    for address in (
        "/trace",
        AURORA,
        "/trace?actor=example/cloudberry-quartz",
        "/trace?actor=example/stork-tower-knits&max_tier=1",
        "/trace/companies?actor=example/aurora",
        f"/trace/listing?actor=example/aurora&designation={XINJIANG}",
    ):
        page = shown(client, address)
        assert NEVER.search(re.sub(r'(href|class)="[^"]*"', "", page[page.index("<main") :])) is None, address


def test_the_same_address_gives_the_same_bytes(client: TestClient) -> None:
    address = f"{AURORA}&release={client.get(AURORA).headers['opentier-release'].lstrip('0')}"
    assert shown(client, address) == shown(client, address)
    assert "As of release" in shown(client, address)


def test_a_program_still_gets_data_and_a_browser_that_names_a_form(client: TestClient) -> None:
    assert client.get(AURORA).headers["content-type"] == "application/json"
    csv = client.get(f"{AURORA}&format=csv", headers=BROWSER)
    assert csv.headers["content-type"].startswith("text/csv")


def test_every_download_of_an_answer_is_there_or_says_what_it_needs(client: TestClient) -> None:
    page = shown(client, AURORA)
    forms = {
        parse_qs(urlsplit(link).query)["format"][0]
        for link in links(page)
        if link.startswith("/trace?") and "format=" in link
    }
    assert {"json", "csv", "xlsx", "svg"} <= forms
    for form in sorted(forms & {"json", "csv", "svg", "xlsx"}):
        assert client.get(f"{AURORA}&format={form}").status_code == 200
    assert {"pdf", "png"} <= forms or "needs opentier[print]" in page


def test_laws_are_of_the_reports_alone(client: TestClient) -> None:
    page = shown(client, f"{AURORA}&law=us-uflpa-2021&law=eu-flr-2024")
    forms = [parse_qs(urlsplit(link).query) for link in links(page) if "format=" in link]
    with_laws = {each["format"][0] for each in forms if "law" in each}
    assert "xlsx" in with_laws
    assert with_laws <= {"xlsx", "pdf", "png"}
    assert all(len(each["law"]) == 2 for each in forms if "law" in each)


def test_a_path_tells_documents_what_lacks_dates_confidence_and_licence(client: TestClient) -> None:
    page = shown(client, AURORA)
    path = page[page.index('<ol class="chain">') : page.index("</ol>")]
    said = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", path))
    assert "Kingfisher Knitwear (invented) Bangladesh, tier 1 sells cotton T-shirts and vests" in said
    assert "Known from Aurora supplier list 2024, tiers 1 and 2 (invented) (supplier list)" in said
    assert "Missing for a full file invoice, proof of payment, transport document, production record" in said
    assert (
        "Live since 2018-03-01 Confidence of this link 1 Dataset, licence example version 1, CC0-1.0" in said
    )
    assert 'href="https://example.org/evidence/ev-po-aurora-4711"' in path
    assert page.count("<details open>") == 1


def test_a_declared_gap_is_an_item_of_its_own(small: TestClient) -> None:
    page = shown(small, "/trace?actor=small/buyer")
    assert re.search(r'<li class="unknown" data-tier="\?">.*?Not known: 2 declared tiers, not named', page)
    assert page.index("Not known: 2 declared tiers") < page.index('class="end-measure"')


def test_an_incident_has_its_state_of_proof_and_the_reply_under_it(client: TestClient) -> None:
    page = words(shown(client, "/trace?actor=example/aurora"))
    begin = page.index("Alleged, nobody else has checked")
    part = page[begin : page.index("Corroborated by independent sources")]
    assert "Kingfisher Unit 2 (invented)" in part
    assert "Reply of Kingfisher Knitwear (invented) (2024-06-20): The firm says" in part
    assert (
        page.index("none is an exposure, none counts above") < begin < page.index("it says of no site what")
    )


# --- The question ----------------------------------------------------------------------------------------------------


def test_without_an_actor_the_question_is_asked_with_every_filter(client: TestClient) -> None:
    page = shown(client, "/trace")
    fields = set(re.findall(r'name="(\w+)"', page[page.index("<form") : page.index("</form>")]))
    assert fields == {"actor", *(each.called for each in FILTERS.values())}


def test_what_was_asked_fills_in_the_question(client: TestClient) -> None:
    asked = (
        "&on=2024-01-01&kinds=supply,ownership&min_confidence=0.5&countries=CN,BD&past=true&downstream=true"
    )
    page = shown(client, f"/trace?actor=example/quiet-river-yarn{asked}")
    form = page[page.index('id="question"') : page.index('aria-label="Asked"')]
    for field in (
        'name="on" type="date" value="2024-01-01"', 'value="0.5"', 'name="countries" type="text" value="CN,BD"',
        'name="kinds" value="ownership" checked', 'name="past" value="true" checked', 'value="true" selected',
    ):  # fmt: skip
        assert field in form
    assert 'name="kinds" value="operation" checked' not in form


def test_boxes_that_are_sent_one_by_one_lead_to_one_address(client: TestClient) -> None:
    sent = f"{AURORA}&kinds=supply&kinds=ownership&exploitation=forced-labour&exploitation=child-labour"
    answer = client.get(sent, headers=BROWSER, follow_redirects=False)
    assert answer.status_code == 303
    led = parse_qs(urlsplit(answer.headers["location"]).query)
    assert (led["kinds"], led["exploitation"]) == (["supply,ownership"], ["forced-labour,child-labour"])
    assert led["product"] == ["6109"]
    shown(client, answer.headers["location"])


def test_a_release_that_is_named_stays_in_every_address(client: TestClient) -> None:
    page = shown(client, "/trace?actor=example/aurora&release=3")
    inside = [link for link in links(page) if link.startswith("/trace") and link != "/trace"]
    assert len(inside) > 20
    without = [link for link in inside if "release=3" not in link]
    assert without == ["/trace?actor=example/aurora"]  # which is how it is asked of the current release
    assert 'name="release" value="3"' in page


def test_what_a_trace_of_a_release_names_is_shown_as_it_was_in_it(client: TestClient) -> None:
    number = int(client.get("/search?q=aurora").headers["opentier-release"])
    page = client.get(f"{AURORA}&release={number}", headers=BROWSER).text
    main = page.partition('<main id="main"')[2].partition("</main>")[0].partition('id="picture"')
    shown = main[0] + main[2].partition("</figure>")[2]  # the picture is drawn for every release
    led = re.findall(r'href="(/(?:id|datasets)/[^"]+)"', shown)
    assert len(led) > 10
    assert [each for each in led if f"release={number}" not in each] == []
    assert client.get(led[0], headers=BROWSER).status_code == 200


# --- What is no answer -----------------------------------------------------------------------------------------------


def test_a_code_that_is_none_is_refused_with_those_near_to_it(client: TestClient) -> None:
    page = shown(client, "/trace?actor=example/aurora&product=610", 400)
    assert "is no product" in words(page)
    assert "Nothing was traced" in words(page)
    near = [link for link in links(page) if "product=6109" in link]
    assert near
    assert "Yes:" in words(shown(client, near[0]))
    assert 'class="answer"' not in page


def test_a_name_of_nobody_is_refused_with_those_near_to_it(client: TestClient) -> None:
    page = shown(client, "/trace?actor=Kingfisher%20Knit", 404)
    assert "/trace?actor=example/kingfisher-knitwear" in links(page)
    assert "this says nothing about the company" in words(page)


def test_a_name_of_several_is_chosen_before_anything_is_traced(small: TestClient) -> None:
    page = shown(small, "/trace?actor=Twin%20Mills&max_tier=2", 300)
    assert "2 companies are called “Twin Mills”. Choose one; nothing was traced." in words(page)
    chosen = [link for link in links(page) if "small/" in link]
    assert chosen == ["/trace?max_tier=2&actor=small/one", "/trace?max_tier=2&actor=small/two"]
    assert 'class="tested"' in shown(small, chosen[1])


def test_nothing_found_is_said_within_limits_and_not_testable_with_what_would_help(
    client: TestClient,
) -> None:
    page = words(shown(client, "/trace?actor=example/stork-tower-knits&max_tier=1"))
    assert "No exposure found within these limits." in page
    assert "Nothing here says that the chain has no forced labour in it." in page
    page = words(shown(client, "/trace?actor=example/cloudberry-quartz"))
    assert "Not testable: whether anything touches this chain cannot be said" in page
    assert "What would make it testable" in page
    assert "who supplies 1 actor everything that lies behind them" in page
    assert "Nothing that was searched touches" not in page


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("no-lists", ("Not testable:", "a list of measures or risks", "None could be tested")),
        ("region-as-text", ("No exposure found, and much could not be tested.", "the region of 1 actor")),
        ("owner", ("No exposure found within these limits.", "1 link of ownership that was not followed")),
        (
            "same-name",
            ("nobody has judged whether it is the same", "a judgement on 1 actor called as a listed"),
        ),
        ("many-ways", ("At least 1 measure in force touches 1 actor upstream; a search was given up",)),
    ],
)
def test_a_page_says_why_nothing_or_not_all_was_found(
    tmp_path: Path, name: str, says: tuple[str, ...]
) -> None:
    graph = Graph.open(tmp_path / "data", create=True)
    assert graph.contribute(package(tmp_path / "package", "shop", **DATA[name])).new
    with TestClient(create_app(graph, local=True)) as client:
        page = words(shown(client, "/trace?actor=shop/importer"))
    for said in says:
        assert said in page, said
    assert ("Tested, no exposure found" in page) == (name != "no-lists")


def test_what_is_past_stands_apart_and_no_path_of_it_is_part_of_the_answer(client: TestClient) -> None:
    asked = "/trace?actor=example/aurora&on=2018-01-01&pending=true"
    page = shown(client, asked)
    said = words(page)
    assert "Pending It is not yet in force" not in said.partition("Listings and paths")[0]
    assert "It is not yet in force, and no part of the answer above." in said
    listing = next(
        link for link in links(page) if link.startswith("/trace/listing") and "state=pending" in link
    )
    assert "not yet in force" in words(shown(client, listing))


def test_a_parameter_of_a_page_that_means_nothing_is_refused(client: TestClient) -> None:
    base = "actor=example/aurora"
    for address in (
        f"/trace/listing?{base}&designation=example/designation/none",
        f"/trace/listing?{base}&designation={XINJIANG}&company=example/aurora",
        f"/trace/listing?{base}&designation={XINJIANG}&page=9",
        f"/trace/companies?{base}&page=9",
        f"/trace/companies?{base}&tier=77",
        f"/trace/companies?{base}&group=Atlantis",
        f"/trace?{base}&nonsense=1",
    ):
        shown(client, address, 400)


# --- Long lists ------------------------------------------------------------------------------------------------------


def test_every_company_of_an_answer_is_on_one_of_the_pages_of_its_list(
    client: TestClient, view: View
) -> None:
    found = view.trace("example/aurora", Parameters()).to_dict()
    named: list[str] = []
    for number in (1, 2):
        page = shown(client, f"/trace/companies?actor=example/aurora&page={number}")
        named += re.findall(r'<th scope="row"><a href="/id/([^"]+)"', page)
    assert named == [each["id"] for each in found["reached"]]
    tier = shown(client, "/trace/companies?actor=example/aurora&tier=3")
    assert len(re.findall(r'<th scope="row">', tier)) == found["counts"]["by_tier"]["3"]


def test_each_company_of_a_listing_leads_to_all_its_paths(client: TestClient, view: View) -> None:
    found = view.trace("example/aurora", Parameters()).to_dict()
    paths = {
        each["actor"]["id"]: len(each["paths"])
        for each in found["exposures"]
        if each["designation"]["id"] == XINJIANG
    }
    page = shown(client, f"/trace/listing?actor=example/aurora&designation={XINJIANG}")
    led = [link for link in links(page) if "company=" in link]
    assert {parse_qs(urlsplit(link).query)["company"][0] for link in led} == set(paths)
    for link in led[:3]:
        company = parse_qs(urlsplit(link).query)["company"][0]
        assert shown(client, link).count('<ol class="chain">') == paths[company]


# --- The picture -----------------------------------------------------------------------------------------------------


def test_the_picture_has_the_colours_of_the_page_and_leads_on_by_designation_then_by_tier(
    client: TestClient,
) -> None:
    drawn = picture(shown(client, AURORA))
    assert "var(--measure)" in drawn
    assert "#5E2B91" not in drawn
    assert len(drawn.encode()) < PICTURE
    anchors = re.findall(r'<a href="(/id/[^"]+)"><title>([^<]+)</title>', drawn)
    assert len(anchors) == drawn.count("<a ")
    listed = [title for _, title in anchors if re.match(r"Tier \d", title)]
    every = [int(found[1]) for _, title in anchors if (found := re.search(r", tier (\d+):", title))]
    assert listed
    assert every == sorted(every)
    first = next(number for number, (_, title) in enumerate(anchors) if re.search(r", tier \d+:", title))
    assert all(not re.match(r"Tier \d", title) for _, title in anchors[first:])


def test_what_a_large_picture_folds_is_one_link_away_and_counted_right(wide: TestClient) -> None:
    page = shown(wide, "/trace?actor=palmwatch/brand-nestle")
    drawn = picture(page)
    assert len(drawn.encode()) < PICTURE
    assert len(page.encode()) - len(drawn.encode()) < 300_000
    folded = re.findall(r'<a href="(/trace/companies[^"]+)"><title>[^<]*: all ([\d,]+)</title>', drawn)
    assert len(folded) >= 3
    for link, many in folded[:2]:
        said = words(shown(wide, unescape(link)))
        assert f"of {many}" in said
    assert "All 953 companies that it touches" in words(page)


# --- Kept ------------------------------------------------------------------------------------------------------------


def test_an_answer_is_kept_as_a_record_by_whoever_may_and_from_this_site_alone(directory: Path) -> None:
    graph = Graph.open(directory)
    with TestClient(create_app(graph, local=True)) as client:
        page = shown(client, AURORA)
        assert 'name="save" required value="aurora-3"' in page
        body = {"save": "aurora-3"}
        foreign = client.post(AURORA, data=body, headers=BROWSER | {"origin": "http://elsewhere.example"})
        assert foreign.status_code == 403
        kept = client.post(AURORA, data=body, headers=BROWSER, follow_redirects=False)
        assert (kept.status_code, kept.headers["location"]) == (303, "/screenings/aurora-3")
        record = graph.screenings().read("aurora-3")
        assert (record["verdict"]["result"], record["counts"]["exposed"]) == ("exposed", 8)
        again = client.post(AURORA, data=body, headers=BROWSER, follow_redirects=False)
        assert again.status_code == 400
        assert "is kept already" in again.text
    assert graph.audit.recorded() == {"aurora-3": "local"}
    with TestClient(create_app(graph)) as client:
        page = shown(client, AURORA)
        assert "opentier trace example/aurora --product 6109 --save NAME" in page
        assert client.post(AURORA, data={"save": "aurora-4"}, headers=BROWSER).status_code == 401


# --- Work that takes long --------------------------------------------------------------------------------------------


def test_what_takes_too_long_says_what_to_do_and_that_nothing_is_known(lists: Graph) -> None:
    app = create_app(lists, local=True, jobs_within=Limits(seconds=0.05))
    with TestClient(app, headers={"prefer": "wait=100"}) as client:
        said = words(shown(client, "/trace?actor=palmwatch/brand-nestle", 504))
    assert "It took too long." in said
    assert "Nothing was traced: this says nothing about the company." in said
    assert "fewer tiers" in said


# --- In a browser ----------------------------------------------------------------------------------------------------


def test_a_question_is_asked_and_its_answer_read_in_a_browser(visit: Visit) -> None:
    page = visit.to("/trace")
    visit.look()
    page.get_by_label("Company", exact=True).first.fill("example/aurora")
    page.get_by_label("Product", exact=True).first.fill("6109")
    visit.press("Trace")
    assert page.url.endswith("/trace?actor=example%2Faurora&product=6109") or page.url.endswith(AURORA)
    assert "Yes: 4 measures in force" in page.inner_text(".answer")
    visit.look()
    page.get_by_text("Change the question").click()
    page.locator("#question").get_by_label("ownership", exact=True).check()
    visit.press("Trace again")
    assert "kinds=supply,operation,ownership" in page.url
    visit.follow("Limits and sources")
    page.locator("table a[href*='company=']").first.click()
    page.wait_for_load_state()
    assert page.locator("ol.chain").count() >= 1
    visit.look()
    visit.to("/trace/companies?actor=example/aurora")
    visit.follow("Next")
    visit.look()
    visit.to("/trace?actor=example/aurora&product=9999")
    visit.look()


def test_the_picture_is_walked_by_keys_alone(visit: Visit) -> None:
    page = visit.to(AURORA)
    page.locator(".picture").focus()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('svg.tp') !== null")
    assert page.evaluate("document.activeElement.querySelector('title').textContent").startswith(
        "You asked about"
    )
    page.keyboard.press("Tab")
    title = page.evaluate("document.activeElement.querySelector('title').textContent")
    assert title.startswith("Tier 1: Kingfisher Knitwear")
    page.keyboard.press("Enter")
    page.wait_for_url("**/id/example/kingfisher-*")


def test_a_trace_works_without_scripts_and_in_the_dark(chromium: Browser, reading: Service) -> None:
    visit = Visit(chromium, reading.url, script=False)
    page = visit.to("/trace")
    page.get_by_label("Company", exact=True).first.fill("Aurora Apparel Imports (invented)")
    visit.press("Trace")
    assert page.locator("[data-copy]").is_hidden()
    page.locator("summary", has_text="Save as screening record").click()
    assert page.get_by_label("Name of the record").is_visible()
    visit.look()
    visit.close()
    dark = Visit(chromium, reading.url, dark=True)
    page = dark.to(AURORA)
    fill = page.evaluate("getComputedStyle(document.querySelector('.tp rect.bg')).fill")
    assert fill == page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(18, 23, 29)"
    dark.look(narrow=False)
    dark.close()
