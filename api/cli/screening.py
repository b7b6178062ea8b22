"""The command that screens: a list of suppliers, each row traced as if it were the actor that it is likely to be."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from opentier.api.cli import match
from opentier.api.cli.contributing import Sheet
from opentier.api.console.commands import Commands
from opentier.api.console.terminal import (
    Data,
    Out,
    Quiet,
    Save,
    as_typed,
    failing,
    open_graph,
    progress,
    recorded,
    say,
    write,
)
from opentier.api.filters import with_filters

if TYPE_CHECKING:
    from opentier.graph.screening.screened import Screened
    from opentier.graph.trace.parameters import Parameters

#: What a screening can be made to fail on, with the exit code; the first that fits.
FAILS = {"exposure": ("exposed", 3), "not-testable": ("not_testable", 4), "names-alike": ("names_alike", 5)}

#: What the file is called that stands beside CSV, instead of its ending.
LIMITS = ".limits.csv"


@with_filters()
def screen(
    context: typer.Context,
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help="Your list: CSV, XLSX, XLS, ODS, JSON lines, Parquet, or - for standard input.",
        ),
    ],
    asked: Parameters,
    columns: match.Columns = None,
    sheet: Sheet = None,
    country: match.Country = None,
    every: match.Every = False,
    accept: match.Accept = None,
    review: match.Review = None,
    match_weights: Annotated[
        Path | None,
        typer.Option("--match-weights", metavar="FILE", help="TOML file with the weights of the matcher."),
    ] = None,
    weights: Annotated[
        Path | None, typer.Option("--weights", metavar="FILE", help="TOML file with severity weights.")
    ] = None,
    format: Annotated[
        str | None, typer.Option("--format", help="table, json, csv or xlsx; else by --out.")
    ] = None,
    out: Out = None,
    fail_on: Annotated[
        list[str] | None,
        typer.Option(
            "--fail-on",
            help="exposure: exit 3 when a row is exposed; not-testable: exit 4 when a row could not be tested; "
            "names-alike: exit 5 when a row is possibly of an exposed company, or an actor of a chain is called as a "
            "listed one is, and nobody has judged it.",
        ),
    ] = None,
    save: Save = None,
    data: Data = None,
    quiet: Quiet = False,
) -> None:
    """A list of suppliers, matched and traced: beside each row the verdict and the nearest exposure."""
    from opentier.api import values
    from opentier.graph.matching.scoring import Weights
    from opentier.graph.report.report import Report

    kind = match.writable(file, format, out, limits=LIMITS)
    asked_for = failing(fail_on, FAILS)
    code = values.country(country)
    weighed = (Weights.read(match_weights) if match_weights else Weights.shipped()).within(accept, review)
    graph, report = open_graph(data), Report()
    view = graph.view()
    records = None if save is None else graph.screenings(waiting=say)  # which takes a while to import
    if records is not None and save is not None:
        records.free(save)
    found = match.listed(file, columns, sheet, report, quiet)
    with progress(quiet) as shown:
        shown("reading the graph", 0, 1)
        made = view.screen(
            found, asked, severities=weights, weights=weighed, country=code, every=every,
            whole=kind == "json" or save is not None, report=report, progress=shown,
        )  # fmt: skip
    if doubt := view.doubt(asked):
        say(f"warning: {doubt}")
    if not quiet:
        match.told(report)
    if records is not None and save is not None:
        typed = as_typed(context)
        say(recorded(records.keep_list(made, save, typed, weights, every=every)), quiet)
    _written(made, kind, out, quiet)
    counts = made.counts()
    for name, (counted, exit_code) in FAILS.items():
        if name in asked_for and (counts[counted] or (counted == "not_testable" and not counts["rows"])):
            raise typer.Exit(exit_code)


def _written(made: Screened, kind: str, out: Path | None, quiet: bool) -> None:
    """Write a screened list in a format; beside CSV stands a file of its limits."""
    from opentier.graph.model import printed, sheet

    if kind == "json":
        write(printed.text(made.to_dict()), out)
    elif kind == "table":
        from opentier.api.console import account

        account.screened(made, match.ROWS if out is None else None, out)
    else:
        match.give(made, kind, out, quiet)
        if kind == "csv" and out is not None and out.is_file():
            first, *rows = made.about()
            write(sheet.text([str(cell) for cell in first], rows), out.with_suffix(LIMITS))
    if kind != "table" or out is not None:
        for line in made.verdict.reasons:
            say(line, quiet)
    if not made.matches.actors:
        match.nobody()


def register(app: Commands) -> None:
    """Add the command to the command line."""
    app.command("screen")(screen)
