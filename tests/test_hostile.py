"""The hostile list against a real service: answered in time, nothing let out, and the service as well as before.

All of it is sent by a few at once, while somebody asks for `/health` all the time.
"""

from __future__ import annotations

import json
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import httpx2
import pytest

from tests.conftest import PATIENCE, serving
from tests.hostile import CLOSED, Hostile, head, listed, posted
from tests.processes import busy, memory, wait_until
from tests.test_requests import UPDATES
from tests.test_sparql import REFUSED as ELSEWHERE

if TYPE_CHECKING:
    from tests.conftest import Started

#: Seconds that a query may take here; that an answer may take beside it; those promised for `/health`; and how many
#: times as long a test waits.
SECONDS, BESIDE, HEALTH, ROOM = 1.0, 12.0, 0.2, 10
#: What may be known to nobody: where it runs, on what, and how it failed.
SECRET = (
    b"Traceback",
    b"site-packages",
    b'File "',
    b"root:x:0:0",
    b"uvicorn",
    b"\r\nserver:",
    b"panicked",
    b".py",
)
#: The most bytes that the service holds more after the list than before it.
MORE = 200 << 20


@dataclass(frozen=True)
class Heard:
    """What came back on a connection, and after how many seconds it ended."""

    asked: Hostile
    said: bytes
    seconds: float

    @property
    def status(self) -> int:
        """The status of the first answer."""
        return int(self.said[9:12]) if self.said.startswith(b"HTTP/1.1 ") else CLOSED


def send(port: int, asked: Hostile) -> Heard:
    """Send a hostile request, and hear until the connection ends."""
    begun, said = time.monotonic(), bytearray()
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as line, suppress(ConnectionError):
        try:
            for piece in asked.pieces:
                line.sendall(piece)
                if len(asked.pieces) > 2:
                    time.sleep(0.005)
            if not asked.pieces[-1]:
                line.shutdown(socket.SHUT_WR)
        except OSError:  # it was refused before all was sent
            pass
        while part := line.recv(1 << 16):
            if len(said) < 1 << 20:
                said += part
    return Heard(asked, bytes(said), time.monotonic() - begun)


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("hostile") / "log"


@pytest.fixture(scope="module")
def data(admitted: Path, log: Path) -> Path:
    return shutil.copytree(admitted, log.parent / "data")


@pytest.fixture(scope="module")
def started(data: Path, log: Path) -> Iterator[Started]:
    with serving(data, log, "--query-seconds", f"{SECONDS:g}") as found:
        yield found


@dataclass(frozen=True)
class Siege:
    """What was heard of all, what `/health` took meanwhile, and the memory before and after."""

    heard: list[Heard]
    health: list[float]
    before: int
    after: int


def unfinished(client: httpx2.Client) -> list[str]:
    """Return the jobs that have not ended."""
    return [
        each["id"] for each in client.get("/jobs").json()["jobs"] if each["state"] in ("waiting", "running")
    ]


@pytest.fixture(scope="module")
def siege(started: Started) -> Siege:
    """Send the whole list, a few at once, and ask for `/health` all the while."""
    port = int(started.url.rpartition(":")[2])
    health: list[float] = []
    over = threading.Event()

    def ask() -> None:
        with httpx2.Client(base_url=started.url, timeout=PATIENCE) as client:
            while not over.is_set():
                begun = time.monotonic()
                assert client.get("/health").json()["status"] == "ok"
                health.append(time.monotonic() - begun)
                time.sleep(0.01)

    with httpx2.Client(base_url=started.url, timeout=PATIENCE) as client:
        client.get("/trace?actor=example/aurora").raise_for_status()
        client.get("/sparql?query=ASK{}").raise_for_status()
        for path in ("/validate", "/screen"):  # the processes that do jobs are there before, too
            client.post(path, files={"file": ("a.csv", "name,country\nAurora,US\n")}).raise_for_status()
        wait_until(lambda: not unfinished(client))
    before = memory(started.pid)
    watcher = threading.Thread(target=ask)
    watcher.start()
    with ThreadPoolExecutor(6) as few:
        heard = list(few.map(lambda asked: send(port, asked), listed()))
    over.set()
    watcher.join(PATIENCE)
    with httpx2.Client(base_url=started.url, timeout=PATIENCE) as client:
        wait_until(lambda: not unfinished(client))
    wait_until(lambda: not busy(started.pid))
    return Siege(heard, health, before, memory(started.pid))


def test_the_list_is_long_and_names_each_once() -> None:
    names = [each.name for each in listed()]
    assert len(names) == len(set(names)) >= 200


def test_each_is_answered_as_it_should_be(siege: Siege) -> None:
    wrong = {
        each.asked.name: (each.status, each.said[:300])
        for each in siege.heard
        if each.status not in each.asked.statuses
    }
    assert not wrong, wrong


def test_each_is_answered_in_its_time(siege: Siege) -> None:
    late = {each.asked.name: each.seconds for each in siege.heard if each.seconds > (SECONDS + BESIDE) * ROOM}
    assert not late, late


def test_health_is_told_all_the_while(siege: Siege) -> None:
    assert len(siege.health) > 10
    assert max(siege.health) < HEALTH * ROOM


def test_nothing_is_let_out(siege: Siege, log: Path, data: Path) -> None:
    secrets = (*SECRET, str(data).encode(), str(Path(__file__).parents[1]).encode())
    for each in siege.heard:
        found = [secret for secret in secrets if secret in each.said and secret not in each.asked.pieces[0]]
        assert not found, (each.asked.name, found, each.said[:500])
    assert b"Traceback" not in log.read_bytes()


def test_what_is_refused_is_a_problem_document(siege: Siege) -> None:
    for each in siege.heard:
        if each.status >= 400 and "websocket" not in str(each.asked.pieces):
            top, _, body = each.said.partition(b"\r\n\r\n")
            assert b"content-type: application/problem+json" in top, each.asked.name
            assert json.loads(body.partition(b"HTTP/1.1 ")[0])["detail"], each.asked.name


def test_the_service_is_as_well_as_before(siege: Siege, started: Started) -> None:
    assert siege.after < siege.before + MORE
    with httpx2.Client(base_url=started.url, timeout=PATIENCE) as client:
        assert client.get("/ready").json()["status"] == "ready"
        assert client.get("/trace?actor=example/aurora").json()["exposures"]
        assert client.get("/sparql?query=ASK%7B%3Fa%20%3Fb%20%3Fc%7D").json()["boolean"] is True


def test_no_query_reaches_another_service(started: Started) -> None:
    """Each spelling of `SERVICE` names a listener of ours, and each update loads from it: nobody comes."""
    port = int(started.url.rpartition(":")[2])
    with socket.create_server(("127.0.0.1", 0)) as listener:
        there = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        texts = [
            *ELSEWHERE,
            *UPDATES,
            "SELECT * FROM <x:y> { ?a ?b ?c }",
            "ASK FROM NAMED <x:y> { GRAPH <x:y> {} }",
        ]
        for text in texts:
            asked = text.replace("<x:y>", f"<{there}>").replace("ex:x", f"<{there}>")
            heard = send(port, Hostile("elsewhere", (posted("/sparql", asked.encode()),)))
            assert heard.status in (200, 400), asked
            assert heard.status == 400 or "FROM" in text, asked
        listener.settimeout(0.2)
        with pytest.raises(TimeoutError):
            listener.accept()


def test_a_connection_that_sends_nothing_keeps_nobody_from_an_answer(started: Started) -> None:
    port = int(started.url.rpartition(":")[2])
    lines = [socket.create_connection(("127.0.0.1", port), PATIENCE) for _ in range(300)]
    try:
        for number, line in enumerate(lines):
            line.sendall(b"GET /health HTTP/1.1\r\nHost: lo" if number % 2 else b"")
        heard = send(port, Hostile("plain", (head("GET", "/health"),)))
        assert heard.status == 200
        assert heard.seconds < HEALTH * ROOM
    finally:
        for line in lines:
            line.close()
