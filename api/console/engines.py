"""Engines: what does a command's work for everybody at once, in this process or on Spark."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from opentier.api.console.terminal import one_of

#: Ours first.
ENGINES = ("local", "spark")
Chosen = Annotated[
    str, typer.Option("--engine", help=f"Which does it: {', '.join(ENGINES)} (docs/spark.md).")
]
#: In which forms an answer about everybody is given, and those that are written to a file alone.
FORMATS, ALONE = ("csv", "json", "parquet"), ("parquet",)
Format = Annotated[str | None, typer.Option("--format", help="csv, json or parquet; else by --out.")]
Master = Annotated[
    str | None,
    typer.Option(
        "--master",
        metavar="URL",
        help="Of Spark: local[2], spark://host:7077, k8s://..., yarn, sc://..., or sail.",
    ),
]
Work = Annotated[
    Path | None,
    typer.Option(
        "--work",
        metavar="DIR",
        help="Of Spark: a directory that all machines see; a killed job goes on from there.",
    ),
]


def spark(engine: str, master: str | None, work: Path | None) -> bool:
    """Return whether Spark is asked for; refuse what is said of it where it is not."""
    from opentier.graph.errors import Named, UsageError

    one_of("engine", engine, ENGINES)
    for name, said in (("master", master), ("work", work)):
        if said is not None and engine != "spark":
            raise UsageError(Named(name), " is for Spark; add ", Named("engine"), " spark.")
    return engine == "spark"
