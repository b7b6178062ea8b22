"""The command that matches: a list of suppliers, each row beside the actors that it may be."""

from __future__ import annotations

import sys
import tempfile
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from opentier.api.cli.commands import Commands
from opentier.api.cli.contributing import Sheet
from opentier.api.cli.evaluation import evaluation
from opentier.api.cli.terminal import Data, Out, Quiet, form, open_graph, progress, say, write, writing

if TYPE_CHECKING:
    from opentier.graph.report.report import Report
    from opentier.graph.screening.listing import Listing
    from opentier.graph.screening.matches import Matches

#: Rows that are printed for people.
ROWS = 500


def match(
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="FILE",
            help="Your list: CSV, XLSX, XLS, ODS, JSON lines, Parquet, or - for standard input.",
        ),
    ] = None,
    columns: Annotated[
        list[str] | None,
        typer.Option(
            "--map",
            metavar="COLUMN=HEADER",
            help='What a column is in your list: name="Vendor name", address="Street+City", country:=CN.',
        ),
    ] = None,
    sheet: Sheet = None,
    country: Annotated[str | None, typer.Option(help="The country of rows that state none.")] = None,
    every: Annotated[
        bool,
        typer.Option("--all", help="A row for each candidate from the review band on, not the best alone."),
    ] = False,
    accept: Annotated[
        float | None, typer.Option(metavar="SCORE", help="From which score on a match is likely.")
    ] = None,
    review: Annotated[
        float | None, typer.Option(metavar="SCORE", help="From which score on a match is possible.")
    ] = None,
    weights: Annotated[
        Path | None, typer.Option(metavar="FILE", help="TOML file with the weights of the matcher.")
    ] = None,
    evaluate: Annotated[
        Path | None,
        typer.Option(
            metavar="PAIRS",
            help="Instead of matching a list: what the weights are worth on pairs that people labelled.",
        ),
    ] = None,
    format: Annotated[
        str | None, typer.Option("--format", help="table, json, csv or xlsx; else by --out.")
    ] = None,
    out: Out = None,
    data: Data = None,
    quiet: Quiet = False,
) -> None:
    """A list of suppliers against the graph: beside each row whom it may be, how sure, and why. Nothing is kept."""
    from opentier.graph.contribution.bare import Asked
    from opentier.graph.errors import Named, UsageError
    from opentier.graph.matching.scoring import Weights
    from opentier.graph.report.report import Report
    from opentier.graph.screening import listing, matches

    if evaluate is not None:
        if file is not None or columns or sheet or country or every:
            raise UsageError(
                Named("evaluate"), " takes pairs, --weights, --accept, --review, --format, --out, --data."
            )
        evaluation(evaluate, weights=weights, accept=accept, review=review, format=format, out=out, data=data)
        return
    if file is None:
        raise UsageError("Give your list, or pairs with ", Named("evaluate"), ".")
    kind = form(format, out, ("table", "json", "csv", "xlsx"))
    if kind == "xlsx" and out is None:
        raise UsageError("A workbook is written to a file: add ", Named("out"), " NAME.xlsx.")
    if out is not None and str(file) != "-" and out.resolve() == file.resolve():
        raise UsageError(f"{out} is your list; give ", Named("out"), " another name.")
    code = _code(country)
    weighed = (Weights.read(weights) if weights else Weights.shipped()).within(accept, review)
    view, report = open_graph(data).view(), Report()
    with tempfile.TemporaryDirectory(prefix="opentier-") as scratch:
        found = listing.read(file, Asked(tuple(columns or ()), sheet=sheet or ""), Path(scratch), report)
    if found is None or report.blocking:
        _told(report)
        raise typer.Exit(1)
    if not quiet:
        _shown(found)
    with progress(quiet) as shown:
        shown("reading the graph", 0, 1)
        matcher = view.matcher.weighing(weighed)
        matched = matches.match(found, matcher, view.directory, report, code, every=every, progress=shown)
    if not quiet:
        _told(report)
    _give(matched, kind, out, quiet)
    _summed(matched, quiet)


def _code(country: str | None) -> str:
    """Return the code of a country that is given; nothing where none is."""
    from opentier.graph.errors import Named, UsageError
    from opentier.graph.model import cells

    try:
        return cells.country(country) if country is not None else ""
    except cells.CellError as error:
        raise UsageError(Named("country"), f" {country!r}: {error.message} {error.advice}") from None


def _shown(found: Listing) -> None:
    """Show what the columns of a list are taken for."""
    from opentier.api.cli import show

    show.columns(found.survey.to_dict(), "table", sys.stderr)


def _told(report: Report) -> None:
    """Say what was found in a list, a paragraph a kind."""
    from opentier.api.cli import show
    from opentier.graph.report import wording

    for line in wording.lines(report.kinds(), show.WIDTH):
        say(line)


def _give(found: Matches, kind: str, out: Path | None, quiet: bool) -> None:
    """Write the list in a format."""
    from opentier.graph.model import printed
    from opentier.graph.screening import returned

    if kind == "json":
        write(printed.text(returned.to_dict(found)), out)
    elif kind == "csv":
        write(returned.to_csv(found), out)
        if many := returned.guarded(found):
            say(
                f"Cells of your list that a spreadsheet would take for formulas, and that begin with an apostrophe "
                f"here: {many:,}. XLSX and JSON have them as they are.",
                quiet,
            )
    elif out is not None and kind == "xlsx":
        with writing(out):
            returned.to_xlsx(found, out)
    else:
        _table(found, out)


def _table(found: Matches, out: Path | None) -> None:
    """Print the rows that say anything, each with who it may be."""
    from opentier.api.cli import show

    said = {where.row for where, _ in found.listing.survey.rows}
    cells = (
        (str(entry.row), next(iter(entry.party.called), entry.id), each)
        for entry, candidates in zip(found.entries, found.found, strict=True)
        if entry.row in said
        for each in candidates or (None,)
    )
    show.matches(cells, ROWS if out is None else None, out)


def _summed(found: Matches, quiet: bool) -> None:
    """Say how many rows have which match; that nobody was compared is said in any case."""
    from opentier.graph.screening import returned

    for line in islice(returned.about(found), 2):
        say(line, quiet)
    if not found.actors:
        say(
            "The data holds no actor, so nobody was compared; to load the lists that ship, run: opentier reference"
        )


def register(app: Commands) -> None:
    """Add the command to the command line."""
    app.command("match")(match)
