"""The command line: data on standard output, progress and messages on standard error."""

from __future__ import annotations

import gc
import os
import sys
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated

import typer

from opentier.api.cli import (
    access,
    analytics,
    asking,
    contributing,
    datasets,
    dossiers,
    exchange,
    judging,
    match,
    reference,
    screening,
    screenings,
    serving,
    traces,
    upkeep,
)  # fmt: skip
from opentier.api.console.commands import Commands
from opentier.api.console.terminal import (
    Data,
    Out,
    Quiet,
    open_graph,
    option,
    progress,
    say,
    write,
    writing,
)

app = Commands(no_args_is_help=True)


def main() -> None:
    """Run the command line; an error of OpenTier is a message and an exit code, never a traceback."""
    from opentier.graph.errors import OpenTierError, UsageError, unable

    for stream, errors in (
        (sys.stdin, "strict"),
        (sys.stdout, "backslashreplace"),
        (sys.stderr, "backslashreplace"),
    ):
        if isinstance(stream, TextIOWrapper):  # UTF-8 whatever the locale
            stream.reconfigure(encoding="utf-8", errors=errors)
    try:
        app()
    except UsageError as error:
        say(f"error: {error.spelled(option)}")
        sys.exit(2)
    except OpenTierError as error:
        say(f"error: {error}")
        sys.exit(1)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    except OSError as error:
        say(f"error: {unable(error)}")
        sys.exit(1)
    except UnicodeError as error:
        say(f"error: {error}")
        sys.exit(1)


def process() -> None:
    """Run the command line as a process of its own.

    A short process makes little that the collector could free, and taking the interpreter down piece by piece takes
    as long as a trace: it is left at once when everything is written.
    """
    gc.set_threshold(100_000, 50, 50)
    code: object = 0
    try:
        main()
    except SystemExit as ended:
        code = ended.code
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except (BrokenPipeError, ValueError):  # whoever read it has gone
        pass
    except OSError as error:
        from opentier.graph.errors import unable

        say(f"error: {unable(error)}")
        code = code or 1
    os._exit(code if isinstance(code, int) else 0 if code is None else 1)


def _version(asked: bool) -> None:
    if asked:
        from opentier.graph import __version__

        write(f"opentier {__version__}\n", None)
        raise typer.Exit


@app.callback()
def opentier(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
    store: Annotated[
        str | None,
        typer.Option("--store", metavar="ADDRESS", help="A SPARQL store for the triples [OPENTIER_STORE]."),
    ] = None,
) -> None:
    """OpenTier: from a contribution to a deep-tier exposure path, with evidence on every hop."""
    if store is not None:
        os.environ["OPENTIER_STORE"] = store  # for the processes that work for this one, too


@app.command()
def demo(data: Data = None, quiet: Quiet = False, out: Out = None) -> None:
    """The bundled example end to end: contribute, trace, draw, and where to look next."""
    from opentier.api.console import account, show
    from opentier.graph.contribution.shipped import BESIDE_EXAMPLE, EXAMPLES
    from opentier.graph.front import data_directory

    graph = open_graph(data, create=True)
    for _ in reference.bring(graph, (*BESIDE_EXAMPLE, *EXAMPLES), quiet):
        pass
    result = graph.trace("example/aurora", product="6109")
    picture = out or Path("tier-picture.svg")
    with writing(picture):
        picture.write_text(result.to_svg(), "utf-8")
    account.trace(result.to_dict(grouped=5), rows=5)
    show.next_steps(str(data_directory(data)), str(picture))


@app.command("rebuild-index")
def rebuild_index(data: Data = None, quiet: Quiet = False) -> None:
    """Build the index of the current release anew, from its records alone."""
    with progress(quiet) as shown:
        shown("reading the graph", 0, 1)
        found = open_graph(data).rebuild_index(shown)
        many = found.tables.counts["arcs"]
        shown("reading links", many, many)
    say(f"The index of release {found.release}: {len(found):,} actors, {many:,} hops.", quiet)


contributing.register(app)
datasets.register(app)
match.register(app)
screening.register(app)
judging.register(app)
reference.register(app)
traces.register(app)
analytics.register(app)
screenings.register(app)
dossiers.register(app)
asking.register(app)
upkeep.register(app)
serving.register(app)
access.register(app)
exchange.register(app, datasets.app, access.app)

if __name__ == "__main__":
    process()
