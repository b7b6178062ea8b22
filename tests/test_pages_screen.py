"""A list of suppliers, screened in a browser: from the file to the file with what was found, and records of that."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from playwright.sync_api import Browser
from python_calamine import CalamineWorkbook
from starlette.testclient import TestClient

from opentier.api.service import create_app
from opentier.graph import Graph
from opentier.graph.contribution.submission import Options
from opentier.graph.export import workbook
from opentier.graph.front import View
from opentier.graph.report.report import Report
from opentier.graph.screening import entries, listing, matches, screened
from opentier.graph.screening.entries import OTHER, SAME, UNSURE, Entry
from opentier.graph.screening.lines import COLUMNS, Line
from opentier.graph.screening.returned import to_csv
from opentier.graph.screening.shelf import Shelf, write
from opentier.graph.trace.parameters import Parameters
from tests.browsing import BROWSER, Visit
from tests.conftest import Service
from tests.test_pages_desk import FORM
from tests.twins import package

#: Somebody likely, two that are possibly somebody, a filler, a stranger, and a cell that is a formula elsewhere.
LIST = """Vendor;Country;PO
Kingfisher Knitwear (invented);BD;007
Willow Lake Knitting;China;=1+1
Quiet River;NA;12
UNKNOWN;;13
Zxqv Nonesuch;DE;14
"""
HEADER = ["Vendor", "Country", "PO"]
QUIET = "example/quiet-river-yarn"


@pytest.fixture(scope="module")
def data(admitted: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(admitted, tmp_path_factory.mktemp("screen") / "data"))


@pytest.fixture(scope="module")
def own(data: Path) -> Iterator[TestClient]:
    """Return the service as the owner of its machine has it."""
    with TestClient(
        create_app(Graph.open(data), local=True), base_url="http://localhost", headers=FORM
    ) as client:
        yield client


def followed(client: TestClient, answer: httpx2.Response) -> httpx2.Response:
    """Return the page that comes after all work that a page waits for."""
    for _ in range(60):
        path = answer.url.path
        if not path.startswith("/jobs/") or path.endswith("/changes"):
            break
        client.get(f"{path}?wait=10", headers={"accept": "application/json"})
        answer = client.get(path)
    assert answer.status_code == 200, answer.text
    return answer


def sent(client: TestClient, text: str | bytes = LIST, name: str = "vendors.csv") -> str:
    """Send a list, and return its address, once its columns are looked at."""
    page = followed(client, client.post("/screen", files={"file": (name, text)}))
    found = re.fullmatch(r"(/screen/[0-9a-f]{32})/columns", page.url.path)
    assert found, page.url
    return found[1]


def screened_list(client: TestClient, **said: str) -> str:
    """Send a list and screen it, with some words on its matches; return its address."""
    at = sent(client)
    form = {"column-name": "Vendor", "column-country": "Country", "meant|NA": "", "do": "match"}
    assert followed(client, client.post(f"{at}/columns", data=form)).url.path == f"{at}/matches"
    page = followed(client, client.post(f"{at}/matches", data={**said, "do": "screen"}))
    assert page.url.path == f"{at}/result"
    return at


@pytest.fixture(scope="module")
def done(own: TestClient) -> str:
    """Return the address of a list that was screened; nobody may change it."""
    return screened_list(own, **{f"same|4|{QUIET}": "yes"})


# --- The walks -----------------------------------------------------------------------------------------------------


def test_a_list_is_screened_from_the_file_to_the_file_and_kept(
    chromium: Browser, service: Service, tmp_path: Path
) -> None:
    file = tmp_path / "vendors.csv"
    file.write_text(LIST, "utf-8")
    visit = Visit(chromium, service.url)
    page = visit.to("/screen")
    visit.look()
    page.set_input_files("input[type=file]", file)
    page.get_by_role("button", name="Send and look at the columns").click()
    page.wait_for_selector("table.columns")
    assert page.get_by_label("Supplier name").input_value() == "Vendor"
    page.get_by_label("not available").check()
    visit.look()
    page.get_by_role("button", name="Match 5 rows").click()
    page.wait_for_selector("form#matches")
    visit.look()
    assert page.get_by_text("2 rows wait for you").is_visible()
    choice = page.locator('tr[data-row="4"] input[value=unsure]')
    choice.focus()
    page.keyboard.press("y")
    assert page.locator('tr[data-row="4"] input[value=yes]').is_checked()
    page.get_by_role("button", name="Keep what I said, and show the next").click()
    page.wait_for_selector("text=1 row waits for you")
    page.get_by_role("button", name="Screen all 5 rows").click()
    page.wait_for_selector("#again")
    visit.look()
    assert page.get_by_text(
        "Of 5 suppliers 2 could be tested, and 2 of these are touched by a measure in force"
    ).is_visible()
    with page.expect_download() as given:
        page.get_by_role("link", name="Download your file with results (Excel)").click()
    book = CalamineWorkbook.from_path(str(given.value.path()))
    rows = book.get_sheet_by_name("List").to_python()
    assert rows[0] == [*HEADER, *COLUMNS]
    assert [row[:3] for row in rows[1:]] == [line.split(";") for line in LIST.splitlines()[1:]]
    assert rows[3][3:8:2] == [QUIET, rows[3][5], rows[3][7]]
    assert "whoever sent the list says that it is the same" in str(rows[3][7])
    assert len(book.get_sheet_by_name("About").to_python()) > 5
    page.get_by_label("Id of the record").fill("walked")
    page.get_by_role("button", name="Save the record").click()
    page.get_by_role("link", name="walked", exact=True).click()
    page.wait_for_selector(".facts")
    visit.look()
    page.get_by_role("button", name="Run again").click()
    page.wait_for_selector("text=The answer is the same.")
    visit.look()
    visit.to("/screenings")
    visit.look()
    visit.close()


def test_a_list_is_screened_without_scripts(chromium: Browser, service: Service, tmp_path: Path) -> None:
    file = tmp_path / "plain.csv"
    file.write_text(LIST, "utf-8")
    visit = Visit(chromium, service.url, script=False)
    page = visit.to("/screen")
    page.set_input_files("input[type=file]", file)
    for button, there in (
        ("Send and look at the columns", "table.columns"), ("Match 5 rows", "form#matches"),
        ("Screen all 5 rows", "#again"),
    ):  # fmt: skip
        page.get_by_role("button", name=button).click()
        page.wait_for_selector(there)  # a page on which one waits asks for itself
        visit.look()
    with page.expect_download() as given:
        page.get_by_role("link", name="CSV", exact=True).first.click()
    rows = list(csv.reader(io.StringIO(Path(given.value.path()).read_text("utf-8-sig"))))
    assert rows[0] == [*HEADER, *COLUMNS]
    assert [row[0] for row in rows[1:]] == [line.split(";")[0] for line in LIST.splitlines()[1:]]
    page.get_by_role("button", name="Delete now").click()
    page.wait_for_selector("text=The list was deleted")
    visit.close()


# --- The steps -----------------------------------------------------------------------------------------------------


def test_what_is_read_with_a_doubt_is_not_said_to_be_left_out(own: TestClient) -> None:
    text = "Name;Country\nKingfisher Knitwear;BD\nCaf\u00e9 Mills;Atlantis\n"
    page = own.get(sent(own, text.encode("cp1252"))).text
    assert "The file is not UTF-8: read as cp1252, a semicolon between cells." in page
    assert "1 kind of cell was not understood, and is left out of the comparison" in page
    page = own.get(sent(own, text.replace("Atlantis", "BD").encode("cp1252"))).text
    assert "save it as CSV UTF-8" in page
    assert "left out of the comparison" not in page


def test_columns_are_shown_with_how_they_are_read_and_what_na_means_is_asked(own: TestClient) -> None:
    at = sent(own)
    page = own.get(f"{at}/columns").text
    assert "Read as text in UTF-8, a semicolon between cells; 5 rows, the header in row 1." in page
    assert "Bangladesh (BD)" in page
    assert "1 cell says NA: what does it mean?" in page
    assert "1 row names nobody" in page
    assert "1 column is not used and comes back unchanged" in page
    looked = own.post(f"{at}/columns", data={"column-name": "PO", "column-country": "Country", "do": "look"})
    assert "3 rows name nobody" not in followed(own, looked).text
    assert "=1+1" in looked.text or "=1+1" in own.get(f"{at}/columns").text


def test_a_country_that_may_be_several_is_asked_once_and_read_as_it_is_said(own: TestClient) -> None:
    at = sent(own, "Vendor,Country\nOne Ltd,Congo\nTwo Ltd,Congo\nThree Ltd,NA\nFour Ltd,DE\n")
    page = own.get(f"{at}/columns").text
    assert "2 cells say Congo: what does it mean?" in page
    assert "1 cell says NA: what does it mean?" in page
    form = {"column-name": "Vendor", "column-country": "Country", "meant|Congo": "CD", "meant|NA": ""}
    looked = followed(own, own.post(f"{at}/columns", data={**form, "do": "look"})).text
    assert "DR Congo (CD)" in looked
    assert re.search(r'name="meant\|Congo" value="CD" checked', looked)
    matched = followed(own, own.post(f"{at}/columns", data={**form, "do": "match"})).text
    assert matched.count("DR Congo") == 2
    assert "Namibia" not in matched


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (["Zxqv Nonesuch", "Hubei Nonesuch Cotton"], "None of the 2 rows could be tested: this says nothing about"),
        (["Zxqv Nonesuch"], "The row could not be tested: this says nothing about your supplier"),
        (["Zxqv Nonesuch", "Quiet River Yarn (invented)"], "Of 2 suppliers 1 could be tested, and 1 of these is"),
        (["Quiet River Yarn (invented)"], "1 of 1 suppliers is touched by a measure in force"),
    ],
)  # fmt: skip
def test_an_answer_opens_with_how_many_could_be_tested(own: TestClient, rows: list[str], said: str) -> None:
    at = sent(own, "\n".join(["Vendor", *rows, ""]))
    followed(own, own.post(f"{at}/columns", data={"column-name": "Vendor", "do": "match"}))
    page = followed(own, own.post(f"{at}/matches", data={"do": "screen"}))
    lead = " ".join(unescape(re.sub(r"<[^>]+>", "", page.text.partition('class="lead">')[2])).split())
    assert lead.startswith(said)
    assert not re.search(r"\b0 of", lead.partition("Names were compared")[0])
    assert '<td class="small" data-label="Not testable"></td>' not in page.text


def test_a_row_is_counted_once_among_what_touches_it_and_what_may(own: TestClient) -> None:
    at = sent(own, "Vendor;Country\nQuiet River Yarn (invented);CN\nQuiet River;CN\n")
    followed(own, own.post(f"{at}/columns", data={"column-name": "Vendor", "do": "match"}))
    page = followed(own, own.post(f"{at}/matches", data={"do": "screen"}))
    lead = " ".join(unescape(re.sub(r"<[^>]+>", "", page.text.partition('class="lead">')[2])).split())
    assert lead.startswith(
        "Of 2 suppliers 1 could be tested, and 1 of these is touched by a measure in force"
    )
    assert "1 more is touched if it is the company that it may be" in lead


def test_columns_that_nothing_is_read_from_are_named_on_every_page_of_a_list(own: TestClient) -> None:
    at = sent(own, "Vendor;HS cdoe;PO\nKingfisher Knitwear (invented);6109;7\n")
    said = (
        "2 columns of the list are not read, so that nothing was tested of what they say: "
        "HS cdoe (did you mean product?), PO."
    )
    assert said in own.get(f"{at}/columns").text
    page = followed(own, own.post(f"{at}/columns", data={"column-name": "Vendor", "do": "match"}))
    assert said in page.text
    page = followed(own, own.post(f"{at}/matches", data={"do": "screen"}))
    assert (page.url.path, page.text.count(said)) == (
        f"{at}/result",
        2,
    )  # among all that the rows rest on, too


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"column-name": ""}, "Say which column holds the names"),
        ({"column-name": "Vendor", "country": "Nowhere"}, "Nowhere"),
        ({"column-name": "Vendor", "product": "9999"}, "9999"),
        ({"column-name": "Vendor", "max_tier": "many"}, "many"),
        ({"column-name": "Vendor", "on": "2024-13-01"}, "2024-13-01"),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_is_compared(
    own: TestClient, done: str, said: dict[str, str], told: str
) -> None:
    before = own.get(f"{done}/result").text
    refused = own.post(f"{done}/columns", data={**said, "do": "match"})
    assert refused.status_code == 400
    assert told in refused.text
    assert own.get(f"{done}/result").text == before


def test_what_nobody_decided_is_said_and_what_somebody_did_counts_for_the_list_alone(
    own: TestClient, done: str, data: Path
) -> None:
    page = own.get(f"{done}/result").text
    assert "the same, as you say" in page
    assert "by rule, nobody has decided it" in page
    assert "1 doubtful match was left as possible" in page
    assert "not a name" in page
    assert "none: no company of this data is called so" in page
    assert re.search(r"Names were compared with [\d,]+ companies and sites", page)
    graph = Graph.open(data)
    assert not [
        each for each in graph.view().judgements(by_rule=False) if "screen" in each.to_dict()["reason"]
    ]
    assert own.get("/datasets", headers={"accept": "application/json"}).status_code == 200


def test_a_word_that_is_taken_back_counts_no_longer_and_the_result_says_that_it_is_old(
    own: TestClient,
) -> None:
    at = screened_list(own, **{f"same|4|{QUIET}": "no"})
    assert "Who in this data is called so is another one" in own.get(f"{at}/result?show=untested").text
    own.post(f"{at}/matches", data={f"same|4|{QUIET}": ""})
    assert "Something was said since this was answered" in own.get(f"{at}/result").text
    refused = own.post(f"{at}/record", data={"save": "too-late"})
    assert (refused.status_code, "screen the list again" in refused.text) == (400, True)
    again = followed(own, own.post(f"{at}/result"))
    assert "2 doubtful matches were left as possible" in again.text


def test_rows_are_shown_by_what_they_are_and_others_are_counted(own: TestClient, done: str) -> None:
    for show, many in {"all": 5, "measure": 2, "risk": 0, "possible": 1, "none": 0, "untested": 2}.items():
        page = own.get(f"{done}/result?show={show}").text
        assert page.count('data-label="Tier"') == many, show
    for band, many in {"all": 5, "likely": 1, "possible": 2, "none": 1, "no-name": 1, "decide": 1}.items():
        page = own.get(f"{done}/matches?band={band}").text
        assert page.count("<tr data-row=") == many, band
    assert own.get(f"{done}/result?show=sorted").status_code == 400


@pytest.mark.parametrize(
    "said",
    [
        {},
        {f"kind-{kind}": "on" for kind in Parameters.kinds},
        {"kind-supply": "on", "kind-operation": "on", "max_tier": "3", "min_confidence": "0.2"},
    ],
)
def test_the_traces_of_a_result_ask_what_its_list_was_asked(own: TestClient, said: dict[str, str]) -> None:
    at = sent(own)
    form = {"column-name": "Vendor", "column-country": "Country", "meant|NA": "", "do": "match", **said}
    followed(own, own.post(f"{at}/columns", data=form))
    page = followed(own, own.post(f"{at}/matches", data={"do": "screen"})).text
    traced = {unescape(each) for each in re.findall(r'href="(/trace[?]actor=[^"]+)"', page)}
    assert traced
    kinds = [name.removeprefix("kind-") for name in said if name.startswith("kind-")]
    asked = {name: [text] for name, text in said.items() if not name.startswith("kind-")}
    if kinds and {*kinds} != {*Parameters.kinds}:
        asked["kinds"] = [",".join(kinds)]
    for each in traced:
        there = parse_qs(urlsplit(each).query)
        assert {name: text for name, text in there.items() if name != "actor"} == asked
        assert own.get(each).status_code == 200


def test_the_files_are_those_that_the_library_gives(own: TestClient, done: str) -> None:
    given = own.get(f"{done}/result.csv")
    assert given.headers["cache-control"] == "no-store"
    assert "vendors-screened.csv" in given.headers["content-disposition"]
    rows = list(csv.reader(io.StringIO(given.content.decode("utf-8-sig"))))
    assert rows[0] == [*HEADER, *COLUMNS]
    assert rows[2][2] == "'=1+1"
    limits = own.get(f"{done}/result.limits.csv")
    assert limits.text.splitlines()[0].endswith("limit,of,value")
    assert own.get(f"{done}/result.pdf").status_code == 404


def test_a_list_that_no_workbook_holds_is_given_as_csv(own: TestClient) -> None:
    at = sent(own, f"Vendor,Note\nQuiet River,{'long ' * 7000}\n", "long-cell.csv")
    followed(own, own.post(f"{at}/columns", data={"column-name": "Vendor", "do": "match"}))
    page = followed(own, own.post(f"{at}/matches", data={"do": "screen"})).text
    assert "32,767 characters" in page
    assert "result.xlsx" not in page
    assert own.get(f"{at}/result.csv").status_code == 200


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b'Vendor,Note\nA,"open\n', "Row 2: The row is not CSV"),
        (b"PK\x03\x04 no archive", "archive"),
        (b" ,\n", "Give a header and at least one row"),
    ],
)
def test_what_cannot_be_read_is_said_with_its_row_and_without_a_command(
    own: TestClient, text: bytes, told: str
) -> None:
    page = own.get(f"{sent(own, text)}/columns").text
    assert told in page
    assert "--" not in re.sub(r"<[^>]*>", "", page)


def test_of_a_workbook_any_sheet_can_be_the_list(own: TestClient, tmp_path: Path) -> None:
    with workbook.Book(tmp_path / "two.xlsx") as book:
        book.add("Notes", [("Written", "By"), ("today", "somebody")])
        book.add("Mills", [("Mill", "Land"), ("Quiet River", "CN")])
    at = sent(own, (tmp_path / "two.xlsx").read_bytes(), "two.xlsx")
    page = own.get(f"{at}/columns").text
    assert all(f">{sheet}</option>" in page for sheet in ("Notes", "Mills"))
    for sheet, header in (("Notes", "Written"), ("Mills", "Mill")):
        looked = own.post(f"{at}/columns", data={"sheet": sheet, "sheet_now": "", "do": "look"})
        assert f'<option value="{header}"' in followed(own, looked).text


# --- Whose it is ---------------------------------------------------------------------------------------------------


def test_a_list_is_there_for_whoever_sent_it_and_for_nobody_else(admitted: Path, tmp_path: Path) -> None:
    graph = Graph.open(shutil.copytree(admitted, tmp_path / "data"))
    keys = [graph.keys.create(role)[1] for role in ("contributor", "curator")]
    with TestClient(create_app(graph), base_url="http://localhost") as client:
        one, other = ({"authorization": f"Bearer {key}", **BROWSER} for key in keys)
        page = client.post("/screen", files={"file": ("mine.csv", LIST)}, headers=one)
        for _ in range(30):
            if not page.url.path.startswith("/jobs/"):
                break
            client.get(f"{page.url.path}?wait=10", headers={**one, "accept": "application/json"})
            page = client.get(page.url.path, headers=one)
        at = page.url.path.removesuffix("/columns")
        assert client.get(f"{at}/columns", headers=one).status_code == 200
        for headers in (other, BROWSER):
            assert client.get(f"{at}/columns", headers=headers).status_code == 404
            assert client.post(f"{at}/delete", headers=headers).status_code == 404
        assert "mine.csv" in client.get("/screen", headers=one).text
        assert "mine.csv" not in client.get("/screen", headers=other).text
        at = client.post("/screen", files={"file": ("nobodys.csv", LIST)}, headers=BROWSER).url.path
        if at.startswith("/jobs/"):
            client.get(f"{at}?wait=30", headers={"accept": "application/json"})
            at = client.get(at, headers=BROWSER).url.path
        shown = client.get(at, headers=other)
        assert (shown.status_code, shown.headers["cache-control"]) == (200, "no-store")
        assert "Whoever knows the address of this page can read it" in shown.text
        assert "nobodys.csv" not in client.get("/screen", headers=BROWSER).text


def _ended(client: TestClient, answer: httpx2.Response, headers: dict[str, str]) -> httpx2.Response:
    """Return the page that comes after the work of a step, as whoever sends these headers sees it."""
    for _ in range(30):
        if not answer.url.path.startswith("/jobs/"):
            break
        client.get(f"{answer.url.path}?wait=10", headers={**headers, "accept": "application/json"})
        answer = client.get(answer.url.path, headers=headers)
    return answer


def test_what_is_done_with_a_list_is_known_to_no_curator(admitted: Path, tmp_path: Path) -> None:
    graph = Graph.open(shutil.copytree(admitted, tmp_path / "data"))
    keys = [graph.keys.create(role)[1] for role in ("contributor", "admin")]
    with TestClient(create_app(graph), base_url="http://localhost") as client:
        one, other = ({"authorization": f"Bearer {key}", **BROWSER} for key in keys)
        _ended(client, client.post("/screen", files={"file": ("mine.csv", LIST)}, headers=one), one)
        mine = client.get("/jobs", headers={**one, "accept": "application/json"}).json()["jobs"]
        assert mine
        told = client.get("/jobs", headers={**other, "accept": "application/json"})
        assert told.json() == {"jobs": []}
        for job in mine:
            for address in (f"/jobs/{job['id']}", *job["results"].values()):
                assert client.get(address, headers=other).status_code == 404


def test_a_list_of_nobody_shows_nothing_that_is_closed_whoever_screens_it(
    admitted: Path, tmp_path: Path
) -> None:
    graph = Graph.open(shutil.copytree(admitted, tmp_path / "data"))
    tables = {
        "actors": [{"id": "hidden", "name": "Zanzibar Quokka Mill", "kind": "facility", "country": "CN"}]
    }
    graph.contribute(
        package(tmp_path / "shut", "shut", tables), Options(match=False, visibility="restricted")
    )
    key = {"authorization": f"Bearer {graph.keys.create('admin')[1]}", **FORM}
    with TestClient(create_app(graph), base_url="http://localhost", headers=FORM) as client:
        file = {"file": ("a.csv", "Vendor\nZanzibar Quokka Mill\n")}
        at = _ended(client, client.post("/screen", files=file), FORM).url.path.removesuffix("/columns")
        form = {"column-name": "Vendor", "do": "match"}
        page = _ended(client, client.post(f"{at}/columns", data=form, headers=key), key)
        assert page.url.path == f"{at}/matches"
        assert "shut/hidden" not in page.text
        assert _ended(
            client, client.post(f"{at}/matches", data={"do": "screen"}, headers=key), key
        ).is_success
        for step in ("matches", "result", "result.csv"):
            answer = client.get(f"{at}/{step}")
            assert answer.status_code == 200
            assert "shut/hidden" not in answer.text


def test_a_row_whose_match_was_refused_is_not_said_to_be_called_like_nobody(own: TestClient) -> None:
    at = screened_list(own, **{f"same|4|{QUIET}": "no"})
    page = own.get(f"{at}/result").text
    row = page.partition('scope="row" dir="auto">Quiet River<')[2].partition("</tr>")[0]
    assert "who is called so is another one, as you say" in row
    assert "no company of this data is called so" not in row


def test_a_list_that_is_deleted_leaves_nothing(own: TestClient, data: Path) -> None:
    at = sent(own, "Vendor\nA name that stands nowhere else\n")
    page = own.post(f"{at}/delete")
    assert "The list was deleted" in page.text
    assert own.get(f"{at}/columns").status_code == 404
    left = [file for file in (data / "jobs").rglob("*") if file.is_file()]
    assert not [file for file in left if b"stands nowhere else" in file.read_bytes()]


def test_the_page_of_another_site_sends_no_list(own: TestClient) -> None:
    other = {"origin": "https://example.org", "sec-fetch-site": "cross-site"}
    assert own.post("/screen", files={"file": ("a.csv", LIST)}, headers=other).status_code == 403


def test_a_list_with_too_many_rows_is_refused_while_it_comes(own: TestClient, data: Path) -> None:
    long = "Vendor\n" + "".join(f'"Company {number}\n of two lines"\n' for number in range(50_001))
    assert sent(own, long[: long.index("Company 25000") - 1], "lines.csv")
    jobs = set((data / "jobs").iterdir())
    refused = own.post("/screen", files={"file": ("long.csv", long)})
    assert refused.status_code == 413
    assert "opentier screen FILE" in refused.text
    assert set((data / "jobs").iterdir()) == jobs


# --- Records -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def kept(own: TestClient, done: str) -> str:
    """Return the address of the record of a list."""
    page = followed(own, own.post(f"{done}/record", data={"save": "vendors-q1"}))
    assert 'It is kept as <a href="/screenings/vendors-q1">' in page.text
    return "/screenings/vendors-q1"


def test_a_record_says_who_decided_what_and_is_asked_again_with_that(own: TestClient, kept: str) -> None:
    page = own.get(kept).text
    said = json.loads(own.get(f"{kept}?format=json").content)
    assert said["hash"] in page
    assert re.search(
        rf'the same as <span dir="auto">Quiet River Yarn[^<]*</span> <code class="small">{QUIET}</code>', page
    )
    row = next(each for each in said["question"]["list"]["rows"] if each["row"] == 4)
    assert row["read"]["decided"] == {QUIET: SAME}
    changes = followed(own, own.post(f"{kept}/again", data={"save": "vendors-q2"}))
    assert "The answer is the same." in changes.text
    assert "vendors-q2" in changes.text
    assert "The answer is the same." in own.get(f"{kept}/diff/vendors-q2").text
    assert json.loads(own.get(f"{kept}?format=json").content) == said
    listed = own.get("/screenings").text
    assert "2 records are kept" in listed
    assert "followed by" in listed


def test_a_record_is_given_as_the_file_that_was_given_when_it_was_made(
    own: TestClient, done: str, kept: str
) -> None:
    table = own.get(f"{kept}.csv")
    assert list(csv.reader(io.StringIO(table.text))) == list(
        csv.reader(io.StringIO(own.get(f"{done}/result.csv").text))
    )
    book = CalamineWorkbook.from_filelike(io.BytesIO(own.get(f"{kept}.xlsx").content))
    assert book.sheet_names == ["List", "About"]
    packed = own.get(f"{kept}?format=zip").content
    assert packed == own.get(f"{kept}?format=zip").content
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        assert archive.namelist() == [f"vendors-q1.{form}" for form in ("json", "txt", "csv", "xlsx")]
        assert archive.read("vendors-q1.csv").decode() == table.text


def test_a_record_of_a_trace_has_its_page_and_its_exposures_as_a_table(own: TestClient, data: Path) -> None:
    record = Graph.open(data).screenings().trace("example/aurora", "aurora-q1", product="6109")
    page = own.get("/screenings/aurora-q1").text
    assert record["hash"] in page
    assert "Quiet River Yarn" in page
    assert record["judgements"]
    for each in record["judgements"]:
        named = re.findall(
            rf'<span dir="auto">([^<]+)</span> <code class="small">{each["left"]}</code>', page
        )
        assert named, each
    assert 'href="/trace?actor=' in page
    rows = list(csv.DictReader(io.StringIO(own.get("/screenings/aurora-q1.csv").text.removeprefix("\ufeff"))))
    assert [row["designation_id"] for row in rows] == [
        next(each["id"] for each in record["designations"] if each["iri"] == said["designation"])
        for said in record["results"]
    ]


# --- What is decided of a match ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def view(data: Path) -> View:
    return Graph.open(data).view()


def decided(view: View, folder: Path, *words: tuple[str, str]) -> tuple[Line, str]:
    """Return what is said beside a row whose name is somebody's in part, with some words on whom it may be."""
    file = folder / "list.csv"
    file.write_text("name,country\nQuiet River,CN\n", "utf-8")
    known = listing.of(file, Report())
    read: list[Entry] = [replace(each, decided=words) for each in entries.entries(known, "", Report())]
    found = screened.screen(known, view, Parameters(paths=1), read=read)
    return found.lines[0][0], to_csv(found)


def test_who_is_said_to_be_the_same_is_traced_and_no_longer_supposed(view: View, tmp_path: Path) -> None:
    line, text = decided(view, tmp_path, (QUIET, SAME))
    assert line.match is not None
    assert (line.match.id, line.match.band, line.match.sure, line.verdict) == (
        QUIET,
        "accept",
        True,
        "exposed",
    )
    assert line.match.score < 1
    assert "If the same" not in text
    assert not any("nobody has decided" in each for each in line.not_testable)


def test_who_is_said_to_be_another_is_no_candidate_and_the_row_is_not_testable(
    view: View, tmp_path: Path
) -> None:
    line, text = decided(view, tmp_path, (QUIET, OTHER))
    assert line.verdict == "not-testable"
    assert QUIET not in text
    assert "another one, as whoever sent the list says" in text


def test_whoever_is_not_sure_changes_nothing_but_is_named(view: View, tmp_path: Path) -> None:
    plain, _ = decided(view, tmp_path)
    line, _ = decided(view, tmp_path, (QUIET, UNSURE))
    assert plain.match is not None
    assert line.match is not None
    assert line.match.why == f"whoever sent the list is not sure; {plain.match.why}"
    assert (line.verdict, line.match.band) == (plain.verdict, plain.match.band)


def test_who_is_said_to_be_the_same_is_so_however_it_is_called(view: View, tmp_path: Path) -> None:
    line, _ = decided(view, tmp_path, ("example/aurora", SAME))
    assert line.match is not None
    assert (line.match.id, line.verdict) == ("example/aurora", "exposed")
    assert matches.cells(line.match)[:2] == ("example/aurora", line.match.name)


def test_parts_of_rows_are_read_by_their_kind(tmp_path: Path) -> None:
    write(tmp_path, {"told": 1}, (([str(row % 2)], {"row": row, "name": "é"}) for row in range(9, 0, -1)))
    shelf = Shelf(tmp_path)
    assert (shelf.about, shelf.many(), shelf.many("1")) == ({"told": 1}, 9, 5)
    assert shelf.numbers("0") == [8, 6, 4, 2]
    assert shelf.rows([2, 9]) == [{"row": 2, "name": "é"}, {"row": 9, "name": "é"}]
