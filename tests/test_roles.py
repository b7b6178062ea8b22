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
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest

from opentier.graph import Graph
from tests.conftest import PATIENCE, serving
from tests.test_access import bearing
from tests.test_requests import asked, described
from tests.test_visibility_served import ADDRESSES, HELD
from tests.twins import EMBARGOED, QUERIES, RESTRICTED, WORD, make

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
    ("get", "/screenings/{id}/diff/{other}"): "contributor",
}
#: What is asked of one's own, in tests of their own, by everybody.
JOBS = {
    ("post", "/validate"), ("post", "/columns"), ("post", "/match"), ("post", "/screen"), ("get", "/jobs"),
    ("get", "/jobs/{id}"), ("delete", "/jobs/{id}"), ("get", "/contributions/{id}"), ("get", "/jobs/{id}/result"),
    ("get", "/jobs/{id}/result.{form}"), ("post", "/responses"),
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
    *(f"/trace?actor=example/borealis&format={form}" for form in ("json", "csv", "html", "xlsx", "svg")),
    "/dossier?actor=example/aurora&law=us-uflpa-2021&format=xlsx", "/nearest?actor=example/borealis",
    "/questions/3?format=csv",
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
            "/search?q=aurora&x", "/exposure?x", "/judgements?x")  # fmt: skip
    return [
        *(each.replace("x", "as_known=2098-01-01", 1) for each in said if "/search" not in each),
        *(each.rpartition("x")[0] + "release=RELEASE" for each in said),
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
