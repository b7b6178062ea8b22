"""Every IRI that the graph prints is answered: as a page and in every form of RDF, whoever named it and where."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit
from xml.etree import ElementTree

import pyoxigraph as ox
import pytest
from starlette.testclient import TestClient

from opentier.graph import Graph
from opentier.graph.contribution.submission import Options
from opentier.graph.model.names import OT
from opentier.graph.model.rdf import IRI
from opentier.graph.query import about
from opentier.graph.query.about import PAGE
from tests.conftest import admit, once

W3ID = "https://w3id.org/opentier/"
BASE = f"{W3ID}id/"
RDF = {
    "application/ld+json": ox.RdfFormat.JSON_LD,
    "text/turtle": ox.RdfFormat.TURTLE,
    "application/n-triples": ox.RdfFormat.N_TRIPLES,
    "application/rdf+xml": ox.RdfFormat.RDF_XML,
}
SUFFIXES = {"jsonld": "application/ld+json", "ttl": "text/turtle", "nt": "application/n-triples",
            "rdf": "application/rdf+xml"}  # fmt: skip
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
#: The vocabulary as a whole, and its version.
DOCUMENTS = {OT.rstrip("#"), f"{W3ID}ns/0.2.0"}
#: Names as they come from people who mean harm, or from nobody who meant any.
HOSTILE = {
    "tag": "<script>alert(1)</script>",
    "quote": "\"'><img src=x onerror=alert(1)>",
    "entity": "&lt;b&gt; &amp; ]]>",
    "template": "{{ 7*7 }} {% raw %}",
    "address": "javascript:alert(1)",
    "رقم": "مصنع <b>",
}
#: Actors who buy from one that many name.
MANY = PAGE + 7


def made(path: Path) -> None:
    """Admit the shipped datasets, one of them twice, and one with hostile names and a supplier that many name."""
    admit(path)
    graph = Graph.open(path)
    for number in (1, 2):
        folder = path.parent / f"crowd-{number}"
        folder.mkdir()
        actors = [
            f'{id},"{name}",organisation\n'
            for id, name in ((i, n.replace('"', '""')) for i, n in HOSTILE.items())
        ]
        buyers = [f"buyer-{n},Buyer {n},organisation\n" for n in range(MANY if number == 2 else 3)]
        links = [f"buyer-{n},tag\n" for n in range(MANY if number == 2 else 3)]
        old = ["gone,Gone,organisation\n"] if number == 1 else []
        (folder / "actors.csv").write_text("".join(["id,name,kind\n", *actors, *buyers, *old]), "utf-8")
        (folder / "supply_links.csv").write_text("".join(["buyer,supplier\n", *links]), "utf-8")
        listed = [{"name": name, "path": f"{name}.csv"} for name in ("actors", "supply_links")]
        told = {
            "name": "crowd",
            "title": "<i>Crowd</i>",
            "licenses": [{"name": "CC0-1.0"}],
            "resources": listed,
        }
        (folder / "datapackage.json").write_text(json.dumps(told), "utf-8")
        assert graph.contribute(folder, Options(match=False)).new
    graph.withdraw("initiatives", "It is checked again.")
    graph.restore_dataset("initiatives")


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    return Graph.open(once(tmp_path_factory.getbasetemp(), "iris", made))


@pytest.fixture(scope="module")
def printed(graph: Graph) -> list[str]:
    """Return every IRI under our address that the store holds, wherever it stands."""
    release = graph.view().release
    terms = {
        term.value
        for named, said in release.engine.among([*release.whole, *release.named])
        for term in (IRI(named), *said)
        if isinstance(term, IRI) and term.value.startswith(W3ID)
    }
    return sorted(terms)


def address(iri: str) -> str:
    """Return where an IRI is answered here: what stands behind # goes to no server, and a term has its own page."""
    path = iri.removeprefix(W3ID)
    return f"/ns/{iri.removeprefix(OT)}" if iri.startswith(OT) else f"/{path.partition('#')[0]}"


def few(printed: list[str]) -> list[str]:
    """Return some of the IRIs of each kind, each address once: of those that differ in an id alone a few."""
    kinds: dict[str, dict[str, str]] = {}
    for iri in sorted(set(printed) - DOCUMENTS):
        kinds.setdefault(re.sub(r"[^/#]+$", "", iri), {}).setdefault(address(iri), iri)
    return list({address(iri): iri for each in kinds.values() for iri in list(each.values())[:3]}.values())


def subjects(content: bytes, format: ox.RdfFormat) -> set[str]:
    return {
        quad.subject.value
        for quad in ox.parse(content, format=format)
        if not isinstance(quad.subject, ox.Triple)
    }


def said(content: bytes, format: ox.RdfFormat) -> set[ox.Quad]:
    found = ox.Dataset(ox.parse(content, format=format))
    found.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return set(found)


def test_every_iri_that_the_store_holds_is_described(graph: Graph, printed: list[str]) -> None:
    assert len(printed) > 1_000
    release = graph.view().release
    assert set(printed) >= DOCUMENTS
    documents: dict[str, list[str]] = {}
    for iri in printed:
        documents.setdefault(iri.partition("#")[0] if iri.startswith(BASE) else iri, []).append(iri)
    for whole, named in documents.items():
        found = about.about(release, whole, "http://localhost/")
        assert found is not None, named
        told = " ".join(map(str, found.triples))
        assert not [iri for iri in named if f"<{iri}>" not in told], whole


def test_every_iri_is_a_page_and_the_same_in_every_form(client: TestClient, printed: list[str]) -> None:
    for iri in few(printed):
        where, forms = address(iri), []
        for media_type, format in RDF.items():
            answer = client.get(where, headers={"accept": media_type})
            assert answer.status_code == 200, (iri, media_type)
            assert answer.headers["content-type"].partition(";")[0] == media_type
            forms.append(said(answer.content, format))
        assert all(each == forms[0] for each in forms), iri
        page = client.get(where, headers={"accept": BROWSER})
        assert page.status_code == 200, iri
        assert page.headers["content-type"] == "text/html; charset=utf-8"


@pytest.mark.parametrize("suffix", [*SUFFIXES, "html"])
def test_a_suffix_is_as_good_as_a_header(client: TestClient, suffix: str) -> None:
    for path in (
        "/id/example/aurora",
        "/id/dataset/example/1",
        "/ns/buyer",
        "/id/catalogue",
        "/id/country/CN",
    ):
        answer = client.get(f"{path}.{suffix}")
        media_type = SUFFIXES.get(suffix, "text/html")
        assert answer.headers["content-type"].partition(";")[0] == media_type
        assert answer.content == client.get(path, headers={"accept": media_type}).content


def test_the_document_of_the_namespace_holds_every_term_shape_and_question(
    client: TestClient, printed: list[str]
) -> None:
    answer = client.get("/ns", headers={"accept": "application/n-triples"})
    told = subjects(answer.content, ox.RdfFormat.N_TRIPLES)
    assert {iri for iri in printed if iri.startswith(OT)} <= told
    assert f"{OT}SupplyLinkShape" in told
    page = client.get("/ns", headers={"accept": BROWSER}, follow_redirects=False)
    assert (page.status_code, page.headers["location"]) == (303, "/ontology")


def test_a_version_of_the_vocabulary_leads_to_it(client: TestClient) -> None:
    for path, document in (("/ns/0.2.0", "/ontology"), ("/shapes/0.2.0", "/shapes")):
        answer = client.get(path, follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (303, document)
    assert client.get("/shapes/9.9.9").status_code == 404
    assert client.get("/ns/noTermOfOurs").status_code == 404


def test_a_graph_says_where_all_of_it_is(client: TestClient, graph: Graph) -> None:
    for iri in graph.view().release.named:
        text = client.get(address(iri), headers={"accept": "application/n-triples"}).text
        (dump,) = re.findall(r"void#dataDump> <([^>]*)>", text)
        assert dump.startswith("http://127.0.0.1:8087/rdf-graph-store?graph=")
        whole = client.get(
            dump.removeprefix("http://127.0.0.1:8087"), headers={"accept": "application/n-triples"}
        )
        assert whole.status_code == 200


def test_a_record_of_a_superseded_version_says_so(client: TestClient) -> None:
    page = client.get("/id/crowd/gone", headers={"accept": BROWSER})
    assert page.status_code == 200
    assert "No current version says this" in page.text
    assert 'href="/id/dataset/crowd/1"' in page.text
    assert "No current version" not in client.get("/id/crowd/tag", headers={"accept": BROWSER}).text


def test_a_report_tells_counts_and_no_finding(client: TestClient, graph: Graph) -> None:
    answer = client.get("/id/dataset/crowd/2/report", headers={"accept": "application/n-triples"})
    assert "shacl#ValidationReport" in answer.text
    assert f'ns#rows> "{graph.view().release.current["crowd"].rows}"' in answer.text
    assert "resultMessage" not in answer.text
    assert client.get("/id/dataset/crowd/9/report").status_code == 404


# --- Pages -----------------------------------------------------------------------------------------------------------


class Page(HTMLParser):
    """What a page holds: its elements, where it leads, and whether all that is opened is closed."""

    VOID = ("meta", "link", "img", "input", "br", "hr")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements, self.hrefs, self.open = set[str](), list[str](), list[str]()
        self.attributes = set[str]()
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.elements.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.hrefs += [value or "" for name, value in attrs if name == "href" and tag == "a"]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close an element."""
        assert self.open.pop() == tag


@pytest.mark.parametrize("id", HOSTILE)
def test_a_hostile_name_is_text_and_nothing_else(client: TestClient, id: str) -> None:
    where = f"/id/crowd/{quote(id)}"
    answer = client.get(where, headers={"accept": BROWSER})
    page = Page(answer.text)
    assert not {"img", "iframe"} & page.elements
    assert answer.text.count("<script") == 1  # our own
    assert "<" not in HOSTILE[id] or HOSTILE[id] not in answer.text
    assert "onerror" not in page.attributes
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert all(href.startswith(("/", "#", "?", "https://", "http://")) for href in page.hrefs)
    for media_type, format in RDF.items():
        content = client.get(where, headers={"accept": media_type}).content
        labels = {
            quad.object.value
            for quad in ox.parse(content, format=format)
            if isinstance(quad.object, ox.Literal)
        }
        assert HOSTILE[id] in labels, media_type


def test_links_of_a_page_lead_to_this_service(client: TestClient) -> None:
    hrefs = set[str]()
    for path in ("/id/example/aurora", "/id/dataset/example/1", "/ns/SupplyLink", "/id/hs/25"):
        hrefs.update(Page(client.get(path, headers={"accept": BROWSER}).text).hrefs)
    assert not [href for href in hrefs if href.startswith(W3ID)]
    for href in {each.partition("#")[0] for each in hrefs if each.startswith("/")}:
        assert client.head(href, headers={"accept": BROWSER}).status_code == 200, href


def test_pages_call_goods_by_their_names(client: TestClient) -> None:
    page = client.get("/id/hs/610910", headers={"accept": BROWSER}).text
    assert '<h1 dir="auto">cotton T-shirts and vests (HS 6109.10)</h1>' in page
    assert ">T-shirts and vests (HS 6109)</a>" in page  # what it is narrower than


def test_a_page_can_be_read_without_sight(client: TestClient) -> None:
    text = client.get("/id/example/aurora", headers={"accept": BROWSER}).text
    assert '<html lang="en">' in text
    assert text.count("<h1 ") == 1
    assert 'href="#main"' in text
    assert '<th scope="row">' in text


# --- Those that name an IRI ----------------------------------------------------------------------------------------


def pages(client: TestClient, path: str) -> Iterator[str]:
    """Yield the pages of an IRI, following their links."""
    while path:
        answer = client.get(path, headers={"accept": "application/n-triples"})
        assert answer.status_code == 200
        yield answer.text
        found = re.search(r'<([^>]*)>; rel="next"', answer.headers.get("link", ""))
        path = found[1].removeprefix("http://127.0.0.1:8087") if found else ""


def test_those_that_name_an_iri_come_page_by_page_each_once(client: TestClient, graph: Graph) -> None:
    iri = f"<{BASE}crowd/tag>"
    told = list(pages(client, "/id/crowd/tag"))
    found = [line for text in told for line in text.splitlines() if line.endswith(f" {iri} .")]
    query = f"SELECT (COUNT(*) AS ?n) {{ ?s ?p {iri} }}"
    answer = client.get("/sparql", params={"query": query}).json()
    many = int(answer["results"]["bindings"][0]["n"]["value"])
    assert len(told) == -(-many // PAGE) > 1
    assert len(found) == len(set(found)) == many >= 2 * MANY
    assert list(pages(client, "/id/crowd/tag")) == told
    header = client.get("/id/crowd/tag?inbound=2", headers={"accept": "text/turtle"}).headers[
        "opentier-inbound"
    ]
    assert header == f"page 2 of {len(told)}, {many} in all"


def test_a_page_tells_how_many_there_are_and_leads_on(client: TestClient) -> None:
    text = client.get("/id/crowd/tag?inbound=2", headers={"accept": BROWSER}).text
    assert 'rel="prev" href="?inbound=1"' in text
    assert re.search(r"[\d,]+ statements, page 2 of \d+\.", text)
    assert client.get("/id/crowd/tag?inbound=99").status_code == 404
    assert client.get("/id/crowd/tag?inbound=0").status_code == 400
    assert client.get(f"/id/crowd/tag?inbound={10**20}").status_code == 400
    assert "link" not in client.get("/id/example/aurora").headers


# --- Sitemap -----------------------------------------------------------------------------------------------------


def locations(client: TestClient, path: str) -> list[str]:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("application/xml")
    space = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
    return [str(each.text) for each in ElementTree.fromstring(answer.content).iter(f"{space}loc")]


def test_the_sitemap_lists_all_that_is_described_and_each_address_answers(
    client: TestClient, printed: list[str]
) -> None:
    robots = client.get("/robots.txt")
    assert "Sitemap: http://127.0.0.1:8087/sitemap.xml" in robots.text
    parts = locations(client, "/sitemap.xml")
    assert parts == ["http://127.0.0.1:8087/sitemap/1.xml"]
    listed = locations(client, urlsplit(parts[0]).path)
    assert len(listed) == len(set(listed))
    own = {BASE + each.removeprefix("http://127.0.0.1:8087/id/") for each in listed if "/id/" in each}
    assert own <= set(printed)
    assert {f"{BASE}example/aurora", f"{BASE}crowd/{quote('رقم')}", f"{BASE}dataset/example/1"} <= own
    assert f"{BASE}crowd/gone" not in own
    for each in listed[:20]:
        assert client.get(unquote(urlsplit(each).path), headers={"accept": BROWSER}).status_code == 200, each
    assert client.get("/sitemap/2.xml").status_code == 404
