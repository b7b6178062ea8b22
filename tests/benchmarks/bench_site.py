"""Every page at a million links: how long a browser waits for it, at first and again, and how large it is.

Run by ``make bench``; never part of the tests. The data directory is made as anybody makes one: ``opentier reference``,
then the worked example and a generated chain are contributed. OPENTIER_BENCH_SIZE is the size of the chain (default M:
100 k actors, 1 M links; its contribution takes minutes and 4 GiB), OPENTIER_BENCH_KEPT a folder in which the directory
stays for the next run. Seconds are those of a real service on loopback, on a connection of its own each, with all bytes
read; nobody else asks meanwhile. Beside them stand those that its processes computed, which say more where others use
the machine, too. What is over a second is marked. Where a page tells that a trace goes on, it is asked for again, as a
browser does; the seconds until the answer stood there come last.

Of 10 M links (OPENTIER_BENCH_ALONE, default L) an index alone is made, beside a store that describes one actor: the
pages that read the index are asked there.
"""

from __future__ import annotations

import gzip
import http.client
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import numpy as np
import pytest
from fastapi.routing import APIRoute

from opentier.api import site
from opentier.graph import Graph
from opentier.graph.contribution import shipped
from opentier.graph.contribution.submission import Options
from opentier.graph.engine.arrays import NONE
from opentier.graph.index import shelf
from tests.benchmarks.addresses import ACTED, COLD, LARGE, READS_INDEX, WHOLE
from tests.benchmarks.chains import make, roots
from tests.benchmarks.indexed import build
from tests.benchmarks.packaged import DATASET, package
from tests.conftest import Started, serving
from tests.processes import children, wait_until
from tests.sites import PAGES

SIZE = os.environ.get("OPENTIER_BENCH_SIZE", "M")
ALONE = os.environ.get("OPENTIER_BENCH_ALONE", "L")
KEPT = os.environ.get("OPENTIER_BENCH_KEPT")
WHERE = Path("build/bench/site.json")
#: Seconds in which a page is there, and its bytes have to be; of the first visitor, and of who waits for a job.
GOAL, LONGEST = 1.0, 600.0
BROWSER = {
    "Accept": "text/html,application/xhtml+xml,*/*;q=0.8",
    "Accept-Encoding": "gzip",
    "User-Agent": "bench",
}
#: Rows of a list of suppliers; links of the version before.
SUPPLIERS = 200
_BEFORE = 1_000


@dataclass(frozen=True)
class Seen:
    """A page as it came: its status, seconds, those that the service computed, bytes as sent and as read.

    `until` are the seconds after which the answer was there, where the first page told that work went on.
    """

    status: int
    seconds: float
    cpu: float
    sent: int
    bytes: int
    until: float = 0.0


def ask(started: Started, address: str) -> Seen:
    """Ask for an address as a browser does, until what it shows is no more that work goes on."""
    first = last = asked(started, address)
    begun, before = time.perf_counter() - first.seconds, computed(started) - first.cpu
    while last.status in (202, 503) and time.perf_counter() - begun < LONGEST:
        time.sleep(1)
        last = asked(started, address)
    if last is first:
        return first
    seconds, cpu = time.perf_counter() - begun, computed(started) - before
    return replace(last, seconds=first.seconds, cpu=cpu, until=seconds)


def asked(started: Started, address: str) -> Seen:
    """Ask for an address once; what leads elsewhere is followed."""
    begun, sent, before = time.perf_counter(), 0, computed(started)
    for _ in range(5):
        with closing(http.client.HTTPConnection(urlsplit(started.url).netloc, timeout=LONGEST)) as line:
            line.request("GET", address, headers=BROWSER)
            answer = line.getresponse()
            body = answer.read()
        sent += len(body)
        if answer.status not in (301, 302, 303, 307):
            break
        where = urlsplit(answer.headers["Location"])
        address = f"{where.path}?{where.query}" if where.query else where.path
    seconds = time.perf_counter() - begun
    if answer.headers.get("Content-Encoding") == "gzip":
        body = gzip.decompress(body)
    return Seen(answer.status, seconds, computed(started) - before, sent, len(body))


def computed(started: Started) -> float:
    """Return the seconds that a service and the processes that it started computed."""
    ticks = 0
    for each in (started.pid, *children(started.pid)):
        with suppress(OSError):  # gone meanwhile
            said = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
            ticks += sum(map(int, said[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")


def run(*words: str) -> float:
    """Run the command line in a process of its own; return its seconds."""
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-m", "opentier.api.cli.main", *words], check=True, timeout=3600)
    return time.perf_counter() - begun


def directory(folder: Path) -> Path:
    """Return a data directory with what ships and a chain; made where it is not there."""
    data = folder / "data"
    if data.exists():
        return data
    draft, chain = folder / "draft", make(SIZE)
    print(f"\nreference: {run('reference', '--data', str(draft), '--quiet'):.0f} s")
    for name in shipped.EXAMPLES:
        run("contribute", str(shipped.folder(name)), "--data", str(draft), "--quiet")
    for number, links in enumerate((_BEFORE, None)):
        made = package(chain, folder / f"package-{number}", links)
        print(f"version {number + 1}: {run('contribute', str(made), '--data', str(draft), '--quiet'):.0f} s")
    draft.rename(data)
    return data


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = Path(KEPT) if KEPT else tmp_path_factory.mktemp("site")
    folder.mkdir(exist_ok=True, parents=True)
    return directory(folder)


@pytest.fixture(scope="module")
def named(data: Path) -> Mapping[str, str]:
    """Return what addresses are about: the actor with most links, an importer, a listed actor, a good."""
    index = Graph.open(data).view().index
    arcs = (index.out.end - index.out.begin).astype(np.int64) + (index.back.end - index.back.begin)
    ours = [each for each in np.argsort(-arcs)[:100].tolist() if f"/{DATASET}/" in index.iri(each)]
    chain = make(SIZE)
    importer, _ = roots(chain, 1, 1_000, chain.actors)[0]
    goods = index.goods.product[index.arcs.goods[index.rows()]]
    product = index.product(int(np.argmax(np.bincount(goods[goods != NONE]))))
    assert product is not None
    release = Graph.open(data).store.release()
    things = sum(version.rows for version in release.current.values())
    return {
        "hub": index.names.id(index.iri(ours[0])), "importer": f"{DATASET}/a{importer}",
        "listed": f"{DATASET}/a{chain.exposed[-1]}", "good": product.code, "dataset": DATASET,
        "part": str(max(things // 50_000, 1)), "last": "2", "listing": "d0",
    }  # fmt: skip


def rest(started: Started) -> None:
    """Wait until a service and its processes compute no more."""
    known = 0.0

    def still() -> bool:
        nonlocal known
        before, known = known, computed(started)
        time.sleep(2)
        return known - before < 0.05

    wait_until(still, 300)


def screened(started: Started, data: Path) -> dict[str, str]:
    """Send a list of suppliers through all steps; return the addresses of its pages, by name."""
    index = Graph.open(data).view().index
    names = [index.actor(node).name for node in range(0, len(index), max(len(index) // SUPPLIERS, 1))]
    rows = "".join(f'"{name}",{n % 7}\r\n' for n, name in enumerate(names))
    part, form = uuid4().hex, "application/x-www-form-urlencoded"
    body = (
        f'--{part}\r\nContent-Disposition: form-data; name="file"; filename="list.csv"\r\n'
        f"Content-Type: text/csv\r\n\r\nSupplier,Number\r\n{rows}\r\n--{part}--\r\n"
    )
    columns = _done(started, _sent(started, "/screen", body, f"multipart/form-data; boundary={part}"))
    matches = _done(started, _sent(started, columns, "column-name=Supplier&do=match", form))
    result = _done(started, _sent(started, matches, "do=screen", form))
    return {"screen: columns": columns, "screen: matches": matches, "screen: result": result}


def _sent(started: Started, address: str, body: str, kind: str) -> str:
    """Send a form; return the address to which that leads."""
    with closing(http.client.HTTPConnection(urlsplit(started.url).netloc, timeout=LONGEST)) as line:
        line.request("POST", address, body.encode(), {**BROWSER, "Content-Type": kind})
        answer = line.getresponse()
        said = answer.read()
        assert answer.status == 303, (answer.status, address, said[:200])
        return urlsplit(answer.headers["Location"]).path


def _done(started: Started, address: str) -> str:
    """Wait until a job is done; return where it leads."""
    deadline = time.monotonic() + LONGEST
    while address.startswith("/jobs/"):
        assert time.monotonic() < deadline, address
        time.sleep(0.2)
        with closing(http.client.HTTPConnection(urlsplit(started.url).netloc, timeout=LONGEST)) as line:
            line.request("GET", address, headers=BROWSER)
            answer = line.getresponse()
            answer.read()
        address = urlsplit(answer.headers.get("Location", address)).path
    return address


def test_every_route_is_asked_for() -> None:
    addresses = [each.partition("?")[0] for each in [*PAGES.values(), *LARGE.values()]]
    paths = [route.path for router in site.ROUTERS for route in router.routes if isinstance(route, APIRoute)
             and "GET" in (route.methods or ()) and not route.path.startswith((*ACTED, "/static/"))]  # fmt: skip
    patterns = [re.sub(r"\{[^}]*\}", "[^/]+", re.sub(r"\{[^}]*:path\}", ".+", path)) for path in paths]
    assert [each for each in patterns if not any(re.fullmatch(each, one) for one in addresses)] == []


def test_every_page(data: Path, named: Mapping[str, str], tmp_path: Path) -> None:
    """Ask for each page twice on a warm service, and for some of them first of all of one that was just started."""
    addresses = {**PAGES, **{name: each.format(**named) for name, each in LARGE.items()}}
    rows: list[dict[str, object]] = []
    with serving(data, tmp_path / "log") as started:
        ask(started, "/")
        rest(started)
        begun = time.perf_counter()
        addresses |= screened(started, data)
        print(f"screening {SUPPLIERS} suppliers: {time.perf_counter() - begun:.1f} s")
        for name, address in addresses.items():
            first, second = ask(started, address), ask(started, address)
            rows.append(_row(name, address, first, second))
        for name, address in WHOLE.items():
            only = ask(started, address.format(**named))
            rows.append(_row(name, address.format(**named), only, None))
    for address in COLD:
        with serving(data, tmp_path / "log") as started:
            asked = address.format(**named)
            rows.append(_row("cold", asked, ask(started, asked), None))
    WHERE.parent.mkdir(parents=True, exist_ok=True)
    WHERE.write_text(json.dumps({"size": SIZE, "rows": rows}, indent=1) + "\n")
    assert not [row for row in rows if row["status"] == 500]


def index_alone(folder: Path) -> Path:
    """Return a data directory with a store of one actor and the index of a chain; made where it is not there."""
    data = folder / "alone"
    if data.exists():
        return data
    graph = Graph.open(folder / "draft-alone", create=True)
    made = folder / "package-alone"
    made.mkdir()
    (made / "actors.csv").write_text("id,name\n00000000,Actor 0\n")
    described = {
        "name": "c", "title": "A generated chain", "licenses": [{"name": "CC0-1.0"}],
        "resources": [{"name": "actors", "path": "actors.csv"}],
    }  # fmt: skip
    (made / "datapackage.json").write_text(json.dumps(described), "utf-8")
    graph.contribute(made, Options(match=False))
    release = graph.store.release()
    shutil.rmtree(shelf.home(release))
    build(make(ALONE), shelf.home(release) / release.id, release.id, release.names, release.current.values())
    (folder / "draft-alone").rename(data)
    return data


def test_pages_that_read_the_index_alone(tmp_path: Path) -> None:
    folder = Path(KEPT) if KEPT else tmp_path
    folder.mkdir(exist_ok=True, parents=True)
    data = index_alone(folder)
    index = Graph.open(data).view().index
    arcs = (index.out.end - index.out.begin).astype(np.int64) + (index.back.end - index.back.begin)
    order = np.argsort(arcs).tolist()
    called = {
        "hub": index.names.id(index.iri(order[-1])),
        "typical": index.names.id(index.iri(order[len(order) // 2])),
        "listed": index.names.id(str(index.designations[-1].target)),
    }
    print(f"\n{len(index):,} actors, {len(index.rows()):,} links, the index alone")
    rows = []
    with serving(data, tmp_path / "log") as started:
        rows.append(_row("first of all", "/", ask(started, "/"), None))
        rest(started)
        for name, address in READS_INDEX.items():
            asked = address.format(**called)
            rows.append(_row(name, asked, ask(started, asked), ask(started, asked)))
    WHERE.parent.mkdir(parents=True, exist_ok=True)
    WHERE.with_stem("site-alone").write_text(json.dumps({"size": ALONE, "rows": rows}, indent=1) + "\n")
    assert not [row for row in rows if row["status"] == 500]


def _row(name: str, address: str, first: Seen, second: Seen | None) -> dict[str, object]:
    """Print what a page took, and return it."""
    each = [first] if second is None else [first, second]
    took = " ".join(f"{one.seconds * 1e3:8,.0f} ({one.cpu * 1e3:6,.0f})" for one in each)
    told = ", ".join(f"{one.until:.1f}" for one in each if one.until)
    late = f"  answered after {told} s" if told else ""
    late += "  LATE" if any(one.seconds > GOAL for one in each) else ""
    print(f"{name[:36]:36} {first.status} {took:36} {first.bytes:12,} bytes {address[:60]}{late}", flush=True)
    return {"page": name, "address": address, "status": first.status, "seen": [asdict(one) for one in each]}
