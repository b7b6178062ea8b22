"""A file of a table as rows of cells, in whatever form it comes: its bytes say which; findings say where in it."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from opentier.graph.contribution.text import decode, dialect_rows
from opentier.graph.intake import apart, bounds, dialects, lines, wrapping
from opentier.graph.intake.apart import Numbered
from opentier.graph.intake.bounds import parse_json
from opentier.graph.intake.kinds import BINARY, demand_table, kind
from opentier.graph.intake.unreadable import Unreadable
from opentier.graph.model.characters import one_line
from opentier.graph.report.report import Report, Where


@dataclass(frozen=True)
class Form:
    """How a table is written, as far as its bytes do not say.

    Attributes
    ----------
    encoding, dialect
        Of a text; without a dialect both are guessed, and a guess is a warning.
    told
        The encoding of a text, where somebody says it and its dialect is guessed all the same.
    sheet, likely
        The sheet of a workbook that is meant, and the name that it probably has.
    exact
        Whether the cells of a text keep the spaces around them.
    most
        Rows that it may have: with the first one more it is refused, and nothing more is read. 0 is without bound.
    """

    encoding: str = "utf-8"
    dialect: csv.Dialect | None = None
    sheet: str = ""
    likely: str = ""
    exact: bool = False
    most: int = 0
    told: str = ""


def rows(
    path: Path, file: str, form: Form, scratch: Path, report: Report
) -> Iterator[tuple[Where, list[str]]]:
    """Yield place and cells of every row of a table, the header first; what cannot be read is reported."""
    try:
        yield from bounds.few(_rows(path, file, form, scratch, report), form.most)
    except Unreadable as error:
        report.add("error", Where(file, error.row), error.message, error.advice)


def inline(value: Any, file: str, report: Report) -> Iterator[tuple[Where, list[str]]]:
    """Yield place and cells of every row of a table that stands in a descriptor."""
    try:
        yield from _placed(file, lines.listed(value))
    except Unreadable as error:
        report.add("error", Where(file, error.row), error.message, error.advice)


def _rows(
    path: Path, file: str, form: Form, scratch: Path, report: Report
) -> Iterator[tuple[Where, list[str]]]:
    if kind(path) == "gzip":
        path = wrapping.gunzip(path, Path(tempfile.mkdtemp(dir=scratch)))
    demand_table(path)
    found = kind(path)
    if found in ("gzip", "zip"):
        raise Unreadable("The file is an archive, not a table.", "Unpack it.")
    if found in BINARY:
        table = apart.read(path, found, form.sheet, form.likely, scratch, form.most)
        file = f"{file}, sheet {table.sheet}" if table.sheet else file
        if many := table.merged:
            message = f"{many:,} cells are shared by several rows: each of these rows says what they say."
            report.add("info", Where(file), message, "")
        yield from _placed(file, _fitted(table.rows))
    elif found in ("lines", "json"):
        text = decode(path.read_bytes(), form.encoding, file, report)
        if text is not None:
            read = lines.lines if found == "lines" else lines.parsed
            yield from _placed(file, read(text, parse_json, form.most))
    else:
        encoding, dialect = written(path, file, form, report)
        yield from _placed(file, dialect_rows(path, file, encoding, dialect, report, exact=form.exact))


def written(path: Path, file: str, form: Form, report: Report) -> tuple[str, csv.Dialect]:
    """Return how a text is written, as its form says or guessed; a guess that is not plain CSV in UTF-8 is said."""
    if form.dialect is not None:
        return form.encoding, form.dialect
    found, dialect = dialects.written(path, form.told), csv.excel()
    dialect.delimiter = found.delimiter
    parted = dialects.DELIMITERS[found.delimiter]
    if found.guessed:
        seen = ", ".join(f'"{one_line(each)}"' for each in found.shown)
        report.add(
            "warning", Where(file),
            f"The file is not UTF-8: read as {found.encoding}, a {parted} between cells. The encoding is a guess, by "
            f"which its first texts beyond ASCII are {seen}.",
            "Compare them with the file; where they are wrong, no name of it can be found: save it as CSV UTF-8.",
        )  # fmt: skip
    elif (found.encoding, found.delimiter) != ("utf-8", ","):
        report.add("info", Where(file), f"Read as {found.encoding}, a {parted} between cells.", "")
    return found.encoding, dialect


def _placed(file: str, numbered: Iterator[Numbered]) -> Iterator[tuple[Where, list[str]]]:
    for number, cells in numbered:
        yield Where(file, number), cells


def _fitted(numbered: Iterator[Numbered]) -> Iterator[Numbered]:
    """Yield rows of a sheet as wide as its first one: beyond, only what is there."""
    wide = 0
    for number, cells in numbered:
        while len(cells) > wide and not cells[-1]:
            cells.pop()
        wide = wide or len(cells)
        yield number, cells + [""] * (wide - len(cells))
