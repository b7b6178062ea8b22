"""How a release is made in a folder of its own: a copy of the current one, or one elsewhere, and what is new."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path
from typing import NamedTuple

from opentier.graph.errors import StoreError
from opentier.graph.jobs.progress import Progress, silent
from opentier.graph.model.names import Names
from opentier.graph.store import durable, union
from opentier.graph.store.release import Release
from opentier.graph.store.union import Changed, Identity, News, Same
from opentier.graph.triples import opening
from opentier.graph.triples.divided import Divided, shown_by
from opentier.graph.triples.elsewhere import Elsewhere, Notes
from opentier.graph.triples.engine import Engine

Rewrite = Callable[[Engine], None]


class Into(NamedTuple):
    """Where a release is kept that is no copy of another: elsewhere, or, without a place, in its own folder."""

    place: Elsewhere | None
    progress: Progress = silent


def build(
    draft: Path,
    known: Release | None,
    names: Names,
    notes: Notes,
    news: News,
    identity: Identity,
    rewrite: Rewrite,
    into: Into | None,
    day: str,
) -> Collection[str]:
    """Write the store of a release: a copy of the one that is `known`, unless it goes `into` another place, and what is
    new. Return the graphs that a store elsewhere has to show anew.
    """
    if into is not None:
        begin(draft, into.place)
    elif known is not None:
        known.engine.backup(draft)
    engine = opening.writable(draft, notes)
    if known is not None and into is not None:
        copy(known, engine, draft.parent, into.progress)
    rewrite(engine)
    union.write(engine, draft, known or Release(draft, names, engine, day=day), news, identity)
    engine.flush()
    if not isinstance(engine, Divided):
        return ()
    return engine.changed if news.graphs or news.entry else union.kept(Release(draft, names, engine, day=day))


def gather(known: Release, folder: Path, notes: Notes, progress: Progress) -> None:
    """Write a release to a new folder, with its versions in it wherever they are."""
    into = Into(None, progress)
    build(folder, known, known.names, notes, News(), as_it_is, lambda engine: None, into, known.day)
    durable.write_hashes(folder)


def as_it_is(release: Release, changed: Changed | None) -> Same:
    """Leave who is one with whom as it was copied."""
    return Same((), ())


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
            kept = {*current.named, *union.kept(current)}
            engine.show(union.kept(current), mark or "")
        else:
            graphs = [*graphs, *(graph.removesuffix("/next") for graph in graphs), place.note]
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
    graphs = [*(version.iri for version in known.versions), *union.kept(known)]
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
