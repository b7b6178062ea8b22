"""Versions of datasets as jobs: withdrawn, restored; and what the step from one to another changed in traces."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from opentier.graph.admission.withdrawal import Outcome
from opentier.graph.kept import affected as kept
from opentier.graph.model import printed
from opentier.graph.model.versions import Withdrawal
from opentier.graph.tasks.task import Ended, Task


def withdraw(task: Task) -> Ended:
    """Withdraw the current version of a dataset, with a reason; once, however often its process is ended."""
    said = task.said
    if task.again and (known := next(_begun(task), None)):
        return _known(task, known)
    return _told(
        task, task.graph.acts(task.progress).withdraw(said["dataset"], said["reason"], said["version"])
    )


def restore(task: Task) -> Ended:
    """Undo the last withdrawal of a version of a dataset."""
    if task.again and (known := next(_undone(task), None)):
        return _known(task, known)
    acts = task.graph.acts(task.progress)
    return _told(task, acts.restore(task.said["dataset"], task.said.get("version")))


def affected(task: Task) -> Ended:
    """Say who gained or lost exposures between two versions of a dataset: of all who buy, or of a dataset's actors."""
    said, view, files = task.said, task.view(), dict[str, str]()
    numbers = kept.numbers(view, said["dataset"], said["before"], said["after"])
    found = kept.affected(view, said["dataset"], *numbers, None, said["roots"], task.progress)
    whole = found.to_dict()
    task.write("json", printed.text(whole), files)
    task.write("csv", kept.to_csv(found), files)
    counts = {name: whole[name] for name in ("compared", "gained", "lost", "moved")}
    return Ended({"dataset": found.dataset, "from": whole["from"], "to": whole["to"], **counts}, files)


def _told(task: Task, found: Outcome) -> Ended:
    files = dict[str, str]()
    task.write("json", printed.text(found.to_dict()), files)
    return Ended({**_outcome(found), "findings": found.warnings()}, files)


def _outcome(found: Outcome) -> dict[str, Any]:
    said = found.to_dict()
    return {name: said[name] for name in ("dataset", "version", "current")}


def _known(task: Task, found: Withdrawal) -> Ended:
    """Return what a process had done that was ended: which version is current since."""
    release = task.view().release
    version = next(each for each in release.versions if each.iri == found.version)
    return _told(task, Outcome(version, found.reason, release.current.get(found.dataset)))


def _begun(task: Task) -> Iterator[Withdrawal]:
    """Yield the withdrawals of the dataset that began since the job did, for its reason."""
    since, said = task.job.begun[:19], task.said
    for each in task.view().release.withdrawals:
        if each.dataset == said["dataset"] and each.begun[:19] >= since and each.reason == said["reason"]:
            yield each


def _undone(task: Task) -> Iterator[Withdrawal]:
    """Yield the withdrawals of the dataset that ended since the job began."""
    since = task.job.begun[:19]
    for each in task.view().release.withdrawals:
        if each.dataset == task.said["dataset"] and each.ended and each.ended[:19] >= since:
            yield each


def settled(task: Task) -> dict[str, Any] | None:
    """Return what a job had changed before it was ended, and the sentence that says so; None where it had not."""
    found = next((_begun if task.job.act == "withdraw" else _undone)(task), None)
    if found is None:
        return None
    ended = _known(task, found)
    done = "withdrawn" if task.job.act == "withdraw" else "restored"
    said = f"Version {ended.outcome['version']} of {found.dataset} had been {done} before that."
    return {"outcome": {**ended.outcome}, "said": said}
