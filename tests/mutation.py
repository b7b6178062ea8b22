"""Mutation fuzzing: files of every form that is read, each a little broken, are contributed one by one.

``python -m tests.mutation --files 5000 --seed 1`` prints what became of them, and every fault: an exception that is no
error in words, a store that changed although the file was refused, a file that took too long. `test_mutation.py` runs a
small share of it. The faults of one seed are the same everywhere, and each is kept in the folder that ``--keep`` names.
"""

from __future__ import annotations

import argparse
import faulthandler
import gzip
import hashlib
import io
import json
import os
import shutil
import sys
import tempfile
import time
import traceback
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import rdflib

from opentier.graph import Graph
from opentier.graph.contribution import originals
from opentier.graph.contribution.submission import Options
from opentier.graph.errors import OpenTierError, UsageError
from opentier.graph.report import page
from opentier.graph.report.report import ContributionError
from tests.sheets import Table, objects, ods, parquet, text, xls, xlsx

#: Files after which it is told how far it is.
EACH = 250
#: Seconds of work that one file may take, and seconds and after which the run itself ends with where it hangs.
MOST, NEVER = 5.0, 120.0
ACTORS: Table = [
    ["id", "name", "country", "region", "identifiers", "lat", "lon"],
    ["a", "Ängel & Co", "DE", "", "lei:EXMP00AURORAEXMP0190", "51.5", "-0.1"],
    ["b", "Beta, Mills", "TH", "", "", "", ""],
    ["c", "新疆棉纺厂", "CN", "CN-XJ", "", "39.4", "76.0"],
]
LINKS: Table = [
    ["buyer", "supplier", "product", "start_date", "share", "confidence"],
    ["a", "b", "610910", "2024-06-30", "12.5", "0.9"],
    ["b", "c", "5201", "2023", "60", ""],
]
NAMED: Table = [
    ["Importer", "Vendor name", "Vendor country", "HS code", "Invoice date", "Amount"],
    ["Aurora GmbH", "Beta Mills", "Thailand", "6109.10", "2024-06-30", "1200.5"],
    ["Aurora GmbH", "Gamma Spinning", "China", "5205", "2024-07-01", "88"],
]
TURTLE = """@prefix ot: <https://w3id.org/opentier/ns#> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> . @base <https://w3id.org/opentier/id/case/> .
<a> a ot:Actor ; rdfs:label "A" ; ot:country "DE" . <b> a ot:Facility ; rdfs:label "B \\"quoted\\"" .
<supply-link/1> a ot:SupplyLink ; ot:buyer <a> ; ot:supplier <b> ; ot:confidence 0.9 ;
  ot:startDate "2020-01-01"^^xsd:date .
<designation/1> a ot:EntityListing ; rdfs:label "A list" ; ot:authority "An authority" ; ot:target <b> ;
  ot:listingDate "2020-01-01"^^xsd:date .
"""
#: What breaks readers, whichever file it gets into.
ODD = [
    b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"\x80", b"\r", b"\n", b"\r\n", b'"', b"'", b",", b";", b"\t", b"|", b"<",
    b">", b"&", b"&#0;", b"%", b"\\", b"\\u0000", b"\\ud800", b"{", b"}", b"[", b"]", b"null", b"true", b"NaN", b"-1",
    b"1e999", b"9" * 400, b"../../x", b"/etc/passwd", b"http://x/ y", b"=1+1", b"9999-12-31", b"0000-00-00",
    b"2082-01-01", b"99/99/9999", "\u202e\u200b\ufeff".encode(), "\U0001f469\u200d".encode(), b"\xed\xa0\x80",
    b"A" * 70_000, b"[" * 5_000, b"<a>" * 5_000, b"id", b"name", b"country", b"buyer", b"problem", b"NA", b"XX", b"a",
    b"",
]  # fmt: skip


@dataclass(frozen=True)
class Base:
    """A file that is read without a fault: its name, its bytes, and what beside it makes a contribution."""

    name: str
    data: bytes
    beside: dict[str, bytes] = field(default_factory=dict)


def bases(folder: Path) -> list[Base]:
    """Return one file of every form that is read."""
    folder.mkdir(parents=True, exist_ok=True)

    def made(name: str, write: Callable[[Path], object]) -> Base:
        write(folder / name)
        return Base(name, (folder / name).read_bytes())

    described = {
        "name": "case", "licenses": [{"name": "CC0-1.0"}], "created": "2026-01-01T00:00:00Z",
        "resources": [
            {"name": "actors", "path": "actors.csv", "dialect": {"delimiter": ","}, "encoding": "utf-8"},
            {
                "name": "supply-links", "path": ["links.csv"],
                "schema": {"fields": [{"name": name} for name in LINKS[0]], "missingValues": ["", "-"]},
            },
        ],
    }  # fmt: skip
    descriptor = json.dumps(described, indent=1).encode()
    actors, links = text(ACTORS).encode(), text(LINKS).encode()
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in (("datapackage.json", descriptor), ("actors.csv", actors), ("links.csv", links)):
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)  # of no day
    graph = rdflib.Graph().parse(data=TURTLE, format="turtle")
    lines = [line.removesuffix(" .") for line in graph.serialize(format="nt").splitlines() if line]
    quads = "".join(f"{line} <https://example.org/g> .\n" for line in lines)
    found = [
        Base("actors.csv", actors),
        Base("vendors.csv", text(NAMED, ";").encode("cp1252")),
        Base("vendors.tsv", text(NAMED, "\t").encode("utf-16")),
        Base("vendors.csv.gz", gzip.compress(text(NAMED).encode(), mtime=0)),
        Base("actors.jsonl", "\n".join(json.dumps(row) for row in objects(ACTORS)).encode()),
        Base("vendors.json", json.dumps(objects(NAMED)).encode()),
        made("vendors.xlsx", lambda path: xlsx(path, {"List": NAMED})),
        made(
            "book.xlsx", lambda path: xlsx(path, {"Actors": ACTORS, "Supply links": LINKS, "Notes": [["x"]]})
        ),
        made("vendors.ods", lambda path: ods(path, {"List": NAMED})),
        made("vendors.parquet", lambda path: parquet(path, NAMED)),
        Base("case.zip", zipped.getvalue()),
        Base("datapackage.json", descriptor, {"actors.csv": actors, "links.csv": links}),
        Base("links.csv", links, {"datapackage.json": descriptor, "actors.csv": actors}),
        Base("case.ttl", TURTLE.encode()),
    ]
    found += [
        Base(f"case.{name}", graph.serialize(format=format).encode())
        for name, format in (("nt", "nt"), ("jsonld", "json-ld"), ("rdf", "xml"))
    ]
    found += [Base("case.nq", quads.encode()), Base("case.trig", TURTLE.encode())]
    found.append(made("vendors.xls", lambda path: xls(path, "List", NAMED)))
    return found


def broken(base: Base, random: Random) -> bytes:
    """Return the bytes of a file with one small fault, or some,, in what a container holds or in the container."""
    data = base.data
    if data.startswith(b"PK") and random.random() < 0.7:
        return _inside(data, random)
    if data.startswith(b"\x1f\x8b") and random.random() < 0.7:
        return gzip.compress(_faulty(gzip.decompress(data), random), mtime=0)
    return _faulty(data, random)


def _inside(data: bytes, random: Random) -> bytes:
    """Return a zip with a fault in one of its members."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = [(info.filename, archive.read(info)) for info in archive.infolist()]
    at = random.randrange(len(members))
    members[at] = (members[at][0], _faulty(members[at][1], random))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, held in members:
            archive.writestr(zipfile.ZipInfo(name), held, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _faulty(data: bytes, random: Random) -> bytes:
    for _ in range(random.choice((1, 1, 1, 2, 4))):
        at = random.randrange(len(data) + 1)
        end = min(len(data), at + random.choice((1, 1, 2, 8, 64, 512)))
        match random.randrange(7):
            case 0 if data:  # a bit
                at = min(at, len(data) - 1)
                data = data[:at] + bytes([data[at] ^ 1 << random.randrange(8)]) + data[at + 1 :]
            case 1:
                data = data[:at] + data[end:]
            case 2:
                data = data[:at] + random.choice(ODD) + data[at:]
            case 3:
                data = data[:at] + random.choice(ODD) + data[end:]
            case 4:
                data = data[:end] + data[at:end] * random.choice((1, 1, 2, 50)) + data[end:]
            case 5:
                data = data[:at]
            case _:
                other = random.randrange(len(data) + 1)
                data = data[:at] + data[other : other + end - at] + data[end:]
    return data


@dataclass
class Outcome:
    """What became of the files: how many of each end, the slowest by the clock and by work, and every fault."""

    ends: Counter[str] = field(default_factory=Counter)
    slowest: tuple[float, str] = (0.0, "")
    hardest: tuple[float, str] = (0.0, "")
    faults: list[str] = field(default_factory=list)
    seconds: float = 0.0


def contents(folder: Path) -> dict[str, str]:
    """Return a digest of every file below a folder that is part of a store; its audit log tells of refusals, too."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "lock" and path.parent.name != "audit"
    }


def run(many: int, seed: int, work: Path, keep: Path | None = None, told: bool = False) -> Outcome:
    """Contribute that many broken files, and return what became of them."""
    outcome, known = Outcome(), bases(work / "bases")
    random, data = Random(seed), work / "data"
    for number, (base, broke) in enumerate(files(known, many, random)):
        folder = work / "files" / str(number)
        folder.mkdir(parents=True)
        for name, held in {**base.beside, base.name: broke}.items():
            (folder / name).write_bytes(held)
        shutil.rmtree(data, ignore_errors=True)
        start, before, worked = time.monotonic(), len(outcome.faults), _work()
        contribute(folder if base.beside else folder / base.name, data, outcome, f"{number} {base.name}")
        took, worked = time.monotonic() - start, _work() - worked
        outcome.seconds += took
        outcome.slowest = max(outcome.slowest, (took, f"{number} {base.name}"))
        outcome.hardest = max(outcome.hardest, (worked, f"{number} {base.name}"))
        if worked > MOST:
            outcome.faults.append(f"{number} {base.name}: {worked:.1f} s of work, {took:.1f} s")
        if keep and len(outcome.faults) > before:
            shutil.copytree(folder, keep / f"{seed}-{number}", dirs_exist_ok=True)
        shutil.rmtree(folder)
        if told and (number + 1) % EACH == 0:
            print(f"{number + 1:,} of {many:,}: {outcome}", file=sys.stderr, flush=True)
    return outcome


def _work() -> float:
    """Return the seconds of work of this process and of those that it waited for: the machine may be busy."""
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


def files(known: list[Base], many: int, random: Random) -> Iterator[tuple[Base, bytes]]:
    """Yield bases in turn, each broken in a way of its own."""
    for number in range(many):
        base = known[number % len(known)]
        yield base, broken(base, random)


def contribute(path: Path, data: Path, outcome: Outcome, name: str) -> None:
    """Contribute one file to a fresh store; note how that ended, and what must never be."""
    graph = Graph.open(data, create=True)
    options, before = Options(dataset="case", licence="CC0-1.0"), contents(data)
    faulthandler.dump_traceback_later(NEVER, exit=True)
    end = "fault"
    try:
        report = graph.contribute(path, options).report
        end = "admitted"
        assert graph.view().release.current["case"].number == 1
    except ContributionError as error:
        end, report = "refused", error.report
        if report.conforms or not report.findings:
            outcome.faults.append(f"{name}: refused without a reason")
    except UsageError:
        end, report = "usage", None
    except OpenTierError as error:
        end, report = type(error).__name__, None
    except Exception:
        report = None
        outcome.faults.append(f"{name}: {traceback.format_exc(limit=-6)}")
    try:
        if report is not None:
            report.to_text(80), page.html(report)
            originals.annotated(path, options, report, data.parent / "mend.csv", data.parent / "scratch")
    except UsageError:
        pass
    except Exception:
        outcome.faults.append(f"{name}, its report: {traceback.format_exc(limit=-6)}")
    finally:
        faulthandler.cancel_dump_traceback_later()
    outcome.ends[end] += 1
    if end != "admitted" and contents(data) != before:
        outcome.faults.append(f"{name}: {end}, and the store is another")


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--files", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="a folder for the files that were a fault")
    said = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="opentier-mutation-") as work:
        (Path(work) / "scratch").mkdir()
        outcome = run(said.files, said.seed, Path(work), said.keep, told=True)
    ends = ", ".join(f"{count:,} {end}" for end, count in outcome.ends.most_common())
    print(f"{said.files:,} files of seed {said.seed} in {outcome.seconds:,.0f} s: {ends}")
    print(f"slowest: {outcome.slowest[0]:.2f} s, {outcome.slowest[1]}")
    print(f"most work: {outcome.hardest[0]:.2f} s, {outcome.hardest[1]}")
    print(f"{len(outcome.faults):,} faults")
    for fault in outcome.faults:
        print(fault)
    sys.exit(bool(outcome.faults))


if __name__ == "__main__":
    main()
