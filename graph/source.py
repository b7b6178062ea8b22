"""Files as contributors send them: decoded, or refused with the row where decoding fails."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from opentier.graph.report import Place, Report

csv.field_size_limit(1 << 24)


def decode(data: bytes, encoding: str, file: str, report: Report) -> str | None:
    """Return the text of `data`, or None after reporting the row that is not text of that encoding."""
    if not data.strip():
        report.add("error", Place(file), "The file is empty.", "Give a header row and at least one row, or leave it out.")
        return None
    nul = data.find(b"\0")
    if nul >= 0 and encoding.lower().replace("-", "").startswith("utf8"):
        row = data.count(b"\n", 0, nul) + 1
        report.add("error", Place(file, row), "The file holds binary data.", "Save the table as CSV text.")
        return None
    try:
        text = data.decode(encoding)
    except LookupError:
        report.add("error", Place(file), f"The encoding {encoding!r} is not known.", "Declare utf-8, or cp1252.")
        return None
    except UnicodeDecodeError as error:
        row = data.count(b"\n", 0, error.start) + 1
        shown = data[max(0, error.start - 12) : error.start + 12].decode("latin-1")
        report.add(
            "error",
            Place(file, row),
            f"Byte 0x{data[error.start]:02x} is not {encoding} text.",
            "Save the file as UTF-8, or declare its real encoding (for example cp1252).",
            value=shown,
        )
        return None
    return text.removeprefix("\ufeff")


def csv_rows(path: Path, encoding: str, delimiter: str, report: Report) -> Iterator[tuple[int, list[str]]]:
    """Yield (row, cells) of a CSV file, the header being row 1; what cannot be read is reported."""
    text = decode(path.read_bytes(), encoding, path.name, report)
    if text is None:
        return
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 0
    while True:
        number += 1
        try:
            cells = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            report.add("error", Place(path.name, number), f"The row is not CSV: {error}.", "Check its quotes.")
            return
        if cells:
            yield number, [cell.strip() for cell in cells]
