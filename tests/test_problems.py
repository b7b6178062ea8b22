"""Problems: each has a kind with an address that says what to do, and the id under which the log has it."""

from __future__ import annotations

import ast
import html
import json
import logging
import re
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from opentier.api.http import ids, kinds, problems
from opentier.api.service import create_app
from opentier.graph import Graph

API = Path(problems.__file__).parents[1]
BASE = "https://data.example.org/"


@pytest.fixture(scope="module")
def graph(admitted: Path) -> Graph:
    return Graph.open(admitted)


@pytest.fixture(scope="module")
def app(graph: Graph) -> FastAPI:
    app = create_app(graph, base=BASE)

    @app.get("/failing")
    def failing() -> None:
        raise RuntimeError("a secret of /home/somebody/data")

    return app


@pytest.fixture(scope="module")
def client(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app) as client:
        yield client


def titles() -> Iterator[str]:
    """Yield the titles that the routes give to problems, and those of the table of errors."""
    yield from (title for _, _, title in problems.STATUSES)
    for path in API.rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(call, ast.Call) and ast.unparse(call.func) in ("problem", "problems.problem"):
                yield from (
                    each.value
                    for each in call.args[1:2]
                    if isinstance(each, ast.Constant) and isinstance(each.value, str)
                )


def test_every_problem_that_is_told_is_explained() -> None:
    found = set(titles())
    assert {"Unknown actor", "Not acceptable", "Bad request"} <= found
    assert {title for title in found if kinds.named(title, 400) not in kinds.KINDS} == set()
    named = {title: kinds.KINDS[kinds.named(title, 418)].title for title in found}
    assert {title for title, told in named.items() if told.lower() != title.lower()} == set()


@pytest.mark.parametrize("kind", sorted(kinds.KINDS))
def test_every_kind_says_what_to_do_at_its_own_address(client: TestClient, kind: str) -> None:
    said = client.get(f"/problems/{kind}").json()
    assert said["type"] == f"{BASE}problems/{kind}"
    assert said["advice"]
    assert said in client.get("/problems").json()["problems"]
    page = client.get(f"/problems/{kind}", headers={"accept": "text/html"})
    assert page.headers["content-type"].startswith("text/html")
    assert f"<h1>{said['title']}</h1>" in page.text
    assert f'href="/problems/{kind}"' in client.get("/problems", headers={"accept": "text/html"}).text


@pytest.mark.parametrize(
    ("address", "status", "kind"),
    [
        ("/trace?actor=nobody+of+that+name", 404, "unknown-actor"),
        ("/trace", 400, "bad-request"),
        ("/nothing", 404, "not-found"),
        ("/datasets/none", 404, "unknown-dataset"),
        ("/problems/none", 404, "not-found"),
    ],
)
def test_a_problem_leads_to_what_explains_it(
    client: TestClient, address: str, status: int, kind: str
) -> None:
    answer = client.get(address)
    assert answer.status_code == status
    said = answer.json()
    assert said["type"] == f"{BASE}problems/{kind}"
    assert said["instance"] == f"urn:uuid:{answer.headers['opentier-request']}"
    assert client.get(said["type"].removeprefix(BASE.rstrip("/"))).json()["status"] == status


@pytest.mark.parametrize(
    "address", ["/trace?actor=Kingfisher", "/nearest?actor=Kingfisher", "/obligations?actor=Kingfisher"]
)
def test_a_name_of_nobody_comes_with_those_near_to_it(client: TestClient, address: str) -> None:
    said = client.get(address).json()
    assert said["status"] == 404
    assert said["candidates"][0].split()[0] == "example/kingfisher-unit-1"
    assert client.get(address.replace("Kingfisher", "Qqqqq")).json()["candidates"] == []


def test_every_request_has_an_id_of_its_own(client: TestClient) -> None:
    found = [
        client.get(path).headers["opentier-request"] for path in ("/health", "/health", "/x", "/datasets")
    ]
    assert len({uuid.UUID(each) for each in found}) == 4


def test_what_no_rule_foresaw_is_told_by_its_id_alone_and_logged_once(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "opentier"):
        answer = client.get("/failing")
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text
    id = answer.headers[ids.HEADER]
    assert answer.json()["instance"] == f"urn:uuid:{id}"
    (failed,) = [each for each in caplog.records if each.levelno >= logging.ERROR]
    assert id in failed.getMessage()
    assert failed.exc_info is not None
    assert "a secret" in str(failed.exc_info[1])
    (line,) = [each for each in caplog.records if each.name == "opentier.requests"]
    assert (line.__dict__["request"], line.__dict__["status"]) == (id, 500)


def test_a_problem_of_the_server_itself_has_an_id_too(client: TestClient) -> None:
    answer = problems.problem(400, "Bad request", "No request.")
    said = json.loads(bytes(answer.body))
    assert said["instance"] == f"urn:uuid:{answer.headers[ids.HEADER]}"
    assert said["type"] == "/problems/bad-request"


PEOPLE = {"accept": "text/html"}


@pytest.mark.parametrize("kind", sorted(kinds.KINDS))
def test_no_page_speaks_to_programs(kind: str) -> None:
    """What a page tells whoever reads it names no member of a document and no header, which stand on none."""
    assert not re.search(r"`|openapi|Retry-After|Allow\b|Bearer|\?q=", kinds.KINDS[kind].told)


@pytest.mark.parametrize(
    ("address", "ways"),
    [
        ("/nothing", ["/search", "/"]),
        ("/initiatives?geography=Nowhereland&type=NGO", ["/initiatives?type=NGO"]),
        ("/initiatives?geography=Nowhereland", ["/initiatives"]),
        ("/trace?actor=example%2Faurora&min_confidence=0,5", ["/trace?actor=example%2Faurora"]),
        ("/laws?colour=red&seat=DE", ["/laws?seat=DE"]),
    ],
)
def test_a_page_of_a_problem_leads_on_and_keeps_what_was_typed(
    client: TestClient, address: str, ways: list[str]
) -> None:
    page = client.get(address, headers=PEOPLE)
    assert page.status_code in (400, 404)
    found = re.findall(r'<a class="button" href="([^"]*)">', page.text)
    assert [html.unescape(each) for each in found] == ways


def test_what_was_sent_leads_back_to_its_form_and_to_no_other_host(graph: Graph) -> None:
    form = {**PEOPLE, "origin": "http://localhost"}
    client = TestClient(create_app(graph, local=True), base_url="http://localhost")
    for came, back in (
        ("http://localhost/trace?actor=example/aurora", ["/trace?actor=example/aurora"]),
        ("http://elsewhere/trace", []),
        ("http://localhost//elsewhere/", []),
        ("http://[", []),
        ("", []),
    ):
        sent = {**form, "referer": came}
        page = client.post("/trace?actor=example/aurora", data={"save": "No Id!"}, headers=sent)
        assert page.status_code == 400
        assert re.findall(r'<a class="button" href="([^"]*)">', page.text) == back


@pytest.mark.parametrize(
    ("entered", "told", "kept"),
    [
        ("seat=DE&employees=abc&turnover=900m+EUR", "Employees 'abc': This is not a number", "900m EUR"),
        ("seat=XX&employees=12", "Seat 'XX'", "12"),
        ("seat=DE&turnover=1.250m EUR", "in two ways", "1.250m EUR"),
        ("seat=DE&employees=12&on=soon", "On 'soon'", "12"),
    ],
)
def test_the_form_of_laws_keeps_what_was_typed(
    client: TestClient, entered: str, told: str, kept: str
) -> None:
    page = client.get(f"/laws?{entered}", headers=PEOPLE)
    assert page.status_code == 400
    text = html.unescape(page.text)
    assert told in text
    assert f'value="{kept}"' in text
    assert 'role="alert"' in text


@pytest.mark.parametrize("name", ["utm_source", "utm_x", "fbclid", "gclid", "mc_cid", "mc_eid", "msclkid"])
@pytest.mark.parametrize("address", ["/", "/laws?seat=DE"])
def test_what_campaigns_add_to_a_link_is_left_out_of_pages_alone(
    client: TestClient, address: str, name: str
) -> None:
    added = f"{address}{'&' if '?' in address else '?'}{name}=mail"
    led = client.get(added, headers=PEOPLE, follow_redirects=False)
    assert (led.status_code, led.headers["location"]) == (303, address)
    assert client.get(added, headers=PEOPLE).status_code == 200
    assert client.get(f"/datasets?{name}=mail").status_code == 400


def test_no_address_leads_to_another_host(client: TestClient) -> None:
    led = client.get("http://testserver//elsewhere.example/?q=", headers=PEOPLE, follow_redirects=False)
    assert not led.headers.get("location", "").startswith("//")


def test_a_number_with_a_comma_is_told_with_its_point(client: TestClient) -> None:
    for address in ("/trace?actor=example/aurora", "/exposure?"):
        said = client.get(f"{address}&min_confidence=0,5").json()["detail"]
        assert said == "min_confidence '0,5' is not a number: write it with a point, 0.5."
