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

from opentier.api.cli.terminal import write, writing
from opentier.graph.contribution.report import Report
from opentier.graph.model import printed
from opentier.graph.model.characters import visible
from opentier.graph.model.versions import Version
from opentier.graph.trace.parameters import FILTERS, Parameters

#: Findings shown in a table; the JSON form has all of them.
MOST_FINDINGS = 50
#: Exposures whose best path is printed.
PATHS_SHOWN = 3


def _console(out: Any = None) -> Console:
    file = out or sys.stdout
    width = None if file.isatty() else 160
    return Console(file=file, width=width, highlight=False, soft_wrap=True)


def shown(found: Any) -> Any:
    """Return what came from data so that it can be printed: neither markup nor a character that steers a terminal.

    Everything that this module and `answers` print of data goes through here, once.
    """
    if isinstance(found, str):
        return escape(visible(found))
    if isinstance(found, dict):
        return {key: shown(value) for key, value in found.items()}
    if isinstance(found, list | tuple):
        return [shown(value) for value in found]
    return found


@contextmanager
def printing(out: Path | None) -> Iterator[Console]:
    """Print to a file, or to standard output."""
    if out is None:
        yield _console()
    else:
        with writing(out), out.open("w", encoding="utf-8") as file:
            yield _console(file)


def report(found: Report, format: str, more: dict[str, Any]) -> None:
    """Print the report of a contribution."""
    if format == "json":
        write(printed.text({**more, **found.to_dict()}), None)
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
            table.add_row(*shown(cells))
        console.print(table)
        if len(findings) > MOST_FINDINGS:
            console.print(f"... and {len(findings) - MOST_FINDINGS:,} more; --format json has all of them.")
    console.print(shown(found.summary()))


def versions(found: list[Version], format: str) -> None:
    """Print the current versions of the datasets."""
    if format == "json":
        write(printed.text([asdict(version) for version in found]), None)
        return
    table = Table(show_edge=False, pad_edge=False)
    for name in ("dataset", "version", "rows", "triples", "licence", "title"):
        table.add_column(name, justify="right" if name in ("version", "rows", "triples") else "left")
    for v in found:
        cells = (v.dataset, str(v.number), f"{v.rows:,}", f"{v.triples:,}", v.licence, v.title)
        table.add_row(*shown(cells))
    _console().print(table)


def dataset(found: list[Version], folders: list[Path], format: str) -> None:
    """Print all versions of one dataset, each with the folder of what was contributed."""
    described = [
        {**asdict(version), "folder": str(folder)} for version, folder in zip(found, folders, strict=True)
    ]
    if format == "json":
        write(printed.text(described), None)
        return
    table = Table(show_edge=False, pad_edge=False, show_header=False)
    for version in described:
        for key, value in version.items():
            table.add_row(key, shown(f"{value:,}" if isinstance(value, int) else str(value)))
        table.add_section()
    _console().print(table)


def trace(found: dict[str, Any], most: int = 20, out: Path | None = None, doubt: str | None = None) -> None:
    """Print a trace: what is doubtful about the question, tiers, exposures with their best path, limits."""
    exposures = found["exposures"]
    actors = len({exposure["actor"]["iri"] for exposure in exposures})
    printed = {name: shown(found[name]) for name in ("root", "parameters", "chokepoints", "limits")}
    with printing(out) as console:
        if doubt:
            console.print(f"[bold]{shown(doubt)}[/]")
        _head({**printed, "reached": found["reached"]}, console)
        _exposures(shown(exposures[:most]), len(exposures), actors, console)
        _chokepoints(printed["chokepoints"], console)
        _limits(printed, console)


def _head(found: dict[str, Any], console: Console) -> None:
    root, asked = found["root"], found["parameters"]
    direction = "Downstream" if asked["downstream"] else "Upstream"
    product = f", product {asked['product']}" if asked["product"] else ""
    when = f", on {asked['on']}" if asked["on"] else ""
    when += (
        f", from {asked['from'] or '...'} to {asked['to'] or '...'}" if asked["from"] or asked["to"] else ""
    )
    console.print(f"[bold]{direction} of {root['name']}[/] ({root['id']}){product}{when}")
    if filters := "; ".join(_filters(asked)):
        console.print(f"Filters: {filters}.")
    tiers = Counter(actor["tier"] for actor in found["reached"])
    counted = ", ".join(f"tier {tier}: {count:,}" for tier, count in sorted(tiers.items()))
    console.print(f"{len(found['reached']):,} actors reached{'. ' if counted else ''}{counted}.\n")


def _filters(asked: dict[str, Any]) -> Iterator[str]:
    """Yield every filter that is active and not told elsewhere."""
    for name, said in FILTERS.items():
        if (said.bounds or said.column) and getattr(Parameters, name) is None and asked[name] is not None:
            yield f"{name.replace('_', ' ')} {asked[name]}"
    if "ownership" in asked["kinds"]:
        yield f"min share {asked['min_share']:g}"
    for name in ("countries", "datasets"):
        if asked[name]:
            yield f"{name} {', '.join(asked[name])}"
    if asked["strict_product"]:
        yield "links without a product refused"
    if asked["past"]:
        yield "past designations shown"


def _chokepoints(found: list[dict[str, Any]], console: Console) -> None:
    if found:
        listed = ", ".join(f"{c['actor']['name']} ({c['paths_cut']:,})" for c in found[:3])
        console.print(f"Chokepoints (exposure paths through them): {listed}")


def _exposures(exposures: list[dict[str, Any]], many: int, actors: int, console: Console) -> None:
    if not exposures:
        console.print("[bold]No exposure found[/] within these limits:")
        return
    console.print(f"[bold]{many:,} exposures[/] of {actors:,} actors, the most severe first:\n")
    table = Table(show_edge=False, pad_edge=False)
    for name in ("", "severity", "tier", "actor", "in", "reason", "designation"):
        table.add_column(name, justify="right" if name in ("", "severity", "tier") else "left")
    for number, exposure in enumerate(exposures, 1):
        actor, past = exposure["actor"], " (past)" if exposure["past"] else ""
        table.add_row(
            str(number), f"{exposure['severity']['value']:.3f}", str(actor["tier"]), actor["name"],
            actor["country"] or "?", exposure["reason"] + past, _entry(exposure["designation"]),
        )  # fmt: skip
    console.print(table)
    if many > len(exposures):
        console.print(f"... and {many - len(exposures):,} more; --format json or csv has all of them.")
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
    return "; ".join(str(part) for part in parts if part)


def _path(path: dict[str, Any], console: Console) -> None:
    for hop in path["hops"][:1]:
        console.print(f"  [bold]{hop['from']['name']}[/] ({hop['from']['country'] or '?'})")
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
        details = ", ".join(part for part in said if part)
        console.print(f"  -> [bold]{hop['to']['name']}[/] ({hop['to']['country'] or '?'}): {details}")
        proof = (
            "; ".join(item.get("title") or item["iri"] for item in hop["evidence"])
            or hop["source"]
            or "none stated"
        )
        licence = hop["licence"] or "licence unknown"
        console.print(
            f"     evidence: {proof} ({hop['dataset']} version {hop['version']}, {licence})",
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
    console.print(f"Searched: {searched}; links: {', '.join(found['parameters']['kinds'])}.")
    doubtful = limits["doubtful_matches"]
    console.print(
        f"Not known: {limits['actors_without_upstream_links']:,} of these actors have no upstream link at all "
        f"(the trace ends there for lack of data); {limits['declared_tier_gaps']:,} declared-tier gaps; "
        f"{len(doubtful):,} doubtful identities{': ' + ', '.join(doubtful[:3]) if doubtful else ''}."
    )
    if limits["truncated"]:
        console.print("Some exposures have more paths than were looked at.")


def next_steps(data: str, picture: str) -> None:
    """Print what to try after the demo."""
    where = "" if data == "opentier-data" else f" --data {data}"
    own = Path(sys.argv[0]).name == "opentier" and not shutil.which("opentier")
    called = sys.argv[0] if own else "opentier"
    console = _console()
    data, picture = shown(data), shown(picture)
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
        table.add_column(shown(name), overflow="fold")
    for row in found["rows"]:
        table.add_row(*shown(row))
    with printing(out) as console:
        console.print(table)
