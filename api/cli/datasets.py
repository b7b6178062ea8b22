"""The commands about admitted datasets: which there are, what differs between versions, taking one back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

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
    writing,
)
from opentier.graph.model.formats import STANDARDS, of_name, suffix

app = Commands(help="The admitted datasets.", invoke_without_command=True)

Id = Annotated[str, typer.Argument(metavar="ID")]
Format = Annotated[str, typer.Option("--format", help="table or json.")]


@app.callback()
def datasets(context: typer.Context, data: Data = None) -> None:
    """List the admitted datasets."""
    context.obj = data
    if context.invoked_subcommand is None:
        listed(context, None, "table", data)


@app.command("list")
def listed(
    context: typer.Context, as_known: AsKnown = None, format: Format = "table", data: Data = None
) -> None:
    """The current version of every dataset."""
    from opentier.api.console import show

    one_of("format", format, ("table", "json"))
    versions = list(open_graph(data or context.obj).view().as_known(as_known).release.current.values())
    show.versions(versions, format)


@app.command("show")
def described(
    context: typer.Context,
    dataset: Id,
    as_known: AsKnown = None,
    format: Format = "table",
    data: Data = None,
) -> None:
    """All versions of one dataset, with licence, counts, checksum, and what was withdrawn, when and why."""
    from opentier.api.console import show

    one_of("format", format, ("table", "json"))
    graph = open_graph(data or context.obj)
    versions = graph.view().as_known(as_known).described(dataset)
    show.dataset(
        [{**said, "folder": str(graph.store.folder(dataset, said["number"]))} for said in versions], format
    )


@app.command()
def diff(
    context: typer.Context,
    dataset: Id,
    before: Annotated[int, typer.Argument(metavar="V1")],
    after: Annotated[int, typer.Argument(metavar="V2")],
    format: Annotated[str | None, typer.Option("--format", help="table, json or csv; else by --out.")] = None,
    out: Out = None,
    data: Data = None,
) -> None:
    """What differs between two versions of a dataset: records added, removed and changed, by table and column."""
    from opentier.api.console import show
    from opentier.graph.model import printed

    kind = form(format, out, ("table", "json", "csv"))
    found = open_graph(data or context.obj).view().difference(dataset, before, after)
    if kind == "json":
        write(printed.text(found.to_dict()), out)
    elif kind == "csv":
        write(found.to_csv(), out)
    else:
        show.difference(found.to_dict(), found.rows(), out)


#: The forms of a version: ours, and those of others, which cannot say all of it.
FORMS = ("datapackage", "trig", "nquads", "turtle", "ntriples", "jsonld", *(form.name for form in STANDARDS))
#: How the file of what a form could not say ends, beside it.
LIMITS = ".limits.csv"


@app.command()
def export(
    context: typer.Context,
    dataset: Id,
    version: Annotated[int | None, typer.Option("--version", help="Which one; else the current one.")] = None,
    format: Annotated[
        str | None, typer.Option("--format", help=f"{', '.join(FORMS)}; else by --out.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="The file, instead of ID-VERSION.zip and the like here.")
    ] = None,
    data: Data = None,
    quiet: Quiet = False,
) -> None:
    """Write a version as a Data Package, which contributed again gives the same graph, as RDF, or as others have it.

    What a form of others (from ftm on) cannot say is counted by table and column in a file beside it, .limits.csv.
    """
    meant = of_name(out.name, *FORMS) if out else None
    kind = format or meant or "datapackage"
    one_of("format", kind, FORMS)
    view = open_graph(data or context.obj).view()
    number = view.current(dataset).number if version is None else version
    place = out or Path(f"{dataset}-{number}.{suffix(kind)}")
    with writing(place):
        limits = view.export(dataset, number, kind, place)
    say(f"{place} holds {dataset} version {number}.", quiet)
    if limits is not None:
        beside = place.with_name(place.name + LIMITS)
        write(limits.to_csv(), beside)
        say(f"{limits.told()} {beside} says which, and why.")


@app.command()
def withdraw(
    context: typer.Context,
    dataset: Id,
    reason: Annotated[str, typer.Option("--reason", help="Why; it is kept, and shown with the dataset.")],
    format: Format = "table",
    data: Data = None,
    quiet: Quiet = False,
) -> None:
    """Take the current version of a dataset back: the one before counts again, or nobody sees the dataset."""
    one_of("format", format, ("table", "json"))
    with progress(quiet) as shown:
        found = open_graph(data or context.obj).withdraw(dataset, reason, shown, say)
    _told(f"withdrawn: {found}", found.to_dict(), found.warnings(), format, quiet)


@app.command()
def restore(
    context: typer.Context,
    dataset: Id,
    format: Format = "table",
    data: Data = None,
    quiet: Quiet = False,
) -> None:
    """Undo the last withdrawal of a version of a dataset."""
    one_of("format", format, ("table", "json"))
    with progress(quiet) as shown:
        found = open_graph(data or context.obj).restore_dataset(dataset, shown, say)
    _told(f"restored: {found}", found.to_dict(), found.warnings(), format, quiet)


@app.command()
def visibility(
    context: typer.Context,
    dataset: Id,
    visibility: Annotated[
        str, typer.Argument(metavar="V", help="public, restricted, or embargoed:YYYY-MM-DD (UTC).")
    ],
    data: Data = None,
    quiet: Quiet = False,
) -> None:
    """Say who may see a dataset over the network from now on: everybody, some, or some until a day."""
    with progress(quiet) as shown:
        found = open_graph(data or context.obj).show(dataset, visibility, shown, say)
    told = "is now" if found.changed else "was already"
    say(f"{found.dataset} {told} {found.visibility}", quiet)


def _told(told: str, found: dict[str, Any], warnings: list[str], format: str, quiet: bool) -> None:
    """Say what became of a dataset, and which references broke."""
    from opentier.graph.model import printed

    say(told, quiet)
    for each in warnings:
        say(f"warning: {each}")
    if format == "json":
        write(printed.text(found), None)


def register(main: Commands) -> None:
    """Add the commands to the command line."""
    main.add_typer(app, name="datasets")
