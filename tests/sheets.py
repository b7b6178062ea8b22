"""Tables as files of several forms, made by code: the tests commit no binary file."""

from __future__ import annotations

import datetime
import struct
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


def xls(path: Path, name: str, rows: Table) -> None:
    """Write one sheet as the binary workbook of Excel 97 (BIFF8 in a compound file)."""

    def record(kind: int, data: bytes) -> bytes:
        return struct.pack("<HH", kind, len(data)) + data

    def cell(row: int, column: int, value: object) -> bytes:
        place = struct.pack("<HHH", row, column, 0)
        if isinstance(value, int | float):
            return record(0x0203, place + struct.pack("<d", value))
        said = str(value)
        return record(0x0204, place + struct.pack("<HB", len(said), 1) + said.encode("utf-16-le"))

    begin = struct.pack("<HHHHII", 0x0600, 5, 0x0DBB, 1996, 0, 6)
    bound = struct.pack("<IHBB", 0, 0, len(name), 0) + name.encode("ascii")
    head = record(0x0809, begin)
    place = len(head) + len(record(0x0085, bound)) + len(record(0x000A, b""))
    body = record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0x0DBB, 1996, 0, 6))
    body += record(0x0200, struct.pack("<IIHHH", 0, len(rows), 0, max(map(len, rows)), 0))
    body += b"".join(
        cell(y, x, value) for y, row in enumerate(rows) for x, value in enumerate(row) if value != ""
    )
    book = head + record(0x0085, struct.pack("<I", place) + bound[4:]) + record(0x000A, b"")
    book += body + record(0x000A, b"")
    book += bytes(max(4096, -(-len(book) // 512) * 512) - len(book))  # a smaller stream would stand elsewhere
    sectors = len(book) // 512
    assert sectors < 126, "one sector lists all others"
    table = [0xFFFFFFFD, 0xFFFFFFFE, *range(3, 2 + sectors), 0xFFFFFFFE]
    table += [0xFFFFFFFF] * (128 - len(table))

    def entry(label: str, kind: int, child: int, start: int, size: int) -> bytes:
        text = label.encode("utf-16-le").ljust(64, b"\0")
        links = struct.pack(
            "<HBBIII", 2 * len(label) + 2 if label else 0, kind, 1, 0xFFFFFFFF, 0xFFFFFFFF, child
        )
        return text + links + bytes(36) + struct.pack("<IQ", start, size)

    folder = entry("Root Entry", 5, 1, 0xFFFFFFFE, 0) + entry("Workbook", 2, 0xFFFFFFFF, 2, len(book))
    folder += 2 * entry("", 0, 0xFFFFFFFF, 0, 0)
    header = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16)
    header += struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    header += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    header += struct.pack("<109I", 0, *[0xFFFFFFFF] * 108)
    path.write_bytes(header + struct.pack("<128I", *table) + folder + book)
