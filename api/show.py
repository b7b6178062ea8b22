"""What the command line prints: tables for people, JSON for programs."""

from __future__ import annotations

import json
import shutil
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from opentier.graph.release import Version
from opentier.graph.report import Report
from opentier.graph.store import Store

#: Findings shown in a table; the JSON form has all of them.
MOST_FINDINGS = 50
#: Exposures whose best path is printed.
PATHS_SHOWN = 3


def _console(out: Any = None) -> Console:
    file = out or sys.stdout
    width = None if file.isatty() else 160
    return Console(file=file, width=width, highlight=False, soft_wrap=True)


@contextmanager
def printing(out: Path | None) -> Iterator[Console]:
    """Print to a file, or to standard output."""
    if out is None:
        yield _console()
    else:
        with out.open("w", encoding="utf-8") as file:
            yield _console(file)


def report(found: Report, format: str, more: dict[str, Any]) -> None:
    """Print the report of a contribution."""
    if format == "json":
        sys.stdout.write(json.dumps({**more, **found.to_dict()}, indent=1, ensure_ascii=False) + "\n")
        return
    console = _console()
    findings = found.sorted()
    if findings:
        table = Table(show_edge=False, pad_edge=False)
        for name in ("severity", "file", "row", "column", "value", "what is wrong, and what to do"):
            table.add_column(name, overflow="fold", no_wrap=name in ("severity", "row"))
        for finding in findings[:MOST_FINDINGS]:
            said = f"{finding.message} {finding.advice}".strip()
            row = "" if finding.row is None else str(finding.row)
            cells = (finding.severity, finding.file, row, finding.column or "", finding.value or "", said)
            table.add_row(*(escape(cell) for cell in cells))
        console.print(table)
        if len(findings) > MOST_FINDINGS:
            console.print(f"... and {len(findings) - MOST_FINDINGS:,} more; --format json has all of them.")
    console.print(escape(found.summary()))


def versions(found: list[Version], format: str) -> None:
    """Print the current versions of the datasets."""
    if format == "json":
        sys.stdout.write(
            json.dumps([asdict(version) for version in found], indent=1, ensure_ascii=False) + "\n"
        )
        return
    table = Table(show_edge=False, pad_edge=False)
    for name in ("dataset", "version", "rows", "triples", "licence", "title"):
        table.add_column(name, justify="right" if name in ("version", "rows", "triples") else "left")
    for v in found:
        table.add_row(
            v.dataset, str(v.number), f"{v.rows:,}", f"{v.triples:,}", escape(v.licence), escape(v.title)
        )
    _console().print(table)


def dataset(found: list[Version], store: Store, format: str) -> None:
    """Print all versions of one dataset."""
    described = [
        {**asdict(version), "folder": str(store.folder(version.dataset, version.number))} for version in found
    ]
    if format == "json":
        sys.stdout.write(json.dumps(described, indent=1, ensure_ascii=False) + "\n")
        return
    table = Table(show_edge=False, pad_edge=False, show_header=False)
    for version in described:
        for key, value in version.items():
            table.add_row(key, escape(f"{value:,}" if isinstance(value, int) else str(value)))
        table.add_section()
    _console().print(table)


def trace(found: dict[str, Any], most: int = 20, out: Path | None = None) -> None:
    """Print a trace: tiers, exposures with their best path, chokepoints, limits."""
    with printing(out) as console:
        _trace(found, most, console)


def _trace(found: dict[str, Any], most: int, console: Console) -> None:
    root, asked = found["root"], found["parameters"]
    direction = "Downstream" if asked["downstream"] else "Upstream"
    product = f", product {asked['product']}" if asked["product"] else ""
    when = f", on {asked['on']}" if asked["on"] else ""
    when += (
        f", from {asked['from'] or '...'} to {asked['to'] or '...'}" if asked["from"] or asked["to"] else ""
    )
    console.print(f"[bold]{direction} of {escape(root['name'])}[/] ({root['id']}){product}{when}")
    tiers = Counter(actor["tier"] for actor in found["reached"])
    counted = ", ".join(f"tier {tier}: {count:,}" for tier, count in sorted(tiers.items()))
    console.print(f"{len(found['reached']):,} actors reached{'. ' if counted else ''}{counted}.\n")
    _exposures(found, most, console)
    if found["chokepoints"]:
        listed = ", ".join(
            f"{escape(c['actor']['name'])} ({c['paths_cut']:,})" for c in found["chokepoints"][:3]
        )
        console.print(f"Chokepoints (exposure paths through them): {listed}")
    _limits(found, console)


def _exposures(found: dict[str, Any], most: int, console: Console) -> None:
    exposures = found["exposures"]
    if not exposures:
        console.print("[bold]No exposure found[/] within these limits:")
        return
    actors = len({exposure["actor"]["iri"] for exposure in exposures})
    console.print(f"[bold]{len(exposures):,} exposures[/] of {actors:,} actors, the most severe first:\n")
    table = Table(show_edge=False, pad_edge=False)
    for name in ("", "severity", "tier", "actor", "in", "reason", "designation"):
        table.add_column(name, justify="right" if name in ("", "severity", "tier") else "left")
    for number, exposure in enumerate(exposures[:most], 1):
        actor, past = exposure["actor"], " (past)" if exposure["past"] else ""
        table.add_row(
            str(number), f"{exposure['severity']['value']:.3f}", str(actor["tier"]), escape(actor["name"]),
            actor["country"] or "?", exposure["reason"] + past, _entry(exposure["designation"]),
        )  # fmt: skip
    console.print(table)
    if len(exposures) > most:
        console.print(f"... and {len(exposures) - most:,} more; --format json or csv has all of them.")
    for number, exposure in enumerate(exposures[:PATHS_SHOWN], 1):
        factors = " x ".join(f"{name} {value:g}" for name, value in exposure["severity"]["factors"].items())
        console.print(
            f"\n[bold]Best path of exposure {number}[/] (severity {exposure['severity']['value']:.3f} = {factors})"
        )
        for path in exposure["paths"][:1]:
            _path(path, console)
    console.print()


def _entry(entry: dict[str, Any]) -> str:
    parts = [entry["authority"], entry["law"] or entry["register"], entry["effect"], entry["begin_date"]]
    return escape("; ".join(str(part) for part in parts if part))


def _path(path: dict[str, Any], console: Console) -> None:
    for hop in path["hops"][:1]:
        console.print(f"  [bold]{escape(hop['from']['name'])}[/] ({hop['from']['country'] or '?'})")
    for hop in path["hops"]:
        kind = f"{hop['kind']} {hop['direction']}" if hop["direction"] else hop["kind"]
        said = [
            kind,
            hop["product"] or ("no product stated" if hop["kind"] == "supply" else None),
            _dates(hop),
        ]
        said.append(
            "confidence not stated" if hop["confidence"] is None else f"confidence {hop['confidence']:g}"
        )
        said.append(f"{hop['gap']} unknown intermediaries" if hop["gap"] else None)
        details = escape(", ".join(part for part in said if part))
        console.print(f"  -> [bold]{escape(hop['to']['name'])}[/] ({hop['to']['country'] or '?'}): {details}")
        proof = (
            "; ".join(item.get("title") or item["iri"] for item in hop["evidence"])
            or hop["source"]
            or "none stated"
        )
        licence = hop["licence"] or "licence unknown"
        console.print(
            f"     evidence: {escape(proof)} ({hop['dataset']} version {hop['version']}, {escape(licence)})",
            style="dim",
        )


def _dates(hop: dict[str, Any]) -> str:
    parts = [f"seen {hop['observed_date']}"] if hop["observed_date"] else []
    if hop["start_date"] or hop["end_date"]:
        parts.insert(0, f"{hop['start_date'] or '...'} to {hop['end_date'] or '...'}")
    return ", ".join(parts) or "no dates stated"


def _limits(found: dict[str, Any], console: Console) -> None:
    limits = found["limits"]
    searched = ", ".join(f"{d['id']} v{d['version']} ({d['licence']})" for d in limits["datasets"])
    console.print(f"Searched: {escape(searched)}; links: {', '.join(found['parameters']['kinds'])}.")
    doubtful = limits["doubtful_matches"]
    console.print(
        f"Not known: {limits['actors_without_upstream_links']:,} of these actors have no upstream link at all "
        f"(the trace ends there for lack of data); {limits['declared_tier_gaps']:,} declared-tier gaps; "
        f"{len(doubtful):,} doubtful identities{': ' + escape(', '.join(doubtful[:3])) if doubtful else ''}."
    )
    if limits["truncated"]:
        console.print("Some exposures have more paths than were looked at.")


def next_steps(data: str, picture: str) -> None:
    """Print what to try after the demo."""
    where = "" if data == "opentier-data" else f" --data {data}"
    own = Path(sys.argv[0]).name == "opentier" and not shutil.which("opentier")
    called = sys.argv[0] if own else "opentier"
    console = _console()
    console.print(
        f"\nThe tier picture is in {picture} (open it in a browser). Every company in it is invented."
    )
    console.print("Try next:")
    for command in (
        f"{called} trace example/aurora --kinds supply,operation,ownership,recruitment{where}",
        f"{called} trace example/east-oasis-ginning --downstream{where}",
        f"{called} obligations example/mistral{where}",
        f"{called} questions{where}",
        f"{called} datasets list{where}",
        f"{called} serve{where}",
    ):
        console.print(f"  {command}")


def rows(cells: bytes, out: Path | None) -> None:
    """Print the answer of a query, as names and cells (`export.CELLS`), as a table."""
    table, found = Table(show_edge=False, pad_edge=False), json.loads(cells)
    for name in found["names"]:
        table.add_column(name, overflow="fold")
    for row in found["rows"]:
        table.add_row(*(escape(cell) for cell in row))
    with printing(out) as console:
        console.print(table)
