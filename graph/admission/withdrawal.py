"""Withdrawal: a version of a dataset is taken back, with the reason, and comes back when that is undone.

Both are releases of their own. What was current before is current again; without any, nobody sees the dataset. Nothing
is removed: a withdrawn version stays known, and whoever asks as of a day before still sees it.
"""

from __future__ import annotations

import datetime
from dataclasses import asdict, dataclass, field
from typing import Any

from opentier.graph.errors import Named, UnknownDataset, UsageError, mean
from opentier.graph.identity import closure
from opentier.graph.model.characters import controls, illegal, one_line
from opentier.graph.model.rdf import Triple
from opentier.graph.model.versions import Version, Withdrawal
from opentier.graph.store import catalogue, references
from opentier.graph.store.directory import Ready, Store, Waiting
from opentier.graph.store.references import Broken
from opentier.graph.store.release import Release
from opentier.graph.store.union import News


@dataclass
class Outcome:
    """What became of a dataset: the version that went or came back, the one that is current now, and what broke."""

    version: Version
    reason: str
    current: Version | None
    broken: list[Broken] = field(default_factory=list)

    def __str__(self) -> str:
        """Return it in a line."""
        now = f"version {self.current.number} is current" if self.current else "nobody sees the dataset"
        return f"{self.version.dataset} version {self.version.number} ({self.reason}); {now}"

    def warnings(self) -> list[str]:
        """Return which references broke, in sentences."""
        told = [each.told(self.version.dataset) for each in self.broken]
        return [*told, references.ADVICE] if told else []

    def to_dict(self) -> dict[str, Any]:
        """Return it as a JSON object."""
        return {
            "dataset": self.version.dataset,
            "version": self.version.number,
            "reason": self.reason,
            "current": self.current.number if self.current else None,
            "broken_references": [asdict(each) for each in self.broken],
        }


def withdraw(
    store: Store, dataset: str, reason: str, ready: Ready, waiting: Waiting, number: int | None = None
) -> Outcome:
    """Withdraw the current version of a dataset, and publish what is current then.

    Parameters
    ----------
    number
        The version that is meant; whichever is current, where none is said.

    Raises
    ------
    UnknownDataset
        If there is no such dataset.
    UsageError
        If it is withdrawn already, the current version is not the one that is meant, or the reason is no text.
    """
    reason = one_line(reason).strip()
    if not reason or illegal(reason) or controls(reason):
        raise UsageError(Named("reason"), " is a text that says why, without control characters.")
    with store.writing(waiting=waiting):
        release = store.release()
        known = _of(release, dataset)
        version = release.current.get(dataset)
        if version is None:
            raise UsageError(f"Every version of {dataset} is withdrawn already: {known[-1].reason}")
        if number is not None and version.number != number:
            raise UsageError(
                f"The current version of {dataset} is {version.number}, and not {number}: look at it again."
            )
        next_ = max((each.number for each in known), default=0) + 1
        begun = Withdrawal(dataset, next_, version.iri, reason, _now())
        return _published(store, release, version, reason, catalogue.withdrawn(begun, store.names), ready)


def restore(store: Store, dataset: str, ready: Ready, waiting: Waiting, number: int | None = None) -> Outcome:
    """Undo the last withdrawal of a version of a dataset, and publish what is current then.

    Parameters
    ----------
    number
        The version that is meant; whichever was withdrawn last, where none is said.

    Raises
    ------
    UnknownDataset
        If there is no such dataset.
    UsageError
        If nothing of it is withdrawn, or not the version that is meant.
    """
    with store.writing(waiting=waiting):
        release = store.release()
        by = {each.iri: each for each in release.versions if number in (None, each.number)}
        held = [each for each in _of(release, dataset) if not each.ended and each.version in by]
        if not held:
            what = f"Nothing of {dataset}" if number is None else f"No version {number} of {dataset}"
            raise UsageError(f"{what} is withdrawn.")
        last = held[-1]
        version = by[last.version]
        ended = catalogue.restored(last, store.names, _now())
        return _published(store, release, version, last.reason, ended, ready)


def _of(release: Release, dataset: str) -> list[Withdrawal]:
    """Return the withdrawals of a dataset that is there."""
    known = {version.dataset for version in release.versions}
    if dataset not in known:
        raise UnknownDataset(f"No dataset is called {dataset!r}.{mean(dataset, known, 12)}")
    return [each for each in release.withdrawals if each.dataset == dataset]


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")


def _published(
    store: Store, before: Release, version: Version, reason: str, said: list[Triple], ready: Ready
) -> Outcome:
    dataset, was = version.dataset, before.current.get(version.dataset)
    outcome = Outcome(version, reason, None)

    def prepared(release: Release, name: str | None) -> None:
        ready(release, name)
        now = release.current.get(dataset)
        outcome.broken = references.broken(release, dataset, was, now)

    published = store.publish(News(entry=said, dataset=dataset), closure.pairs, ready=prepared)
    outcome.current = published.current.get(dataset)
    return outcome
