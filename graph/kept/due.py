"""What is due: records whose data is no longer what it was, and for what they would be asked again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from opentier.graph.identity.judgements import MATCHES
from opentier.graph.store.release import Release

NEWER, WITHDRAWN, ADDED, DAY = "newer", "withdrawn", "added", "day"


@dataclass(frozen=True)
class Due:
    """A thing that is no longer as it was when a record was made.

    Attributes
    ----------
    what
        "newer": a dataset has another version; "withdrawn": it has none now; "added": it had none then; "day": the
        question was about today, which was another day.
    name
        The dataset, or the parameter.
    then, now
        The number of its version, or the day.
    """

    what: str
    name: str
    then: Any
    now: Any
    title: str = ""
    contributed: str | None = None
    reason: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return it as a JSON object."""
        return {
            "what": self.what,
            "dataset" if self.what != DAY else "parameter": self.name,
            "from": self.then,
            "to": self.now,
            "title": self.title or None,
            "contributed": self.contributed,
            "reason": self.reason,
        }

    def __str__(self) -> str:
        """Return it in a few words."""
        if self.what == DAY:
            return f"asked for today, which was {self.then}"
        if self.what == WITHDRAWN:
            return f"{self.name} {self.then} is withdrawn" + (f": {self.reason}" if self.reason else "")
        if self.what == ADDED:
            return f"{self.name} {self.now} is new ({self.contributed})"
        return f"{self.name} {self.then} -> {self.now} ({self.contributed})"


def due(record: Mapping[str, Any], release: Release, today: str) -> Iterator[Due]:
    """Yield what is no longer as it was when a record was made, dataset by dataset.

    What the matcher makes of the others is due when these are.
    """
    then = {each["id"]: each for each in record["datasets"] if each["id"] != MATCHES}
    for name in sorted({*then, *release.current} - {MATCHES}):
        was, version = then.get(name), release.current.get(name)
        if version is None:
            assert was is not None
            yield Due(WITHDRAWN, name, was["version"], None, was["title"], None, _reason(release, name))
        elif was is None:
            yield Due(ADDED, name, None, version.number, version.title, version.admitted[:10])
        elif (was["version"], was["checksum"]) != (version.number, version.checksum):
            yield Due(NEWER, name, was["version"], version.number, version.title, version.admitted[:10])
    for name, said in record["question"]["as_asked"].items():
        day = record["question"]["parameters"][name]
        if said == "today" and day != today:
            yield Due(DAY, name, day, today)


def _reason(release: Release, dataset: str) -> str | None:
    """Return why the current version of a dataset is withdrawn."""
    said = [each for each in release.withdrawals if each.dataset == dataset and not each.ended]
    return said[-1].reason if said else None
