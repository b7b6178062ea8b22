"""Traces and queries that take a while: what is told meanwhile, how to end one, and that its address has the answer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape, unescape
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser
from starlette.testclient import TestClient

from opentier.api.service import create_app
from opentier.graph import Graph
from opentier.graph.model.dates import today
from opentier.graph.trace.parameters import Parameters
from tests.browsing import BROWSER, Visit
from tests.conftest import Service
from tests.sites import LONGEST

#: What was known on a day is traced by a process, however little that is.
WIDE = f"/trace?actor=example/aurora&as_known={today()}"
#: A query that has an answer, and one that has none within any time.
NAMES = "SELECT ?name { ?actor a ot:Actor ; rdfs:label ?name } ORDER BY ?name"
RUNAWAY = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
NOT, LONG = {"prefer": "wait=0"}, {"prefer": "wait=100"}


@pytest.fixture(scope="module")
def served(admitted: Path) -> Iterator[TestClient]:
    with TestClient(create_app(Graph.open(admitted), local=True), headers=BROWSER) as client:
        yield client


def test_what_is_not_there_yet_says_so_and_its_address_has_the_answer(served: TestClient) -> None:
    answer = served.get(f"{WIDE}&paths=1", headers=NOT)
    assert answer.status_code == 202
    assert answer.headers["cache-control"] == "no-store"
    assert "Tracing. Nothing is known yet." in answer.text or "reached so far" in answer.text
    assert '<noscript><meta http-equiv="refresh"' in answer.text
    assert 'id="picture"' not in answer.text
    assert "Aurora Apparel Imports (invented)</span></h1>" in answer.text
    (again,) = re.findall(r'hx-get="([^"]+)"', answer.text)
    found = served.get(unescape(again), headers=LONG)
    assert found.status_code == 200
    assert 'id="picture"' in found.text


def test_a_part_of_a_page_is_told_that_the_answer_is_there_and_its_page_has_it(served: TestClient) -> None:
    address = f"{WIDE}&paths=2"
    assert served.get(address, headers=NOT).status_code == 202
    part = served.get(address, headers={**LONG, "hx-request": "true"})
    assert (part.headers["hx-refresh"], part.text) == ("true", "")
    assert 'id="picture"' in served.get(address, headers=NOT).text


def test_whoever_ends_a_trace_is_told_that_nothing_is_known(served: TestClient) -> None:
    page = served.get(f"{WIDE}&paths=4&lang=fr", headers=NOT).text
    (there,) = re.findall(r'action="(/trace/end[^"]+)"', page)
    (key,) = re.findall(r'name="work" value="(\w+)"', page)
    assert "lang=fr" in there
    ended = served.post(unescape(there), data={"work": key})
    assert ended.status_code == 200
    assert "You ended it." in ended.text
    assert "Nothing was traced: this says nothing about the company." in ended.text
    assert served.app.state.waits._known == {}  # type: ignore[attr-defined]


def test_what_is_wrong_with_a_question_is_said_after_a_wait_too(served: TestClient) -> None:
    address = WIDE.replace("aurora", "nobody-at-all")
    answer = served.get(address, headers=LONG)
    assert answer.status_code == 404
    assert "Nothing was traced" in answer.text


@pytest.mark.parametrize("product", [None, "6109"])
def test_a_trace_tells_tiers_and_those_reached_before_it_seeks_paths(
    admitted: Path, product: str | None
) -> None:
    told: list[tuple[str, int]] = []
    found = (
        Graph.open(admitted)
        .view()
        .trace(
            "example/aurora",
            Parameters(product=product),
            told=lambda stage, done, total: told.append((stage, done)),
        )
    )
    counts = found.to_dict()["counts"]
    assert told[-2:] == [(f"tier {max(found.trace.tiers.values())}", len(found.trace.tiers)), ("paths", 0)]
    assert counts["reached"] in (told[-2][1], told[-2][1] - 1)


@pytest.mark.parametrize(
    ("address", "there"),
    [(f"{WIDE}&min_confidence=0.", "#picture"), ("/sparql?question=", "#answer table")],
)
@pytest.mark.parametrize("script", [True, False])
def test_a_browser_waits_and_is_shown_the_answer(
    chromium: Browser, reading: Service, address: str, there: str, *, script: bool
) -> None:
    visit = Visit(chromium, reading.url, script=script)
    visit.page.set_extra_http_headers({"Prefer": "wait=0"})
    page = visit.to(f"{address}{1 + script}")
    page.locator(there).first.wait_for(timeout=LONGEST)
    assert page.locator("progress").count() == 0
    assert page.locator("h1").count() == 1
    visit.close()


@pytest.mark.parametrize("address", ["/sparql?question=5", f"/sparql?{urlencode({'query': NAMES})}"])
def test_a_query_that_is_not_answered_yet_says_so_and_its_address_has_the_answer(
    served: TestClient, address: str
) -> None:
    page = served.get(address, headers=NOT)
    assert (page.status_code, page.headers["cache-control"]) == (202, "no-store")
    assert "The query goes on. Nothing is answered yet." in page.text
    assert '<noscript><meta http-equiv="refresh"' in page.text
    assert "No row fits" not in page.text
    (again,) = re.findall(r'hx-get="(/sparql[?][^"]+)" hx-trigger', page.text)
    part = served.get(unescape(again), headers={**LONG, "hx-request": "true"})
    whole = served.get(unescape(again), headers=LONG)
    for answer in (part, whole):
        assert answer.status_code == 200
        assert "whole answer" in answer.text
    assert served.app.state.waits._known == {}  # type: ignore[attr-defined]


def test_whoever_ends_a_query_finds_it_as_it_was_and_no_answer(served: TestClient) -> None:
    address = f"?{urlencode({'query': RUNAWAY})}"
    page = served.get(f"/sparql{address}", headers=NOT).text
    (there,) = re.findall(r'action="(/sparql/end[^"]+)"', page)
    (key,) = re.findall(r'name="work" value="(\w+)"', page)
    ended = served.post(unescape(there), data={"work": key})
    assert ended.status_code == 200
    assert "You ended it." in ended.text
    assert escape(RUNAWAY) in ended.text
    assert "whole answer" not in ended.text
    assert served.app.state.waits._known == {}  # type: ignore[attr-defined]
