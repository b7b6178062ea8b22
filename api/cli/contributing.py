"""The commands that take a contribution: what a file is taken for, the report on it, and its admission."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from opentier.api.cli.commands import Commands
from opentier.api.cli.terminal import Data, Quiet, one_of, open_graph, progress, say, writing

if TYPE_CHECKING:
    from opentier.graph.contribution.bare import Asked, Survey
    from opentier.graph.contribution.report import Report
    from opentier.graph.contribution.submission import Options

Source = Annotated[
    Path,
    typer.Argument(
        help="A Data Package (folder or .zip), RDF, a foreign file (--from), your own table, or - for standard input."
    ),
]
From = Annotated[
    str | None,
    typer.Option("--from", help="Adapter of a foreign file (docs/adapters.md): osh, wikirate, mills, ..."),
]
Dataset = Annotated[str | None, typer.Option("--dataset", help="Dataset id, instead of the package's name.")]
Licence = Annotated[str | None, typer.Option("--licence", help="Licence, instead of the package's.")]
Publisher = Annotated[str | None, typer.Option("--publisher", help="Publisher, instead of the package's.")]
Map = Annotated[
    list[str] | None,
    typer.Option(
        "--map",
        metavar="COLUMN=HEADER",
        help='What a column of ours is in your table: supplier="Vendor name", address="Street+City", buyer:=acme.',
    ),
]
Saved = Annotated[Path | None, typer.Option("--mapping", help="A mapping that `columns --out` wrote.")]
Table = Annotated[str | None, typer.Option("--table", help="Which table of ours your table is.")]
Sheet = Annotated[str | None, typer.Option("--sheet", help="The sheet of a workbook.")]
Save = Annotated[
    Path | None, typer.Option("--out", help="Write the mapping to a file, to edit and to reuse.")
]
ReportFormat = Annotated[str, typer.Option("--format", help="table or json.")]


def _asked(columns: list[str] | None, saved: Path | None, table: str | None, sheet: str | None) -> Asked:
    from opentier.graph.contribution.bare import Asked

    return Asked(tuple(columns or ()), saved, table or "", sheet or "")


def _submitting(work: Callable[[Path, Options, str, Path | None, bool], None]) -> Callable[..., None]:
    """Give a command the options of everything that takes a contribution."""

    def command(
        path: Source,
        adapter: From = None,
        columns: Map = None,
        saved: Saved = None,
        table: Table = None,
        sheet: Sheet = None,
        dataset: Dataset = None,
        licence: Licence = None,
        publisher: Publisher = None,
        format: ReportFormat = "table",
        data: Data = None,
        quiet: Quiet = False,
    ) -> None:
        from opentier.api.cli import show
        from opentier.graph.contribution.submission import Options

        def shown(found: Survey) -> None:
            if not quiet:
                show.columns(found.to_dict(), "table", sys.stderr)

        one_of("format", format, ("table", "json"))
        asked = _asked(columns, saved, table, sheet)
        work(path, Options(adapter, dataset, licence, publisher, asked, shown), format, data, quiet)

    command.__name__, command.__doc__ = work.__name__, work.__doc__
    return command


@_submitting
def contribute(path: Path, options: Options, format: str, data: Path | None, quiet: bool) -> None:
    """Admit a contribution as the next version of its dataset: all of it, or nothing."""
    from opentier.graph.contribution.report import ContributionError

    graph = open_graph(data, create=True)
    try:
        with progress(quiet) as shown:
            admission = graph.contribute(path, options, shown)
    except ContributionError as error:
        _report(error.report, format)
        raise typer.Exit(1) from None
    version = admission.version
    say(f"admitted: {version.dataset} version {version.number}" if admission.new
         else f"nothing new: this is {version.dataset} version {version.number} already", quiet)  # fmt: skip
    _report(admission.report, format, {"version": version.number, "new": admission.new})


@_submitting
def validate(path: Path, options: Options, format: str, data: Path | None, quiet: bool) -> None:
    """The report on a contribution only; nothing is changed."""
    from opentier.graph import front

    with progress(quiet) as shown:
        report = front.validate(path, options, front.data_directory(data), shown)
    _report(report, format)
    if not report.conforms:
        raise typer.Exit(1)


def columns(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="Your own table, or - for standard input.")],
    columns: Map = None,
    saved: Saved = None,
    table: Table = None,
    sheet: Sheet = None,
    save: Save = None,
    format: ReportFormat = "table",
) -> None:
    """What the columns of your own table are taken for, with samples, and what is left; nothing is kept."""
    from opentier.api.cli import show
    from opentier.graph.contribution import submission
    from opentier.graph.contribution.report import Report
    from opentier.graph.contribution.submission import Options

    one_of("format", format, ("table", "json"))
    report, options = Report(), Options(asked=_asked(columns, saved, table, sheet))
    with tempfile.TemporaryDirectory(prefix="opentier-") as scratch:
        found = submission.survey(path, options, Path(scratch), report)
        if found is None:
            _report(report, format)
            raise typer.Exit(1)
        show.columns(found.to_dict(), format)
        for finding in report.sorted():
            say(f"{finding.severity}: {finding.message} {finding.advice}".rstrip())
    if save is not None:
        with writing(save):
            save.write_text(found.mapped.text(), "utf-8")
        say(f"{save} holds the mapping; use it with --mapping {save}")


def _report(report: Report, format: str, more: dict[str, Any] | None = None) -> None:
    from opentier.api.cli import show

    show.report(report, format, more or {})


def register(app: Commands) -> None:
    """Add the commands to the command line."""
    app.command("contribute")(contribute)
    app.command("validate")(validate)
    app.command("columns")(columns)
