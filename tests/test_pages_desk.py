"""The pages on which somebody acts: jobs, files that are contributed step by step, and signing in with a key."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from opentier.api.service import create_app
from opentier.graph import Graph
from tests.browsing import BROWSER

MILLS = b"id,name,country\nm1,Amber Hollow Mill,IN\nm2,Birch Ferry Mill,TR\n"
#: What a browser says beside its requests when a form of the same site is sent.
FORM = {**BROWSER, "sec-fetch-site": "same-origin", "sec-fetch-mode": "navigate"}


@pytest.fixture(scope="module")
def data(admitted: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(admitted, tmp_path_factory.mktemp("desk") / "data"))


@pytest.fixture(scope="module")
def own(data: Path) -> Iterator[TestClient]:
    """Return the service as the owner of its machine has it."""
    with TestClient(create_app(Graph.open(data), local=True), base_url="http://localhost") as client:
        yield client


def done(client: TestClient, act: str, data: bytes = MILLS, **said: str) -> str:
    """Send a file, and return the job that it is, once it has ended."""
    sent = client.post(f"/{act}", files={"file": ("mills.csv", data)}, data=said)
    assert sent.status_code in (200, 202), sent.text
    id: str = sent.json()["id"]
    assert client.get(f"/jobs/{id}?wait=30").json()["ended"]
    return id


# --- Jobs ----------------------------------------------------------------------------------------------------------


def test_the_page_of_a_job_that_is_done_gives_what_came_of_it(own: TestClient) -> None:
    id = done(own, "validate", dataset="mills", licence="CC0-1.0")
    page = own.get(f"/jobs/{id}", headers=BROWSER)
    assert page.status_code == 200
    assert page.headers["cache-control"] == "no-store"
    assert "It is done." in page.text
    for address in re.findall(r'href="(/jobs/[^"]+/result\.[^"]+)"', page.text):
        assert own.get(address).status_code == 200
    assert own.get(f"/jobs/{id}").json()["state"] == "done"


def test_whoever_waits_for_a_contribution_is_led_to_what_came_of_it(own: TestClient) -> None:
    id = done(own, "contributions", dataset="waited", licence="CC0-1.0")
    page = own.get(f"/jobs/{id}", headers=BROWSER, follow_redirects=False)
    assert (page.status_code, page.headers["location"]) == (303, f"/contributions/{id}")
    part = own.get(f"/jobs/{id}", headers={"accept": "text/html", "hx-request": "true"})
    assert part.headers["hx-redirect"] == f"/contributions/{id}"


def test_a_job_that_has_ended_is_deleted_on_its_page(own: TestClient) -> None:
    id = done(own, "columns")
    assert own.post(f"/jobs/{id}/end", headers=FORM, follow_redirects=False).status_code == 303
    assert own.get(f"/jobs/{id}", headers=BROWSER).status_code == 404


def test_the_page_of_another_site_ends_no_job(own: TestClient) -> None:
    id = done(own, "columns")
    other = {**BROWSER, "origin": "https://example.org", "sec-fetch-site": "cross-site"}
    refused = own.post(f"/jobs/{id}/end", headers=other)
    assert refused.status_code == 403
    assert "another site" in refused.text
    assert own.get(f"/jobs/{id}").status_code == 200


# --- Signing in ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def served(admitted: Path, tmp_path_factory: pytest.TempPathFactory) -> Graph:
    return Graph.open(shutil.copytree(admitted, tmp_path_factory.mktemp("keyed") / "data"))


@pytest.fixture
def keyed(served: Graph) -> Iterator[tuple[Graph, TestClient]]:
    """Return a service that others reach, to whom its operator gives keys."""
    with TestClient(create_app(served), base_url="http://localhost", follow_redirects=False) as client:
        yield served, client


def signed_in(client: TestClient, key: str, to: str = "") -> None:
    answer = client.post("/key", data={"key": key, "to": to}, headers=FORM)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/{to or 'key'}")


def test_a_key_signs_a_browser_in_until_it_signs_out(keyed: tuple[Graph, TestClient]) -> None:
    graph, client = keyed
    kept, key = graph.keys.create("contributor", name="Mills of the north")
    answer = client.post("/key", data={"key": key}, headers=FORM)
    cookie = answer.headers["set-cookie"]
    assert {"HttpOnly", "SameSite=strict", "Path=/"} <= set(cookie.split("; "))
    assert not {"Secure", "Max-Age"} & {part.partition("=")[0] for part in cookie.split("; ")}
    page = client.get("/key", headers=BROWSER)
    assert kept.id in page.text
    assert "Mills of the north" in page.text
    assert key not in page.text
    assert page.headers["cache-control"] == "no-store"
    assert f"Signed in: {kept.id}, contributor" in client.get("/contribute", headers=BROWSER).text
    assert client.post("/key/out", headers=FORM).status_code == 303
    assert "Signed in" not in client.get("/contribute", headers=BROWSER).text


def test_behind_tls_the_cookie_is_sent_by_tls_alone(keyed: tuple[Graph, TestClient]) -> None:
    graph, client = keyed
    _, key = graph.keys.create("reader")
    answer = client.post("https://localhost/key", data={"key": key}, headers=FORM)
    assert "Secure" in answer.headers["set-cookie"].split("; ")


def test_what_opens_nothing_signs_nobody_in_and_is_not_shown_again(keyed: tuple[Graph, TestClient]) -> None:
    _, client = keyed
    for text in ("", "opentier_00000000_" + "x" * 43, "<script>", "opentier_"):
        answer = client.post("/key", data={"key": text}, headers=FORM)
        assert answer.status_code == 401
        assert "set-cookie" not in answer.headers
        assert "opens nothing" in answer.text
        assert not text or text == "opentier_" or text not in answer.text


def test_the_page_of_another_site_signs_nobody_in_and_acts_for_nobody(
    keyed: tuple[Graph, TestClient],
) -> None:
    graph, client = keyed
    _, key = graph.keys.create("admin")
    other = {**BROWSER, "origin": "https://example.org", "sec-fetch-site": "cross-site"}
    assert client.post("/key", data={"key": key}, headers=other).status_code == 403
    signed_in(client, key)
    mills = {"file": ("mills.csv", MILLS)}
    foreign = [
        other,
        {"origin": "null"},
        {"origin": "http://localhost:3000"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"},
        {},  # what does not say where it is from
    ]
    for headers in foreign:
        for address in ("/contribute", "/contributions", "/key/out"):
            assert client.post(address, files=mills, headers={**BROWSER, **headers}).status_code == 403, (
                headers
            )
    assert client.get("/audit", headers={"origin": "http://localhost:3000"}).status_code in (401, 403)
    assert client.get("/audit").status_code == 200
    assert client.get("/key", headers=BROWSER).status_code == 200


def test_a_key_that_is_revoked_signs_its_browser_out(keyed: tuple[Graph, TestClient]) -> None:
    graph, client = keyed
    kept, key = graph.keys.create("curator")
    signed_in(client, key)
    assert client.get("/contribute", headers=BROWSER).status_code == 200
    graph.keys.revoke(kept.id)
    refused = client.get("/contribute", headers=BROWSER)
    assert refused.status_code == 401
    assert "signed out" in refused.text
    assert key not in refused.text
    assert "Max-Age=0" in refused.headers["set-cookie"]
    assert client.get("/contribute", headers=BROWSER).status_code == 200


def test_a_key_that_is_sent_counts_before_the_one_that_signed_in(keyed: tuple[Graph, TestClient]) -> None:
    graph, client = keyed
    _, admin = graph.keys.create("admin")
    _, reader = graph.keys.create("reader")
    signed_in(client, admin)
    assert client.get("/audit").status_code == 200
    assert client.get("/audit", headers={"authorization": f"Bearer {reader}"}).status_code == 403


def test_nobody_else_keeps_what_whoever_signed_in_was_told(keyed: tuple[Graph, TestClient]) -> None:
    graph, client = keyed
    before = client.get("/trace?actor=example/aurora")
    signed_in(client, graph.keys.create("curator")[1])
    for address in (
        "/trace?actor=example/aurora",
        f"/trace?actor=example/aurora&release={graph.view().release.id}",
    ):
        told = client.get(address).headers
        assert told["cache-control"] == "private, no-cache"
        assert "Cookie" in told["vary"]
    assert told["etag"] != before.headers["etag"]
    again = client.get("/trace?actor=example/aurora", headers={"if-none-match": before.headers["etag"]})
    assert again.status_code == 200


def test_the_key_is_in_no_log_and_in_no_page(
    keyed: tuple[Graph, TestClient], caplog: pytest.LogCaptureFixture
) -> None:
    graph, client = keyed
    _, key = graph.keys.create("contributor")
    with caplog.at_level("DEBUG"):
        signed_in(client, key, "contribute")
        pages = [
            client.get(at, headers=BROWSER).text for at in ("/contribute", "/key", "/datasets", "/nowhere")
        ]
        pages.append(client.post("/contribute", headers=FORM, content=b"x").text)
    secret = key.rpartition("_")[2]
    assert [page for page in pages if secret in page] == []
    assert [record for record in caplog.records if secret in f"{record.getMessage()}{record.__dict__}"] == []


def test_nobody_is_led_to_another_site(keyed: tuple[Graph, TestClient]) -> None:
    graph, client = keyed
    _, key = graph.keys.create("reader")
    for to in ("//example.org", "https://example.org", "\\example.org", "a b", "key?x=1", "../x"):
        answer = client.post("/key", data={"key": key, "to": to}, headers=FORM)
        assert answer.headers["location"] == "/key"
