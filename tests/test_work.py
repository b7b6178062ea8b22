"""Long work behind routes: as in process, only ended by the clock, and never taken for whole where it is cut."""

from __future__ import annotations

import asyncio
import gzip
import socket
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import httpx2
import networkx as nx
import pytest

from opentier.api.http import aside
from opentier.graph import Graph
from opentier.graph.errors import WorkBusy
from opentier.graph.trace import breadth
from opentier.graph.trace.parameters import Parameters
from tests.conftest import PATIENCE, serving

if TYPE_CHECKING:
    from tests.conftest import Started

#: A day that has not come: what is known then is known now, but a process has to find out.
LATER = "2099-12-31"
#: Rows without end.
LONG = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
COUNT = "SELECT (COUNT(?link) AS ?links) { ?link a ot:SupplyLink }"


@pytest.fixture(scope="module")
def graph(admitted: Path) -> Graph:
    return Graph.open(admitted)


@pytest.fixture(scope="module")
def started(admitted: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Started]:
    with serving(admitted, tmp_path_factory.mktemp("work") / "log", "--query-seconds", "30") as found:
        yield found


def ask(started: Started, path: str, **said: str) -> httpx2.Response:
    with httpx2.Client(base_url=started.url, timeout=PATIENCE) as client:
        return client.get(path, params=said)


@pytest.mark.parametrize("downstream", [False, True])
def test_a_trace_is_wide_where_more_links_lead_on_than_are_allowed(graph: Graph, downstream: bool) -> None:
    index = graph.view().index
    arcs: nx.MultiDiGraph[int] = nx.MultiDiGraph()
    arcs.add_edges_from(zip(index.columns["tail"][index.rows()], index.arcs.head[index.rows()], strict=True))
    ways = arcs.reverse() if downstream else arcs
    for node in range(len(index)):
        near = {node, *nx.descendants(ways, node)} if node in ways else {node}
        links = ways.out_degree(near) if node in ways else ()
        many = sum(degree for _, degree in links)
        for most in (many - 1, many, many + 1):
            if 0 <= most < len(index.arcs.head):
                assert breadth.wide(index, node, downstream=downstream, most=most) == (many > most)


@pytest.mark.parametrize("form", ["json", "csv", "svg"])
def test_a_trace_of_a_process_is_that_of_the_library(started: Started, graph: Graph, form: str) -> None:
    assert graph.view().wide("example/aurora", Parameters(as_known=LATER))
    answer = ask(started, "/trace", actor="example/aurora", product="6109", as_known=LATER, format=form)
    found = graph.trace("example/aurora", product="6109", as_known=LATER)
    written = {"json": found.to_json, "csv": found.to_csv, "svg": found.to_svg}[form]()
    assert answer.text == written
    assert answer.headers["opentier-verdict"] == "exposed"
    assert answer.headers["opentier-limit"].startswith("seconds=30")
    assert ("link" in answer.headers) == (form != "json")


@pytest.mark.parametrize(("actor", "status"), [("example/nobody", 404), ("example/aurora-", 404), ("", 400)])
def test_what_is_wrong_is_said_in_the_same_words_by_a_process(
    started: Started, actor: str, status: int
) -> None:
    here, there = (
        ask(started, "/trace", actor=actor, max_tier="2", **more) for more in ({}, {"as_known": LATER})
    )
    assert (here.status_code, there.status_code) == (status, status)
    said = there.json()["detail"].removeprefix(f"As known at the end of {LATER}: ")
    assert said == here.json()["detail"]


def test_a_trace_over_its_time_is_504(admitted: Path, tmp_path: Path) -> None:
    with serving(admitted, tmp_path / "log", "--query-seconds", "0.1") as started:
        answer = ask(started, "/exposure")  # a process takes longer to start
        assert answer.status_code == 504
        assert "longer than 0.1 seconds" in answer.json()["detail"]
        assert ask(started, "/trace", actor="example/aurora").status_code == 200


def test_a_long_answer_comes_as_it_is_made_and_one_that_is_cut_is_not_taken_for_whole(
    started: Started,
) -> None:
    begun = time.monotonic()
    with (
        httpx2.Client(base_url=started.url, timeout=PATIENCE) as client,
        client.stream("GET", "/sparql", params={"query": LONG, "format": "csv"}) as answer,
    ):
        assert answer.status_code == 200
        parts = answer.iter_bytes()
        assert next(parts)
        first = time.monotonic() - begun
        with pytest.raises(httpx2.RemoteProtocolError):
            for _ in parts:
                pass
    assert first < time.monotonic() - begun


def test_who_does_not_take_an_answer_keeps_nobody_from_another(admitted: Path, tmp_path: Path) -> None:
    """Their work is done as fast as it can be, though they take a byte a second of what it gives."""
    with serving(admitted, tmp_path / "log", "--query-seconds", "600") as started:
        address = ("127.0.0.1", int(started.url.rpartition(":")[2]))
        said = urlencode({"query": LONG, "format": "csv"})
        request = f"GET /sparql?{said} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
        lines = [socket.create_connection(address, PATIENCE) for _ in range(8)]
        try:
            for line in lines:
                line.sendall(request)
            deadline = time.monotonic() + PATIENCE
            while (answer := ask(started, "/sparql", query=COUNT, format="csv")).status_code == 503:
                assert all(line.recv(1) for line in lines)
                assert time.monotonic() < deadline
            assert answer.text.split() == ["links", "42"]
        finally:
            for line in lines:
                line.close()
        assert "Traceback" not in (tmp_path / "log").read_text()


SOME = "SELECT * { ?a ?b ?c . ?d ?e ?f } LIMIT 50000"


def test_an_answer_that_is_read_slowly_is_the_same(started: Started) -> None:
    said = {"query": SOME, "format": "csv"}
    whole = ask(started, "/sparql", **said).content
    assert len(whole) > 8 << 20
    got = bytearray()
    with (
        httpx2.Client(base_url=started.url, timeout=PATIENCE) as client,
        client.stream("GET", "/sparql", params=said) as answer,
    ):
        for number, part in enumerate(answer.iter_raw(1 << 16)):
            got += part
            time.sleep(0.1 if number < 10 else 0)
    assert answer.headers["content-encoding"] == "gzip"
    assert gzip.decompress(got) == whole


async def _made(parts: list[bytes]) -> AsyncIterator[bytes]:
    for part in parts:
        await asyncio.sleep(0)
        yield part


PARTS = [bytes([number]) * (1 << 16) for number in range(64)]


@pytest.mark.parametrize("slow", [False, True])
def test_what_is_put_aside_is_read_as_it_was_made(slow: bool) -> None:
    async def work() -> None:
        room, left = aside.Room(), AsyncExitStack()
        answer = aside.Aside(_made(PARTS), left, room)
        got = bytearray()
        async for part in answer:
            got += part
            await asyncio.sleep(0.02 if slow else 0)
        assert bytes(got) == b"".join(PARTS)
        assert not room.held

    asyncio.run(work())


def test_where_there_is_no_room_the_answer_that_waits_longest_is_broken_off() -> None:
    async def work() -> None:
        room = aside.Room(3 << 20)
        first, second = (aside.Aside(_made(PARTS[:many]), AsyncExitStack(), room) for many in (40, 30))
        while not (first.ended and second.ended):
            await asyncio.sleep(0.01)
        with pytest.raises(WorkBusy):
            [part async for part in first]
        assert b"".join([part async for part in second]) == b"".join(PARTS[:30])
        alone = aside.Aside(_made(PARTS), AsyncExitStack(), room)
        while not alone.ended:
            await asyncio.sleep(0.01)
        with pytest.raises(WorkBusy):
            [part async for part in alone]
        assert not room.held

    asyncio.run(work())


def test_whoever_waits_for_an_answer_that_is_broken_off_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    let = threading.Event()
    monkeypatch.setattr(aside._File, "write", lambda *_: let.wait(PATIENCE))

    async def work() -> None:
        room, waiting = aside.Room(), asyncio.Event()

        async def parts() -> AsyncIterator[bytes]:
            await waiting.wait()
            yield bytes(aside.LITTLE)

        answer = aside.Aside(parts(), AsyncExitStack(), room)
        reading = asyncio.ensure_future(anext(answer))
        await asyncio.sleep(0.05)
        waiting.set()
        while not room.held:  # what came is being written, and the reader was not told yet
            await asyncio.sleep(0.01)
        answer.break_off(WorkBusy("Others need its room."))
        let.set()
        with pytest.raises(WorkBusy):
            await asyncio.wait_for(reading, PATIENCE)

    asyncio.run(work())


def test_where_nothing_can_be_put_aside_an_answer_waits_for_its_reader(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "none"))

    async def work() -> None:
        room = aside.Room()
        answer = aside.Aside(_made(PARTS), AsyncExitStack(), room)
        await asyncio.sleep(0.2)
        assert not answer.ended
        assert b"".join([part async for part in answer]) == b"".join(PARTS)
        assert not room.held

    asyncio.run(work())


def test_an_answer_that_nobody_wants_ends_its_work() -> None:
    async def work() -> None:
        room, left = aside.Room(), AsyncExitStack()
        ended = asyncio.Event()
        left.callback(ended.set)

        async def endless() -> AsyncIterator[bytes]:
            while True:
                await asyncio.sleep(0.01)
                yield bytes(1 << 16)

        answer = aside.Aside(endless(), left, room)
        async for _ in answer:
            break
        await asyncio.sleep(0.3)
        assert room.held
        answer.close()
        await asyncio.wait_for(ended.wait(), PATIENCE)
        assert not room.held

    asyncio.run(work())
