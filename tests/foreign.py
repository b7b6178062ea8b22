"""What the tests of adapters share: small files in the shape of real ones, and what an adapter makes of them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from opentier.graph.contribution.foreign import Source, convert, describe
from opentier.graph.model.tables import TABLES
from opentier.graph.report.report import Finding, Report


def read(name: str, path: Path) -> Source:
    """Read a file or folder with an adapter; its rows have no column that the tables have not."""
    source = convert(name, path, Report())
    for table, rows in source.tables.items():
        assert {column for row in rows for column in row.cells} <= {column.name for column in TABLES[table]}
    return source


def header(name: str, file: str) -> list[str]:
    """Return all columns that an adapter knows of a file."""
    spec = describe(name)["files"][file]
    return list(dict.fromkeys([*spec["read"], *spec.get("optional", ()), *spec.get("ignore", {})]))


def write(
    path: Path,
    columns: Sequence[str],
    rows: Iterable[Sequence[str] | Mapping[str, str]],
    encoding: str = "utf-8",
    delimiter: str = ",",
) -> Path:
    """Write a CSV file; a row is its cells, or those that are not empty by column."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerow(columns)
    for row in rows:
        writer.writerow([row.get(name, "") for name in columns] if isinstance(row, Mapping) else row)
    path.write_bytes(text.getvalue().encode(encoding))
    return path


def cells(source: Source, table: str) -> list[dict[str, str]]:
    """Return the rows of a table that an adapter made."""
    return [dict(row.cells) for row in source.tables.get(table, [])]


def told(source: Source, *severities: str) -> list[Finding]:
    """Return the findings of some severities (of all, where none is named), without that a tiny file is too short."""
    return [
        found
        for found in source.report.sorted()
        if "are expected" not in found.message and (not severities or found.severity in severities)
    ]


def raw(path: Path, encoding: str = "utf-8-sig", delimiter: str = ",") -> list[list[str]]:
    """Return the rows of a CSV file below its header, read without any of our code."""
    text = io.StringIO(path.read_bytes().decode(encoding), newline="")
    return [row for row in csv.reader(text, delimiter=delimiter) if row][1:]
