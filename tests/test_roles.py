"""Five roles over everything: what each operation of the service tells, and does for, whoever asks.

One real service with keys, over the twin with a restricted and an embargoed dataset. Every operation of its description
is asked by all five, in every form; what a key may not see is in no answer, and what it sees of a part is what it would
see where nothing else had ever come.
"""

from __future__ import annotations

import io
import json
import re
import shutil
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest
from starlette.testclient import TestClient

from opentier.api.service import create_app
from opentier.graph import Graph
from opentier.graph.contribution.submission import Options
from opentier.graph.store import lock
from tests.conftest import PATIENCE, serving
from tests.processes import wait_until
from tests.test_access import HOST, bearing
from tests.test_requests import asked, described
from tests.test_uploads import ended, refused, send
from tests.test_visibility_served import ADDRESSES, HELD, lines
from tests.twins import BEFORE, EMBARGOED, END, QUERIES, RESTRICTED, WORD, make, package, timeless

#: Who asks: the role of each key, and what it is made with. `other` is a reader who names another dataset.
KEYS: dict[str, tuple[str, dict[str, list[str]]]] = {
    "reader": ("reader", {"datasets": [RESTRICTED]}),
    "contributor": ("contributor", {"datasets": ["example-first"], "own": [EMBARGOED]}),
    "curator": ("curator", {}),
    "admin": ("admin", {}),
    "other": ("contributor", {"datasets": ["example-first"]}),
}
ROLES = ("public", "reader", "contributor", "curator", "admin")
#: The marks of the closed datasets that each sees.
SEES = {"public": "", "other": "", "reader": "r", "contributor": "e", "curator": "re", "admin": "re"}
#: What takes long to draw is asked by the public and by one who sees a part.
DRAWN = ("application/pdf", "image/png")
#: The least role that each act takes, and each reading that is not for all.
TAKES = {
    ("get", "/audit"): "admin",
    ("get", "/responses"): "curator",
    ("post", "/judgements"): "curator",
    ("delete", "/judgements/{id}"): "curator",
    ("post", "/contributions"): "contributor",
    ("get", "/screenings"): "contributor",
    ("get", "/screenings.csv"): "contributor",
    ("get", "/screenings/{id}"): "contributor",
    ("post", "/screenings/{id}/again"): "contributor",
    ("post", "/datasets/{dataset}/{version}/withdraw"): "curator",
    ("post", "/datasets/{dataset}/{version}/restore"): "curator",
    ("get", "/screenings/{id}/diff/{other}"): "contributor",
}
#: What is asked of one's own, in tests of their own, by everybody.
JOBS = {
    ("post", "/validate"), ("post", "/columns"), ("post", "/match"), ("post", "/screen"), ("get", "/jobs"),
    ("get", "/jobs/{id}"), ("delete", "/jobs/{id}"), ("get", "/contributions/{id}"), ("get", "/jobs/{id}/result"),
    ("get", "/jobs/{id}/result.{form}"), ("post", "/responses"), ("post", "/affected"),
}  # fmt: skip
#: Questions that are sent.
SENT: dict[str, list[dict[str, Any]]] = {
    "/sparql": [{"data": {"query": text}} for text in (*QUERIES[:4], QUERIES[6])],
    "/reconcile": [
        {"data": {"queries": json.dumps({"q0": {"query": "Aurora Apparel Imports (invented)"}})}},
        {"data": {"extend": json.dumps({"ids": ["example/aurora", HELD], "properties": [{"id": "name"}]})}},
    ],
    "/reconcile/match": [{"json": {"queries": [{"conditions": [
        {"matchType": "name", "propertyValue": "Aurora Apparel Imports (invented)"}]}]}}],
    "/reconcile/extend": [{"json": {"ids": ["example/aurora", HELD], "properties": [{"id": "name"}]}}],
}  # fmt: skip
#: Where a closed dataset shows itself to whoever sees it.
SHOWN = (
    "/datasets", "/catalog", "/.well-known/void", "/search?q=aurora", "/judgements", "/exposure",
    "/rdf-graph-store?default", "/sitemap/1.xml", "/id/example/aurora.ttl", "/reconcile/suggest/entity?prefix=quo",
    *(f"/trace?actor=example/borealis&format={form}" for form in ("json", "html", "xlsx")),
    "/dossier?actor=example/aurora&law=us-uflpa-2021&format=xlsx", "/nearest?actor=example/borealis",
)  # fmt: skip


@dataclass(frozen=True)
class Served:
    """The service, its data directory, and who asks it."""

    data: Path
    graph: Graph
    clients: dict[str, httpx2.Client]

    def key(self, role: str, **said: Any) -> tuple[str, httpx2.Client]:
        """Return the id of a new key, and a client that sends it."""
        kept, key = self.graph.keys.create(role, **said)
        client = httpx2.Client(
            base_url=self.clients["public"].base_url, timeout=PATIENCE, headers=bearing(key)
        )
        self.clients[kept.id] = client
        return kept.id, client


@pytest.fixture(scope="module")
def served(admitted: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    twin = make(tmp_path_factory.getbasetemp(), admitted, closed=True)
    data = shutil.copytree(twin.store.path, tmp_path_factory.mktemp("roles") / "data")
    graph = Graph.open(data)
    keys = {name: graph.keys.create(role, **said)[1] for name, (role, said) in KEYS.items()}  # type: ignore[arg-type]
    with serving(data, data.parent / "log", "--rate", "0") as started:
        clients = {
            name: httpx2.Client(base_url=started.url, timeout=PATIENCE, headers=bearing(key))
            for name, key in keys.items()
        }
        clients["public"] = httpx2.Client(base_url=started.url, timeout=PATIENCE)
        try:
            yield Served(data, graph, clients)
        finally:
            for client in clients.values():
                client.close()
        assert "Traceback" not in (data.parent / "log").read_text("utf-8")


def operations() -> set[tuple[str, str]]:
    """Return the operations of the service, each by its method and path."""
    return {(method, path) for path, said in described().items() for method in said}


def reading() -> list[tuple[str, str]]:
    """Return the addresses of all routes that read for everybody, each with a form that is accepted."""
    found = []
    for method, path in sorted(operations()):
        if method == "get" and (method, path) not in TAKES | dict.fromkeys(JOBS):
            said = described()[path]["get"].get("responses", {}).get("200", {})
            found += [(asked(path), kind) for kind in said.get("content", {"*/*": {}})]
    return [*found, *((each, "*/*") for each in (*ADDRESSES, *SHOWN, *earlier()))]


def earlier() -> list[str]:
    """Return addresses that ask another day and another release."""
    said = ("/trace?actor=example/borealis&x", "/datasets?x", "/sparql?query=SELECT*%7B%3Fs%20%3Fp%20%3Fo%7D&x",
            "/search?q=aurora&x", "/exposure?x", "/judgements?x",
            "/without?actor=example/aurora&drop=example/supply-link/sl-001&x")  # fmt: skip
    return [
        *(f"{each[:-1]}as_known=2098-01-01" for each in said if "/search" not in each),
        *(f"{each[:-1]}release=RELEASE" for each in said),
    ]


def told(answer: Any) -> str:
    """Return all that an answer says, in its headers and in its body, that of files in it, too."""
    head = "\n".join(f"{name}: {value}" for name, value in answer.headers.items())
    body = answer.content
    if body[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(body)) as packed:
            body = b"\n".join(name.encode() + packed.read(name) for name in packed.namelist())
    return f"{head}\n{body.decode('utf-8', 'replace')}".lower()


def leaked(role: str, text: str, where: str = "") -> list[str]:
    """Return what a text says of closed datasets that whoever asks may not see; not what he said himself."""
    if WORD in where:
        for own in (HELD, RESTRICTED, EMBARGOED):
            text = text.replace(own, "") if own in where else text
    elif not SEES[role] and WORD in text:
        return [text[max(0, text.index(WORD) - 80) : text.index(WORD) + 80]]
    marks = "".join(mark for mark in "re" if mark not in SEES[role])
    return [
        text[max(0, found.start() - 60) : found.end() + 60]
        for found in re.finditer(rf"{WORD}(?:-|\s|%20|\+|_)[{marks or '0'}]\b", text)
    ]


def test_every_operation_is_asked() -> None:
    walked = {("get", path) for path in described() if "get" in described()[path]}
    assert {*walked, *TAKES, *JOBS, *(("post", path) for path in SENT)} == operations()


@pytest.mark.parametrize("role", ROLES)
def test_no_answer_tells_what_its_reader_may_not_see(served: Served, role: str) -> None:
    client, found, shown = served.clients[role], list[object](), dict[str, str]()
    before = str(int(served.graph.store.published()[-1]) - 1)
    for where, kind in reading():
        if kind in DRAWN and role not in ("public", "contributor"):
            continue
        where = where.replace("RELEASE", before)
        answer = client.get(where, headers={"accept": kind})
        text = told(answer)
        if leaks := leaked(role, text, where):
            found.append((where, kind, leaks[0]))
        assert answer.status_code < 500 or kind in DRAWN, (where, text)
        if "release=" in where and "opentier-release" in answer.headers:
            assert int(answer.headers["opentier-release"]) == int(before), where
        shown[where] = text
    for path, bodies in SENT.items():
        for body in bodies:
            answer = client.post(path, **body)
            assert answer.status_code == 200, (path, answer.text)
            found += [(path, body, each) for each in leaked(role, told(answer), json.dumps(body))]
    assert found == []
    silent = [
        (where, mark) for where in SHOWN for mark in SEES[role]
        if not re.search(rf"{WORD}(-|\s|%20){mark}\b", shown[where])
    ]  # fmt: skip
    assert silent == []


#: What a part of the closed datasets makes of counts, verdicts, pictures and lists.
COUNTED = (
    "/datasets", "/exposure?format=json", "/search?q=aurora", "/judgements", "/initiatives/gaps", "/sitemap/1.xml",
    "/trace?actor=example/borealis", "/trace?actor=example/borealis&format=svg",
    "/trace?actor=example/aurora&format=csv", "/nearest?actor=example/borealis",
    "/shared?a=example/aurora&b=example/borealis", "/obligations?actor=example/aurora",
    "/dossier?actor=example/aurora&law=us-uflpa-2021", "/id/example/aurora.nt",
    "/rdf-graph-store?default&format=ntriples", "/without?actor=example/aurora&drop=example/supply-link/sl-001",
    "/questions/3?format=csv", f"/sparql?query={QUERIES[1]}", "/trace?actor=example/aurora&as_known=2098-01-01",
    "/reconcile/suggest/entity?prefix=aur", f"/search?q={WORD}",
)  # fmt: skip


#: How many rows of a dataset were warned of is said as whoever contributed it saw it.
REPORTED = r'"accepted":\d+,"warned":\d+|<[^>]*(?:accepted|warned)Rows> "\d+"'


@pytest.mark.parametrize(("role", "dataset"), [("reader", RESTRICTED), ("contributor", EMBARGOED)])
def test_who_sees_a_part_is_answered_as_if_the_rest_had_never_come(
    served: Served, role: str, dataset: str, admitted: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    twin = make(tmp_path_factory.getbasetemp(), admitted, closed=True, only=dataset)
    data = shutil.copytree(twin.store.path, tmp_path_factory.mktemp("part") / "data")
    graph = Graph.open(data)
    kind, said = KEYS[role]
    _, key = graph.keys.create(kind, **said)  # type: ignore[arg-type]

    def plain(answer: Any, store: Graph) -> list[str]:
        text = re.sub(r"http://(localhost|127\.0\.0\.1)(:\d+)?/", "http://here/", timeless(answer.text))
        text = re.sub(REPORTED, "REPORTED", text)
        return lines(f"{answer.status_code}\n{text.replace(str(store.store.current), 'RELEASE')}")

    with TestClient(create_app(graph), base_url=HOST) as client:
        other = [
            each for each in COUNTED
            if plain(served.clients[role].get(each), served.graph)
            != plain(client.get(each, headers=bearing(key)), graph)
        ]  # fmt: skip
    assert other == []


def test_no_answer_is_taken_for_that_of_another(served: Served) -> None:
    """What one is told is kept by nobody else, and is no 304 for whoever sees other datasets."""
    for where in ("/trace?actor=example/borealis", "/datasets", "/search?q=aurora", "/judgements"):
        tags = {}
        for role in ROLES:
            answer = served.clients[role].get(where)
            tags[role] = answer.headers.get("etag", "none")
            assert "authorization" in answer.headers["vary"].lower()
            assert ("private" in answer.headers.get("cache-control", "")) == (role != "public"), (role, where)
        for role in ROLES:
            for of, tag in tags.items():
                answer = served.clients[role].get(where, headers={"if-none-match": tag})
                same = tag != "none" and role == of  # a page tells what its reader may do, too
                assert (answer.status_code == 304) == same, (where, role, of)
        assert where != "/trace?actor=example/borealis" or "none" not in tags.values()


def test_a_key_that_opens_nothing_is_refused_by_every_operation(served: Served) -> None:
    kept, revoked = served.graph.keys.create("admin")
    served.graph.keys.revoke(kept.id)
    old, expired = served.graph.keys.create("admin", until="2099-12-31")
    text = served.graph.keys.file.read_text("utf-8")
    served.graph.keys.file.write_text(text.replace("2099-12-31", "2020-12-31"), "utf-8")
    assert served.graph.keys.all()[old.id].state == "expired"
    wrong = f"{revoked[:-4]}AAAA"
    with httpx2.Client(base_url=served.clients["public"].base_url, timeout=PATIENCE) as client:
        for method, path in sorted(operations()):
            for key in (revoked, expired, wrong):
                answer = client.request(method, asked(path), headers=bearing(key))
                assert answer.status_code == 401, (method, path)
                assert WORD not in told(answer)


#: What is asked of one thing, whose name stands for `{}`.
NAMED = (
    "/datasets/{}", "/datasets/{}/1", "/datasets/{}/diff", "/datasets/{}/1/download?format=turtle", "/id/dataset/{}",
    "/id/dataset/{}/1", "/id/dataset/{}/catalogue", "/rdf-graph-store?graph=dataset/{}/1", "/trace?actor={}/x-one",
    "/obligations?actor={}/x-one", "/nearest?actor={}/x-one", "/shared?a=example/aurora&b={}/x-one",
    "/dossier?actor={}/x-one&law=us-uflpa-2021", "/judgements?actor={}/x-one", "/questions/1?actor={}/x-one",
    "/without?actor=example/aurora&drop={}/supply-link/x-1", "/reconcile/preview?id={}/x-one",
    "/reconcile/flyout/entity?id={}/x-one", "/trace?actor=example/aurora&datasets={}", "/exposure?datasets={}",
    "/sparql?query=ASK%7B%7D&default-graph-uri=dataset/{}/1",
)  # fmt: skip


@pytest.mark.parametrize("role", ["public", "reader", "contributor"])
def test_what_one_may_not_see_is_answered_as_what_there_is_not(served: Served, role: str) -> None:
    mark = "r" if "r" not in SEES[role] else "e"
    dataset, nothing = f"example-{WORD}-{mark}", f"example-{WORD}-x"

    def said(where: str, name: str) -> tuple[int, str]:
        answer = served.clients[role].get(where.format(name).replace("/x-", f"/{WORD}-{name[-1]}-"))
        text = re.sub(r"urn:uuid:[0-9a-f-]+", "INSTANCE", answer.text)
        assert not any(name in each for each in re.findall(r"Did you mean [^?]*", text)), where
        text = re.sub(r"Did you mean [^?]*", "", text)  # which is of names that one sees
        return answer.status_code, text.replace(name, "NAME").replace(f"{WORD}-{name[-1]}-", f"{WORD}-M-")

    other = [where for where in NAMED if said(where, dataset) != said(where, nothing)]
    assert other == []


# What each may do.


def test_each_may_what_its_role_may_and_is_told_nothing_where_it_may_not(served: Served) -> None:
    for (method, path), least in TAKES.items():
        for role in ROLES:
            if ROLES.index(role) >= ROLES.index(least):
                continue
            answer = served.clients[role].request(method, asked(path).replace("{id}", "none"))
            assert answer.status_code == (401 if role == "public" else 403), (method, path, role)
            assert WORD not in told(answer)
    for path in ("/audit", "/responses", "/screenings", "/screenings.csv"):
        assert served.clients["admin"].get(path).status_code == 200


def test_a_reply_is_to_what_one_sees(served: Served) -> None:
    def reply(role: str, dataset: str) -> httpx2.Response:
        said = {"to": f"{dataset}/designation/{WORD}-listed", "party": "example/borealis", "text": "No."}
        return served.clients[role].post("/responses", json=said)

    for role in ROLES:
        for dataset in (RESTRICTED, EMBARGOED):
            answer = reply(role, dataset)
            if dataset[-1] in SEES[role]:
                assert answer.status_code == 202, answer.text
            else:
                assert refused(answer, 400) == refused(reply(role, dataset[:-1] + "x"), 400).replace(
                    dataset[:-1] + "x", dataset
                )
    waiting = served.clients["curator"].get("/responses").json()["responses"]
    assert len(waiting) == 6


# Jobs.

LIST = "Vendor,Country\nAurora Apparel Imports (invented),US\nBorealis Trading (invented),US\n"


def zipped(folder: Path, dataset: str, **more: Any) -> bytes:
    """Return a package that says what the closed ones say: the same identifier, links, listings and judgements."""
    tables = {
        "actors": [{"id": "mine", "name": "Aurora Apparel Imports (invented)", "kind": "legal-entity", "country": "US",
                    "identifiers": "lei:EXMP00AURORAEXMP0190"}],
        "supply_links": [
            {"id": "l1", "buyer": "example/borealis", "supplier": "example/whitepeak-silicon",
             "observed_date": "2024-01-01"},
            {"id": "l2", "buyer": "mine", "supplier": "example/kingfisher-knitwear", "product": "610910",
             "observed_date": "2024-01-01"},
        ],
        "designations": [{"id": "d", "kind": "entity-listing", "authority": f"{WORD} authority",
                          "target": "example/borealis", "listing_date": "2021-01-01", "status": "active"}],
        "identity_judgements": [{"left": "example/borealis", "right": "example/kingfisher-knitwear",
                                 "judgement": "negative", "decided_by": "me", "date": "2024-06-03"}],
        **more,
    }  # fmt: skip
    made, packed = package(folder / dataset, dataset, tables), io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for file in sorted(made.iterdir()):
            archive.writestr(zipfile.ZipInfo(file.name), file.read_bytes())
    return packed.getvalue()


def results(client: httpx2.Client, job: dict[str, Any]) -> dict[str, str]:
    """Return all that a job left, by form, and the job itself."""
    found = {"": json.dumps(job).lower()}
    for form, where in job["results"].items():
        answer = client.get(where)
        assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
        found[form] = told(answer)
    return found


def test_no_job_tells_what_whoever_asked_may_not_see(served: Served, tmp_path: Path) -> None:
    sent = zipped(tmp_path, "example-mine")
    reports = set()
    for role in ROLES[:4]:  # an admin sees what a curator sees
        client = served.clients[role]
        for path, said in (
            ("/match", {"all": "true", "format": ["csv", "xlsx", "json"]}),
            ("/screen", {"all": "true", "format": ["csv", "xlsx", "json"]}),
        ):
            job = ended(client, send(client, path, LIST, "list.csv", **said))
            assert job["state"] == "done", job
            found = results(client, job)
            for form, text in found.items():
                assert leaked(role, text) == [], (role, path, form)
            for form in ("csv", "xlsx", "json"):  # whoever sees both sees them as one
                assert bool(re.search(rf"{WORD}-[re]-one", found[form])) == bool(SEES[role]), (role, path)
        closed = ended(client, send(client, "/validate", sent, "mine.zip", visibility="restricted"))
        told_of = "".join(results(client, closed).values())
        assert leaked(role, told_of.replace(f"{WORD} authority", "")) == [], role
        for mark in SEES[role]:
            assert f"example-{WORD}-{mark}, too" in told_of, (role, mark)
        job = ended(client, send(client, "/validate", sent, "mine.zip"))
        reports.add(client.get(job["results"]["json"]).text)
    client = served.clients["public"]
    columns = ended(client, send(client, "/columns", LIST, "list.csv"))
    assert leaked("public", "".join(results(client, columns).values())) == []
    (report,) = reports  # a public dataset is held against public ones, whoever sends it
    assert WORD not in report.replace(f"{WORD} authority", "")


def test_a_job_and_a_record_are_of_the_key_that_asked(served: Served) -> None:
    mine, other, curator = (served.clients[name] for name in ("contributor", "other", "curator"))
    _, peer = served.key("contributor", own=[EMBARGOED], datasets=["example-first"])  # sees the same
    job = ended(mine, send(mine, "/screen", LIST, "list.csv", save="of-mine"))
    place = f"/jobs/{job['id']}"
    again = ended(mine, mine.post("/screenings/of-mine/again", params={"save": "of-mine-2"}))
    assert again["state"] == "done", again
    assert ended(curator, curator.post("/screenings/of-mine/again", params={"save": f"{WORD}-theirs"}))
    ways = [
        ("GET", place), ("GET", f"{place}/result"), ("GET", f"{place}/result.csv"), ("DELETE", place),
        ("GET", f"/contributions/{job['id']}"), ("GET", "/screenings/of-mine"), ("POST", "/screenings/of-mine/again"),
        ("GET", "/screenings/of-mine/diff/of-mine-2"),
    ]  # fmt: skip
    for asks in (other, peer):
        for method, where in ways:
            answer = refused(asks.request(method, where), 404)
            nothing = where.replace(job["id"], "none").replace("of-mine-2", "none").replace("of-mine", "none")
            known = answer.replace(job["id"], "none").replace("of-mine", "none")
            assert known == refused(asks.request(method, nothing), 404), where
        for where in ("/jobs", "/screenings", "/screenings.csv"):
            assert "of-mine" not in asks.get(where).text
            assert job["id"] not in asks.get(where).text
            assert WORD not in asks.get(where).text
    for where in ("/jobs", "/screenings", "/screenings.csv"):
        assert f"{WORD}-theirs" not in mine.get(where).text
        assert "of-mine" in curator.get(where).text
    kept = {each["id"]: each for each in mine.get("/screenings").json()}
    assert set(kept) == {"of-mine", "of-mine-2"}
    refused(mine.get(f"/screenings/{WORD}-theirs"), 404)
    assert mine.get("/screenings/of-mine/diff/of-mine-2").status_code == 200
    assert mine.delete(place).status_code == 204


def test_what_a_key_sent_that_is_revoked_while_it_waits_is_not_done(served: Served) -> None:
    id, leaver = served.key("contributor")
    curator = served.clients["curator"]
    with lock.held(served.data / "lock", PATIENCE):  # two contributions wait for it, and all others for them
        rows = "id,name,country\nm1,Amber Hollow Mill,IN\n"
        said = {"licence": "CC0-1.0", "match": "false"}
        before = [send(curator, "/contributions", rows, dataset=f"blocks-{n}", **said) for n in (1, 2)]

        def stored() -> bool:
            progress = [curator.get(each.headers["location"]).json()["progress"] for each in before]
            return all(each and each["stage"] == "validating" for each in progress)

        wait_until(stored)
        sent = [
            send(leaver, "/screen", LIST, "list.csv", save="of-leaver"), send(leaver, "/match", LIST, "list.csv"),
            send(leaver, "/contributions", rows, dataset="of-leaver", **said),
        ]  # fmt: skip
        assert [each.json()["state"] for each in sent] == ["waiting"] * 3
        served.graph.keys.revoke(id)
    assert leaver.get(sent[0].headers["location"]).status_code == 401
    for each in (*before, *sent):
        job = ended(curator, each)
        if each in sent:
            assert (job["state"], job["results"]) == ("failed", {})
            assert "opens nothing any more" in job["error"]
        else:
            assert job["state"] == "done", job
    assert "of-leaver" not in curator.get("/screenings").text
    assert curator.get("/datasets/of-leaver").status_code == 404


# What changes the data comes last.


def test_what_a_contribution_comes_to_is_told_as_far_as_its_key_sees(
    served: Served, admitted: Path, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Its report and its matches are those of a directory to which the rest had never come."""
    sent, client = zipped(tmp_path, "example-mine"), served.clients["contributor"]
    job = ended(client, send(client, "/contributions", sent, "mine.zip", match="true"))
    assert job["state"] == "done", job
    assert (
        leaked("contributor", "".join(results(client, job).values()).replace(f"{WORD} authority", "")) == []
    )
    twin = make(tmp_path_factory.getbasetemp(), admitted, closed=True, only=EMBARGOED)
    graph = Graph.open(shutil.copytree(twin.store.path, tmp_path / "data"))
    kept, _ = graph.keys.create("contributor", own=[EMBARGOED], datasets=["example-first"])
    (tmp_path / "mine.zip").write_bytes(sent)
    made = graph.acting(kept.id).contribute(tmp_path / "mine.zip", Options(match=True))
    assert made.matched is not None
    assert job["outcome"]["likely_one"] == made.matched.pairs
    assert job["outcome"]["summary"] == made.report.summary()


def test_the_report_on_what_is_current_already_is_not_that_of_one_who_saw_more(
    served: Served, tmp_path: Path
) -> None:
    sent, curator = zipped(tmp_path, "example-shared"), served.clients["curator"]
    first = ended(
        curator, send(curator, "/contributions", sent, "a.zip", visibility="restricted", match="false")
    )
    assert f"example-{WORD}-r, too" in "".join(results(curator, first).values())
    _, client = served.key("contributor", own=["example-shared"], datasets=["example-first"])
    again = ended(client, send(client, "/contributions", sent, "a.zip", match="false"))
    assert (again["state"], again["outcome"]["new"]) == ("done", False)
    assert leaked("other", "".join(results(client, again).values()).replace(f"{WORD} authority", "")) == []


def test_a_name_that_is_taken_is_all_that_one_learns_of_a_dataset(served: Served, tmp_path: Path) -> None:
    sent, client = zipped(tmp_path, RESTRICTED), served.clients["contributor"]
    job = ended(client, send(client, "/contributions", sent, "a.zip"))
    assert (job["state"], job["results"]) == ("failed", {})
    assert job["error"] == f"The name {RESTRICTED} is taken, and its dataset is not yours. Give another name."
    shown = ended(client, send(client, "/validate", sent, "a.zip"))
    text = "".join(results(client, shown).values()).replace(f"{WORD} authority", "")
    assert leaked("contributor", text, RESTRICTED) == []


def test_a_judgement_is_made_and_taken_back_by_those_who_see_all(served: Served) -> None:
    said = {
        "left": "example/aurora",
        "right": f"{EMBARGOED}/{WORD}-e-two",
        "judgement": "negative",
        "reason": WORD,
    }
    made = served.clients["curator"].post("/judgements", json=said)
    assert made.status_code == 201, made.text
    (id,) = {each["id"].rpartition("/")[2] for each in served.clients["admin"].get("/judgements").json()["judgements"]
             if each.get("reason") == WORD and each["decided_by"] == served.graph.keys.find(
                 served.clients["curator"].headers["authorization"].split()[1]).id}  # type: ignore[union-attr]  # fmt: skip
    for role in ("public", "reader", "contributor"):
        text = served.clients[role].get("/judgements").text
        assert id not in text
        assert leaked(role, text) == []
    undone = served.clients["curator"].delete(f"/judgements/{id}", params={"reason": "a test"})
    assert undone.status_code == 200, undone.text


def test_an_embargo_ends_at_midnight_under_a_running_service(
    admitted: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    twin = make(tmp_path_factory.getbasetemp(), admitted, closed=True, only=EMBARGOED)
    graph = Graph.open(shutil.copytree(twin.store.path, tmp_path_factory.mktemp("midnight") / "data"))
    _, key = graph.keys.create("reader", datasets=["example-first"])
    graph.store.today = lambda: BEFORE
    graph.views.tending = graph.acts().renew  # as the command has it that serves
    asked = ("/trace?actor=example/borealis", "/datasets", "/search?q=quokka", "/exposure")
    with TestClient(create_app(graph), base_url=HOST) as client:
        tags = {}
        for headers in ({}, bearing(key)):
            for where in asked:
                answer = client.get(where, headers=headers)
                tags[where] = answer.headers.get("etag", "none")
                assert f"{WORD}-e" not in answer.text, where
        graph.store.today = lambda: END
        for headers in ({}, bearing(key)):
            for where in asked:
                answer = client.get(where, headers={**headers, "if-none-match": tags[where]})
                assert answer.status_code == 200, where
                assert f"{WORD}-e" in answer.text, where
        wait_until(lambda: EMBARGOED not in graph.store.release().held)
    for thread in threading.enumerate():  # one that still works when the process ends may bring it down
        if thread.name == "opentier-tend":
            thread.join(PATIENCE)
