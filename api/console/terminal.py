"""What all commands share: their common options, progress on standard error, data on standard output."""

from __future__ import annotations

import errno
import os
import sys
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from opentier.api.filters import listed

if TYPE_CHECKING:
    from opentier.graph.front import Graph
    from opentier.graph.jobs.progress import Progress
    from opentier.graph.printing.report import Report

Who = Annotated[str, typer.Argument(help="An IRI, dataset/local-id, an identifier (lei:...) or a name.")]
Data = Annotated[Path | None, typer.Option("--data", help="Data directory [OPENTIER_DATA, ./opentier-data].")]
AsKnown = Annotated[
    str | None, typer.Option("--as-known", metavar="DAY", help="Only what was known at the end of this day.")
]
Save = Annotated[
    str | None, typer.Option("--save", metavar="ID", help="Keep the answer as a screening record for good.")
]
Quiet = Annotated[
    bool, typer.Option("--quiet", "-q", help="Nothing but errors and warnings on standard error.")
]
Out = Annotated[
    Path | None,
    typer.Option("--out", help="Write here instead of standard output; the suffix tells the format."),
]


def open_graph(data: Path | None, *, create: bool = False) -> Graph:
    """Open the data directory."""
    from opentier.graph.front import Graph

    return Graph.open(data, create=create)


def as_typed(context: typer.Context) -> dict[str, str]:
    """Return the filters of a command that were typed in other words than they are understood: the word ``today``."""
    from opentier.graph.trace.parameters import TODAY

    return {"on": TODAY} if context.params["on"] == TODAY else {}


def recorded(record: dict[str, Any]) -> str:
    """Return what is said of a record that is kept."""
    return f"Kept as {record['id']}, hash {record['hash']}. To ask again: opentier screenings again {record['id']}"


def option(name: str) -> str:
    """Return how the command line spells a parameter."""
    return f"--{name.replace('_', '-')}"


def one_of(name: str, value: str, known: tuple[str, ...]) -> None:
    """Refuse a value that is not one of the known ones."""
    from opentier.graph.errors import Named, UsageError, mean

    if value not in known:
        raise UsageError(
            Named(name), f" is one of {', '.join(known)}; not {value!r}.{mean(value, known)}"
        )  # fmt: skip


def failing(said: list[str] | None, known: Mapping[str, object]) -> list[str]:
    """Return what a command shall fail on, as it is said: repeated, with commas, or both."""
    found = [each for text in said or () for each in listed("fail_on", text)]
    for each in found:
        one_of("fail_on", each, tuple(known))
    return found


def _placeable(out: Path) -> None:
    """Raise the OSError that writing a file would raise, as far as folders go."""
    if out.parent.is_dir() and not out.is_dir():
        return
    above = any(each.is_file() for each in out.parents)
    wrong = errno.EISDIR if out.is_dir() else errno.ENOTDIR if above else errno.ENOENT
    raise OSError(wrong, os.strerror(wrong), str(out))


def form(said: str | None, out: Path | None, known: tuple[str, ...], files: Collection[str] = ()) -> str:
    """Return the format that is asked for: as it is said, or by the name of the file, or the first known one.

    Parameters
    ----------
    files
        Those that are written to a file alone.

    Raises
    ------
    UsageError
        If none of the known ones is asked for, or one of files and there is none.
    OSError
        If the file cannot be there.
    """
    from opentier.graph.errors import Named, UsageError
    from opentier.graph.model.formats import of_suffix, suffix

    if said is not None:
        one_of("format", said, known)
    if out is not None:  # before any work, and before anything is kept
        _placeable(out)
    if said is not None or out is None:
        if said in files and out is None:
            raise UsageError(Named("format"), f" {said} is for a file; name it with ", Named("out"), ".")
        return said or known[0]
    meant = of_suffix(out.suffix[1:], *known)
    if meant is None:
        every = ", ".join(f".{suffix(name)}" for name in known)
        raise UsageError(
            f"{str(out)!r} tells no known format: end it in {every}, or give ", Named("format"), "."
        )
    return meant


def say(text: str, quiet: bool = False) -> None:
    """Print a message on standard error; what it quotes cannot steer the terminal."""
    from opentier.graph.model.characters import visible

    if not quiet:
        print(visible(text, keep="\n"), file=sys.stderr)  # noqa: T201


def write(text: str, out: Path | None) -> None:
    """Write data to a file, or to standard output: as it is to a program, and to a terminal so that it is seen."""
    if out is not None:
        with writing(out):
            out.write_text(text, "utf-8")
    elif sys.stdout.isatty():
        from opentier.graph.model.characters import visible

        sys.stdout.write(visible(text.removeprefix("\ufeff").replace("\r\n", "\n"), keep="\n\t"))
    else:
        sys.stdout.write(text)


def write_report(report: Report, kind: str, out: Path | None) -> None:
    """Write a report in one of its forms; without a file its HTML."""
    if out is None:
        write(report.to_html(), None)
        return
    with writing(out):
        report.write(kind, out)


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Name the file in an error that has no name: a full disk does not know which file it was filled by."""
    try:
        yield
    except OSError as error:
        if error.errno is not None and error.filename is None:
            error.filename = str(path)
        raise


#: Seconds after which long work tells how far it is, where there is no terminal.
_EACH = 10.0


@contextmanager
def progress(quiet: bool) -> Iterator[Progress]:
    """Show stages as bars on standard error; on a file or a pipe, a line when a stage is done."""
    if quiet:
        from opentier.graph.jobs.progress import silent

        yield silent
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    console = Console(stderr=True)
    bare = not console.is_terminal
    columns = (
        TextColumn("{task.description:<18}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(), TimeRemainingColumn(),
    )  # fmt: skip
    with Progress(*columns, console=console, transient=True, disable=bare) as bars:
        tasks: dict[str, Any] = {}
        told = time.monotonic()

        def show(stage: str, done: int, total: int) -> None:
            nonlocal told
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, total=total or None, rate="")
            task = bars.tasks[tasks[stage]]
            rate = f"{task.speed:,.0f}/s" if task.speed else ""
            bars.update(task.id, completed=done, total=total or None, rate=rate)
            if bare and 0 < done != total and time.monotonic() - told > _EACH:
                told = time.monotonic()
                left = round((task.elapsed or 0) * (total - done) / done)
                much = f"{done:,} of {total:,}, {left:,} s left" if total else f"{done:,}"
                console.print(f"{stage}: {much}", highlight=False)
            if done == total and total > 1:
                console.print(f"{stage}: {total:,}", highlight=False)

        yield show
