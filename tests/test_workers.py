"""Queries in processes that can be ended: by the clock, by size, because whoever asked has gone, with the service.

Each test asks a real pool or a real service over a small release; a runaway is the cross product of everything.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import httpx2
import pyoxigraph as ox
import pytest

from opentier.graph.errors import QueryError, StoreError, WorkBusy, WorkError, WorkTooLarge, WorkTooLong
from opentier.graph.jobs import pool as pools
from opentier.graph.query import apart, forms, sparql
from opentier.graph.store.directory import Store
from opentier.graph.store.release import Release
from opentier.graph.triples.engine import Triples
from tests.conftest import PATIENCE, serving
from tests.processes import alive, busy, children, memory, wait_until

if TYPE_CHECKING:
    from tests.conftest import Started

RUNAWAY = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
#: Sorting it takes more memory than any worker of these tests has.
GREEDY = "SELECT * { ?a ?b ?c . ?d ?e ?f } ORDER BY ?c ?f"
COUNT = "SELECT (COUNT(?link) AS ?links) { ?link a ot:SupplyLink }"
FORMATS: dict[str, str | None] = {"rows": "csv", "boolean": "csv", "triples": "ntriples"}
LIMITS = pools.Limits(seconds=60, workers=1)
#: Seconds that a query of the service may take here; those promised for a shutdown; how many times that a test waits.
SECONDS, SHUTDOWN, ROOM = 4, 10, 10


@pytest.fixture(scope="module")
def release(admitted: Path) -> Release:
    return Store.open(admitted).release()


async def ask(pool: pools.Pool, release: Release, text: str) -> pools.Answer:
    return await pool.ask(apart.request(str(release.path), sparql.prepare(release, text), FORMATS))


# A pool.


@asynccontextmanager
async def pooled(limits: pools.Limits) -> AsyncIterator[pools.Pool]:
    """Open a pool, and close it."""
    pool = pools.Pool(apart.PROGRAM, limits)
    try:
        yield pool
    finally:
        await pool.close()


def test_an_answer_comes_with_its_kind_and_its_format(release: Release) -> None:
    async def work() -> None:
        async with pooled(LIMITS) as pool:
            rows = await ask(pool, release, COUNT)
            assert (rows.head["kind"], rows.head["format"], rows.body) == ("rows", "csv", b"links\r\n42\r\n")
            yes = await ask(pool, release, "ASK { ?link a ot:SupplyLink }")
            assert (yes.head["kind"], yes.body) == ("boolean", b"true")
            graph = await ask(pool, release, "CONSTRUCT WHERE { ?link a ot:SupplyLink }")
            assert (graph.head["kind"], len(graph.body.splitlines())) == ("triples", 42)
            unfit = apart.request(
                str(release.path), sparql.prepare(release, COUNT), {**FORMATS, "rows": None}
            )
            nothing = await pool.ask(unfit)
            assert (nothing.head["kind"], nothing.head["format"], nothing.body) == ("rows", None, b"")

    asyncio.run(work())


READ = {"turtle": "TURTLE", "ntriples": "N_TRIPLES", "rdfxml": "RDF_XML", "jsonld": "JSON_LD"}


@pytest.mark.parametrize("format", forms.BY_KIND["triples"])
def test_a_long_graph_arrives_whole(release: Release, format: str) -> None:
    async def work() -> bytes:
        asked = sparql.prepare(release, "CONSTRUCT WHERE { ?s ?p ?o }")
        return (await apart.once(str(release.path), asked, {**FORMATS, "triples": format})).body

    found = sparql.answer(release, "CONSTRUCT WHERE { ?s ?p ?o }")
    assert isinstance(found, Triples)
    body = asyncio.run(work())
    assert len(body) > 1 << 17
    read = ox.parse(body, format=getattr(ox.RdfFormat, READ[format]))
    assert {str(quad.triple) for quad in read} == {str(triple) for triple in found}


def test_what_is_wrong_with_a_query_is_said_and_the_next_is_answered_by_the_same_process(
    release: Release,
) -> None:
    async def work() -> None:
        before = children(os.getpid())
        async with pooled(LIMITS) as pool:
            await ask(pool, release, COUNT)
            process = children(os.getpid()) - before
            for text in (
                "SELECT * {",
                "INSERT DATA { <urn:a> <urn:b> <urn:c> }",
                "LOAD <http://127.0.0.1:9/>",
            ):
                with pytest.raises(QueryError, match="cannot be answered"):  # the engine's own word
                    await pool.ask(apart.request(str(release.path), sparql.Asked(text, None, None), FORMATS))
            assert (await ask(pool, release, COUNT)).head["kind"] == "rows"
            assert children(os.getpid()) - before == process
        assert not process & children(os.getpid())

    asyncio.run(work())


def test_a_query_over_its_time_is_ended_and_its_process_is_gone(release: Release) -> None:
    async def work() -> None:
        before = children(os.getpid())
        async with pooled(replace(LIMITS, seconds=1)) as pool:
            pool.start()
            (process,) = children(os.getpid()) - before
            with pytest.raises(WorkTooLong, match="longer than 1 seconds"):
                await ask(pool, release, RUNAWAY)
            assert (await ask(pool, release, COUNT)).body.split() == [b"links", b"42"]
            await asyncio.to_thread(wait_until, lambda: not alive(process))

    asyncio.run(work())


def test_a_query_over_its_memory_is_refused_and_the_next_is_answered(release: Release) -> None:
    async def work() -> None:
        async with pooled(replace(LIMITS, memory=1 << 30)) as pool:
            with pytest.raises(WorkTooLarge, match="more than 1,024 MiB of memory"):
                await ask(pool, release, GREEDY)
            assert (await ask(pool, release, COUNT)).head["kind"] == "rows"

    asyncio.run(work())


def test_a_process_that_ends_over_its_memory_says_nothing_to_whoever_started_it(
    release: Release, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def work() -> None:
        pool = pools.Pool(apart.PROGRAM, replace(LIMITS, memory=1 << 30))
        try:
            with pytest.raises(WorkTooLarge):
                await ask(pool, release, GREEDY)
        finally:
            await pool.close()

    monkeypatch.setenv("RUST_BACKTRACE", "full")
    asyncio.run(work())
    assert capfd.readouterr() == ("", "")


def test_an_answer_over_its_length_is_refused_and_never_cut(release: Release) -> None:
    async def work() -> None:
        async with pooled(replace(LIMITS, bytes=100_000)) as pool:
            for text in (
                "SELECT * { ?a ?b ?c . ?d ?e ?f }",
                "CONSTRUCT { ?a ?b ?f } { ?a ?b ?c . ?d ?e ?f }",
            ):
                with pytest.raises(WorkTooLarge, match="more than 100,000 bytes"):
                    await ask(pool, release, text)
                assert (await ask(pool, release, COUNT)).body.split() == [b"links", b"42"]

    asyncio.run(work())


def test_a_query_that_overflows_the_stack_of_the_engine_ends_its_process_alone(release: Release) -> None:
    async def work() -> None:
        async with pooled(LIMITS) as pool:
            with pytest.raises(WorkError, match="too deep, or too long, for the engine"):
                await ask(pool, release, "ASK { FILTER(" + "1 + " * 100_000 + "1 > 0) }")
            assert (await ask(pool, release, COUNT)).head["kind"] == "rows"

    asyncio.run(work())


def test_one_query_more_than_may_wait_is_refused_at_once_and_one_that_waits_too_long_later(
    release: Release,
) -> None:
    async def work() -> None:
        async with pooled(replace(LIMITS, waiting=1, patience=1)) as pool:
            runs = asyncio.ensure_future(ask(pool, release, RUNAWAY))
            await asyncio.sleep(0)
            waits = asyncio.ensure_future(ask(pool, release, COUNT))
            await asyncio.sleep(0)
            with pytest.raises(WorkBusy, match="Too many wait"):
                await ask(pool, release, COUNT)
            with pytest.raises(WorkBusy, match="took all the time"):
                await waits
            runs.cancel()
            await asyncio.wait([runs])
            assert (await ask(pool, release, COUNT)).head["kind"] == "rows"

    asyncio.run(work())


@pytest.mark.parametrize("workers", [1, 2])
def test_whoever_asks_at_once_is_answered_within_the_time_of_one_piece_of_work(
    release: Release, workers: int
) -> None:
    """What waits has half of its time left when its turn comes, or no turn at all: there is no second round."""
    limits = replace(LIMITS, seconds=2, workers=workers)

    async def one(pool: pools.Pool) -> tuple[type[BaseException], float]:
        begun = time.monotonic()
        with pytest.raises(WorkError) as refused:
            await ask(pool, release, RUNAWAY)
        return refused.type, time.monotonic() - begun

    async def work() -> None:
        async with pooled(limits) as pool:
            pool.start()
            found = await asyncio.gather(*(one(pool) for _ in range(10 * workers)))
            kinds = [kind for kind, _ in found]
            assert kinds.count(WorkTooLong) == workers
            assert kinds.count(WorkBusy) == len(kinds) - workers
            assert max(seconds for _, seconds in found) < 2 + 2 * ROOM
            assert (await ask(pool, release, COUNT)).head["kind"] == "rows"

    asyncio.run(work())


def test_the_time_of_work_begins_when_it_is_asked_for(release: Release) -> None:
    async def work() -> None:
        async with pooled(replace(LIMITS, seconds=6)) as pool:
            first = asyncio.ensure_future(ask(pool, release, RUNAWAY))
            await asyncio.sleep(0)
            second = asyncio.ensure_future(ask(pool, release, RUNAWAY))
            await asyncio.sleep(2)
            first.cancel()
            with pytest.raises(WorkTooLong, match="longer than 6 seconds, of which it waited 2 for others"):
                await second

    asyncio.run(work())


def test_a_stopped_pool_tells_all_who_wait(release: Release) -> None:
    async def work() -> None:
        pool = pools.Pool(apart.PROGRAM, LIMITS)
        all_of_them = [asyncio.ensure_future(ask(pool, release, RUNAWAY)) for _ in range(3)]
        await asyncio.sleep(0.2)
        pool.stop()
        for one in await asyncio.gather(*all_of_them, return_exceptions=True):
            assert isinstance(one, WorkBusy)
        with pytest.raises(WorkBusy, match="shutting down"):
            await ask(pool, release, COUNT)
        await pool.close()

    asyncio.run(work())


def test_a_worker_that_somebody_ended_is_replaced(release: Release) -> None:
    async def work() -> None:
        before = children(os.getpid())
        async with pooled(LIMITS) as pool:
            pool.start()
            (process,) = children(os.getpid()) - before
            await ask(pool, release, COUNT)
            os.kill(process, signal.SIGKILL)
            await asyncio.to_thread(wait_until, lambda: not alive(process))
            assert (await ask(pool, release, COUNT)).head["kind"] == "rows"

    asyncio.run(work())


def test_a_release_that_cannot_be_opened_is_an_error_of_the_store(release: Release, tmp_path: Path) -> None:
    async def work() -> None:
        with pytest.raises(StoreError, match="cannot be opened"):
            await apart.once(str(tmp_path / "nope"), sparql.prepare(release, COUNT), FORMATS)

    asyncio.run(work())


def test_a_worker_imports_next_to_nothing() -> None:
    listed = subprocess.run(
        [sys.executable, "-c", "import sys, opentier.graph.query.worker; print(*sys.modules)"],
        capture_output=True, text=True, timeout=PATIENCE, check=True,
    ).stdout.split()  # fmt: skip
    heavy = {"numpy", "numba", "rdflib", "pyparsing", "pyshacl", "networkx", "fastapi", "typer", "asyncio"}
    assert not heavy & set(listed)
    ours = {name.removeprefix("opentier.graph.") for name in listed if name.startswith("opentier.graph.")}
    assert ours == {
        "errors", "jobs", "jobs.frames", "jobs.worker", "model", "model.formats", "model.names", "model.rdf", "query",
        "query.federation", "query.forms", "query.jsonld", "query.sparql", "query.worker", "triples", "triples.address",
        "triples.answers", "triples.complaint", "triples.divided", "triples.elsewhere", "triples.embedded",
        "triples.engine", "triples.opening", "triples.wording", "vocabulary", "vocabulary.syntax",
    }  # fmt: skip


# A service.


@pytest.fixture(scope="module")
def started(admitted: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Started]:
    with serving(
        admitted, tmp_path_factory.mktemp("workers") / "log", "--query-seconds", f"{SECONDS}"
    ) as found:
        yield found


def client(started: Started) -> httpx2.Client:
    return httpx2.Client(base_url=started.url, timeout=PATIENCE, limits=httpx2.Limits(max_connections=None))


def query(started: Started, text: str) -> httpx2.Response:
    with client(started) as asking:
        return asking.get("/sparql", params={"query": text, "format": "csv"})


def test_the_limits_are_told_with_the_answer(started: Started) -> None:
    answer = query(started, COUNT)
    assert answer.text.split() == ["links", "42"]
    assert answer.headers["opentier-limit"] == f"seconds={SECONDS}, bytes={64 << 20}, memory={2 << 30}"


def test_a_service_whose_data_are_damaged_is_alive_and_says_what_is_wrong(
    directory: Path, tmp_path: Path
) -> None:
    with serving(directory, tmp_path / "log") as started, client(started) as asking:
        assert asking.get("/health").json() == {"status": "ok", "release": "00000003"}
        (directory / "current").write_text("nonsense", "utf-8")
        assert asking.get("/health").json() == {"status": "ok", "release": None}
        assert asking.get("/sparql", params={"query": COUNT}).status_code == 503


def test_a_query_over_its_time_is_504(started: Started) -> None:
    answer = query(started, RUNAWAY)
    assert answer.status_code == 504
    assert answer.json()["title"] == "It took too long"
    assert f"{SECONDS} seconds" in answer.json()["detail"]


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_client_that_leaves_ends_its_query(admitted: Path, tmp_path: Path, method: str) -> None:
    with serving(admitted, tmp_path / "log", "--query-seconds", "600") as started:
        form = urlencode({"query": RUNAWAY}).encode()
        kind = b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n" % len(form)
        head = b"GET /sparql?%b HTTP/1.1\r\nHost: localhost\r\n" % form
        if method == "POST":
            head = b"POST /sparql HTTP/1.1\r\nHost: localhost\r\n" + kind
        address = ("127.0.0.1", int(started.url.rpartition(":")[2]))
        with socket.create_connection(address, PATIENCE) as line:
            wait_until(lambda: children(started.pid) and not busy(started.pid))  # all workers have started
            time.sleep(1)
            wait_until(lambda: not busy(started.pid))
            line.sendall(head + b"\r\n" + (form if method == "POST" else b""))
            wait_until(lambda: busy(started.pid))
            before = children(started.pid)
        wait_until(lambda: sum(not alive(child) for child in before) == 1)
        assert query(started, COUNT).text.split() == ["links", "42"]
        assert "Traceback" not in (tmp_path / "log").read_text()


def test_sixty_runaways_at_once_stop_neither_health_nor_traces_and_all_is_well_after_their_time(
    started: Started,
) -> None:
    with client(started) as asking:
        asking.get("/trace?actor=example/aurora").raise_for_status()  # its kernels are compiled
    assert query(started, COUNT).status_code == 200
    before = memory(started.pid)
    asked = {"query": RUNAWAY, "format": "csv"}
    with ThreadPoolExecutor(60) as crowd, client(started) as asking:
        begun = [crowd.submit(asking.get, "/sparql", params=asked) for _ in range(60)]
        wait_until(lambda: busy(started.pid))
        while not all(one.done() for one in begun):
            health, trace = asking.get("/health"), asking.get("/trace?actor=example/aurora")
            assert health.json()["status"] == "ok"
            assert health.elapsed.total_seconds() < 0.2 * ROOM
            assert trace.json()["exposures"]
            assert trace.elapsed.total_seconds() < 1.0 * ROOM
        answers = [one.result() for one in begun]
    assert {one.status_code for one in answers} == {503, 504}
    assert max(one.elapsed.total_seconds() for one in answers) < SECONDS + 2.0 * ROOM
    assert all(int(one.headers["retry-after"]) > 0 for one in answers if one.status_code == 503)
    back = query(started, COUNT)
    assert back.text.split() == ["links", "42"]
    assert back.elapsed.total_seconds() < 2.0 * ROOM
    wait_until(lambda: not busy(started.pid))
    assert memory(started.pid) < before + (100 << 20)


def test_a_signal_ends_a_service_under_runaways_and_its_workers(admitted: Path, tmp_path: Path) -> None:
    with serving(admitted, tmp_path / "log", "--query-seconds", "600") as started:
        crowd = [threading.Thread(target=_fruitless, args=(started,), daemon=True) for _ in range(60)]
        for one in crowd:
            one.start()
        wait_until(lambda: busy(started.pid))
        held = children(started.pid)
        os.kill(started.pid, signal.SIGTERM)
        started.process.wait(SHUTDOWN * ROOM)
        for one in crowd:
            one.join(PATIENCE)
        assert not any(one.is_alive() for one in crowd)
        assert not any(alive(child) for child in held)
    assert "Traceback" not in (tmp_path / "log").read_text()


def _fruitless(started: Started) -> None:
    with suppress(httpx2.TransportError):  # it was not let in any more
        assert query(started, RUNAWAY).status_code == 503


def test_busy_workers_of_a_killed_service_end_with_it(admitted: Path, tmp_path: Path) -> None:
    with serving(admitted, tmp_path / "log", "--query-seconds", "600") as started:
        asking = threading.Thread(target=_fruitless, args=(started,), daemon=True)
        asking.start()
        wait_until(lambda: busy(started.pid))
        held = children(started.pid)
        assert len(held) >= 1
        started.process.kill()
        started.process.wait(PATIENCE)
        wait_until(lambda: not any(alive(child) for child in held))
        asking.join(PATIENCE)


def test_ctrl_c_ends_a_query_of_the_command_line(admitted: Path) -> None:
    words = [sys.executable, "-m", "opentier.api.cli.main", "query", "-", "--data", str(admitted)]
    with subprocess.Popen(
        words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    ) as process:
        assert process.stdin is not None
        process.stdin.write(RUNAWAY.encode())
        process.stdin.close()
        process.stdin = None
        wait_until(lambda: busy(process.pid))
        (worker,) = busy(process.pid)
        os.killpg(process.pid, signal.SIGINT)
        _, said = process.communicate(timeout=PATIENCE)
        assert process.returncode == 130
        assert b"Traceback" not in said
        wait_until(lambda: not alive(worker))
