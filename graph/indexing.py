"""Where indexes are kept: in folder ``index`` of the data directory, each in a folder named by the release it is of.

An index is derived: what is not there, or does not name the release that is asked for, is built from the release. A new
contribution is added to the index of the release before (see `overlay`) where that can be said.
"""

from __future__ import annotations

import shutil
import time
from pathlib import Path

from opentier.graph import additions, builder, overlay
from opentier.graph.errors import StoreError, UnreadableRecord
from opentier.graph.index import Index
from opentier.graph.release import Release
from opentier.graph.rows import Told
from opentier.graph.survey import survey

#: Of the arcs in an index, how many may be left from before additions until it is built anew.
WORN = 0.2
#: Seconds after which a draft belongs to nobody.
_LEFT = 3600


def folder(release: Release) -> Path:
    """Return the folder of the indexes of a data directory."""
    return release.path.parent.parent / "index"


def index(release: Release, told: Told = lambda done: None) -> Index:
    """Open the index of a release; build it where there is none yet.

    Raises
    ------
    UnreadableRecord
        If a record says what no index can be made of.
    """
    for kept in _folders(release):
        if (kept / f"{release.id}.json").is_file():
            try:
                found = Index.open(kept, release.id)
                if found.versions != release.current:  # a killed writer's, or from before a restored backup
                    raise StoreError("It is of another release.")
                return found
            except StoreError:
                shutil.rmtree(kept, ignore_errors=True)  # derived, and so built anew
    return build(release, told)


def build(release: Release, told: Told = lambda done: None) -> Index:
    """Build the index of a release from its records, in a folder of its own, and open it."""
    target = folder(release) / release.id
    builder.build(survey(release), target, told)
    found = Index.open(target, release.id)
    prune(release)  # a release that was retired meanwhile keeps what is open
    return found


def rebuild(release: Release, told: Told = lambda done: None) -> Index:
    """Build the index of a release anew, whatever is there."""
    shutil.rmtree(folder(release), ignore_errors=True)
    return build(release, told)


def verify(release: Release) -> list[str]:
    """Return in words what is wrong with the index of a release; where there is none yet, nothing."""
    return []


def prepare(release: Release, before: str | None, told: Told = lambda done: None) -> Index:
    """Make the index of a release that is about to be published; the caller holds the store for writing.

    What the release has more than the one `before` is added to the index of that one, where that can be said.

    Raises
    ------
    UnreadableRecord
        If a record says what no index can be made of.
    """
    for kept in _folders(release):
        (kept / f"{release.id}.json").unlink(missing_ok=True)  # a killed writer's
        if (kept / f"{before}.json").is_file():
            try:
                return _added(Index.open(kept, str(before)), release)
            except UnreadableRecord:
                raise
            except (overlay.NoRoom, StoreError):
                break
    shutil.rmtree(folder(release) / release.id, ignore_errors=True)  # a killed writer's
    return build(release, told)


def _added(known: Index, release: Release) -> Index:
    """Add the one dataset that has a new version; more than one is not said in this way."""
    changed = {name for name, _ in {*known.versions.items()} ^ {*release.current.items()}}
    if len(changed) != 1:
        raise overlay.NoRoom
    (dataset,) = changed
    return overlay.extended(known, additions.addition(known, survey(release, dataset), dataset), keep=True)


def worn(opened: Index) -> bool:
    """Return whether so many arcs of an index are left over from before additions that it should be built anew."""
    live = int((opened.out.end.astype("int64") - opened.out.begin).sum())
    return opened.tables.counts["arcs"] - live > WORN * live or not all(opened.tables.live)


def _folders(release: Release) -> list[Path]:
    """Return the folders of indexes, the newest first."""
    return sorted(folder(release).glob("[0-9]*"), reverse=True)


def prune(release: Release) -> None:
    """Remove the indexes of releases that are gone, and drafts that a killed process left an hour ago or longer."""
    for draft in folder(release).glob(".*"):
        if time.time() - draft.stat().st_mtime > _LEFT:
            shutil.rmtree(draft, ignore_errors=True)
    kept = {path.name for path in release.path.parent.iterdir()}
    for path in _folders(release):
        if not any(described.stem in kept for described in path.glob("[0-9]*.json")):
            shutil.rmtree(path, ignore_errors=True)
