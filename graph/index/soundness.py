"""Soundness: whether a data directory is what was put there, with all that is derived of it, and making that anew."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from opentier.graph.identity import closure
from opentier.graph.index import shelf
from opentier.graph.jobs.progress import Progress, silent
from opentier.graph.store import inspection
from opentier.graph.store.directory import Store
from opentier.graph.store.inspection import Fault
from opentier.graph.store.release import Release
from opentier.graph.store.union import News


def verify(store: Store, progress: Progress = silent) -> list[Fault]:
    """Return what is not as it was put there: pointer, release, contributed files, records, index. All is read."""
    wrong = inspection.pointer(store)
    found, name = inspection.misplaced(store) + ([wrong] if wrong else []), store.newest()
    found += inspection.records(store)
    if name is not None:
        release = Release(store.releases / name, store.names)
        found += inspection.faults(store, release, progress)
        if closure.differs(release) or closure.differs(release.stored):
            found.append(Fault(inspection.UNION, "it says of others that they are one", derived=True))
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
