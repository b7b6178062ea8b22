"""The process that reads spreadsheets and Parquet for `apart`: native parsers, with bounds that only a process has.

It is run as a script and imports nothing of ours. It writes lines of JSON: first ``{"sheet": name}``, then a list for
each row that holds anything, its number before its cells; or ``{"error": message, "advice": what to do}``.
"""

from __future__ import annotations

import datetime
import json
import math
import resource
import sys
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from xml.etree import ElementTree

#: Bytes of memory, seconds of work, and bytes that may be written.
MEMORY, SECONDS, WRITTEN = 4 << 30, 600, 4 << 30
#: Columns of a sheet, which is the most that spreadsheets have.
MAX_COLUMNS = 16_384
#: What around a cell says nothing, as `characters.BLANKS`.
_BLANKS = (
    "\t\n\r \xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
)
#: The members of a workbook of Excel that name its sheets, and say where each lies.
_BOOK, _NAMED = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
#: Rows that are looked at for a header.
_FIRST = 50
Rows = Iterable[Sequence[Any]]


def said(value: Any) -> str:
    """Return what a cell of numbers, dates and truths says, as text; a whole number has no point."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e16 else repr(value)
    if isinstance(value, datetime.datetime):
        whole = value.time() == datetime.time() and value.tzinfo is None
        return value.date().isoformat() if whole else value.isoformat()
    if isinstance(value, list | tuple):
        return "|".join(said(each) for each in value)
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value).strip(_BLANKS)


def sheets(path: str, asked: str, likely: str, most: int) -> Iterator[Any]:
    """Yield the rows of one sheet of a workbook: the one asked for, a likely one, or the only one with a header.

    Of one that plainly has more rows than `most` nothing but that is told: its cells are not read.
    """
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetVisibleEnum

    try:
        with open(path, "rb") as file:
            book = CalamineWorkbook.from_filelike(file)
        names = [sheet.name for sheet in book.sheets_metadata if sheet.visible == SheetVisibleEnum.Visible]
        wanted = [name for name in names if _plain(name) == _plain(asked or likely)]
        if asked:
            wanted = [asked] if asked in book.sheet_names else wanted
        elif not wanted and len(names) > 1:
            wanted = [name for name in names if _headed(book.get_sheet_by_name(name).iter_rows())]
        elif not wanted:
            wanted = names[:1]
        if len(wanted) != 1:
            listed = ", ".join(book.sheet_names)
            many = f"{len(wanted)} sheets hold tables" if wanted else "No sheet holds a table"
            message = f"There is no sheet {asked!r}." if asked and not wanted else f"{many}."
            yield {
                "error": message,
                "advice": f"Name one (--sheet, or `sheetName` in its dialect): {listed}.",
            }
            return
        if most and _crowded(path, wanted[0], most):
            yield {"sheet": wanted[0]}
            yield {"crowded": True}
            return
        sheet = book.get_sheet_by_name(wanted[0])
        tall = [(*first, last[0]) for first, last in sheet.merged_cell_ranges or () if first[1] == last[1]]
        yield {"sheet": wanted[0], "merged": len(tall)}
        yield from _numbered(_filled(sheet.iter_rows(), tall))
    except PasswordError:
        yield {"error": "The workbook has a password.", "advice": "Save it without one."}
    except (CalamineError, OSError, ValueError) as error:
        yield {"error": f"The workbook cannot be read: {error}.", "advice": "Save it anew, or as CSV."}


def _crowded(path: str, name: str, most: int) -> bool:
    """Return whether a sheet of Excel has more rows with a value than `most`; no more of it is unpacked than tells."""
    try:
        with zipfile.ZipFile(path) as archive:
            part = _part(archive, name)
            if part is None:
                return False
            found, rest = 0, b""
            with archive.open(part) as file:
                while found <= most and (data := file.read(1 << 16)):
                    *rows, rest = (rest + data).split(b"</row>")
                    found += sum(b"<v>" in row or b"<t>" in row or b"<t " in row for row in rows)
            return found > most
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, ElementTree.ParseError):
        return False  # whoever reads it says what is wrong with it


def _part(archive: zipfile.ZipFile, name: str) -> str | None:
    """Return which member of a workbook of Excel is a sheet, by its name."""
    if not {_BOOK, _NAMED} <= set(archive.namelist()):
        return None
    book, named = (ElementTree.fromstring(archive.read(member)) for member in (_BOOK, _NAMED))
    targets = {each.get("Id"): each.get("Target", "") for each in named}
    for sheet in book.iter():
        if sheet.tag.endswith("}sheet") and sheet.get("name") == name:
            id = next((value for key, value in sheet.items() if key.endswith("}id")), None)
            target = targets.get(id, "")
            part = target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
            return part if part in archive.namelist() else None
    return None


def _filled(rows: Rows, tall: list[tuple[int, int, int]]) -> Iterator[Sequence[Any]]:
    """Yield rows in each of which a cell that several share, one above the other, says what it says."""
    shared = {
        (row, column): (first, column) for first, column, last in tall for row in range(first + 1, last + 1)
    }
    wanted, kept = set(shared.values()), dict[tuple[int, int], Any]()
    for number, row in enumerate(rows):
        cells = list(row)
        for column in range(len(cells)) if wanted else ():
            if (number, column) in wanted:
                kept[number, column] = cells[column]
            elif origin := shared.get((number, column)):
                cells[column] = kept.get(origin, "")
        yield cells


def names(path: str) -> Iterator[Any]:
    """Yield the names of the sheets of a workbook that are seen."""
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetVisibleEnum

    try:
        with open(path, "rb") as file:
            book = CalamineWorkbook.from_filelike(file)
            seen = [sheet.name for sheet in book.sheets_metadata if sheet.visible == SheetVisibleEnum.Visible]
        yield {"sheet": "", "sheets": seen}
    except (PasswordError, CalamineError, OSError, ValueError) as error:
        yield {"error": f"The workbook cannot be read: {error}.", "advice": "Save it anew, or as CSV."}


def parquet(path: str) -> Iterator[Any]:
    """Yield the rows of a Parquet file, its columns' names as row 1."""
    import duckdb

    settings: dict[str, Any] = {"memory_limit": "1GB", "threads": "1", "autoinstall_known_extensions": "false",
                "autoload_known_extensions": "false"}  # fmt: skip
    try:
        with duckdb.connect(config=settings) as connection:
            head = connection.execute("FROM read_parquet(?) LIMIT 0", [path]).description or []
            # A time with a zone would ask for another library to be one of Python's.
            chosen = ", ".join(
                f"CAST({_quoted(name)} AS VARCHAR)" if "TIME ZONE" in str(kind) else _quoted(name)
                for name, kind, *_ in head
            )
            found = connection.execute(f"SELECT {chosen} FROM read_parquet(?)", [path])
            yield {"sheet": ""}
            yield from _numbered(_fetched([name for name, *_ in head], found))
    except duckdb.Error as error:
        first = str(error).splitlines()[0].replace(path, "it")
        yield {"error": f"The Parquet file cannot be read: {first}", "advice": "Write it anew, or as CSV."}


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _fetched(labels: list[str], found: Any) -> Iterator[Sequence[Any]]:
    yield labels
    while part := found.fetchmany(10_000):
        yield from part


def _plain(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum())


def _headed(rows: Rows) -> bool:
    """Return whether a row among the first has two cells, as a header has."""
    return any(sum(bool(said(cell)) for cell in row) > 1 for _, row in zip(range(_FIRST), rows, strict=False))


def _numbered(rows: Rows) -> Iterator[Any]:
    """Yield every row that holds anything, its number before its cells."""
    for number, row in enumerate(rows, 1):
        if len(row) > MAX_COLUMNS:
            advice = "Leave empty columns out, or save the table as CSV."
            yield {
                "error": f"The table has {len(row):,} columns; {MAX_COLUMNS:,} are read.",
                "advice": advice,
            }
            return
        cells = [said(cell) for cell in row]
        if any(cells):
            yield [number, *cells]


def main(kind: str, path: str, asked: str, likely: str, most: str) -> None:
    """Write the rows of a file to standard output; of more than `most` the first that is too many is the last."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (WRITTEN, WRITTEN))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    found = {"parquet": parquet, "names": names}.get(kind)
    last = int(most)
    lines = found(path) if found else sheets(path, asked, likely, last)
    for number, line in enumerate(lines):
        sys.stdout.write(json.dumps(line) + "\n")
        if last and number > last:
            return


if __name__ == "__main__":
    main(*sys.argv[1:6])
