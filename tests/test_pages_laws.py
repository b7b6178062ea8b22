"""Laws, initiatives and data points as pages: which laws bind, who works on it and where nobody does, who has what."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser
from starlette.testclient import TestClient

from opentier.api.service import create_app
from opentier.graph import Graph
from opentier.graph.contribution.submission import Options
from opentier.graph.errors import UsageError
from opentier.graph.front import View
from opentier.graph.law import said, told
from opentier.graph.law.obligations import RANK, supposed
from tests.browsing import BROWSER, Visit
from tests.conftest import serving
from tests.twins import package

#: Words that no page says of a company (pages.md).
NEVER = re.compile(r"\b(clean|flagged|safe|cleared|tainted|violator|guilty)\b", re.IGNORECASE)


@pytest.fixture(scope="module")
def graph(stocked: Path) -> Graph:
    return Graph.open(stocked)


@pytest.fixture(scope="module")
def site(stocked: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of a service over the same data."""
    with serving(stocked, tmp_path_factory.mktemp("site") / "log") as started:
        yield started.url


def outcomes(found: dict[str, Any]) -> dict[str, str]:
    return {law["law"]["id"]: law["outcome"] for law in found["laws"]}


# What somebody says of a company.


@pytest.mark.parametrize(
    ("actor", "entered"),
    [
        ("example/lindenhof", {"seat": "DE", "employees": "1,200", "turnover": "260m EUR", "year": "2025"}),
        ("example/mistral", {"seat": "France", "employees": "3000", "year": "2025"}),
        ("example/wattlebird", {"seat": "AU", "turnover": "150 million AUD", "year": "2025"}),
    ],
)
@pytest.mark.parametrize("on", [None, "2026-11-25", "2030-01-01"])
def test_what_is_said_of_a_company_is_judged_as_the_same_facts_in_the_data_are(
    view: View, actor: str, entered: dict[str, str], on: str | None
) -> None:
    known = view.obligations(actor, on)
    own = {"sector": ", ".join(view.obligations(actor)["sectors"])} if "sectors" in known else {}
    found = supposed(view.release, view.index, None, said.read(**entered, **own), on)
    assert outcomes(found) == outcomes(known)
    assert len(found["not_considered"]) == known["not_considered"]
    assert found["actor"] is None


def test_a_figure_that_is_said_takes_the_place_of_that_of_the_data(view: View) -> None:
    iri = view.directory.actor("example/lindenhof")
    few = supposed(view.release, view.index, iri, said.read(seat="DE", employees="10", year="2025"))
    assert outcomes(few)["laws/law/de-lksg-2023"] == "not-bound"
    assert [fact["value"] for fact in few["facts"] if fact["metric"] == "employees"] == [10]
    assert any(fact["metric"] == "turnover" for fact in few["facts"])


def test_every_law_that_is_not_considered_says_why(view: View) -> None:
    found = supposed(view.release, view.index, None, said.read(seat="KE"))
    assert found["laws"] == []
    assert {law["why"] for law in found["not_considered"]} >= {
        "binds States",
        "no connection with DE is known",
    }
    assert found["coverage"]["not_covered"] == ["KE"]


@pytest.mark.parametrize(
    ("text", "amount", "currency"),
    [
        ("900m EUR", 900_000_000, "EUR"), ("EUR 1.5bn", 1_500_000_000, "EUR"), ("40,000,000 CAD", 40_000_000, "CAD"),
        ("£36 million", 36_000_000, "GBP"), ("250 000 chf", 250_000, "CHF"), ("500k USD", 500_000, "USD"),
        ("1.250.000 EUR", 1_250_000, "EUR"), ("1.250.000,00 EUR", 1_250_000, "EUR"), ("40'000 CHF", 40_000, "CHF"),
        ("0.500bn EUR", 500_000_000, "EUR"), ("250\u202f000 EUR", 250_000, "EUR"),
    ],
)  # fmt: skip
def test_an_amount_is_read_as_people_write_it(text: str, amount: int, currency: str) -> None:
    (fact,) = said.read(turnover=text).facts
    assert (fact.value, fact.currency, fact.scope) == (Decimal(amount), currency, "worldwide")


@pytest.mark.parametrize(
    ("entered", "told"),
    [
        ({"turnover": "900m"}, "turnover '900m': An amount has a currency"),
        ({"turnover": "many EUR"}, "turnover 'many EUR': This is no amount"),
        ({"employees": "5"}, "employees are counted in the country of the seat"),
        ({"seat": "DE", "employees": "about 5"}, "employees 'about 5': This is not a number"),
        ({"seat": "Nowhereland"}, "seat 'Nowhereland'"),
        ({"sector": "textiles"}, "sector 'textiles' is no division of ISIC"),
        ({"sells_in": "DE, Nowhereland"}, "sells_in 'Nowhereland'"),
        ({"whose": "mine"}, "whose is group or company"),
        ({"year": "soon"}, "year 'soon'"),
        ({"seat": "DE", "employees": "-5"}, "employees '-5': This is below zero"),
        ({"employees_world": "2.5"}, "employees_world '2.5': This is not a whole number"),
        ({"turnover": "-5m EUR"}, "turnover '-5m EUR': This is below zero"),
        ({"assets": "EUR -5"}, "assets 'EUR -5': This is below zero"),
    ],
)
def test_what_cannot_be_understood_is_refused_by_name(entered: dict[str, str], told: str) -> None:
    with pytest.raises(UsageError, match=re.escape(told)):
        said.read(**entered)


@pytest.mark.parametrize("mark", [".", ","])
@pytest.mark.parametrize(("whole", "rest"), [("3", "000"), ("40", "000"), ("999", "125")])
def test_thousands_are_read_as_any_country_writes_them_and_refused_where_they_may_be_a_fraction(
    mark: str, whole: str, rest: str
) -> None:
    """A company is never said to be unbound because its country writes thousands otherwise."""
    text, fraction = f"{whole}{mark}{rest}", f"{Decimal(f'{whole}.{rest}').normalize():f}"
    both = rf"in two ways.*Write {whole}{rest} if .*, {fraction} if "
    for entered in (
        {"turnover": f"{text}m EUR"}, {"assets": f"EUR {text} bn"}, {"turnover": f"{text} KWD"},
    ):  # fmt: skip
        with pytest.raises(UsageError, match=both):
            said.read(**entered)
    for plain in (
        {"seat": "DE", "employees": text}, {"employees_world": text}, {"turnover": f"{text} EUR"},
        {"assets": f"EUR {text}"},
    ):  # fmt: skip
        assert f"{whole}{rest}" in {f"{fact.value:f}" for fact in said.read(**plain).facts}


@pytest.mark.parametrize("address", ["/laws", "/obligations"])
@pytest.mark.parametrize("asked", ["seat=DE&turnover=1.250m EUR", "seat=GB&turnover=40.000 KWD"])
def test_no_face_answers_of_such_a_number(client: TestClient, address: str, asked: str) -> None:
    answer = client.get(f"{address}?{asked}", headers=BROWSER if address == "/laws" else {})
    assert answer.status_code == 400
    assert "may be read in two ways" in answer.text


def test_more_than_and_at_least_are_kept_apart_in_words() -> None:
    asked = {
        "metric": "employees", "minimum": 3000.0, "currency": None, "scope": "worldwide", "comparator": "more-than",
        "consolidated": None,
    }  # fmt: skip
    assert told.threshold(asked) == "more than 3,000 employees worldwide"
    least = {**asked, "comparator": "at-least", "metric": "turnover", "currency": "EUR", "scope": "EU"}
    assert told.threshold(least) == "at least EUR 3,000 turnover in the European Union"


def test_every_outcome_has_words() -> None:
    assert set(told.OUTCOMES) == set(RANK)


# Laws.


def test_the_page_of_laws_answers_first_and_says_what_is_missing(client: TestClient) -> None:
    page = client.get("/laws?seat=FR&employees=3000&on=2026-11-25", headers=BROWSER).text
    assert "On 25 November 2026:" in page
    assert "None is certain." in page
    assert "What would settle some of them:" in page
    assert page.count("This is no legal advice.") == 1
    assert "year not stated" in page
    assert page.index("This is no legal advice.") < page.index('id="unknown"')
    assert not NEVER.search(re.sub(r"<[^>]+>", " ", page))


def test_a_fact_older_than_two_years_is_marked(client: TestClient) -> None:
    old = client.get("/laws?seat=FR&employees=3000&year=2022&on=2026-11-25", headers=BROWSER).text
    assert "4 years old" in old
    new = client.get("/laws?seat=FR&employees=3000&year=2025&on=2026-11-25", headers=BROWSER).text
    assert "years old" not in new


def test_conditions_and_changes_of_a_law_stand_above_its_answer(client: TestClient) -> None:
    page = client.get("/laws?actor=example/mistral&on=2026-11-25", headers=BROWSER).text
    law = page[page.index("Duty of Vigilance Law") :]
    assert law.index("other legal forms than SA") < law.index("According to")
    assert law.index("A workshop report prints other numbers") < law.index("According to")
    assert law.index("official text") < law.index("contradicted by the law")


def test_laws_that_were_not_considered_are_all_listed_with_the_reason(client: TestClient) -> None:
    page = client.get("/laws?seat=KE", headers=BROWSER).text
    assert "66 of 66 laws in the data have no known connection" in page
    assert page.count('data-label="Why not"') == 66
    assert "at which nobody looked:</b> Kenya" in page


def test_without_a_question_all_laws_are_listed(client: TestClient) -> None:
    page = client.get("/laws", headers=BROWSER).text
    assert "1 to 25 of 66 laws" in page
    assert "51 to 66 of 66 laws" in client.get("/laws?page=3", headers=BROWSER).text
    assert client.get("/laws?page=4", headers=BROWSER).status_code == 404
    assert client.get("/laws?format=json", headers=BROWSER).json()["total"] == 66
    assert client.get("/laws.csv").text.count("\n") > 66


def test_what_is_said_of_a_company_is_answered_as_data_too(client: TestClient) -> None:
    page = client.get("/laws?seat=FR&employees=3000&on=2026-11-25", headers=BROWSER).text
    (address,) = re.findall(r'title="JSON" href="([^"]+)"', page)
    found = client.get(f"/{address.replace('&amp;', '&')}").json()
    assert outcomes(found)["laws/law/fr-vigilance-2017"] == "unknown"
    assert isinstance(found["not_considered"], int)
    refused = client.get("/obligations")
    assert refused.status_code == 400
    assert refused.json()["parameter"] == "actor"


# Initiatives.


def test_bars_keep_the_industries_that_have_none(client: TestClient) -> None:
    page = client.get("/initiatives", headers=BROWSER).text
    for name in ("Machinery", "Pharmaceuticals, Health &amp; Chemicals"):
        row = page[page.index(f'<th scope="row">{name}</th>') :]
        assert row.index("none in the directory") < row.index("</tr>")
    assert "from a directory of 2020" in page
    assert "1 to 25 of 92" in page


def test_filters_of_initiatives_are_closed_lists_with_counts(client: TestClient, view: View) -> None:
    page = client.get("/initiatives?industry=Electronics", headers=BROWSER).text
    many = len(view.initiatives.find(industry="Electronics", geography="Asia"))
    assert f'<option value="Asia">Asia ({many})</option>' in page
    assert '<option value="Electronics" selected>' in page
    country = client.get("/initiatives?geography=MY", headers=BROWSER).text
    assert '<option value="MY" selected>Malaysia (27)</option>' in country
    assert "that work everywhere and name no region" in country


def test_a_filter_that_nothing_has_is_refused_with_the_list(client: TestClient) -> None:
    answer = client.get("/initiatives?issue=zzz", headers=BROWSER)
    assert answer.status_code == 400
    for issue in ("Child Labour", "Forced Labour", "Recruitment", "Sexual Exploitation"):
        assert issue in answer.text
    empty = client.get("/initiatives?industry=Machinery", headers=BROWSER)
    assert empty.status_code == 200
    assert "None in this directory." in empty.text


# Data points.


def test_data_points_say_holder_access_and_barriers_or_that_they_are_not_stated(client: TestClient) -> None:
    page = client.get("/data-points", headers=BROWSER).text
    assert "1 to 21 of 21" in page
    assert "Shown here: 21. Open: 6. Of which it is not stated who gets them: 9." in page
    blocked = client.get("/data-points?barrier=privacy-law", headers=BROWSER).text
    assert "3 data points: privacy law" in blocked
    assert page.count("stated of none") == 4  # the other barriers of the vocabulary
    assert '<option value="privacy-law" selected>privacy law (3)</option>' in blocked
    refused = client.get("/data-points?barrier=weather", headers=BROWSER)
    assert refused.status_code == 400
    assert "privacy-law" in refused.text


# In a browser.


@pytest.fixture
def walk(chromium: Browser, site: str) -> Iterator[Visit]:
    found = Visit(chromium, site)
    yield found
    found.close()


def test_whoever_asks_which_laws_bind_finds_his_answer_in_a_browser(walk: Visit) -> None:
    page = walk.to("/laws")
    walk.look()
    page.get_by_label("Established in").fill("France")
    page.get_by_label("Employees there").fill("3,000")
    page.get_by_label("On", exact=True).fill("2026-11-25")
    page = walk.press("Answer")
    assert "seat=France" in page.url
    assert "turnover" not in page.url
    assert "Duty of Vigilance Law" in page.inner_text("main")
    walk.look()


@pytest.mark.parametrize(
    "address", ["/initiatives?geography=MY", "/data-points", "/countries", "/countries/MY?lang=fr"]
)
def test_pages_of_initiatives_data_points_and_countries_break_no_rule(walk: Visit, address: str) -> None:
    walk.to(address)
    walk.look()


def test_without_scripts_a_country_is_reached_and_read_in_another_language(
    chromium: Browser, site: str
) -> None:
    walk = Visit(chromium, site, script=False)
    walk.to("/initiatives")
    walk.follow("Countries")
    walk.page.get_by_label("Country, by name or code").fill("Malaysia")
    page = walk.press("Show")
    assert page.url.endswith("/countries/MY")
    page = walk.follow("Português")
    assert page.locator("html").get_attribute("lang") == "pt"
    page.get_by_role("link", name="All data points and their barriers").or_(
        page.locator("a[href*='/data-points?lang=pt']")
    ).first.click()
    assert "lang=pt" in page.url
    walk.look()
    walk.close()


def test_the_data_of_an_answer_is_of_the_release_that_is_named(client: TestClient, view: View) -> None:
    said = f"seat=DE&employees=5000&release={int(view.release.id)}"
    page = client.get(f"/laws?{said}", headers=BROWSER)
    assert page.status_code == 200
    assert f'href="obligations?{said.replace("&", "&amp;")}"' in page.text
    assert client.get(f"/obligations?{said}").status_code == 200


def test_laws_and_initiatives_name_the_dataset_that_says_each(tmp_path: Path) -> None:
    graph = Graph.open(tmp_path / "data", create=True)
    law = {
        "id": "l",
        "title": "An act (invented)",
        "jurisdiction": "DE",
        "kinds": "reporting",
        "status": "in-force",
    }
    body = {"id": "i", "name": "A body (invented)", "type": "Initiative", "industry": "Apparel",
            "geography": "Asia", "issues": "Forced labour"}  # fmt: skip
    made = package(tmp_path / "p", "elsewhere", {"laws": [law], "initiatives": [body]})
    graph.contribute(made, Options(match=False))
    with TestClient(create_app(graph, local=True), headers=BROWSER) as client:
        for address, name in (("/laws", "An act (invented)"), ("/initiatives", "A body (invented)")):
            page = client.get(address).text
            assert name in page
            assert re.search(r'href="/datasets/elsewhere">elsewhere</a>, version 1, CC0-1.0', page), address
