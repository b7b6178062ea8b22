"""The command that matches: a list of suppliers, each row beside the actors that it may be."""

from __future__ import annotations

import sys
import tempfile
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from opentier.api.cli.contributing import Sheet
from opentier.api.console.commands import Commands
from opentier.api.console.engines import ALONE, ENGINES, FORMATS, Chosen, Format, Master, Work, spark
from opentier.api.console.terminal import Data, Out, Quiet, form, open_graph, progress, say, write, writing

if TYPE_CHECKING:
    from opentier.graph.report.report import Report
    from opentier.graph.screening.listing import Listing
    from opentier.graph.screening.matches import Matches
    from opentier.graph.screening.returned import Beside

#: Rows that are printed for people.
ROWS = 500

Columns = Annotated[
    list[str] | None,
    typer.Option(
        "--map",
        metavar="COLUMN=HEADER",
        help='What a column is in your list: name="Vendor name", address="Street+City", country:=CN.',
    ),
]
Country = Annotated[str | None, typer.Option("--country", help="The country of rows that state none.")]
Every = Annotated[
    bool,
    typer.Option("--all", help="A row for each candidate from the review band on, not the best alone."),
]
Accept = Annotated[
    float | None, typer.Option("--accept", metavar="SCORE", help="From which score on a match is likely.")
]
Review = Annotated[
    float | None, typer.Option("--review", metavar="SCORE", help="From which score on a match is possible.")
]


def match(
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="FILE",
            help="Your list: CSV, XLSX, XLS, ODS, JSON lines, Parquet, or - for standard input.",
        ),
    ] = None,
    columns: Columns = None,
    sheet: Sheet = None,
    country: Country = None,
    every: Every = False,
    accept: Accept = None,
    review: Review = None,
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
    from opentier.api import values
    from opentier.graph.errors import Named, UsageError
    from opentier.graph.matching.scoring import Weights
    from opentier.graph.model import printed
    from opentier.graph.report.report import Report
    from opentier.graph.screening import matches

    if evaluate is not None:
        if file is not None or columns or sheet or country or every:
            raise UsageError(
                Named("evaluate"), " takes pairs, --weights, --accept, --review, --format, --out, --data."
            )
        evaluation(evaluate, weights=weights, accept=accept, review=review, format=format, out=out, data=data)
        return
    if file is None:
        raise UsageError("Give your list, or pairs with ", Named("evaluate"), ".")
    kind = writable(file, format, out)
    code = values.country(country)
    weighed = (Weights.read(weights) if weights else Weights.shipped()).within(accept, review)
    view, report = open_graph(data).view(), Report()
    found = listed(file, columns, sheet, report, quiet)
    with progress(quiet) as shown:
        shown("reading the graph", 0, 1)
        matcher = view.matcher.weighing(weighed)
        matched = matches.match(found, matcher, view.directory, report, code, every=every, progress=shown)
    if not quiet:
        told(report)
    if kind == "json":
        write(printed.text(matches.to_dict(matched)), out)
    elif kind == "table":
        _table(matched, out)
    else:
        give(matched, kind, out, quiet)
    _summed(matched, quiet)


def candidates(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help="Your list: CSV, XLSX, XLS, ODS, JSON lines, Parquet, or - for standard input.",
        ),
    ],
    columns: Columns = None,
    sheet: Sheet = None,
    country: Country = None,
    most: Annotated[
        int, typer.Option("--limit", min=1, max=1000, help="Pairs of each row, at most: the most alike.")
    ] = 20,
    format: Format = None,
    engine: Chosen = ENGINES[0],
    master: Master = None,
    work: Work = None,
    out: Out = None,
    data: Data = None,
    quiet: Quiet = False,
) -> None:
    """The pairs of rows of a list and actors that share rare words, which `match` compares; nothing is kept."""
    from opentier.api import values
    from opentier.graph.distributed import pairs
    from opentier.graph.report.report import Report
    from opentier.graph.screening.entries import entries

    kind = form(format, out, FORMATS, ALONE)
    far, code = spark(engine, master, work), values.country(country)
    view, report = open_graph(data).view(), Report()
    found = listed(file, columns, sheet, report, quiet)
    read = [each for each in entries(found, code, report) if each.party.called or each.party.strong]
    parties, books = [each.party for each in read], view.matcher.books
    with progress(quiet) as shown:
        if far:
            from opentier.graph.distributed.candidates import Spark

            numbers = Spark(master, work)(books, parties, most, shown)
        else:
            shown("looking for candidates", 0, len(parties))
            numbers = list(books.candidates(parties, most))
            shown("looking for candidates", len(parties), len(parties))
    if not quiet:
        told(report)
    asked = [(each.row, next(iter(each.party.called), "")) for each in read]
    made = pairs.Pairs(asked, numbers, books, view.index.names)
    if kind == "parquet" and out is not None:
        with writing(out):
            made.write(out)
    else:
        write(made.text(kind), out)
    say(f"{len(made):,} pairs of {len(asked):,} rows and {len(books):,} actors", quiet)
    if not len(books):
        nobody()


def evaluation(
    pairs: Path,
    *,
    weights: Path | None = None,
    accept: float | None = None,
    review: float | None = None,
    format: str | None = None,
    out: Path | None = None,
    data: Path | None = None,
) -> None:
    """Write what weights are worth on labelled pairs; words are as rare as in the data, where some is named."""
    from opentier.graph.matching.evaluation import evaluate
    from opentier.graph.matching.scoring import Weights
    from opentier.graph.model import printed

    kind = form(format, out, ("table", "json"))
    meant = (Weights.read(weights) if weights else Weights.shipped()).within(accept, review)
    found = evaluate(pairs, meant, open_graph(data).view().matcher.rarity if data else None)
    write(printed.text(found.to_dict()) if kind == "json" else found.to_text(), out)


def writable(file: Path, format: str | None, out: Path | None, limits: str = "") -> str:
    """Return the format in which a list is given back; refuse to write where that cannot be.

    Parameters
    ----------
    limits
        The ending of a file of limits that stands beside CSV.
    """
    from opentier.graph.errors import Named, UsageError

    kind = form(format, out, ("table", "json", "csv", "xlsx"))
    if kind == "xlsx" and out is None:
        raise UsageError("A workbook is written to a file: add ", Named("out"), " NAME.xlsx.")
    written = [] if out is None else [out, out.with_suffix(limits)] if limits and kind == "csv" else [out]
    for path in written:
        if str(file) != "-" and path.resolve() == file.resolve():
            raise UsageError(f"{path} is your list; give ", Named("out"), " another name.")
    return kind


def listed(file: Path, columns: list[str] | None, sheet: str | None, report: Report, quiet: bool) -> Listing:
    """Return a list, and show what its columns are taken for; say why and exit where it cannot be read."""
    from opentier.graph.contribution.bare import Asked
    from opentier.graph.screening import listing

    with tempfile.TemporaryDirectory(prefix="opentier-") as scratch:
        found = listing.read(file, Asked(tuple(columns or ()), sheet=sheet or ""), Path(scratch), report)
    if found is None or report.blocking:
        told(report)
        raise typer.Exit(1)
    if not quiet:
        _shown(found)
    return found


def _shown(found: Listing) -> None:
    """Show what the columns of a list are taken for."""
    from opentier.api.console import show

    show.columns(found.survey.to_dict(), "table", sys.stderr)


def told(report: Report) -> None:
    """Say what was found in a list, a paragraph a kind."""
    from opentier.api.console import show
    from opentier.graph.report import wording

    for line in wording.lines(report.kinds(), show.WIDTH):
        say(line)


def give(found: Beside, kind: str, out: Path | None, quiet: bool) -> None:
    """Write a list with what stands beside it, as CSV or as a workbook."""
    from opentier.graph.screening import returned

    if kind == "csv":
        write(returned.to_csv(found), out)
        if many := returned.guarded(found):
            say(
                f"Cells of your list that a spreadsheet would take for formulas, and that begin with an apostrophe "
                f"here: {many:,}. XLSX and JSON have them as they are.",
                quiet,
            )
    elif out is not None:
        with writing(out):
            returned.to_xlsx(found, out)


def _table(found: Matches, out: Path | None) -> None:
    """Print the rows that say anything, each with who it may be."""
    from opentier.api.console import show

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
    from opentier.graph.screening import matches

    for line in islice(matches.about(found), 2):
        say(line, quiet)
    if not found.actors:
        nobody()


def nobody() -> None:
    """Say that the data holds nobody to compare a list with, and what to do."""
    say(
        "The data holds no actor, so nobody was compared; to load the lists that ship, run: opentier reference"
    )


def register(app: Commands) -> None:
    """Add the command to the command line."""
    app.command("match")(match)
    app.command("candidates")(candidates)
