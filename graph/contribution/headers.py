"""Headers: which columns of a table the first row of a file names, and the rows below it.

A header is known whatever its case, spaces, dashes and unseen characters. What is empty and stands for nothing (columns
without a name, cells beyond the header) is left out with one warning; what stands above a header is told.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Any

from opentier.graph.contribution.staging import Row, Several
from opentier.graph.intake import corrections
from opentier.graph.intake.corrections import Correction, Corrector
from opentier.graph.intake.schema import columns as columns_written
from opentier.graph.intake.unreadable import Unreadable
from opentier.graph.intake.writings import Writing
from opentier.graph.model import characters
from opentier.graph.model.characters import tidy
from opentier.graph.model.tables import Column, Table
from opentier.graph.report import beside
from opentier.graph.report.report import EACH, Report, Where, refuse_columns
from opentier.graph.written.faults import CellError
from opentier.graph.written.spelling import joined

#: Rows in which a header is looked for, to say where it stands.
_LOOKED = 30
#: Kinds of columns whose values are texts: nothing in them is a code.
_TEXTS = frozenset({"text", "named"})

#: The column of ids of a table that has none of its own.
_ID = Column("id", "id")

Raw = Iterable[tuple[Where, list[str]]]


def read(
    raw: Raw,
    table: Table,
    report: Report,
    schema: Mapping[str, Any] | None = None,
    typed: bool = False,
    corrected: Sequence[Correction] = (),
) -> Iterator[Row]:
    """Yield the rows of a table from the placed rows of a file, the first being its header.

    Parameters
    ----------
    schema
        The Table Schema of the file, which says how its columns are written.
    typed
        Whether cells may hold numbers and dates as such.
    corrected
        Cells that are read otherwise than they are written.
    """
    rows = beside.without(raw, report)
    first = list(islice((row for row in rows if any(row[1])), _LOOKED))
    if not first or _misplaced(first, table, report):
        return
    (where, labels), *more = first
    columns = _columns(labels, where, table, report)
    try:
        written = columns_written(schema, labels, typed) if schema is not None else [None] * len(labels)
    except Unreadable as error:
        report.add("error", where, error.message, error.advice)
        return
    if columns is not None:
        named = {column.name: [label] for label, column in zip(labels, columns, strict=True) if column}
        whole = instead(chain(more, rows), where, labels, named, corrected, report)
        yield from _rows(columns, written, where, whole, report)


def instead(
    rows: Raw,
    header: Where,
    labels: Sequence[str],
    columns: Mapping[str, Sequence[str]],
    corrected: Sequence[Correction],
    report: Report,
) -> Iterator[tuple[Where, list[str]]]:
    """Yield the rows below a header with what is read in the place of some cells; it is told, and what finds no cell.

    Parameters
    ----------
    columns
        The headers that each column is read from.
    """
    if not corrected:
        yield from rows
        return
    file, named = header.file, corrections.by_finding(columns)
    corrector = Corrector(corrected, file, corrections.labels(labels), named)
    for where, cells in rows:
        if where.file != corrector.file:  # a table in several files
            _tell(corrector, report)
            corrector = Corrector(corrected, where.file, corrector.headers, named)
        corrector.correct(where.row or 0, cells)
        yield where, cells
    _tell(corrector, report)


def _tell(corrector: Corrector, report: Report) -> None:
    for cell in corrector.cells:
        message = "This cell was corrected: it is read as that."
        place = Where(cell.file, cell.row)
        report.add("info", place, message, "", column=cell.column, value=cell.new or "nothing")
    report.corrected += corrector.cells
    for each in corrector.missed():
        advice = "Undo the correction, or say what the cell says now."
        report.add(
            "error", Where(corrector.file, each.row), each.message, advice,
            column=each.correction.column, value=each.correction.old or None,
        )  # fmt: skip


def _misplaced(rows: list[tuple[Where, list[str]]], table: Table, report: Report) -> bool:
    """Report a header that stands below other rows; return whether it does."""
    (top, labels), *below = rows
    if any(_meant(label, table) for label in labels):
        return False
    for where, cells in below:
        found = {column.name for cell in cells if (column := _meant(cell, table))}
        if len(found) > 1 and all(column.name in found for column in table if column.required):
            message = f"This is not the header: row {where.row} looks like it."
            advice = f'Take out what stands above it, or declare "dialect": {{"headerRows": [{where.row}]}}.'
            report.add("error", top, message, advice, value=" | ".join(filter(None, labels)))
            return True
    return False


def _meant(label: str, table: Table) -> Column | None:
    """Return the column that a header names, whatever its case, spaces, dashes and unseen characters.

    A table without a column of ids may have one all the same: what it names keeps its IRI, whatever its row says.
    """
    name = joined(tidy(label, code=True)[0])
    if name == _ID.name and table.column("id") is None:
        return _ID
    return next((column for column in table if joined(column.name) == name), None) if name else None


def _columns(labels: list[str], where: Where, table: Table, report: Report) -> list[Column | None] | None:
    """Return the columns of a file in their order, None for one without a name; None where they cannot be read."""
    if len(labels) == 1 and any(mark in labels[0] for mark in ",;|\t"):
        advice = 'Declare what parts the cells, for example "dialect": {"delimiter": ";"}.'
        report.add("error", where, "The header is one single cell.", advice, value=labels[0])
        return None
    columns = [_meant(label, table) for label in labels]
    unknown = [label for label, column in zip(labels, columns, strict=True) if label and column is None]
    advice = f"Columns are: {', '.join(column.name for column in table)}."
    refuse_columns(report, where, f"{table.name} has no such column.", advice, list(dict.fromkeys(unknown)))
    times = Counter(column.name for column in columns if column)
    twice = sorted(name for name in times if times[name] > 1)
    refuse_columns(report, where, "This column stands twice.", "Keep one of them.", twice)
    for column in table:
        if column.required and column.name not in times:
            report.add(
                "error", where, "This column is missing.", "Add it; every row needs it.", column=column.name
            )
    changed = [
        f"{characters.plain(label)!r} as {column.name}"
        for label, column in zip(labels, columns, strict=True)
        if column and label != column.name
    ]
    if changed:
        listed = ", ".join(changed[:EACH]) + (", ..." if len(changed) > EACH else "")
        advice = "Write headers like that if it is what you mean."
        report.add("warning", where, f"Headers were read in their plain form: {listed}.", advice)
    return None if unknown or twice else columns


def _rows(
    columns: list[Column | None], written: Sequence[Writing | None], header: Where, raw: Raw, report: Report
) -> Iterator[Row]:
    empty, wider, refused = columns.count(None), list[Where](), False
    names = [column.name if column else "" for column in columns]
    pairs = zip(columns, written, strict=True)
    how = {column.name: (column, writing) for column, writing in pairs if column and writing}
    for where, cells in raw:
        if not any(cells):
            continue
        report.rows.add(where)
        if len(cells) > len(columns) and not any(cells[len(columns) :]):
            wider.append(where)
            cells = cells[: len(columns)]
        if len(cells) != len(columns):
            message = f"The row has {len(cells)} cells, the header {len(columns)}."
            report.add("error", where, message, "Check its commas and quotes.")
            continue
        if empty and (
            lost := [cell for cell, column in zip(cells, columns, strict=True) if cell and not column]
        ):
            if not refused:
                message = "This cell stands in a column without a name."
                report.add("error", where, message, "Name the column, or leave it out.", value=lost[0])
            refused = True
            continue
        whole = "".join(cells)
        if whole.isascii() and whole.isprintable():
            said = {name: cell for name, cell in zip(names, cells, strict=True) if cell and name}
        else:
            said = dict(_cells(where, columns, cells, report))
        yield Row(where, _written(where, said, how, report) if how else said)
    if wider:
        rows = f"{len(wider):,} rows have" if len(wider) > 1 else "The row has"
        message = f"{rows} empty cells beyond the header: they are left out."
        report.add("warning", wider[0], message, "Take the surplus commas out.")
    if empty and not refused:
        columns_ = f"{empty:,} columns have" if empty > 1 else "A column has"
        message = f"{columns_} neither a name nor a value: left out."
        report.add("warning", Where(header.file), message, "Delete empty columns before you save the table.")


def _written(
    where: Where, cells: Mapping[str, str], how: Mapping[str, tuple[Column, Writing]], report: Report
) -> dict[str, str]:
    """Return the cells of a row written as ours are; one that is not as its schema says is reported."""
    found = dict(cells)
    for name, (column, writing) in how.items():
        if text := cells.get(name, ""):
            try:
                found[name] = writing.read(text)
                if writing.listed and "|" in text:
                    found[name] = Several.of(filter(None, map(str.strip, text.split(writing.listed))))
            except CellError as error:
                report.add("error", where, error.message, error.advice, column=name, value=text)
                found[name] = text if column.required else ""
            if found[name] not in ("", text):
                report.remember(where, name, text, found[name])
    return {name: value for name, value in found.items() if value}


def _cells(
    where: Where, columns: list[Column | None], cells: list[str], report: Report
) -> Iterator[tuple[str, str]]:
    """Yield the cells of a row by column, without what is not seen in them and does no harm."""
    for column, text in zip(columns, cells, strict=True):
        if text and column and (value := cell(where, column, text, report)):
            yield column.name, value


def cell(where: Where, column: Column, text: str, report: Report) -> str:
    """Return what a cell says without what is not seen in it and does no harm; what is left out is told."""
    code = column.kind not in _TEXTS
    value, found = tidy(text, code)
    if found:
        message = f"The cell holds {found}, which is not seen: it is read without."
        report.add("warning", where, message, "Take it out.", column=column.name, value=text)
    if code and not value.isascii() and not unicodedata.is_normalized("NFC", value):
        value = unicodedata.normalize("NFC", value)
        message = "Accents are written as letters of their own here: the cell is read with accented letters."
        report.add(
            "warning", where, message, "Write it in Unicode's form NFC.", column=column.name, value=text
        )
    return value
