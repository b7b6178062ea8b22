"""Data Packages: a folder or a zip with ``datapackage.json`` and tables, read with frictionless.

Nothing outside the package is ever opened: no path that leaves it, no link, no web address.
"""

from __future__ import annotations

import json
import stat
import zipfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from frictionless import Detector, Dialect, FrictionlessException, Package, Resource

from opentier.graph.adapter import Row
from opentier.graph.report import Place, Report
from opentier.graph.source import decode
from opentier.graph.tables import TABLES, Table

DESCRIPTOR = "datapackage.json"
#: A zip may unpack to this many bytes, and to this many times its own size.
MAX_BYTES, MAX_RATIO, MAX_FILES = 2 << 30, 200, 1000


def unpack(archive: Path, folder: Path, report: Report) -> Path | None:
    """Unpack a zip into `folder` and return where its descriptor lies; None when it is refused."""
    try:
        with zipfile.ZipFile(archive) as source:
            infos = source.infolist()
            if _harmful(archive, infos, report):
                return None
            for info in infos:
                source.extract(info, folder)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        report.add("error", Place(archive.name), f"The zip cannot be read: {error}.", "Make the archive anew.")
        return None
    found = sorted(folder.rglob(DESCRIPTOR), key=lambda path: (len(path.parts), path))
    return found[0].parent if found else folder


def _harmful(archive: Path, infos: list[zipfile.ZipInfo], report: Report) -> bool:
    total = sum(info.file_size for info in infos)
    if len(infos) > MAX_FILES or total > MAX_BYTES or total > MAX_RATIO * max(archive.stat().st_size, 1 << 16):
        report.add(
            "error",
            Place(archive.name),
            f"The zip would unpack to {len(infos):,} files and {total:,} bytes.",
            f"At most {MAX_FILES:,} files and {MAX_RATIO} times its own size are taken; contribute the folder.",
        )
        return True
    for info in infos:
        path = PurePosixPath(info.filename.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or stat.S_ISLNK(info.external_attr >> 16):
            report.add(
                "error", Place(info.filename), "This member leaves the package.", "Keep all files inside the package."
            )
            return True
    return False


def descriptor(folder: Path, report: Report) -> dict[str, Any] | None:
    """Return the package's descriptor, or None after reporting what is wrong with it."""
    path = folder / DESCRIPTOR
    place = Place(DESCRIPTOR)
    if not path.is_file():
        report.add("error", place, "The package has no datapackage.json.", "Write one; see docs/contributing-data.md.")
        return None
    text = decode(path.read_bytes(), "utf-8", DESCRIPTOR, report)
    if text is None:
        return None
    try:
        found = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        row = getattr(error, "lineno", None)
        report.add("error", Place(DESCRIPTOR, row), f"The descriptor is not JSON: {error}.", "Mend it at that line.")
        return None
    if not isinstance(found, dict) or not isinstance(found.get("resources"), list) or not found["resources"]:
        report.add("error", place, "The descriptor lists no resources.", "Name each table's file under resources.")
        return None
    for error in Package.metadata_validate(found):
        report.add("error", place, f"{error.title}: {error.note}.", "Mend the descriptor (Data Package v2).")
    return found if report.conforms else None


def tables(folder: Path, resources: list[Any], report: Report) -> tuple[dict[str, list[Row]], list[str]]:
    """Return the rows of every table, raw, and the names of the files that were read."""
    found: dict[str, list[Row]] = {}
    names: list[str] = []
    for number, resource in enumerate(resources, 1):
        file = _file(folder, number, resource, report)
        if file is None:
            continue
        names.append(file)
        table = _table_of(resource, file)
        if table is None:
            report.add(
                "error", Place(file), "This is not a table of the layout.", f"Tables are: {', '.join(sorted(TABLES))}."
            )
            continue
        found.setdefault(table.name, []).extend(_rows(folder, file, resource, table, report))
    return found, names


def _file(folder: Path, number: int, resource: Any, report: Report) -> str | None:
    """Return the resource's path when it is a file inside the package."""
    place, file = Place(DESCRIPTOR), resource.get("path") if isinstance(resource, Mapping) else None
    if not isinstance(file, str) or not file:
        report.add("error", place, f"Resource {number} has no path.", "Give the path of one file.", column="path")
        return None
    target = (folder / file).resolve()
    if "://" in file or Path(file).is_absolute() or not target.is_relative_to(folder.resolve()):
        report.add(
            "error", place, "This path leaves the package.", "Put the file inside the package.", column="path", value=file
        )
        return None
    if not target.is_file():
        report.add("error", place, "There is no such file.", "Add it, or take it off the list.", column="path", value=file)
        return None
    return file


def _table_of(resource: Mapping[str, Any], file: str) -> Table | None:
    for name in (str(resource.get("name", "")), Path(file).stem):
        table = TABLES.get(name.lower().replace("-", "_"))
        if table is not None:
            return table
    return None


def _rows(folder: Path, file: str, resource: Mapping[str, Any], table: Table, report: Report) -> list[Row]:
    """Read one CSV or TSV file; ragged rows, unknown columns and unreadable text are reported."""
    encoding = str(resource.get("encoding") or "utf-8")
    if decode((folder / file).read_bytes(), encoding, file, report) is None:
        return []
    try:
        dialect = Dialect.from_descriptor(resource["dialect"]) if resource.get("dialect") else None
        opened = Resource(
            path=file,
            basepath=str(folder),
            format="tsv" if file.endswith(".tsv") else "csv",
            encoding="utf-8-sig" if encoding.lower().replace("-", "") == "utf8" else encoding,
            detector=Detector(field_type="string"),
            **({"dialect": dialect} if dialect else {}),
        )
        with opened as source:
            if not _header(source.header.labels, file, table, report):
                return []
            return [row for row in (_row(row, file, report) for row in source.row_stream) if row is not None]
    except (FrictionlessException, UnicodeError) as error:
        note = error.error.note if isinstance(error, FrictionlessException) else str(error)
        report.add("error", Place(file), f"The file cannot be read: {note}.", "Save the table as CSV text (RFC 4180).")
        return []


def _header(labels: list[str], file: str, table: Table, report: Report) -> bool:
    place = Place(file, 1)
    for label in labels:
        if table.column(label) is None:
            report.add(
                "error", place, f"{table.name} has no such column.",
                f"Columns are: {', '.join(column.name for column in table)}.", column=label,
            )  # fmt: skip
    for label in sorted({label for label in labels if labels.count(label) > 1}):
        report.add("error", place, "This column stands twice.", "Keep one of them.", column=label)
    for column in table:
        if column.required and column.name not in labels:
            report.add("error", place, "This column is missing.", "Add it; every row needs it.", column=column.name)
    return set(labels) <= {column.name for column in table} and len(set(labels)) == len(labels)


def _row(row: Any, file: str, report: Report) -> Row | None:
    place = Place(file, row.row_number)
    if all(cell is None or not str(cell).strip() for cell in row.cells):
        return None
    report.rows.add(place)
    if len(row.cells) != len(row.field_names):
        report.add(
            "error",
            place,
            f"The row has {len(row.cells)} cells, the header {len(row.field_names)}.",
            "Check its commas and quotes.",
        )
        return None
    cells = {name: str(cell).strip() for name, cell in zip(row.field_names, row.cells, strict=True)}
    return Row(place, {name: value for name, value in cells.items() if value})
