"""What whoever runs the service sees of it, and what every answer and every request owes the other side."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import httpx2
import pytest
from anyio import CapacityLimiter, to_thread
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

from opentier.api.cli.serving import listening_at
from opentier.api.http import aside, connections, protocol, work
from opentier.api.http.connections import Connections
from opentier.api.service import create_app
from opentier.graph import Graph, views
from opentier.graph.errors import StoreError
from opentier.graph.jobs.pool import Limits
from opentier.graph.trace import breadth
from tests.conftest import PATIENCE, Run, free_port, serving, wait_for

if TYPE_CHECKING:
    from tests.conftest import Command, Started

ROOT = Path(__file__).parents[1]
#: Seconds that are promised, and how many times as long a test waits.
ROOM = 20
#: Seconds that a hasty service waits.
HASTE = 0.5


@pytest.fixture(scope="module")
def started(admitted: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Started]:
    with serving(admitted, tmp_path_factory.mktemp("operations") / "log") as found:
        yield found


@pytest.fixture(scope="module")
def client(started: Started) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=started.url, timeout=PATIENCE) as found:
        yield found


def raw(started: Started, request: bytes, seconds: float = PATIENCE) -> bytes:
    """Return all that the service answers to some bytes, until it closes the connection."""
    with socket.create_connection(("127.0.0.1", int(started.url.rpartition(":")[2])), seconds) as line:
        line.sendall(request)
        return b"".join(iter(lambda: line.recv(1 << 16), b""))


def counted(client: httpx2.Client) -> dict[tuple[str, ...], float]:
    """Return what the service counts: a number for each series."""
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(client.get("/metrics").text)
        for sample in family.samples
    }


def test_a_service_is_ready_once_its_store_and_index_open(client: httpx2.Client) -> None:
    said = client.get("/ready").json()
    assert (said["status"], said["release"]) == ("ready", "00000003")
    assert set(said["workers"]) == {"queries", "traces", "pages", "jobs"}


def test_who_looks_while_much_is_read_is_told_how_far_that_is(
    admitted: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    graph = Graph.open(admitted)
    client = TestClient(create_app(graph, local=True))
    monkeypatch.setattr(views, "_LITTLE", 0)
    opening = views.Opening(graph.view().release)
    monkeypatch.setattr(graph.views, "opening", opening)
    page = {"accept": "text/html"}
    answer = client.get("/search?q=aurora", headers=page)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
    assert "reads its data: 0% so far" in answer.text
    assert '<noscript><meta http-equiv="refresh" content="1"></noscript>' in answer.text
    assert client.get("/search?q=aurora").status_code == 200  # programs wait for what they ask for
    seen = list[float]()
    opening.through(lambda: seen.append(opening.read / opening.whole))
    assert 0 < seen[0] < 1
    assert opening.read == opening.whole
    answer = client.get("/search?q=aurora", headers=page)
    assert (answer.status_code, "Aurora" in answer.text) == (200, True)


def test_what_cannot_be_read_is_waited_for_by_nobody(admitted: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    graph = Graph.open(admitted)
    assert views.Opening(graph.view().release).over.is_set()  # it is little
    monkeypatch.setattr(views, "_LITTLE", 0)
    whole = views.Opening(graph.view().release)

    def unable() -> None:
        raise StoreError("the index cannot be built")

    with pytest.raises(StoreError):
        whole.through(unable)
    assert whole.over.is_set()
    monkeypatch.setattr(os, "sysconf", lambda name: 4096 if name == "SC_PAGE_SIZE" else 16)
    derived = views.Opening(graph.view().release)
    derived.through(lambda: None)
    assert (
        0 < derived.read == derived.whole < whole.whole
    )  # the store is left where memory has no room for it


def test_a_service_without_its_data_is_alive_not_ready_and_says_why(directory: Path, tmp_path: Path) -> None:
    with serving(directory, tmp_path / "log") as started, httpx2.Client(base_url=started.url) as client:
        (directory / "current").write_text("nonsense", "utf-8")
        answer = client.get("/ready")
        assert (answer.status_code, answer.json()["title"]) == (503, "Not ready")
        assert str(tmp_path) not in answer.text
        assert client.get("/health").status_code == 200
        assert client.get("/trace", params={"actor": "example/aurora"}).status_code == 503


@pytest.mark.parametrize("path", ["/health", "/metrics"])
def test_whoever_runs_the_service_is_answered_though_all_its_threads_compute(
    admitted: Path, path: str
) -> None:
    with (
        TestClient(create_app(Graph.open(admitted))) as client,
        ThreadPoolExecutor(1) as asking,
    ):
        assert client.portal is not None
        limiter = client.portal.call(_limiter)
        held = [object() for _ in range(int(limiter.total_tokens))]
        for one in held:
            client.portal.call(limiter.acquire_on_behalf_of_nowait, one)
        try:
            assert asking.submit(client.get, path).result(ROOM).status_code == 200
        finally:
            for one in held:
                client.portal.call(limiter.release_on_behalf_of, one)


async def _limiter() -> CapacityLimiter:
    return to_thread.current_default_thread_limiter()


def test_requests_are_counted_by_route_and_never_by_address(client: httpx2.Client) -> None:
    before = counted(client)
    client.get("/trace", params={"actor": "example/aurora"}).raise_for_status()
    for number in range(3):
        assert client.get(f"/nowhere/{number}").status_code == 404
    assert client.get("/trace").status_code == 400
    after = counted(client)

    def more(*series: str) -> float:
        return after[series] - before.get(series, 0)

    assert more("opentier_requests_total", "/trace", "200") == 1
    assert more("opentier_requests_total", "/trace", "400") == 1
    assert more("opentier_requests_total", "none", "404") == 3
    assert more("opentier_request_seconds_count", "/trace") == 2
    assert after["opentier_release",] == 3
    assert after["process_resident_memory_bytes",] > 1e6
    assert ("opentier_work", "queries", "waiting") in after


def test_an_answer_is_sent_again_only_where_it_is_another(
    directory: Path, tmp_path: Path, call: Command
) -> None:
    with serving(directory, tmp_path / "log") as started, httpx2.Client(base_url=started.url) as client:
        address = "/trace?actor=example/aurora"
        first = client.get(address)
        tag = first.headers["etag"]
        same = client.get(address, headers={"if-none-match": f'"other", {tag}'})
        assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", tag)
        for other in (f"{address}&product=6109", f"{address}&format=csv"):
            assert client.get(other, headers={"if-none-match": tag}).status_code == 200
        assert client.get(address, headers={"if-none-match": tag, "accept": "text/csv"}).status_code == 200
        assert client.get(address, headers={"accept-encoding": "identity"}).headers["etag"] == tag
        assert "etag" not in client.get("/trace?actor=nobody").headers
        done: Run = call("datasets", "withdraw", "laws", "--reason", "a test", "--data", str(directory))
        assert done.code == 0
        again = client.get(address, headers={"if-none-match": tag})
        assert (again.status_code, again.headers["opentier-release"]) == (200, "00000004")
        assert again.headers["etag"] != tag


@pytest.mark.parametrize(
    "path", ["/trace?actor=example/aurora", "/ontology", "/nowhere", "/sparql", "/health"]
)
def test_every_answer_says_what_protects_its_reader(client: httpx2.Client, path: str) -> None:
    headers = client.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "server" not in headers


def test_long_answers_are_packed_for_who_can_read_that(client: httpx2.Client) -> None:
    address = "/trace?actor=example/aurora"
    packed, plain = (client.get(address, headers={"accept-encoding": each}) for each in ("gzip", "identity"))
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.content == plain.content


@pytest.mark.parametrize(
    ("host", "status"),
    [("localhost", 200), ("LOCALHOST:80", 200), ("127.0.0.1", 200), ("[::1]:8087", 200), ("evil.example", 400),
     ("localhost.evil.example", 400), ("", 400)],
)  # fmt: skip
def test_a_service_on_loopback_answers_to_no_other_name(started: Started, host: str, status: int) -> None:
    said = raw(started, f"GET /health HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
    assert said.startswith(f"HTTP/1.1 {status} ".encode())


def test_addresses_in_what_is_said_never_come_from_the_client(
    started: Started, client: httpx2.Client
) -> None:
    said = client.get("/.well-known/void", headers={"accept": "text/turtle"}).text
    assert f"<{started.url}/sparql>" in said
    head = "GET /.well-known/void HTTP/1.1\r\nHost: localhost:1\r\nConnection: close\r\n\r\n"
    assert b"localhost:1" not in raw(started, head.encode())


def test_a_request_of_two_lengths_is_refused_and_its_connection_closed(started: Started) -> None:
    head = "POST /sparql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/sparql-query\r\n"
    two = "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET "
    said = raw(started, f"{head}{two}".encode())
    assert said.startswith(b"HTTP/1.1 400 ")
    assert said.count(b"HTTP/1.1") == 1


@pytest.fixture(scope="module")
def hasty(admitted: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Return the port of a service that waits a moment for requests."""
    port, log = free_port(), tmp_path_factory.mktemp("hasty") / "log"
    words = ["serve", "--port", str(port), "--data", str(admitted)]
    code = f"""
import sys
from opentier.api.http import protocol
from opentier.api.cli.main import process
protocol.HEAD = protocol.BODY = protocol.WITHIN = {HASTE}
sys.argv[1:] = {words}
process()
"""
    with log.open("wb") as output:
        started = subprocess.Popen([sys.executable, "-c", code], stdout=output, stderr=output)
    try:
        wait_for(f"http://127.0.0.1:{port}/health", started, log)
        yield port
    finally:
        started.terminate()
        started.wait(PATIENCE)


POST = b"POST /sparql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/sparql-query\r\n"


@pytest.mark.parametrize(
    "sent",
    [b"", b"GET /health HT", b"GET /health HTTP/1.1\r\nHost: localhost\r\nX-",
     POST + b"Content-Length: 99\r\n\r\nASK", b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\nGET /h"],
)  # fmt: skip
def test_a_connection_is_closed_where_a_request_never_ends(hasty: int, sent: bytes) -> None:
    with socket.create_connection(("127.0.0.1", hasty), HASTE * ROOM) as line:
        line.sendall(sent)
        stop = time.monotonic() + HASTE * ROOM
        if sent.startswith(POST):  # more of it, again and again, gains no time
            with suppress(OSError):
                while time.monotonic() < stop:
                    line.sendall(b" ")
                    time.sleep(HASTE / 10)
                pytest.fail("it is open still")
        else:
            while line.recv(1 << 16):
                assert time.monotonic() < stop


SLOW = b"GET /openapi.json HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: identity\r\n\r\n"


def test_a_connection_is_closed_where_an_answer_is_not_taken(hasty: int) -> None:
    """A byte now and then is no taking; neither is what the systems on both sides hold."""
    with (
        httpx2.Client(base_url=f"http://127.0.0.1:{hasty}", timeout=PATIENCE) as client,
        socket.socket() as line,
    ):
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        line.connect(("127.0.0.1", hasty))
        before = counted(client)["opentier_connections",]
        line.sendall(SLOW * 200)
        stop = time.monotonic() + HASTE * ROOM
        with suppress(ConnectionError):
            while counted(client)["opentier_connections",] >= before:
                assert line.recv(1)
                assert time.monotonic() < stop
                time.sleep(HASTE / 10)


def test_whoever_leaves_in_the_middle_of_an_answer_is_watched_no_more(
    hasty: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with socket.socket() as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        line.connect(("127.0.0.1", hasty))
        line.sendall(SLOW * 200)
        assert line.recv(1)
        time.sleep(HASTE / 4)
    time.sleep(HASTE * 2)
    (log,) = tmp_path_factory.getbasetemp().glob("hasty[0-9]*/log")
    assert "Exception" not in log.read_text()


def test_who_takes_an_answer_slowly_gets_all_of_it(hasty: int) -> None:
    with socket.create_connection(("127.0.0.1", hasty), PATIENCE) as line:
        line.sendall(SLOW.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        said = bytearray()
        while part := line.recv(1 << 14):
            said += part
            time.sleep(HASTE / 20)
    head, _, body = bytes(said).partition(b"\r\n\r\n")
    (length,) = [
        line.split()[1] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length")
    ]
    assert len(body) == int(length) > 1 << 17


EACH = 5


@pytest.fixture(scope="module")
def public(admitted: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Started]:
    """Start a service that is no longer its owner's alone, and takes a few connections of each address."""
    words = ("--public-url", "http://localhost/", "--connections", str(EACH))
    with serving(admitted, tmp_path_factory.mktemp("public") / "log", *words) as found:
        yield found


def test_an_address_has_so_many_connections_and_others_have_theirs(public: Started) -> None:
    port = int(public.url.rpartition(":")[2])

    def connected(host: str) -> socket.socket:
        return socket.create_connection(("127.0.0.1", port), PATIENCE, source_address=(host, 0))

    def status(line: socket.socket) -> bytes:
        line.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        return line.recv(12)

    with ExitStack() as open:
        lines = [open.enter_context(connected("127.0.0.2")) for _ in range(EACH)]
        assert {status(line) for line in lines} == {b"HTTP/1.1 200"}
        with connected("127.0.0.2") as more:
            said = b"".join(iter(lambda: more.recv(1 << 16), b""))
        assert said.startswith(b"HTTP/1.1 503 ")
        assert b"retry-after: " in said.lower()
        assert json.loads(said.partition(b"\r\n\r\n")[2])["detail"].startswith(f"Your address has {EACH}")
        with connected("127.0.0.3") as other:
            assert status(other) == b"HTTP/1.1 200"
        lines[0].close()
        deadline = time.monotonic() + PATIENCE
        while True:  # the service hears of it in a moment
            with connected("127.0.0.2") as again:
                if status(again) == b"HTTP/1.1 200":
                    break
            assert time.monotonic() < deadline


def test_a_flood_of_connections_of_an_address_keeps_nobody_else_out(public: Started) -> None:
    port = int(public.url.rpartition(":")[2])
    with ExitStack() as open:
        for _ in range(300):
            open.enter_context(
                socket.create_connection(("127.0.0.1", port), PATIENCE, source_address=("127.0.0.4", 0))
            )
        with httpx2.Client(base_url=public.url, timeout=PATIENCE) as client:
            assert client.get("/health", headers={"host": "localhost"}).status_code == 200
            assert counted(client)["opentier_connections",] <= EACH + 2


def test_through_a_proxy_come_as_many_as_like(admitted: Path, tmp_path: Path) -> None:
    words = ("--public-url", "http://localhost/", "--behind-proxy", "--connections", "1")
    with serving(admitted, tmp_path / "log", *words) as started, ExitStack() as open:
        port = int(started.url.rpartition(":")[2])
        for _ in range(4):
            line = open.enter_context(socket.create_connection(("127.0.0.1", port), PATIENCE))
            line.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert line.recv(12) == b"HTTP/1.1 200"


def test_networks_of_ipv6_are_one_address_and_none_is_remembered_that_has_left() -> None:
    found = Connections(each=2, most=4)
    assert [found.enter(f"2001:db8::{n}") for n in range(2)] == ["", ""]
    assert found.enter("2001:db8::9").startswith("Your address has 2")
    assert found.enter("2001:db8:0:1::1") == found.enter("::ffff:192.0.2.1") == ""
    assert found.enter("192.0.2.7").startswith("All 4 connections")
    for host in ("2001:db8::5", "2001:db8::6", "2001:db8:0:1::1", "192.0.2.1"):
        found.leave(host)
    assert (found.many, found.addresses) == (0, 0)


def test_every_request_is_a_line_that_a_machine_reads_and_says_nothing_of_what_was_asked(
    admitted: Path, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    with serving(admitted, log, "--log", "json") as started, httpx2.Client(base_url=started.url) as client:
        client.get("/trace", params={"actor": "example/aurora"}).raise_for_status()
        client.get("/trace", params={"actor": "example/secret"})
    lines = [json.loads(line) for line in log.read_text("utf-8").splitlines() if line.startswith("{")]
    said = [(each["method"], each["route"], each["status"]) for each in lines if each["message"] == "request"]
    assert said[-2:] == [("GET", "/trace", 200), ("GET", "/trace", 404)]
    assert all(each["level"] == "INFO" and each["timestamp"] for each in lines)
    assert "secret" not in log.read_text("utf-8")


def test_the_parts_of_a_short_answer_wait_for_no_word_of_the_client() -> None:
    with (
        listening_at("127.0.0.1", 0) as listening,
        socket.create_connection(listening.getsockname()),
        listening.accept()[0] as accepted,
    ):
        assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_beyond_loopback_a_service_says_how_it_is_protected(call: Command, directory: Path) -> None:
    done: Run = call("serve", "--host", "0.0.0.0", "--port", "0", "--data", str(directory))
    assert done.code == 2
    assert "--behind-proxy" in done.err


@pytest.mark.parametrize(
    ("options", "warned"),
    [
        (("--behind-proxy",), True),
        (("--behind-proxy", "--public-url", "https://data.example.org/"), False),
        ((), False),
    ],
)
def test_who_calls_itself_by_a_name_that_others_cannot_follow_is_told(
    call: Command, directory: Path, options: tuple[str, ...], warned: bool
) -> None:
    with listening_at("127.0.0.1", 0) as taken:
        port = str(taken.getsockname()[1])
        done: Run = call("serve", *options, "--port", port, "--data", str(directory))
    assert done.code == 1
    assert ("warning: without --public-url" in done.err) is warned


def _block(language: str) -> str:
    """Return a block of the guide."""
    page = (ROOT / "docs" / "serving.md").read_text("utf-8")
    return page.partition(f"```{language}\n")[2].partition("```")[0]


def test_the_guide_to_nginx_is_what_nginx_reads(tmp_path: Path) -> None:
    if not (nginx := shutil.which("nginx")):
        pytest.skip("nginx is not installed")
    (tmp_path / "nginx.conf").write_text(
        f"pid {tmp_path}/pid;\nevents {{}}\nhttp {{\n{_block('nginx')}}}\n", "utf-8"
    )
    words = [nginx, "-t", "-p", str(tmp_path), "-c", "nginx.conf", "-e", str(tmp_path / "errors")]
    done = subprocess.run(words, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 0, done.stderr


def test_the_guide_names_every_limit_as_it_is() -> None:
    page = (ROOT / "docs" / "serving.md").read_text("utf-8")
    limits = Limits()
    for said in (
        f"more than {breadth.WIDE:,} links", f"`--query-seconds` ({limits.seconds:g})", f"{limits.waiting} wait for "
        f"{limits.patience:g} seconds", f"within {protocol.HEAD:g} seconds, and its body within {protocol.BODY:g}",
        f"takes less than {protocol.TAKES >> 10} KiB of an answer in {protocol.WITHIN:g} seconds",
        f"{aside.MOST >> 20} MiB", f"{connections.MOST:,} connections", "`--connections` (100)",
    ):  # fmt: skip
        assert said in page
    assert (limits.memory, limits.bytes, protocol.LONGEST, work.WHOLE) == (
        2 << 30,
        64 << 20,
        1 << 20,
        1 << 20,
    )
