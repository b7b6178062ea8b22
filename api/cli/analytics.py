"""Commands about several traces: what two buyers share, the nearest exposures, what some links lead to."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from opentier.api.console.terminal import Data, Out, Quiet, Who, form, open_graph, progress, say, write
from opentier.api.filters import with_filters

if TYPE_CHECKING:
    from opentier.graph.analytics import Analysis
    from opentier.graph.front import View
    from opentier.graph.trace.parameters import Parameters

Format = Annotated[str | None, typer.Option("--format", help="table, json or csv; else by --out.")]
#: Columns that a table for people has no room for.
_LEFT = ("from_id", "to_id", "iri", "start_date", "end_date", "version", "licence")


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.command()(shared)
    app.command()(nearest)
    app.command()(without)


@with_filters()
def shared(
    a: Annotated[str, typer.Argument(metavar="A", help="An actor, as trace takes it.")],
    b: Annotated[str, typer.Argument(metavar="B", help="Another one.")],
    asked: Parameters,
    format: Format = None,
    out: Out = None,
    data: Data = None,
    quiet: Quiet = False,
) -> None:
    """The suppliers that two buyers share, at any tier, the nearest first, and which of them are exposed."""
    from opentier.graph import analytics

    _told(lambda view: analytics.shared(view, a, b, asked), format, out, data, quiet)


@with_filters(alone=True)
def nearest(
    actor: Who,
    asked: Parameters,
    format: Format = None,
    out: Out = None,
    data: Data = None,
    quiet: Quiet = False,
) -> None:
    """The best paths from an actor to any exposed one, the nearest first: quick on the widest chain."""
    from opentier.graph import analytics

    found = _told(lambda view: analytics.nearest(view, actor, asked), format, out, data, quiet)
    for reason in found.found["untestable"]:
        say(f"warning: {reason}")
    if found.found["truncated"]:
        say("warning: the search was given up before it had all paths that were asked for.")


@with_filters()
def without(
    actor: Who,
    asked: Parameters,
    drop: Annotated[
        list[str],
        typer.Option(metavar="RECORD", help="A record whose hops are left away; several times for several."),
    ],
    format: Format = None,
    out: Out = None,
    data: Data = None,
    quiet: Quiet = False,
) -> None:
    """Which actors a trace would lose without some records, and whose tier would change."""
    from opentier.graph import analytics

    _told(lambda view: analytics.without(view, actor, drop, asked), format, out, data, quiet)


def _told(
    ask: Callable[[View], Analysis], format: str | None, out: Path | None, data: Path | None, quiet: bool
) -> Analysis:
    """Ask the current release, and write what it says."""
    from opentier.api.console import show
    from opentier.graph import analytics

    kind = form(format, out, ("table", "json", "csv"))
    with progress(quiet) as shown:
        shown("reading the graph", 0, 1)
        found = ask(open_graph(data).view())
    if kind == "table":
        every = analytics.COLUMNS[found.what]
        names = [name for name in every if name not in _LEFT]
        rows = (dict(zip(every, row, strict=True)) for row in found.rows())
        cells = (["" if row[name] is None else str(row[name]) for name in names] for row in rows)
        show.table(names, cells, out)
    else:
        write(found.to_json() if kind == "json" else found.to_csv(), out)
    return found
