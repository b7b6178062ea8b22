"""The commands about screening records: answers kept, asked again, compared; and whom a contribution affects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from opentier.api.console.commands import Commands
from opentier.api.console.terminal import (
    Data,
    Out,
    Quiet,
    Save,
    failing,
    form,
    one_of,
    open_graph,
    progress,
    recorded,
    say,
    write,
)

if TYPE_CHECKING:
    from opentier.graph.kept.comparison import Comparison
    from opentier.graph.kept.due import Kept

app = Commands(
    help="Screening records: answers that are kept, asked again, compared.", invoke_without_command=True
)

Id = Annotated[str, typer.Argument(metavar="ID", help="The record, as `screenings list` names it.")]
Other = Annotated[str, typer.Argument(metavar="ID", help="The record that it is compared with.")]
Format = Annotated[str | None, typer.Option("--format", help="table or json; else by --out.")]
#: What asking again can be made to fail on, with the exit code; the first that fits.
FAILS = {"exposure": 3, "not-testable": 4, "change": 6}


@app.callback()
def screenings(context: typer.Context, data: Data = None) -> None:
    """List the records."""
    context.obj = data
    if context.invoked_subcommand is None:
        listed(context, data=data)


@app.command("list")
def listed(context: typer.Context, format: Format = None, out: Out = None, data: Data = None) -> None:
    """All records: what was asked, the verdict, and whether the data is still what it was. Exit 1 if one is refused."""
    _listed(open_graph(data or context.obj).screenings().list(), format, out)


@app.command()
def due(context: typer.Context, format: Format = None, out: Out = None, data: Data = None) -> None:
    """The records whose datasets have newer versions, are withdrawn or new, and that no other record followed."""
    _listed(list(open_graph(data or context.obj).screenings().due()), format, out)


@app.command()
def show(context: typer.Context, id: Id, format: Format = None, out: Out = None, data: Data = None) -> None:
    """One record, once it is found to be what was kept; JSON is the record itself."""
    from opentier.api.console.show import told as wrapped
    from opentier.graph.kept import told
    from opentier.graph.model import printed

    kind = form(format, out, ("table", "json"))
    record = open_graph(data or context.obj).screenings().read(id)
    if kind == "json":
        write(printed.text(record), out)
    else:
        write(wrapped(told.record(record)), out)


@app.command()
def again(
    context: typer.Context,
    id: Id,
    save: Save = None,
    fail_on: Annotated[
        list[str] | None,
        typer.Option(
            help="exposure: exit 3 when there is one; not-testable: exit 4 when it, or a row of a list, could not be "
            "tested; change: exit 6 when the answer is another one than that of the record."
        ),
    ] = None,
    format: Format = None,
    out: Out = None,
    data: Data = None,
    quiet: Quiet = False,
) -> None:
    """Ask the question of a record of today's data: what is new, gone or changed, by which contribution, and why."""
    kind = form(format, out, ("table", "json"))
    asked_for = failing(fail_on, FAILS)
    graph = open_graph(data or context.obj)
    with progress(quiet) as shown:
        shown("reading the graph", 0, 1)
        view = graph.view()
        shown("reading the graph", len(view.index.actors), len(view.index.actors))
        found = graph.screenings(shown, say).again(id, save)
    if save is not None:
        say(recorded(found.record), quiet)
    _compared(found.comparison, kind, out)
    verdict, counts = found.record["verdict"]["result"], found.record["counts"]
    fits = {
        "exposure": verdict == "exposed",
        "not-testable": verdict == "not-testable" or bool(counts.get("not_testable")),  # as `screen`: any row
        "change": found.comparison.changed,
    }
    for name, code in FAILS.items():
        if name in asked_for and fits[name]:
            raise typer.Exit(code)


@app.command()
def diff(
    context: typer.Context, id: Id, other: Other, format: Format = None, out: Out = None, data: Data = None
) -> None:
    """What differs between two records: what is new, gone or changed in the second, and why."""
    kind = form(format, out, ("table", "json"))
    _compared(open_graph(data or context.obj).screenings().diff(id, other), kind, out)


def _compared(found: Comparison, kind: str, out: Any) -> None:
    from opentier.api.console.show import told as wrapped
    from opentier.graph.kept import told
    from opentier.graph.model import printed

    if kind == "json":
        write(printed.text(found.to_dict()), out)
    else:
        write(wrapped(told.comparison(found)), out)


def _listed(found: list[Kept], format: str | None, out: Any) -> None:
    """Print records; one that was altered is told, and nothing else of it."""
    from opentier.api.console import show
    from opentier.graph.model import printed

    kind = form(format, out, ("table", "json"))
    rows = [each.to_dict() for each in found]
    if kind == "json":
        write(printed.text(rows), out)
    else:
        show.records(rows, out)
    refused = [each.refused for each in found if each.refused]
    for text in refused:
        say(f"error: {text}")
    if refused:
        raise typer.Exit(1)


def affected(
    dataset: Annotated[str, typer.Argument(metavar="DATASET", help="The dataset that was contributed to.")],
    before: Annotated[
        int | None,
        typer.Argument(
            metavar="[V1]", min=0, help="The version before; the last one before V2 if not said, 0: none."
        ),
    ] = None,
    after: Annotated[
        int | None,
        typer.Argument(metavar="[V2]", min=0, help="The version after; the current one if not said."),
    ] = None,
    roots: Annotated[
        str | None,
        typer.Option(
            "--roots",
            metavar="DATASET",
            help="Compare all actors of this dataset; else those that records ask about, and without a record all "
            "that buy from somebody.",
        ),
    ] = None,
    fail_on: Annotated[
        str | None, typer.Option("--fail-on", help="change: exit 6 when anybody gained or lost an exposure.")
    ] = None,
    format: Annotated[str | None, typer.Option("--format", help="table, json or csv; else by --out.")] = None,
    out: Out = None,
    data: Data = None,
    quiet: Quiet = False,
) -> None:
    """Who gained or lost exposures by a contribution, at which tier and by which path."""
    from opentier.api.console import show
    from opentier.graph.kept import affected as found_by
    from opentier.graph.model import printed

    kind = form(format, out, ("table", "json", "csv"))
    if fail_on is not None:
        one_of("fail_on", fail_on, ("change",))
    with progress(quiet) as shown:
        found = open_graph(data).screenings(shown, say).affected(dataset, before, after, among=roots)
    if kind == "json":
        write(printed.text(found.to_dict()), out)
    elif kind == "csv":
        write(found_by.to_csv(found), out)
    else:
        write(show.told(found_by.told(found)), out)
    if fail_on is not None and found.changed:
        raise typer.Exit(6)


def register(main: Commands) -> None:
    """Add the commands to the command line."""
    main.add_typer(app, name="screenings")
    main.command("affected")(affected)
