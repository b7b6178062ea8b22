"""CSV that people open in a spreadsheet: the one writer of it.

It begins with a byte order mark, without which Excel takes UTF-8 for another encoding, and a text that a spreadsheet
would take for a formula gets an apostrophe before it; numbers are written as they are. That holds wherever such CSV
goes: to a file, to standard output, over HTTP. Programs ask for JSON (or for a pandas frame), where every value is as
stored. Tables of a Data Package are for programs, too (see `package`). The CSV of SPARQL results is no such file: it is
a W3C format that programs read, and is left as it is.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from typing import TextIO

MARK = "\ufeff"
#: What a spreadsheet takes for the begin of a formula, in full width too, and what it drops before one.
_BEGINS = frozenset({"=", "+", "-", "@", "\t", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20"})
_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?")


def write(file: TextIO, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a table as CSV; None is an empty cell."""
    file.write(MARK)
    out = csv.writer(file, lineterminator="\n")
    out.writerow(map(_plain, columns))
    out.writerows([_plain(cell) for cell in row] for row in rows)


def package(file: TextIO, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write a table of a Data Package, which programs read: without a mark, and every text as it is."""
    out = csv.writer(file, lineterminator="\n")
    out.writerow(columns)
    out.writerows(rows)


def text(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table as CSV."""
    out = io.StringIO(newline="")
    write(out, columns, rows)
    return out.getvalue()


def copied(rows: Iterable[Sequence[str]], delimiter: str) -> str:
    """Return rows of somebody's own file as they are: it is a copy of theirs, and no table of ours."""
    out = io.StringIO(newline="")
    copy(rows, out, delimiter)
    return out.getvalue()


def copy(rows: Iterable[Sequence[str]], output: TextIO, delimiter: str, end: str = "\n") -> None:
    """Write rows of somebody's own file as they are."""
    csv.writer(output, delimiter=delimiter, lineterminator=end).writerows(rows)


def formula(text: str) -> bool:
    """Return whether a spreadsheet would take a text for a formula; a sign alone is none."""
    return len(text) > 1 and text[0] in _BEGINS and not _NUMBER.fullmatch(text)


def _plain(cell: object) -> object:
    """Return a cell that a spreadsheet will not take for a formula, its lines ended as those of a cell are."""
    if not isinstance(cell, str):
        return cell
    text = cell
    if "\r" in cell:  # a lone one would end the row
        text = cell.replace("\r\n", "\n").replace("\r", "\n")
    return f"'{text}" if formula(text) else text
