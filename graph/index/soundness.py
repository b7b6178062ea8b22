"""Soundness: whether a data directory is what was put there, and what is derived of it; making that anew, moving it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from opentier.graph.errors import StoreError
from opentier.graph.identity import closure
from opentier.graph.index import shelf
from opentier.graph.jobs.progress import Progress, silent
from opentier.graph.store.directory import Store
from opentier.graph.store.release import Release
from opentier.graph.store.union import News
from opentier.graph.triples import address
from opentier.graph.upkeep import inspection
from opentier.graph.upkeep.inspection import Fault


def verify(store: Store, progress: Progress = silent) -> list[Fault]:
    """Return what is not as it was put there: pointer, release, contributed files, records, index. All is read."""
    wrong = inspection.pointer(store)
    found, name = inspection.misplaced(store) + ([wrong] if wrong else []), store.newest()
    found += inspection.records(store)
    if name is not None:
        release = Release(store.releases / name, store.names)
        found += inspection.faults(store, release, progress)
        try:
            if closure.differs(release) or closure.differs(release.stored):
                found.append(Fault(inspection.UNION, "it says of others that they are one", derived=True))
        except StoreError as error:  # that of a store elsewhere, which does not answer
            found.append(Fault(inspection.UNION, f"who is one with whom cannot be told: {error}"))
        found += [Fault("index", what, derived=True) for what in shelf.verify(release)]
    return found


def repair(store: Store, faults: Iterable[Fault], rebuild: Callable[[], object]) -> list[Fault]:
    """Make anew what is derived among some faults, and return those that are there no more.

    That is the pointer, the default graph and the index. What stands in the way is put aside; nothing is removed.

    Parameters
    ----------
    rebuild
        Builds the index anew.
    """
    derived = [fault for fault in faults if fault.derived]
    for fault in inspection.misplaced(store):
        inspection.aside(store.path / fault.where)
    if any(fault.where == "current" for fault in derived):
        inspection.point(store)
    if any(fault.where == inspection.UNION for fault in derived):
        with store.writing():
            store.publish(News(), closure.pairs)
    if any(fault.where in ("index", inspection.UNION) for fault in derived):
        rebuild()
    left = {fault.where for fault in verify(store)}
    return [fault for fault in derived if fault.where not in left]


def move(path: Path, progress: Progress = silent) -> str:
    """Move the versions of a directory to the store that the environment names, or into its releases; return where.

    Raises
    ------
    StoreError
        If there is no data, or no store, or the store holds the data of another directory.
    """
    store = Store(path)
    store.move(address.told(), progress, shelf.ready(progress))
    return store.place.store if store.place else str(path)
