"""The command about what a contribution changed: who gained or lost exposures between two versions of a dataset."""

from __future__ import annotations

from typing import Annotated

import typer

from opentier.api.console.commands import Commands
from opentier.api.console.terminal import Data, Out, Quiet, form, one_of, open_graph, progress, say, write


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
    format: Annotated[str | None, typer.Option("--format", help="table or json; else by --out.")] = None,
    out: Out = None,
    data: Data = None,
    quiet: Quiet = False,
) -> None:
    """Who gained or lost exposures by a contribution, at which tier and by which path."""
    from opentier.api.console import show
    from opentier.graph.kept import affected as found_by
    from opentier.graph.model import printed

    kind = form(format, out, ("table", "json"))
    if fail_on is not None:
        one_of("fail_on", fail_on, ("change",))
    with progress(quiet) as shown:
        found = open_graph(data).screenings(shown, say).affected(dataset, before, after, among=roots)
    if kind == "json":
        write(printed.text(found.to_dict()), out)
    else:
        write(show.told(found_by.told(found)), out)
    if fail_on is not None and found.changed:
        raise typer.Exit(6)


def register(main: Commands) -> None:
    """Add the command to the command line."""
    main.command("affected")(affected)
