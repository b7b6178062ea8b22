"""Where indexes are kept: in folder ``index`` of the data directory, each in a folder named by the release it is of.

There is one of what the public sees and, where a dataset is not public, one of all, in folder ``closed`` there. Other
readers have theirs built when they ask.

An index is derived: what is not there, is damaged in any way, or is not of the release that is asked for, is built from
the release, and never answered from. A new contribution is added to the index of the release before (see `overlay`)
where that can be said, so that a folder may hold the indexes of several releases; it is removed as a whole, and who
asks for another release that lay in it builds that one's again. What somebody has open stays open to him.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from opentier.graph.engine import compiled
from opentier.graph.errors import StoreError, UnreadableRecord, unable
from opentier.graph.identity.components import Components
from opentier.graph.identity.identities import Identities
from opentier.graph.index import build as builder
from opentier.graph.index import description, difference, extension
from opentier.graph.index.opened import Index
from opentier.graph.jobs.progress import Progress, silent
from opentier.graph.network.survey import Change, survey
from opentier.graph.store.directory import Ready
from opentier.graph.store.release import Release
from opentier.graph.store.scope import CURRENT

#: The folder of indexes of all, where a dataset is not public.
CLOSED = "closed"
#: Of the arcs in an index, how many may be left from before additions until it is built anew.
WORN = 0.2
#: Seconds after which a draft belongs to nobody.
_LEFT = 3600


def home(release: Release) -> Path:
    """Return the folder of the indexes of a data directory."""
    return release.path.parent.parent / "index"


def kept(release: Release) -> bool:
    """Return whether the index of a release, as its scope shows it, is kept: that of the public, and that of all."""
    return release.everything or release.scope == CURRENT


def folder(release: Release) -> Path:
    """Return the folder in which the index of a release is kept, as its scope shows it."""
    return home(release) if release.everything else home(release) / CLOSED


def index(release: Release, progress: Progress = silent) -> Index:
    """Open the index of a release; build it where there is none yet.

    Raises
    ------
    UnreadableRecord
        If a record says what no index can be made of.
    """
    compiled.keep_in(home(release).parent / "cache")
    for place in _folders(release):
        if (place / f"{release.id}.json").exists():
            found = _of(place, release)
            if found is not None:
                return found
            shutil.rmtree(place, ignore_errors=True)
    return build(release, progress)


def shown(release: Release) -> Index:
    """Return the index of a release as its scope shows it: one that is kept, or one that is built for whoever asks."""
    return index(release) if kept(release) else passing(release)


def _of(place: Path, release: Release) -> Index | None:
    """Return the index of a release in a folder; None where it is damaged, or of a release that had the same name."""
    try:
        found = Index.open(place, release.id)
    except StoreError:
        return None
    return found if found.versions == release.current else None


def build(release: Release, progress: Progress = silent) -> Index:
    """Build the index of a release from its records, in a folder of its own, and open it."""
    target = folder(release) / release.id
    if target.exists() and not (target / f"{release.id}.json").exists():  # what is left of one
        target.unlink() if target.is_file() else shutil.rmtree(target, ignore_errors=True)
    network = survey(release)
    try:
        builder.build(network, target, progress)
    except OSError as error:
        raise StoreError(f"The index cannot be written to {target.parent}: {unable(error)}") from error
    found = Index.open(target, release.id)
    prune(release)  # a release that was retired meanwhile keeps what is open
    return found


def passing(release: Release, progress: Progress = silent) -> Index:
    """Build the index of a release as some other scope shows it, and open it; nothing of it is kept on disk.

    Indexes that are kept are named by their release alone, and are of all that is current in it (see `kept`).
    """
    place = home(release)
    compiled.keep_in(place.parent / "cache")
    try:
        place.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".", dir=place, ignore_cleanup_errors=True) as draft:
            builder.build(survey(release), Path(draft) / release.id, progress)
            found = Index.open(Path(draft) / release.id, release.id)
            found.folder = None  # what is mapped stays when its name is gone
            return found
    except OSError as error:
        raise StoreError(f"The index cannot be written to {place}: {unable(error)}") from error


def rebuild(release: Release, progress: Progress = silent) -> Index:
    """Build the indexes of a release anew, whatever is there, those of other releases too; return that of all."""
    shutil.rmtree(home(release), ignore_errors=True)
    return [build(seen, progress) for seen in _kept(release)][-1]


def _kept(release: Release) -> list[Release]:
    """Return a release as the public sees it and, where that is another thing, with all that there is."""
    return [release.stored, release.within(CURRENT)] if release.held else [release.within(CURRENT)]


def verify(release: Release) -> list[str]:
    """Read all that the indexes of a release rest on, and return in words what is damaged, by file.

    An index that is not there is not damaged: it is built when it is asked for.
    """
    found = []
    for seen in _kept(release):
        for place in _folders(seen):
            if (place / f"{release.id}.json").exists():
                try:
                    opened = Index.open(place, release.id, trusting=False)
                    if opened.versions != seen.current:
                        found.append(
                            f"The index at {place} is of another release that was called {release.id}."
                        )
                except StoreError as error:
                    found.append(str(error))
    return found


def changed(opened: Index) -> bool:
    """Return whether files from which an index is answered were written to, or are gone, since they were read in full.

    What is small lies in memory, where no change of the files reaches it.
    """
    if opened.folder is None:
        return False
    try:
        said = description.Description.read(opened.folder, opened.release)
        return not (said.small or said.stamped(said.seen()))
    except (OSError, StoreError):
        return True


def prepare(release: Release, before: str | None, progress: Progress = silent) -> Index:
    """Make the indexes of a release that is about to be published; the caller holds the store for writing.

    What the release has more than the one `before` is added to the index of that one, where that can be said. Returned
    is that of all.

    Raises
    ------
    UnreadableRecord
        If a record says what no index can be made of.
    """
    return [_prepared(seen, before, progress) for seen in _kept(release)][-1]


def _prepared(release: Release, before: str | None, progress: Progress) -> Index:
    for place in _folders(release):
        if (place / f"{release.id}.json").exists():  # a killed writer's
            description.forget(place, release.id)
        if (place / f"{before}.json").exists():
            try:
                return _added(Index.open(place, str(before)), release)
            except UnreadableRecord:
                raise
            except (extension.NoRoom, StoreError, OSError):
                break
    shutil.rmtree(folder(release) / release.id, ignore_errors=True)  # a killed writer's
    return build(release, progress)


def _added(known: Index, release: Release) -> Index:
    """Add the one dataset that has a new version, if there is one; more than one is not said in this way."""
    changed = {name for name, _ in {*known.versions.items()} ^ {*release.current.items()}}
    if len(changed) > 1:
        raise extension.NoRoom
    dataset = next(iter(changed), "")
    tables = known.tables
    identities = Identities(Components.of(tables.merged), known.judged, tables.disputed)
    network = survey(release, Change(dataset, identities, known.versions))
    return extension.extended(known, difference.addition(known, network, dataset), keep=True)


def ready(progress: Progress) -> Ready:
    """Return what makes the index of a release before it is published, and tells how far it is."""

    def made(release: Release, before: str | None) -> None:
        progress("indexing", 0, 1)
        many = prepare(release, before, lambda stage, done, total: progress("indexing", done, total))
        progress("indexing", len(many.rows()), len(many.rows()))

    return made


def worn(opened: Index) -> bool:
    """Return whether so many arcs of an index are left over from before additions that it should be built anew."""
    live = int((opened.out.end.astype("int64") - opened.out.begin).sum())
    return opened.tables.counts["arcs"] - live > WORN * live or not all(opened.tables.live)


def _folders(release: Release) -> list[Path]:
    """Return the folders of the indexes of what a scope shows, the newest first."""
    return sorted(folder(release).glob("[0-9]*"), reverse=True)


def prune(release: Release) -> None:
    """Remove the indexes of releases that are gone, and drafts that a killed process left an hour ago or longer."""
    for draft in home(release).glob(".*"):
        with suppress(FileNotFoundError):  # it has become an index meanwhile
            if time.time() - draft.stat().st_mtime > _LEFT:
                shutil.rmtree(draft, ignore_errors=True)
    names = {path.name for path in release.path.parent.iterdir()}
    for path in (*home(release).glob("[0-9]*"), *(home(release) / CLOSED).glob("[0-9]*")):
        if not any(described.stem in names for described in path.glob("[0-9]*.json")):
            shutil.rmtree(path, ignore_errors=True)
