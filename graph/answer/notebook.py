"""A trace as a notebook shows it: the verdict, what was tested and what was not, then the exposures by designation."""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from opentier.graph.answer import apart, particulars, statements
from opentier.graph.exposure import words
from opentier.graph.model.characters import visible

Json = Mapping[str, Any]

#: Exposures of one designation that are shown.
SHOWN = 25
_COLUMNS = ("tier", "company or site", "country", "reason", "severity and its factors")


def page(found: Json) -> str:
    """Return a trace whose exposures are grouped (see `TraceResult.to_dict`) as HTML."""
    first, *reasons = statements.verdict(found)
    parts = [
        f"<p>{_safe(statements.question(found))}</p>",
        f"<p><strong>{_safe(first)}</strong></p>",
        _list(reasons),
    ]
    for heading, lines in (
        ("Tested", statements.tested(found)),
        ("Not testable", statements.untested(found)),
    ):
        parts += [f"<p>{heading}</p>", _list(lines)]
    for group in found["groups"]:
        caption = f"{particulars.heading(group)}: {group['designation']['title']} ({group['count']:,})"
        parts.append(_table(caption, map(_row, group["exposures"])))
    for heading, lines in apart.sections(found):
        parts += [f"<p>{_safe(heading)}</p>", _list(lines)]
    return "".join([*parts, _list(statements.sources(found))])


def _row(exposure: Json) -> Iterator[object]:
    actor, severity = exposure["actor"], exposure["severity"]
    yield actor["tier"]
    yield actor["name"]
    yield words.country_and_code(actor["country"])
    yield exposure["sentence"]
    yield words.severity(severity)


def _table(caption: str, rows: Iterable[Iterable[object]]) -> str:
    head = "".join(f"<th>{name}</th>" for name in _COLUMNS)
    body = "".join(f"<tr>{''.join(f'<td>{_safe(cell)}</td>' for cell in cells)}</tr>" for cells in rows)
    return f"<table><caption>{_safe(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _list(lines: list[str]) -> str:
    return f"<ul>{''.join(f'<li>{_safe(line)}</li>' for line in lines)}</ul>" if lines else ""


def _safe(text: object) -> str:
    return html.escape(visible(str(text)))
