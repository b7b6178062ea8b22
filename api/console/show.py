"""What the command line prints: tables for people, JSON for programs."""

from __future__ import annotations

import json
import shutil
import sys
import textwrap
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from opentier.api.console.terminal import write, writing
from opentier.graph.model import printed
from opentier.graph.model.characters import visible
from opentier.graph.model.versions import Version
from opentier.graph.model.visibility import PUBLIC
from opentier.graph.report.report import Report

if TYPE_CHECKING:
    from opentier.graph.screening.matches import Candidate

#: Columns of the text of a report.
WIDTH = 80
#: Changed records that are printed.
MOST_RECORDS = 50


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
    write(found.to_text(WIDTH), None)


def surveys(found: list[dict[str, Any]], format: str) -> None:
    """Print what the columns of a bare file, or of each sheet of a book, are taken for."""
    if format == "json":
        write(printed.text(found[0] if len(found) == 1 else {"sheets": found}), None)
        return
    for each in found:
        columns(each, format)


def columns(found: dict[str, Any], format: str, out: Any = None) -> None:
    """Print what the columns of a bare file are taken for, and what is left."""
    if format == "json":
        write(printed.text(found), None)
        return
    console = _console(out)
    console.print(
        shown(
            f"{found['file']}, header in row {found['row']}: read as {found['table']}, {found['rows']:,} rows."
        )
    )
    table = Table(show_edge=False, pad_edge=False)
    for name in ("column", "from", "how", "samples"):
        table.add_column(name, overflow="fold")
    for each in found["columns"]:
        source = " + ".join(each["headers"]) if each["headers"] else "all rows"
        how = f"{each['how']}, like {each['written']}" if each["written"] else each["how"]
        if each["ways"] and not each["written"]:
            how += f"; {each['ways'][0]['text']} is {' or '.join(way['read'] for way in each['ways'])}?"
        table.add_row(*shown((each["column"], source, how, _samples(each["samples"]))))
    for each in found["unread"]:
        how = f"not read; did you mean {each['near']}?" if each["near"] else "not read"
        table.add_row(*shown(("-", each["header"], how, _samples(each["samples"]))))
    console.print(table)
    if found["missing"]:
        console.print(
            shown(f"Nothing says: {', '.join(found['missing'])}. Give --map COLUMN=HEADER, or COLUMN:=VALUE.")
        )


def _samples(found: list[str]) -> str:
    return "; ".join(text[:40] for text in found)


def versions(found: list[Version], format: str) -> None:
    """Print the current versions of the datasets."""
    if format == "json":
        write(printed.text([asdict(version) for version in found]), None)
        return
    table = Table(show_edge=False, pad_edge=False)
    closed = any(version.visibility != PUBLIC for version in found)
    for name in ("dataset", "version", "rows", "triples", "licence", *["visibility"] * closed, "title"):
        table.add_column(name, justify="right" if name in ("version", "rows", "triples") else "left")
    for v in found:
        said = [v.visibility] * closed
        cells = (v.dataset, str(v.number), f"{v.rows:,}", f"{v.triples:,}", v.licence, *said, v.title)
        table.add_row(*shown(cells))
    _console().print(table)


def dataset(found: list[dict[str, Any]], format: str) -> None:
    """Print all versions of one dataset, each with the folder of what was contributed."""
    if format == "json":
        write(printed.text(found), None)
        return
    table = Table(show_edge=False, pad_edge=False, show_header=False)
    for version in found:
        for key, value in version.items():
            table.add_row(key, shown(_value(value)))
        table.add_section()
    _console().print(table)


def difference(said: dict[str, Any], rows: Iterable[tuple[str, ...]], out: Path | None) -> None:
    """Print what differs between two versions: counts by table and column, then the first records."""
    table = Table(show_edge=False, pad_edge=False)
    for name in ("table", "added", "removed", "changed"):
        table.add_column(name, justify="left" if name == "table" else "right")
    table.add_column("columns that changed", overflow="fold")
    for row in said["tables"]:
        columns = ", ".join(f"{column} {many:,}" for column, many in row["columns"].items())
        counts = (f"{row[name]:,}" for name in ("added", "removed", "changed"))
        table.add_row(*shown((row["table"] or "of no table", *counts, columns)))
    records = Table(show_edge=False, pad_edge=False)
    for name in ("change", "table", "record", "column", "before", "after"):
        records.add_column(name, overflow="fold")
    first = list(islice(rows, MOST_RECORDS + 1))
    for cells in first[:MOST_RECORDS]:
        records.add_row(*shown(cells))
    counts = said["counts"]
    with printing(out) as console:
        told = ", ".join(f"{many:,} {name}" for name, many in counts.items())
        console.print(shown(f"{said['dataset']}, version {said['from']} to {said['to']}: {told}."))
        if first:
            console.print(table)
            console.print(records)
        if len(first) > MOST_RECORDS:
            console.print("... and more; --format json or csv has all of them.")


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return "; ".join(f"{each['begun']} to {each['ended'] or 'now'}: {each['reason']}" for each in value)
    return f"{value:,}" if isinstance(value, int) else str(value)


def matches(found: Iterable[tuple[str, str, Candidate | None]], most: int | None, out: Path | None) -> None:
    """Print rows of a list, by number and name, each with an actor that it may be; so many of them at most."""
    table = Table(show_edge=False, pad_edge=False)
    for name in ("row", "name", "band", "score", "match", "id", "why"):
        table.add_column(name, overflow="fold", justify="right" if name in ("row", "score") else "left")
    rest = iter(found)
    for row, name, each in islice(rest, most):
        told = (
            (each.band, printed.score(each.score), each.name, each.id, each.why)
            if each
            else ("none", *[""] * 4)
        )
        table.add_row(*shown((row, name, *told)))
    left = sum(1 for _ in rest)
    with printing(out) as console:
        console.print(table)
        if left:
            console.print(f"... and {left:,} more; --out has all of them, so have --format json and csv.")


def judgements(found: list[dict[str, Any]]) -> None:
    """Print judgements of identity: of each the sides, who decided, and whether it counts."""
    table = Table(show_edge=False, pad_edge=False)
    for name in ("id", "left", "right", "judgement", "by", "date", "score", "state", "reason"):
        table.add_column(
            name, overflow="fold", justify="right" if name == "score" else "left",
            min_width=16 if name == "id" else None,
        )  # fmt: skip
    for each in found:
        sides = (_side(each[name]) for name in ("left", "right"))
        gone = each["undone"]
        state = f"undone {gone['date']}, by {gone['by']}: {gone['reason']}" if gone else each["state"]
        more = (
            each["decided_by"] or "",
            each["date"] or "",
            "" if each["score"] is None else f"{each['score']:g}",
        )
        id = each["id"].removeprefix("judgements/identity-judgement/")  # `judgements undo` takes that
        table.add_row(*shown((id, *sides, each["judgement"], *more, state, each["reason"] or "")))
    _console().print(table)


def _side(found: dict[str, Any]) -> str:
    return f"{found['id']} {found['name'] or '(described nowhere now)'}"


def told(lines: Iterable[str]) -> str:
    """Return lines of text, none wider than a terminal is; what goes on is indented."""
    wrapped = (
        textwrap.fill(
            line, WIDTH, subsequent_indent=" " * (2 + len(line) - len(line.lstrip())),
            break_long_words=False, break_on_hyphens=False,
        )
        for line in lines
    )  # fmt: skip
    return "\n".join(wrapped) + "\n"


def records(found: list[dict[str, Any]], out: Path | None) -> None:
    """Print screening records, each with what is no longer as it was when it was made."""
    table = Table(show_edge=False, pad_edge=False)
    for name in ("id", "kind", "asked about", "verdict", "again of", "due"):
        table.add_column(name, overflow="fold")
    for each in found:
        due = "; ".join(each["due_in_words"]) or "-"
        due = f"followed by {each['followed_by']}" if each["followed_by"] else due
        said = [
            each["id"],
            each["kind"] or "",
            each["asked"] or each["refused"],
            each["verdict"] or "refused",
        ]
        table.add_row(*shown([*said, each["again_of"] or "", due]))
    with printing(out) as console:
        console.print(table if found else "No record.")


def shipped(found: list[dict[str, Any]]) -> None:
    """Print the shipped datasets that a data directory holds."""
    table = Table(show_edge=False, pad_edge=False)
    for name in ("dataset", "publisher", "edition", "date", "count", "licence", ""):
        table.add_column(name, overflow="fold", justify="right" if name == "count" else "left")
    for said in found:
        counts = ", ".join(f"{many:,} {what}" for what, many in said["counts"].items())
        cells = [said[name] for name in ("dataset", "publisher", "edition", "date")]
        state = "new" if said["new"] else "was there" if said["shipped"] else "your own, kept"
        table.add_row(*shown([*cells, counts, said["licence"], state]))
    _console().print(table)


def next_steps(data: str, picture: str) -> None:
    """Print what to try after the demo."""
    where = "" if data == "opentier-data" else f" --data {data}"
    own = Path(sys.argv[0]).name == "opentier" and not shutil.which("opentier")
    called = sys.argv[0] if own else "opentier"
    console = _console()
    data, picture = shown(data), shown(picture)
    console.print(
        f"\nThe tier picture is in {picture} (open it in a browser). Every company in it is invented, and so are"
        "\nthe lists that name them: they touch invented companies alone. What is true of the world comes with"
        f"\n  {called} reference --data my-data"
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
    found = json.loads(cells)
    table(found["names"], found["rows"], out)


def table(names: Iterable[str], found: Iterable[Iterable[str]], out: Path | None = None) -> None:
    """Print rows as a table."""
    made = Table(show_edge=False, pad_edge=False)
    for name in names:
        made.add_column(shown(name), overflow="fold")
    for row in found:
        made.add_row(*shown(list(row)))
    with printing(out) as console:
        console.print(made)
