"""Thirty at once ask a process that has just started: whatever is made on first use is made right, or once.

Each test starts a process of its own, since what was used once before is no longer the question.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2
import pytest

from opentier.graph.threads import alone, once
from tests.conftest import PATIENCE, serving

CROWD = 30
#: Reaches every part of the readers of queries that a fresh process has not used yet.
QUERIES = (
    "SELECT (COUNT(?link) AS ?n) { ?link a ot:SupplyLink }",
    "SELECT * FROM <https://w3id.org/opentier/id/dataset/initiatives/1> { ?a a ?c FILTER(?a != ?c || 1 > 3) }",
    "ASK { ?link a ot:SupplyLink ; ot:buyer/rdfs:label 'SERVICE' OPTIONAL { ?x ?y -1.78 } }",
    "CONSTRUCT { ?a ot:buyer ?b } { ?link ot:buyer ?b ; ot:supplier ?a }",
)
#: A path of every face, beside those of queries.
PATHS = (
    "/trace?actor=example/aurora&product=6109", "/trace?actor=example/borealis&format=csv", "/trace?actor=nobody",
    "/trace?actor=example/aurora&format=svg", "/exposure", "/obligations?actor=example/mistral", "/initiatives",
    "/initiatives/gaps", "/questions", "/questions/1", "/questions/2?format=rq", "/id/example/aurora.jsonld",
    "/id/example/aurora.ttl", "/id/example/aurora.rdf", "/ontology.html", "/ontology.ttl", "/ontology.jsonld",
    "/ontology.rdf", "/shapes.html", "/shapes.ttl", "/shapes.nt", "/.well-known/void", "/context.jsonld", "/datasets",
    "/openapi.json", "/health",
)  # fmt: skip


def at_once(url: str, asked: list[str]) -> list[tuple[int, bytes]]:
    """Return status and body of some addresses, all asked at the same moment."""
    begin = threading.Barrier(len(asked))

    def one(path: str) -> tuple[int, bytes]:
        with httpx2.Client(base_url=url, timeout=PATIENCE) as client:
            begin.wait(PATIENCE)
            answer = client.get(path)
            return answer.status_code, answer.content

    with ThreadPoolExecutor(len(asked)) as crowd:
        return list(crowd.map(one, asked))


@pytest.mark.parametrize("query", QUERIES)
def test_a_crowd_asks_a_fresh_service_one_query(admitted: Path, tmp_path: Path, query: str) -> None:
    asked = [str(httpx2.URL("/sparql", params={"query": query}))] * CROWD
    with serving(admitted, tmp_path / "log") as started:
        first = at_once(started.url, asked)
        assert {status for status, _ in first} == {200}
        assert set(first) == set(at_once(started.url, asked[:2]))


@pytest.mark.parametrize(
    "path", ["/ontology.html", "/ontology.ttl", "/shapes.html", "/id/example/aurora.jsonld"]
)
def test_a_crowd_asks_a_fresh_service_for_one_page(admitted: Path, tmp_path: Path, path: str) -> None:
    with serving(admitted, tmp_path / "log") as started:
        first = at_once(started.url, [path] * CROWD)
        assert {status for status, _ in first} == {200}
        assert len({len(body) for _, body in first}) == 1


def test_a_crowd_asks_a_fresh_service_for_everything(admitted: Path, tmp_path: Path) -> None:
    asked = [*PATHS, *(str(httpx2.URL("/sparql", params={"query": query})) for query in QUERIES)]
    with serving(admitted, tmp_path / "log") as started:
        first, second = at_once(started.url, asked), at_once(started.url, asked)
        assert "Traceback" not in (tmp_path / "log").read_text()
    statuses = dict(zip(asked, [status for status, _ in first], strict=True))
    assert {path for path, status in statuses.items() if status != 200} == {"/trace?actor=nobody"}
    assert statuses["/trace?actor=nobody"] == 404
    assert [(status, len(body)) for status, body in first] == [(status, len(body)) for status, body in second]


VALIDATES = """
import json, sys, threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from opentier.graph.admission import admission
from opentier.graph.contribution.submission import Options
begin = threading.Barrier(int(sys.argv[1]))
def one(path):
    begin.wait(60)
    return admission.validate(Path(path), Options(dataset="crowd"), None, lambda *told: None).to_json()
with ThreadPoolExecutor(int(sys.argv[1])) as crowd:
    print(json.dumps(list(crowd.map(one, sys.argv[2:]))))
"""


def test_a_crowd_validates_in_a_fresh_process(tmp_path: Path) -> None:
    """Tables are read by frictionless, codes by pycountry, shapes by pySHACL, their queries by rdflib."""
    package = tmp_path / "package"
    package.mkdir()
    resources = [
        {"name": name, "path": f"{name}.csv", "format": "csv"} for name in ("actors", "supply_links")
    ]
    described = {"name": "crowd", "licenses": [{"name": "CC0-1.0"}], "resources": resources}
    (package / "datapackage.json").write_text(json.dumps(described), "utf-8")
    (package / "actors.csv").write_text(
        "id,name,country\\na,A,IN\\nb,B,TR\\nc,C,GB-SCT\\n".replace("\\n", "\n"), "utf-8"
    )
    (package / "supply_links.csv").write_text(
        "id,buyer,supplier,start_date,end_date,confidence\nl,a,b,2024-02-01,2021-01-01,0.5\nm,a,a,,,2\n",
        "utf-8",
    )
    graph = tmp_path / "graph.ttl"
    graph.write_text(
        "@prefix ot: <https://w3id.org/opentier/ns#> . @base <https://w3id.org/opentier/id/crowd/> .\n"
        "<l> a ot:SupplyLink ; ot:buyer <a> ; ot:supplier <a> ; ot:confidence 2 . <a> a ot:LegalEntity .\n", "utf-8"
    )  # fmt: skip
    words = [str(package)] * (CROWD // 2) + [str(graph)] * (CROWD // 2)
    done = subprocess.run(
        [sys.executable, "-c", VALIDATES, str(CROWD), *words],
        capture_output=True, text=True, timeout=PATIENCE, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    reports = json.loads(done.stdout)
    assert len(set(reports[: CROWD // 2])) == len(set(reports[CROWD // 2 :])) == 1
    assert not json.loads(reports[0])["conforms"]
    assert not json.loads(reports[-1])["conforms"]


def test_what_is_made_once_is_made_by_one_thread() -> None:
    made: list[str] = []
    begin = threading.Barrier(CROWD)

    @once
    def slow(name: str) -> list[str]:
        made.append(name)
        time.sleep(0.05)
        return [name]

    def ask(_: int) -> list[str]:
        begin.wait(PATIENCE)
        return slow("one")

    with ThreadPoolExecutor(CROWD) as crowd:
        found = list(crowd.map(ask, range(CROWD)))
    assert made == ["one"]
    assert all(each is found[0] for each in found)


def test_what_runs_alone_never_runs_twice_at_a_time() -> None:
    inside: list[int] = []
    most: list[int] = []

    @alone
    def run(number: int) -> None:
        inside.append(number)
        time.sleep(0.005)
        most.append(len(inside))
        inside.remove(number)

    with ThreadPoolExecutor(CROWD) as crowd:
        list(crowd.map(run, range(CROWD)))
    assert most == [1] * CROWD
