"""What became of a subscription that was followed: of each dataset, and of it as a whole."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Row:
    """What became of a dataset: of which version, under which licence, as which version here, and why."""

    dataset: str
    state: str
    version: str = ""
    licence: str = ""
    here: int | None = None
    signed_by: str = ""
    why: str = ""


@dataclass
class Outcome:
    """What became of a subscription; `failed` says why it could not be followed."""

    id: str
    url: str
    rows: list[Row] = field(default_factory=list)
    failed: str = ""
    notes: list[str] = field(default_factory=list)

    @property
    def well(self) -> bool:
        """Whether it was followed, and nothing was refused, or could not be done."""
        return not self.failed and all(row.state not in ("refused", "failed") for row in self.rows)

    def to_dict(self) -> dict[str, Any]:
        """Return it as a JSON object."""
        said = {"subscription": self.id, "url": self.url, "failed": self.failed or None, "notes": self.notes}
        return {**said, "datasets": [asdict(row) for row in self.rows]}
