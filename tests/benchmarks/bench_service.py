"""What the service bears: mixed requests with a contribution in their midst, and what HTTP adds to a call (P12).

Run by ``make bench``; never part of the tests. OPENTIER_BENCH_SECONDS is how long it is asked (default 120),
OPENTIER_BENCH_LINKS how many links a generated dataset has (default 20,000), OPENTIER_BENCH_CROWD how many ask at once
(default 8). Whoever asks runs on the same cores. Each answer is compared with what the library says of the release that
the answer names.
"""

from __future__ import annotations

import hashlib
import http.client
import itertools
import json
import os
import statistics
import subprocess
import sys
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote

import pytest

from opentier.graph import Graph
from opentier.graph.contribution.submission import Options
from opentier.graph.trace.parameters import given
from opentier.graph.triples.engine import Rows
from tests.benchmarks.bench_admission import package
from tests.conftest import PATIENCE, Started, admit, serving
from tests.processes import memory
from tests.test_workers import RUNAWAY

SECONDS = float(os.environ.get("OPENTIER_BENCH_SECONDS", "120"))
LINKS = int(os.environ.get("OPENTIER_BENCH_LINKS", "20000"))
CROWD = int(os.environ.get("OPENTIER_BENCH_CROWD", "8"))
WHERE = Path("build/bench/service.json")
COUNT = "SELECT (COUNT(?link) AS ?n) { ?link a ot:SupplyLink ; ot:buyer <https://w3id.org/opentier/id/example/aurora> }"
#: What is asked, by what it is called, and how often in a round.
ASKED = {
    "small trace": ("/trace?actor=example/aurora&product=6109", 4),
    "small trace, svg": ("/trace?actor=example/aurora&product=6109&format=svg", 1),
    "wide trace": ("/trace?actor=bench/a1&product=5201&max_tier=3&format=csv", 1),
    "look-up": (f"/sparql?format=csv&query={quote(COUNT)}", 4),
    "entity": ("/id/example/aurora.ttl", 4),
    "search": ("/search?q=aurora", 2),
    "datasets": ("/datasets", 2),
    "health": ("/health", 2),
}
#: The small trace, asked so that no answer of it can be kept.
ANOTHER = "small trace, another each time"
NUMBERS = itertools.count()
#: Traces that the library gives in the same words.
TRACES: dict[str, tuple[str, dict[str, Any]]] = {
    "small trace": ("example/aurora", {"product": "6109"}),
    "wide trace": ("bench/a1", {"product": "5201", "max_tier": 3}),
}


@dataclass
class Heard:
    """What came back: seconds by what was asked, the hashes of answers by that and their release, and what failed."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    said: dict[tuple[str, str], set[str]] = field(default_factory=lambda: defaultdict(set))
    failed: list[str] = field(default_factory=list)


def hashed(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()


def another() -> str:
    """Return the address of the small trace with a bound that nobody has asked with, and that excludes nothing."""
    return f"{ASKED['small trace'][0]}&min_path_confidence={next(NUMBERS) / 1e7:.7f}"


def ask(line: http.client.HTTPConnection, path: str) -> tuple[int, str, bytes]:
    line.request("GET", path)
    answer = line.getresponse()
    return answer.status, answer.headers.get("OpenTier-Release", ""), answer.read()


def connected(started: Started) -> closing[http.client.HTTPConnection]:
    return closing(http.client.HTTPConnection(started.url.removeprefix("http://"), timeout=PATIENCE))


def crowd(started: Started, seconds: float, names: list[str], many: int) -> Heard:
    """Have many ask in turns for some seconds."""
    heard, until = Heard(), time.monotonic() + seconds

    def one(turns: Iterator[str]) -> None:
        with connected(started) as line:
            while time.monotonic() < until:
                name = next(turns)
                begun = time.perf_counter()
                try:
                    status, release, body = ask(line, another() if name == ANOTHER else ASKED[name][0])
                except (OSError, http.client.HTTPException) as error:
                    heard.failed.append(f"{name}: {error!r}")
                    line.close()
                    continue
                heard.seconds[name].append(time.perf_counter() - begun)
                heard.said[name, release].add(hashed(body))
                if status != 200:
                    heard.failed.append(f"{name}: {status} {body[:200]!r}")

    rounds = [itertools.cycle(names[number:] + names[:number]) for number in range(many)]
    threads = [threading.Thread(target=one, args=(turns,)) for turns in rounds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(seconds + PATIENCE)
    return heard


def truth(graph: Graph) -> dict[tuple[str, str], str]:
    """Return what the library says of its current release, as hashes."""
    view = graph.view()
    found = {name: view.trace(actor, given({**asked})) for name, (actor, asked) in TRACES.items()}
    return {
        (name, view.release.id): hashed(
            (found[name].to_csv() if "csv" in ASKED[name][0] else found[name].to_json()).encode()
        )
        for name in TRACES
    }


def part(seconds: list[float], share: float) -> float:
    """Return a quantile in milliseconds."""
    return round(sorted(seconds)[min(len(seconds) - 1, int(len(seconds) * share))] * 1e3, 2)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bench")
    graph = Graph.open(admit(folder / "data"))
    graph.contribute(package(folder / "package", LINKS), Options(match=False))
    return folder / "data"


def keep(name: str, said: dict[str, object]) -> None:
    """Print what was measured, and keep it as JSON beside what was measured before."""
    WHERE.parent.mkdir(parents=True, exist_ok=True)
    known = json.loads(WHERE.read_text("utf-8")) if WHERE.exists() else {}
    WHERE.write_text(json.dumps({**known, name: said}, indent=1) + "\n", "utf-8")
    print(json.dumps({name: said}, indent=1), flush=True)


def test_mixed_requests_with_a_contribution_in_their_midst(data: Path, tmp_path: Path) -> None:
    graph = Graph.open(data)
    expected = truth(graph)
    more = package(tmp_path / "more", 1_000, "more")
    names = [name for _ in range(4) for name, (_, often) in ASKED.items() for _ in range(often)]
    with serving(data, tmp_path / "log") as started:
        crowd(started, 5, names, CROWD)  # what is made once is made
        sizes: list[int] = []
        done = threading.Event()

        def watch() -> None:
            while not done.wait(0.5):
                sizes.append(memory(started.pid))

        def contribute() -> None:
            words = ["contribute", str(more), "--data", str(data), "--quiet", "--no-match"]
            subprocess.run(
                [sys.executable, "-m", "opentier.api.cli.main", *words], check=True, timeout=PATIENCE
            )

        threads = [threading.Thread(target=watch), threading.Timer(SECONDS / 2, contribute)]
        for thread in threads:
            thread.start()
        heard = crowd(started, SECONDS, names, CROWD)
        done.set()
        for thread in threads:
            thread.join(PATIENCE)
    expected |= truth(graph)
    many = sum(map(len, heard.seconds.values()))
    keep(
        "load",
        {
            "seconds": SECONDS, "links": LINKS, "at once": CROWD, "cores": os.cpu_count(),
            "requests a second": round(many / SECONDS, 1), "failed": heard.failed[:10],
            "milliseconds": {
                name: {"requests": len(took), "p50": part(took, 0.5), "p95": part(took, 0.95), "p99": part(took, 0.99)}
                for name, took in heard.seconds.items()
            },
            "MiB after a quarter, half, three quarters, all": [
                sizes[len(sizes) * part // 4 - 1] >> 20 for part in (1, 2, 3, 4)
            ],
        },
    )  # fmt: skip
    assert heard.failed == []
    for (name, release), said in heard.said.items():
        assert len(said) == 1 or not release, (name, release)
        if (name, release) in expected:
            assert said == {expected[name, release]}, (name, release)
    assert {release for name, release in heard.said if name == "small trace"} >= {
        release for _, release in expected
    }


def test_sixty_runaways_at_once(data: Path, tmp_path: Path) -> None:
    seconds, quick = 10.0, {"health": "/health", "small trace": "/trace?actor=example/aurora&product=6109"}
    with serving(data, tmp_path / "log", "--query-seconds", f"{seconds:g}") as started:
        crowd(started, 3, ["small trace", "look-up"], 4)
        before, most, took = memory(started.pid), 0, defaultdict[str, list[float]](list)
        statuses: list[int] = []

        def run_away() -> None:
            with connected(started) as line:
                statuses.append(ask(line, f"/sparql?query={quote(RUNAWAY)}")[0])

        threads = [threading.Thread(target=run_away) for _ in range(60)]
        begun = time.monotonic()
        for thread in threads:
            thread.start()
        with connected(started) as line:
            while any(thread.is_alive() for thread in threads):
                for name, path in quick.items():
                    asked = time.perf_counter()
                    assert ask(line, path)[0] == 200
                    took[name].append(time.perf_counter() - asked)
                most = max(most, memory(started.pid))
            over = time.monotonic()
            assert ask(line, ASKED["look-up"][0])[0] == 200
            back = time.monotonic() - over
        time.sleep(2)
        after = memory(started.pid)
        threads = [threading.Thread(target=suppressed, args=(run_away,)) for _ in range(60)]
        for thread in threads:
            thread.start()
        time.sleep(2)
        ended = time.monotonic()
        started.process.terminate()
        started.process.wait(PATIENCE)
        ended = time.monotonic() - ended
        for thread in threads:
            thread.join(PATIENCE)
    keep(
        "60 runaways",
        {
            "statuses": dict(Counter(statuses)), "seconds until all were answered": round(over - begun, 1),
            "milliseconds": {
                name: {"p50": part(each, 0.5), "p95": part(each, 0.95), "most": part(each, 1)}
                for name, each in took.items()
            },
            "seconds of the next look-up": round(back, 2),
            "MiB before, at most, after": [size >> 20 for size in (before, most, after)],
            "seconds from SIGTERM to the end": round(ended, 1),
        },
    )  # fmt: skip
    assert set(statuses[:60]) <= {503, 504}


def suppressed(work: Callable[[], object]) -> None:
    with suppress(OSError, http.client.HTTPException):  # it was not let in any more
        work()


def test_what_http_adds_to_a_call(data: Path, tmp_path: Path) -> None:
    view = Graph.open(data).view()
    calls: dict[str, Callable[[], object]] = {
        "small trace": lambda: view.trace("example/aurora", given({"product": "6109"})).to_json(),
        "look-up": lambda: list(cast(Rows, view.query(COUNT))),
    }
    said: dict[str, object] = {}
    with serving(data, tmp_path / "log") as started:
        crowd(started, 3, list(calls), 2)
        for name, call in calls.items():
            pairs = []
            with connected(started) as line:
                for _ in range(300):
                    begun = time.perf_counter()
                    call()
                    between = time.perf_counter()
                    assert ask(line, ASKED[name][0])[0] == 200
                    pairs.append((between - begun, time.perf_counter() - between))
            own, over = (statistics.median(each) * 1e3 for each in zip(*pairs, strict=True))
            said[name] = {
                "in process": round(own, 2),
                "over HTTP": round(over, 2),
                "added": round(over - own, 2),
            }
        for name in calls:
            heard = crowd(started, 10, [name], CROWD)
            assert heard.failed == []
            said[f"{name}s a second"] = round(len(heard.seconds[name]) / 10, 1)
        heard = crowd(started, 10, [ANOTHER], CROWD)
        assert heard.failed == []
        said["small traces a second, another each time"] = round(
            sum(map(len, heard.seconds.values())) / 10, 1
        )
        both = crowd(started, 10, list(calls), CROWD)
        said["both a second"] = round(sum(map(len, both.seconds.values())) / 10, 1)
        assert both.failed == []
    keep("P12", said)
