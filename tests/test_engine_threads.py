"""Many threads, one graph: every answer is that of the release that its view names, while new ones are admitted.

Threads share `Graph.view()`, its index and the workspaces of its kernels, as those of the service do. What they must
answer is computed by one thread, from an index of its own of the same release.
"""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from opentier.graph import Graph
from opentier.graph.exposure.exposures import expose
from opentier.graph.front import View
from opentier.graph.index.build import opened
from opentier.graph.model.names import digest
from opentier.graph.network.survey import survey
from opentier.graph.store.release import Release
from opentier.graph.trace.parameters import Parameters
from opentier.graph.trace.walks import trace
from tests.broken import Rows, write
from tests.oracles.draw import actor, arcs, network
from tests.oracles.tables import built
from tests.test_engine import told

THREADS, ADMISSIONS, ACTORS, LINKS = 200, 4, 12, 24
#: Seconds that anything may take, and answers of each release that are waited for.
PATIENCE, ENOUGH = 600.0, 200
#: Seconds that a thread rests between two traces, at most, while the main thread needs the interpreter, too.
REST = 20.0

PARAMETERS = (
    Parameters(paths=1),
    Parameters(max_tier=3),
    Parameters(on="2021-06-15", kinds=("supply",)),
    Parameters(on="2021-06-15", kinds=("supply",), min_confidence=0.5),
    Parameters(downstream=True, paths=1),
    Parameters(downstream=True, since="2021", until="2021"),
    Parameters(since="2020", until="2021-06", min_path_confidence=0.3),
    Parameters(product="6109", max_tier=4),
    Parameters(kinds=("supply", "operation", "ownership"), datasets=("probe",), past=True),
    Parameters(downstream=True, on="2022-01-01", product="5201"),
)
#: An actor and what is asked of it.
CASES = [(f"probe/a{number}", asked) for number in range(0, ACTORS, 4) for asked in PARAMETERS]


def variant(folder: Path, number: int) -> Path:
    """Write a package whose actors stay and whose links are drawn anew."""
    drawn = random.Random(number)
    ends = [f"a{each}" for each in range(ACTORS)]
    days = [("", ""), ("2021", ""), ("", "2021-06-15"), ("2020", "2021-12-31"), ("2022", "")]
    links = [
        [*drawn.sample(ends, 2), drawn.choice(["6109", "5205", "5201", ""]), *drawn.choice(days),
         drawn.choice(["", "1", "0.9", "0.5"]), drawn.choice(["", "", "", "2"]), "e", f"{row}"]
        for row in range(LINKS)
    ]  # fmt: skip
    tables: dict[str, Rows] = {
        "actors": [["id", "name", "country"], *([end, f"Actor {end}", "CN"] for end in ends)],
        "evidence": [["id", "type"], ["e", "invoice"]],
        "supply_links": [
            ["buyer", "supplier", "product", "start_date", "end_date", "confidence", "declared_tier",
             "evidence", "note"],
            *links,
        ],
        "operation_links": [
            ["operator", "facility", "evidence"],
            *([*drawn.sample(ends, 2), "e"] for _ in range(8)),
        ],
        "product_inputs": [["input", "output", "evidence"], ["5205", "6109", "e"], ["5201", "5205", "e"]],
        "designations": [
            ["id", "kind", "authority", "target", "product", "country", "listing_date"],
            ["d0", "entity-listing", "An authority", "a7", "", "", "2021-03-01"],
            ["d1", "entity-listing", "An authority", drawn.choice(ends), "", "", "2020"],
            ["d2", "goods-listing", "An authority", "", "5201", "CN", "2020"],
        ],
    }  # fmt: skip
    return write(folder, tables, "probe")


def expected(release: Release, scratch: Path) -> list[str]:
    """Return the answers to all cases, from an index of their own."""
    alone = View(Release(release.path, release.names))
    alone._index = opened(survey(alone.release), scratch / release.id)
    return [digest([alone.trace(root, asked).to_json()]) for root, asked in CASES]


@dataclass
class Crowd:
    """Threads that trace until they are told to stop, and what they were answered; awake they do not rest."""

    graph: Graph
    stop: threading.Event = field(default_factory=threading.Event)
    awake: threading.Event = field(default_factory=threading.Event)
    begin: threading.Barrier = field(default_factory=lambda: threading.Barrier(THREADS + 1))
    changed: threading.Condition = field(default_factory=threading.Condition)
    answers: Counter[tuple[str, int, str]] = field(default_factory=Counter)
    given: Counter[str] = field(default_factory=Counter)
    errors: list[BaseException] = field(default_factory=list)

    def __call__(self, number: int) -> None:
        """Trace one case after another."""
        drawn = random.Random(number)
        try:
            self.begin.wait(PATIENCE)
            while not self.stop.is_set():
                case = drawn.randrange(len(CASES))
                root, asked = CASES[case]
                view = self.graph.view()
                answer = digest([view.trace(root, asked).to_json()])
                with self.changed:
                    self.answers[view.release.id, case, answer] += 1
                    self.given[view.release.id] += 1
                    self.changed.notify_all()
                self.awake.wait(drawn.uniform(0, REST))
        except BaseException as error:
            with self.changed:
                self.errors.append(error)
                self.changed.notify_all()

    def ask(self, release: str) -> None:
        """Wake all threads at once until a release has given enough answers, or a thread has failed."""
        self.awake.set()
        with self.changed:
            self.changed.wait_for(lambda: self.errors or self.given[release] >= ENOUGH, PATIENCE)
        assert not self.errors, self.errors[0]
        assert self.given[release] >= ENOUGH, f"too few answers from release {release} in {PATIENCE} s"
        self.awake.clear()

    def end(self) -> None:
        """Tell all threads to stop."""
        self.stop.set()
        self.awake.set()


def test_answers_stay_those_of_their_release_while_links_change(tmp_path: Path) -> None:
    graph = Graph.open(tmp_path / "data", create=True)
    packages = [variant(tmp_path / f"package-{number}", number) for number in range(2)]
    assert graph.contribute(packages[0]).new
    crowd = Crowd(graph)
    threads = [threading.Thread(target=crowd, args=(number,), daemon=True) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    right: dict[str, list[str]] = {}
    try:
        crowd.begin.wait(PATIENCE)
        for admission in range(ADMISSIONS + 1):
            if admission:
                assert graph.contribute(packages[admission % 2]).new
            release = graph.store.release()
            crowd.ask(release.id)
            right[release.id] = expected(release, tmp_path / "alone")
    finally:
        crowd.end()
        deadline = time.monotonic() + PATIENCE
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))
    assert not any(thread.is_alive() for thread in threads)
    assert not crowd.errors
    assert len(right) == ADMISSIONS + 1 == len({release for release, _, _ in crowd.answers})
    wrong = [(release, CASES[case]) for release, case, said in crowd.answers if said != right[release][case]]
    assert not wrong
    first, second = list(right.values())[:2]
    assert (
        sum(a != b for a, b in zip(first, second, strict=True)) > len(CASES) / 2
    )  # an old answer would show


def together(work: Callable[[int], object], threads: int) -> list[object]:
    """Return what a function returns in so many threads that begin at once."""
    begin = threading.Barrier(threads)

    def one(number: int) -> object:
        begin.wait(PATIENCE)
        return work(number)

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(one, range(threads), timeout=PATIENCE))


def test_threads_that_ask_a_new_release_at_once_share_its_index(tmp_path: Path) -> None:
    graph = Graph.open(tmp_path / "data", create=True)
    graph.contribute(variant(tmp_path / "package", 0))
    right = expected(graph.store.release(), tmp_path / "alone")
    root, asked = CASES[0]
    answers = together(lambda number: digest([graph.view().trace(root, asked).to_json()]), 50)
    assert answers == [right[0]] * 50
    assert [folder.name for folder in (tmp_path / "data" / "index").iterdir()] == [graph.store.current]


@pytest.fixture(scope="module")
def questions() -> list[tuple[str, Parameters]]:
    """Questions to a graph that keeps the kernels busy: plain reach, states with dates, and paths."""
    asked = (
        Parameters(on="2021-06-15", kinds=("supply",), paths=2),
        Parameters(max_tier=5, paths=2),
        Parameters(on="2021-06-15", downstream=True, paths=2),
    )
    return [(actor(number), each) for number in range(0, 400, 80) for each in asked]


def test_kernels_of_many_threads_do_not_disturb_each_other(questions: list[tuple[str, Parameters]]) -> None:
    random = np.random.default_rng(3)
    index = built(network(400, arcs(random, 400, 1200, dated=True, operations=100), range(0, 400, 50)))

    def answer(number: int) -> object:
        root, asked = questions[number % len(questions)]
        found = trace(index, root, asked)
        return found.tiers, [(e.actor, e.designation.iri, [told(p) for p in e.paths]) for e in expose(found)]

    right = [answer(number) for number in range(len(questions))]
    assert together(answer, THREADS) == [right[number % len(right)] for number in range(THREADS)]
