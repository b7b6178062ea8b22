"""Soundness: what of a data directory is not as it was put there, and what of that can be made anew."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from opentier.graph.identity import closure
from opentier.graph.index import shelf
from opentier.graph.jobs.progress import Progress, silent
from opentier.graph.store import inspection
from opentier.graph.store.directory import Store
from opentier.graph.store.inspection import Fault
from opentier.graph.store.release import Release
from opentier.graph.store.union import News


def faults(store: Store, progress: Progress = silent) -> list[Fault]:
    """Return what is not as it was put there: pointer, release, contributed files, index. All of it is read."""
    wrong = inspection.pointer(store)
    found, name = inspection.misplaced(store) + ([wrong] if wrong else []), store.newest()
    if name is not None:
        release = Release(store.releases / name, store.names)
        found += inspection.faults(store, release, progress)
        if closure.differs(release):
            found.append(Fault(inspection.UNION, "it says of others that they are one", derived=True))
        found += [Fault("index", what, derived=True) for what in shelf.verify(release)]
    return found


def mend(store: Store, derived: Sequence[Fault], rebuild: Callable[[], object]) -> None:
    """Make anew what is derived; what stands in the way is put aside, and nothing is removed.

    Parameters
    ----------
    rebuild
        Builds the index anew.
    """
    for fault in inspection.misplaced(store):
        inspection.aside(store.path / fault.where)
    if any(fault.where == "current" for fault in derived):
        inspection.point(store)
    if any(fault.where == inspection.UNION for fault in derived):
        with store.writing():
            store.publish(News(), closure.pairs)
    if any(fault.where in ("index", inspection.UNION) for fault in derived):
        rebuild()
