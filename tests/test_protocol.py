"""The SPARQL 1.1 Protocol, by the tests of the W3C, and what it leaves to the service.

The tests of queries over given graphs, and those of updates, need a store of their own. The service has no updates;
here a route of the test takes them, read by the same code as queries (`Operation`), and every update leaves a new
folder behind, as a contribution does, so that the service's own processes answer from it.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import pyoxigraph as ox
import pytest
from fastapi import Depends, FastAPI, Query, Request
from fastapi.responses import Response
from rdflib import RDF, Namespace, URIRef
from rdflib import Graph as Rdf
from rdflib.collection import Collection
from rdflib.term import Node
from starlette.testclient import TestClient

from opentier.api.http import deps
from opentier.api.http.problems import problem
from opentier.api.linked.operation import Operation
from opentier.api.service import create_app
from opentier.graph import Graph
from opentier.graph.front import View
from opentier.graph.model.names import Names
from opentier.graph.store.release import Release

MF = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
HT = Namespace("http://www.w3.org/2011/http#")
CNT = Namespace("http://www.w3.org/2011/content#")
#: Where the suite has its data; the first of its tests names a graph that it never gives.
DATA = "http://kasei.us/2009/09/sparql/data/data{}.rdf"
#: An update, as the protocol has it; `using` of the protocol and of the text exclude each other.
UPDATE = Operation(
    "update", "An update", "application/sparql-update",
    {"update": False, "using-graph-uri": True, "using-named-graph-uri": True}, 1 << 20, {},
)  # fmt: skip


@dataclass(frozen=True)
class Sent:
    """A request of the suite, and what is expected of its answer."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    statuses: tuple[int, ...]
    boolean: bool | None
    format: str | None


@dataclass
class Case:
    """A test of the suite: its requests, and whether it needs a store of its own."""

    name: str
    sent: list[Sent] = field(default_factory=list)

    @property
    def scratch(self) -> bool:
        """Whether it changes the store, or asks graphs of its own."""
        return self.name.startswith("update") or any("graph-uri" in each.path for each in self.sent)


def cases(suite: Path) -> list[Case]:
    """Return the tests of the suite."""
    said = Rdf().parse(suite / "manifest.ttl")
    manifest = said.value(None, RDF.type, MF.Manifest)

    def listed(node: Node | None) -> Collection:
        assert node is not None
        return Collection(said, node)

    def one(node: Node) -> Sent:
        def text(of: Node, name: URIRef) -> str:
            return str(said.value(of, name))

        headers = said.value(node, HT.headers)
        named = Collection(said, headers) if headers else ()
        body, answer = said.value(node, HT.body), said.value(node, HT.resp)
        assert answer is not None
        content = text(body, CNT.chars).encode(text(body, CNT.characterEncoding)) if body else b""
        boolean, format = said.value(answer, MF.expectedBoolean), said.value(answer, MF.expectedFormat)
        return Sent(
            text(node, HT.methodName), text(node, HT.absolutePath),
            {text(each, HT.fieldName): text(each, HT.fieldValue) for each in named}, content,
            tuple(int(str(status)[-3]) for status in said.objects(answer, MF.expectedStatus)),
            None if boolean is None else str(boolean) == "true", None if format is None else str(format),
        )  # fmt: skip

    found = []
    for entry in listed(said.value(manifest, MF.entries)):
        connection = said.value(entry, MF.action)
        requests = listed(said.value(connection, HT.requests))
        found.append(Case(str(entry).partition("#")[2], [one(each) for each in requests]))
    return found


class Scratch(Release):
    """A store that a test changes, as a release: every graph of it is seen."""

    @property
    def named(self) -> list[str]:
        """All graphs that are there."""
        store = ox.Store.read_only(str(self.path))
        return [graph.value for graph in store.named_graphs() if isinstance(graph, ox.NamedNode)]

    @property
    def default(self) -> None:
        """Nothing is put together."""


class Updated:
    """Stores of a test: each update makes another one, from the first again where a test begins."""

    def __init__(self, folder: Path, suite: Path) -> None:
        self.folder, self.now, self.made = folder, 0, 0
        store = ox.Store(str(folder / "0"))
        for number in range(4):
            graph = ox.NamedNode(DATA.format(number))
            store.add_graph(graph)
            if number:
                file = str(suite / f"data{number}.nt")
                store.load(path=file, format=ox.RdfFormat.N_TRIPLES, to_graph=graph)
        store.flush()

    def begin(self) -> None:
        """Go back to the first store."""
        self.now = 0

    def view(self) -> View:
        """Return the last store."""
        return View(Scratch(self.folder / str(self.now), Names()))

    def update(self, text: str, using: list[str], named: list[str]) -> None:
        """Make another store; `using` and `named` stand as USING before each WHERE."""
        said = " ".join([*(f"USING <{iri}>" for iri in using), *(f"USING NAMED <{iri}>" for iri in named)])
        asked = re.sub(r"(?m)^WHERE", lambda found: f"{said} {found[0]}", text)
        after = self.folder / str(self.made + 1)
        shutil.copytree(self.folder / str(self.now), after)
        self.made += 1
        ox.Store(str(after)).update(asked, base_iri="http://scratch.test/")
        self.now = self.made


def _using(
    using: Annotated[list[str] | None, Query(alias="using-graph-uri")] = None,
    named: Annotated[list[str] | None, Query(alias="using-named-graph-uri")] = None,
) -> None:
    """Declare what an address may say beside an update."""


def updating(app: FastAPI, stores: Updated) -> None:
    """Let an app answer from stores that it changes."""
    app.dependency_overrides[deps.seen] = stores.view

    @app.post("/update", dependencies=[Depends(_using)])
    async def update(request: Request) -> Response:
        given = await UPDATE.posted(request)
        if isinstance(given, Response):
            return given
        if not given["update"]:
            raise UPDATE.missing()
        using, named, text = given["using-graph-uri"], given["using-named-graph-uri"], given["update"][0]
        if (using or named) and re.search(r"\b(USING|WITH)\b", text):
            return problem(400, "Bad request", "The dataset is said twice.")
        try:
            stores.update(text, using, named)
        except SyntaxError as error:
            return problem(400, "Bad request", str(error))
        return Response(status_code=204)


@pytest.fixture(scope="module")
def suite(shared: Path) -> Path:
    return shared / "conformance" / "sparql11"


@pytest.fixture(scope="module")
def graph(admitted: Path) -> Graph:
    return Graph.open(admitted)


@pytest.fixture(scope="module")
def changing(graph: Graph, suite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """Return a client of the service over stores that updates change."""
    app = create_app(graph)
    app.state.stores = Updated(tmp_path_factory.mktemp("stores"), suite / "protocol")
    updating(app, app.state.stores)
    with TestClient(app) as client:
        yield client


def failing(client: TestClient, case: Case, *, updates: bool) -> list[str]:
    """Return what is not as the suite expects; updates go to a route of their own, where there is one."""
    wrong = []
    if case.scratch:
        client.app.state.stores.begin()  # type: ignore[attr-defined]
    for each in case.sent:
        path = each.path.replace("/sparql/", "/update" if updates and "update" in case.name and not (
            each.body.lstrip().startswith(b"ASK")) else "/sparql")  # fmt: skip
        answer = client.request(each.method, path, headers=dict(each.headers), content=each.body)
        if answer.status_code // 100 not in each.statuses:
            wrong.append(f"{each.method} {path}: {answer.status_code} {answer.text[:200]}")
        elif each.boolean is not None and answer.json()["boolean"] is not each.boolean:
            wrong.append(f"{each.method} {path}: {answer.text[:200]}")
        elif each.format == "RDF":
            Rdf().parse(data=answer.content, format=answer.headers["content-type"].partition(";")[0])
        elif each.format == "tabular":
            assert answer.json()["results"]["bindings"] is not None
    return wrong


def test_all_34_tests_of_the_protocol_pass_where_updates_are_taken(changing: TestClient, suite: Path) -> None:
    found = cases(suite / "protocol")
    assert len(found) == 34
    assert {case.name: wrong for case in found if (wrong := failing(changing, case, updates=True))} == {}


def test_the_27_tests_that_change_nothing_pass_without_updates(changing: TestClient, suite: Path) -> None:
    asked = [case for case in cases(suite / "protocol") if not case.name.startswith("update")]
    assert len(asked) == 27
    assert {case.name: wrong for case in asked if (wrong := failing(changing, case, updates=False))} == {}


def test_the_service_itself_passes_all_that_need_no_store_of_their_own(
    client: TestClient, suite: Path
) -> None:
    asked = [case for case in cases(suite / "protocol") if not case.scratch]
    assert len(asked) == 13
    assert {case.name: wrong for case in asked if (wrong := failing(client, case, updates=False))} == {}


def test_a_slash_at_the_end_is_the_same_endpoint(client: TestClient) -> None:
    assert client.get("/sparql/", params={"query": "ASK {}"}).json()["boolean"] is True


# --- What the protocol leaves to the service -----------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/sparql", "/rdf-graph-store", "/id/example/aurora", "/datasets", "/trace"])
@pytest.mark.parametrize("method", ["GET", "POST", "HEAD"])
def test_a_preflight_passes_whatever_headers_it_asks_for(client: TestClient, path: str, method: str) -> None:
    answer = client.options(
        path,
        headers={
            "Origin": "https://elsewhere.example",
            "Access-Control-Request-Method": method,
            "Access-Control-Request-Headers": "content-type,x-anything,accept,authorization",
        },
    )
    assert answer.status_code == 200, answer.text
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "x-anything" in answer.headers["access-control-allow-headers"]
    assert int(answer.headers["access-control-max-age"]) > 0


@pytest.mark.parametrize(
    ("path", "allow"),
    [
        ("/sparql", {"GET", "HEAD", "POST"}),
        ("/datasets", {"GET", "HEAD"}),
        ("/rdf-graph-store", {"GET", "HEAD"}),
    ],
)
def test_what_an_address_answers_is_told_to_whoever_asks_otherwise(
    client: TestClient, path: str, allow: set[str]
) -> None:
    for answer in (client.options(path), client.delete(path)):
        assert answer.status_code == 405
        assert set(answer.headers["allow"].split(", ")) == allow


def test_a_relative_iri_is_understood_from_the_base_of_individuals(client: TestClient, graph: Graph) -> None:
    base = graph.view().release.names.base
    for query, iri in (
        ("SELECT (<example/aurora> AS ?x) {}", f"{base}example/aurora"),
        ("BASE <http://other.test/a/> SELECT (<b> AS ?x) {}", "http://other.test/a/b"),
        ("SELECT ?x FROM <dataset/example/1> { ?x ot:supplier ?y } LIMIT 1", None),
        ("SELECT ?x { GRAPH <dataset/example/1> { ?x ot:supplier ?y } } LIMIT 1", None),
    ):
        (row,) = client.get("/sparql", params={"query": query}).json()["results"]["bindings"]
        assert row["x"]["type"] == "uri"
        assert iri is None or row["x"]["value"] == iri
    refused = client.get("/sparql", params={"query": "ASK FROM <dataset/none/1> {}"})
    assert f"There is no graph {base}dataset/none/1 here" in refused.json()["detail"]
