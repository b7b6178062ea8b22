"""Inspection: whether what a data directory holds is still what was put there, and what can be mended."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from opentier.graph.errors import StoreError
from opentier.graph.jobs.progress import Progress, silent
from opentier.graph.model.versions import Version
from opentier.graph.store import durable, sealed, union
from opentier.graph.store.current import RESTORE
from opentier.graph.store.directory import Store
from opentier.graph.store.release import Release

#: Where a fault is that is in the default graph.
UNION = "default graph"
#: The folder of screening records.
RECORDS = "screenings"


@dataclass(frozen=True)
class Fault:
    """Something that is not as it was: where, what, and whether it is derived, so that it can be made anew."""

    where: str
    what: str
    derived: bool = False

    @property
    def advice(self) -> str:
        """What to do about it."""
        if self.where.startswith(f"{RECORDS}/"):
            return sealed.ADVICE
        return (
            "To make it anew: opentier verify --repair"
            if self.derived
            else f"It cannot be made anew. {RESTORE}"
        )


def pointer(store: Store) -> Fault | None:
    """Return why the current release is not found or does not open, or None."""
    try:
        name = store.current
    except StoreError as error:
        newest = store.newest()
        said = str(error).partition(" Nothing was changed.")[0]
        return Fault("current", said, derived=newest is not None)
    if name is None or name == store.newest():
        return None
    wrong = store.damaged(name)
    said = f"missing, or not what they were: {', '.join(wrong)}" if wrong else "it does not open"
    return Fault(f"releases/{name}", said)


def point(store: Store) -> None:
    """Make the newest published release that opens the current one; newer ones, which do not open, are put aside."""
    with store.locked():
        name = store.newest()
        if name is None:
            return
        for other in store.published():
            if other > name:
                aside(store.releases / other)
        if (store.path / "current").is_dir():
            aside(store.path / "current")
        durable.replace(store.path / "current", name + "\n")


def aside(path: Path) -> None:
    """Give what is in the way another name: ``NAME.aside``."""
    number, target = 1, path.with_name(f"{path.name}.aside")
    while target.exists():
        number, target = number + 1, path.with_name(f"{path.name}.aside-{number}")
    durable.rename(path, target)


def misplaced(store: Store) -> list[Fault]:
    """Return what stands where a folder or a file of ours must be."""
    ours = (store.path / "index", store.path / "scratch", store.screenings.folder)
    folders = [path for path in ours if path.exists() and not path.is_dir()]
    lock = store.path / "lock"
    return [
        *(Fault(path.name, "a folder of ours must be here", derived=True) for path in folders),
        *(
            [Fault("lock", "a file of ours must be here", derived=True)]
            if lock.exists() and not lock.is_file()
            else []
        ),
    ]


def records(store: Store) -> list[Fault]:
    """Return what is wrong with the screening records."""
    return [Fault(f"{RECORDS}/{name}", wrong) for name, wrong in store.screenings.faults()]


def faults(store: Store, release: Release, progress: Progress = silent) -> Iterator[Fault]:
    """Yield what is wrong with a release and with what is kept of the contributions that made it.

    All statements of a release are read, so that the engine's own checksums are checked; each version must have as many
    as the catalogue says, and the default graph what its parts make. Files of contributions must have the hashes that
    were written with them.
    """
    for done, version in enumerate(release.versions):
        progress("reading", done, len(release.versions))
        yield from _graph(release, version)
        yield from _kept(store, version)
    progress("reading", len(release.versions), len(release.versions))
    yield from _union(release)


def _union(release: Release) -> Iterator[Fault]:
    try:
        yield from (Fault(UNION, what, derived=True) for what in union.faults(release))
    except (StoreError, ValueError) as error:
        yield Fault(UNION, f"it cannot be read: {error.__cause__ or error}", derived=True)


def _graph(release: Release, version: Version) -> Iterator[Fault]:
    where = f"{release.path.parent.name}/{release.id}"
    try:
        found = release.engine.count(version.iri)
    except (StoreError, ValueError) as error:
        yield Fault(
            where, f"{version.dataset} version {version.number} cannot be read: {error.__cause__ or error}"
        )
        return
    if found != version.triples:
        yield Fault(
            where,
            f"{version.dataset} version {version.number} has {found:,} statements; {version.triples:,} were admitted",
        )


def _kept(store: Store, version: Version) -> Iterator[Fault]:
    folder = store.folder(version.dataset, version.number)
    where = folder.relative_to(store.path).as_posix()
    try:
        wrong = durable.damaged(folder)
        if wrong != [durable.HASHES] or store.hashed:
            yield from (Fault(f"{where}/{name}", "it is missing, or not what it was") for name in wrong)
            return
        with zipfile.ZipFile(folder / "original.zip") as archive:  # from before hashes were kept
            if archive.testzip() is not None:
                yield Fault(f"{where}/original.zip", "it is damaged")
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        yield Fault(where, f"the contributed files cannot be read: {error}")
