"""Visibility over HTTP: every route tells everybody as much as he may see, and the public nothing of what is closed.

The same twins as in `test_visibility` are served, and every route that reads is walked.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from opentier.api.service import create_app
from opentier.graph import Graph
from opentier.graph.access.keys import ROLES
from tests.elsewhere import EARLIER, here_only
from tests.test_access import HOST, bearing
from tests.test_requests import PATHS, asked, described
from tests.twins import EMBARGOED, QUERIES, RESTRICTED, WORD, alike, make, timeless

BASE = "https://w3id.org/opentier/id/"
#: The ids of what a closed dataset has, and of what no dataset has, which only differ by a word of the same length.
HELD, NONE = f"{RESTRICTED}/{WORD}-r-one", f"{RESTRICTED}/{WORD[::-1]}-r-one"
LOOKED_FOR = json.dumps({"q0": {"query": "Aurora Apparel Imports (invented)"}, "q1": {"query": WORD}})
#: What a role sees of the closed datasets, where its key names the restricted one; others see all.
SEES = {"public": set[str](), "reader": {RESTRICTED}, "contributor": {RESTRICTED}}
#: What is asked beside each route as it is: where the closed datasets say something.
ADDRESSES = (
    *(f"/sparql?query={quote(text)}" for text in QUERIES),
    *(f"/sparql?format={form}&query={quote(QUERIES[3])}" for form in ("json", "xml", "csv", "tsv")),
    *(f"/id/example/aurora{end}" for end in (".ttl", ".jsonld", ".nt", ".rdf")),
    *(f"/id/{path}" for path in (HELD, f"dataset/{RESTRICTED}", f"dataset/{RESTRICTED}/1", "derived/closed")),
    *(f"/trace?actor=example/{who}{more}" for who in ("aurora", "borealis", "kingfisher-knitwear")
      for more in ("", "&format=csv", "&format=svg", "&downstream=true", "&group=designation", "&as_known=2098-01-01")),
    f"/trace?actor={HELD}",
    "/trace?actor=lei:EXMP00AURORAEXMP0190",
    *(f"/exposure?format={form}" for form in ("json", "csv")),
    f"/obligations?actor={HELD}",
    *(f"/search?q={text}" for text in (WORD, "aurora", f"{WORD} r", "Spinning")),
    *(f"/datasets/{name}{more}" for name in (RESTRICTED, EMBARGOED, "matches-closed", "example", "matches")
      for more in ("", "/diff")),
    f"/reconcile?queries={quote(LOOKED_FOR)}",
    f"/reconcile/preview?id={HELD}",
    f"/reconcile/suggest/entity?prefix={WORD}",
    f"/reconcile/flyout/entity?id={HELD}",
)  # fmt: skip


class Served:
    """A service over one of the twins, and a key of each role."""

    def __init__(self, graph: Graph, client: TestClient, keys: dict[str, str]) -> None:
        self.graph, self.client, self.keys = graph, client, keys

    def get(self, address: str, role: str = "public", **headers: str) -> tuple[int, str]:
        """Return the status of an answer, and its text without the release and times."""
        more = {} if role == "public" else bearing(self.keys[role])
        answer = self.client.get(address, headers={**more, **headers}, follow_redirects=False)
        text = timeless(answer.text).replace(str(self.graph.store.current), "RELEASE")
        text = re.sub(r"urn:uuid:[0-9a-f-]+", "INSTANCE", text)  # of a problem, by which the log knows it
        return answer.status_code, text


def served(folder: Path, base: Path, admitted: Path, *, closed: bool) -> Iterator[Served]:
    """Yield a service over a copy of one of the twins, since keys are kept in the directory."""
    data = shutil.copytree(make(base, admitted, closed=closed).store.path, folder / "data")
    graph = Graph.open(data)
    keys: dict[str, str] = {}
    for role in ROLES if closed else ():
        keys[role] = graph.keys.create(role, datasets=[RESTRICTED])[1]
    with TestClient(create_app(graph), base_url=HOST) as client:
        yield Served(graph, client, keys)


@pytest.fixture(scope="module")
def full(admitted: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    yield from served(tmp_path_factory.mktemp("full"), tmp_path_factory.getbasetemp(), admitted, closed=True)


@pytest.fixture(scope="module")
def bare(admitted: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    yield from served(tmp_path_factory.mktemp("bare"), tmp_path_factory.getbasetemp(), admitted, closed=False)


def reading() -> list[str]:
    """Return the addresses of all routes that read; what runs the service tells no data of it."""
    routes = [path for path in PATHS if "get" in described()[path] and path not in ("/ready", "/metrics")]
    return [*map(asked, routes), *ADDRESSES]


def lines(text: str) -> list[str]:
    """Return the lines of an answer in order: the engine gives rows in any, and nodes without a name any label."""
    return alike(text.replace("},{", "}\n{").splitlines())


def test_every_route_answers_the_public_as_if_what_is_closed_had_never_come(
    full: Served, bare: Served
) -> None:
    told = []
    for address in reading():
        (status, text), (same, known) = full.get(address), bare.get(address)
        if (status, lines(text)) != (same, lines(known)):
            told.append(address)
        assert status < 500, (address, text)
    assert told == []


def test_no_route_says_to_the_public_what_it_was_not_asked(full: Served) -> None:
    for address in reading():
        if WORD not in address:
            assert WORD not in full.get(address)[1].lower(), address
    assert WORD not in full.client.get("/metrics").text


@pytest.mark.parametrize("role", ["public", *ROLES])
def test_each_role_sees_what_it_may(full: Served, role: str) -> None:
    """The keys name the restricted dataset; the embargoed one is for those who see all, and for who contributed it."""
    sees = SEES.get(role, {RESTRICTED, EMBARGOED})
    listed = json.loads(full.get("/datasets", role)[1])["datasets"]
    assert {each["dataset"] for each in listed if WORD in each["dataset"]} == sees
    for dataset in (RESTRICTED, EMBARGOED):
        mark, seen = dataset[-1], dataset in sees
        for address in (
            f"/datasets/{dataset}",
            f"/id/{dataset}/{WORD}-{mark}-one",
            f"/trace?actor={dataset}/{WORD}-{mark}-two",
            f"/obligations?actor={dataset}/{WORD}-{mark}-two",
        ):
            assert (full.get(address, role)[0] == 200) == seen, (role, address)
        said = f"{dataset}/{WORD}-{mark}-two"
        for address in (
            f"/sparql?query={quote(QUERIES[0])}",
            f"/sparql?query={quote(QUERIES[2])}",
            "/trace?actor=example/aurora",
            "/trace?actor=example/aurora&as_known=2098-01-01",
            "/exposure?format=csv",
            f"/search?q={WORD}",
        ):
            assert (said in full.get(address, role)[1]) == seen, (role, address)


def test_what_one_may_not_see_is_what_there_is_not(full: Served) -> None:
    """Byte for byte, but for the name that was asked for."""
    for role in ("public", "reader"):
        for address in (
            "/datasets/{}",
            "/id/{}/some",
            "/trace?actor={}/quokka-e-one",
            "/obligations?actor={}/quokka-e-one",
            "/sparql?query=ASK%7B%7D&default-graph-uri={}",
        ):
            other = f"{EMBARGOED[:-1]}x"
            status, text = full.get(address.format(EMBARGOED), role)
            assert status in (400, 404)
            assert full.get(address.format(other), role) == (status, text.replace(EMBARGOED, other))


def test_an_answer_to_a_key_is_for_nobody_else(full: Served) -> None:
    address, tags = "/trace?actor=example/aurora", {}
    for role in ("public", *ROLES):
        headers = {} if role == "public" else bearing(full.keys[role])
        answer = full.client.get(address, headers=headers)
        assert "authorization" in answer.headers["vary"].lower()
        assert ("private" in answer.headers["cache-control"]) == (role != "public")
        tags[role] = answer.headers["etag"]
        same = full.client.get(address, headers={**headers, "if-none-match": tags[role]})
        assert same.status_code == 304
        assert ("private" in same.headers["cache-control"]) == (role != "public")
        assert full.client.get(address, headers={**headers, "if-none-match": tags["public"]}).status_code == (
            304 if role == "public" else 200
        )
    assert len(set(tags.values())) == len(tags)  # a page tells what its reader may do
    listed = full.client.get("/datasets", headers=bearing(full.keys["reader"]))
    assert listed.headers["cache-control"].startswith("private")


@here_only(EARLIER)
def test_a_release_that_is_kept_is_asked_by_its_number(full: Served) -> None:
    now = int(full.graph.store.published()[-1])
    before = now - 1
    for address in (
        "/datasets?x=",
        "/search?q=aurora&x=",
        "/trace?actor=example/aurora&x=",
        "/id/example/aurora?x=",
    ):
        url = address.replace("x=", f"release={before}")
        answer = full.client.get(url)
        assert answer.status_code == 200
        if "release" in answer.headers.get("opentier-release", ""):
            assert int(answer.headers["opentier-release"]) == before
        assert WORD not in answer.text
    traced = full.client.get(f"/trace?actor=example/aurora&release={before}")
    assert int(traced.headers["opentier-release"]) == before
    assert "immutable" in traced.headers["cache-control"]
    key = bearing(full.keys["admin"])
    assert (
        full.client.get(f"/trace?actor=example/aurora&release={before}", headers=key)
        .headers["cache-control"]
        .startswith("private")
    )
    said = full.client.post("/sparql", data={"query": "ASK {}", "release": str(before)})
    assert (said.status_code, int(said.headers["opentier-release"])) == (200, before)
    for number, status in (("999", 404), ("x", 400), ("-1", 400)):
        gone = full.client.get(f"/datasets?release={number}")
        assert gone.status_code == status
        posted = full.client.post("/sparql", data={"query": "ASK {}", "release": number})
        assert posted.status_code == status
    assert (
        f"Kept are: {', '.join(str(now - back) for back in (2, 1, 0))}."
        in full.client.get("/datasets?release=999").text
    )
