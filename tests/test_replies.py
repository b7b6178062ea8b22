"""Right of reply: sent by anybody, unseen until it is accepted, then under what it answers, wherever that is shown."""

from __future__ import annotations

import json
import re
import secrets
import stat
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from starlette.testclient import TestClient

from opentier.api.http.rates import REPLIES, Rates
from opentier.api.service import create_app
from opentier.graph import Graph
from opentier.graph.access import replies
from opentier.graph.access.replies import ACCEPTED, PENDING, REFUSED, Reply
from opentier.graph.contribution.submission import Options
from opentier.graph.errors import StoreBusy, UsageError, WorkBusy
from opentier.graph.triples.engine import Rows
from tests.broken import write
from tests.conftest import copied

if TYPE_CHECKING:
    from tests.conftest import Command

TABLES = {
    "actors": [["id", "name", "country"], ["brand", "Brand", "US"], ["gin", "Gin", "CN"]],
    "supply_links": [["buyer", "supplier"], ["brand", "gin"]],
    "designations": [["id", "kind", "authority", "target"], ["d", "entity-listing", "Somebody", "gin"]],
    "incidents": [["id", "status", "facility", "source"], ["i", "alleged", "gin", "A paper"]],
}
LISTING = "https://w3id.org/opentier/id/lists/designation/d"
GIN = "https://w3id.org/opentier/id/lists/gin"
TEXT, CONTACT = "We left this site in 2019.", "counsel@gin.example"
SENT = {"to": LISTING, "party": GIN, "text": TEXT, "contact": CONTACT}
HOST = "http://localhost"


@pytest.fixture
def graph(tmp_path: Path) -> Graph:
    """Return a data directory in which somebody is listed."""

    def make(data: Path) -> None:
        made = Graph.open(data, create=True)
        made.contribute(write(tmp_path / "lists", TABLES, "lists"), Options(match=False))

    return copied(tmp_path, "replies", make)


@pytest.fixture
def client(graph: Graph) -> Iterator[TestClient]:
    with TestClient(create_app(graph), base_url=HOST) as client:
        yield client


def bearing(graph: Graph, role: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {graph.keys.create(role)[1]}"}


def shown(graph: Graph) -> list[dict[str, Any]]:
    """Return the replies under the listing, in a trace."""
    (exposure,) = graph.trace("lists/brand").to_dict()["exposures"]
    found: list[dict[str, Any]] = exposure["designation"]["replies"]
    return found


def send(graph: Graph, **said: str) -> Reply:
    given = {"to": LISTING, "party": GIN, "text": TEXT, "contact": CONTACT, **said}
    return graph.replies().take(
        replies.understood(graph.view(), given.pop("to"), given.pop("party"), **given)
    )


@pytest.mark.parametrize("form", ["json", "data"])
def test_anybody_sends_a_reply_and_nobody_sees_it_before_it_is_accepted(
    graph: Graph, client: TestClient, form: str
) -> None:
    answer = client.post("/responses", **{form: {**SENT, "url": "https://gin.example/answer"}})  # type: ignore[arg-type]
    assert (answer.status_code, answer.json()["state"]) == (202, PENDING)
    id = answer.json()["id"]
    public = ["/trace?actor=lists/brand", "/id/lists/designation/d", "/datasets", "/search?q=gin", "/id/lists/gin",
              "/sparql?query=SELECT+*+{?a+?b+?c}", "/metrics"]  # fmt: skip
    told = " ".join([answer.text, *(client.get(path).text for path in public)])
    for secret in (TEXT, CONTACT, "gin.example/answer", id):
        assert secret not in told.replace(answer.text, "")
    assert shown(graph) == []
    graph.replies().accept(id)
    party = {"iri": GIN, "id": "lists/gin", "name": "Gin", "country": "CN"}
    day, url = graph.replies().kept.all()[0].date, "https://gin.example/answer"
    assert shown(graph) == [{"party": party, "date": day, "text": TEXT, "url": url}]
    told = " ".join(client.get(path).text for path in public)
    assert TEXT in told
    assert CONTACT not in told
    (record,) = re.findall(r"/id/(replies/response/[^\"]+)", client.get("/id/lists/designation/d").text)
    assert TEXT in client.get(f"/id/{record}").text


def test_nobody_puts_a_reply_under_the_listing_of_somebody_else(graph: Graph, tmp_path: Path) -> None:
    said = [["to", "party", "date", "text"], [LISTING, GIN, "2020-01-01", "We admit it all"]]
    theirs = {"actors": [["id", "name", "country"], ["other", "Other", "FR"]], "responses": said}
    assert graph.contribute(write(tmp_path / "theirs", theirs, "theirs"), Options(match=False)).new
    assert shown(graph) == []
    own = {**TABLES, "responses": [said[0], ["d", "gin", "2020-01-01", "As the authority prints it"]]}
    graph.contribute(write(tmp_path / "own", own, "lists"), Options(match=False))
    assert [each["text"] for each in shown(graph)] == ["As the authority prints it"]


def test_only_a_curator_reads_what_waits_and_nobody_reads_how_to_reach_who_sent_it(
    graph: Graph, client: TestClient
) -> None:
    kept = send(graph)
    assert client.get("/responses").status_code == 401
    assert client.get("/responses", headers=bearing(graph, "contributor")).status_code == 403
    answer = client.get("/responses", headers=bearing(graph, "curator"))
    assert [each["id"] for each in answer.json()["responses"]] == [kept.id]
    assert TEXT in answer.text
    assert CONTACT not in answer.text


def test_a_decision_is_made_once_and_forgets_how_to_reach_who_sent_it(graph: Graph) -> None:
    one, other = send(graph), send(graph, text="Another answer")
    desk = graph.replies()
    desk.accept(one.id)
    desk.refuse(other.id, "not of the company")
    assert {each.id: (each.state, each.contact) for each in desk.kept.all()} == {
        one.id: (ACCEPTED, ""), other.id: (REFUSED, "")
    }  # fmt: skip
    assert desk.kept.waiting() == []
    assert [each["text"] for each in shown(graph)] == [TEXT]
    for id in (one.id, other.id):
        with pytest.raises(UsageError, match="already"):
            desk.accept(id)
        with pytest.raises(UsageError, match="already"):
            desk.refuse(id, "why")
    assert CONTACT not in "".join(file.read_text("utf-8") for file in graph.store.replies.glob("*.json"))
    lines = [(line.act, line.outcome) for line in graph.audit.lines()][1:]
    assert lines == [
        ("reply", PENDING),
        ("reply", PENDING),
        ("accept-reply", "admitted"),
        ("refuse-reply", "done"),
    ]
    text = graph.audit.file.read_text("utf-8")
    assert not any(secret in text for secret in (TEXT, CONTACT, "not of the company"))


def test_what_waits_is_read_by_the_operator_alone(graph: Graph) -> None:
    kept = send(graph)
    assert stat.S_IMODE(graph.store.replies.stat().st_mode) == 0o700
    assert stat.S_IMODE((graph.store.replies / f"{kept.id}.json").stat().st_mode) == 0o600


def test_an_incident_is_answered_too(graph: Graph) -> None:
    sent = send(graph, to="lists/incident/i", party="lists/gin")
    assert (sent.to, sent.party) == (f"{GIN.removesuffix('gin')}incident/i", GIN)
    graph.replies().accept(sent.id)
    said = graph.query(f"SELECT ?text {{ ?reply ot:respondsTo <{sent.to}> ; ot:responseText ?text }}")
    assert isinstance(said, Rows)
    assert TEXT in str(list(said))


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"to": "lists/designation/none"}, "no listing"),
    ({"to": GIN}, "no listing"),
    ({"to": "<script>"}, "to"),
    ({"party": "nobody at all"}, "nobody at all"),
    ({"party": "lists/designation/d"}, "lists/designation/d"),
    ({"text": ""}, "text"),
    ({"text": "x" * 5001}, "5,001"),
    ({"text": "Read <a href='x'>this</a>"}, "HTML"),
    ({"text": "a\x07b"}, "control"),
    ({"url": "javascript:alert(1)"}, "url"),
    ({"url": "https://a b.example/"}, "url"),
    ({"url": "https://["}, "url"),
    ({"url": "https://me:pw@a.example/"}, "url"),
    ({"url": 'https://a.example/"onload="x'}, "url"),
    ({"date": "2100-12-31"}, "to come"),
    ({"date": "yesterday"}, "date"),
    ({"contact": "x" * 301}, "contact"),
    ({"texts": "x"}, "texts"),
    ({"text": ["x"]}, "text"),
]


@pytest.mark.parametrize(("said", "word"), WRONG)
def test_a_reply_that_makes_no_sense_is_refused_in_words(
    said: dict[str, Any], word: str, admitting: TestClient
) -> None:
    answer = admitting.post("/responses", json={**SENT, **said})
    assert answer.status_code in (400, 404)
    assert word in answer.json()["detail"]


@pytest.fixture(scope="module")
def admitting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """Yield a client of a service that is sent nothing but nonsense."""
    folder = tmp_path_factory.mktemp("nonsense")
    graph = Graph.open(folder / "data", create=True)
    graph.contribute(write(folder / "lists", TABLES, "lists"), Options(match=False))
    with TestClient(create_app(graph), base_url=HOST) as client:
        yield client
    assert graph.replies().kept.all() == []


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b"[]", "application/json", 400),
        (b'"x"', "application/json", 400),
        (b"[" * 50_000, "application/json", 400),
        (b"\xff", "application/json", 400),
        (b"to=%ff", "application/x-www-form-urlencoded", 400),
        (b"text=a&text=b&to=x&party=y", "application/x-www-form-urlencoded", 400),
        (b"to=x", "application/x-www-form-urlencoded", 400),
        (b"to=x", "text/plain", 415),
        (b"", "", 415),
        (b"x" * 70_000, "application/json", 413),
    ],
)
def test_what_is_no_reply_is_refused_in_words(
    admitting: TestClient, body: bytes, kind: str, status: int
) -> None:
    answer = admitting.post("/responses", content=body, headers={"Content-Type": kind} if kind else {})
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


def test_what_is_not_public_cannot_be_answered_by_who_does_not_see_it(
    graph: Graph, client: TestClient
) -> None:
    hidden = client.post("/responses", json={**SENT, "to": "lists/designation/none"})
    graph.show("lists", "restricted")
    told = client.post("/responses", json={**SENT, "to": "lists/designation/d"})
    assert told.status_code == hidden.status_code == 400
    assert told.json()["detail"] == hidden.json()["detail"].replace("/none", "/d")
    sent = send(graph)
    graph.replies().accept(sent.id)
    assert [each["text"] for each in shown(graph)] == [TEXT]
    assert graph.view().current("replies-closed").visibility != "public"
    assert "replies" not in client.get("/datasets").text


def test_the_page_of_another_site_sends_no_reply_at_the_owners_machine(graph: Graph) -> None:
    with TestClient(create_app(graph, local=True), base_url=HOST) as client:
        told = client.post("/responses", data=SENT, headers={"Origin": "https://example.org"})
        assert told.status_code == 403
        assert client.post("/responses", data=SENT, headers={"Origin": HOST}).status_code == 202
    assert len(graph.replies().kept.waiting()) == 1


def test_replies_that_wait_do_not_grow_without_end(graph: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replies, "MOST", 2)
    first, _ = send(graph), send(graph)
    told = graph.audit.end()
    with pytest.raises(WorkBusy):
        send(graph)
    assert graph.audit.end() == told  # which anybody could fill
    graph.replies().refuse(first.id, "read")
    send(graph)


def test_one_stranger_takes_not_all_the_places_of_replies(graph: Graph) -> None:
    """What is no reply counts, too: it is counted before anybody looks at it."""
    rates = Rates.of(1000, 100_000)
    with TestClient(create_app(graph, rates=rates), base_url=HOST) as client:
        told = [client.post("/responses", json={}).status_code for _ in range(REPLIES)]
        assert set(told) == {400}
        more = client.post("/responses", json=SENT)
        assert (more.status_code, int(more.headers["retry-after"]) > 60) == (429, True)
        assert client.get("/trace?actor=lists/brand").status_code == 200
        assert client.post("/responses", json=SENT, headers=bearing(graph, "reader")).status_code == 202


def test_no_reply_takes_the_place_of_another(graph: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    first = send(graph)
    assert len(first.id) == 16
    monkeypatch.setattr(secrets, "token_hex", lambda many: first.id)
    with pytest.raises(StoreBusy):
        send(graph, text="Another answer")
    assert graph.replies().kept.waiting() == [first]


def test_replies_that_are_accepted_at_once_are_all_there(graph: Graph) -> None:
    sent = [send(graph, text=f"Answer {number}") for number in range(3)]
    working = [
        threading.Thread(target=Graph.open(graph.store.path).replies().accept, args=(each.id,))
        for each in sent
    ]
    for each in working:
        each.start()
    for each in working:
        each.join(120)
    assert sorted(each["text"] for each in shown(graph)) == [f"Answer {number}" for number in range(3)]


def test_a_backup_has_the_replies_that_wait(graph: Graph, tmp_path: Path) -> None:
    kept = send(graph)
    graph.backup(tmp_path / "backup.tar")
    found = Graph.restore(tmp_path / "backup.tar", tmp_path / "restored")
    assert found.replies().kept.waiting() == [kept]


def test_replies_are_made_listed_accepted_and_refused_by_command(graph: Graph, call: Command) -> None:
    data = ["--data", str(graph.store.path)]
    made = call("reply", LISTING, "--party", "lists/gin", "--text", "Ours", "--date", "2020-02-02", *data)
    assert (made.code, made.out) == (0, "")
    assert [(each["text"], each["date"]) for each in shown(graph)] == [("Ours", "2020-02-02")]
    one, other = send(graph, text="One"), send(graph, text="Other")
    listed = json.loads(call("reply", "list", "--format", "json", *data).out)
    assert [(each["id"], each["contact"]) for each in listed] == [(one.id, CONTACT), (other.id, CONTACT)]
    accepted = call("reply", "accept", one.id, *data)
    assert (accepted.code, CONTACT in accepted.err) == (0, True)
    assert call("reply", "refuse", other.id, *data).code == 2
    refused = call("reply", "refuse", other.id, "--reason", "not of the company", *data)
    assert (refused.code, CONTACT in refused.err) == (0, True)
    assert [each["text"] for each in shown(graph)] == ["Ours", "One"]
    assert call("reply", "list", *data).out.count("\n") == 2
    assert "refused" in call("reply", "list", "--all", *data).out
    for words in (["reply", "accept", "nothing"], ["reply", "lists/none", "--party", GIN, "--text", "x"],
                  ["reply", "accept", "../keys"]):  # fmt: skip
        assert call(*words, *data).code == 2
