"""Requests as clients send them: methods, headers, addresses, and where a parameter may stand.

What every route must do is asked of every route of the app, so that one to come is held to the same. What the
server itself answers, before the app sees a request, is asked of the real one, by raw bytes.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

import httpx2
import pyoxigraph as ox
import pytest
from starlette.testclient import TestClient

from opentier.api.http.protocol import LONGEST
from opentier.api.service import create_app
from opentier.graph import Graph
from opentier.graph.model.names import Names
from tests.conftest import PATIENCE

if TYPE_CHECKING:
    from tests.conftest import Command, Service

BASE = "https://w3id.org/opentier/id/"
#: What stands for the parts of a path, and what a route must be asked with.
PARTS = {
    "{number}": "3",
    "{dataset}": "example",
    "{suffix}": "ttl",
    "{path}": "example/aurora",
    "{name}": "Facility",  # few name it: which of many stand on the first page is the order of a store
    "{part}": "1",
    "{what}": "entity",
    "{kind}": "busy",
    "{version}": "1",
    "{code}": "MY",
}
ASKED = {
    "/trace": "actor=example/aurora",
    "/obligations": "actor=example/aurora",
    "/dossier": "actor=example/aurora&law=us-uflpa-2021",
    "/shared": "a=example/aurora&b=example/borealis",
    "/nearest": "actor=example/aurora",
    "/affected": "dataset=example",
    "/without": "actor=example/aurora&drop=example/supply-link/sl-001",
    "/sparql": "query=ASK%7B%7D",
    "/rdf-graph-store": "graph=dataset/example/1",
    "/search": "q=aurora",
    "/datasets/{dataset}/{version}/limits": "of=geojson",
    "/reconcile/preview": "id=example/aurora",
    "/reconcile/flyout/{what}": "id=example/aurora",
}
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
#: Parameters that are dates.
DATES = {"on", "as_known", "from", "to", "observed_since"}
DIRECT = {"content-type": "application/sparql-query"}
FORM = {"content-type": "application/x-www-form-urlencoded"}


@pytest.fixture(scope="module")
def graph(admitted: Path) -> Graph:
    return Graph.open(admitted)


@cache
def described() -> dict[str, dict[str, Any]]:
    """Return what the app says of its addresses, by path; two of them are said nowhere."""
    said: dict[str, dict[str, Any]] = create_app(None).openapi()["paths"]  # type: ignore[arg-type]
    return {"/": {"get": {}}, "/openapi.json": {"get": {}}} | said


def address(path: str) -> str:
    """Return a path with its parts filled in."""
    for part, meant in PARTS.items():
        path = path.replace(part, meant)
    return path


def asked(path: str) -> str:
    """Return an address that is answered."""
    return f"{address(path)}?{ASKED[path]}" if path in ASKED else address(path)


PATHS = sorted(described())
#: What takes a key, or what somebody has to send first: it is asked in `test_uploads`.
APART = ("/screenings", "/jobs/{id}", "/contributions/{id}")
READ = sorted(
    path for path, operations in described().items() if "get" in operations and not path.startswith(APART)
)


def refused(answer: Any, status: int = 400) -> dict[str, Any]:
    """Assert that an answer is a problem document, and return it."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    found: dict[str, Any] = answer.json()
    assert found["status"] == status
    assert all(found[name] for name in ("type", "title", "detail"))
    return found


def test_there_are_routes_to_ask() -> None:
    assert {"/trace", "/exposure", "/sparql", "/", "/id/{path}", "/datasets/{dataset}/diff"} <= set(READ)


# Methods.


@pytest.mark.parametrize("path", READ)
def test_head_is_get_without_a_body_on_every_route(service: Service, path: str) -> None:
    with httpx2.Client(base_url=service.url, timeout=PATIENCE) as client:
        got, head = client.get(asked(path)), client.head(asked(path))
    assert got.status_code in (200, 303, 307)
    assert (head.status_code, head.content) == (got.status_code, b"")
    own = {"date", "opentier-request"}
    own |= {"content-length"} if path == "/metrics" else set()  # which counts the first one, too
    told = {name: value for name, value in got.headers.items() if name not in own}
    assert {name: value for name, value in head.headers.items() if name not in own} == told


@pytest.mark.parametrize("path", PATHS)
def test_a_refused_method_is_told_those_that_are_answered(client: TestClient, path: str) -> None:
    answered = {method.upper() for method in described()[path]}
    answered |= {"HEAD"} if "GET" in answered else set()
    for method in ("PUT", "PATCH", "TRACE", "OPTIONS"):
        answer = client.request(method, asked(path))
        assert method in refused(answer, 405)["detail"]
        assert set(answer.headers["allow"].split(", ")) == answered


@pytest.mark.parametrize("path", PATHS)
def test_a_browser_may_ask_every_route_from_another_origin(client: TestClient, path: str) -> None:
    origin = {"Origin": "https://example.org"}
    for method in described()[path]:
        before = {
            **origin,
            "Access-Control-Request-Method": method.upper(),
            "Access-Control-Request-Headers": "accept,content-type,x-requested-with",
        }
        answer = client.options(asked(path), headers=before)
        assert answer.status_code == 200, answer.text
        assert answer.headers["access-control-allow-origin"] == "*"
        assert method.upper() in answer.headers["access-control-allow-methods"].split(", ")
        assert "x-requested-with" in answer.headers["access-control-allow-headers"]
    for wrong, status in ((f"{address(path)}?colour=red", 400), (f"{address(path)}/nothing/of/it", 404)):
        told = client.get(wrong, headers=origin)
        assert told.status_code == status if "get" in described()[path] else told.status_code in (404, 405)
        assert told.headers["access-control-allow-origin"] == "*"


# Headers.


@pytest.mark.parametrize("path", READ)
def test_every_route_answers_a_browser_and_a_client_that_accepts_anything(
    client: TestClient, path: str
) -> None:
    for accept in (BROWSER, "*/*", ""):
        assert client.get(asked(path), headers={"accept": accept}).status_code == 200, accept


def test_a_client_that_says_nothing_of_what_it_accepts_is_answered(service: Service) -> None:
    for path, given in (
        ("/sparql?query=ASK%7B%7D", b"application/sparql-results+json"),
        ("/trace?actor=example/aurora", b"application/json"),
        ("/exposure", b"text/csv"),
        ("/id/example/aurora", b"application/ld+json"),
    ):
        head, _, body = raw(
            service, f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode()
        )
        assert head.startswith(b"HTTP/1.1 200 ")
        assert b"content-type: " + given in head
        assert body


@pytest.mark.parametrize(
    ("accept", "given"),
    [
        ("*/*", "text/csv"),
        (BROWSER, "text/csv"),
        ("application/json", "application/json"),
        ("text/csv;q=0.5, application/json", "application/json"),
        ("text/csv", "text/csv"),
    ],
)
def test_the_exposure_of_all_comes_as_its_client_accepts_it(
    client: TestClient, accept: str, given: str
) -> None:
    answer = client.get("/exposure", headers={"accept": accept})
    assert answer.headers["content-type"].partition(";")[0] == given
    assert "Accept" in answer.headers["vary"].split(", ")
    for form, media_type in (("csv", "text/csv"), ("json", "application/json")):
        said = client.get(f"/exposure?format={form}", headers={"accept": accept})
        assert said.headers["content-type"].partition(";")[0] == media_type
        assert said.headers["opentier-verdict"] == answer.headers["opentier-verdict"]


@pytest.mark.parametrize("path", ["/exposure", "/trace?actor=example/aurora", "/id/example/aurora"])
def test_a_form_that_nobody_can_give_is_406(client: TestClient, path: str) -> None:
    refused(client.get(path, headers={"accept": "image/gif"}), 406)


@pytest.mark.parametrize(
    "path",
    [
        "/exposure",
        "/nearest?actor=example/aurora",
        "/shared?a=example/aurora&b=example/borealis",
        "/questions",
    ],
)
@pytest.mark.parametrize("accept", ["text/html", BROWSER])
def test_who_would_rather_have_a_page_gets_what_there_is_where_there_is_none(
    client: TestClient, path: str, accept: str
) -> None:
    answer = client.get(path, headers={"accept": accept})
    assert answer.status_code == 200
    if accept == "text/html":
        assert answer.headers["content-type"] == "application/json"


def test_no_answer_names_the_program_that_serves(service: Service) -> None:
    asked = [
        b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
        b"HEAD /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
        b"GET /nothing HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
        b"DELETE /trace HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
        b"no request at all\r\n\r\n",
    ]
    for request in asked:
        head, _, _ = raw(service, request)
        assert head.startswith(b"HTTP/1.1 ")
        assert b"\r\nserver:" not in head.lower()
        assert b"uvicorn" not in head.lower()


# Addresses.


def raw(service: Service, *pieces: bytes) -> tuple[bytes, bytes, bytes]:
    """Send bytes as they are, piece by piece; return the head of the answer, what parts it off, and the body."""
    where = urlsplit(service.url)
    with socket.create_connection((where.hostname, where.port), timeout=PATIENCE) as connection:
        for piece in pieces:
            connection.sendall(piece)
        answer = b"".join(iter(lambda: connection.recv(1 << 16), b""))
    return answer.partition(b"\r\n\r\n")


def problem(service: Service, status: int, *pieces: bytes) -> str:
    """Assert that the server itself refuses some bytes in words, and return them."""
    head, _, body = raw(service, *pieces)
    assert head.startswith(f"HTTP/1.1 {status} ".encode()), head[:200]
    assert b"content-type: application/problem+json" in head
    found = json.loads(body)
    assert found["status"] == status
    assert f"content-length: {len(body)}".encode() in head
    return str(found["detail"])


def request(target: bytes, *headers: bytes) -> bytes:
    return b"\r\n".join(
        (b"GET " + target + b" HTTP/1.1", b"Host: localhost", b"Connection: close", *headers, b"", b"")
    )


@pytest.mark.parametrize("size", [83_000, 300_000, 900_000])
def test_a_long_query_in_an_address_is_answered(service: Service, size: int) -> None:
    target = b"/sparql?query=" + quote("ASK {} #" + "x" * size).encode()
    whole = request(target)
    for pieces in ([whole], [whole[:70_000], whole[70_000:140_000], whole[140_000:]]):
        head, _, body = raw(service, *pieces)
        assert head.startswith(b"HTTP/1.1 200 ")
        assert json.loads(body)["boolean"] is True


def test_an_address_that_is_too_long_is_414_and_headers_that_are_too_long_431(service: Service) -> None:
    long = b"x" * (LONGEST + 100_000)
    assert f"{LONGEST:,}" in problem(service, 414, b"GET /sparql?query=" + long)
    assert f"{LONGEST:,}" in problem(service, 431, b"GET /health HTTP/1.1\r\nHost: localhost\r\nX: " + long)
    assert raw(service, request(b"/health"))[0].startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize(
    "target",
    [
        "/id/example/é".encode(),
        "/trace?actor=é".encode(),
        b"/id/example/\xff",
        b"/id/a\x01b",
        b"/id/example/a b",
    ],
)
def test_an_address_of_raw_bytes_is_told_how_they_are_written(service: Service, target: bytes) -> None:
    assert "é is %C3%A9" in problem(service, 400, request(target))


def test_what_is_no_request_is_refused_in_words(service: Service) -> None:
    for wrong in (
        b"no request at all\r\n\r\n",
        b"GET /health\r\n\r\n",
        b"GET /health HTTP/1.1\r\n\r\n",
        b"GET /health HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n",
        b"POST /sparql HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nASK",
    ):
        assert problem(service, 400, wrong)


@pytest.mark.parametrize("path", [path for path in READ if path not in ("/", "/id/{path}")])
def test_a_slash_behind_an_address_leads_to_the_address(client: TestClient, path: str) -> None:
    where, _, said = asked(path).partition("?")
    answer = client.get(f"{where}/{'?' if said else ''}{said}", follow_redirects=False)
    assert answer.status_code == 307
    assert urlsplit(answer.headers["location"])[2:4] == (where, said)


def test_a_slash_behind_an_iri_makes_another_iri(client: TestClient) -> None:
    assert client.get("/id/example/aurora").status_code == 200
    refused(client.get("/id/example/aurora/"), 404)


# IRIs.

ODD = ("a/b", "a%2Fb", "a b", "a%20b", "a#b", "a?b", "a+b", "é", ".", "..", "=..", "%2E%2E", "...", "..x")


def odd(folder: Path) -> Path:
    """Write a package of actors with odd ids; `r` buys of all of them."""
    folder.mkdir()
    tables = [{"name": name, "path": f"{name}.csv"} for name in ("actors", "supply_links")]
    said = {"name": "odd", "licenses": [{"name": "CC0-1.0"}], "resources": tables}
    (folder / "datapackage.json").write_text(json.dumps(said), "utf-8")
    (folder / "actors.csv").write_text(
        "\n".join(("id,name", "r,R", *(f"{id},Of {id}" for id in ODD))), "utf-8"
    )
    links = (f"l{n},r,{id}" for n, id in enumerate(ODD))
    (folder / "supply_links.csv").write_text("\n".join(("id,buyer,supplier", *links, "..,r,..")), "utf-8")
    return folder


@pytest.fixture(scope="module")
def oddly(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    folder = tmp_path_factory.mktemp("odd")
    found = Graph.open(folder / "data", create=True)
    assert found.contribute(odd(folder / "package")).new
    with TestClient(create_app(found)) as client:
        yield client


@pytest.mark.parametrize("id", ODD)
def test_every_id_has_an_iri_of_its_own_that_clients_can_ask_for(oddly: TestClient, id: str) -> None:
    found = oddly.get("/trace", params={"actor": f"odd/{id}"}).json()["root"]
    assert (found["id"], found["name"]) == (f"odd/{id}", f"Of {id}")
    last = found["iri"].removeprefix(f"{BASE}odd/")
    assert last.upper().replace("%2E", ".") not in (".", "..")
    # A client takes segments of dots away before it sends anything.
    assert str(httpx2.URL(found["iri"])) == found["iri"]
    answer = oddly.get(f"/id/odd/{last}", headers={"accept": "application/n-triples"})
    assert answer.status_code == 200
    said = {(quad.subject, quad.object) for quad in ox.parse(answer.content, format=ox.RdfFormat.N_TRIPLES)}
    assert (ox.NamedNode(found["iri"]), ox.Literal(f"Of {id}")) in said
    by_iri = oddly.get("/trace", params={"actor": found["iri"]}).json()["root"]
    assert by_iri == found


def test_ids_and_iris_lead_to_each_other() -> None:
    names = Names()
    iris = {id: names.actor("odd", id) for id in ODD} | {
        f"supply-link/{id}": names.record("odd", "supply-link", id) for id in ODD
    }
    assert len(set(iris.values())) == len(iris)
    assert {names.id(iri): iri for iri in iris.values()} == {f"odd/{id}": iri for id, iri in iris.items()}
    assert names.actor("odd", "..") == f"{BASE}odd/=.."
    assert names.record("odd", "supply-link", ".") == f"{BASE}odd/supply-link/=."


@pytest.mark.parametrize(("form", "ending"), [("datapackage", "zip"), ("turtle", "ttl")])
def test_odd_ids_keep_their_iris_when_they_are_exported_and_contributed_again(
    tmp_path: Path, call: Command, form: str, ending: str
) -> None:
    def said(data: str) -> str:
        query = "SELECT ?link ?seller ?name { ?link ot:supplier ?seller . ?seller rdfs:label ?name } ORDER BY ?link"
        run = call("query", "-", "--data", data, "--format", "csv", stdin=query)
        assert run.code == 0, run.err
        return run.out

    first, second, out = (str(tmp_path / name) for name in ("first", "second", f"odd.{ending}"))
    words = ("--quiet", "--licence", "CC0-1.0", "--dataset", "odd")
    assert call("contribute", str(odd(tmp_path / "package")), "--data", first, "--quiet").code == 0
    assert (
        call("datasets", "export", "odd", "--format", form, "--out", out, "--data", first, "--quiet").code
        == 0
    )
    run = call("contribute", out, "--data", second, *(words if form == "turtle" else words[:1]))
    assert run.code == 0, run.out
    assert said(second) == said(first)
    assert f"{BASE}odd/=..,Of ..\r\n" in said(first)
    assert f"{BASE}odd/supply-link/=..," in said(first)


@pytest.mark.parametrize("id", ["é", "%C3%A9", "%c3%a9"])
def test_an_iri_is_found_however_its_escapes_are_written(oddly: TestClient, id: str) -> None:
    for path in ("/trace", "/obligations"):
        answer = oddly.get(path, params={"actor": f"{BASE}odd/{id}"})
        assert answer.status_code == 200, answer.text
    assert oddly.get("/trace", params={"actor": f"{BASE}odd/{id}"}).json()["root"]["name"] == "Of é"
    refused(oddly.get("/trace", params={"actor": f"{BASE}odd/{id}x"}), 404)


# Parameters.


def dated() -> list[tuple[str, str]]:
    """Return the routes that take dates, each with the name of one; what a difference lies between are versions."""
    return [
        (path, each["name"])
        for path in READ
        for each in described()[path]["get"].get("parameters", ())
        if each["name"] in DATES and not path.endswith(("/diff", "/affected"))
    ]


@pytest.mark.parametrize(("path", "name"), dated())
def test_a_date_that_is_none_is_refused_by_its_name(client: TestClient, path: str, name: str) -> None:
    for value in ("2024-13-01", "2024-02-30", "yesterday", "20240101", "9999-12-31", "2024-01-01T00:00Z"):
        found = refused(client.get(asked(path), params=f"{ASKED.get(path, '')}&{name}={value}"))
        assert found["parameter"] == name, value
        assert found["detail"].startswith(f"{name} ")


def test_the_dates_of_every_kind_of_question_are_asked_for() -> None:
    assert {
        ("/trace", "from"),
        ("/exposure", "on"),
        ("/sparql", "as_known"),
        ("/questions/{number}", "on"),
    } <= set(dated())


def test_a_day_that_is_none_is_told_how_a_day_is_written(client: TestClient) -> None:
    for value in ("2024-13-01", "yesterday", "2024", "2024-01"):
        found = refused(client.get(f"/trace?actor=example/aurora&on={value}"))
        assert "YYYY-MM-DD" in found["detail"]
        assert "YYYY." not in found["detail"]


CONTROLS = [chr(number) for number in (*range(9), 11, 12, *range(14, 32), 127)]


def test_a_control_character_in_a_query_is_400(client: TestClient) -> None:
    for control in CONTROLS:
        query = f"ASK {{ ?s ?p ?o }}{control} LIMIT 1"
        for answer in (
            client.get("/sparql", params={"query": query}),
            client.post("/sparql", data={"query": query}),
            client.post("/sparql", content=query, headers=DIRECT),
        ):
            assert refused(answer)["detail"], hex(ord(control))


def test_a_control_character_in_another_parameter_finds_nothing(client: TestClient) -> None:
    for control in CONTROLS:
        for where in (
            f"/trace?actor={quote(control)}x",
            f"/id/example/{quote(control)}",
            f"/datasets/{quote(control)}",
        ):
            refused(client.get(where), 404)


UPDATE = "INSERT DATA { <urn:a> <urn:b> <urn:c> }"
UPDATES = [
    UPDATE,
    "DELETE WHERE { ?s ?p ?o }",
    "delete { ?s ?p ?o } insert { ?o ?p ?s } where { ?s ?p ?o }",
    "WITH <urn:g> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }",
    "LOAD <http://127.0.0.1:9/>",
    "CLEAR ALL",
    "CREATE GRAPH <urn:g>",
    "DROP ALL",
    "COPY DEFAULT TO <urn:g>",
    "MOVE <urn:g> TO DEFAULT",
    "ADD <urn:g> TO <urn:h>",
    f"# a comment: SELECT\nPREFIX insert: <urn:select> BASE <urn:x>\n{UPDATE}",
]


@pytest.mark.parametrize("update", UPDATES)
def test_an_update_is_told_that_updates_are_not_served(
    client: TestClient, call: Command, admitted: Path, update: str
) -> None:
    for answer in (
        client.get("/sparql", params={"query": update}),
        client.get("/sparql", params={"update": update}),
        client.get("/sparql", params={"query": "ASK {}", "update": update}),
        client.post("/sparql", data={"query": update}),
        client.post("/sparql", data={"update": update}),
        client.post("/sparql", params={"update": update}, data={"query": "ASK {}"}),
        client.post("/sparql", content=update, headers=DIRECT),
        client.post("/sparql", content=update, headers={"content-type": "application/sparql-update"}),
    ):
        assert 400 <= answer.status_code < 500
        assert "pdates are not served" in refused(answer, answer.status_code)["detail"]
    run = call("query", "-", "--data", str(admitted), stdin=update)
    assert (run.code, run.out) == (1, "")
    assert "pdates are not served" in run.err


@pytest.mark.parametrize(
    "query",
    [
        "PREFIX insert: <urn:x> ASK {}",
        "PREFIX delete: <urn:x> SELECT ?drop { VALUES ?drop { insert: 'INSERT' } }".replace(
            "insert:", "delete:"
        ),
        "# INSERT DATA\nASK {}",
    ],
)
def test_a_query_that_speaks_of_updates_is_answered(client: TestClient, query: str) -> None:
    assert client.get("/sparql", params={"query": query}).status_code == 200


@pytest.mark.parametrize(
    ("where", "form", "said"),
    [
        ("as_known=2026-01-31", "query=ASK {}&as_known=2026-02-28", "as_known is given 2 times"),
        ("format=csv", "query=ASK {}&format=json", "format is one; not csv and json."),
        ("format=csv", "query=ASK {}&output=json", "format is one; not csv and json."),
        ("query=ASK {}", "query=ASK {}", "query"),
    ],
)
def test_a_parameter_of_the_address_and_one_of_the_form_are_two(
    client: TestClient, where: str, form: str, said: str
) -> None:
    answer = client.post(f"/sparql?{quote(where, safe='=&')}", content=quote(form, safe="=&"), headers=FORM)
    assert said in refused(answer)["detail"]


def test_graphs_of_the_address_and_of_the_form_are_one_dataset(client: TestClient) -> None:
    example, laws = (f"{BASE}dataset/{name}/1" for name in ("example", "laws"))
    query = "SELECT (COUNT(DISTINCT ?g) AS ?n) { ?g a ?c FILTER (?c IN (ot:SupplyLink, ot:Law)) }"
    counts = [
        client.post(f"/sparql{where}", data={"query": query, **form}).json()["results"]["bindings"][0]["n"][
            "value"
        ]
        for where, form in (
            (f"?default-graph-uri={quote(example)}", {}),
            ("", {"default-graph-uri": laws}),
            (f"?default-graph-uri={quote(example)}", {"default-graph-uri": laws}),
        )
    ]
    assert int(counts[0]) + int(counts[1]) == int(counts[2])
    assert int(counts[2]) > max(int(counts[0]), int(counts[1]))


@pytest.mark.parametrize(
    ("said", "near"),
    [("format=cvs", "csv"), ("output=jsn", "json"), ("results=parquet", "turtle"), ("format=", "")],
)
def test_a_format_that_nothing_is_called_is_400(client: TestClient, said: str, near: str) -> None:
    for path in ("/sparql?query=ASK%7B%7D&", "/questions/1?"):
        if path.startswith("/sparql") or said.startswith("format"):
            found = refused(client.get(f"{path}{said}"))
            assert near in found["detail"]


@pytest.mark.parametrize("charset", ["UTF-8", "utf-8", '"UTF-8"', "us-ascii"])
def test_a_form_may_say_its_charset(client: TestClient, charset: str) -> None:
    for kind in ("application/x-www-form-urlencoded", "Application/X-WWW-Form-Urlencoded "):
        answer = client.post(
            "/sparql", content="query=ASK%20%7B%7D", headers={"content-type": f"{kind}; charset={charset}"}
        )
        assert answer.json()["boolean"] is True
