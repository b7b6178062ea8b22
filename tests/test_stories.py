"""Three visitors, each from the front page to the file that they came for: on the worked example, and on PalmWatch.

Their steps are written in docs/visitors.md; none may take them five minutes. Whatever no page may do fails them, too
(see `browsing`).
"""

from __future__ import annotations

import csv
import io
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from python_calamine import CalamineWorkbook

from opentier.graph import Graph
from tests.browsing import ACTED, READ, Visit
from tests.conftest import Service, serving

#: Seconds in which a visitor has what they came for, two acts on each page among them.
WITHIN = 300
LIST = """Vendor;Land;Product
Kingfisher Knitwear (invented);Bangladesh;T-shirts
Quiet River Yarn (invented);China;yarn
Nobody of this name Ltd;India;soap
"""
MILLS = "Company,Country\nNestlé,Switzerland\nUnilever,United Kingdom\nNobody of this name Ltd,India\n"
LINKS = """buyer,supplier,product,start_date
Roadside Coats Ltd,Hillside Buttons Ltd,9606,2025-01-01
Roadside Coats Ltd,Riverside Zips Ltd,9607,01/02/2025
"""


@pytest.fixture(scope="module")
def example(admitted: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    data = shutil.copytree(admitted, tmp_path_factory.mktemp("stories") / "data")
    with serving(data, data.parent / "log") as started:
        yield Service(started.url, data)


@pytest.fixture(scope="module")
def palm(lists: Graph, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    data = shutil.copytree(lists.store.path, tmp_path_factory.mktemp("palm") / "data")
    with serving(data, data.parent / "log") as started:
        yield Service(started.url, data)


@contextmanager
def visiting(chromium: Browser, service: Service, *, script: bool = True) -> Iterator[Visit]:
    """Open the front page, and end in time: the service, and somebody who reads all down to what they press."""
    visit = Visit(chromium, service.url, script=script)
    visit.to("/")
    visit.look()
    yield visit
    visit.close()
    for heading, seconds, words in visit.steps:
        print(f"{seconds:6.1f} s, {words:4} words: {heading}")
    waited = sum(seconds for _, seconds, _ in visit.steps)
    read = 60 * sum(words for _, _, words in visit.steps) / READ + 2 * ACTED * len(visit.steps)
    print(f"{waited + read:6.0f} s in all, {read:.0f} of them to read and to act")
    assert read < WITHIN
    assert waited < WITHIN


def downloaded(visit: Visit, words: str) -> bytes:
    """Return the file that a link of these words gives."""
    with visit.page.expect_download() as waited:
        visit.reads(visit.page.get_by_role("link", name=re.compile(words))).click()
    return Path(waited.value.path()).read_bytes()


def screened(visit: Visit, file: str, text: str) -> list[list[object]]:
    """Screen a list as an importer does, and return the rows of the workbook that comes back."""
    page = visit.page
    visit.follow("Screen a supplier list")
    visit.look()
    page.set_input_files("input[type=file]", {"name": file, "mimeType": "text/csv", "buffer": text.encode()})
    visit.reads(page.locator("main form button[type=submit], main form .primary")).click()
    page.wait_for_url("**/columns")
    visit.look()
    visit.reads(page.get_by_role("button", name=re.compile(r"^Match \d+ rows"))).click()
    page.wait_for_url(re.compile("/matches"))
    visit.look()
    visit.reads(page.get_by_role("button", name=re.compile("^Screen"))).click()
    page.wait_for_url(re.compile("/result"))
    visit.look()
    book = CalamineWorkbook.from_filelike(io.BytesIO(downloaded(visit, "Excel")))
    return [list(row) for row in book.get_sheet_by_index(0).to_python()]


@pytest.mark.parametrize("script", [True, False])
def test_an_importer_has_a_list_screened(chromium: Browser, example: Service, *, script: bool) -> None:
    with visiting(chromium, example, script=script) as visit:
        head, *rows = screened(visit, "suppliers.csv", LIST)
    assert head[:3] == ["Vendor", "Land", "Product"]
    assert [row[0] for row in rows] == [line.split(";")[0] for line in LIST.splitlines()[1:]]


def test_an_importer_of_palm_oil_has_a_list_screened(chromium: Browser, palm: Service) -> None:
    with visiting(chromium, palm) as visit:
        _, *rows = screened(visit, "brands.csv", MILLS)
    assert [row[0] for row in rows] == ["Nestlé", "Unilever", "Nobody of this name Ltd"]


def answered(visit: Visit, question: int) -> list[list[str]]:
    """Ask a question of SPARQL that is there, and return the rows of its CSV."""
    visit.follow("Ask in SPARQL")
    visit.look()
    visit.reads(
        visit.page.locator("#questions + ol button, #questions ~ ol button").nth(question - 1)
    ).click()
    visit.page.wait_for_url(re.compile(f"question={question}"))
    visit.look()
    return list(csv.reader(io.StringIO(downloaded(visit, "^CSV$").decode("utf-8-sig"))))


@pytest.mark.parametrize("script", [True, False])
def test_a_researcher_has_an_answer_as_a_table(chromium: Browser, example: Service, *, script: bool) -> None:
    with visiting(chromium, example, script=script) as visit:
        head, *rows = answered(visit, 5)
    assert len(head) > 3
    assert any(each.endswith("d-ilab-cn-cotton") for row in rows for each in row)


def test_a_researcher_of_palm_oil_has_a_trace_as_a_table(chromium: Browser, palm: Service) -> None:
    with visiting(chromium, palm) as visit:
        visit.page.locator("#q").fill("nestle")
        visit.press("Search")
        visit.page.wait_for_url("**/search?q=nestle", timeout=WITHIN * 1000)
        visit.look()
        visit.reads(visit.page.locator("main").get_by_role("link", name=re.compile("^Nestl", re.I))).click()
        visit.look()
        visit.follow("Trace upstream of it")
        visit.page.locator(".answer").first.wait_for()
        visit.look()
        head, *rows = list(csv.reader(io.StringIO(downloaded(visit, "^CSV$").decode("utf-8-sig"))))
    assert head[:2] == ["verdict", "verdict_reasons"]
    assert {row[0] for row in rows} == {"exposed"}


@pytest.mark.parametrize("script", [True, False])
def test_a_platform_has_a_file_admitted(chromium: Browser, example: Service, *, script: bool) -> None:
    name = "roadside" if script else "roadside-2"
    with visiting(chromium, example, script=script) as visit:
        page = visit.page
        visit.follow("Contribute a file")
        visit.look()
        page.set_input_files(
            "input[type=file]", {"name": "l.csv", "mimeType": "text/csv", "buffer": LINKS.encode()}
        )
        visit.press("Send the file")
        page.wait_for_url("**/columns")
        visit.look()
        visit.press("Next: licence and consent")
        page.wait_for_url("**/about")
        visit.look()
        page.locator("[name=dataset]").fill(name)
        page.locator("[name=title]").fill("Links of Roadside")
        page.locator("[name=licence][value='CC0-1.0']").check()
        page.locator("[name=publisher]").fill("Roadside Coats Ltd")
        page.locator("[name=consent]").check()
        visit.press("Check the file")
        page.wait_for_url("**/report")
        visit.look()
        page.get_by_label("Correct to: Row 3, start_date: 01/02/2025").fill("2025-02-01")
        visit.press("Correct, and check again")
        page.get_by_role("button", name=re.compile("^Admit")).first.wait_for()
        visit.look()
        visit.reads(page.get_by_role("button", name=re.compile("^Admit"))).click()
        page.wait_for_url(re.compile("/contributions/"))
        visit.look()
    assert Graph.open(example.data).view().current(name).number == 1
