"""Tables as files of several forms, made by code: the tests commit no binary file."""

from __future__ import annotations

import datetime
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pyarrow as pa
import pyarrow.parquet
import xlsxwriter

Table = Sequence[Sequence[Any]]


def xlsx(path: Path, sheets: Mapping[str, Table]) -> None:
    """Write sheets of a workbook; days are cells of dates."""
    with xlsxwriter.Workbook(path) as book:
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                for column, cell in enumerate(row):
                    if isinstance(cell, datetime.date):
                        sheet.write_datetime(number, column, cell, day)
                    else:
                        sheet.write(number, column, cell)


def ods(path: Path, sheets: Mapping[str, Table]) -> None:
    """Write sheets of an OpenDocument spreadsheet."""

    def cell(value: object) -> str:
        if isinstance(value, datetime.date):
            return f'<table:table-cell office:value-type="date" office:date-value="{value.isoformat()}"/>'
        if isinstance(value, float | int):
            return f'<table:table-cell office:value-type="float" office:value="{value}"/>'
        said = f"<text:p>{escape(str(value))}</text:p>"
        return f'<table:table-cell office:value-type="string">{said}</table:table-cell>'

    def table(name: str, rows: Table) -> str:
        body = "".join(f"<table:table-row>{''.join(map(cell, row))}</table:table-row>" for row in rows)
        return f'<table:table table:name="{escape(name)}">{body}</table:table>'

    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text")
    )
    content = (
        f'<?xml version="1.0"?><office:document-content {spaces}><office:body><office:spreadsheet>'
        f"{''.join(table(name, rows) for name, rows in sheets.items())}"
        "</office:spreadsheet></office:body></office:document-content>"
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
        archive.writestr("content.xml", content)


def text(rows: Table, delimiter: str = ",") -> str:
    """Return a table as delimited text."""
    out = [
        delimiter.join(f'"{cell}"' if delimiter in str(cell) else str(cell) for cell in row) for row in rows
    ]
    return "\n".join(out) + "\n"


def objects(rows: Table) -> list[dict[str, Any]]:
    """Return the rows of a table by its headers."""
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


def parquet(path: Path, rows: Table) -> None:
    """Write a table as Parquet."""
    pyarrow.parquet.write_table(pa.Table.from_pylist(objects(rows)), path)
