"""What is due: records whose data is no longer what it was, and for what they would be asked again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from opentier.graph.errors import StoreError
from opentier.graph.identity.judgements import MATCHED
from opentier.graph.kept import record as records
from opentier.graph.kept import told
from opentier.graph.model.dates import today
from opentier.graph.store.release import Release
from opentier.graph.store.sealed import Sealed

Json = dict[str, Any]
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


@dataclass(frozen=True)
class Kept:
    """A record in the list: what it says, or why it is refused; what is due; and which record asked the same later."""

    id: str
    record: Json | None
    refused: str = ""
    due: tuple[Due, ...] = ()
    followed_by: str | None = None

    def to_dict(self) -> Json:
        """Return it as a JSON object; of a record that is refused nothing is said but why."""
        said = self.record
        return {
            "id": self.id,
            "kind": said and said["kind"],
            "asked": said and told.asked(said),
            "verdict": said and said["verdict"]["result"],
            "hash": said and said["hash"],
            "again_of": said and said["again_of"] and said["again_of"]["id"],
            "followed_by": self.followed_by,
            "due": [each.to_dict() for each in self.due],
            "due_in_words": list(map(str, self.due)),
            "refused": self.refused or None,
        }


def every(kept: Sealed, release: Release) -> list[Kept]:
    """Return all records by id, those too that are refused, each with what is due."""
    day, found = today(), [_read(kept, id) for id in kept.ids()]
    later = {
        (said["id"], said["hash"]): each.id
        for each in found
        if each.record and (said := each.record["again_of"])
    }
    return [
        replace(
            each,
            due=tuple(due(each.record, release, day)),
            followed_by=later.get((each.id, each.record["hash"])),
        )
        if each.record
        else each
        for each in found
    ]


def _read(kept: Sealed, id: str) -> Kept:
    try:
        return Kept(id, records.readable(kept.read(id)))
    except StoreError as error:
        return Kept(id, None, str(error))


def due(record: Mapping[str, Any], release: Release, today: str) -> Iterator[Due]:
    """Yield what is no longer as it was when a record was made, dataset by dataset.

    What the matcher makes of the others is due when these are.
    """
    then = {each["id"]: each for each in record["datasets"] if each["id"] not in MATCHED}
    for name in sorted({*then, *release.current} - MATCHED):
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
