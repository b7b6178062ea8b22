"""A report as a table of Markdown: a line for each finding, by file and row."""

from __future__ import annotations

import re

from opentier.graph.model.characters import one_line, visible
from opentier.graph.report.findings import WHOLE
from opentier.graph.report.report import Report

_HEAD = "| file | row | column | severity | value | what | what to do |\n|---|---|---|---|---|---|---|\n"
#: What means something in Markdown.
_MARKS = re.compile(r"([\\`*_{}\[\]<>|#~!&])")


def markdown(report: Report) -> str:
    """Return a report as Markdown."""
    findings = sorted(report.findings, key=lambda each: (each.file, each.row or 0, each.column or ""))
    lines = [
        (
            each.file or WHOLE,
            each.row or "",
            each.column or "",
            each.severity,
            each.value or "",
            each.message,
            each.advice,
        )
        for each in findings
    ]
    told = "".join(f"| {' | '.join(map(_cell, line))} |\n" for line in lines)
    left = report.blocking - sum(each.blocks for each in findings)
    more = f"\n{left:,} more of these errors are not listed.\n" if left > 0 else ""
    return f"# {_cell(report.summary())}\n\n{_HEAD if told else ''}{told}{more}"


def _cell(value: object) -> str:
    return _MARKS.sub(r"\\\1", visible(one_line(str(value))))
