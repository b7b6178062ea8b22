"""SPARQL as a page: questions, an editor, the answer in every way that it can be shown; and what its editor loads."""

from __future__ import annotations

import asyncio
import csv
import html
import io
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote, urlencode

import pytest
from playwright.sync_api import Browser
from starlette.testclient import TestClient

from opentier.api.http.work import Done
from opentier.api.pages import charts, rows
from opentier.graph import Graph
from opentier.graph.front import View
from opentier.graph.model.names import OT
from opentier.graph.model.rdf import IRI, XSD_STRING, Literal
from opentier.graph.query import questions, terms
from opentier.graph.triples.engine import Rows
from tests.browsing import BROWSER, Visit
from tests.conftest import Service

SITE = Path(__file__).parents[1] / "api" / "pages" / "static" / "site"
PAIRS = (
    "SELECT ?buyer ?supplier { ?link ot:buyer/rdfs:label ?buyer ; ot:supplier/rdfs:label ?supplier } "
    "ORDER BY ?buyer"
)


@pytest.fixture(scope="module")
def graph(admitted: Path) -> Graph:
    return Graph.open(admitted)


def text(page: str) -> str:
    """Return what stands on a page, without its tags."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


@pytest.mark.parametrize("number", range(1, len(questions.questions()) + 1))
def test_every_question_is_answered_on_the_page_as_its_data_says(client: TestClient, number: int) -> None:
    page = client.get(f"/sparql?question={number}", headers=BROWSER)
    assert page.status_code == 200
    data = client.get(f"/questions/{number}?format=csv").text
    count = len(list(csv.reader(io.StringIO(data)))) - 1
    said = text(page.text)
    assert f"{count} row{'' if count == 1 else 's'}, whole answer" in said
    assert page.text.count("<tr>") == min(count, 25) + (1 if count else 0)
    assert html.escape(questions.question(number).text.strip(), quote=True).split("\n")[0][:40] in page.text


def test_a_question_is_about_the_company_that_is_named(client: TestClient) -> None:
    page = client.get("/sparql?question=1&actor=example/borealis&on=2020-01-01", headers=BROWSER)
    assert page.status_code == 200
    assert "/id/example/borealis&gt;" in page.text
    assert "/id/example/aurora&gt;" not in page.text
    wrong = client.get("/sparql?question=1&actor=no-such-company", headers=BROWSER)
    assert wrong.status_code == 404
    assert "no-such-company" in wrong.text
    assert 'id="asking"' in wrong.text, "whoever mistypes keeps what he has written"


def test_programs_get_data_and_whoever_names_a_format(client: TestClient) -> None:
    for more in ("&format=csv", "&output=csv", "&results=csv"):
        answer = client.get(f"/sparql?query={quote(PAIRS)}{more}", headers=BROWSER)
        assert answer.headers["content-type"].startswith("text/csv"), more
    answer = client.get(f"/sparql?query={quote(PAIRS)}", headers={"accept": "*/*"})
    assert answer.headers["content-type"] == "application/sparql-results+json"


def test_a_query_that_fails_stays_in_the_editor_with_what_is_wrong(client: TestClient) -> None:
    page = client.get("/sparql?query=SELECT+%3Fx+WHERE+oops+%7B%7D", headers=BROWSER)
    assert page.status_code == 400
    assert "SELECT ?x WHERE oops {}</textarea>" in page.text
    assert "Query not answered" in page.text
    assert client.get("/sparql?query=INSERT+DATA+%7B%7D", headers=BROWSER).status_code == 400


def test_unknown_terms_are_named_with_near_ones(client: TestClient, graph: Graph) -> None:
    query = (
        "SELECT * { ?x ot:suplier ?y ; rdfs:lable ?z . <example/nobody> ot:buyer ?b . ?d a ot:SupplyLink }"
    )
    page = text(client.get(f"/sparql?query={quote(query)}", headers=BROWSER).text)
    assert "ot:suplier is no term of the vocabulary. Did you mean ot:supplier" in page
    assert "rdfs:lable is used nowhere here. Did you mean rdfs:label?" in page
    assert "Nothing is said of <example/nobody> here." in page
    assert "ot:SupplyLink is no" not in page
    answer = client.get(f"/sparql?query={quote(query)}")
    assert answer.json()["results"]["bindings"] == []
    assert answer.headers["OpenTier-Warning"].startswith("ot:suplier is no term of the vocabulary.")
    assert "OpenTier-Warning" not in client.get(f"/sparql?query={quote(PAIRS)}").headers
    release = graph.view().release
    for one in questions.questions(release.names.base):
        assert terms.misnamed(release, one.text) + terms.absent(release, one.text) == [], one.title


def test_long_answers_come_in_parts_and_whole_as_files(client: TestClient) -> None:
    query = "SELECT ?x ?c { ?x a ?c } ORDER BY ?x ?c LIMIT 60"
    first = client.get(f"/sparql?query={quote(query)}", headers=BROWSER).text
    assert "1–25 of 60" in text(first)
    last = client.get(f"/sparql?query={quote(query)}&page=3", headers=BROWSER).text
    assert "51–60 of 60" in text(last)
    (address,) = set(re.findall(r'href="([^"]*format=csv)"', last))
    assert len(client.get(html.unescape(address)).text.splitlines()) == 61


def test_an_answer_that_is_longer_than_a_page_reads_is_said_to_be_cut(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    query = quote("SELECT ?a ?b { ?a a ?c . ?b a ?d } LIMIT 40000")
    monkeypatch.setattr(rows, "READ", 1 << 20)
    page = text(client.get(f"/sparql?query={query}", headers=BROWSER).text)
    found = re.search(r"at least ([\d,]+) rows", page)
    assert found is not None
    assert 1000 < int(found[1].replace(",", "")) < 40000
    assert "Cut." in page


def test_terms_are_read_as_the_engine_wrote_them(graph: Graph) -> None:
    query = """SELECT * { VALUES (?a ?b) {
      (<http://x.test/y> "tab\\there \\"quoted\\" \\\\ back") ("é"@fr 12) (UNDEF 1.5) ("2020-01-01"^^xsd:date true)
      ("line\\nbreak" -3e2) } }"""
    answer = graph.view().query(query)
    assert isinstance(answer, Rows)
    expected = [list(row) for row in answer]
    out = io.BytesIO()
    graph.view().query(query).write("tsv", out)
    head, *lines = out.getvalue().decode().rstrip("\n").split("\n")
    read = rows.Read("rows", tuple(head.split("\t")), tuple(lines), whole=True)
    for got, wanted in zip(read.rows(), expected, strict=True):
        for one, other in zip(got, wanted, strict=True):
            assert type(one) is type(other)
            if rows.number(one) is not None:
                assert rows.number(one) == rows.number(other)
            else:
                assert one == other


def test_a_chart_has_the_numbers_of_a_column_or_counts_what_is_repeated() -> None:
    integer = XSD_STRING.replace("string", "integer")
    figures = [[Literal("a"), Literal("3", integer)], [Literal("b"), Literal("7", integer)]]
    found = charts.chart(["name", "size"], figures)
    assert found is not None
    assert (found.of, found.by, found.bars) == ("size", "name", [(Literal("b"), 7.0), (Literal("a"), 3.0)])
    repeated = [[IRI("u:x")], [IRI("u:y")], [IRI("u:x")]]
    counted = charts.chart(["kind"], repeated)
    assert counted is not None
    assert counted.bars == [(IRI("u:x"), 2.0), (IRI("u:y"), 1.0)]
    assert charts.chart(["kind"], [[IRI("u:x")], [IRI("u:y")]]) is None
    assert charts.chart([], []) is None


def test_other_ways_of_showing_an_answer_are_offered_where_it_allows_them(client: TestClient) -> None:
    chain = client.get("/sparql?question=1&show=picture", headers=BROWSER).text
    (picture,) = re.findall(r'<img src="([^"]+)"', chain)
    drawn = client.get(html.unescape(picture))
    assert drawn.headers["content-type"].startswith("image/svg+xml")
    by_country = "SELECT ?actor ?country { ?actor a ot:Actor ; ot:country ?country }"
    world = client.get(f"/sparql?query={quote(by_country)}&show=map", headers=BROWSER).text
    assert "China (CN)" in world
    assert 'class="map"' in world
    points = 'SELECT ("x" AS ?name) (1.5 AS ?lat) (30.25 AS ?lon) {}'
    assert 'class="place"' in client.get(f"/sparql?query={quote(points)}&show=map", headers=BROWSER).text
    plain = client.get(f"/sparql?query={quote('SELECT (1 AS ?x) {}')}&show=map", headers=BROWSER).text
    assert 'class="map"' not in plain
    assert re.findall(r'<a href="[^"]+#answer"[^>]*>([^<]+)', plain) == ["Table", "Raw"]
    assert "Yes." in client.get(f"/sparql?query={quote('ASK { ?x a ot:Actor }')}", headers=BROWSER).text
    graph = client.get(f"/sparql?query={quote('CONSTRUCT WHERE { ?x a ot:Actor }')}", headers=BROWSER).text
    assert "predicate" in graph


def test_the_terms_that_are_completed_are_those_of_the_release(client: TestClient) -> None:
    answer = client.get("/sparql/terms")
    said = answer.json()
    counts = {each["name"]: each["count"] for each in said["classes"]}
    asked = "SELECT (COUNT(*) AS ?n) { ?x a ot:SupplyLink }"
    rows = client.get("/sparql", params={"query": asked, "format": "csv"}).text.split()
    assert counts["ot:SupplyLink"] == int(rows[1]) > 0
    assert {"ot:buyer", "rdfs:label", "geo:lat"} <= {each["name"] for each in said["properties"]}
    assert said["prefixes"]["ot"] == "https://w3id.org/opentier/ns#"
    again = client.get("/sparql/terms", headers={"if-none-match": answer.headers["etag"]})
    assert again.status_code == 304


@pytest.mark.parametrize("few", [0, 10_000])
def test_what_there_is_of_each_class_is_what_counting_all_of_it_finds(
    graph: Graph, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(terms, "FEW", few)
    view = graph.view()
    query, many = terms.counted(view.release)
    assert bool(many) == (few == 0)
    every = "SELECT ?class (COUNT(DISTINCT ?x) AS ?count) WHERE { ?x a ?class } GROUP BY ?class"
    found, expected = ({str(a): b for a, b in _numbers(view, text)} for text in (query, every))
    own = {iri: found.get(iri, 0) + many.get(iri, 0) for iri in expected if iri.startswith(OT)}
    for name, least in (("SupplyLink", 40), ("Actor", 40), ("Evidence", 10), ("Designation", 10)):
        assert own[f"{OT}{name}"] == expected[f"{OT}{name}"] >= least
    for iri, count in own.items():
        # What two datasets describe counts twice where the catalogue counts, and never less than once.
        assert count == expected[iri] if iri not in many else count >= expected[iri], iri


def _numbers(view: View, text: str) -> Iterator[tuple[str, int]]:
    for kind, count in cast(Rows, view.query(text)):
        assert isinstance(kind, IRI)
        assert isinstance(count, Literal)
        yield kind.value, int(count.value)


def test_the_editor_asks_nobody_else_and_has_no_prefixes_of_others() -> None:
    bundle = (SITE / "sparql.js").read_text("utf-8")
    hosts = set(re.findall(r"https?://([\w.-]+)", bundle))
    assert hosts <= {"www.w3.org"}, "names of XML and RDF, and of nobody's server"
    for word in ("prefix.cc", "linkeddata", "dbpedia", "madsrdf", "onlyfans"):
        assert word not in bundle
    notices = (SITE / "NOTICES.txt").read_text("utf-8")
    for package in ("@zazuko/yasqe", "codemirror", "lodash-es", "htmx.org", "world-atlas", "d3-geo"):
        assert re.search(rf"^{re.escape(package)} [\d.]+ \(", notices, re.MULTILINE), package


# In a real browser.


def test_a_question_is_asked_edited_and_asked_again_by_keys(visit: Visit) -> None:
    page = visit.to("/sparql")
    visit.look()
    page.get_by_role("button", name="Which links move a listed good").click()
    page.get_by_role("table").first.wait_for()
    assert "question=5" in page.url
    visit.look()
    editor = page.locator(".CodeMirror-code")
    editor.click()
    page.keyboard.press("Control+a")
    page.keyboard.type("SELECT ?x { ?x a ot:SupplyLi")
    page.locator(".CodeMirror-hints li", has_text="ot:SupplyLink").first.wait_for()
    page.keyboard.type(
        "nk } LIMIT 3"
    )  # what is proposed goes by itself; Escape, where nothing is, leaves the editor
    page.locator(".CodeMirror-hints").wait_for(state="detached")
    assert page.locator(".parseErrorIcon").count() == 0
    page.keyboard.press("Control+Enter")
    page.get_by_text("3 rows, whole answer").wait_for()
    assert "SupplyLink" in page.url
    page.locator("[data-took]", has_text=re.compile(r"^, \d+\.\d\d s$")).wait_for()
    editor.click()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent").startswith("Run"), (
        "the editor lets Tab through"
    )
    page.locator(".CodeMirror-code").click()
    page.keyboard.press("Control+a")
    page.keyboard.type("SELEC")
    page.keyboard.press("Control+Enter")
    page.get_by_role("alert").wait_for()
    visit.look()


def test_without_scripts_it_is_a_text_area_and_a_table(chromium: Browser, reading: Service) -> None:
    visit = Visit(chromium, reading.url, script=False)
    page = visit.to("/sparql")
    page.get_by_role("textbox", name="Query").fill("ASK { ?x a ot:Actor }")
    page.get_by_role("button", name="Run").click()
    assert page.get_by_role("region", name="Answer").last.inner_text().startswith("Yes.")
    page.get_by_role("textbox", name="About company").fill("example/borealis")
    page.get_by_role("button", name="At which minimum tier").click()
    assert "borealis" in page.get_by_role("textbox", name="Query").input_value()
    visit.look()
    visit.close()


def test_the_samples_of_code_run(reading: Service) -> None:
    from urllib.request import Request, urlopen

    asked = Request(f"{reading.url}/sparql?query={quote(PAIRS)}", headers=BROWSER)
    with urlopen(asked, timeout=30) as answer:
        page = answer.read().decode()
    samples = dict(re.findall(r"<h3>(\w+)</h3>\s*<pre[^>]*>(.*?)</pre>", page, re.DOTALL))
    assert set(samples) == {"Python", "curl", "R"}
    here = re.search(r"Endpoint: <code>([^<]+)sparql</code>", page)
    assert here is not None
    program = html.unescape(samples["Python"]).replace(here[1], f"{reading.url}/")
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )
    assert re.fullmatch(r"\d+ rows\n", done.stdout)
    assert int(done.stdout.split()[0]) > 10


def test_a_question_that_there_is_not_is_refused(client: TestClient) -> None:
    answer = client.get("/sparql?question=99", headers=BROWSER)
    assert answer.status_code == 400
    assert "there is no 99" in text(answer.text)


def test_a_chart_of_the_first_rows_says_of_how_many_it_is(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    query = urlencode({"query": "SELECT ?c { ?a a ?c }", "show": "chart"})
    whole = client.get(f"/sparql?{query}", headers=BROWSER).text
    assert "are drawn here" not in whole
    monkeypatch.setattr(charts, "LOOKED", 7)
    assert "the first 7 are drawn here" in text(client.get(f"/sparql?{query}", headers=BROWSER).text)


def test_numbers_of_any_size_are_written(client: TestClient) -> None:
    query = 'SELECT ?a ?n { VALUES (?a ?n) { ("x" 1e300) ("y" 1e40) } }'
    answer = client.get(f"/sparql?{urlencode({'query': query, 'show': 'chart'})}", headers=BROWSER)
    assert answer.status_code == 200
    assert "1E300" in answer.text
    for odd in ('"INF"^^xsd:double', '"NaN"^^xsd:double', "1e999"):
        said = urlencode({"query": query.replace("1e40", odd), "show": "chart"})
        assert client.get(f"/sparql?{said}", headers=BROWSER).status_code == 200, odd


@pytest.mark.parametrize("show", ["table", "raw", "chart"])
def test_an_answer_without_columns_is_shown(client: TestClient, show: str) -> None:
    answer = client.get(f"/sparql?{urlencode({'query': 'SELECT * {}', 'show': show})}", headers=BROWSER)
    assert answer.status_code == 200
    assert "1 row, whole answer" in text(answer.text)


class _Pieces:
    """An answer that comes in pieces of one size; like what a process gives, it can be left."""

    def __init__(self, body: bytes, size: int) -> None:
        self._pieces = [body[at : at + size] for at in range(0, len(body), size)]

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self._pieces:
            yield piece

    def close(self) -> None:
        """Leave it."""


def _came(body: bytes, size: int, *, first: int) -> rows.Read:
    """Return what a page reads of an answer of which some bytes came first, and others in pieces of a size."""
    rest = _Pieces(body[first:], size) if first < len(body) else None
    return asyncio.run(rows.read(Done({"kind": "rows"}, body[:first], cast("Any", rest))))


@pytest.mark.parametrize("more", [-1, 0, 1, 70_000], ids=["shorter", "just", "longer", "much longer"])
def test_what_a_page_reads_does_not_hang_on_the_pieces_in_which_an_answer_comes(
    monkeypatch: pytest.MonkeyPatch, more: int
) -> None:
    limit = 100_000
    monkeypatch.setattr(rows, "READ", limit)
    line = '<https://example.org/é>\t"a text"\n'.encode()
    body = b"?s\t?o\n"
    while len(body) + 2 * len(line) < limit + more:
        body += line
    body += b'"' + b"x" * (limit + more - len(body) - 4) + b'"\t\n'
    assert len(body) == limit + more
    read = {
        _came(body, size, first=first)
        for size in (1_000, 4_096, 65_536, len(body))
        for first in (0, 1, 30_000, limit - 1, limit, len(body))
    }
    (said,) = read
    assert said.whole == (more <= 0)
    assert said.lines == tuple(body[:limit].decode("utf-8", "replace").split("\n")[1:-1])
