"""What all commands share: their common options, progress on standard error, data on standard output."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from opentier.graph.admission import Progress
    from opentier.graph.graph import Graph

Data = Annotated[Path | None, typer.Option("--data", help="Data directory [OPENTIER_DATA, ./opentier-data].")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress on standard error.")]
Out = Annotated[Path | None, typer.Option("--out", help="Write here instead of standard output.")]


def open_graph(data: Path | None, *, create: bool = False) -> Graph:
    """Open the data directory."""
    from opentier.graph.graph import Graph

    return Graph.open(data, create=create)


def listed(text: str) -> tuple[str, ...]:
    """Return the parts of a comma-separated option."""
    return tuple(part.strip() for part in text.split(",") if part.strip())


def one_of(option: str, value: str, known: tuple[str, ...]) -> None:
    """Refuse a value that is not one of the known ones."""
    from opentier.graph.errors import UsageError

    if value not in known:
        raise UsageError(f"{option} is one of {', '.join(known)}; not {value!r}.")


def say(text: str, quiet: bool = False) -> None:
    """Print a message on standard error."""
    if not quiet:
        print(text, file=sys.stderr)  # noqa: T201


def write(text: str, out: Path | None) -> None:
    """Write data to a file, or to standard output."""
    if out is None:
        sys.stdout.write(text)
    else:
        out.write_text(text, "utf-8")


@contextmanager
def progress(quiet: bool) -> Iterator[Progress]:
    """Show stages as bars on standard error; on a file or a pipe, a line when a stage is done."""
    if quiet:
        yield lambda stage, done, total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    bare = not console.is_terminal
    columns = (TextColumn("{task.description:<18}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=bare) as bars:
        tasks: dict[str, Any] = {}

        def show(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, total=total)
            bars.update(tasks[stage], completed=done, total=total)
            if done == total and total > 1:
                console.print(f"{stage}: {total:,}", highlight=False)

        yield show
