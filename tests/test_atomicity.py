"""A contribution is whole or not at all: killed at any moment, beside others, under the eyes of readers."""

from __future__ import annotations

import multiprocessing
import random
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest

from opentier.graph.admission import admission
from opentier.graph.admission.admitted import Admission
from opentier.graph.contribution.submission import Options
from opentier.graph.errors import StoreBusy
from opentier.graph.model.names import OT
from opentier.graph.model.rdf import IRI
from opentier.graph.store.directory import KEPT, Store
from opentier.graph.store.release import Release
from tests import forked
from tests.broken import Rows, write
from tests.conftest import PATIENCE
from tests.counts import few

SUPPLY_LINK = IRI(f"{OT}SupplyLink")
TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
KILLS, ROWS, ACTORS = 16 if few() else 40, 1_000, 2_000

#: Processes are forked from one that has all in hand, and nothing open.
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["tests.forked"])


@dataclass(frozen=True)
class Worker:
    """A process that contributes, and what one hears from it."""

    process: BaseProcess
    line: Connection

    def told(self) -> Iterator[str]:
        """Yield what it says until it ends."""
        with suppress(EOFError, ConnectionResetError):
            while self.line.poll(PATIENCE):
                yield self.line.recv()


def package(folder: Path, name: str, links: int, actors: int = 3) -> Path:
    """Write a package with that many supply links, no two of them the same."""
    tables: dict[str, Rows] = {
        "actors": [["id", "name"], *([f"a{number}", f"Actor {number}"] for number in range(actors))],
        "evidence": [["id", "type"], ["e", "invoice"]],
        "supply_links": [
            ["buyer", "supplier", "product", "observed_date", "quantity", "evidence"],
            *(
                [f"a{n % actors}", f"a{(n + 1) % actors}", f"{10 + n % 60}", "2024-01-05", f"{n}", "e"]
                for n in range(links)
            ),
        ],
    }
    return write(folder, tables, name)


def contribute(path: Path, store: Store) -> Admission:
    return admission.contribute(path, Options(), store, lambda stage, done, total: None)


def links(release: Release, iri: str) -> int:
    """Return how many supply links a version has; all that was stored of it must be there."""
    stored = release.engine.count(iri)
    assert stored == next(version.triples for version in release.versions if version.iri == iri)
    return sum(1 for _ in release.engine.match(iri, predicate=TYPE, object=SUPPLY_LINK))


def state(release: Release) -> dict[tuple[str, int], int]:
    """Return every version that a release knows, with its number of supply links."""
    return {(version.dataset, version.number): links(release, version.iri) for version in release.versions}


def strays(store: Store) -> list[str]:
    """Return what a killed process may leave and the next contribution must remove."""
    releases = sorted(path.name for path in (store.path / "releases").iterdir())
    assert sum(not name.startswith(".") for name in releases) <= KEPT
    return [name for name in releases if name.startswith(".") or name > str(store.current)] + [
        path.name for path in (store.path / "contributions").iterdir() if path.name.startswith(".")
    ]


@contextmanager
def worker(store: Store, path: Path, scratch: Path) -> Iterator[Worker]:
    """Start a process that will contribute when it is told to; it is killed in the end."""
    scratch.mkdir(exist_ok=True)
    ours, theirs = FORKS.Pipe()
    process = FORKS.Process(target=forked.contribute, args=(store.path, path, scratch, theirs))
    process.start()
    theirs.close()
    with ours:
        try:
            yield Worker(process, ours)
        finally:
            process.kill()
            process.join(PATIENCE)


def wait_for(worker: Worker, word: str) -> str:
    """Return the next thing that a process says and that starts with a word, or nothing when it ends before."""
    return next((said for said in worker.told() if said.startswith(word)), "")


def go(worker: Worker) -> float:
    """Tell a process to contribute once it is ready, and return the time."""
    assert wait_for(worker, "ready")
    worker.line.send("go")
    return time.monotonic()


def killed(worker: Worker, after: str, delay: float) -> str:
    """Kill a process some seconds after it said a word; return the last stage that it told."""
    go(worker)
    said = after if after == "ready" else wait_for(worker, after).split()[0]
    time.sleep(delay)
    worker.process.kill()
    rest = [each.split()[0] for each in worker.told()]
    worker.process.join(PATIENCE)
    assert worker.process.exitcode == -9
    return rest[-1] if rest else said


def test_a_contribution_killed_at_any_moment_is_there_or_not(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "data", create=True)
    expected: dict[tuple[str, int], int] = {}
    chance, scratch = random.Random(2026), tmp_path / "scratch"

    # Undisturbed, to learn how long it takes and how much of that is storing.
    with worker(store, package(tmp_path / "first", "chain", ROWS, ACTORS), scratch) as process:
        start = go(process)
        assert wait_for(process, "storing 0")
        stored = time.monotonic()
        assert wait_for(process, "admitted")
        whole, storing = time.monotonic() - start, time.monotonic() - stored
    expected["chain", 1] = ROWS
    assert state(Store.open(store.path).release()) == expected

    during = KILLS // 4
    anywhere = KILLS - during - 3
    moments = [("ready", whole * chance.uniform(i, i + 1) / anywhere) for i in range(anywhere)]
    moments += [("storing 0", storing * chance.uniform(i, i + 1) / during) for i in range(during)]
    moments += [("validating", 0.0), ("storing 0", 0.0), ("admitted", 0.0)]
    stages, new = set(), 0
    with ExitStack() as stack:

        def prepared(number: int) -> Worker:
            path = package(tmp_path / f"chain-{number}", "chain", ROWS + number, ACTORS)
            return stack.enter_context(worker(store, path, scratch))

        process = prepared(1)
        for number, (after, delay) in enumerate(moments, 1):
            stages |= {after.split()[0], killed(process, after, delay)}
            if number < KILLS:
                process = prepared(number + 1)  # it starts while this one's state is looked at
            opened = Store.open(store.path)
            release = opened.release()
            version = release.current["chain"].number
            if version != 1 + new:
                expected["chain", version] = ROWS + number
                new += 1
            assert state(release) == expected
            assert version == 1 + new
            assert (opened.folder("chain", version) / "original.zip").is_file()
            # The next contribution succeeds, and removes what was left.
            admitted = contribute(package(tmp_path / f"next-{number}", "next", number), opened)
            assert (admitted.new, admitted.version.number) == (True, number)
            expected["next", number] = number
            assert not strays(opened)
    assert state(Store.open(store.path).release()) == expected
    assert {"validating", "storing", "admitted"} <= stages
    assert 1 <= new < KILLS


def test_two_processes_contribute_one_after_the_other(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "data", create=True)
    paths = [package(tmp_path / f"p{number}", "chain", 100 + number) for number in range(2)]
    with (
        worker(store, paths[0], tmp_path / "scratch") as one,
        worker(store, paths[1], tmp_path / "scratch") as two,
    ):
        go(one)
        go(two)
        said = {wait_for(one, "admitted"), wait_for(two, "admitted")}
    assert said == {"admitted 1", "admitted 2"}
    release = store.release()
    assert [(version.dataset, version.number) for version in release.versions] == [("chain", 1), ("chain", 2)]
    assert sorted(state(release).values()) == [100, 101]
    assert not strays(store)


def test_a_writer_that_waits_too_long_is_told_so(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "data", create=True)
    with (
        store.writing(),
        pytest.raises(StoreBusy, match="Another process is writing"),
        Store.open(store.path).writing(patience=0.0),
    ):
        pass
    with store.writing(patience=0.0):
        pass


def test_the_same_package_twice_changes_nothing(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "data", create=True)
    first = contribute(package(tmp_path / "one", "chain", 5), store)
    before = store.current
    again = contribute(package(tmp_path / "same", "chain", 5), store)
    assert (first.new, again.new) == (True, False)
    assert again.version == first.version
    assert store.current == before
    assert state(store.release()) == {("chain", 1): 5}


def test_a_changed_package_is_the_next_version_and_the_old_one_stays(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "data", create=True)
    contribute(package(tmp_path / "one", "chain", 5), store)
    second = contribute(package(tmp_path / "two", "chain", 4), store)
    assert (second.new, second.version.number) == (True, 2)
    release = store.release()
    assert state(release) == {("chain", 1): 5, ("chain", 2): 4}
    assert release.graphs == [second.version.iri]
    back = contribute(package(tmp_path / "three", "chain", 5), store)
    assert (back.new, back.version.number) == (True, 3)


def test_a_reader_keeps_its_answers_while_others_are_published(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "data", create=True)
    contribute(package(tmp_path / "p", "chain", 50), store)
    reader = store.release()

    def held() -> list[str]:
        return sorted(
            str(said) for graph in (*reader.graphs, *reader.named) for said in reader.engine.match(graph)
        )

    before = held()
    for number in range(1, KEPT + 2):
        contribute(package(tmp_path / f"p{number}", "chain", 50 + number), store)
        assert held() == before
    assert not reader.path.exists()
    assert state(reader) == {("chain", 1): 50}
    assert store.release().current["chain"].number == KEPT + 2


def test_readers_always_see_a_whole_release(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "data", create=True)
    contribute(package(tmp_path / "p", "chain", 30), store)
    seen: list[int] = []
    wrong: list[BaseException] = []
    done = threading.Event()

    def read() -> None:
        try:
            while not done.is_set():
                found = state(Store.open(store.path).release())
                assert found == {("chain", number): 29 + number for number in range(1, len(found) + 1)}
                seen.append(len(found))
        except BaseException as error:
            wrong.append(error)

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(1, 6):
        contribute(package(tmp_path / f"p{number}", "chain", 30 + number), store)
    done.set()
    reader.join()
    assert not wrong
    assert seen == sorted(seen)
    assert state(store.release()) == {("chain", number): 29 + number for number in range(1, 7)}
