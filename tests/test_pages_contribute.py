"""A file on its way to an admitted dataset, in a browser: sent, understood, described, checked, mended, admitted."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from playwright.sync_api import Browser
from starlette.testclient import TestClient

from opentier.api.service import create_app
from opentier.graph import Graph
from opentier.graph.store import lock
from tests.browsing import BROWSER, Visit
from tests.conftest import PATIENCE, Started, serving
from tests.test_pages_desk import FORM

TIERS = """Supplier;Country;Customer;HS code;Start;Contact e-mail
Vinh Phuc Garment (invented);Viet Nam;Aurora (invented);6109.10;2023-01-01;li@example.org
Dhaka Knit (invented);Bangladesh;Aurora (invented);610910;01/03/2023;a@example.org
Cotton Cluster (invented);UZ;Aurora (invented);5201;Q1 2023;c@example.org
"""
MENDED = TIERS.replace("01/03/2023", "2023-03-01").replace("Q1 2023", "2023-01")
SAID = {
    "dataset": "tiers", "title": "Tiers", "licence": "CC-BY-4.0", "named": "name", "publisher": "Example Ltd",
    "consent": "yes",
}  # fmt: skip


@pytest.fixture(scope="module")
def data(admitted: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(admitted, tmp_path_factory.mktemp("contributing") / "data"))


@pytest.fixture(scope="module")
def own(data: Path) -> Iterator[TestClient]:
    """Return the service as the owner of its machine has it."""
    app = create_app(Graph.open(data), local=True)
    with TestClient(app, base_url="http://localhost", headers=FORM) as client:
        yield client


@pytest.fixture(scope="module")
def place(admitted: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a data directory for a real service."""
    return Path(shutil.copytree(admitted, tmp_path_factory.mktemp("contributed") / "data"))


@pytest.fixture(scope="module")
def started(place: Path) -> Iterator[Started]:
    """Start the real service over a data directory of its own."""
    with serving(place, place.parent / "log") as started:
        yield started


def arrived(client: TestClient, address: str, **sent: object) -> tuple[str, str]:
    """Send a form, wait for the job that it asks for, and return where that leads, and the page that is there."""
    answer = client.post(address, **sent)  # type: ignore[arg-type]
    while re.fullmatch(r"/jobs/[0-9a-f]+", answer.url.path) and "hx-trigger" in answer.text:
        client.get(f"{answer.url.path}?wait=20&format=json")
        answer = client.get(answer.url.path)
    assert answer.status_code == 200, re.findall(r"<p dir=.*?</p>", answer.text)
    return answer.url.path, answer.text


def sent(
    client: TestClient, text: str = TIERS, name: str = "Tiers of 2026.csv", **said: str
) -> tuple[str, str]:
    """Send a file; return the address of its draft, and the page of the step that comes next."""
    where, page = arrived(client, "/contribute", files={"file": (name, text.encode())}, data=said)
    return where.rpartition("/")[0], page


def checked(client: TestClient, text: str = TIERS, **said: str) -> tuple[str, str]:
    """Send a file, leave its columns as they are guessed, describe it; return its draft and its report."""
    draft, page = sent(client, text)
    chosen = dict(re.findall(r'<select name="(is\.\d+)".*?<option value="([^"]*)" selected', page, re.DOTALL))
    table = re.search(r'<option value="(\w+)" selected', page)
    assert table is not None
    arrived(client, f"{draft}/columns", data={"table": table[1], **chosen, "then": "next"})
    where, report = arrived(client, f"{draft}/about", data={**SAID, **said})
    assert where == f"{draft}/report"
    return draft, report


def test_columns_are_shown_with_their_values_and_how_these_are_read(own: TestClient) -> None:
    _, page = sent(own)
    assert "4 of 6 columns are read." in page
    assert '<span dir="auto">6109.10</span> → <b dir="auto">HS 610910</b>' in page
    assert "Day and month are never guessed" in page
    assert "example.org" not in page
    assert page.count("not shown: it may be personal") == 3


def test_a_column_is_read_as_somebody_chooses(own: TestClient) -> None:
    draft, _ = sent(own, "A;B\nMill (invented);India\n", "mystery.csv")
    form = {"table": "actors", "is.0": "name", "is.1": "country", "then": "look"}
    own.post(f"{draft}/columns", data={"table": "actors", "then": "look"})
    _, page = arrived(own, f"{draft}/columns", data=form)
    assert "2 of 2 columns are read." in page
    assert '<b dir="auto">IN</b>' in page
    where, _ = arrived(own, f"{draft}/columns", data={**form, "then": "next"})
    assert where == f"{draft}/about"


def looked(client: TestClient, draft: str, page: str, form: str) -> str:
    """Return the page of columns once the first column that may be written in several ways is said to be so."""
    chosen = dict(re.findall(r'<select name="(is\.\d+)".*?<option value="([^"]*)" selected', page, re.DOTALL))
    name = re.search(r'name="(form\.\d+)"', page)
    assert name is not None
    said = {"table": "supply_links", "sheet": "", **chosen, name[1]: form, "then": "look"}
    return arrived(client, f"{draft}/columns", data=said)[1]


def test_dates_are_read_in_the_order_that_is_chosen(own: TestClient) -> None:
    draft, page = sent(own, TIERS.replace("Q1 2023", "31/01/2023"))
    page = looked(own, draft, page, "%d/%m/%Y")
    assert "Day and month are never guessed" not in page
    assert "2023-03-01" in page


@pytest.mark.parametrize(("form", "read"), [("1.234,5", "1200"), ("1234.5", "1.200")])
def test_numbers_are_read_by_the_point_that_is_chosen(own: TestClient, form: str, read: str) -> None:
    text = "supplier;buyer;product;quantity;unit\nA (invented);B (invented);6109;1.200;kg\n"
    draft, page = sent(own, text, "points.csv")
    assert "1.2, or 1200? Say how the numbers of this column are written." in page
    assert "1.200 is 1200</option>" in page
    page = looked(own, draft, page, form)
    assert "Say how the numbers of this column are written" not in page
    assert f'<option value="{form}" selected>' in page
    assert read in page


def test_a_date_of_another_form_is_told_in_letters_that_everybody_knows(own: TestClient) -> None:
    draft, page = sent(own, TIERS.replace("Q1 2023", "31/01/2023"))
    page = looked(own, draft, page, "%m/%d/%Y")
    assert "This is no date of the form MM/DD/YYYY." in page


def test_a_value_for_all_rows_is_asked_for_where_one_is_needed(own: TestClient) -> None:
    draft, _ = sent(own, "Vendor;Product\nMill (invented);5201\n")
    _, page = arrived(own, f"{draft}/columns", data={"table": "supply_links", "then": "look"})
    assert "Still needed" in page
    chosen = dict(re.findall(r'<select name="(is\.\d+)".*?<option value="([^"]*)" selected', page, re.DOTALL))
    table = {"table": "supply_links", **chosen}
    where, _ = arrived(own, f"{draft}/columns", data={**table, "then": "next"})
    assert where == f"{draft}/columns"
    where, _ = arrived(
        own, f"{draft}/columns", data={**table, "all.buyer": "Acme (invented)", "then": "next"}
    )
    assert where == f"{draft}/about"


@pytest.mark.parametrize(
    ("left", "wrong"),
    [
        ({"consent": ""}, "consent is missing"), ({"licence": ""}, "licence is missing"),
        ({"dataset": "No Slug"}, "lower-case letters"), ({"publisher": ""}, "publisher is missing"),
        ({"visibility": "embargoed", "until": "2001-01-01"}, "is over"),
        ({"named": "nobody", "dataset": ""}, "dataset is missing"),
    ],
)  # fmt: skip
def test_what_nothing_can_be_admitted_without_is_asked_for(
    own: TestClient, left: dict[str, str], wrong: str
) -> None:
    draft, _ = sent(own)
    refused = own.post(f"{draft}/about", data={**SAID, **left})
    assert refused.status_code == 400
    assert wrong in refused.text.replace("<code>", "").replace("</code>", "")


def test_the_report_has_a_line_for_each_kind_with_the_rows_of_the_file(own: TestClient) -> None:
    draft, report = checked(own)
    assert "2 of 3 rows cannot be read." in report
    lines = re.findall(r"<summary>(.*?)</summary>", report)
    assert len([line for line in lines if "Error" in line and "start_date" in line]) == 1
    assert "row 3" in report
    assert "<mark>01/03/2023</mark>" in report
    assert (
        own.get(f"{draft}/report?only=errors").text.count("<summary>") == 3
    )  # and those of what can be left out, and of another cell
    notes = re.search(r'href="(/jobs/\w+/result\.csv)"', report)
    assert notes is not None
    assert "never guessed" in own.get(notes[1]).text
    assert "Admit 3 rows" not in report


def test_a_mended_file_is_checked_with_what_was_said_and_admitted_whole(own: TestClient, data: Path) -> None:
    draft, _ = checked(own)
    where, report = arrived(own, f"{draft}/file", files={"file": ("mended.csv", MENDED.encode())})
    assert own.get(draft).status_code == 404
    assert "All 3 rows can be admitted." in report
    again = where.rpartition("/")[0]
    where, page = arrived(own, f"{again}/admit", data={})
    assert where.startswith("/contributions/")
    assert "3 rows are in." in page
    version = Graph.open(data).view().current("tiers")
    assert (version.title, version.publisher, version.licence) == ("Tiers", "Example Ltd", "CC-BY-4.0")


def test_rows_that_were_named_are_left_out_by_choice_alone(own: TestClient, data: Path) -> None:
    draft, report = checked(own, dataset="some")
    assert "Leave them out, and admit at most 1 row" in report
    _, page = arrived(own, f"{draft}/admit", data={})
    assert "nothing admitted yet" in page
    assert "some" not in Graph.open(data).view().release.current
    _, page = arrived(own, f"{draft}/admit", data={"leave_out": "yes"})
    assert "1 row is in." in page
    assert "2 were left out." in page


def test_a_file_without_a_name_names_nobody(own: TestClient, data: Path) -> None:
    draft, _ = checked(own, MENDED, dataset="nameless", named="nobody")
    _, page = arrived(own, f"{draft}/admit", data={})
    assert "anonymous contributor" in page
    version = Graph.open(data).view().current("nameless")
    assert "Example Ltd" not in repr(version)


def test_a_package_says_itself_what_its_columns_are(own: TestClient) -> None:
    turtle = (
        "@base <https://w3id.org/opentier/id/inturtle/> . @prefix ot: <https://w3id.org/opentier/ns#> . "
        "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . "
        '<acme> a ot:LegalEntity ; rdfs:label "Acme (invented)" .'
    )
    draft, page = sent(own, turtle, "inturtle.ttl")
    assert "licence and consent" in page
    _, report = arrived(own, f"{draft}/about", data={**SAID, "dataset": "inturtle"})
    assert "1 row can be admitted." in report


def test_a_draft_is_deleted_at_once_and_with_all_reports_on_it(own: TestClient) -> None:
    draft, report = checked(own)
    result = re.search(r'href="(/jobs/\w+/result\.csv)"', report)
    assert result is not None
    assert own.post(f"{draft}/delete").url.path == "/contribute"
    assert own.get(f"{draft}/report").status_code == 404
    assert own.get(result[1]).status_code == 404


def test_a_file_with_other_columns_is_looked_at_anew(own: TestClient) -> None:
    draft, _ = checked(own, dataset="other-columns")
    file = {"file": ("other.csv", MENDED.replace("Supplier", "Vendor").encode())}
    where, page = arrived(own, f"{draft}/file", files=file)
    assert where.startswith("/jobs/")
    assert "The file has no column &#39;Supplier&#39;." in page
    back = re.search(r'<a class="button primary" href="(/contribute/\w+)">', page)
    assert back is not None
    answer = own.get(back[1])
    assert answer.url.path == f"{back[1]}/columns"
    assert "4 of 6 columns are read." in answer.text


def test_a_draft_is_its_owners_alone(admitted: Path, tmp_path: Path) -> None:
    graph = Graph.open(shutil.copytree(admitted, tmp_path / "data"))
    keys = {name: graph.keys.create(role)[1] for name, role in
            (("one", "contributor"), ("other", "contributor"), ("admin", "admin"))}  # fmt: skip
    with TestClient(create_app(graph), base_url="http://localhost") as client:

        def by(name: str) -> dict[str, str]:
            return {**BROWSER, "authorization": f"Bearer {keys[name]}"} if name else FORM

        file = {"file": ("tiers.csv", TIERS.encode())}
        answer = client.post("/contribute", files=file, headers=by("one"), follow_redirects=False)
        job = answer.headers["location"]
        client.get(f"{job}?wait=20&format=json", headers=by("one"))
        draft = client.get("/contribute", headers=by("one")).text
        address = re.search(r'href="(/contribute/\w+)"', draft)
        assert address is not None
        for name in ("other", "admin", ""):
            assert address[1] not in client.get("/contribute", headers=by(name)).text
            for step in ("", "/columns", "/about", "/report"):
                assert client.get(f"{address[1]}{step}", headers=by(name)).status_code == 404
            for act in ("/columns", "/about", "/file", "/delete"):
                assert client.post(f"{address[1]}{act}", headers=by(name)).status_code == 404
        assert client.get(f"/jobs/{address[1].rpartition('/')[2]}", headers=by("one")).status_code == 404
        assert client.get(f"{address[1]}/columns", headers=by("one")).status_code == 200
        public = client.post("/contribute", files=file, headers=FORM)
        assert public.status_code == 200
        nobodys = re.search(r"/contribute/\w+", str(public.url) + public.text)
        assert nobodys is not None
        refused = client.post(f"{nobodys[0]}/admit", headers=FORM, data={})
        assert refused.status_code == 401


# --- In a real browser ---------------------------------------------------------------------------------------------


def walk(visit: Visit, folder: Path, dataset: str) -> None:
    """Go from the first page to an admitted dataset, and look at each page on the way."""
    file = folder / "Tiers of 2026.csv"
    file.write_text(TIERS, "utf-8")
    page = visit.to("/contribute")
    visit.look()
    page.set_input_files("#file", file)
    visit.press("Send the file")
    page.wait_for_url("**/columns")
    visit.look()
    visit.press("Next: licence and consent")
    page.wait_for_url("**/about")
    visit.look()
    page.fill("#dataset", dataset)
    page.fill("#title", "Tiers (invented)")
    page.check("input[value='CC-BY-4.0']")
    page.fill("#publisher", "Example Ltd")
    page.check("input[name=consent]")
    visit.press("Check the file")
    page.wait_for_url("**/report")
    assert page.locator("h1").inner_text() == "Tiers of 2026.csv: 2 rows to mend, nothing admitted yet"
    visit.look()
    file.write_text(MENDED, "utf-8")
    page.set_input_files("#file", file)
    visit.press("Send it again")
    page.wait_for_url(re.compile("/report$"))
    page.get_by_role("button", name="Admit 3 rows").click()
    page.wait_for_url("**/contributions/*")
    visit.look()
    visit.follow("See the dataset")
    assert page.locator("h1").inner_text() == "Tiers (invented)"
    visit.look()


@pytest.mark.server
def test_a_file_becomes_a_dataset_in_a_browser(chromium: Browser, started: Started, tmp_path: Path) -> None:
    visit = Visit(chromium, started.url)
    walk(visit, tmp_path, "walked")
    visit.close()


@pytest.mark.server
def test_it_does_without_scripts(chromium: Browser, started: Started, tmp_path: Path) -> None:
    visit = Visit(chromium, started.url, script=False)
    walk(visit, tmp_path, "walked-without")
    visit.close()


@pytest.mark.server
@pytest.mark.parametrize("script", [True, False])
def test_how_far_a_check_is_is_seen_and_it_can_be_ended(
    chromium: Browser, started: Started, place: Path, script: bool
) -> None:
    """The lock keeps it in its midst: its rows are read and checked by then."""
    visit = Visit(chromium, started.url, script=script)
    rows = b"id,name,country\nm1,Amber Hollow Mill,IN\nm2,,XX\n"
    said = {"dataset": f"held-{script}".lower(), "licence": "CC0-1.0", "leave_out": "true"}
    with lock.held(place / "lock", PATIENCE):
        file = {"file": ("mills.csv", rows)}
        sent = httpx2.post(f"{started.url}/contributions", files=file, data=said, timeout=PATIENCE)
        page = visit.to(f"/jobs/{sent.json()['id']}")
        page.wait_for_selector("#found:has-text('2 rows read; 2 errors')")
        assert page.locator("progress").is_visible()
        visit.look()
        visit.press("Cancel: nothing is kept")
        page.wait_for_selector("text=You ended it.")
        visit.look()
    visit.close()
