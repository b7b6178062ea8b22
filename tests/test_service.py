"""The service over HTTP: the real one, on loopback, asked by other people's clients and by raw requests."""

from __future__ import annotations

import csv
import io
import json
import threading
import time
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from xml.dom.minidom import Document

import httpx2
import pyoxigraph as ox
import pytest
from rdflib import Graph as RdflibGraph
from SPARQLWrapper import CSV, GET, JSON, POST, POSTDIRECTLY, RDFXML, TURTLE, URLENCODED, XML, SPARQLWrapper

from opentier.graph.model import sheet
from opentier.graph.model.names import Names

if TYPE_CHECKING:
    from tests.conftest import Command, Service

BASE = "https://w3id.org/opentier/id/"
PROLOGUE = "PREFIX ot: <https://w3id.org/opentier/ns#> "
COUNT = PROLOGUE + "SELECT (COUNT(?link) AS ?links) { ?link a ot:SupplyLink }"
LINKS = PROLOGUE + "SELECT ?link { ?link a ot:SupplyLink } ORDER BY ?link"
ASK = PROLOGUE + "ASK { ?link a ot:SupplyLink }"
CONSTRUCT = PROLOGUE + "CONSTRUCT { ?link a ot:SupplyLink } WHERE { ?link a ot:SupplyLink }"
#: Supply links of the worked example.
SUPPLY_LINKS = 42
ODD = "id,name,country\nmill/1,Slash Mill,IN\nü ß,Umlaut Mill,DE\n50%,Percent Mill,TR\na.ttl,Suffix Mill,CN\n"


@pytest.fixture
def client(service: Service) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=service.url, timeout=60) as client:
        yield client


def ask(client: httpx2.Client, query: str, accept: str | None = None, **parameters: str) -> httpx2.Response:
    headers = {"Accept": accept} if accept else {}
    return client.get("/sparql", params={"query": query, **parameters}, headers=headers)


def media_type(answer: httpx2.Response) -> str:
    return str(answer.headers["content-type"]).partition(";")[0]


def assert_problem(answer: httpx2.Response, status: int) -> dict[str, Any]:
    """Assert that an answer is an error as RFC 9457 has it."""
    assert answer.status_code == status, answer.text
    assert media_type(answer) == "application/problem+json"
    found: dict[str, Any] = answer.json()
    assert {"type", "title", "status", "detail"} <= set(found)
    assert found["status"] == status
    assert all(isinstance(found[key], str) and found[key] for key in ("type", "title", "detail"))
    assert "Traceback" not in answer.text
    return found


def count(answer: httpx2.Response) -> int:
    assert answer.status_code == 200, answer.text
    (row,) = answer.json()["results"]["bindings"]
    (cell,) = row.values()
    return int(cell["value"])


def parse(answer: httpx2.Response, format: ox.RdfFormat) -> set[ox.Quad]:
    assert answer.status_code == 200, answer.text
    return set(ox.parse(answer.content, format=format))


def of_json_ld(client: httpx2.Client, answer: httpx2.Response) -> set[ox.Quad]:
    """Return the triples of a JSON-LD answer; it carries the context that the service serves."""
    assert answer.json()["@context"] == client.get("/context.jsonld").json()["@context"]
    return set(ox.parse(answer.content, format=ox.RdfFormat.JSON_LD))


# SPARQL.


def wrapper(
    service: Service, query: str, format: str, method: str = GET, by: str = URLENCODED
) -> SPARQLWrapper:
    asked = SPARQLWrapper(f"{service.url}/sparql")
    asked.setQuery(query)
    asked.setReturnFormat(format)
    asked.setMethod(method)
    asked.setRequestMethod(by)
    asked.setTimeout(60)
    return asked


@pytest.mark.parametrize(("method", "by"), [(GET, URLENCODED), (POST, URLENCODED), (POST, POSTDIRECTLY)])
def test_sparqlwrapper_asks_in_every_way(service: Service, method: str, by: str) -> None:
    rows: Any = wrapper(service, COUNT, JSON, method, by).queryAndConvert()
    assert rows["results"]["bindings"][0]["links"]["value"] == str(SUPPLY_LINKS)
    answer: Any = wrapper(service, ASK, JSON, method, by).queryAndConvert()
    assert answer["boolean"] is True
    document: Any = wrapper(service, LINKS, XML, method, by).queryAndConvert()
    assert isinstance(document, Document)
    assert len(document.getElementsByTagName("result")) == SUPPLY_LINKS
    table: Any = wrapper(service, LINKS, CSV, method, by).queryAndConvert()
    assert len(table.splitlines()) == SUPPLY_LINKS + 1
    turtle: Any = wrapper(service, CONSTRUCT, TURTLE, method, by).queryAndConvert()
    assert len(RdflibGraph().parse(data=turtle, format="turtle")) == SUPPLY_LINKS
    answered = wrapper(service, CONSTRUCT, RDFXML, method, by).query()
    assert len(RdflibGraph().parse(data=answered.response.read(), format="xml")) == SUPPLY_LINKS


def test_get_post_form_and_post_direct_give_the_same(client: httpx2.Client) -> None:
    answers = [
        client.get("/sparql", params={"query": LINKS}),
        client.post("/sparql", data={"query": LINKS}),
        client.post("/sparql", content=LINKS, headers={"Content-Type": "application/sparql-query"}),
        client.post(
            "/sparql", content=LINKS, headers={"Content-Type": "application/sparql-query; charset=utf-8"}
        ),
    ]
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert {media_type(answer) for answer in answers} == {"application/sparql-results+json"}
    assert {answer.headers["opentier-release"] for answer in answers} == {
        client.get("/health").json()["release"]
    }


@pytest.mark.parametrize(
    ("accept", "format", "given"),
    [
        (None, "json", "application/sparql-results+json"),
        ("*/*", "json", "application/sparql-results+json"),
        ("application/sparql-results+json", "json", "application/sparql-results+json"),
        ("application/sparql-results+xml", "xml", "application/sparql-results+xml"),
        ("text/csv", "csv", "text/csv"),
        ("text/csv;q=0.5, text/tab-separated-values", "tsv", "text/tab-separated-values"),
        ("image/png, text/*;q=0.8", "text/csv", "text/csv"),
        ("application/sparql-results+json;q=0, */*", "xml", "application/sparql-results+xml"),
    ],
)
def test_rows_by_accept_and_by_format(
    client: httpx2.Client, accept: str | None, format: str, given: str
) -> None:
    by_accept, by_format = ask(client, LINKS, accept), ask(client, LINKS, "text/turtle", format=format)
    assert media_type(by_accept) == media_type(by_format) == given
    assert by_accept.content == by_format.content
    assert "accept" in by_accept.headers["vary"].lower()
    if given.endswith("json"):
        found = [row["link"]["value"] for row in by_accept.json()["results"]["bindings"]]
    elif given.endswith("xml"):
        found = [node.text for node in ET.fromstring(by_accept.content).iter() if node.tag.endswith("}uri")]
    else:
        found = by_accept.text.replace("<", "").replace(">", "").split()[1:]
    assert len(found) == SUPPLY_LINKS
    assert found[0] == f"{BASE}example/supply-link/sl-001"


@pytest.mark.parametrize(
    ("accept", "format", "given", "parser"),
    [
        (None, "turtle", "text/turtle", ox.RdfFormat.TURTLE),
        ("text/turtle", "ttl", "text/turtle", ox.RdfFormat.TURTLE),
        ("application/n-triples", "ntriples", "application/n-triples", ox.RdfFormat.N_TRIPLES),
        ("application/rdf+xml", "rdf+xml", "application/rdf+xml", ox.RdfFormat.RDF_XML),
        ("application/ld+json", "json-ld", "application/ld+json", ox.RdfFormat.JSON_LD),
    ],
)
def test_a_graph_by_accept_and_by_format(
    client: httpx2.Client, accept: str | None, format: str, given: str, parser: ox.RdfFormat
) -> None:
    expected = parse(ask(client, CONSTRUCT, "application/n-triples"), ox.RdfFormat.N_TRIPLES)
    assert len(expected) == SUPPLY_LINKS
    for answer in (ask(client, CONSTRUCT, accept), ask(client, CONSTRUCT, "text/csv", format=format)):
        assert media_type(answer) == given
        found = of_json_ld(client, answer) if parser == ox.RdfFormat.JSON_LD else parse(answer, parser)
        assert found == expected


def test_plain_json_is_answered_as_such(client: httpx2.Client) -> None:
    answer = ask(client, LINKS, "application/json")
    assert media_type(answer) == "application/json"
    assert answer.json() == ask(client, LINKS).json() == ask(client, LINKS, format="application/json").json()


def test_describe_and_yes_or_no(client: httpx2.Client) -> None:
    described = parse(ask(client, f"DESCRIBE <{BASE}example/aurora>", "text/turtle"), ox.RdfFormat.TURTLE)
    assert ox.NamedNode(BASE + "example/aurora") in {quad.subject for quad in described}
    assert ask(client, ASK).json()["boolean"] is True
    assert ask(client, ASK, "text/csv").text.strip() == "true"


def test_what_cannot_be_given_is_406(client: httpx2.Client) -> None:
    for query, accept, format in (
        (LINKS, "text/turtle", None),
        (LINKS, "image/png", None),
        (CONSTRUCT, "text/csv", None),
        (LINKS, None, "turtle"),
        (ASK, None, "turtle"),
    ):
        parameters = {"format": format} if format else {}
        assert "can be given as" in assert_problem(ask(client, query, accept, **parameters), 406)["detail"]


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * {",
        "",
        "nonsense",
        "SELECT * { ?s nope:nope ?o }",
        "SELECT * " + "{" * 3000 + "}" * 3000,
        "INSERT DATA { <urn:a> <urn:b> <urn:c> }",
        "DELETE WHERE { ?s ?p ?o }",
        "DROP ALL",
        "LOAD <http://127.0.0.1:9/>",
        "SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }",
        "SELECT * { SERVICE SILENT <http://127.0.0.1:9/> { ?s ?p ?o } }",
        "SELECT * { ?s ?p ?o OPTIONAL { { SELECT * { service ?o { ?a ?b ?c } } } } }",
        "ASK { FILTER EXISTS { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } } }",
        "SELECT * { { ?s ?p ?o } UNION { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } } }",
        "CONSTRUCT { ?s ?p ?o } WHERE { GRAPH ?g { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } } }",
    ],
)
def test_a_query_that_is_not_answered(client: httpx2.Client, query: str) -> None:
    direct = {"Content-Type": "application/sparql-query"}
    assert_problem(client.post("/sparql", content=query, headers=direct), 400)
    assert_problem(client.get("/sparql", params={"query": query}), 400)


def test_a_request_that_is_no_query(client: httpx2.Client) -> None:
    assert_problem(client.post("/sparql", data={"update": "DROP ALL"}), 400)
    assert_problem(client.post("/sparql", data={}), 415)
    assert_problem(client.post("/sparql", data={"query": [ASK, ASK]}), 400)
    assert_problem(client.get("/sparql", params={"query": [ASK, ASK]}), 400)
    assert_problem(client.get("/sparql"), 400)
    assert_problem(ask(client, LINKS, format="nonsense"), 400)
    update = {"Content-Type": "application/sparql-update"}
    assert_problem(client.post("/sparql", content="DROP ALL", headers=update), 415)
    direct = {"Content-Type": "application/sparql-query"}
    assert_problem(client.post("/sparql", content=b"ASK { # \xff\n }", headers=direct), 400)


def test_a_query_that_is_too_long(client: httpx2.Client) -> None:
    long = "ASK {} #" + "x" * (1 << 20)
    direct = {"Content-Type": "application/sparql-query"}
    assert_problem(client.post("/sparql", content=long, headers=direct), 413)
    assert_problem(client.post("/sparql", data={"query": long}), 413)
    fitting = "ASK {} #" + "x" * ((1 << 20) - 8)
    assert client.post("/sparql", content=fitting, headers=direct).json()["boolean"] is True


def test_the_dataset_of_a_query(client: httpx2.Client) -> None:
    example, catalogue = f"{BASE}dataset/example/1", f"{BASE}catalogue"
    everything = PROLOGUE + "SELECT (COUNT(*) AS ?n) { ?s a ot:SupplyLink }"
    assert count(ask(client, everything)) == SUPPLY_LINKS
    assert count(ask(client, everything, **{"default-graph-uri": example})) == SUPPLY_LINKS
    assert count(ask(client, everything, **{"default-graph-uri": catalogue})) == 0
    form = {"query": everything, "default-graph-uri": [catalogue, example]}
    assert count(client.post("/sparql", data=form)) == SUPPLY_LINKS
    direct = client.post(
        "/sparql",
        params={"default-graph-uri": catalogue},
        content=everything,
        headers={"Content-Type": "application/sparql-query"},
    )
    assert count(direct) == 0
    in_graphs = PROLOGUE + "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s a ot:SupplyLink } }"
    assert count(ask(client, in_graphs)) == SUPPLY_LINKS
    assert count(ask(client, in_graphs, **{"named-graph-uri": example})) == SUPPLY_LINKS
    assert count(ask(client, in_graphs, **{"named-graph-uri": catalogue})) == 0
    assert count(ask(client, in_graphs, **{"default-graph-uri": example})) == 0
    where = "{ ?s a ot:SupplyLink }"
    assert count(ask(client, f"{PROLOGUE} SELECT (COUNT(*) AS ?n) FROM <{example}> {where}")) == SUPPLY_LINKS
    assert count(ask(client, f"{PROLOGUE} SELECT (COUNT(*) AS ?n) FROM <{catalogue}> {where}")) == 0
    named = f"{PROLOGUE} SELECT (COUNT(*) AS ?n) FROM NAMED <{example}> {{ GRAPH ?g {where} }}"
    assert count(ask(client, named)) == SUPPLY_LINKS
    overruled = f"{PROLOGUE} SELECT (COUNT(*) AS ?n) FROM <{example}> {where}"
    assert count(ask(client, overruled, **{"default-graph-uri": catalogue})) == 0
    assert_problem(ask(client, ASK, **{"default-graph-uri": "not an IRI"}), 400)


def test_the_catalogue_is_a_named_graph_and_a_part_of_the_default_graph(client: httpx2.Client) -> None:
    prologue = PROLOGUE + "PREFIX dcterms: <http://purl.org/dc/terms/> "
    query = f"SELECT ?licence {{ GRAPH <{BASE}catalogue> {{ ?v a ot:DatasetVersion ; dcterms:license ?licence }} }}"
    rows = ask(client, prologue + query).json()["results"]["bindings"]
    assert {row["licence"]["value"] for row in rows} == {"CC0-1.0"}
    assert ask(client, PROLOGUE + "ASK { ?v a ot:DatasetVersion }").json()["boolean"] is True


# A trace.


def test_a_trace_is_what_the_command_line_says(
    client: httpx2.Client, service: Service, call: Command
) -> None:
    for words, parameters in (
        ((), {}),
        (("--product", "6109", "--strict-product"), {"product": "6109", "strict_product": "true"}),
        (("--on", "2021-06-30"), {"on": "2021-06-30"}),
        (("--from", "2021", "--to", "2022-06", "--past"), {"from": "2021", "to": "2022-06", "past": "1"}),
        (("--countries", "cn,bd", "--max-tier", "3"), {"countries": "cn,bd", "max_tier": "3"}),
        (
            ("--kinds", "supply,ownership", "--min-share", "30"),
            {"kinds": "supply,ownership", "min_share": "30"},
        ),
    ):
        for format, given in (("json", "application/json"), ("csv", "text/csv"), ("svg", "image/svg+xml")):
            answer = client.get("/trace", params={"actor": "example/aurora", "format": format, **parameters})
            assert answer.status_code == 200, answer.text
            assert media_type(answer) == given
            said = call(
                "trace", "example/aurora", "--format", format, "--data", str(service.data), "--quiet", *words
            )
            assert answer.text == said.out
    assert client.get("/trace?actor=example/aurora").json()["exposures"]
    assert (
        client.get("/trace", params={"actor": "lei:EXMP00AURORAEXMP0190"}).json()["root"]["id"]
        == "example/aurora"
    )


def test_a_trace_as_rows_and_as_a_picture(client: httpx2.Client) -> None:
    rows = list(
        csv.DictReader(
            io.StringIO(client.get("/trace?actor=example/aurora&format=csv").text.removeprefix(sheet.MARK))
        )
    )
    assert len(rows) == 33
    picture = client.get("/trace?actor=example/aurora&format=svg").content
    assert ET.fromstring(picture).tag == "{http://www.w3.org/2000/svg}svg"


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("actor=nobody", 404),
        ("actor=example/aurora&format=docx", 400),
        ("actor=example/aurora&on=2021-02-30", 400),
        ("actor=example/aurora&kinds=magic", 400),
        ("actor=example/aurora&product=cloth", 400),
        ("actor=example/aurora&min_confidence=nan", 400),
        ("actor=example/aurora&paths=0", 400),
        ("actor=example/aurora&datasets=nope", 400),
        ("actor=example/aurora&paths=51", 400),
        ("actor=example/aurora&max_tier=one", 400),
        ("actor=example/aurora&strict_product=perhaps", 400),
        ("", 400),
    ],
)
def test_a_trace_that_is_refused(client: httpx2.Client, query: str, status: int) -> None:
    found = assert_problem(client.get(f"/trace?{query}"), status)
    assert ("parameter" in found) == (status == 400)


# Every IRI.


def test_an_actor_by_accept_and_by_suffix(client: httpx2.Client) -> None:
    path = "/id/example/aurora"
    turtle = client.get(path, headers={"Accept": "text/turtle"})
    found = parse(turtle, ox.RdfFormat.TURTLE)
    name = ox.Literal("Aurora Apparel Imports (invented)")
    assert name in {quad.object for quad in found if quad.subject == ox.NamedNode(BASE + "example/aurora")}
    for answer, given in (
        (client.get(path), "application/ld+json"),
        (client.get(path, headers={"Accept": "application/ld+json"}), "application/ld+json"),
        (client.get(path, headers={"Accept": "application/json"}), "application/ld+json"),
        (client.get(path + ".jsonld"), "application/ld+json"),
        (client.get(path + ".ttl", headers={"Accept": "application/ld+json"}), "text/turtle"),
        (client.get(path + ".nt"), "application/n-triples"),
        (client.get(path + ".rdf"), "application/rdf+xml"),
    ):
        assert answer.status_code == 200
        assert media_type(answer) == given
        if given == "application/ld+json":
            assert of_json_ld(client, answer) == found
    assert parse(client.get(path + ".nt"), ox.RdfFormat.N_TRIPLES) == found
    assert parse(client.get(path + ".rdf"), ox.RdfFormat.RDF_XML) == found
    assert_problem(client.get(path, headers={"Accept": "image/png"}), 406)


def test_every_iri_of_some_records_resolves(client: httpx2.Client) -> None:
    seen: set[str] = set()
    for path in (
        "example/aurora",
        "example/quiet-river-yarn",
        "example/supply-link/sl-001",
        "example/designation/d-uflpa-region",
        "dataset/example",
        "dataset/example/1",
        "hs/6109",
    ):
        answer = client.get(f"/id/{path}", headers={"Accept": "application/n-triples"})
        found = parse(answer, ox.RdfFormat.N_TRIPLES)
        seen |= {
            term.value
            for quad in found
            for term in (quad.subject, quad.object)
            if isinstance(term, ox.NamedNode) and term.value.startswith(BASE)
        }
    assert len(seen) > 20
    for path in {iri.removeprefix(BASE).partition("#")[0] for iri in seen}:
        assert client.get(f"/id/{path}").status_code == 200, path


def test_an_unknown_iri_is_404(client: httpx2.Client) -> None:
    for path in ("example/nobody", "nope/nope", "", "example/aurora/x", "%20", "example/%ff"):
        assert_problem(client.get(f"/id/{path}"), 404)


def contribute(call: Command, folder: Path, data: Path, name: str, actors: str) -> None:
    folder.mkdir()
    described = {
        "name": name,
        "licenses": [{"name": "CC0-1.0"}],
        "resources": [{"name": "actors", "path": "actors.csv", "format": "csv"}],
    }
    (folder / "datapackage.json").write_text(json.dumps(described), "utf-8")
    (folder / "actors.csv").write_text(actors, "utf-8")
    run = call("contribute", str(folder), "--data", str(data), "--quiet")
    assert run.code == 0, run.out


def test_what_another_process_contributes_is_seen_without_a_restart(
    client: httpx2.Client, service: Service, command: Command, tmp_path: Path
) -> None:
    before = client.get("/datasets").json()
    assert_problem(client.get("/trace?actor=fresh/mill"), 404)
    assert_problem(client.get("/id/fresh/mill"), 404)
    contribute(command, tmp_path / "fresh", service.data, "fresh", "id,name\nmill,Fresh Mill\n")
    after = client.get("/datasets").json()
    assert len(after["datasets"]) == len(before["datasets"]) + 1
    assert after["release"] > before["release"]
    assert client.get("/trace?actor=Fresh Mill").json()["root"]["id"] == "fresh/mill"
    assert client.get("/id/fresh/mill").status_code == 200
    assert "fresh" in {version["dataset"] for version in client.get("/datasets").json()["datasets"]}
    assert ask(client, f"ASK {{ <{BASE}fresh/mill> ?p ?o }}").json()["boolean"] is True


def test_ids_with_odd_characters_resolve(
    client: httpx2.Client, service: Service, call: Command, tmp_path: Path
) -> None:
    contribute(call, tmp_path / "odd", service.data, "odd", ODD)
    for row in csv.DictReader(io.StringIO(ODD)):
        iri = Names().actor("odd", row["id"])
        assert iri == f"{BASE}odd/{quote(row['id'], safe='')}"
        answer = client.get(f"/id/{iri.removeprefix(BASE)}", headers={"Accept": "application/n-triples"})
        names = {quad.object for quad in parse(answer, ox.RdfFormat.N_TRIPLES)}
        assert ox.Literal(row["name"]) in names, iri
        assert client.get("/trace", params={"actor": f"odd/{row['id']}"}).json()["root"]["iri"] == iri


def test_two_actors_of_one_name_are_300(
    client: httpx2.Client, service: Service, call: Command, tmp_path: Path
) -> None:
    contribute(call, tmp_path / "pair", service.data, "pair", "id,name,country\none,Pair,IN\ntwo,Pair,TR\n")
    found = assert_problem(client.get("/trace?actor=Pair"), 300)
    assert [line.split()[0] for line in found["candidates"]] == ["pair/one", "pair/two"]


# The rest.


def test_datasets_and_health(client: httpx2.Client) -> None:
    found = client.get("/datasets").json()
    by_name = {version["dataset"]: version for version in found["datasets"]}
    assert found["release"] == client.get("/health").json()["release"]
    assert (by_name["example"]["number"], by_name["example"]["licence"]) == (1, "CC0-1.0")
    example = client.get("/datasets/example").json()
    assert example["id"] == "example"
    assert example["versions"] == [{**by_name["example"], "current": True, "withdrawals": []}]
    assert client.get("/health").json()["status"] == "ok"
    assert "'nope'" in assert_problem(client.get("/datasets/nope"), 404)["detail"]
    assert_problem(client.get("/nope"), 404)


def test_the_description_of_the_interface(client: httpx2.Client) -> None:
    answer = client.get("/openapi.json")
    assert media_type(answer) == "application/json"
    described = answer.json()
    assert described["openapi"].startswith("3.")
    routes = {
        "/sparql", "/trace", "/id/{path}", "/datasets", "/datasets/{dataset}", "/health", "/context.jsonld",
    }  # fmt: skip
    assert routes <= set(described["paths"])
    assert set(described["paths"]["/sparql"]) == {"get", "post"}
    ids = [operation["operationId"] for path in described["paths"].values() for operation in path.values()]
    assert len(ids) == len(set(ids))
    assert media_type(client.get("/", follow_redirects=True)) == "text/html"  # a page that shows it


def test_head_is_get_without_a_body(client: httpx2.Client) -> None:
    for path in (
        "/health",
        "/datasets",
        "/id/example/aurora.ttl",
        "/trace?actor=example/aurora",
        "/openapi.json",
    ):
        got, head = client.get(path), client.head(path)
        assert (head.status_code, head.content) == (200, b"")
        for name in ("content-type", "content-length"):
            assert head.headers[name] == got.headers[name]
    missing = client.head("/id/example/nobody")
    assert (missing.status_code, missing.content) == (404, b"")


def test_pages_of_other_origins_may_ask(client: httpx2.Client) -> None:
    origin = {"Origin": "https://example.org"}
    answer = client.get("/sparql", params={"query": ASK}, headers=origin)
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "opentier-release" in answer.headers["access-control-expose-headers"].lower()
    assert "access-control-allow-credentials" not in answer.headers
    asked = {
        **origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type",
    }
    preflight = client.options("/sparql", headers=asked)
    assert preflight.status_code == 200
    assert "POST" in preflight.headers["access-control-allow-methods"]
    refused = client.options("/sparql", headers={**asked, "Access-Control-Request-Method": "TRACE"})
    assert refused.status_code == 400
    error = client.get("/trace?actor=nobody", headers=origin)
    assert error.headers["access-control-allow-origin"] == "*"


def test_other_methods_are_405(client: httpx2.Client) -> None:
    for method, path in (("DELETE", "/trace"), ("PUT", "/id/example/aurora"), ("POST", "/datasets")):
        answer = client.request(method, path)
        assert_problem(answer, 405)
        assert "GET" in answer.headers["allow"]


def test_twenty_at_once_all_get_right_answers(service: Service) -> None:
    names = ("aurora", "borealis", "kingfisher-knitwear", "stork-tower-knits", "sunmeadow-modules")
    with httpx2.Client(base_url=service.url, timeout=60) as client:
        expected = {name: client.get(f"/trace?actor=example/{name}").content for name in names}
    wrong: list[object] = []
    begin = threading.Barrier(20)

    def work(number: int) -> None:
        name = names[number % len(names)]
        try:
            with httpx2.Client(base_url=service.url, timeout=60) as client:
                begin.wait(30)
                for _ in range(3):
                    if client.get(f"/trace?actor=example/{name}").content != expected[name]:
                        wrong.append(name)
                    if count(ask(client, COUNT)) != SUPPLY_LINKS:
                        wrong.append("count")
                    if client.get(f"/id/example/{name}").status_code != 200:
                        wrong.append("id")
        except Exception as error:
            wrong.append(error)

    threads = [threading.Thread(target=work, args=(number,), daemon=True) for number in range(20)]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + 120
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    assert not any(thread.is_alive() for thread in threads)
    assert wrong == []
