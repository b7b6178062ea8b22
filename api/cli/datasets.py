"""The commands about admitted datasets: which there are, and what differs between two versions of one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from opentier.api.cli.commands import Commands
from opentier.api.cli.terminal import Data, Out, form, one_of, open_graph, write

app = Commands(help="The admitted datasets.", invoke_without_command=True)

Id = Annotated[str, typer.Argument(metavar="ID")]
Format = Annotated[str, typer.Option("--format", help="table or json.")]


@app.callback()
def datasets(context: typer.Context, data: Data = None) -> None:
    """List the admitted datasets."""
    context.obj = data
    if context.invoked_subcommand is None:
        listed(context, "table", data)


@app.command("list")
def listed(context: typer.Context, format: Format = "table", data: Data = None) -> None:
    """The current version of every dataset."""
    from opentier.api.cli import show

    one_of("format", format, ("table", "json"))
    versions = list(open_graph(data or context.obj).view().release.current.values())
    show.versions(versions, format)


@app.command("show")
def described(context: typer.Context, dataset: Id, format: Format = "table", data: Data = None) -> None:
    """All versions of one dataset, with licence, counts and checksum."""
    from opentier.api.cli import show

    one_of("format", format, ("table", "json"))
    graph = open_graph(data or context.obj)
    versions = graph.view().versions(dataset)
    folders = [graph.store.folder(version.dataset, version.number) for version in versions]
    show.dataset(versions, folders, format)


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
    from opentier.api.cli import show
    from opentier.graph.model import printed

    kind = form(format, out, ("table", "json", "csv"))
    found = open_graph(data or context.obj).view().difference(dataset, before, after)
    if kind == "json":
        write(printed.text(found.to_dict()), out)
    elif kind == "csv":
        write(found.to_csv(), out)
    else:
        show.difference(found.to_dict(), found.rows(), out)


def register(main: Commands) -> None:
    """Add the commands to the command line."""
    main.add_typer(app, name="datasets")
