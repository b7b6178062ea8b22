"""Findings: one thing that was found, where it stands, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Severity = Literal["error", "violation", "refused", "warning", "info"]

#: What a finding is about that stands in no file.
WHOLE = "the dataset as a whole"
#: What is said of a cell that has to say something.
EMPTY = "This cell is empty."
#: Severities that keep a contribution out. A *violation* is a SHACL result; *refused* marks one row that an
#: adapter leaves out, with its reason, while the rest goes in.
BLOCKING: frozenset[Severity] = frozenset({"error", "violation"})


@dataclass(frozen=True, order=True)
class Where:
    """A file and a row of it; `row` counts from 1 and includes the header, as a spreadsheet does.

    In a file of RDF, the place is the subject of which something is said.
    """

    file: str
    row: int | None = None
    subject: str | None = None

    def __str__(self) -> str:
        if self.subject is not None:
            return f"{self.subject} in {self.file}"
        return self.file or WHOLE if self.row is None else f"row {self.row} of {self.file}"


@dataclass(frozen=True)
class Finding:
    """One thing found: where, what, and what to do about it.

    Attributes
    ----------
    count
        The rows that it stands for, of which `row` is the first.
    """

    severity: Severity
    file: str
    row: int | None
    column: str | None
    value: str | None
    message: str
    advice: str
    rule: str | None = None
    count: int = 1
    subject: str | None = None

    @property
    def where(self) -> Where:
        """Where it stands."""
        return Where(self.file, self.row, self.subject)

    @property
    def blocks(self) -> bool:
        """Whether this finding keeps the contribution out."""
        return self.severity in BLOCKING

    @property
    def rank(self) -> int:
        """What it makes of its row: 2 refused, 1 warned, 0 nothing."""
        return 2 if self.blocks or self.severity == "refused" else int(self.severity == "warning")

    def order(self) -> tuple[Any, ...]:
        """Key of the total order in which findings are shown."""
        place = self.file, self.row or 0, self.subject or "", self.column or ""
        return (not self.blocks, *place, self.message, self.value or "")
