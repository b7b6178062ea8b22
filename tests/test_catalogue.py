"""The catalogue: DCAT that passes the shapes of European portals, VoID whose counts are true, what tools ask for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from pyshacl import validate
from rdflib import DCAT, DCTERMS, FOAF, PROV, RDF, SH, Namespace, URIRef
from rdflib import Graph as Rdf
from rdflib import Literal as RdfLiteral
from starlette.testclient import TestClient

from opentier.graph import Graph
from opentier.graph.exchange.minisign import SecretKey
from opentier.graph.exchange.packages import Packages
from opentier.graph.exchange.signing import Signing
from opentier.graph.front import View
from opentier.graph.model.rdf import IRI
from opentier.graph.query import dcat
from opentier.graph.triples.engine import Rows

SHAPES = Path(__file__).parent / "data" / "dcat-ap" / "shapes.ttl"
URL = "http://127.0.0.1:8087/"
ADMS, SPDX = Namespace("http://www.w3.org/ns/adms#"), Namespace("http://spdx.org/rdf/terms#")
OTNS = Namespace("https://w3id.org/opentier/ns#")
VOID = Namespace("http://rdfs.org/ns/void#")
READ = {"text/turtle": "turtle", "application/rdf+xml": "xml", "application/n-triples": "nt",
        "application/ld+json": "json-ld"}  # fmt: skip


@pytest.fixture(scope="module")
def graph(admitted: Path) -> Graph:
    return Graph.open(admitted)


@pytest.fixture(scope="module")
def catalogue(client: TestClient) -> Rdf:
    return read(client, "/catalog", "text/turtle")


def read(client: TestClient, path: str, accept: str) -> Rdf:
    answer = client.get(path, headers={"accept": accept})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].partition(";")[0] == accept
    return Rdf().parse(data=answer.content, format=READ[accept])


def local(iri: object) -> str:
    """Return where an address of the service is answered by a client of it."""
    assert str(iri).startswith(URL)
    parts = urlsplit(str(iri))
    return parts.path


# --- DCAT ------------------------------------------------------------------------------------------------------------


def test_the_catalogue_passes_the_base_shapes_of_dcat_ap_without_a_violation(catalogue: Rdf) -> None:
    shapes = Rdf().parse(SHAPES)
    conforms, results, text = validate(catalogue, shacl_graph=shapes)
    assert isinstance(results, Rdf)
    assert list(results.subjects(SH.resultSeverity, SH.Violation)) == [], text
    assert conforms, text


def test_the_shapes_see_what_is_missing(catalogue: Rdf) -> None:
    broken = Rdf()
    broken += catalogue
    (one,) = list(broken.subjects(RDF.type, DCAT.Catalog))
    broken.remove((one, DCTERMS.publisher, None))
    conforms, _, _ = validate(broken, shacl_graph=Rdf().parse(SHAPES))
    assert not conforms


@pytest.mark.filterwarnings(
    "ignore:ConjunctiveGraph is deprecated:DeprecationWarning"
)  # rdflib's own JSON-LD
@pytest.mark.parametrize("accept", READ)
def test_the_catalogue_is_the_same_in_every_form_and_at_both_addresses(
    client: TestClient, catalogue: Rdf, accept: str
) -> None:
    for path in ("/catalog", "/datasets"):
        assert set(read(client, path, accept)) == set(catalogue)


def test_whoever_asks_for_nothing_special_gets_the_list_as_json(client: TestClient) -> None:
    for accept in ("*/*", "application/json", None):
        answer = client.get("/datasets", headers={"accept": accept} if accept else {})
        assert answer.headers["content-type"] == "application/json"
        assert "Accept" in answer.headers["vary"]


def test_every_current_version_is_in_it_with_its_licence_and_its_publisher(
    catalogue: Rdf, view: View
) -> None:
    assert view.release.current
    for version in view.release.current.values():
        node = URIRef(version.iri)
        assert (None, DCAT.dataset, node) in catalogue
        assert str(catalogue.value(node, DCTERMS.title)) == version.title
        licence = catalogue.value(node, DCTERMS.license)
        assert (licence, RDF.type, DCTERMS.LicenseDocument) in catalogue
        assert licence is not None
        assert str(licence).startswith("https://spdx.org/licenses/") or "#licence" in str(licence)
        assert str(catalogue.value(catalogue.value(node, DCTERMS.publisher), FOAF.name)) == version.publisher


def test_every_file_and_every_address_in_it_is_answered(client: TestClient, catalogue: Rdf) -> None:
    files = list(catalogue.subject_objects(DCAT.downloadURL))
    always = len(dcat.FILES) * len(set(catalogue.subjects(DCAT.distribution)))
    assert 0 < len(files) - always <= len(dcat.OTHERS) * len(set(catalogue.subjects(DCAT.distribution)))
    for form, file in files:
        answer = client.get(local(file))
        assert answer.status_code == 200, file
        media_type = str(catalogue.value(form, DCAT.mediaType)).removeprefix(
            "https://www.iana.org/assignments/media-types/"
        )
        assert answer.headers["content-type"].partition(";")[0] == media_type
    for property in (DCAT.endpointURL, DCAT.endpointDescription):
        for address in set(catalogue.objects(None, property)):
            assert (
                client.get(local(address), headers={"accept": "text/turtle, */*;q=0.1"}).status_code == 200
            ), address


def test_a_page_lists_the_datasets_for_people(client: TestClient, view: View) -> None:
    browser = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    page = client.get("/datasets", headers=browser)
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    whole = client.get("/catalog.html").text
    assert page.text == client.get("/catalog", headers=browser).text
    assert (
        page.text.partition("<main")[2].partition("</main>")[0]
        == whole.partition("<main")[2].partition("</main>")[0]
    )
    for version in view.release.current.values():
        assert f'href="/datasets/{version.dataset}"' in page.text
    assert "<script>" not in page.text


def test_packages_are_named_with_their_checksums_and_what_was_withdrawn_with_its_reason(
    directory: Path,
) -> None:
    graph = Graph.open(directory)
    Signing(directory).keep(SecretKey.new())
    graph.withdraw("example", "an older one")
    release = graph.view().release
    assert list(Packages(directory).make(release)) == []
    made, lacking = Packages(directory).published(release)
    assert not lacking
    said = Rdf()
    for triple in Signing.of(release).sealed(dcat.describe(release, URL, made), int(release.id)):
        said.parse(data=f"{triple} .", format="nt")
    conforms, _, text = validate(said, shacl_graph=Rdf().parse(SHAPES))
    assert conforms, text
    assert len(set(said.objects(None, SPDX.checksumValue))) == len(release.current) > 0
    (gone,) = said.subjects(OTNS.statusReason, RdfLiteral("an older one"))
    node = said.value(gone, PROV.invalidated)
    assert str(said.value(node, ADMS.status)).endswith("WITHDRAWN")
    assert (None, DCAT.dataset, node) not in said
    (whole,) = said.subjects(OTNS.signature)
    assert (whole, RDF.type, DCAT.Catalog) in said


# --- VoID ------------------------------------------------------------------------------------------------------------


def number(view: View, graph: str, query: str) -> int:
    found = view.release.engine.query(query, [graph])
    assert isinstance(found, Rows)
    ((one,),) = found
    assert one is not None
    return int(one.value)


def test_every_count_by_class_and_property_is_true(client: TestClient, view: View) -> None:
    void = read(client, "/.well-known/void", "text/turtle")
    for version in view.release.current.values():
        whole, graph = URIRef(version.iri), version.iri
        assert int(str(void.value(whole, VOID.distinctSubjects))) == number(
            view, graph, "SELECT (COUNT(DISTINCT ?s) AS ?n) { ?s ?p ?o }"
        )
        classes = list(void.objects(whole, VOID.classPartition))
        properties = list(void.objects(whole, VOID.propertyPartition))
        assert len(classes) == int(str(void.value(whole, VOID.classes))) > 0
        assert len(properties) == int(str(void.value(whole, VOID.properties))) > 1
        both = {
            (str(row[0].value), str(row[1].value)): int(row[2].value)
            for row in view.release.engine.query(  # type: ignore[attr-defined]
                "SELECT ?c ?p (COUNT(*) AS ?n) { ?s a ?c ; ?p ?o } GROUP BY ?c ?p", [graph]
            )
        }
        told = {}
        for part in classes:
            kind = void.value(part, VOID["class"])
            query = f"SELECT (COUNT(*) AS ?n) {{ ?s a {IRI(str(kind))} }}"
            assert int(str(void.value(part, VOID.entities))) == number(view, graph, query), kind
            for each in void.objects(part, VOID.propertyPartition):
                name = str(void.value(each, VOID.property))
                told[str(kind), name] = int(str(void.value(each, VOID.triples)))
        assert told == both
        for part in properties:
            query = f"SELECT (COUNT(*) AS ?n) {{ ?s {IRI(str(void.value(part, VOID.property)))} ?o }}"
            assert int(str(void.value(part, VOID.triples))) == number(view, graph, query), query
        assert sum(int(str(void.value(part, VOID.triples))) for part in properties) == version.triples


# --- What public tools ask the endpoint -----------------------------------------------------------------------------

#: As the editors of the Swiss Institute of Bioinformatics ask it: prefixes, examples, classes with properties.
PREFIXES = """PREFIX sh: <http://www.w3.org/ns/shacl#>
SELECT DISTINCT ?prefix ?namespace WHERE { [] sh:namespace ?namespace ; sh:prefix ?prefix } ORDER BY ?prefix"""
EXAMPLES = """PREFIX sh: <http://www.w3.org/ns/shacl#> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT DISTINCT ?sq ?comment ?query WHERE {
  ?sq a sh:SPARQLExecutable ; rdfs:comment ?comment ; sh:select|sh:ask|sh:construct|sh:describe ?query .
} ORDER BY ?sq"""
PARTITIONS = """PREFIX void: <http://rdfs.org/ns/void#> PREFIX void-ext: <http://ldf.fi/void-ext#>
SELECT DISTINCT ?subjectClass ?prop ?objectClass ?objectDatatype WHERE {
  { ?cp void:class ?subjectClass ; void:propertyPartition ?pp . ?pp void:property ?prop .
    OPTIONAL { { ?pp void:classPartition [ void:class ?objectClass ] }
               UNION { ?pp void-ext:datatypePartition [ void-ext:datatype ?objectDatatype ] } } }
  UNION { ?linkset void:subjectsTarget [ void:class ?subjectClass ] ; void:linkPredicate ?prop ;
          void:objectsTarget [ void:class ?objectClass ] . } }"""


def rows(client: TestClient, query: str) -> list[dict[str, str]]:
    answer = client.get("/sparql", params={"query": query})
    assert answer.status_code == 200, answer.text
    return [
        {name: cell["value"] for name, cell in row.items()} for row in answer.json()["results"]["bindings"]
    ]


def test_public_editors_find_prefixes_examples_and_what_to_complete(client: TestClient) -> None:
    prefixes = {row["prefix"]: row["namespace"] for row in rows(client, PREFIXES)}
    assert prefixes["ot"] == "https://w3id.org/opentier/ns#"
    examples = rows(client, EXAMPLES)
    assert len(examples) == len(client.get("/questions").json()["questions"])
    head = "".join(f"PREFIX {name}: <{iri}>\n" for name, iri in prefixes.items())
    assert client.get("/sparql", params={"query": head + examples[10]["query"]}).status_code == 200
    pairs = {(row["subjectClass"], row["prop"]) for row in rows(client, PARTITIONS)}
    ot = prefixes["ot"]
    assert {(f"{ot}SupplyLink", f"{ot}buyer"), (f"{ot}SupplyLink", f"{ot}supplier")} <= pairs


@pytest.mark.parametrize(
    ("licence", "iri"),
    [
        ("CC-BY-4.0", "https://spdx.org/licenses/CC-BY-4.0"),
        ("ODbL-1.0", "https://spdx.org/licenses/ODbL-1.0"),
        ("https://example.org/terms", "https://example.org/terms"),
        ("proprietary", "urn:v#licence"),
        ("CC-BY-4.0 or so", "urn:v#licence"),
        ("https://example.org/a b", "urn:v#licence"),
    ],
)
def test_a_licence_is_its_page_or_named_as_its_publisher_wrote_it(view: View, licence: str, iri: str) -> None:
    version = next(iter(view.release.current.values()))
    assert dcat._licence(replace(version, iri="urn:v", licence=licence)) == IRI(iri)
