"""The same over Virtuoso 7, where it is installed (Debian: ``virtuoso-opensource-7``): a store with ways of its own."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from opentier.graph import Graph
from opentier.graph.errors import QueryError, StoreError
from opentier.graph.index import soundness
from opentier.graph.query import questions
from opentier.graph.triples import address, protocol
from opentier.graph.triples.engine import Rows
from opentier.graph.triples.remote import Remote
from tests.conftest import free_port
from tests.test_remote import ROWS, SAID, small

PROGRAM = shutil.which("virtuoso-t")
PATIENCE = 60.0
GRAPH = "https://example.org/graph"
#: What Debian's own has, with everything in one folder and on loopback, and no answers cut at 10,000 rows.
INI = """[Database]
DatabaseFile = virtuoso.db
ErrorLogFile = virtuoso.log
LockFile = virtuoso.lck
TransactionFile = virtuoso.trx
xa_persistent_file = virtuoso.pxa
TempStorage = TempDatabase
[TempDatabase]
DatabaseFile = temporary.db
TransactionFile = temporary.trx
[Parameters]
ServerPort = 127.0.0.1:{own}
DisableUnixSocket = 1
DirsAllowed = .
NumberOfBuffers = 10000
MaxDirtyBuffers = 6000
[HTTPServer]
ServerPort = 127.0.0.1:{http}
ServerRoot = .
ServerThreads = 10
[SPARQL]
ResultSetMaxRows = {rows}
"""

#: Shipped questions that Virtuoso 7.2.5 answers, of those that do not take it long; its compiler gives up on others.
#: It writes the truth values that it computes as numbers.
LONG, NUMBERS, ANSWERED = (10,), (13,), (3, 5, 11, 12, 15)

pytestmark = pytest.mark.skipif(
    PROGRAM is None, reason="virtuoso-t is not installed (Debian: virtuoso-opensource-7)"
)


@dataclass(frozen=True)
class Virtuoso:
    """A server of its own folder on loopback."""

    store: str
    folder: Path


def started(folder: Path, rows: int) -> Iterator[Virtuoso]:
    """Run a server for a while."""
    own, http = free_port(), free_port()
    (folder / "virtuoso.ini").write_text(INI.format(own=own, http=http, rows=rows), "ascii")
    process = subprocess.Popen(
        [str(PROGRAM), "+foreground", "+configfile", "virtuoso.ini"],
        cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and process.poll() is None:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{http}/sparql?query=ASK%7B%7D", timeout=5).close()
                break
            except OSError:
                time.sleep(0.2)
        else:
            pytest.fail("Virtuoso did not start")
        yield Virtuoso(f"sparql+http://127.0.0.1:{http}", folder)
    finally:
        process.kill()
        process.wait(PATIENCE)


@pytest.fixture(scope="module")
def virtuoso(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Virtuoso]:
    yield from started(tmp_path_factory.mktemp("virtuoso"), 10_000_000)


@pytest.fixture(autouse=True)
def administrator(monkeypatch: pytest.MonkeyPatch) -> None:
    """Be the one who may change a fresh Virtuoso."""
    monkeypatch.setenv(address.VARIABLE, "")
    monkeypatch.setenv(address.USER, "dba")
    monkeypatch.setenv(address.PASSWORD, "dba")


def test_virtuoso_is_known_by_what_it_answers_and_keeps_what_it_is_given(
    virtuoso: Virtuoso, tmp_path: Path
) -> None:
    found = protocol.found(address.of(virtuoso.store))
    assert str(found).endswith("/sparql?update=/sparql-auth&graphs=/sparql-graph-crud-auth")
    engine, file = Remote(found), tmp_path / "said.nt"
    file.write_text("".join(f"{said} .\n" for said in SAID), "utf-8")
    engine.load(GRAPH, file)
    assert {*engine.match(GRAPH)} == {*SAID}
    assert engine.count(GRAPH) == len(SAID)
    for said in SAID:
        assert [*engine.match(GRAPH, *said[:1], said.predicate.value, said.object)] == [said]
    subjects, predicates = (
        list(dict.fromkeys(said.subject for said in SAID)),
        [SAID[0].predicate.value, f"{GRAPH}/p"],
    )
    for asked in ([GRAPH], [GRAPH, f"{GRAPH}/none"]):
        for by in (None, predicates[:1], predicates):
            assert {*engine.among(asked, subjects, by)} == {(GRAPH, said) for said in SAID}
            assert {*engine.among(asked, None, by, SAID[0].object)} == {(GRAPH, SAID[0])}
    assert bool(engine.query(f"ASK {{ GRAPH <{GRAPH}> {{ ?s ?p ?o }} }}")) is True
    assert bool(engine.query("ASK { GRAPH <urn:none> { ?s ?p ?o } }")) is False
    own = "# one of its own\nBASE <https://example.org/> PREFIX ot: <graph> ASK { GRAPH ot: { <1> <p> ?o } }"
    assert bool(engine.query(own, base="https://example.net/")) is True
    engine.change(GRAPH, SAID[:3], ())
    assert engine.count(GRAPH) == len(SAID) - 3
    engine.remove(GRAPH)
    assert engine.count(GRAPH) == 0


def test_contributions_traces_and_questions_are_those_of_the_embedded_store(
    virtuoso: Virtuoso, directory: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = Graph.open(shutil.copytree(directory, tmp_path / "here"))
    monkeypatch.setenv(address.VARIABLE, virtuoso.store)
    soundness.move(directory)
    monkeypatch.setenv(address.VARIABLE, "")
    there = Graph.open(directory)
    for graph in (here, there):
        assert graph.contribute(small(tmp_path / f"new-{graph.store.path.name}")).new
    assert there.verify() == []
    said = []
    for graph in (here, there):
        found = json.loads(graph.trace("example/aurora", product="6109").to_json())
        found.pop("release", None)
        said.append(json.dumps(found, sort_keys=True).replace(str(graph.store.path), ""))
    assert said[0] == said[1]
    assert [*asked(there, ROWS)] != []
    same = []
    for question in questions.questions():
        if question.number in (*LONG, *NUMBERS):
            continue
        try:
            found = [sorted(map(str, asked(graph, question.text))) for graph in (there, here)]
        except (QueryError, StoreError):  # its own compiler gives up, and says so
            continue
        assert found[0] == found[1], question.number
        same.append(question.number)
    assert {*ANSWERED} <= {*same}


def asked(graph: Graph, text: str) -> Rows:
    answer = graph.query(text)
    assert isinstance(answer, Rows)
    return answer


def test_an_answer_that_virtuoso_cut_at_its_own_limit_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "limited").mkdir()
    for server in started(tmp_path / "limited", 5):
        engine = Remote(protocol.found(address.of(server.store)))
        assert len(list(asked_rows(engine, 4))) == 4
        with pytest.raises(StoreError, match="cuts answers at 5 rows: set ResultSetMaxRows"):
            list(asked_rows(engine, 6))


def asked_rows(engine: Remote, many: int) -> Rows:
    found = engine.query(f"SELECT ?a {{ VALUES ?a {{ {' '.join(map(str, range(many)))} }} }}")
    assert isinstance(found, Rows)
    return found
