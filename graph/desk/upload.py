"""An upload: a list that somebody sent, what was said of it since, and which work was asked for."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

#: The steps of a screening: what is made of an upload, in this order.
COLUMNS, MATCHES, RESULT, RECORD = "columns", "matches", "result", "record"
STEPS = (COLUMNS, MATCHES, RESULT, RECORD)


@dataclass(frozen=True)
class Upload:
    """A list that somebody sent.

    Attributes
    ----------
    owner
        Who sent it: it is there for nobody else.
    file, bytes, sha256
        What it is called, and what was sent.
    id
        Nobody can guess it: whoever knows that of a list that was sent without a key may read it.
    said
        What the columns are taken for, and what is asked (see `Task`).
    decided
        By the row of the list and the id of an actor: whether they are the same, and on which day that was said.
    round
        How many times anything of that was changed.
    jobs
        The work that was asked for, by its step.
    nobodys
        Whether nobody with a key sent it: those who have one never lack room for it.
    """

    owner: str
    file: str
    bytes: int
    sha256: str
    id: str = field(default_factory=lambda: secrets.token_hex(16))
    made: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))
    said: Mapping[str, Any] = field(default_factory=dict)
    decided: Mapping[str, Mapping[str, tuple[str, str]]] = field(default_factory=dict)
    round: int = 0
    jobs: Mapping[str, str] = field(default_factory=dict)
    nobodys: bool = False
    weight: int = 0

    def but(self, **changed: Any) -> Upload:
        """Return the same, some of it changed."""
        return replace(self, **changed)

    def asking(self, step: str, job: str) -> Upload:
        """Return the same with the work of a step that was asked for; what came after that step counts no longer."""
        kept = {name: self.jobs[name] for name in STEPS[: STEPS.index(step)] if name in self.jobs}
        return self.but(jobs={**kept, step: job})

    def judged(self, row: int | str) -> dict[str, str]:
        """Return what was decided of a row, by the ids of the actors."""
        return {id: said for id, (said, _) in self.decided.get(str(row), {}).items()}

    def to_dict(self) -> dict[str, Any]:
        """Return it as a JSON object, all of it."""
        return asdict(self)

    @classmethod
    def from_dict(cls, said: Mapping[str, Any]) -> Upload:
        """Return an upload that was kept as a JSON object."""
        decided = {
            row: {id: (each[0], each[1]) for id, each in of.items()} for row, of in said["decided"].items()
        }
        return cls(**{**said, "decided": decided})
