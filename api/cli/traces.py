"""Commands that trace: one actor, and every actor at once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from opentier.api.console.engines import ALONE, ENGINES, FORMATS, Chosen, Format, Master, Work, spark
from opentier.api.console.terminal import (
    Data,
    Out,
    Quiet,
    Save,
    Who,
    as_typed,
    failing,
    form,
    open_graph,
    progress,
    recorded,
    say,
    write,
    write_report,
    writing,
)
from opentier.api.filters import with_filters
from opentier.graph.model.formats import NETWORKS

if TYPE_CHECKING:
    from opentier.graph.answer.result import TraceResult
    from opentier.graph.batch.everybody import Engine
    from opentier.graph.front import View
    from opentier.graph.trace.parameters import Parameters

#: What a trace can be made to fail on, with the exit code: a verdict, or names alike that nobody has judged; the first
#: that fits.
FAILS = {"exposure": ("exposed", 3), "not-testable": ("not-testable", 4), "names-alike": ("", 5)}
#: The forms of a report, and those that are no text.
REPORTS = ("html", "pdf", "png", "xlsx")
FILES = REPORTS[1:]
#: Exposures of one designation in the grouped form.
FIRST = 25


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.command()(trace)
    app.command()(exposure)


@with_filters(alone=True)
def trace(
    context: typer.Context,
    actor: Who,
    asked: Parameters,
    weights: Annotated[Path | None, typer.Option(help="TOML file with severity weights.")] = None,
    format: Annotated[
        str | None,
        typer.Option(
            "--format",
            help="table, json, csv or svg; a network: graphml or gexf; a report: html, pdf, png (its first "
            "page) or xlsx; else by --out.",
        ),
    ] = None,
    group: Annotated[
        bool, typer.Option("--group", help="Of JSON: exposures by designation, and links between actors.")
    ] = False,
    first: Annotated[
        int | None,
        typer.Option(min=0, help=f"With --group: exposures of each designation; {FIRST} if not said."),
    ] = None,
    out: Out = None,
    fail_on: Annotated[
        list[str] | None,
        typer.Option(
            help="exposure: exit 3 when there is one; not-testable: exit 4 when nothing could be tested; "
            "names-alike: exit 5 when an actor is called as a listed one is and nobody has judged it."
        ),
    ] = None,
    save: Save = None,
    law: Annotated[
        list[str] | None,
        typer.Option(
            help="Of a report: the documents that this law asks for, too; several times for several."
        ),
    ] = None,
    data: Data = None,
    quiet: Quiet = False,
) -> None:
    """Trace an actor: the verdict, tiers reached, exposures, and the paths with their evidence."""
    from opentier.graph.errors import Named, UsageError

    kind = form(format, out, ("table", "json", "csv", "svg", *NETWORKS, *REPORTS), FILES)
    if kind in ("pdf", "png"):
        from opentier.graph.printing import typeset

        typeset.ready()
    if law and kind not in REPORTS:
        raise UsageError(Named("law"), " is for a report; add ", Named("format"), f" {' or '.join(REPORTS)}.")
    if group and kind != "json":
        raise UsageError(Named("group"), " is for JSON; add ", Named("format"), " json.")
    if first is not None and not group:
        raise UsageError(Named("first"), " counts for a grouped answer only; add ", Named("group"), ".")
    asked_for = failing(fail_on, FAILS)
    graph = open_graph(data)
    # Records and reports take a while to import.
    kept = graph.screenings(waiting=say) if save is not None or kind in REPORTS else None
    if kept is not None and save is not None:
        kept.free(save)
    with progress(quiet) as shown:
        shown("reading the graph", 0, 1)
        view = graph.view()
        shown("reading the graph", len(view.index.actors), len(view.index.actors))
        shown("tracing", 0, 1)
        result = view.trace(actor, asked, weights)
        papers = view.dossier(actor, law, replace(asked, paths=1)) if law else None
        shown("tracing", 1, 1)
    doubt = _warned(view, asked)
    grouped = (FIRST if first is None else first) if group else None
    said = as_typed(context)
    digest = None
    if kept is not None and save is not None:
        record = kept.keep(result, save, actor, said, weights)
        digest = record["hash"]
        say(recorded(record), quiet)
    if kept is not None and kind in REPORTS:
        from opentier.graph.printing.report import Report

        digest = digest or kept.hashed(result, actor, said, weights)
        write_report(
            Report(result.to_dict(), result.scene, digest=digest, kept=save, dossier=papers), kind, out
        )
    else:
        _written(result, kind, grouped, out, doubt)
    for name, (verdict, code) in FAILS.items():
        fits = result.verdict.result == verdict if verdict else bool(result.limits["names_alike"])
        if name in asked_for and fits:
            raise typer.Exit(code)


def _written(
    result: TraceResult, kind: str, grouped: int | None, out: Path | None, doubt: str | None
) -> None:
    """Write a trace in a format; beside a file of rows stands one of its limits."""
    if kind == "json":
        write(result.to_json(grouped), out)
    elif kind == "csv":
        write(result.to_csv(), out)
        if out is not None and out.is_file():
            write(result.limits_csv(), out.with_suffix(".limits.csv"))
    elif kind == "svg":
        write(result.to_svg(), out)
    elif kind in NETWORKS:
        from opentier.graph.standards import results

        write(results.text(result, kind), out)
    else:
        from opentier.api.console import account

        account.trace(result.to_dict(grouped=account.ROWS), out, doubt)


def _warned(view: View, asked: Parameters) -> str | None:
    """Say why what is asked can find little or nothing, where that is known, and return it."""
    if doubt := view.doubt(asked):
        say(f"warning: {doubt}")
    return doubt


@with_filters()
def exposure(
    asked: Parameters,
    format: Format = None,
    engine: Chosen = ENGINES[0],
    master: Master = None,
    work: Work = None,
    out: Out = None,
    data: Data = None,
    quiet: Quiet = False,
) -> None:
    """Every actor: its nearest exposed tier, exposed actors upstream, and the share of inputs through them."""

    chosen: Engine | None = None
    if spark(engine, master, work):
        from opentier.graph.distributed.exposure import Spark

        chosen = Spark(master, work)
    kind = form(format, out, FORMATS, ALONE)
    with progress(quiet) as shown:
        shown("reading the graph", 0, 1)
        view = open_graph(data).view()
        shown("reading the graph", len(view.index.actors), len(view.index.actors))
        found = view.exposure(asked, shown, chosen)
    _warned(view, asked)
    if kind != "json":  # which has them
        for line in found.told():
            say(line, quiet and (found.verdict.result != "not-testable" or line not in found.verdict.reasons))
    if out is None:
        write(found.to_csv() if kind == "csv" else found.to_json(), None)
    else:
        with writing(out):
            found.write(out, kind)
        if kind != "json" and out.is_file():
            write(found.limits_csv(), out.with_suffix(".limits.csv"))
