"""Kinds: findings that say the same of the same column of a file, apart from the values that they name."""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from opentier.graph.report.findings import Finding, Severity

#: Findings of one kind that are listed; of further ones only the number is kept.
LISTED = 1000
#: Rows that are shown of findings that are alike, where not all are.
SHOWN = 5
#: The message of kinds that are counted together.
MIXED = "Findings of further kinds."
#: What stands in a message in the place of a value.
GAP = "…"
_VALUES = re.compile(
    r"""(?<!\w)'(?:[^'\\]|\\.)*'(?!\w) | (?<!\w)"(?:[^"\\]|\\.)*"(?!\w) | \bhttps?://[^\s]+?(?=[.,;:)]*(?:\s|$))
      | [^\s('"]*\d[^\s]*?(?=[.,;:)'"]*(?:\s|$))""",
    re.VERBOSE,
)
#: What tells kinds apart.
Key = tuple[Severity, str, str | None, str | None, str]


@lru_cache(maxsize=4096)
def shape(message: str) -> str:
    """Return a message with the values that it names left out."""
    return _VALUES.sub(GAP, message)


def key(finding: Finding) -> Key:
    """Return what tells the kind of a finding from others."""
    return (finding.severity, finding.file, finding.column, finding.rule, shape(finding.message))


@dataclass(frozen=True)
class Example:
    """What several rows say alike: a value, and what is said of it as far as that differs within the kind."""

    value: str | None
    message: str
    rows: tuple[int | str, ...]
    count: int


@dataclass
class Kind:
    """The findings of one kind: how many there are, and the first of them; or `mixed`, of kinds that are too many.

    Attributes
    ----------
    rows
        The rows that are meant, too, beside those where the listed findings stand; of `mixed` ones none are kept.
    """

    first: Finding
    mixed: bool = False
    count: int = 0
    listed: dict[Finding, None] = field(default_factory=dict)
    message: str = ""
    advice: str = ""
    rows: array[int] = field(default_factory=lambda: array("q"))

    def add(self, finding: Finding, rows: Iterable[int] = ()) -> bool:
        """Count a finding, unless it is known; return whether it is listed.

        Parameters
        ----------
        rows
            The rows that it stands for beside its own.
        """
        if finding in self.listed:
            return False
        listed = len(self.listed) < LISTED
        if finding.rank and not self.mixed:
            own = [] if listed or finding.row is None else [finding.row]
            self.rows.extend((*own, *(row for row in rows if row != finding.row)))
        self.count += finding.count
        self.message = MIXED if self.mixed else _common(self.message, finding.message)
        self.advice = "" if self.mixed else _common(self.advice, finding.advice)
        if listed:
            self.listed[finding] = None
        return listed

    @property
    def unlisted(self) -> int:
        """How many there are beside those that are listed."""
        return self.count - sum(finding.count for finding in self.listed)

    def findings(self) -> list[Finding]:
        """Return the findings that are listed, in their order."""
        return sorted(self.listed, key=Finding.order)

    def common(self) -> Finding:
        """Return what is said of all of them, without what differs."""
        return replace(self.first, message=self.message, advice=self.advice, value=None)

    def examples(self) -> Iterator[Example]:
        """Yield what the listed findings say, once for each value and message."""
        alike: dict[tuple[str | None, str], list[Finding]] = {}
        for finding in self.findings():
            own = [finding.message] if finding.message != self.message else []
            own += [finding.advice] if finding.advice != self.advice else []
            alike.setdefault((finding.value, " ".join(own)), []).append(finding)
        for (value, message), found in alike.items():
            places = (finding.subject if finding.row is None else finding.row for finding in found)
            rows = tuple(place for place in places if place is not None)
            count = sum(finding.count for finding in found)
            yield Example(value, message, rows, count)

    def order(self) -> tuple[Any, ...]:
        """Key of the order in which kinds are shown: the worst first, then as they stand in the files."""
        return (not self.first.blocks, -self.first.rank, min(map(Finding.order, self.listed)))

    def to_dict(self) -> dict[str, Any]:
        """Return the kind as a JSON object."""
        found = self.findings()[:SHOWN]
        return {
            "severity": self.first.severity, "file": self.first.file, "column": self.first.column,
            "rule": self.first.rule, "message": self.message, "advice": self.advice, "count": self.count,
            "unlisted": self.unlisted, "rows": [finding.row for finding in found],
            "subjects": [finding.subject for finding in found], "values": [finding.value for finding in found],
        }  # fmt: skip


def _common(known: str, text: str) -> str:
    """Return what two texts have in common: the text where they are one, else its shape."""
    return text if known in ("", text) else shape(text)
