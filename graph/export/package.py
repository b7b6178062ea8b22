"""A version of a dataset as a Data Package, which contributed again gives the same graph, or as RDF."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Collection
from io import TextIOWrapper
from itertools import chain
from pathlib import Path
from typing import IO, Any

from opentier.graph.errors import Named, UsageError
from opentier.graph.export import rows
from opentier.graph.model import dates, sheet
from opentier.graph.model.formats import GRAPHS, SETS
from opentier.graph.model.names import expand
from opentier.graph.model.rdf import IRI
from opentier.graph.model.tables import TABLES
from opentier.graph.model.versions import Version
from opentier.graph.store.release import Release

#: The forms of a version; RDF/XML has no way to say every text.
FORMATS = ("datapackage", "trig", "nquads", "turtle", "ntriples", "jsonld")
assert set(FORMATS) - {"datapackage"} <= {format.name for format in (*GRAPHS, *SETS)}
DESCRIPTOR = "datapackage.json"


def write(release: Release, version: Version, format: str, file: Path) -> None:
    """Write a version to a file, all of it or nothing.

    Raises
    ------
    UsageError
        If it says what no table says, and a Data Package is asked for.
    """
    draft = file.with_name(f".{file.name}.new")
    try:
        with draft.open("wb") as out:
            if format == "datapackage":
                _package(release, version, out)
            else:
                release.engine.dump(version.iri, format, out)
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)


def _package(release: Release, version: Version, out: IO[bytes]) -> None:
    """Write a zip with the descriptor and the tables that have rows: the same bytes for the same version."""
    listed = []
    try:
        rows.check(release, version, release.names)
        found = rows.Rows(release, version)
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for table in TABLES.values():
                made = found.of(table)
                first = next(made, None)
                if first is None:
                    continue
                listed.append(table.name)
                with archive.open(_member(f"{table.name}.csv"), "w") as member:
                    text = TextIOWrapper(member, "utf-8", newline="")
                    sheet.package(text, rows.columns(table), chain([first], made))
                    text.flush()
            said = json.dumps(described(release, version, listed, found.barred), indent=1, ensure_ascii=False)
            archive.writestr(_member(DESCRIPTOR), said + "\n")
    except rows.Unsaid as error:
        raise UsageError(
            f"{version.dataset} version {version.number} cannot be said in tables: {error}. Give ",
            Named("format"),
            " trig or nquads, which say all of it.",
        ) from None


def _member(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.compress_type = zipfile.ZIP_DEFLATED
    return info


def described(
    release: Release, version: Version, tables: list[str], barred: Collection[str] = ()
) -> dict[str, Any]:
    """Return the descriptor of a version: what the catalogue says of it, and its tables; see `rows.Rows.barred`."""
    url = licence_url(release, version)
    licence = {"name": version.licence} | ({"path": url} if url else {})
    said = {
        "name": version.dataset,
        "title": version.title,
        "description": version.description,
        "version": version.package_version,
        "created": dates.moment(version.created),
        "homepage": version.homepage,
        "licenses": [licence],
        "contributors": [{"title": version.publisher}] if version.publisher else [],
    }
    return {name: value for name, value in said.items() if value} | {
        "resources": [resource(name, barred) for name in tables]
    }


def licence_url(release: Release, version: Version) -> str:
    """Return the address of its licence that a version's package gave; nothing where it gave none."""
    stated = release.engine.among(release.catalogues, [IRI(version.iri)], [expand("ot:licenceUrl")])
    return next((said.object.value for _, said in stated), "")


def resource(table: str, barred: Collection[str] = ()) -> dict[str, Any]:
    """Return how a descriptor lists a table; its schema names the columns whose values no bar parts."""
    listed = [column.name for column in TABLES[table] if column.many and column.term in barred]
    fields = [{"name": name, "type": "list", "delimiter": rows.OTHER} for name in listed]
    said = {"name": table.replace("_", "-"), "path": f"{table}.csv", "format": "csv", "encoding": "utf-8"}
    return said | ({"schema": {"fieldsMatch": ["subset"], "fields": fields}} if fields else {})
