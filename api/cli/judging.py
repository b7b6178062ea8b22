"""The commands about who is one with whom: a person's judgement, and the list of all."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from opentier.api.console.commands import Commands
from opentier.api.console.terminal import (
    AsKnown,
    Data,
    Out,
    Quiet,
    form,
    one_of,
    open_graph,
    progress,
    say,
    write,
)

if TYPE_CHECKING:
    from opentier.graph.judging.outcome import Outcome

app = Commands(help="Who is judged to be one with whom.", invoke_without_command=True)

_SIDE = "An IRI, dataset/local-id, an identifier (lei:...) or a name."
Left = Annotated[str, typer.Argument(metavar="LEFT", help=_SIDE)]
Right = Annotated[str, typer.Argument(metavar="RIGHT", help="The other one.")]
Judgement = Annotated[
    str,
    typer.Argument(
        metavar="positive|negative|unsure",
        help="They are one, they differ, or they may be one and nobody knows.",
    ),
]
Reason = Annotated[str, typer.Option("--reason", help="Why; it is kept.")]
By = Annotated[str, typer.Option("--by", metavar="WHO", help="Who says so; it is kept.")]
Day = Annotated[
    str | None,
    typer.Option("--date", metavar="DAY", help="When it was decided (YYYY-MM-DD); today if not said."),
]
Publisher = Annotated[
    str, typer.Option("--publisher", help="Who publishes the judgements of this data directory.")
]
Format = Annotated[str, typer.Option("--format", help="table or json.")]
ByRule = Annotated[
    bool | None, typer.Option("--by-rule/--by-people", help="Those of rules alone, or those of people.")
]
Actor = Annotated[
    str | None, typer.Option("--actor", help="Those on one actor, or on one that is one with it.")
]
Undone = Annotated[
    bool, typer.Option("--undone", help="Those that were taken back, with when, by whom and why.")
]


def judge(
    left: Left,
    right: Right,
    judgement: Judgement,
    reason: Reason = "",
    by: By = "",
    day: Day = None,
    publisher: Publisher = "",
    format: Format = "table",
    data: Data = None,
    quiet: Quiet = False,
) -> None:
    """Say of two actors whether they are one, and see what that changes in traces; it can be taken back."""
    one_of("format", format, ("table", "json"))
    graph = open_graph(data)
    with progress(quiet) as shown:
        ledger = graph.ledger(shown, say)
        found = _made(
            lambda: ledger.judge(left, right, judgement, reason=reason, by=by, date=day, publisher=publisher)
        )
    _told(found, format)


@app.callback()
def judgements(context: typer.Context, data: Data = None) -> None:
    """List the judgements that stand."""
    context.obj = data
    if context.invoked_subcommand is None:
        listed(context, data=data)


@app.command("list")
def listed(
    context: typer.Context,
    by_rule: ByRule = None,
    actor: Actor = None,
    undone: Undone = False,
    as_known: AsKnown = None,
    format: Format = "table",
    data: Data = None,
) -> None:
    """The judgements that stand, by people and by rules, the latest first, with which of them count."""
    from opentier.api.console import show
    from opentier.graph.model import printed

    one_of("format", format, ("table", "json"))
    view = open_graph(data or context.obj).view().as_known(as_known)
    found = [each.to_dict() for each in view.judgements(by_rule=by_rule, actor=actor, undone=undone)]
    if format == "json":
        write(printed.text(found), None)
    else:
        show.judgements(found)


@app.command()
def undo(
    context: typer.Context,
    id: Annotated[str, typer.Argument(metavar="ID", help="The judgement, as `judgements list` names it.")],
    reason: Reason = "",
    by: By = "",
    format: Format = "table",
    data: Data = None,
    quiet: Quiet = False,
) -> None:
    """Take a judgement of a person back; it stays readable, with the reason."""
    one_of("format", format, ("table", "json"))
    graph = open_graph(data or context.obj)
    with progress(quiet) as shown:
        ledger = graph.ledger(shown, say)
        found = _made(lambda: ledger.undo(id, reason=reason, by=by))
    _told(found, format)


@app.command()
def export(
    context: typer.Context,
    without_names: Annotated[
        bool,
        typer.Option("--without-names", help="Numbers for actors, and of who decided only: person or rule."),
    ] = False,
    by_rule: ByRule = None,
    format: Annotated[str | None, typer.Option("--format", help="csv or json; else by --out.")] = None,
    out: Out = None,
    data: Data = None,
) -> None:
    """Write the judgements that stand as a table: with names, or as labels to learn from without any."""
    from opentier.graph.judging import said
    from opentier.graph.model import printed, sheet

    kind = form(format, out, ("csv", "json"))
    found = open_graph(data or context.obj).view().judgements(by_rule=by_rule)
    columns, rows = said.NAMED, said.named(found)
    if without_names:
        columns, rows = said.NAMELESS, said.nameless(found)
    if kind == "csv":
        write(sheet.text(columns, rows), out)
    else:
        write(printed.text([dict(zip(columns, row, strict=True)) for row in rows]), out)


def _made(work: Callable[[], Outcome]) -> Outcome:
    """Return what came of a judgement; one that is refused is told in words, and by no row of a file."""
    from opentier.graph.report.report import ContributionError

    try:
        return work()
    except ContributionError as error:
        for finding in error.report.sorted():
            if finding.blocks:
                say(f"error: {finding.message} {finding.advice}")
        raise typer.Exit(1) from None


def _told(found: Outcome, format: str) -> None:
    from opentier.api.console import show
    from opentier.graph.model import printed

    for each in found.warnings:
        say(f"warning: {each}")
    if format == "json":
        write(printed.text(found.to_dict()), None)
    else:
        write(show.told(found.lines()), None)


def register(main: Commands) -> None:
    """Add the commands to the command line."""
    main.command("judge")(judge)
    main.add_typer(app, name="judgements")
