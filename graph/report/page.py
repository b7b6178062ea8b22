"""The report as a page: one file of HTML that holds all it needs, a section for each kind of finding."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

from jinja2 import Environment, StrictUndefined

from opentier.graph.model.characters import visible
from opentier.graph.report import wording
from opentier.graph.report.findings import WHOLE
from opentier.graph.report.kinds import Kind
from opentier.graph.report.report import Report

#: Examples that are shown of one kind, and up to how many its table stands open.
_MOST, _OPEN = 100, 10
#: The headings, and which ranks stand below each: `Finding.rank`.
_PARTS = ((2, "To be mended"), (1, "Read with a doubt"), (0, "To be known"))


def html(report: Report) -> str:
    """Return a report as a page of HTML."""
    text = files("opentier.graph.report").joinpath("page.html").read_text("utf-8")
    page = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True).from_string(text)
    kinds = report.kinds()
    return page.render(
        title=f"Report on {report.dataset or 'a contribution'}",
        conforms=report.conforms,
        untested=report.untested,
        summary=_sum(report),
        counts=report.counts(),
        parts=[(name, [described(kind) for kind in kinds if kind.first.rank == rank]) for rank, name in _PARTS],
    )  # fmt: skip


def _sum(report: Report) -> str:
    """Return what there is to do, in words."""
    kinds = sum(kind.first.blocks for kind in report.kinds())
    if kinds:
        return f"{report.blocking:,} error{'s' if report.blocking > 1 else ''} of {kinds:,} kinds are to be mended"
    return "Nothing in what was tested is to be mended" if report.untested else "Nothing keeps it out"


def described(kind: Kind) -> dict[str, Any]:
    """Return a kind of findings as pages tell it."""
    first, examples = kind.first, list(kind.examples())
    shown = [
        {"rows": wording.rows(each), "value": _shown(each.value or ""), "message": _shown(each.message)}
        for each in examples[:_MOST]
    ]
    return {
        "severity": first.severity, "rank": first.rank, "file": first.file, "column": _shown(first.column or ""),
        "place": _shown(" ".join(filter(None, (first.file or WHOLE, f"[{first.column}]" if first.column else "")))),
        "message": _shown(kind.message), "advice": _shown(kind.advice),
        "count": kind.count, "unlisted": kind.unlisted,
        "examples": shown if kind.count > 1 or first.row or first.value else [],
        "more": len(examples) > _MOST, "open": len(examples) <= _OPEN,
        "differ": any(each.message for each in examples),
    }  # fmt: skip


def _shown(text: str) -> str:
    return visible(text, keep="\n")
