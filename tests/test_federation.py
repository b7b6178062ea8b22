"""Other endpoints (``SERVICE``): asked where whoever runs the service lists them, and not otherwise."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from opentier.api.service import create_app
from opentier.graph import Graph
from opentier.graph.errors import QueryError, UsageError
from opentier.graph.query import federation
from opentier.graph.query.federation import Services
from opentier.graph.query.sparql import guard
from tests.conftest import Command

ANSWER = json.dumps(
    {"head": {"vars": ["x"]}, "results": {"bindings": [{"x": {"type": "literal", "value": "from afar"}}]}}
).encode()
LISTED = "https://query.example.org/sparql"


@dataclass
class Elsewhere:
    """Another endpoint: its address, and what it was asked."""

    url: str
    asked: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[Elsewhere]:
    found = Elsewhere("")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            found.asked.append(self.path)
            self.rfile.read(int(self.headers["content-length"]))
            if self.path == "/moved":
                self.send_response(302)
                self.send_header("Location", "/secret")
            self.send_response(200 if self.path != "/broken" else 500)
            body = b"{" if self.path == "/cut" else ANSWER
            self.send_header("Content-Type", "application/sparql-results+json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        found.url = f"http://127.0.0.1:{server.server_address[1]}"
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield found
        server.shutdown()


@pytest.fixture(scope="module")
def graph(admitted: Path) -> Graph:
    return Graph.open(admitted)


@pytest.fixture(scope="module")
def asking(graph: Graph, elsewhere: Elsewhere) -> Iterator[TestClient]:
    """Return a client of a service that may ask four addresses of another."""
    services = [f"{elsewhere.url}/{name}" for name in ("sparql", "moved", "broken", "cut")]
    with TestClient(create_app(graph, services=services)) as client:
        yield client


def query(url: str, *, silent: bool = False) -> str:
    return f"SELECT ?x {{ SERVICE {'SILENT ' * silent}<{url}> {{ ?a ?b ?x }} }}"


def test_a_listed_endpoint_is_asked(asking: TestClient, elsewhere: Elsewhere) -> None:
    for address in ("/sparql", "/sparql?default-graph-uri=urn%3Ag"):
        answer = asking.get("/sparql", params={"query": query(elsewhere.url + address)})
        assert answer.status_code == 200, answer.text
        assert answer.json()["results"]["bindings"][0]["x"]["value"] == "from afar"
        assert elsewhere.asked.pop() == address


def test_the_description_says_so(asking: TestClient, client: TestClient) -> None:
    feature = "BasicFederatedQuery"
    assert feature in asking.get("/sparql", headers={"accept": "text/turtle"}).text
    assert feature not in client.get("/sparql", headers={"accept": "text/turtle"}).text


def test_no_other_endpoint_is_asked(asking: TestClient, client: TestClient, elsewhere: Elsewhere) -> None:
    host = elsewhere.url.removeprefix("http://")
    texts = [
        query(f"{elsewhere.url}{path}")
        for path in ("", "/", "/secret", "/sparql/more", "/sparql#a", "/sparql/../secret")
    ]
    texts += [
        query(f"http://user@{host}/sparql"),
        query(f"https://{host}/sparql"),
        query("http://localhost:1/sparql"),
        "SELECT * { VALUES ?s { <AT/sparql> } SERVICE ?s { ?a ?b ?c } }",
        "PREFIX e: <AT/> SELECT * { SERVICE e:sparql { ?a ?b ?c } }",
        "PREFIX e: <AT/> SELECT * { SERVICEe:secret { ?a ?b ?c } }",
        "BASE <AT/> SELECT * { SERVICE <secret> { ?a ?b ?c } }",
        "SELECT * { SERVICE <AT/sparql> { ?a ?b ?c } SERVICE <AT/secret> { ?d ?e ?f } }",
        "SELECT * { SERVICE <AT/sparql> { SERVICE <AT/secret> { ?d ?e ?f } } }",
        "SELECT * { SERV\\u0049CE <AT/secret> { ?d ?e ?f } }",
    ]  # fmt: skip
    for text in texts:
        answer = asking.get("/sparql", params={"query": text.replace("AT", elsewhere.url)})
        assert answer.status_code == 400, text
    assert client.get("/sparql", params={"query": query(f"{elsewhere.url}/sparql")}).status_code == 400
    assert elsewhere.asked == []


@pytest.mark.parametrize("path", ["/moved", "/broken", "/cut"])
def test_a_listed_endpoint_that_fails_is_told_and_never_followed(
    asking: TestClient, elsewhere: Elsewhere, path: str
) -> None:
    answer = asking.get("/sparql", params={"query": query(elsewhere.url + path)})
    assert answer.status_code == 400
    assert f"No answer came from {elsewhere.url}{path}" in answer.json()["detail"]
    silent = asking.get("/sparql", params={"query": query(elsewhere.url + path, silent=True)})
    assert (silent.status_code, silent.json()["results"]["bindings"]) == (200, [{}])
    assert elsewhere.asked == [path, path]
    elsewhere.asked.clear()


@pytest.mark.parametrize(
    ("listed", "asked", "allowed"),
    [
        (LISTED, LISTED, True),
        ("HTTPS://Query.Example.ORG:443/sparql", LISTED, True),
        (LISTED, "https://QUERY.example.org:443/sparql?x=1", True),
        (LISTED, "http://query.example.org/sparql", False),
        (LISTED, "https://query.example.org:8443/sparql", False),
        (LISTED, "https://query.example.org/sparql2", False),
        (LISTED, "https://query.example.org/Sparql", False),
        (LISTED, "https://query.example.org@evil.example/sparql", False),
        (LISTED, "https://query.example.org.evil.example/sparql", False),
        (LISTED, "https://query.example.org/sparql?x=1#y", False),
        ("https://query.example.org", "https://query.example.org/", True),
        ("http://[::1]:7/q", "http://[::1]:7/q", True),
    ],
)
def test_an_endpoint_is_compared_in_one_way_of_writing_it(listed: str, asked: str, allowed: bool) -> None:
    services = Services.of([listed])
    if allowed:
        assert guard(query(asked), services) is False
    else:
        with pytest.raises(QueryError, match="SERVICE"):
            guard(query(asked), services)


@pytest.mark.parametrize(
    "address", ["", "query.example.org", "ftp://a/b", "https://a b/", "http://u@h/", "http://h/#a"]
)
def test_what_is_no_address_cannot_be_listed(address: str) -> None:
    with pytest.raises(UsageError, match="is no endpoint"):
        Services.of([address])


@pytest.mark.parametrize(
    "number",
    [
        "127.0.0.1",
        "10.0.0.7",
        "169.254.169.254",
        "::1",
        "fd00::1",
        "0.0.0.0",
        "::ffff:10.0.0.1",
        "fe80::1%a",
        "fec0::1",
        "::127.0.0.1",
        "64:ff9b::10.0.0.1",
        "64:ff9b::a9fe:a9fe",
        "2002:7f00:1::",
    ],
)
def test_a_machine_of_ones_own_is_not_of_the_public(number: str) -> None:
    assert not federation.public([number])
    assert not federation.public(["8.8.8.8", number])


def test_a_machine_that_everybody_reaches_is_of_the_public() -> None:
    assert federation.public(["8.8.8.8", "2001:4860:4860::8888", "64:ff9b::8.8.8.8"])


@pytest.mark.parametrize("address", ["http://127.0.0.1:9/", "http://[::1]/", "http://localhost/sparql"])
def test_a_machine_that_is_listed_by_its_number_is_meant(address: str) -> None:
    federation.reachable(address)


def test_a_name_that_nobody_knows_is_told() -> None:
    with pytest.raises(QueryError, match="nobody knows where nowhere"):
        federation.reachable("https://nowhere.invalid/sparql")


def test_the_command_refuses_what_is_no_address(call: Command, admitted: Path) -> None:
    run = call("serve", "--service", "query.example.org", "--data", str(admitted))
    assert (run.code, run.out) == (2, "")
    assert "is no endpoint" in run.err
