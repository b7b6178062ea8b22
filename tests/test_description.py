"""The description of the endpoint, by the tests of the W3C (SPARQL 1.1 Service Description), and by what is there."""

from __future__ import annotations

from pathlib import Path

import pytest
from rdflib import RDF, Namespace, URIRef
from rdflib import Graph as Rdf
from starlette.testclient import TestClient

from opentier.graph import Graph

SD = Namespace("http://www.w3.org/ns/sparql-service-description#")
VOID = Namespace("http://rdfs.org/ns/void#")
READ = {"text/turtle": "turtle", "application/rdf+xml": "xml", "application/n-triples": "nt",
        "application/ld+json": "json-ld"}  # fmt: skip


@pytest.fixture(scope="module")
def graph(admitted: Path) -> Graph:
    return Graph.open(admitted)


def described(client: TestClient, accept: str = "text/turtle") -> Rdf:
    answer = client.get("/sparql", headers={"accept": accept})
    assert answer.status_code == 200
    return Rdf().parse(data=answer.content, format=READ[answer.headers["content-type"].partition(";")[0]])


@pytest.mark.filterwarnings(
    "ignore:ConjunctiveGraph is deprecated:DeprecationWarning"
)  # rdflib's own JSON-LD
@pytest.mark.parametrize("accept", READ)
def test_a_get_of_the_endpoint_returns_rdf_with_its_endpoint(client: TestClient, accept: str) -> None:
    found = described(client, accept)
    assert list(found.objects(None, SD.endpoint)) == [URIRef("http://127.0.0.1:8087/sparql")]
    assert len(found) == len(described(client))


def test_the_description_keeps_to_its_schema(client: TestClient) -> None:
    found = described(client)
    (service,) = found.subjects(RDF.type, SD.Service)
    (dataset,) = found.objects(service, SD.defaultDataset)
    (default,) = found.objects(dataset, SD.defaultGraph)
    assert (dataset, RDF.type, SD.Dataset) in found
    assert (default, RDF.type, SD.Graph) in found
    for named in found.objects(dataset, SD.namedGraph):
        assert (named, RDF.type, SD.NamedGraph) in found
        assert len(list(found.objects(named, SD.name))) == 1
        (graph,) = found.objects(named, SD.graph)
        assert (graph, RDF.type, SD.Graph) in found


def test_the_description_names_every_graph_with_as_many_triples_as_it_has(
    client: TestClient, graph: Graph
) -> None:
    found = described(client)
    release = graph.view().release
    said = {
        str(name): int(str(many))
        for named, name in found.subject_objects(SD.name)
        for part in found.objects(named, SD.graph)
        for many in found.objects(part, VOID.triples)
    }
    assert said == {iri: release.engine.count(iri) for iri in release.graphs}


@pytest.mark.parametrize("accept", [None, "*/*", "application/json", "text/csv"])
def test_without_a_query_nothing_else_is_described(client: TestClient, accept: str | None) -> None:
    answer = client.get("/sparql", headers={"accept": accept} if accept else {})
    assert answer.status_code == 400
    assert "query is missing" in answer.json()["detail"]
