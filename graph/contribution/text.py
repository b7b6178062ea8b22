"""Files as contributors send them: decoded, or refused with the row where decoding fails."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from opentier.graph.intake.bounds import MAX_COLUMNS, MAX_VALUE
from opentier.graph.model.characters import BLANKS
from opentier.graph.report.report import Report, Where

#: What Python calls encodings of text, and nobody saves a table in: names of hosts, escapes, mail.
_NO_TEXT = frozenset({"idna", "punycode", "unicode-escape", "raw-unicode-escape", "utf-7", "undefined"})


def decode(data: bytes, encoding: str, file: str, report: Report, delimiter: str | None = None) -> str | None:
    """Return the text of `data`, or None after reporting the row that is not text of that encoding.

    Rows are those of a table with that `delimiter` (a quoted line break ends none), or else lines.
    """
    if not data.strip():
        report.add(
            "error",
            Where(file),
            "The file is empty.",
            "Give a header row and at least one row, or leave it out.",
        )
        return None
    codec = _codec(encoding)
    if codec is None:
        report.add(
            "error", Where(file), f"The encoding {encoding[:40]!r} is not known, or is none of text.",
            "Declare utf-8, or cp1252.",
        )  # fmt: skip
        return None
    if not codec.startswith(("utf-16", "utf-32")) and (meant := _wide(data)):
        message = f"The file is {meant}, which spreadsheets call Unicode text."
        advice = f'Declare "encoding": "{meant.lower()}", or save it as CSV UTF-8.'
        report.add("error", Where(file), message, advice)
        return None
    nul = data.find(b"\0")
    if nul >= 0 and not codec.startswith(("utf-16", "utf-32")):
        row = _row_at(data[:nul].decode("latin-1"), delimiter)
        report.add("error", Where(file, row), "The file holds binary data.", "Save the table as CSV text.")
        return None
    try:
        text = data.decode(codec)
    except UnicodeDecodeError as error:
        shown = data[max(0, error.start - 12) : error.start + 12].decode("latin-1")
        report.add(
            "error",
            Where(file, _row_at(data[: error.start].decode(codec, "replace"), delimiter)),
            f"Byte 0x{data[error.start]:02x} is not {encoding} text.",
            "Save the file as UTF-8, or declare its real encoding (for example cp1252).",
            value=shown,
        )
        return None
    return text.removeprefix("\ufeff")


def _codec(encoding: str) -> str | None:
    """Return Python's name of an encoding of text, or None."""
    try:
        name = codecs.lookup(encoding).name
        " ".encode(name)
    except (LookupError, ValueError):  # unknown, or none of texts
        return None
    return None if name in _NO_TEXT else name


def _wide(data: bytes) -> str:
    """Return the name of an encoding of two bytes a letter that a file begins in, or nothing."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "UTF-16"
    head = data[: 1 << 10]
    for name, half in (("UTF-16LE", head[1::2]), ("UTF-16BE", head[::2])):
        if len(half) > 3 and half.count(0) > 0.7 * len(half) and head.count(0) < 0.6 * len(head):
            return name
    return ""


def _row_at(before: str, delimiter: str | None) -> int:
    """Return the row, or the line, in which the text that follows `before` stands."""
    if delimiter is not None:
        with suppress(csv.Error):
            return sum(1 for _ in csv.reader(io.StringIO(f"{before}x", newline=""), delimiter=delimiter))
    return before.count("\n") + 1


def csv_rows(path: Path, encoding: str, delimiter: str, report: Report) -> Iterator[tuple[int, list[str]]]:
    """Yield (row, cells) of a CSV file, the header being row 1; what cannot be read is reported."""
    dialect = csv.excel()
    dialect.delimiter = delimiter
    yield from dialect_rows(path, path.name, encoding, dialect, report)


def dialect_rows(
    path: Path, file: str, encoding: str, dialect: csv.Dialect, report: Report, *, exact: bool = False
) -> Iterator[tuple[int, list[str]]]:
    """Yield (row, cells) of a table in a dialect; findings call it `file`. Nothing is guessed.

    Spaces around cells are left away, unless they are to be `exact`.
    """
    text = decode(path.read_bytes(), encoding, file, report, dialect.delimiter)
    if text is None:
        return
    csv.field_size_limit(MAX_VALUE)  # of the whole process: frictionless sets another when it is first used
    rows = csv.reader(io.StringIO(text, newline=""), dialect, strict=True)
    number = 0
    while True:
        number += 1
        try:
            cells = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            if "field limit" in str(error):
                message = f"A cell has more than {MAX_VALUE:,} characters."
                report.add(
                    "error", Where(file, number), message, "Is a quote left open? Shorten it, or part it."
                )
            else:
                report.add("error", Where(file, number), f"The row is not CSV: {error}.", "Check its quotes.")
            return
        if len(cells) > MAX_COLUMNS:
            report.add(
                "error", Where(file, number), f"The row has {len(cells):,} cells; {MAX_COLUMNS:,} are read.",
                "Check its commas and quotes, and leave empty columns out.",
            )  # fmt: skip
            return
        if cells:
            yield number, cells if exact else [cell.strip(BLANKS) for cell in cells]
