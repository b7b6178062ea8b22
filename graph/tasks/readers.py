"""Who may read what came of a job: whoever sees now every dataset that it may tell of.

What may be seen of a dataset is decided anew at each reading: one that was closed since is no part of any answer.
"""

from __future__ import annotations

from collections.abc import Callable

from opentier.graph.errors import StoreError
from opentier.graph.front import Graph, Reader
from opentier.graph.model import visibility
from opentier.graph.tasks.job import Job

#: Acts that are told what is in a file, and nothing of the data.
ALONE = frozenset({"columns", "list_columns"})
#: Acts on what may become a dataset.
CONTRIBUTING = frozenset({"validate", "contribute"})
#: What is said in the place of what somebody may not read any more.
WITHHELD = "It was answered from data that you may not see any more, so that it is not shown: ask again."


def reader(job: Job) -> Reader:
    """Return who asked for a job, as far as that decides what is seen."""
    return Reader(*(None if each is None else frozenset(each) for each in (job.closed, job.restricted)))


def seen_by(graph: Graph) -> Callable[[Job], list[str]]:
    """Return what tells which datasets a job may tell of, if it is done now: all that whoever asked sees."""

    def seen(job: Job) -> list[str]:
        if job.act in ALONE:
            return []
        try:
            versions = graph.view(reader(job)).release.versions
        except StoreError:  # there is none yet, or the job fails of it, too
            return []
        return sorted({version.dataset for version in versions})

    return seen


def withheld(graph: Graph, job: Job, who: Reader) -> bool:
    """Return whether what came of a job may tell of a dataset that somebody may not see now.

    Of one that an earlier version of the program kept it is not known which it tells of. Where nobody knows who may see
    what, since the store says it no more, nothing is told.
    """
    if job.open or (job.outcome is None and not job.results and not job.error) or job.rests == []:
        return False
    try:
        hidden = graph.view().release.hidden_from(who)
    except StoreError:
        return bool(job.rests)
    return bool(hidden if job.rests is None else hidden.intersection(job.rests))


def private(graph: Graph, job: Job) -> bool:
    """Return whether a job is its owner's alone: of what was not admitted, and would not have been public."""
    outcome = job.outcome or {}
    if job.act not in CONTRIBUTING or "version" in outcome:
        return False
    try:
        release = graph.view().release
    except StoreError:
        return job.said.get("visibility") not in (None, visibility.PUBLIC)
    if said := job.said.get("visibility"):
        return visibility.closed(said, release.day)
    return (outcome.get("dataset") or job.said.get("dataset")) in release.closed
