"""Who may do what over HTTP: keys and their roles, and whoever sits at the machine, whom no web page may borrow."""

from __future__ import annotations

import re
import shlex
import socket
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import typer.main
from fastapi import Depends
from hypothesis import assume, given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from opentier.api.cli import main
from opentier.api.http import access
from opentier.api.http.access import Caller, acting
from opentier.api.http.rates import SMALLER, Buckets, Rates
from opentier.api.service import create_app
from opentier.graph import Graph
from opentier.graph.access import replies
from opentier.graph.access.keys import ROLES, Keys
from opentier.graph.contribution.submission import Options
from opentier.graph.errors import StoreError, TooOften, UsageError
from tests.broken import write
from tests.conftest import PATIENCE, serving
from tests.counts import runs

if TYPE_CHECKING:
    from tests.conftest import Command

HOST = "http://localhost"


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    """Return a data directory without data: what one may is decided before anything is read."""
    return Graph.open(tmp_path_factory.mktemp("access") / "data", create=True)


@pytest.fixture(scope="module")
def keys(graph: Graph) -> dict[str, str]:
    """Return a key of each role."""
    return {role: graph.keys.create(role)[1] for role in ROLES}


def served(graph: Graph, *, local: bool = False) -> Iterator[TestClient]:
    """Yield a client of the service, with a route for each role that says who asked."""
    app = create_app(graph, local=local)
    for role in ROLES:

        def act(who: Caller = Depends(acting(role))) -> dict[str, str]:  # noqa: B008
            return {"id": who.id, "role": who.role}

        app.add_api_route(f"/acts/{role}", act, methods=["GET", "POST"])
    with TestClient(app, base_url=HOST) as client:
        yield client


@pytest.fixture(scope="module")
def client(graph: Graph, keys: dict[str, str]) -> Iterator[TestClient]:
    yield from served(graph)


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """Yield a client of a service on its owner's machine, without keys."""
    yield from served(Graph.open(tmp_path_factory.mktemp("own") / "data", create=True), local=True)


def bearing(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


# Keys over HTTP.


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("needed", ROLES)
def test_a_key_may_what_smaller_ones_may_and_no_more(
    client: TestClient, keys: dict[str, str], role: str, needed: str
) -> None:
    answer = client.post(f"/acts/{needed}", headers=bearing(keys[role]))
    enough = ROLES.index(role) >= ROLES.index(needed)
    assert answer.status_code == (200 if enough else 403)
    if enough:
        assert answer.json() == {"id": keys[role].split("_")[1], "role": role}
    else:
        assert needed in answer.json()["detail"]
        assert "www-authenticate" not in answer.headers


@pytest.mark.parametrize("needed", ROLES)
def test_an_act_without_a_key_is_told_to_bring_one(client: TestClient, needed: str) -> None:
    answer = client.post(f"/acts/{needed}")
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["/ontology", "/nowhere", "/acts/reader"])
@pytest.mark.parametrize(
    "said", ["Bearer opentier_00000000_no", "Bearer", "Bearer  ", "Basic YTpi", "opentier", "Bearer é"]
)
def test_a_wrong_key_is_refused_everywhere_and_never_taken_for_none(
    client: TestClient, path: str, said: str
) -> None:
    answer = client.get(path, headers={b"Authorization": said.encode("utf-8")})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_key_with_another_secret_opens_nothing(client: TestClient, keys: dict[str, str]) -> None:
    one, other = keys["reader"], keys["admin"]
    mixed = "_".join([*other.split("_")[:2], one.split("_", 2)[2]])
    for wrong in (mixed, one[:-1], one + "x", one.upper(), one.removeprefix("opentier")):
        assert client.get("/acts/reader", headers=bearing(wrong)).status_code == 401, wrong
    assert client.get("/acts/reader", headers={"Authorization": f"bearer  {one}"}).status_code == 200


def test_a_running_service_notices_new_and_revoked_keys(client: TestClient, graph: Graph) -> None:
    elsewhere = Keys(graph.store.path)  # as another process would
    kept, key = elsewhere.create("curator", name="desk")
    assert client.get("/acts/curator", headers=bearing(key)).status_code == 200
    elsewhere.revoke(kept.id)
    assert client.get("/acts/curator", headers=bearing(key)).status_code == 401


def test_a_key_ends_with_its_last_day(client: TestClient, graph: Graph) -> None:
    kept, key = graph.keys.create("reader", until="2099-12-31")
    assert client.get("/acts/reader", headers=bearing(key)).status_code == 200
    text = graph.keys.file.read_text("utf-8")
    graph.keys.file.write_text(text.replace("2099-12-31", "2020-12-31"), "utf-8")
    assert graph.keys.all()[kept.id].state == "expired"
    assert client.get("/acts/reader", headers=bearing(key)).status_code == 401


def test_a_preflight_needs_no_key(client: TestClient) -> None:
    asked = {"Origin": "https://example.org", "Access-Control-Request-Method": "POST",
             "Access-Control-Request-Headers": "authorization"}  # fmt: skip
    assert client.options("/acts/reader", headers=asked).status_code == 200


def test_a_refused_act_of_a_key_is_told_in_the_audit_log_and_no_other(
    client: TestClient, graph: Graph, keys: dict[str, str]
) -> None:
    before = [line.number for line in graph.audit.lines()]
    client.post("/acts/admin", headers=bearing(keys["reader"]))
    client.get("/acts/admin", headers=bearing(keys["reader"]))
    client.post("/acts/admin")
    client.post("/acts/admin", headers=bearing("no"))
    (line,) = list(graph.audit.lines())[len(before) :]
    id = keys["reader"].split("_")[1]
    assert (line.who, line.act, line.outcome) == (id, "POST /acts/admin", "refused: NotAllowed")


# Whoever sits at the machine.


@pytest.mark.parametrize(
    "headers",
    [{}, {"Origin": HOST}, {"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "navigate"}],
)  # fmt: skip
def test_whoever_sits_at_the_machine_may_everything(own: TestClient, headers: dict[str, str]) -> None:
    answer = own.post("/acts/admin", headers=headers)
    assert (answer.status_code, answer.json()) == (200, {"id": "local", "role": "admin"})


FOREIGN = [
    {"Origin": "https://example.org"},
    {"Origin": "null"},
    {"Origin": "http://localhost:3000"},
    {"Origin": "https://localhost"},
    {"Origin": f"{HOST}.example.org"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"},
    {"Origin": "https://example.org", "Sec-Fetch-Site": "same-origin"},
]


@pytest.mark.parametrize("headers", FOREIGN)
@pytest.mark.parametrize(
    "form", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=b", "text/plain"]
)
def test_a_form_of_another_site_does_nothing_at_the_machine(
    own: TestClient, headers: dict[str, str], form: str
) -> None:
    for role in ROLES:
        answer = own.post(f"/acts/{role}", headers={**headers, "Content-Type": form}, content=b"a=1")
        assert answer.status_code == 403
        assert "another site" in answer.json()["detail"]


def test_the_page_of_another_site_sees_what_is_public(own: TestClient) -> None:
    callers: access.Callers = own.app.state.callers  # type: ignore[attr-defined]

    def seen(method: str, **headers: str) -> Caller:
        raw = [
            (b"host", b"localhost"),
            *((k.replace("_", "-").encode(), v.encode()) for k, v in headers.items()),
        ]
        return callers.of(
            {"type": "http", "http_version": "1.1", "method": method, "scheme": "http", "headers": raw}
        )

    assert seen("GET") is access.LOCAL
    assert seen("GET", origin="https://example.org") is access.ELSEWHERE
    assert seen("GET", sec_fetch_site="cross-site", sec_fetch_mode="no-cors") is access.ELSEWHERE
    assert (
        seen("GET", sec_fetch_site="cross-site", sec_fetch_mode="navigate") is access.LOCAL
    )  # a link, followed
    assert seen("POST", sec_fetch_site="cross-site", sec_fetch_mode="navigate") is access.ELSEWHERE


@pytest.mark.parametrize("name", access.PASSED_ON)
def test_what_a_proxy_passes_on_is_of_nobody_at_the_machine(own: TestClient, name: str) -> None:
    assert own.post("/acts/reader", headers={name: "192.0.2.1"}).status_code == 401


def test_with_the_first_key_nobody_is_taken_for_the_owner(tmp_path: Path) -> None:
    graph = Graph.open(tmp_path / "data", create=True)
    for client in served(graph, local=True):
        assert client.get("/acts/admin").status_code == 200
        kept, key = graph.keys.create("reader")
        assert client.get("/acts/reader").status_code == 401
        graph.keys.revoke(kept.id)
        assert client.get("/acts/reader").status_code == 401
        assert client.get("/acts/reader", headers=bearing(key)).status_code == 401


# Keys at rest.


def test_no_key_is_kept_and_only_its_owner_reads_what_is(tmp_path: Path) -> None:
    found = Keys(tmp_path)
    kept, key = found.create("reader", name="Laptop", datasets=["b", "a"], until="2099-01-01")
    text = found.file.read_text("utf-8")
    assert key.split("_", 2)[2] not in text
    assert stat.S_IMODE(found.file.stat().st_mode) == 0o600
    assert stat.S_IMODE(found.folder.stat().st_mode) == 0o700
    assert "hash" not in kept.to_dict()
    assert found.find(key) == kept == Keys(tmp_path).all()[kept.id]
    assert kept.datasets == ("a", "b")


def test_keys_that_cannot_be_read_let_nobody_in(tmp_path: Path) -> None:
    graph = Graph.open(tmp_path / "data", create=True)
    _, key = graph.keys.create("admin")
    for client in served(graph, local=True):
        for text in (
            "",
            "[",
            "{}",
            '[{"id": "x"}]',
            graph.keys.file.read_text("utf-8").replace("admin", "king"),
        ):
            graph.keys.file.write_text(text, "utf-8")
            for headers in ({}, bearing(key)):
                answer = client.get("/acts/reader", headers=headers)
                assert (answer.status_code, "keys.json" in answer.text) == (503, False)
        with pytest.raises(StoreError, match="Nobody is let in"):
            graph.keys.create("reader")


@pytest.mark.parametrize(
    ("role", "said", "word"),
    [
        ("king", {}, "role is one of"),
        ("reader", {"name": "a\x00"}, "name is a text"),
        ("reader", {"name": "a" * 101}, "name is a text"),
        ("reader", {"datasets": ["A b"]}, "no name of a dataset"),
        ("reader", {"own": [".."]}, "no name of a dataset"),
        ("reader", {"until": "2020-01-01"}, "is over"),
        ("reader", {"until": "soon"}, "until"),
    ],
)
def test_a_key_that_makes_no_sense_is_not_made(
    tmp_path: Path, role: str, said: dict[str, object], word: str
) -> None:
    with pytest.raises(UsageError, match=word):
        Keys(tmp_path).create(role, **said)  # type: ignore[arg-type]
    assert not Keys(tmp_path).all()


# How often one may ask.


class Clock:
    """A clock that stands still until it is moved."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@runs(100)
@given(
    rate=st.sampled_from([0.1, 1.0, 7.0, 20.0, 1000.0]),
    burst=st.integers(1, 20),
    steps=st.lists(st.floats(0, 3), max_size=20),
)
def test_a_bucket_gives_what_a_bucket_of_tokens_holds(rate: float, burst: int, steps: list[float]) -> None:
    clock = Clock()
    buckets = Buckets(rate, burst, clock=clock)
    tokens = float(burst)  # the plain way: so many tokens, filled as time goes
    for step in steps:
        clock.now += step
        tokens = min(burst, tokens + step * rate)
        assume(abs(tokens - 1) > 1e-6)
        wait = buckets.take("a")
        assert (wait == 0) == (tokens >= 1)
        if wait:
            assert wait == pytest.approx((1 - tokens) / rate, abs=1e-6)
        else:
            tokens -= 1


def test_clients_that_are_many_are_forgotten_in_part_and_those_in_debt_last() -> None:
    clock = Clock()
    buckets = Buckets(1.0, 3, most=100, clock=clock)
    for _ in range(3):
        assert buckets.take("greedy") == 0
    for number in range(1000):
        clock.now += 0.001
        assert buckets.take(f"client {number}") == 0
        assert len(buckets) <= 100
    assert buckets.take("greedy") > 0


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8::1", "2001:db8::ffff:2", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", False),
        ("fe80::1%eth0", "fe80::1", True),
        ("unix:", "unix:", True),
    ],
)
def test_whoever_has_a_network_is_one_client(one: str, other: str, same: bool) -> None:
    rates = Rates.of(0.001, 1)

    def ask(host: str) -> None:
        rates.count({"type": "http", "method": "GET", "path": "/", "client": (host, 1)}, "")

    ask(one)
    if same:
        with pytest.raises(TooOften):
            ask(other)
    else:
        ask(other)


def limited(graph: Graph, burst: int, *, local: bool = False) -> TestClient:
    return TestClient(create_app(graph, local=local, rates=Rates.of(0.01, burst)), base_url=HOST)


def test_who_asks_too_often_is_told_when_to_ask_again(graph: Graph, keys: dict[str, str]) -> None:
    with limited(graph, 3) as client:
        found = [client.get("/ontology") for _ in range(4)]
        assert [each.status_code for each in found] == [200, 200, 200, 429]
        assert 1 <= int(found[-1].headers["retry-after"]) <= 100
        assert found[-1].headers["content-type"] == "application/problem+json"
        assert (
            client.get("/ontology", headers=bearing("no")).status_code == 429
        )  # a wrong key is no way round
        for path in ("/health", "/metrics"):
            assert client.get(path).status_code == 200
        mine, other = bearing(keys["reader"]), bearing(keys["curator"])
        assert [client.get("/ontology", headers=mine).status_code for _ in range(4)] == [200, 200, 200, 429]
        assert client.get("/ontology", headers=other).status_code == 200


def test_acts_have_a_bucket_of_their_own(graph: Graph, keys: dict[str, str]) -> None:
    with limited(graph, 20) as client:
        acts = [client.post("/nowhere", headers=bearing(keys["admin"])).status_code for _ in range(3)]
        assert acts == [404, 404, 429]
        assert client.get("/nowhere", headers=bearing(keys["admin"])).status_code == 404
        asked = client.post("/sparql", data={"query": "ASK {}"}, headers=bearing(keys["admin"]))
        assert asked.status_code != 429


def test_whoever_sits_at_the_machine_asks_as_often_as_he_likes(tmp_path: Path) -> None:
    graph = Graph.open(tmp_path / "data", create=True)
    with limited(graph, 1, local=True) as client:
        assert {client.get("/ontology").status_code for _ in range(3)} == {200}


# What a key sees.


@pytest.fixture(scope="module")
def shades(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    """Return a data directory with a dataset of each visibility, and two that are restricted."""
    folder = tmp_path_factory.mktemp("shades")
    graph = Graph.open(folder / "data", create=True)
    for name, said in (("open", "public"), ("one", "restricted"), ("two", "restricted"), ("later", LATER)):
        tables = {"actors": [["id", "name", "country"], ["a", f"Actor {name}", "FR"]]}
        graph.contribute(write(folder / name, tables, name), Options(match=False, visibility=said))
    return graph


LATER = "embargoed:2999-01-01"
SEEN: list[tuple[str, dict[str, list[str]], set[str]]] = [
    ("reader", {}, {"open", "one", "two"}),
    ("reader", {"datasets": ["one"]}, {"open", "one"}),
    ("reader", {"datasets": ["later"]}, {"open"}),  # an embargo holds for whoever does not own the dataset
    ("contributor", {}, {"open", "one", "two"}),
    ("contributor", {"datasets": ["two"], "own": ["later"]}, {"open", "two", "later"}),
    ("curator", {"datasets": ["one"]}, {"open", "one", "two", "later"}),
    ("admin", {}, {"open", "one", "two", "later"}),
]


@pytest.mark.parametrize(("role", "said", "seen"), SEEN)
def test_a_key_sees_what_it_names_and_what_is_its_own(
    shades: Graph, role: str, said: dict[str, list[str]], seen: set[str]
) -> None:
    _, key = shades.keys.create(role, **said)  # type: ignore[arg-type]
    with TestClient(create_app(shades), base_url=HOST) as client:
        told = [client.get("/datasets", headers=headers).json() for headers in (bearing(key), {})]
    assert [{each["dataset"] for each in found["datasets"]} for found in told] == [seen, {"open"}]


# What is written of it.

GUIDE = Path(__file__).parents[1] / "docs" / "access.md"


def test_the_commands_of_the_guide_run(call: Command, tmp_path: Path) -> None:
    """Type each command of the guide, one after the other, with what stands for names filled in."""
    (tmp_path / "file.csv").write_text("name,country\nBee Mill,CN\n", "utf-8")
    tables = {
        "actors": [["id", "name", "country"], ["gin", "Gin", "CN"]],
        "designations": [["id", "kind", "authority", "target"], ["d", "entity-listing", "Somebody", "gin"]],
    }
    graph = Graph.open(tmp_path / "data", create=True)
    graph.contribute(write(tmp_path / "lists", tables, "lists"), Options(match=False))
    said = {"DIR": "data", "FILE": "file.csv", "ACTOR": "lists/gin", "TO": "lists/designation/d"}
    typed = re.findall(r"^\$ opentier (.*)$", GUIDE.read_text("utf-8"), re.MULTILINE)
    assert len(typed) == 11
    for line in typed:
        words = [said.get(word, word) for word in shlex.split(line)]
        if "ID" in words:
            words[words.index("ID")] = {"revoke": "", "accept": "", "refuse": ""}.get(words[1], "from-nobody")
        if words[:2] == ["keys", "revoke"]:
            words[2] = list(graph.keys.all())[-1]
        elif words[0] == "reply" and words[1] in ("accept", "refuse"):
            found = replies.understood(graph.view(), said["TO"], said["ACTOR"], text=words[1])
            words[2] = graph.replies().take(found).id
        run = call(*words, cwd=tmp_path)
        assert run.code == 0, (line, run.err)


def test_the_guide_has_every_role_option_and_limit() -> None:
    text = GUIDE.read_text("utf-8")
    assert all(f"`{role}`" in text for role in ROLES)
    assert f"{replies.LONGEST['text']:,} characters" in text
    assert f"At most {replies.MOST:,} wait" in text
    serve = typer.main.get_command(main.app).commands["serve"]  # type: ignore[attr-defined]
    defaults = {param.opts[0]: param.default for param in serve.params}
    assert f"`--rate` requests a second ({defaults['--rate']:g})" in text
    assert f"({defaults['--burst']})" in text
    assert SMALLER == 10
    assert "a tenth of that" in text


def test_whoever_comes_through_a_proxy_that_says_nothing_is_not_the_owner(
    directory: Path, tmp_path: Path
) -> None:
    with serving(directory, tmp_path / "log") as started:
        port = int(started.url.rpartition(":")[2])
        for version, status in ((b"1.1", b" 200 "), (b"1.0", b" 401 ")):
            with socket.create_connection(("127.0.0.1", port), PATIENCE) as line:
                line.sendall(
                    b"GET /audit HTTP/" + version + b"\r\nHost: localhost\r\nConnection: close\r\n\r\n"
                )
                said = b"".join(iter(lambda: line.recv(1 << 16), b""))
            assert status in said.partition(b"\r\n")[0]


@pytest.mark.parametrize("path", ["/datasets/", "/sparql/", "//evil.example/datasets/", "/docs/"])
def test_no_address_leads_to_what_a_client_calls_the_service(graph: Graph, path: str) -> None:
    with TestClient(create_app(graph), base_url="http://evil.example") as client:
        answer = client.get(path, follow_redirects=False)
    assert answer.status_code in (307, 404)
    assert re.fullmatch(r"/(?!/)\S*|", answer.headers.get("location", ""))
