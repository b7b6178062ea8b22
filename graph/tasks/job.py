"""A job: what somebody asked for, what became of it, and whose it is."""

from __future__ import annotations

import datetime
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

State = Literal["waiting", "running", "done", "failed", "cancelled", "draft"]
#: The states of what has not ended.
OPEN = ("waiting", "running")
#: The state of what waits for whoever sent it, and not for a process (see `drafts`).
DRAFT: State = "draft"
#: Whose jobs are those that nobody with a key asked for.
NOBODY = "public"


@dataclass(frozen=True)
class File:
    """What was sent with a job: its name, its length, and its SHA-256."""

    name: str
    bytes: int
    sha256: str


@dataclass(frozen=True)
class Job:
    """A job, as it is kept.

    Attributes
    ----------
    id
        Nobody can guess it: whoever knows that of a job that belongs to nobody may read and end it.
    act
        What is to be done (see `acts`).
    owner
        Who asked.
    closed, restricted
        What whoever asked sees that is not public (see `Reader`).
    said
        The options of the act.
    changing
        Whether it may change data: one that was ended in the middle is asked whether it did.
    key, print
        By which word whoever asked knows the request again, and what tells it from others; nothing where none was said.
    tries
        How many times it was begun and not ended by the service itself.
    begun
        When it was begun first.
    outcome
        What came of it, in a few figures; `results` are the files of its folder that hold the rest, by their forms.
    error
        Why it is not done.
    weight
        Bytes that it takes.
    origin
        What tells one of nobody from others of nobody: those that are asked for from one place have one.
    of
        The draft whose file it works on; nothing where the file came with it.
    rests
        The datasets that what came of it may tell of; None where that was not noted.
    """

    act: str
    owner: str
    closed: list[str] | None
    restricted: list[str] | None
    said: Mapping[str, Any]
    file: File | None = None
    id: str = field(default_factory=lambda: secrets.token_hex(16))
    made: str = field(default_factory=lambda: now())
    changing: bool = False
    key: str = ""
    print: str = ""
    state: State = "waiting"
    tries: int = 0
    begun: str = ""
    ended: str = ""
    outcome: Mapping[str, Any] | None = None
    results: Mapping[str, str] = field(default_factory=dict)
    error: str = ""
    weight: int = 0
    of: str = ""
    rests: list[str] | None = None
    origin: str = ""

    @property
    def open(self) -> bool:
        """Whether it has not ended."""
        return self.state in OPEN

    @property
    def nobodys(self) -> bool:
        """Whether nobody with a key asked for it: those who have one never wait for it."""
        return self.owner == NOBODY

    def but(self, **changed: Any) -> Job:
        """Return the same job, some of it changed."""
        return replace(self, **changed)

    def to_dict(self) -> dict[str, Any]:
        """Return it as a JSON object, all of it."""
        return asdict(self)

    @classmethod
    def from_dict(cls, said: dict[str, Any]) -> Job:
        """Return a job that was kept as a JSON object."""
        file = said["file"]
        return cls(**{**said, "file": None if file is None else File(**file)})


def now() -> str:
    """Return the time as jobs tell it (UTC)."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds")


def before(days: float) -> str:
    """Return the time that was so many days ago."""
    then = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=days)
    return then.isoformat(timespec="milliseconds")


def after(when: str, days: float) -> str:
    """Return the time that is so many days after another."""
    then = datetime.datetime.fromisoformat(when) + datetime.timedelta(days=days)
    return then.isoformat(timespec="seconds")
