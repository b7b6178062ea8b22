"""The commands that take a contribution: what a file is taken for, the report on it, and its admission."""

from __future__ import annotations

import inspect
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from opentier.api.console.commands import Commands
from opentier.api.console.engines import ENGINES, Chosen, Master, Work, spark
from opentier.api.console.terminal import Data, Quiet, one_of, open_graph, progress, say, writing

if TYPE_CHECKING:
    from opentier.graph.admission.admitted import Matched
    from opentier.graph.contribution.bare import Asked, Survey
    from opentier.graph.contribution.submission import Options
    from opentier.graph.report.report import Report

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
Corrections = Annotated[
    Path | None,
    typer.Option(
        "--corrections",
        metavar="FILE",
        help="Cells that are read otherwise than they are written (docs/contributing-data.md).",
    ),
]
Table = Annotated[str | None, typer.Option("--table", help="Which table of ours your table is.")]
Sheet = Annotated[str | None, typer.Option("--sheet", help="The sheet of a workbook.")]
Older = Annotated[
    bool, typer.Option("--older", help="Admit a package that is older than the current version, too.")
]
Match = Annotated[
    bool | None,
    typer.Option(
        "--match/--no-match",
        help="Compare its actors with those of other datasets; without either, where it is new.",
    ),
]
Anonymous = Annotated[
    bool,
    typer.Option(
        "--anonymous", help="Publish it without a word on who sent it; takes --dataset (docs/access.md)."
    ),
]
Save = Annotated[
    Path | None, typer.Option("--out", help="Write the mapping to a file, to edit and to reuse.")
]
ReportFile = Annotated[
    Path | None,
    typer.Option(
        "--report",
        metavar="FILE",
        help="Write the report to a file: .json, .html, .txt; .csv is your own table with its problems beside it.",
    ),
]
#: Endings of a file for a report.
ENDINGS = (".json", ".html", ".txt", ".csv")
LeaveOut = Annotated[
    bool,
    typer.Option(
        "--leave-out", help="Admit all rows that can be; write the others, with why, to TABLE.problems.csv."
    ),
]
Visible = Annotated[
    str | None,
    typer.Option(
        "--visibility",
        help="Who may see the dataset: public, restricted, or embargoed:YYYY-MM-DD (UTC); else as before, or public.",
    ),
]
ReportFormat = Annotated[str, typer.Option("--format", help="table or json.")]


def _asked(columns: list[str] | None, saved: Path | None, table: str | None, sheet: str | None) -> Asked:
    from opentier.graph.contribution.bare import Asked

    return Asked(tuple(columns or ()), saved, table or "", sheet or "")


@dataclass(frozen=True)
class Shown:
    """How a report is shown: printed in a format, and written to a file, if that is asked for."""

    format: str
    file: Path | None = None
    quiet: bool = False

    def __post_init__(self) -> None:
        from opentier.graph.errors import Named, UsageError

        one_of("format", self.format, ("table", "json"))
        if self.file is not None and self.file.suffix.lower() not in ENDINGS:
            every = ", ".join(ENDINGS)
            raise UsageError(
                Named("report"), f" is a file that ends in one of {every}, not {str(self.file)!r}. "
                "Any spreadsheet opens .csv."
            )  # fmt: skip
        if self.file is not None and not self.file.absolute().parent.is_dir():
            raise UsageError(f"There is no folder {self.file.parent}.")

    def give(self, report: Report, path: Path, options: Options, more: dict[str, Any] | None = None) -> None:
        """Print a report on what lies at `path`, and write it to its file."""
        if self.file is not None:
            with writing(self.file):
                self._write(report, self.file, path, options, more or {})
        _report(report, self.format, more)

    def problems(self, report: Report, path: Path, options: Options) -> None:
        """Write the rows that are not admitted to files beside the report, or else beside what was contributed."""
        from opentier.graph.contribution import originals

        if not originals.given_back(path, options):
            return
        folder = self.file.parent if self.file else path if path.is_dir() else path.parent
        try:
            with tempfile.TemporaryDirectory(prefix="opentier-") as scratch:
                for written in originals.problems(path, options, report, folder, Path(scratch)):
                    say(f"{written} holds the rows that were not admitted, with why", self.quiet)
        except OSError as error:
            say(f"The rows that were not admitted cannot be written to {folder}: {error.strerror}.")

    def _write(self, report: Report, file: Path, path: Path, options: Options, more: dict[str, Any]) -> None:
        from opentier.api.console import show
        from opentier.graph.contribution import originals
        from opentier.graph.model import printed
        from opentier.graph.report import page

        match file.suffix.lower():
            case ".json":
                file.write_text(printed.text({**more, **report.to_dict()}), "utf-8")
            case ".html":
                file.write_text(page.html(report), "utf-8")
            case ".txt":
                file.write_text(report.to_text(show.WIDTH), "utf-8")
            case _:
                with tempfile.TemporaryDirectory(prefix="opentier-") as scratch:
                    for written in originals.annotated(path, options, report, file, Path(scratch)):
                        say(f"{written} holds your table with its problems beside it", self.quiet)


def _submitting(work: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of everything that takes a contribution, and those of engines if it takes one."""
    far = "engine" in inspect.signature(work).parameters

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
        leave_out: LeaveOut = False,
        older: Older = False,
        match: Match = None,
        visibility: Visible = None,
        anonymous: Anonymous = False,
        corrected: Corrections = None,
        format: ReportFormat = "table",
        report: ReportFile = None,
        engine: Chosen = ENGINES[0],
        master: Master = None,
        place: Work = None,
        data: Data = None,
        quiet: Quiet = False,
    ) -> None:
        from opentier.api.console import show
        from opentier.graph.contribution import originals
        from opentier.graph.contribution.submission import Options
        from opentier.graph.errors import Named, UsageError
        from opentier.graph.intake import corrections

        def shown(found: Survey) -> None:
            if not quiet:
                show.columns(found.to_dict(), "table", sys.stderr)

        asked = _asked(columns, saved, table, sheet)
        options = Options(
            adapter, dataset, licence, publisher, asked, shown, older, leave_out, match,
            visibility=visibility, anonymous=anonymous, corrected=corrections.read(corrected) if corrected else (),
        )  # fmt: skip
        to = Shown(format, report, quiet)
        if report is not None and report.suffix.lower() == ".csv" and not originals.given_back(path, options):
            raise UsageError(
                Named("report"), " ends in .csv for your own tables: not for standard input, RDF, or a foreign file."
            )  # fmt: skip
        if not far:
            work(path, options, data, to)
        elif spark(engine, master, place):
            from opentier.graph.distributed.validation import Spark

            work(path, options, data, to, Spark(master, place))
        else:
            work(path, options, data, to, None)

    command.__name__, command.__doc__ = work.__name__, work.__doc__
    taken = inspect.signature(command, eval_str=True).parameters.values()
    kept = [each for each in taken if far or each.name not in ("engine", "master", "place")]
    command.__signature__ = inspect.Signature(kept)  # type: ignore[attr-defined]
    command.__annotations__ = {each.name: each.annotation for each in kept}
    return command


@_submitting
def contribute(path: Path, options: Options, data: Path | None, to: Shown) -> None:
    """Admit a contribution as the next version of its dataset: all of it, or nothing."""
    from opentier.graph.report.report import ContributionError

    graph = open_graph(data, create=True)
    try:
        with progress(to.quiet) as shown:
            admission = graph.contribute(path, options, shown, say)
    except ContributionError as error:
        to.give(error.report, path, options)
        to.problems(error.report, path, options)
        raise typer.Exit(1) from None
    version = admission.version
    say(f"admitted: {version.dataset} version {version.number}" if admission.new
         else f"nothing new: this is {version.dataset} version {version.number} already", to.quiet)  # fmt: skip
    if options.leave_out and admission.new and (left := admission.report.counts()["refused"]):
        say(f"left out: {left:,} row{'s' if left > 1 else ''}", to.quiet)
    if admission.matched:
        _told(admission.matched, to.quiet)
    to.give(admission.report, path, options, {"version": version.number, "new": admission.new})
    to.problems(admission.report, path, options)


def _told(matched: Matched, quiet: bool) -> None:
    """Tell who may be one with whom."""
    if matched.pairs:
        say(
            f"likely one: {matched.pairs:,} pair{'s' if matched.pairs > 1 else ''} of its actors and others, said so "
            "by rule and joined by nobody. To see and to decide: opentier judgements", quiet,
        )  # fmt: skip
    if matched.left_out:
        say(
            f"not compared with others: {matched.left_out:,} of its actors, the last of {matched.compared:,}",
            quiet,
        )


@_submitting
def validate(
    path: Path, options: Options, data: Path | None, to: Shown, engine: Callable[..., Report] | None
) -> None:
    """The report on a contribution only; nothing is changed. Of Spark: on its tables, and what was not tested."""
    from opentier.graph import front

    with progress(to.quiet) as shown:
        report = front.validate(path, options, front.data_directory(data), shown, engine)
    to.give(report, path, options)
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
    from opentier.api.console import show
    from opentier.graph.contribution import submission
    from opentier.graph.contribution.submission import Options
    from opentier.graph.errors import UsageError
    from opentier.graph.report.report import Report

    one_of("format", format, ("table", "json"))
    report, options = Report(), Options(asked=_asked(columns, saved, table, sheet))
    with tempfile.TemporaryDirectory(prefix="opentier-") as scratch:
        found = submission.surveys(path, options, Path(scratch), report)
        if not found:
            _report(report, format)
            raise typer.Exit(1)
        show.surveys([each.to_dict() for each in found], format)
        for finding in report.sorted():
            say(f"{finding.severity}: {finding.message} {finding.advice}".rstrip())
    if save is not None:
        if len(found) > 1:
            raise UsageError(f"Each sheet of {path} is a table: it needs no mapping. Name one with --sheet.")
        with writing(save):
            save.write_text(found[0].mapped.text(), "utf-8")
        say(f"{save} holds the mapping; use it with --mapping {save}")


def _report(report: Report, format: str, more: dict[str, Any] | None = None) -> None:
    from opentier.api.console import show

    show.report(report, format, more or {})


def register(app: Commands) -> None:
    """Add the commands to the command line."""
    app.command("contribute")(contribute)
    app.command("validate")(validate)
    app.command("columns")(columns)
