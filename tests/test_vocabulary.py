"""The pages of the vocabulary and of the shapes, the documents behind them, and the frozen releases."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import httpx2
import pyoxigraph as ox
import pytest
from rdflib import RDF, SH, SKOS, Graph, Literal, URIRef
from starlette.testclient import TestClient

from opentier.api.linked import vocabulary as pages
from opentier.api.service import create_app
from opentier.graph.errors import UsageError
from opentier.graph.model.names import OT
from opentier.graph.vocabulary import documents, statements, terms
from opentier.graph.vocabulary.statements import Value

if TYPE_CHECKING:
    from tests.conftest import Service

DOCUMENTS = tuple(documents.DOCUMENTS)
RELEASES = Path(__file__).parents[1] / "ontology" / "releases"
FORMATS = {
    "ttl": ("text/turtle", ox.RdfFormat.TURTLE),
    "nt": ("application/n-triples", ox.RdfFormat.N_TRIPLES),
    "rdf": ("application/rdf+xml", ox.RdfFormat.RDF_XML),
    "jsonld": ("application/ld+json", ox.RdfFormat.JSON_LD),
}
#: Elements without an end, and what may not stand within a paragraph.
EMPTY = {"meta", "link", "br", "hr", "img", "input"}
BLOCKS = {
    "ul",
    "ol",
    "dl",
    "div",
    "p",
    "section",
    "article",
    "details",
    "pre",
    "table",
    "h1",
    "h2",
    "h3",
    "h4",
}
#: Attributes by which an element loads what they name.
LOADING = {"src", "srcset", "poster", "data", "background", "action"}


class Page(HTMLParser):
    """A page as its elements: checks that they nest, collects anchors, links, and what a browser would load."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.faults: list[str] = []
        self.elements: Counter[str] = Counter()
        self.headings: list[int] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        self.elements[tag] += 1
        if len(said) != len(attrs):
            self.faults.append(f"{self.getpos()}: an attribute twice in <{tag}>")
        if "p" in self.open and tag in BLOCKS:
            self.faults.append(f"{self.getpos()}: <{tag}> in a paragraph")
        if tag == "a" and "a" in self.open:
            self.faults.append(f"{self.getpos()}: a link in a link")
        if tag in ("dt", "dd") and (self.open or [""])[-1] not in ("dl", "div"):
            self.faults.append(f"{self.getpos()}: <{tag}> outside a <dl>")
        if tag == "li" and (self.open or [""])[-1] not in ("ul", "ol"):
            self.faults.append(f"{self.getpos()}: <li> outside a list")
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if identifier := said.get("id"):
            self.ids.append(identifier)
        if tag == "a" and said.get("href"):
            self.links.append(str(said["href"]))
        self.loaded += [str(value) for name, value in said.items() if name in LOADING]
        if tag == "link" and said.get("rel") != "alternate":
            self.loaded.append(str(said.get("href")))
        if any(name.startswith("on") or name == "style" for name in said):
            self.faults.append(f"{self.getpos()}: a script or a style in an attribute")
        if tag not in EMPTY:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"{self.getpos()}: </{tag}> ends nothing")


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    client = TestClient(create_app(None))  # type: ignore[arg-type]
    return {document: client.get(f"/{document}.html").text for document in DOCUMENTS}


@pytest.fixture(scope="module")
def parsed(texts: dict[str, str]) -> dict[str, Page]:
    return {document: Page(text) for document, text in texts.items()}


def described(document: str) -> set[str]:
    """The local names that a document describes."""
    found = documents.graph(document).subjects(RDF.type)
    return {str(node).removeprefix(OT) for node in found if str(node).startswith(OT)}


# --- the pages ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_page_is_well_formed(parsed: dict[str, Page], texts: dict[str, str], document: str) -> None:
    page, text = parsed[document], texts[document]
    assert page.faults == []
    assert page.open == []
    assert text.startswith('<!DOCTYPE html>\n<html lang="en">')
    assert page.elements["h1"] == page.elements["main"] == page.elements["title"] == 1
    steps = zip(page.headings, page.headings[1:], strict=False)
    assert all(after <= before + 1 for before, after in steps)
    assert "{{" not in text
    assert "None" not in re.findall(r">\s*(\w+)\s*<", text)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_term_has_one_anchor(parsed: dict[str, Page], document: str) -> None:
    assert [name for name, count in Counter(parsed[document].ids).items() if count > 1] == []
    assert described(document) - set(parsed[document].ids) == set()


def test_links_within_and_between_the_pages_lead_somewhere(parsed: dict[str, Page]) -> None:
    for document, page in parsed.items():
        for link in page.links:
            path, _, anchor = link.partition("#")
            if re.match(r"https?:|/|\?", path):  # of the frame (see test_site) or of others
                continue
            target = path or document
            if target in parsed:
                assert not anchor or anchor in parsed[target].ids, link
            else:
                assert target == "context.jsonld" or re.fullmatch(
                    rf"{document}\.(ttl|jsonld|nt|rdf)", target
                ), link


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_page_loads_only_what_is_served_beside_it(parsed: dict[str, Page], document: str) -> None:
    assert [each for each in parsed[document].loaded if not re.match(r"data:,$|/static/", each)] == []
    assert not {"img", "iframe", "object", "embed", "form", "style"} & set(parsed[document].elements)
    assert parsed[document].elements["script"] == 1


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_page_says_version_licence_and_that_nothing_is_registered(
    texts: dict[str, str], document: str
) -> None:
    text, head = texts[document], statements.head(document)
    assert "redirect at w3id.org is not registered yet" in text
    for said in (head.title, head.version, head.version_iri, head.licence):
        assert said
        assert said in text


def test_a_term_shows_what_is_said_of_it() -> None:
    ontology = documents.graph("ontology")
    found = {
        term.iri: term
        for section in terms.terms().values()
        for each in section
        for term in (each, *each.concepts)
    }
    assert set(found) == {OT + name for name in described("ontology")}
    for iri, term in found.items():
        definition = ontology.value(URIRef(iri), SKOS.definition)
        assert term.definition == " ".join(str(definition).split())
        assert term.label
        assert len(term.examples) == len(list(ontology.objects(URIRef(iri), SKOS.example)))
        matches = [o for p, o in ontology.predicate_objects(URIRef(iri)) if str(p).endswith("Match")]
        aligned = [value.iri for values in term.alignments.values() for value in values]
        assert {str(match) for match in matches} <= set(aligned)


def test_a_class_and_a_property_name_their_shapes() -> None:
    classes = {term.anchor: term for term in terms.terms()["Classes"]}
    link = classes["SupplyLink"]
    assert link.shapes[0].anchor == "SupplyLinkShape"
    assert {shape.anchor for shape in link.inherited} >= {"LinkShape", "RecordShape"}
    buyer = next(term for term in terms.terms()["Properties"] if term.anchor == "buyer")
    (shape,) = (shape for shape in buyer.shapes if shape.anchor == "SupplyLinkShape-buyer")
    assert (shape.severity, shape.path) == ("violation", "ot:buyer")
    assert shape.message == str(documents.graph("shapes").value(URIRef(shape.iri), SH.message))
    assert buyer.rows["said of"] == (Value("ot:SupplyLink", OT + "SupplyLink", "ontology"),)
    assert buyer.alignments["close match"][0].text == "schema:buyer"


def test_every_shape_is_shown_once_and_its_text_is_escaped() -> None:
    def walk(shapes: tuple[terms.Shape, ...]) -> Iterator[str]:
        for shape in shapes:
            yield shape.anchor
            yield from walk(shape.parts)

    assert Counter(walk(terms.shapes())) == Counter(described("shapes"))
    assert str(pages._linked("<b> ot:buyer & ot:noTermOfOurs", "ontology")) == (
        '&lt;b&gt; <a href="#buyer"><code>ot:buyer</code></a> &amp; ot:noTermOfOurs'
    )


def test_a_rule_without_a_severity_has_that_of_its_shape() -> None:
    shapes = documents.graph("shapes")
    for shape in terms.shapes():
        for part in shape.parts:
            if part.query and (URIRef(part.iri), SH.severity, None) not in shapes:
                assert part.severity == shape.severity


# --- the documents --------------------------------------------------------------------------------------


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_document_holds_what_its_files_say(document: str) -> None:
    said = ox.Dataset()
    for item in files(documents.DOCUMENTS[document]).iterdir():
        if item.name.endswith(".ttl"):
            for quad in ox.parse(item.read_bytes(), format=ox.RdfFormat.TURTLE, rename_blank_nodes=True):
                said.add(quad)
    assert canonical(said) == canonical(
        ox.Dataset(ox.parse(documents.turtle(document), format=ox.RdfFormat.TURTLE))
    )
    assert len(said) == len(documents.triples(document)) == len(documents.graph(document))


NT = ox.RdfFormat.N_TRIPLES


def canonical(found: ox.Dataset) -> set[ox.Quad]:
    found.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return set(found)


def test_a_document_is_the_same_bytes_in_every_process(tmp_path: Path) -> None:
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-W", "error", "-m", "opentier.graph.vocabulary.documents", str(tmp_path / seed)],
            env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
    one, two = (
        {path.relative_to(tmp_path / seed): path.read_bytes() for path in (tmp_path / seed).glob("*/*")}
        for seed in ("1", "2")
    )
    assert one == two
    assert {path.name for path in one} == {"opentier.ttl", "shapes.ttl", "context.jsonld"}


# --- over HTTP ------------------------------------------------------------------------------------------


@pytest.fixture
def client(service: Service) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=service.url, timeout=60) as client:
        yield client


def media_type(answer: httpx2.Response) -> str:
    return str(answer.headers["content-type"]).partition(";")[0]


@pytest.mark.parametrize("document", DOCUMENTS)
@pytest.mark.parametrize("suffix", FORMATS)
def test_a_document_is_served_in_every_format(client: httpx2.Client, document: str, suffix: str) -> None:
    name, format = FORMATS[suffix]
    by_suffix = client.get(f"/{document}.{suffix}")
    by_accept = client.get(f"/{document}", headers={"Accept": f"{name}, */*;q=0.1"})
    for answer in (by_suffix, by_accept):
        assert answer.status_code == 200, answer.text
        assert media_type(answer) == name
        assert answer.content == by_suffix.content
    assert "Accept" in by_accept.headers["vary"].split(", ")
    found = ox.Dataset(ox.parse(by_suffix.content, format=format))
    expected = ox.Dataset(ox.parse("".join(f"{said} .\n" for said in documents.triples(document)), format=NT))
    assert canonical(found) == canonical(expected)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_browser_gets_the_page(client: httpx2.Client, texts: dict[str, str], document: str) -> None:
    browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    for answer in (
        client.get(f"/{document}", headers={"Accept": browser}),
        client.get(f"/{document}.html"),
        client.get(f"/{document}", headers={"Accept": "*/*"}),
    ):
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert answer.text == texts[document]
    head = client.head(f"/{document}", headers={"Accept": browser, "Accept-Encoding": "identity"})
    assert (head.status_code, head.content) == (200, b"")
    assert int(head.headers["content-length"]) == len(texts[document].encode())


def test_what_is_not_offered_is_refused_with_a_problem(client: httpx2.Client) -> None:
    for path, accept, status in (
        ("/ontology", "image/png", 406),
        ("/shapes", "text/csv", 406),
        ("/.well-known/void", "text/csv", 406),
        ("/ontology.docx", "*/*", 404),
    ):
        answer = client.get(path, headers={"Accept": accept})
        assert answer.status_code == status
        assert media_type(answer) == "application/problem+json"


def test_void_describes_the_current_datasets(client: httpx2.Client) -> None:
    answer = client.get("/.well-known/void", headers={"Accept": "text/turtle"})
    assert (answer.status_code, media_type(answer)) == (200, "text/turtle")
    found = Graph().parse(data=answer.text, format="turtle")
    void, current = "http://rdfs.org/ns/void#", client.get("/datasets").json()["datasets"]
    described = set(found.subjects(RDF.type, URIRef(void + "Dataset")))
    assert described == {URIRef(version["iri"]) for version in current}
    for version in current:
        node = URIRef(version["iri"])
        assert found.value(node, URIRef(void + "triples")) == Literal(version["triples"])
        assert str(found.value(node, URIRef(void + "sparqlEndpoint"))) == str(client.base_url.join("/sparql"))
    as_json = client.get("/.well-known/void", headers={"Accept": "application/ld+json"})
    assert json.loads(as_json.text)["@graph"]


# --- the releases ---------------------------------------------------------------------------------------


def test_the_release_of_the_current_version_is_what_the_files_say() -> None:
    folder = RELEASES / documents.version("ontology")
    for name, text in documents.release().items():
        assert (folder / name).is_file(), "run: make release-vocabulary"
        assert (folder / name).read_text("utf-8") == text, (
            f"{name} differs: a published version needs a new owl:versionInfo; then run: make release-vocabulary"
        )


@pytest.mark.parametrize(
    "folder", sorted(path for path in RELEASES.glob("*") if path.is_dir()), ids=lambda p: p.name
)
def test_a_release_names_its_version(folder: Path) -> None:
    assert {path.name for path in folder.iterdir()} == {
        "opentier.ttl",
        "shapes.ttl",
        "context.jsonld",
        "CHANGELOG.md",
    }
    for name, iri in (("opentier.ttl", "ns"), ("shapes.ttl", "shapes")):
        text = (folder / name).read_text("utf-8")
        assert f"owl:versionIRI <https://w3id.org/opentier/{iri}/{folder.name}>" in text
        assert f'owl:versionInfo "{folder.name}"' in text
    assert f"## [{folder.name}]" in (folder / "CHANGELOG.md").read_text("utf-8")


def test_vocabulary_and_shapes_of_different_versions_are_not_released(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(documents, "version", {"ontology": "1", "shapes": "2"}.__getitem__)
    with pytest.raises(UsageError, match="give both one"):
        documents.write(tmp_path)
    assert list(tmp_path.iterdir()) == []


# --- what a release changed ----------------------------------------------------------------------------


def test_a_release_tells_which_terms_it_added_changed_and_deprecated() -> None:
    place = RELEASES / documents.version("ontology")
    before = documents.earlier(place)
    assert before is not None
    texts = ((folder / "opentier.ttl").read_text("utf-8") for folder in (before, place))
    told = documents.changelog(*texts)
    assert "### Added terms" in told
    assert told in (place / "CHANGELOG.md").read_text("utf-8"), "run: make release-vocabulary"
    assert documents.earlier(before) is None


def test_the_changes_of_a_release_are_those_of_its_terms() -> None:
    head = (
        "@prefix ot: <https://w3id.org/opentier/ns#> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> ."
        "@prefix owl: <http://www.w3.org/2002/07/owl#> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> ."
    )
    before = (
        head
        + 'ot:a skos:definition "A" . ot:b skos:definition "B" ; rdfs:label "b"@en . ot:c rdfs:label "c" .'
    )
    after = (
        head
        + """ot:a skos:definition "Another" . ot:b skos:definition "B" ; rdfs:label "b"@en , "b"@fr .
        ot:c rdfs:label "c" ; owl:deprecated true . ot:d rdfs:label "d" ."""
    )
    assert documents.changes(before, after) == {
        "Added": ["d"], "Changed": ["a", "c"], "Deprecated": ["c"], "Removed": [],
    }  # fmt: skip
