"""How a release is made in a folder of its own: a copy of the current one, or one elsewhere, and what is new."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path
from typing import NamedTuple

from opentier.graph.jobs.progress import Progress, silent
from opentier.graph.model.names import Names
from opentier.graph.store import apart, durable, union
from opentier.graph.store.release import Release
from opentier.graph.store.union import Changed, Identity, News, Same
from opentier.graph.triples import opening
from opentier.graph.triples.divided import Divided
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
) -> Collection[str]:
    """Write the store of a release: a copy of the one that is `known`, unless it goes `into` another place, and what is
    new. Return the graphs that a store elsewhere has to show anew.
    """
    if into is not None:
        apart.begin(draft, into.place)
    elif known is not None:
        known.engine.backup(draft)
    engine = opening.writable(draft, notes)
    if known is not None and into is not None:
        apart.copy(known, engine, draft.parent, into.progress)
    rewrite(engine)
    union.write(engine, draft, known or Release(draft, names, engine), news, identity)
    engine.flush()
    if not isinstance(engine, Divided):
        return ()
    return engine.changed if news.graphs or news.entry else engine.place.kept


def gather(known: Release, folder: Path, notes: Notes, progress: Progress) -> None:
    """Write a release to a new folder, with its versions in it wherever they are."""
    build(folder, known, known.names, notes, News(), as_it_is, lambda engine: None, Into(None, progress))
    durable.write_hashes(folder)


def as_it_is(release: Release, changed: Changed | None) -> Same:
    """Leave who is one with whom as it was copied."""
    return Same((), ())
