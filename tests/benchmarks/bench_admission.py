"""What admission costs, as ratios against named peers in the same run; answers are checked equal.

Run by ``make bench``; never part of the tests. Sizes: OPENTIER_BENCH_LINKS supply links (default 5,000).
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pyshacl
from rdflib import RDF, SH, Graph

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


def package(folder: Path) -> Path:
    """Write a package of LINKS dated links between a tenth as many actors."""
    actors = [f"a{n},Actor {n},CN" for n in range(LINKS // 10)]
    links = [
        f"a{n % len(actors)},a{(7 * n + 1) % len(actors)},5201,{2000 + n % 20}-01-01,,0.{n % 9 + 1}"
        for n in range(LINKS)
    ]
    links[5] = "a1,a1,5201,2020-01-01,,0.5"
    (folder / "actors.csv").write_text("id,name,country\n" + "\n".join(actors) + "\n")
    header = "buyer,supplier,product,start_date,end_date,confidence\n"
    (folder / "supply_links.csv").write_text(header + "\n".join(links) + "\n")
    resources = [{"name": name, "path": f"{name}.csv"} for name in ("actors", "supply_links")]
    descriptor = {"name": "bench", "licenses": [{"name": "CC0-1.0"}], "resources": resources}
    (folder / "datapackage.json").write_text(json.dumps(descriptor))
    return folder


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    start = time.perf_counter()
    done = work()
    return time.perf_counter() - start, done


def as_it_comes(records: Records, file: Path) -> set[tuple[str, str]]:
    """Validate with pySHACL as it comes: the shapes as they are written, one graph, nothing prepared."""
    data = Graph().parse(file, format="nt")
    for triple in documents.graph("ontology"):
        data.add(triple)
    written = Graph()
    for file in sorted(Path("shapes").glob("*.ttl")):
        written.parse(file)
    _, found, _ = pyshacl.validate(data, shacl_graph=written, allow_infos=True, allow_warnings=True)
    assert isinstance(found, Graph)
    rows = found.subjects(RDF.type, SH.ValidationResult)
    own = {record.iri for record in records}
    results = ((str(found.value(r, SH.focusNode)), str(found.value(r, SH.sourceShape))) for r in rows)
    return {(focus, shape.rpartition("#")[2]) for focus, shape in results if focus in own}


def test_admission(tmp_path: Path) -> None:
    names, report = Names(), Report()
    read = submission.read(package(tmp_path), Options(), tmp_path)
    checking, records = timed(lambda: check(read, names, lambda iri: False))
    file = tmp_path / "records.nt"
    writing, triples = timed(lambda: lines.write(records, names, file))
    validating, _ = timed(lambda: shacl.validate(file, records, lambda iris: {}, report))
    loading, _ = timed(
        lambda: ox.Store(str(tmp_path / "store")).bulk_load(path=str(file), format=ox.RdfFormat.N_TRIPLES)
    )
    rows = [
        ("P10 check", checking, f"pyoxigraph {version('pyoxigraph')} bulk load", loading, "at most 1.5"),
        ("P10 write", writing, f"pyoxigraph {version('pyoxigraph')} bulk load", loading, "at most 1.5"),
        ("P10 validate", validating, f"pyoxigraph {version('pyoxigraph')} bulk load", loading, "at most 1.5"),
    ]
    if LINKS <= 5_000:
        plain, expected = timed(lambda: as_it_comes(records, file))
        by_place = {(record.where.file, record.where.row): record.iri for record in records}
        ours = {(by_place[f.file, f.row], f.rule or "") for f in report.findings if f.rule}
        assert ours == expected, "the two reports differ"
        peer = f"pyshacl {version('pyshacl')} as it comes"
        rows.append(("P11 SHACL report", plain, peer, validating, "at least 100"))
    print(f"\n{LINKS:,} links, {triples:,} triples, {len(report.findings):,} findings")
    for work, ours_, peer, theirs, goal in rows:
        print(f"{work:<18} {ours_:8.2f} s  {peer:<36} {theirs:8.2f} s {ours_ / theirs:8.1f}x  goal: {goal}")
    print(
        json.dumps(
            [dict(zip(("work", "seconds", "peer", "peer_seconds", "goal"), row, strict=True)) for row in rows]
        )
    )
