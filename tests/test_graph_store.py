"""Whole graphs by the SPARQL 1.1 Graph Store HTTP Protocol: what is there, in every format, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import httpx2
import pyoxigraph as ox
import pytest
from starlette.testclient import TestClient

from opentier.graph import Graph
from tests.conftest import Service

if TYPE_CHECKING:
    from opentier.graph.front import View

ADDRESS = "/rdf-graph-store"
READ = {
    "turtle": ("text/turtle", ox.RdfFormat.TURTLE),
    "ntriples": ("application/n-triples", ox.RdfFormat.N_TRIPLES),
    "rdfxml": ("application/rdf+xml", ox.RdfFormat.RDF_XML),
    "jsonld": ("application/ld+json", ox.RdfFormat.JSON_LD),
}


@pytest.fixture(scope="module")
def graph(admitted: Path) -> Graph:
    return Graph.open(admitted)


def triples(content: bytes, format: ox.RdfFormat) -> ox.Dataset:
    found = ox.Dataset(ox.parse(content, format=format))
    found.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return found


@pytest.mark.parametrize("format", READ)
def test_a_version_is_given_in_every_format_by_name_and_by_accept(
    client: TestClient, view: View, format: str
) -> None:
    media_type, syntax = READ[format]
    iri = view.release.current["example"].iri
    for answer in (
        client.get(ADDRESS, params={"graph": iri, "format": format}),
        client.get(ADDRESS, params={"graph": iri}, headers={"accept": media_type}),
    ):
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"].partition(";")[0] == media_type
        assert answer.headers["opentier-release"] == view.release.id
        found = triples(answer.content, syntax)
        assert len(found) == view.release.current["example"].triples
    expected = client.get(ADDRESS, params={"graph": iri, "format": "ntriples"}).content
    assert set(found) == set(triples(expected, ox.RdfFormat.N_TRIPLES))


def test_every_graph_that_can_be_named_is_given_whole(client: TestClient, view: View) -> None:
    for iri in view.release.named:
        answer = client.get(ADDRESS, params={"graph": iri}, headers={"accept": "application/n-triples"})
        assert answer.status_code == 200
        assert len(answer.content.splitlines()) == view.release.engine.count(iri), iri


def test_the_default_graph_is_named_without_a_value(client: TestClient, view: View) -> None:
    answer = client.get(f"{ADDRESS}?default", headers={"accept": "application/n-triples"})
    whole = {said for _, said in view.release.engine.among(view.release.whole)}
    assert len(answer.content.splitlines()) == len(whole)
    known = client.get(f"{ADDRESS}?default&as_known=2100-01-01&format=ntriples")
    assert known.content == answer.content


def test_a_graph_may_be_named_from_the_base_of_individuals(client: TestClient, view: View) -> None:
    short, full = (
        client.get(ADDRESS, params={"graph": name, "format": "ntriples"})
        for name in ("dataset/example/1", view.release.current["example"].iri)
    )
    assert (short.status_code, short.content) == (200, full.content)


@pytest.mark.parametrize(
    "named",
    [
        "dataset/example/9",
        "urn:nothing",
        "catalogue/",
        "file:///etc/passwd",
        "http://127.0.0.1:9/",
        "<>",
        "\x00",
    ],
)
def test_a_graph_that_is_not_there_is_404(client: TestClient, named: str) -> None:
    answer = client.get(ADDRESS, params={"graph": named})
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


def test_what_was_not_known_on_a_day_is_no_graph_then(client: TestClient) -> None:
    answer = client.get(f"{ADDRESS}?graph=dataset/example/1&as_known=1999-01-01")
    assert answer.status_code == 404
    catalogue = client.get(f"{ADDRESS}?graph=catalogue&as_known=2100-01-01")
    assert catalogue.status_code == 200


@pytest.mark.parametrize(
    "query", ["", "?default&graph=catalogue", "?graph=", "?default=1", "?graf=catalogue"]
)
def test_one_graph_is_named_and_nothing_else(client: TestClient, query: str) -> None:
    assert client.get(f"{ADDRESS}{query}").status_code == 400


def test_what_no_graph_is_given_as_is_406(client: TestClient) -> None:
    assert client.get(f"{ADDRESS}?default", headers={"accept": "image/png"}).status_code == 406


@pytest.fixture
def served(service: Service) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=service.url, timeout=60) as client:
        yield client


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE", "PATCH"])
def test_a_graph_is_never_written(served: httpx2.Client, method: str) -> None:
    before = served.get(f"{ADDRESS}?graph=dataset/example/1&format=ntriples").content
    answer = served.request(
        method, f"{ADDRESS}?graph=dataset/example/1", content=b"<urn:a> <urn:b> <urn:c> ."
    )
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, HEAD"
    assert served.get(f"{ADDRESS}?graph=dataset/example/1&format=ntriples").content == before


def test_a_head_of_a_graph_has_no_body(served: httpx2.Client) -> None:
    head = served.head(f"{ADDRESS}?default", headers={"accept": "text/turtle"})
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-type"].startswith("text/turtle")
    assert served.head(f"{ADDRESS}?graph=urn:none").status_code == 404
