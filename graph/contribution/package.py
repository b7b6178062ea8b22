"""Data Packages: a folder or a zip with ``datapackage.json`` and tables; frictionless checks the descriptor.

A table is one file, several that follow each other, or rows in the descriptor itself.

Nothing outside the package is ever opened: no path that leaves it, no link, no web address.
"""

from __future__ import annotations

import csv
import json
import lzma
import stat
import unicodedata
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from frictionless import Dialect, FrictionlessException, Package
from frictionless.formats import CsvControl

from opentier.graph.contribution import forms, headers
from opentier.graph.contribution.staging import Staged
from opentier.graph.contribution.text import decode
from opentier.graph.intake import bounds, kinds, wrapping
from opentier.graph.intake import schema as schemas
from opentier.graph.intake.corrections import Correction
from opentier.graph.intake.unreadable import Unreadable
from opentier.graph.model.tables import TABLES, Table
from opentier.graph.report.report import Report, Where

DESCRIPTOR = "datapackage.json"
#: Files that a zip may hold.
MAX_FILES = 1000
#: What the reading of a broken archive raises.
_BROKEN = (
    zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, lzma.LZMAError,
    NotImplementedError, RuntimeError, EOFError, OSError, ValueError,
)  # fmt: skip


def unpack(archive: Path, folder: Path, report: Report) -> Path | None:
    """Unpack a zip into `folder` and return where its descriptor lies; None when it is refused."""
    try:
        with zipfile.ZipFile(archive) as source:
            infos = source.infolist()
            if _harmful(archive, infos, report):
                return None
            for info in infos:
                source.extract(info, folder)
    except _BROKEN as error:
        report.add(
            "error", Where(archive.name), f"The zip cannot be read: {error}.", "Make the archive anew."
        )
        return None
    found = sorted(folder.rglob(DESCRIPTOR), key=lambda path: (len(path.parts), path))
    return found[0].parent if found else folder


def _harmful(archive: Path, infos: list[zipfile.ZipInfo], report: Report) -> bool:
    total = sum(info.file_size for info in infos)
    if len(infos) > MAX_FILES or total > wrapping.most(archive.stat().st_size):
        report.add(
            "error",
            Where(archive.name),
            f"The zip would unpack to {len(infos):,} files and {total:,} bytes.",
            f"At most {MAX_FILES:,} files and {wrapping.MAX_RATIO} times its own size are taken; "
            "contribute the folder.",
        )
        return True
    for info in infos:
        path = PurePosixPath(info.filename.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or stat.S_ISLNK(info.external_attr >> 16):
            advice = "Keep all files inside the package."
            report.add("error", Where(info.filename), "This member leaves the package.", advice)
            return True
    members = Counter(PurePosixPath(info.filename) for info in infos if not info.is_dir())
    twice = sorted(str(path) for path in members if members[path] > 1)
    for name in twice:
        report.add("error", Where(name), "The zip holds this member twice.", "Keep one of them.")
    return bool(twice)


def descriptor(folder: Path, report: Report) -> dict[str, Any] | None:
    """Return the package's descriptor, or None after reporting what is wrong with it."""
    path = folder / DESCRIPTOR
    where = Where(DESCRIPTOR)
    if not path.is_file():
        advice = "Write one; see docs/contributing-data.md."
        report.add("error", where, "The package has no datapackage.json.", advice)
        return None
    text = decode(path.read_bytes(), "utf-8", DESCRIPTOR, report)
    if text is None:
        return None
    try:
        found = bounds.parse_json(text)
        json.dumps(found, ensure_ascii=False).encode()
    except ValueError as error:
        row = getattr(error, "lineno", None)
        report.add(
            "error", Where(DESCRIPTOR, row), f"The descriptor is not JSON: {error}.", "Mend it at that line."
        )
        return None
    if not isinstance(found, dict) or not isinstance(found.get("resources"), list) or not found["resources"]:
        report.add(
            "error", where, "The descriptor lists no resources.", "Name each table's file under resources."
        )
        return None
    for wrong in Package.metadata_validate(_without_profiles(found)):
        report.add("error", where, f"{wrong.title}: {wrong.note}.", "Mend the descriptor (Data Package v2).")
    return found if report.conforms else None


def _without_profiles(found: dict[str, Any]) -> dict[str, Any]:
    """Return the descriptor as frictionless takes it: nothing to be fetched, one path each; schemas are read here."""

    def without(value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        found = {k: v for k, v in value.items() if k not in ("$schema", "profile", "schema")}
        if isinstance(path := found.get("path"), list) and path:
            found["path"] = path[0]
        return found

    return {**without(found), "resources": [without(resource) for resource in found["resources"]]}


@dataclass(frozen=True)
class Resource:
    """A table of a package: what the descriptor says of it, and its files; without any, its rows stand there too.

    `name` is what findings call it.
    """

    said: Mapping[str, Any]
    table: Table
    files: Sequence[str]
    name: str
    schema: Mapping[str, Any] | None = None
    schema_file: str = ""


def resources(folder: Path, listed: Sequence[Mapping[str, Any]], report: Report) -> Iterator[Resource]:
    """Yield the resources that are tables with all their files; others are reported."""
    for number, said in enumerate(listed, 1):
        path = said.get("path")
        paths = path if isinstance(path, list) and path else [path]
        inline = path is None and "data" in said
        files = [] if inline else [_file(folder, number, each, report) for each in paths]
        if None in files:
            continue
        there = [file for file in files if file is not None]
        name = there[0] if there else f"{DESCRIPTOR}, resource {number}"
        if table := _table_of(said, name):
            schema = _schema(folder, number, said.get("schema"), report)
            if schema is not False:
                yield Resource(said, table, there, name, *schema)
            continue
        advice = f"Tables are: {', '.join(sorted(TABLES))}."
        report.add("error", Where(name), "This is not a table of the layout.", advice)


def tables(
    folder: Path,
    listed: Sequence[Mapping[str, Any]],
    scratch: Path,
    report: Report,
    into: Staged,
    corrected: Sequence[Correction] = (),
) -> list[str]:
    """Read every table, raw, into a place for them, and return the names of the files that were read."""
    names: list[str] = []
    for each in resources(folder, listed, report):
        names += [*each.files, *([each.schema_file] if each.schema_file else [])]
        typed = not each.files or any(kinds.typed(folder / file) for file in each.files)
        read = (
            [_rows(folder, part, scratch, report) for part in parts(each, report)]
            if each.files
            else [forms.inline(each.said["data"], each.name, report)]
        )
        rows = headers.read(_joined(read), each.table, report, each.schema, typed, corrected)
        into.add(each.table.name, rows)
    return names


def _schema(
    folder: Path, number: int, said: Any, report: Report
) -> tuple[Mapping[str, Any] | None, str] | Literal[False]:
    """Return the Table Schema of a resource and the file that it stands in, if any; False where it cannot be read."""
    file = ""
    try:
        if isinstance(said, str) and "://" in said:
            message = "This schema lies elsewhere and is not fetched: the table is read without it."
            advice = "Put it into the package, if it says how dates or numbers are written."
            report.add("warning", Where(DESCRIPTOR), message, advice, column="schema", value=said)
            said = None
        if isinstance(said, str):
            if (found := _file(folder, number, said, report, "schema")) is None:
                return False
            file, said = found, bounds.parse_json((folder / found).read_text("utf-8-sig"))
        if said is not None and not isinstance(said, dict):
            raise Unreadable("The schema is no object.", "Give its fields, or leave it out.")
        if said is not None:
            schemas.fields(said)
    except (Unreadable, ValueError) as error:
        advice = getattr(error, "advice", "Mend it.")
        message = getattr(error, "message", f"The schema is not JSON: {error}.")
        report.add(
            "error", Where(file or DESCRIPTOR), f"Resource {number}: {message}", advice, column="schema"
        )
        return False
    return said, file


def _file(folder: Path, number: int, path: Any, report: Report, column: str = "path") -> str | None:
    """Return a resource's path when it is a file inside the package, as it is written there."""
    where = Where(DESCRIPTOR)
    if not isinstance(path, str) or not path:
        report.add(
            "error", where, f"Resource {number} has no path.", "Give the path of its file.", column=column
        )
        return None
    try:
        file = _written(folder, path)
        target = (folder / file).resolve()
        inside, there = target.is_relative_to(folder.resolve()), target.is_file()
    except (OSError, ValueError):  # no file can have this name
        file, inside, there = path, True, False
    if "://" in file or Path(file).is_absolute() or not inside:
        message, advice = "This path leaves the package.", "Put the file inside the package."
        report.add("error", where, message, advice, column=column, value=file)
        return None
    if not there:
        message, advice = "There is no such file.", "Add it, or take it off the list."
        report.add("error", where, message, advice, column=column, value=file)
        return None
    return file


def _written(folder: Path, file: str) -> str:
    """Return a path with its accents as the file system has them: composed, or apart as some systems write them."""
    others = (unicodedata.normalize("NFC", file), unicodedata.normalize("NFD", file))
    return next((other for other in (file, *others) if (folder / other).exists()), file)


def _table_of(resource: Mapping[str, Any], file: str) -> Table | None:
    for name in (str(resource.get("name", "")), Path(file).stem):
        table = TABLES.get(name.lower().replace("-", "_"))
        if table is not None:
            return table
    return None


@dataclass(frozen=True)
class Part:
    """One file of a table: its path in the package, how it is written, and the row of its header."""

    file: str
    form: forms.Form
    header: int


def parts(resource: Resource, report: Report) -> Iterator[Part]:
    """Yield the files of a resource, each to be read as the descriptor says."""
    for file in resource.files:
        if (found := _dialect(file, resource.said, report)) is None:
            continue
        dialect, header = found
        described = resource.said.get("dialect") or {}
        excel = described.get("excel")
        sheet = described.get("sheetName") or (excel.get("sheet") if isinstance(excel, Mapping) else "")
        encoding = str(resource.said.get("encoding") or "utf-8")
        yield Part(file, forms.Form(encoding, dialect, str(sheet or ""), resource.table.name), header)


def _rows(folder: Path, part: Part, scratch: Path, report: Report) -> Iterator[tuple[Where, list[str]]]:
    """Yield the rows of one file of a resource from its header on."""
    for where, cells in forms.rows(folder / part.file, part.file, part.form, scratch, report):
        if (where.row or 0) >= part.header:
            yield where, cells


def _joined(parts: list[Iterator[tuple[Where, list[str]]]]) -> Iterator[tuple[Where, list[str]]]:
    """Yield the rows of files that follow each other; further ones may repeat the header."""
    labels: list[str] = []
    for part in parts:
        for number, (where, cells) in enumerate(part):
            if number or cells != labels:
                labels = labels or cells
                yield where, cells


def _dialect(file: str, resource: Mapping[str, Any], report: Report) -> tuple[csv.Dialect, int] | None:
    """Return how the file is written and where its header stands, as the descriptor says: nothing is guessed."""
    described = resource.get("dialect") or {}
    try:
        if not isinstance(described, Mapping):
            raise TypeError("it is not an object")
        dialect = Dialect.from_descriptor(dict(described))
        control = CsvControl.from_dialect(dialect)
        found: csv.Dialect = control.to_python()
        if file.lower().endswith((".tsv", ".tsv.gz")) and not control.has_defined("delimiter"):
            found.delimiter = "\t"
        csv.reader((), found)
        rows = dialect.header_rows
        if not dialect.header or len(rows) != 1 or dialect.comment_char or dialect.comment_rows:
            raise TypeError("one header row and no comments are read")
    except (FrictionlessException, TypeError, ValueError, csv.Error) as error:
        note = error.error.note if isinstance(error, FrictionlessException) else str(error)
        report.add(
            "error",
            Where(DESCRIPTOR),
            f"The dialect of {file} cannot be used: {note}.",
            "Give delimiter, quoteChar and doubleQuote, or leave it out for plain CSV.",
            column="dialect",
        )
        return None
    return found, rows[0]
