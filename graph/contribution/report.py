"""The report of a contribution: findings by file and row, and what became of every row."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from opentier.graph.errors import OpenTierError
from opentier.graph.model import characters

Severity = Literal["error", "violation", "refused", "warning", "info"]

#: Severities that keep a contribution out. A *violation* is a SHACL result; *refused* marks one row that an
#: adapter leaves out, with its reason, while the rest goes in.
BLOCKING: frozenset[Severity] = frozenset({"error", "violation"})

#: Columns of which each gets an error of its own.
EACH = 5


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
        return self.file if self.row is None else f"row {self.row} of {self.file}"


@dataclass(frozen=True)
class Finding:
    """One thing found: where, what, and what to do about it."""

    severity: Severity
    file: str
    row: int | None
    column: str | None
    value: str | None
    message: str
    advice: str
    rule: str | None = None
    subject: str | None = None

    @property
    def where(self) -> Where:
        """Where it stands."""
        return Where(self.file, self.row, self.subject)

    @property
    def blocks(self) -> bool:
        """Whether this finding keeps the contribution out."""
        return self.severity in BLOCKING

    def order(self) -> tuple[Any, ...]:
        """Key of the total order in which findings are shown."""
        place = self.file, self.row or 0, self.subject or "", self.column or ""
        return (not self.blocks, *place, self.message, self.value or "")


@dataclass
class Report:
    """Everything that was found in one contribution.

    `rows` holds every row that carries data, so that accepted, warned and refused rows add up to the rows
    of the files.
    """

    dataset: str = ""
    findings: list[Finding] = field(default_factory=list)
    rows: set[Where] = field(default_factory=set)
    kept: dict[str, int] | None = None

    def add(
        self,
        severity: Severity,
        where: Where,
        message: str,
        advice: str,
        *,
        column: str | None = None,
        value: object = None,
        rule: str | None = None,
    ) -> None:
        """Add one finding."""
        shown = None if value is None else str(value)[:200]
        place = where.file, where.row, column
        self.findings.append(Finding(severity, *place, shown, message, advice, rule, where.subject))

    def extend(self, findings: Iterable[Finding]) -> None:
        """Add findings."""
        self.findings.extend(findings)

    @property
    def conforms(self) -> bool:
        """Whether nothing keeps the contribution out."""
        return not any(finding.blocks for finding in self.findings)

    def sorted(self) -> list[Finding]:
        """Return the findings, the blocking ones first, each once."""
        return sorted(set(self.findings), key=Finding.order)

    def counts(self) -> dict[str, int]:
        """Return how many rows there are and how many were accepted, warned about and refused."""
        if self.kept is not None:
            return self.kept
        worst: dict[Where, int] = {}
        for finding in self.findings:
            where = finding.where
            rank = (
                2 if finding.blocks or finding.severity == "refused" else int(finding.severity == "warning")
            )
            if where in self.rows:
                worst[where] = max(worst.get(where, 0), rank)
        refused = sum(rank == 2 for rank in worst.values())
        warned = sum(rank == 1 for rank in worst.values())
        total = len(self.rows)
        return {"rows": total, "accepted": total - warned - refused, "warned": warned, "refused": refused}

    def summary(self) -> str:
        """Return one sentence on the outcome."""
        counts = self.counts()
        blocking = sum(finding.blocks for finding in set(self.findings))
        rows = f"{counts['rows']:,} rows: {counts['accepted']:,} accepted, {counts['warned']:,} warned, "
        rows += f"{counts['refused']:,} refused"
        if blocking:
            return f"{self.dataset or 'contribution'} refused: {blocking:,} error(s) to mend ({rows})"
        return f"{self.dataset or 'contribution'} conforms ({rows})"

    def to_dict(self) -> dict[str, Any]:
        """Return the report as a JSON object."""
        return {
            "dataset": self.dataset,
            "conforms": self.conforms,
            "counts": self.counts(),
            "findings": [asdict(finding) for finding in self.sorted()],
        }

    @classmethod
    def from_dict(cls, said: dict[str, Any]) -> Report:
        """Return a report that was kept as a JSON object; its counts are those that were kept."""
        findings = [Finding(**finding) for finding in said["findings"]]
        return cls(said["dataset"], findings, kept=said["counts"])

    def to_json(self) -> str:
        """Return the report as JSON text."""
        return json.dumps(self.to_dict(), indent=1, ensure_ascii=False) + "\n"

    def to_text(self) -> str:
        """Return the report as plain text, one finding a line."""
        lines = [self.summary()]
        for finding in self.sorted():
            place = finding.subject if finding.row is None else finding.row
            where = finding.file if place is None else f"{finding.file}:{place}"
            column = f" [{finding.column}]" if finding.column else ""
            value = f" {finding.value!r}" if finding.value is not None else ""
            lines.append(f"{finding.severity}: {where}{column}{value}: {finding.message} {finding.advice}")
        return "\n".join(lines) + "\n"


def refuse_columns(report: Report, where: Where, message: str, advice: str, names: Sequence[str]) -> None:
    """Add an error for each of some columns; one for all of them where they are many."""
    if len(names) > EACH:
        listed = ", ".join(name[:40] for name in names[:EACH])
        message = f"{message} So it is with {len(names):,} columns: {listed}, ..."
        report.add("error", where, message, advice)
        return
    for name in names:
        unseen = characters.unseen(name)
        told = f"{message} It holds {unseen}, which is not seen." if unseen else message
        report.add("error", where, told, advice, column=name)


def holds(report: Report, where: Where, text: str, *, column: str | None = None) -> bool:
    """Return whether XML can hold a text, after an error where it cannot; warn of one that is turned round."""
    if found := characters.illegal(text):
        report.add(
            "error", where, f"The text holds {found}, which no XML can hold.", "Take it out.",
            column=column, value=text,
        )  # fmt: skip
    elif turning := characters.turning(text):
        report.add(
            "warning", where, f"The text holds {turning}: what is seen is not what is stored.",
            "Take it out, if the text reads the same without it.", column=column, value=text,
        )  # fmt: skip
    return not found


class ContributionError(OpenTierError):
    """A contribution is refused; `report` says where and why."""

    def __init__(self, report: Report) -> None:
        self.report = report
        super().__init__(report.summary())
