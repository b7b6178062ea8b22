"""The report of a contribution: findings by file and row, and what became of every row."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from opentier.graph.errors import OpenTierError
from opentier.graph.model import characters
from opentier.graph.report import wording
from opentier.graph.report.corrected import Corrected
from opentier.graph.report.findings import Finding as Finding
from opentier.graph.report.findings import Severity as Severity
from opentier.graph.report.findings import Where as Where
from opentier.graph.report.kinds import MIXED, Key, Kind, key
from opentier.graph.report.marks import Marks

#: Columns of which each gets an error of its own.
EACH = 5
#: Characters of a value that are shown.
MAX_SHOWN = 200
#: Values of one column of which it is kept how they were written.
MAX_WRITTEN = 10_000
#: Kinds of findings; those of further ones are counted together.
MAX_KINDS = 1000


@dataclass
class Report:
    """Everything that was found in one contribution.

    `rows` holds every row that carries data, so that accepted, warned and refused rows add up to the rows
    of the files. `findings` are those that are listed: of a kind with many, the first; all are counted. `untested` says
    what was not looked at, where that is not all: then nothing is said to conform. `corrected` are the cells that are
    read otherwise than they were sent: they stay with whoever sent them.
    """

    dataset: str = ""
    findings: list[Finding] = field(default_factory=list)
    rows: Marks = field(default_factory=Marks)
    kept: dict[str, int] | None = None
    untested: tuple[str, ...] = ()
    corrected: list[Corrected] = field(default_factory=list)
    blocking: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self._kinds: dict[Key, Kind] = {}
        self._written: dict[tuple[str, str], dict[str, str]] = {}
        #: How often something keeps a row or all of it out, or is guessed.
        self.wrong = self.guessed = 0
        #: Is told of each finding how many errors, and how many guesses, were found by then; copies tell it, too.
        self.watch: Callable[[int, int], None] | None = None
        given, self.findings = self.findings, []
        for finding in given:
            self._keep(finding)

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
        count: int = 1,
        rows: Iterable[int] = (),
    ) -> None:
        """Add one finding, which may stand for `count` rows of a file, of which `where` is the first.

        Parameters
        ----------
        rows
            The numbers of those rows, for the counts of warned and refused ones.
        """
        shown = self._shown(where, column, value)
        place = where.file, where.row, column
        self._keep(Finding(severity, *place, shown, message, advice, rule, count, where.subject), rows)

    def remember(self, where: Where, column: str, text: str, value: str) -> None:
        """Keep how a value was written in a column: findings show it as it was."""
        known = self._written.setdefault((where.file, column), {})
        if len(known) < MAX_WRITTEN:
            known.setdefault(value, text)

    def _shown(self, where: Where, column: str | None, value: object) -> str | None:
        if value is None:
            return None
        return self._written.get((where.file, column or ""), {}).get(str(value), str(value))[:MAX_SHOWN]

    def extend(self, findings: Iterable[Finding]) -> None:
        """Add findings, in their order."""
        for finding in sorted(findings, key=Finding.order):
            self._keep(finding)

    def _keep(self, finding: Finding, rows: Iterable[int] = ()) -> None:
        """Count a finding once, and list it where its kind has not too many."""
        kind = self._kinds.get(which := key(finding))
        if kind is None and len(self._kinds) >= MAX_KINDS:
            which = (finding.severity, "", None, None, MIXED)
            kind = self._kinds.setdefault(which, Kind(finding, mixed=True))
        elif kind is None:
            kind = self._kinds[which] = Kind(finding)
        before = kind.count
        if kind.add(finding, rows := list(rows)):
            self.findings.append(finding)
        self.blocking += (kind.count - before) if finding.blocks else 0
        self.wrong += (kind.count - before) if finding.rank == 2 else 0
        self.guessed += (kind.count - before) if finding.rank == 1 else 0
        if self.watch is not None:
            self.watch(self.wrong, self.guessed)
        for where in (finding.where, *(Where(finding.file, row) for row in rows)) if finding.rank else ():
            self.rows.rank(where, finding.rank)

    @property
    def conforms(self) -> bool:
        """Whether nothing keeps the contribution out."""
        return not self.blocking

    def sorted(self) -> list[Finding]:
        """Return the findings that are listed, the blocking ones first."""
        return sorted(self.findings, key=Finding.order)

    def kinds(self) -> list[Kind]:
        """Return the findings by kind, the worst first."""
        return sorted(self._kinds.values(), key=Kind.order)

    @property
    def separable(self) -> bool:
        """Whether all that keeps the contribution out stands in rows, which can be left out."""
        return all(finding.where in self.rows for finding in self.findings if finding.blocks)

    def apart(self, read: Report) -> Report:
        """Return the report on reading, `read`, with the rows that this one keeps out as rows that are left out.

        What else this report says of other rows is found again when these are checked without them.
        """
        found = copy.deepcopy(read)
        found.wrong = 0
        for kind in self.kinds():
            if not kind.first.blocks:
                continue
            for finding in kind.findings():
                found._keep(replace(finding, severity="refused"))
            if kind.unlisted:
                found._keep(replace(kind.common(), severity="refused", count=kind.unlisted), kind.rows)
        found._kinds = {which: kind for which, kind in found._kinds.items() if not kind.first.blocks}
        found.findings = [finding for finding in found.findings if not finding.blocks]
        found.blocking = 0
        for where in self.rows.refused():
            found.rows.rank(where, 2)
        return found

    def counts(self) -> dict[str, int]:
        """Return how many rows there are and how many were accepted, warned about and refused."""
        return self.rows.counts() if self.kept is None else self.kept

    def summary(self) -> str:
        """Return one sentence on the outcome."""
        counts = self.counts()
        rows = f"{counts['rows']:,} rows: {counts['accepted']:,} accepted, {counts['warned']:,} warned, "
        rows += f"{counts['refused']:,} refused"
        if self.blocking:
            return f"{self.dataset or 'contribution'} refused: {self.blocking:,} error(s) to mend ({rows})"
        if self.untested:
            return f"{self.dataset or 'contribution'}: nothing to mend in what was tested ({rows})"
        return f"{self.dataset or 'contribution'} conforms ({rows})"

    def to_dict(self) -> dict[str, Any]:
        """Return the report as a JSON object."""
        partly = {"not_tested": list(self.untested)} if self.untested else {}
        return {
            "dataset": self.dataset,
            "conforms": None if self.untested and self.conforms else self.conforms,
            **partly,
            "counts": self.counts(),
            "groups": [kind.to_dict() for kind in self.kinds()],
            "findings": [asdict(finding) for finding in self.sorted()],
        }

    @classmethod
    def from_dict(cls, said: dict[str, Any]) -> Report:
        """Return a report that was kept as a JSON object; its counts are those that were kept."""
        findings = [Finding(**finding) for finding in said["findings"]]
        found = cls(
            said["dataset"], findings, kept=said["counts"], untested=tuple(said.get("not_tested", ()))
        )
        for kind, group in zip(found.kinds(), said.get("groups", ()), strict=False):
            found.blocking += group["unlisted"] if kind.first.blocks else 0
            kind.count, kind.message, kind.advice = group["count"], group["message"], group["advice"]
        return found

    def to_json(self) -> str:
        """Return the report as JSON text."""
        return json.dumps(self.to_dict(), indent=1, ensure_ascii=False) + "\n"

    def to_text(self, width: int = 0) -> str:
        """Return the report as plain text: a paragraph for each kind of finding, then the outcome."""
        missing = [f"Not tested: {', '.join(self.untested)}."] if self.untested else []
        return "\n".join([*wording.lines(self.kinds(), width), *missing, self.summary()]) + "\n"


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
