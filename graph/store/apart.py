"""What a writer does in a store elsewhere, so that a release is there as a whole, or as it was before."""

from __future__ import annotations

from pathlib import Path

from opentier.graph.errors import StoreError
from opentier.graph.jobs.progress import Progress
from opentier.graph.store import durable
from opentier.graph.store.release import Release
from opentier.graph.triples.divided import Divided, shown_by
from opentier.graph.triples.elsewhere import Elsewhere, Notes
from opentier.graph.triples.engine import Engine


def settle(current: Release | None, mark: str | None, notes: Notes) -> None:
    """Undo in the store what a writer had begun that was ended, and see that it holds what it should.

    Parameters
    ----------
    mark
        What tells the current release from any other.

    Raises
    ------
    StoreError
        If it does not answer, or somebody else has written to it.
    """
    engine = current.engine if current else None
    if not notes.begun:
        if isinstance(engine, Divided):
            _check(engine, mark)
        return
    if (read := notes.read()) is not None:
        place, graphs = read
        kept = set[str]()
        if current and isinstance(engine, Divided) and engine.place == place:
            kept = {*current.named}
            engine.show(place.kept, mark or "")
        else:
            graphs = [*graphs, *place.kept, place.note]
        store = place.open()
        for graph in dict.fromkeys(graphs):
            if graph not in kept:
                store.remove(graph)
    durable.remove(notes.file)


def begin(folder: Path, place: Elsewhere | None) -> None:
    """Make the folder of a release that is no copy of another, and see that a store elsewhere is free for it.

    Raises
    ------
    StoreError
        If that holds the data of another directory.
    """
    if place is not None:
        store = place.open()
        if (shown := shown_by(store, place)) and shown.partition(" ")[0] != place.owner:
            raise StoreError(
                f"The store at {store.address.place} holds the data of another data directory already: give each one "
                "of its own, or empty it."
            )
    folder.mkdir()
    if place is not None:
        place.write(folder)


def copy(known: Release, engine: Engine, scratch: Path, progress: Progress) -> None:
    """Copy the versions of a release, and what is said of them, to another engine."""
    names = known.names
    graphs = [version.iri for version in known.versions]
    graphs += [names.catalogue, names.vocabulary, names.derived]
    file = scratch / "graph.nt"
    for done, graph in enumerate(graphs):
        progress("moving", done, len(graphs))
        with file.open("wb") as output:
            known.engine.write(graph, output)
        if file.stat().st_size:
            engine.load(graph, file)
    file.unlink()
    progress("moving", len(graphs), len(graphs))


def _check(engine: Divided, mark: str | None) -> None:
    shown = shown_by(engine.there, engine.place)
    if shown != f"{engine.place.owner} {mark}":
        raise StoreError(
            f"The store at {engine.place.open().address.place} shows another release than the current one of this "
            "directory: somebody has written to it from a copy of it, or one of the two is from a backup. Nothing was "
            "changed."
        )
