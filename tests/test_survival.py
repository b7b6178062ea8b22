"""What a service survives: it and its workers are killed under load, its disk is full or closed, its files are damaged.

No contribution that was acknowledged is lost and none is torn; the service says what is wrong, and comes back when that
is mended, without being started again. OPENTIER_KILLS says how many kills there are.
"""

from __future__ import annotations

import itertools
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import httpx2
import pytest

from opentier.graph import Graph
from tests.conftest import PATIENCE, serving
from tests.processes import alive, children, wait_until
from tests.test_atomicity import go, package, state, worker
from tests.test_atomicity import wait_for as heard

if TYPE_CHECKING:
    from tests.conftest import Started

KILLS, SEED = int(os.environ.get("OPENTIER_KILLS", "5")), 20261126
COUNT = "SELECT (COUNT(?link) AS ?links) { ?link a ot:SupplyLink }"
#: What is asked all the while.
PATHS = (
    "/trace?actor=example/aurora",
    f"/sparql?query={COUNT}&format=csv",
    "/exposure",
    "/ready",
    "/datasets",
)
AURORA = {"actor": "example/aurora"}


@contextmanager
def load(url: str) -> Iterator[list[int]]:
    """Have three ask a service all the while, whether it is there or not; give the statuses they get."""
    over, statuses = threading.Event(), list[int]()

    def ask(paths: Iterator[str]) -> None:
        while not over.is_set():
            with suppress(httpx2.TransportError), httpx2.Client(base_url=url, timeout=PATIENCE) as client:
                while not over.is_set():
                    statuses.append(client.get(next(paths)).status_code)
            time.sleep(0.02)

    crowd = [threading.Thread(target=ask, args=(itertools.cycle(PATHS[n:] + PATHS[:n]),)) for n in range(3)]
    for one in crowd:
        one.start()
    try:
        yield statuses
    finally:
        over.set()
        for one in crowd:
            one.join(PATIENCE)


def count(url: str) -> int:
    with httpx2.Client(base_url=url, timeout=PATIENCE) as client:
        answer = client.get("/sparql", params={"query": COUNT, "format": "csv"})
        return int(answer.raise_for_status().text.split()[1])


def post(url: str, written: Path) -> list[str]:
    """Contribute by a job; return its address once it is acknowledged."""
    packed = Path(shutil.make_archive(str(written), "zip", written))
    with httpx2.Client(base_url=url, timeout=PATIENCE) as client:
        answer = client.post("/contributions", files={"file": (packed.name, packed.read_bytes())})
    assert answer.status_code == 202, answer.text
    return [answer.headers["location"]]


def settle(url: str, jobs: list[str]) -> None:
    """Wait until contributions that were acknowledged are admitted, by this service or the one that was killed."""
    with httpx2.Client(base_url=url, timeout=PATIENCE) as client:
        for where in jobs:
            wait_until(
                lambda: client.get(where, params={"wait": 10}).json()["state"] not in ("waiting", "running")  # noqa: B023
            )
            assert client.get(where).json()["state"] == "done", client.get(where).text


def test_no_contribution_is_lost_or_torn_where_service_workers_and_writers_are_killed(
    directory: Path, tmp_path: Path
) -> None:
    graph, chance, scratch = Graph.open(directory), random.Random(SEED), tmp_path / "scratch"
    expected = state(graph.store.release())
    seen: list[int] = []
    jobs: list[str] = []
    for number in range(1, KILLS + 1):
        written = package(tmp_path / f"k{number}", f"k{number}", number)
        another = package(tmp_path / f"j{number}", f"j{number}", number)
        whom = ("service", "worker", "writer", "worker", "service")[number % 5]
        with (
            worker(graph.store, written, scratch) as writer,
            serving(directory, tmp_path / f"log-{number}") as started,
            load(started.url) as statuses,
        ):
            settle(started.url, jobs)
            go(writer)
            jobs = post(started.url, another) if number % 2 == 0 else []
            time.sleep(chance.uniform(0, 1))
            if whom == "worker":
                wait_until(lambda: children(started.pid))
                killed = chance.choice(sorted(children(started.pid)))
                os.kill(killed, signal.SIGKILL)
                wait_until(lambda: not alive(killed))  # noqa: B023
            elif whom == "service":
                started.process.kill()
                started.process.wait(PATIENCE)
            else:
                writer.process.kill()
            told = heard(writer, "admitted")
            assert told or whom == "writer"
            if whom != "service":
                wait_until(lambda: 200 in statuses)
                settle(started.url, jobs)
                assert count(started.url) == sum(state(graph.store.release()).values())
        now = state(graph.store.release())
        new = {key: many for key, many in now.items() if key not in expected and key[0][0] == "k"}
        assert {key: many for key, many in now.items() if key in expected} == expected
        assert new == {(f"k{number}", 1): number} or (not told and not new)
        expected, seen = now, seen + statuses
    with serving(directory, tmp_path / "log-last") as started:
        settle(started.url, jobs)
    now = state(graph.store.release())
    assert {key: many for key, many in now.items() if key[0][0] == "j"} == {
        (f"j{number}", 1): number for number in range(2, KILLS + 1, 2)
    }
    assert graph.verify() == []
    assert 200 in seen
    assert not {status for status in seen if status >= 500} - {503, 504}
    logs = [log.read_text("utf-8", "replace") for log in tmp_path.glob("log-*")]
    assert len(logs) == KILLS + 1
    assert not [log for log in logs if "Traceback" in log]


# A release or an index that is damaged while a service answers from it.


def ready(started: Started) -> tuple[int, str]:
    with httpx2.Client(base_url=started.url, timeout=PATIENCE) as client:
        answer = client.get("/ready")
        return answer.status_code, str(answer.json().get("detail", ""))


def status(started: Started, path: str, **said: str) -> int:
    with httpx2.Client(base_url=started.url, timeout=PATIENCE) as client:
        return client.get(path, params=said).status_code


def largest(folder: Path) -> Path:
    return max(
        (file for file in folder.iterdir() if file.suffix == ".sst"), key=lambda file: file.stat().st_size
    )


def test_a_release_that_is_damaged_under_a_service_is_told_and_answered_from_when_it_is_mended(
    directory: Path, tmp_path: Path
) -> None:
    with serving(directory, tmp_path / "log") as started:
        assert ready(started)[0] == 200
        before = count(started.url)
        release = directory / "releases" / (directory / "current").read_text().strip()
        file, aside = largest(release), tmp_path / "aside"
        shutil.copy2(file, aside)
        file.write_bytes(random.Random(SEED).randbytes(file.stat().st_size))
        code, detail = ready(started)
        assert code == 503
        assert f"damaged ({file.name})" in detail
        assert str(directory) not in detail
        assert [status(started, path, **said) for path, said in (
            ("/trace", AURORA), ("/sparql", {"query": COUNT}), ("/exposure", {}), ("/health", {})
        )] == [503, 503, 503, 200]  # fmt: skip
        file.unlink()
        shutil.copy2(aside, file)
        assert ready(started) == (200, "")
        assert count(started.url) == before
        assert status(started, "/trace", **AURORA) == status(started, "/exposure") == 200


def test_an_index_that_is_damaged_or_gone_under_a_service_is_built_anew(
    directory: Path, tmp_path: Path
) -> None:
    with serving(directory, tmp_path / "log") as started, httpx2.Client(base_url=started.url) as client:
        client.timeout = PATIENCE
        true = client.get("/trace", params=AURORA).json()
        shutil.rmtree(directory / "index")
        for _ in range(2):
            assert ready(started) == (200, "")
            assert client.get("/trace", params=AURORA).json() == true
            assert client.get("/exposure").status_code == 200
            for file in (directory / "index").glob("*/*.npy"):
                file.write_bytes(b"")
    assert Graph.open(directory).trace("example/aurora").verdict.result == "exposed"


# A disk that is full, or closed to us: a file system of its own, in name spaces of its own.

SCRIPT = """
import os, shutil, subprocess, sys
kind, data, place = sys.argv[1:4]
size = "size=64m" if kind == "full" else "size=256m"
subprocess.run(["mount", "-t", "tmpfs", "-o", size, "tmpfs", place], check=True)
subprocess.run(["cp", "-r", "--sparse=always", data, place + "/data"], check=True)
if kind == "full":
    with open(place + "/filling", "wb") as file:
        file.write(bytes(shutil.disk_usage(place).free - int(sys.argv[4])))
else:
    subprocess.run(["mount", "-o", "remount,ro", place], check=True)
os.environ["TMPDIR"] = sys.argv[5]
print("ready", flush=True)
for line in sys.stdin:
    words = line.split()
    if words == ["free"]:
        os.unlink(place + "/filling")
        print("0", flush=True)
        continue
    done = subprocess.run([sys.executable, "-m", "opentier.api.cli.main", *words], capture_output=True, text=True)
    said = (done.stdout + done.stderr).replace("\\n", " ")
    print(done.returncode, said, flush=True)
"""


class Disk:
    """A file system that only the processes of a test see: commands run there, one after the other."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def run(self, *words: str) -> tuple[int, str]:
        """Run a command of ours there; return its exit code and what it said."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(" ".join(words) + "\n")
        self.process.stdin.flush()
        code, _, said = self.process.stdout.readline().partition(" ")
        return int(code), said


@contextmanager
def disk(kind: str, data: Path, tmp_path: Path, left: int = 0) -> Iterator[tuple[Disk, Path]]:
    """Make a file system with a copy of a data directory: a full one with so many bytes left, or one that is closed."""
    place, elsewhere = tmp_path / "place", tmp_path / "elsewhere"
    place.mkdir()
    elsewhere.mkdir()
    words = ["unshare", "--user", "--map-root-user", "--mount", sys.executable, "-c", SCRIPT]
    with subprocess.Popen(
        [*words, kind, str(data), str(place), str(left), str(elsewhere)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        if process.stdout.readline() != "ready\n":
            pytest.skip("this machine lets nobody mount a file system of their own")
        yield Disk(process), place / "data"


@pytest.mark.parametrize("left", [0, 200_000])
def test_on_a_full_disk_a_contribution_is_refused_in_words_and_admitted_when_there_is_room(
    admitted: Path, tmp_path: Path, left: int
) -> None:
    written = package(tmp_path / "package", "late", 20)
    contribute = ("contribute", str(written), "--quiet", "--no-match", "--data")
    with disk("full", admitted, tmp_path, left) as (full, data):
        code, said = full.run(*contribute, str(data))
        assert code == 1, said
        assert "error: " in said
        assert "room" in said
        assert full.run("verify", "--data", str(data))[0] == 0
        full.run("free")
        assert full.run(*contribute, str(data))[0] == 0
        assert full.run("trace", "late/a0", "--data", str(data))[0] == 0


def test_an_addition_to_an_index_is_refused_in_words_where_the_disk_is_full(tmp_path: Path) -> None:
    """The room behind the columns is a hole, and a page of it that the disk has no place for would end the process."""
    code = """
import sys, shutil
from pathlib import Path
from opentier.graph import Graph
from opentier.graph.index import extension, shelf
graph, place = Graph.open(sys.argv[1]), Path(sys.argv[1]).parent
real = extension._opened
def full(*given):
    with (place / "filling").open("wb") as file:
        file.write(bytes(shutil.disk_usage(place).free))
    return real(*given)
extension._opened = full
from opentier.graph.contribution.submission import Options
graph.contribute(sys.argv[2], Options(match=False))
"""
    graph = Graph.open(tmp_path / "data", create=True)
    graph.contribute(package(tmp_path / "many", "many", 2_000, 400))
    graph.rebuild_index()
    (tmp_path / "code.py").write_text(code, "utf-8")
    few = package(tmp_path / "few", "few", 40)
    words = [
        "unshare", "--user", "--map-root-user", "--mount", "sh", "-c",
        'mount -t tmpfs -o size=64m tmpfs "$1" && cp -r --sparse=always "$2" "$1/data" && exec "$3" "$4" "$1/data" $5',
        "sh", str(tmp_path / "place"), str(tmp_path / "data"), sys.executable, str(tmp_path / "code.py"), str(few),
    ]  # fmt: skip
    (tmp_path / "place").mkdir()
    done = subprocess.run(words, capture_output=True, text=True, timeout=PATIENCE, check=False)
    if "mount" in done.stderr or "unshare" in done.stderr:
        pytest.skip("this machine lets nobody mount a file system of their own")
    assert done.returncode == 1, done.returncode
    assert "StoreError: The index cannot be written" in done.stderr


def test_what_is_closed_to_us_is_answered_from_and_not_written_to(admitted: Path, tmp_path: Path) -> None:
    written = package(tmp_path / "package", "late", 20)
    with disk("closed", admitted, tmp_path) as (closed, data):
        code, said = closed.run("contribute", str(written), "--quiet", "--data", str(data))
        assert (code, "read-only" in said) == (1, True), said
        assert closed.run("trace", "example/aurora", "--data", str(data))[0] == 0
        assert closed.run("query", str(_query(tmp_path)), "--data", str(data))[0] == 0
        assert closed.run("verify", "--data", str(data))[0] == 0


def _query(folder: Path) -> Path:
    (folder / "count.rq").write_text(COUNT, "utf-8")
    return folder / "count.rq"
