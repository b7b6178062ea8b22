"""Visibility: a dataset is shown to everybody, to some, or to some until a day, from now on.

A change is a release of its own, all of it or nothing: the default graph, the catalogue and the indexes are of what is
public then. A version says nothing else than before, and none is added.
"""

from __future__ import annotations

from dataclasses import dataclass

from opentier.graph.errors import UnknownDataset, UsageError, mean
from opentier.graph.identity import closure
from opentier.graph.identity.judgements import CLOSED
from opentier.graph.model import visibility
from opentier.graph.store.directory import Ready, Store, Waiting
from opentier.graph.store.union import News


@dataclass(frozen=True)
class Shown:
    """Who may see a dataset now, and whether that is another thing than before."""

    dataset: str
    visibility: str
    changed: bool


def show(store: Store, dataset: str, said: str, ready: Ready, waiting: Waiting) -> Shown:
    """Show a dataset to others than before, and publish that.

    Raises
    ------
    UnknownDataset
        If there is no such dataset.
    UsageError
        If it is no visibility, or the dataset tells of others that are not public.
    """
    said = visibility.check(said, store.today())
    with store.writing(waiting=waiting, purpose=f"the visibility of {dataset}"):
        release = store.release()
        known = {version.dataset for version in release.versions}
        if dataset not in known:
            raise UnknownDataset(f"No dataset is called {dataset!r}.{mean(dataset, known, 12)}")
        if dataset in CLOSED:
            raise UsageError(f"{dataset} tells of datasets that are not public, and stays closed.")
        before = release.visibility.get(dataset, visibility.PUBLIC)
        if said != before:
            store.publish(News(visibility={dataset: said}), closure.pairs, ready=ready)
        return Shown(dataset, said, said != before)


def renew(store: Store, ready: Ready, waiting: Waiting) -> list[str]:
    """Publish what is no longer held back, since its embargo has ended; return which datasets that are."""
    with store.writing(waiting=waiting, purpose="an embargo's end"):
        release = store.release()
        ended = sorted(release.held - release.closed)
        if ended:
            store.publish(
                News(visibility=dict.fromkeys(ended, visibility.PUBLIC)), closure.pairs, ready=ready
            )
        return ended
