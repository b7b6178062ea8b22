"""What admission costs, as ratios against named peers in the same run; answers are checked equal.

Run by ``make bench``; never part of the tests. Sizes: OPENTIER_BENCH_LINKS supply links (default 5,000; the goals are
meant for 100,000 and 1,000,000), OPENTIER_BENCH_SMALL small contributions one after the other (default 50). Ratios are
of wall time; CPU seconds stand beside them, since they say more where others use the machine, too.
"""

from __future__ import annotations

import json
import os
import resource
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pyshacl
from rdflib import RDF, SH, Graph

from opentier.graph import Graph as OpenTier
from opentier.graph.contribution import submission
from opentier.graph.contribution.submission import Options
from opentier.graph.model.names import Names
from opentier.graph.records import lines
from opentier.graph.records.checking import check
from opentier.graph.records.records import Records
from opentier.graph.report.report import Report
from opentier.graph.validation import shacl
from opentier.graph.vocabulary import documents

LINKS = int(os.environ.get("OPENTIER_BENCH_LINKS", "5000"))
SMALL = int(os.environ.get("OPENTIER_BENCH_SMALL", "50"))
#: Links at which pySHACL is asked, too: from there on it grows as they do.
PEERS = 5_000
WHERE = Path("build/bench")
ENGINE = f"pyoxigraph {version('pyoxigraph')} bulk load"
Took = tuple[float, float]


@dataclass
class Rows:
    """What was measured, printed as it comes and kept as JSON."""

    name: str
    rows: list[dict[str, Any]] = field(default_factory=list)

    def add(
        self, id: str, work: str, ours: float, peer: str, theirs: float, goal: float | None = None,
        *, most: bool = True, unit: str = "s", note: str = "",
    ) -> None:  # fmt: skip
        """Add a figure beside a peer's; the ratio is ours / theirs where it is to be at `most` so much."""
        ratio = ours / theirs if most else theirs / ours
        met = "" if goal is None else "met" if (ratio <= goal if most else ratio >= goal) else "SHORT"
        said = "" if goal is None else f"goal: at {'most' if most else 'least'} {goal:g}x"
        self.rows.append(
            {"id": id, "work": work, "ours": ours, "peer": peer, "theirs": theirs, "ratio": ratio, "unit": unit,
             "goal": said, "met": met, "note": note}
        )  # fmt: skip
        print(
            f"{id:<4} {work:<44} {ours:9.2f} {unit:<3} {peer:<44} {theirs:9.2f} {ratio:8.2f}x {said} {met} {note}",
            flush=True,
        )

    def write(self) -> None:
        """Write them as a file of their own."""
        WHERE.mkdir(parents=True, exist_ok=True)
        about = {"links": LINKS, "small": SMALL, "opentier": version("opentier"), "cores": os.cpu_count()}
        (WHERE / f"admission-{self.name}.json").write_text(
            json.dumps({"about": about, "rows": self.rows}, indent=1) + "\n"
        )


def package(folder: Path, links: int, name: str = "bench") -> Path:
    """Write a package of dated links between a tenth as many actors."""
    folder.mkdir(parents=True)
    many = max(links // 10, 10)
    with (folder / "actors.csv").open("w") as file:
        file.write("id,name,country\n")
        file.writelines(f"a{n},Actor {n} of {name},{('CN', 'VN', 'IN', 'DE')[n % 4]}\n" for n in range(many))
    with (folder / "supply_links.csv").open("w") as file:
        file.write("id,buyer,supplier,product,start_date,end_date,confidence,quantity,unit\n")
        for n in range(links):
            buyer, supplier = ("a1", "a1") if n == 5 else (f"a{n % many}", f"a{(7 * n + 1) % many}")
            product, year = ("5201", "610910", "7601")[n % 3], 2000 + n % 20
            end = "" if n % 3 else f"{year + 2}-01-01"
            begin = f"{year}-{n % 12 + 1:02d}-01"
            file.write(f"l{n},{buyer},{supplier},{product},{begin},{end},0.{n % 9 + 1},{n % 99_991 + 1},kg\n")
    resources = [{"name": each, "path": f"{each}.csv"} for each in ("actors", "supply_links")]
    descriptor = {"name": name, "licenses": [{"name": "CC0-1.0"}], "resources": resources}
    (folder / "datapackage.json").write_text(json.dumps(descriptor))
    return folder


def timed(work: Callable[[], Any]) -> tuple[Took, Any]:
    wall, cpu = time.perf_counter(), time.process_time()
    done = work()
    return (time.perf_counter() - wall, time.process_time() - cpu), done


@dataclass
class Contributed:
    """What a contribution took: all of it, by stage, and the most memory of its process in GiB."""

    took: Took
    stages: dict[str, Took]
    memory: float
    triples: int


def contribute(data: Path, folder: Path) -> Contributed:
    """Contribute a package; in a process of its own, the memory is its alone."""
    stages: dict[str, Took] = {}
    running, since = "reading", (time.perf_counter(), time.process_time())

    def progress(stage: str, done: int, total: int) -> None:
        nonlocal running, since
        now = time.perf_counter(), time.process_time()
        if stage != running:
            before = stages.get(running, (0.0, 0.0))
            stages[running] = before[0] + now[0] - since[0], before[1] + now[1] - since[1]
            running, since = stage, now

    took, admitted = timed(lambda: OpenTier.open(data, create=True).contribute(folder, progress=progress))
    progress("", 0, 0)
    assert admitted.new
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    return Contributed(took, stages, memory, admitted.version.triples)


def bulk_loaded(data: Path, scratch: Path) -> tuple[Took, int]:
    """Load all quads of a release into a new store: version, what is derived of it, default graph, vocabulary."""
    release = OpenTier.open(data).store.release()
    store, file = ox.Store.read_only(str(release.path)), scratch / "all.nq"
    with file.open("wb") as output:
        store.dump(output, format=ox.RdfFormat.N_QUADS)
    empty = ox.Store(str(scratch / "floor"))

    def load() -> None:
        empty.bulk_load(path=str(file), format=ox.RdfFormat.N_QUADS)
        empty.flush()

    took, _ = timed(load)
    assert len(empty) == len(store)
    return took, len(store)


def apart(work: Callable[..., Any], *given: Any) -> Any:
    """Run some work in a new process."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(work, *given).result()


def size(folder: Path) -> int:
    """Return the bytes that a folder takes, a file with two names once."""
    files = {(s := file.stat()).st_ino: s.st_blocks * 512 for file in folder.rglob("*") if file.is_file()}
    return sum(files.values())


def test_a_contribution_against_the_bulk_load_of_all_that_it_gains(tmp_path: Path) -> None:
    """P10, then P14 beside it."""
    rows, data = Rows("contribute"), tmp_path / "data"
    found: Contributed = apart(contribute, data, package(tmp_path / "package", LINKS))
    floor, quads = apart(bulk_loaded, data, tmp_path)
    print(
        f"\n{LINKS:,} links, {found.triples:,} triples, {quads:,} quads; CPU: {floor[1]:.1f} s for the bulk load"
    )
    for stage, took in found.stages.items():
        rows.add("P10", f"- {stage}", took[0], ENGINE, floor[0], note=f"{took[1]:.2f} s of CPU")
    whole, validating = found.took, found.stages.get("validating", (0.0, 0.0))
    rows.add("P10", "contribute", whole[0], ENGINE, floor[0], 3, note=f"CPU {whole[1] / floor[1]:.2f}x")
    without, cpu = whole[0] - validating[0], whole[1] - validating[1]
    rows.add("P10", "without validation", without, ENGINE, floor[0], 1.5, note=f"CPU {cpu / floor[1]:.2f}x")
    rows.add("P10", "peak memory", found.memory, "4 GiB", 4, 1, unit="GiB")

    first: Contributed = apart(contribute, tmp_path / "empty", package(tmp_path / "first", 20, "first"))
    beside: Contributed = apart(contribute, data, tmp_path / "first")
    peer = "the first on none"
    rows.add("P14", f"20 links beside {LINKS:,}", beside.took[0], peer, first.took[0], 2,
             note=f"CPU {beside.took[1] / first.took[1]:.2f}x")  # fmt: skip
    rows.write()


def test_small_contributions_one_after_the_other(tmp_path: Path) -> None:
    """P14: one process contributes them all, as a service does."""
    rows, data = Rows("small"), tmp_path / "data"
    found = []
    print(f"\n{SMALL} contributions of 20 links")
    for number in range(SMALL):
        folder = package(tmp_path / str(number), 20, f"small-{number}")
        before = size(data) if data.exists() else 0
        found.append((contribute(data, folder), size(data) - before))
    (first, _), (last, _) = found[0], found[-1]
    rows.add("P14", f"contribution {SMALL}", last.took[0], "the first", first.took[0], 1.5,
             note=f"CPU {last.took[1] / first.took[1]:.2f}x")  # fmt: skip
    kept = size(data / "contributions") / SMALL
    grown = sum(more for _, more in found[1:]) / (SMALL - 1)
    rows.add("P14", "disk for one", grown / 1e3, "its own files, with its report", kept / 1e3, 10, unit="kB")
    rows.write()


def as_it_comes(records: Records, file: Path) -> set[tuple[str, str]]:
    """Validate with pySHACL as it comes: the shapes as they are written, one graph, nothing prepared."""
    data = Graph().parse(file, format="nt")
    for triple in documents.graph("ontology"):
        data.add(triple)
    written = Graph()
    for shapes in sorted(Path("shapes").glob("*.ttl")):
        written.parse(shapes)
    _, found, _ = pyshacl.validate(data, shacl_graph=written, allow_infos=True, allow_warnings=True)
    assert isinstance(found, Graph)
    rows = found.subjects(RDF.type, SH.ValidationResult)
    own = {record.iri for record in records}
    results = ((str(found.value(r, SH.focusNode)), str(found.value(r, SH.sourceShape))) for r in rows)
    return {(focus, shape.rpartition("#")[2]) for focus, shape in results if focus in own}


def validated(folder: Path, links: int, scratch: Path) -> tuple[Took, Took | None]:
    """Validate a package, at some size beside pySHACL with equal results; return what both took."""
    names, report, file = Names(), Report(), scratch / "records.nt"
    records = check(submission.read(package(folder, links), Options(), scratch), names, lambda iris: set())
    written = lines.write(records, names, file)
    assert (
        not shacl.shapes().unknown
    )  # shapes and vocabulary are read once a process, not once a contribution
    assert documents.above()
    ours, _ = timed(lambda: shacl.validate(written, records, lambda iris: {}, report))
    if links > PEERS:
        return ours, None
    theirs, expected = timed(lambda: as_it_comes(records, file))
    by_place = {(record.where.file, record.where.row): record.iri for record in records}
    # A thousand of a kind are listed, all are counted.
    assert {(by_place[f.file, f.row], f.rule or "") for f in report.findings if f.rule} <= expected
    told = Counter[str]()
    for kind in report.kinds():
        told[kind.first.rule or ""] += kind.count
    del told[""]
    assert told == Counter(rule for _, rule in expected)
    return ours, theirs


def test_validation_against_pyshacl(tmp_path: Path) -> None:
    """P11: pySHACL is asked at 5,000 links, and reckoned to grow as they do."""
    rows, peer = Rows("shacl"), f"pyshacl {version('pyshacl')} as it comes"
    small, large = tmp_path / "small", tmp_path / "large"
    for folder in (small, large):
        folder.mkdir()
    print()
    ours, theirs = apart(validated, small / "package", PEERS, small)
    rows.add("P11", f"SHACL report, {PEERS:,} links", ours[0], peer, theirs[0], 100, most=False,
             note=f"CPU {theirs[1] / ours[1]:.0f}x, equal results")  # fmt: skip
    if LINKS > PEERS:
        ours, _ = apart(validated, large / "package", LINKS, large)
        rows.add("P11", f"SHACL report, {LINKS:,} links", ours[0], f"{peer}, reckoned", theirs[0] * LINKS / PEERS, 100,
                 most=False, note=f"CPU {theirs[1] * LINKS / PEERS / ours[1]:.0f}x")  # fmt: skip
    rows.write()
