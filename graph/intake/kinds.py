"""What a file is, by its bytes: names of files say what somebody thought when they saved it."""

from __future__ import annotations

import gzip
import zipfile
import zlib
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import BinaryIO, Literal

from opentier.graph.intake.unreadable import Unreadable

Kind = Literal["sheets", "parquet", "gzip", "zip", "lines", "json", "text"]
#: Kinds that a reader of another process reads; see `apart`.
BINARY: frozenset[Kind] = frozenset({"sheets", "parquet"})
#: Kinds whose columns have names of their own, so that no row is a header.
NAMED: frozenset[Kind] = frozenset({"parquet", "lines", "json"})

_GZIP, _ZIP, _PARQUET = b"\x1f\x8b", b"PK\x03\x04", b"PAR1"
#: The container of the old binary formats of spreadsheets, and of those with a password.
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_UTF8_MARK, _UTF16_MARKS = b"\xef\xbb\xbf", (b"\xff\xfe", b"\xfe\xff")
#: Members by which a zip is a spreadsheet: of Excel, and of OpenDocument.
_MEMBERS = frozenset({"xl/workbook.xml", "xl/workbook.bin", "content.xml"})
#: What is no table, by its first bytes, and by where others stand.
_PICTURE, _PAGE = "an image", "a web page (HTML)"
_BEGINNINGS = {
    b"%PDF-1.": "a PDF document", b"%PDF-2.": "a PDF document", b"MIME-Version:": "a web archive (MHTML)",
    b"7z\xbc\xaf\x27\x1c": "an archive (7-Zip)", b"{\\rtf": "a text document (RTF)", b"\x89PNG\r\n\x1a\n": _PICTURE,
    b"\xff\xd8\xff": _PICTURE, b"GIF87a": _PICTURE, b"GIF89a": _PICTURE, b"II*\0": _PICTURE, b"MM\0*": _PICTURE,
}  # fmt: skip
_INSIDE = {(b"WEBP", 8): _PICTURE, (b"ftyphei", 4): _PICTURE, (b"ftypavif", 4): _PICTURE}
#: The same of a zip by its members, or what a member says, and of the old container by its parts, as they are written.
_HOLDING = {
    "word/document.xml": "a Word document",
    "ppt/presentation.xml": "a PowerPoint document",
    "Index/Document.iwa": "a document of Numbers, Pages or Keynote",
}
_WORKBOOK = b"urn:schemas-microsoft-com:office:spreadsheet"
_OPEN_TEXT = b"application/vnd.oasis.opendocument.text"
_PARTS = ("WordDocument", "a Word document"), ("PowerPoint Document", "a PowerPoint document")
#: Bytes that tell.
_FIRST = 4096


def demand_table(path: Path) -> None:
    """Refuse a document that is no table, whatever it is called.

    Raises
    ------
    Unreadable
        If it is one.
    """
    with path.open("rb") as file:
        first = file.read(_FIRST)
        what = _document(first) or (_parts(file) if first.startswith(_OLE) else "")
    if what or (first.startswith(_ZIP) and (what := _holding(path))):
        raise Unreadable(f"This is {what}, not a table.", "Export the table as CSV or XLSX.")


def _document(first: bytes) -> str:
    """Return what a document is that begins so; nothing where it may be a table."""
    if first.startswith(_UTF16_MARKS):
        first = first.decode("utf-16", "replace").encode(errors="replace")
    text = first.removeprefix(_UTF8_MARK).lstrip()
    marked = text.lower()
    if marked.startswith((b"<!doctype html", b"<html>", b"<html ", b"<table>", b"<table ")):
        return _PAGE
    if marked.startswith((b"<?xml", b"<!--")) and b"<html" in marked:
        return _PAGE
    if marked.startswith(b"<?xml") and _WORKBOOK in marked:
        return "a workbook of Excel 2003 (XML)"
    begun = (what for begin, what in _BEGINNINGS.items() if text.startswith(begin))
    inside = (what for (sign, at), what in _INSIDE.items() if first[at:].startswith(sign))
    return next(begun, "") or next(inside, "")


def _parts(file: BinaryIO) -> str:
    """Return what a file in the old container is that holds no workbook."""
    with mmap(file.fileno(), 0, access=ACCESS_READ) as data:
        if data.find("Workbook".encode("utf-16-le")) >= 0:
            return ""
        return next((what for name, what in _PARTS if data.find(name.encode("utf-16-le")) >= 0), "")


def _holding(path: Path) -> str:
    """Return what document a zip is; nothing where it is none."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
            small = "mimetype" in names and archive.getinfo("mimetype").file_size < _FIRST
            if small and archive.read("mimetype").startswith(_OPEN_TEXT):
                return "a text document (OpenDocument)"
            return next((what for name, what in _HOLDING.items() if name in names), "")
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError):
        return ""  # whoever unpacks it says what is wrong with it


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
