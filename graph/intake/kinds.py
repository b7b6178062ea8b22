"""What a file is, by its bytes: names of files say what somebody thought when they saved it."""

from __future__ import annotations

import gzip
import zipfile
import zlib
from pathlib import Path
from typing import Literal

Kind = Literal["sheets", "parquet", "gzip", "zip", "lines", "json", "text"]
#: Kinds that a reader of another process reads; see `apart`.
BINARY: frozenset[Kind] = frozenset({"sheets", "parquet"})

_GZIP, _ZIP, _PARQUET = b"\x1f\x8b", b"PK\x03\x04", b"PAR1"
#: The container of the old binary formats of spreadsheets, and of those with a password.
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_UTF8_MARK = b"\xef\xbb\xbf"
#: Members by which a zip is a spreadsheet: of Excel, and of OpenDocument.
_MEMBERS = frozenset({"xl/workbook.xml", "xl/workbook.bin", "content.xml"})
#: Bytes that tell.
_FIRST = 4096


def typed(path: Path) -> bool:
    """Return whether the cells of a file may be numbers and dates as such, as those of sheets and JSON are."""
    found = kind(path)
    if found != "gzip":
        return found != "text"
    try:
        with gzip.open(path) as file:
            return _text(file.read(_FIRST)) != "text"
    except (EOFError, OSError, zlib.error):
        return False  # whoever unpacks it says what is wrong with it


def kind(path: Path) -> Kind:
    """Return what a file is."""
    with path.open("rb") as file:
        first = file.read(_FIRST)
    if first.startswith(_GZIP):
        return "gzip"
    if first.startswith(_PARQUET):
        return "parquet"
    if first.startswith(_OLE):
        return "sheets"
    if first.startswith(_ZIP):
        return "sheets" if _spreadsheet(path) else "zip"
    return _text(first)


def _text(first: bytes) -> Kind:
    """Return which text it is that begins so."""
    text = first.removeprefix(_UTF8_MARK).lstrip()
    if text.startswith(b"{"):
        return "lines"
    return "json" if text.startswith(b"[") else "text"


def _spreadsheet(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return not _MEMBERS.isdisjoint(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return False  # whoever unpacks it says what is wrong with it
