"""The shipped datasets into a data directory: what is true of the world, or the worked example."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from importlib.resources import as_file
from typing import TYPE_CHECKING, Annotated, Any

import typer

from opentier.api.console.terminal import Data, Quiet, one_of, open_graph, progress, say, write
from opentier.graph.model import printed

if TYPE_CHECKING:
    from opentier.graph.front import Graph
    from opentier.graph.model.versions import Version


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command()(reference)


def reference(
    format: Annotated[str, typer.Option("--format", help="table or json.")] = "table",
    data: Data = None,
    quiet: Quiet = False,
) -> None:
    """What is true of the world: laws, official lists, presumptions, registers; dated, counted, without the example."""
    from opentier.api.console import show
    from opentier.graph.contribution import shipped

    one_of("format", format, ("table", "json"))
    found = []
    for version, new in bring(open_graph(data, create=True), shipped.REFERENCE, quiet):
        said = asdict(shipped.shipped(version.dataset))
        other = version.package_version != said["edition"]
        more = {"version": version.number, "new": new, "shipped": not other}
        found.append({**said, **(_there(version) if other else {}), **more})
    if format == "json":
        write(printed.text(found), None)
    else:
        show.shipped(found)


def _there(version: Version) -> dict[str, Any]:
    """Return what a version of one's own, which stays in place of what ships, says of itself."""
    said = {name: getattr(version, name) for name in ("title", "publisher", "licence", "homepage")}
    edition, date = version.package_version or "not stated", version.created[:10] or "not stated"
    return {**said, "edition": edition, "date": date, "counts": {"rows": version.rows}}


def bring(graph: Graph, names: Iterable[str], quiet: bool) -> Iterable[tuple[Any, bool]]:
    """Contribute shipped datasets, one after the other; yield the version of each, and whether it is new.

    Where a later edition of a dataset is there, or one of which nobody said the day, that one stays.
    """
    from opentier.graph.contribution import shipped

    known = dict(graph.view().release.current) if graph.store.current else {}
    for name in names:
        said = shipped.shipped(name)
        there = known.get(said.dataset)
        first = name != said.dataset  # the folder of an earlier edition
        if there is not None and (first or not there.created or there.created[:10] > said.date):
            yield there, False
            continue
        with as_file(shipped.folder(name)) as package, progress(quiet) as shown:
            admission = graph.contribute(package, progress=shown)
        version = known[said.dataset] = admission.version
        say(f"{'admitted' if admission.new else 'already there'}: {version.dataset} version {version.number}, "
             f"{version.rows} rows, licence {version.licence}", quiet)  # fmt: skip
        yield version, admission.new
