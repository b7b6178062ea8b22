"""Wording: kinds of findings as plain text, a paragraph a kind."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator

from opentier.graph.model.characters import one_line, visible
from opentier.graph.report.findings import WHOLE
from opentier.graph.report.kinds import SHOWN, Example, Kind

_INDENT = "    "
#: Examples that are shown of one kind.
_EXAMPLES = 10


def lines(kinds: Iterable[Kind], width: int) -> Iterator[str]:
    """Yield the lines that describe some kinds; 0 as width breaks none."""
    for kind in kinds:
        for paragraph, indent in _paragraphs(kind):
            yield from _wrapped(paragraph, indent, width)


def quoted(value: str) -> str:
    """Return a value between quotes, on one line."""
    return f"'{one_line(value)}'"


def rows(example: Example) -> str:
    """Return in which rows an example stands."""
    if not example.rows:
        return "the file" if example.count == 1 else f"{example.count:,} times"
    shown = ", ".join(str(row) for row in example.rows[:SHOWN])
    if example.count <= min(len(example.rows), SHOWN):
        return f"row{'s' if len(example.rows) > 1 else ''} {shown}"
    return f"rows {shown}, ... ({example.count:,} rows)"


def _paragraphs(kind: Kind) -> Iterator[tuple[str, str]]:
    first, examples = kind.first, list(kind.examples())
    column = f" [{first.column}]" if first.column else ""
    if kind.count == 1:
        place = first.subject if first.row is None else first.row
        where = first.file or WHOLE if place is None else f"{first.file}:{place}"
        value = f" {quoted(first.value)}" if first.value is not None else ""
        yield f"{first.severity}: {where}{column}{value}: {kind.message} {kind.advice}".rstrip(), ""
        return
    yield (
        f"{first.severity}: {first.file or WHOLE}{column}, {kind.count:,} times: {kind.message} {kind.advice}".rstrip(),
        "",
    )
    for example in examples[:_EXAMPLES]:
        said = [rows(example), *([quoted(example.value)] if example.value is not None else [])]
        yield ": ".join([*said, *([example.message] if example.message else [])]), _INDENT
    more = [] if len(examples) <= _EXAMPLES else [f"{len(examples) - _EXAMPLES:,} more that differ"]
    more += [f"{kind.unlisted:,} that are counted only"] if kind.unlisted else []
    if more:
        yield f"... and {' and '.join(more)}.", _INDENT


def _wrapped(text: str, indent: str, width: int) -> list[str]:
    text = visible(text)
    if not width:
        return [indent + text]
    return textwrap.wrap(
        text, width, initial_indent=indent, subsequent_indent=indent + _INDENT,
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip
