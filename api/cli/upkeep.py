"""Commands that look after a data directory: verify, backup, restore, upgrade."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from opentier.api.console.terminal import Data, Quiet, one_of, open_graph, progress, say, write
from opentier.graph.model.characters import visible


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.command()(verify)
    app.command()(backup)
    app.command()(restore)
    app.command()(move)
    app.command()(upgrade)
    app.command()(index)


def verify(
    repair: Annotated[
        bool, typer.Option("--repair", help="Make anew what is derived: the pointer, the index.")
    ] = False,
    format: Annotated[str, typer.Option("--format", help="table or json.")] = "table",
    data: Data = None,
    quiet: Quiet = False,
) -> None:
    """Whether everything is still what was put there: releases, index, contributed files. Exit 1 where it is not."""
    one_of("format", format, ("table", "json"))
    graph = open_graph(data)
    with progress(quiet) as shown:
        found = graph.verify(shown)
        mended = graph.repair(found) if repair else []
    left = [fault for fault in found if fault not in mended]
    if format == "json":
        told = [{**asdict(fault), "repaired": fault in mended} for fault in found]
        write(json.dumps({"sound": not left, "faults": told}, indent=1, ensure_ascii=False) + "\n", None)
    else:
        for fault in found:
            advice = "Made anew, or put aside" if fault in mended else fault.advice
            write(visible(f"{fault.where}: {fault.what.rstrip('.')}. {advice}.") + "\n", None)
        write("" if found else "Everything is what was put there.\n", None)
    if left:
        raise typer.Exit(1)


def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A new file, for example opentier.tar.")],
    data: Data = None,
    quiet: Quiet = False,
) -> None:
    """Copy the current release and everything contributed to one file, with its hashes; the index is derived."""
    with progress(quiet) as shown:
        many = open_graph(data).backup(file, shown)
    say(f"{many:,} files are in {file}. To go back: opentier restore {file} --data NEW-DIRECTORY", quiet)


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What `opentier backup` wrote.")],
    data: Data = None,
    quiet: Quiet = False,
) -> None:
    """Make a data directory of a backup, once all of it is found to be what it was. An existing one is not touched."""
    from opentier.graph.front import Graph

    with progress(quiet) as shown:
        graph = Graph.restore(file, data, shown)
    say(f"{graph.store.path} is restored: release {graph.store.current}.", quiet)


def move(data: Data = None, quiet: Quiet = False) -> None:
    """Move the triples to the store that `--store` names, or, without it, back into the data directory."""
    from opentier.graph.front import data_directory
    from opentier.graph.index import soundness

    with progress(quiet) as shown:
        where = soundness.move(data_directory(data), shown)
    say(f"The triples are in {where}. What was where they were stays there.", quiet)


def upgrade(data: Data = None, quiet: Quiet = False) -> None:
    """Make a data directory of an earlier version one of this version: all versions, dates and files stay."""
    from opentier.graph.front import Graph

    with progress(quiet) as shown:
        graph, many = Graph.upgrade(data, shown)
    told = f"{many:,} dataset versions are upgraded" if many else "There is nothing to upgrade"
    say(f"{graph.store.path}: {told}.", quiet)


def index(
    parquet: Annotated[
        Path,
        typer.Option(
            "--parquet", metavar="DIR", help="A new folder for its columns, as Parquet with a description."
        ),
    ],
    data: Data = None,
    quiet: Quiet = False,
) -> None:
    """The columns of the index of the current release as Parquet, for jobs on other machines."""
    from opentier.graph.distributed import columns

    with progress(quiet) as shown:
        shown("reading the graph", 0, 1)
        view = open_graph(data).view()
        shown("reading the graph", len(view.index.actors), len(view.index.actors))
        said = columns.write(view.index, parquet, shown)
    say(f"Release {said['release']} is in {parquet}: {said['nodes']:,} actors, {said['arcs']:,} hops.", quiet)
