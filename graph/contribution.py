"""A contribution: what somebody submits, read into checked records.

``read`` takes a Data Package (folder or zip), RDF in the model's terms, or a foreign file with its adapter.
``check`` turns raw rows into records: every cell canonical, every reference an IRI, every problem a finding
by file and row.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from opentier.graph import adapter, cells, package
from opentier.graph.adapter import Row
from opentier.graph.errors import UsageError
from opentier.graph.model import DATASET_ID, RESERVED, Names, digest
from opentier.graph.report import Place, Report
from opentier.graph.tables import TABLES, Column, Table

#: Part of every checksum: a newer mapping makes a new version of the same files.
MAPPING = "1"
RDF_SUFFIXES = (".ttl", ".trig", ".nq", ".nt", ".jsonld", ".rdf", ".xml")


@dataclass(frozen=True)
class Metadata:
    """What is said about a contribution as a whole."""

    dataset: str
    title: str = ""
    description: str = ""
    licence: str = ""
    licence_url: str = ""
    publisher: str = ""
    version: str = ""
    created: str = ""
    homepage: str = ""
    adapter: str = ""


@dataclass(frozen=True)
class Options:
    """What the contributor says on the command line, beside the files."""

    adapter: str | None = None
    dataset: str | None = None
    licence: str | None = None
    publisher: str | None = None


@dataclass
class Contribution:
    """One submission: its metadata, its raw tables or its RDF file, and the report so far."""

    metadata: Metadata
    report: Report
    tables: dict[str, list[Row]] = field(default_factory=dict)
    rdf: Path | None = None
    originals: list[tuple[str, Path]] = field(default_factory=list)

    @property
    def checksum(self) -> str:
        """SHA-256 over the files, the metadata and the version of the mapping."""
        total = hashlib.sha256(f"{MAPPING}\n{self.metadata}\n".encode())
        if self.metadata.adapter:
            total.update(adapter.definition(self.metadata.adapter))
        for name, path in sorted(self.originals):
            total.update(f"{name}\n{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
        return total.hexdigest()


@dataclass(frozen=True)
class Record:
    """One checked row: its IRI, its place, and canonical values by column (references are IRIs)."""

    table: Table
    iri: str
    place: Place
    values: dict[str, tuple[str, ...]]


def read(path: Path, options: Options, scratch: Path) -> Contribution:
    """Read what lies at `path`; archives are unpacked below `scratch`.

    Raises
    ------
    UsageError
        If there is nothing at `path` or the options do not fit what is there.
    """
    if not path.exists():
        raise UsageError(f"There is nothing at {path}.")
    report = Report()
    if options.adapter:
        return _foreign(path, options, report)
    if path.is_dir():
        return _package(path, options, report)
    if path.name.endswith(package.DESCRIPTOR):
        return _package(path.parent, options, report)
    if path.suffix.lower() == ".zip":
        folder = package.unpack(path, Path(tempfile.mkdtemp(dir=scratch)), report)
        return _package(folder, options, report) if folder else Contribution(_metadata(options, {}), report)
    if path.suffix.lower() in RDF_SUFFIXES:
        metadata = _metadata(options, {"name": options.dataset or path.stem, "title": path.name})
        _demand(metadata, Place(path.name), report)
        return Contribution(metadata, report, rdf=path, originals=[(path.name, path)])
    known = ", ".join(adapter.adapters())
    raise UsageError(
        f"{path.name} is neither a Data Package (a folder or .zip with datapackage.json) nor RDF. "
        f"For a foreign file name its adapter with --from: {known}."
    )


def _package(folder: Path, options: Options, report: Report) -> Contribution:
    described = package.descriptor(folder, report)
    if described is None:
        return Contribution(_metadata(options, {}), report)
    metadata = _metadata(options, described)
    _demand(metadata, Place(package.DESCRIPTOR), report)
    tables, files = package.tables(folder, described["resources"], report)
    originals = [(name, folder / name) for name in dict.fromkeys([package.DESCRIPTOR, *files])]
    return Contribution(metadata, report, tables, originals=originals)


def _foreign(path: Path, options: Options, report: Report) -> Contribution:
    name = options.adapter or ""
    source = adapter.convert(name, path, report)
    spec = source.spec
    metadata = _metadata(options, {**spec, "name": name, "licenses": [{"name": spec["licence"]}]})
    metadata = replace(metadata, publisher=options.publisher or spec["publisher"], adapter=name)
    _demand(metadata, Place(path.name), report)
    originals = [(file, source.find(file)) for file in sorted(source.used)]
    return Contribution(metadata, report, source.tables, originals=originals)


def _metadata(options: Options, described: dict[str, Any]) -> Metadata:
    licences = described.get("licenses") or [{}]
    licence = licences[0] if isinstance(licences[0], dict) else {}
    contributors = [item for item in described.get("contributors") or [] if isinstance(item, dict)]
    return Metadata(
        dataset=options.dataset or str(described.get("name", "")),
        title=str(described.get("title", "")),
        description=" ".join(str(described.get("description", "")).split()),
        licence=options.licence or str(licence.get("name") or licence.get("path") or ""),
        licence_url="" if options.licence else str(licence.get("path", "")),
        publisher=options.publisher or str(contributors[0].get("title", "") if contributors else ""),
        version=str(described.get("version", "")),
        created=str(described.get("created", "")),
        homepage=str(described.get("homepage", "")),
    )


def _demand(metadata: Metadata, place: Place, report: Report) -> None:
    """Report a dataset id or a licence that is missing or cannot be used."""
    report.dataset = metadata.dataset
    if not DATASET_ID.fullmatch(metadata.dataset) or metadata.dataset in RESERVED:
        report.add(
            "error", place, "A dataset needs a name that is a slug and not reserved.",
            "Use lower-case letters, digits and dashes; set `name`, or give --dataset.",
            column="name", value=metadata.dataset,
        )  # fmt: skip
    if not metadata.licence:
        report.add(
            "error", place, "The licence is missing.",
            "Set `licenses` (an SPDX id such as CC-BY-4.0), or give --licence.", column="licenses",
        )  # fmt: skip


def check(
    contribution: Contribution, names: Names, known: Callable[[str], bool], progress: Callable[[int], None]
) -> list[Record]:
    """Turn the raw rows of a contribution into records; problems go into its report.

    Parameters
    ----------
    known
        Tells whether an IRI stands in the current version of an admitted dataset.
    progress
        Is told the number of rows that are done.
    """
    checker = _Checker(contribution, names, known)
    found: dict[str, Record] = {}
    for done, (table, row) in enumerate(checker.rows(), 1):
        record = checker.record(table, row)
        if record is not None:
            checker.keep(found, record)
        if done % 1000 == 0:
            progress(done)
    for record in checker.texts.values():
        found.setdefault(record.iri, record)
    return list(found.values())


class _Checker:
    """The rows of one contribution, checked one by one against the ids that it defines."""

    def __init__(self, contribution: Contribution, names: Names, known: Callable[[str], bool]) -> None:
        self.contribution, self.names, self.known = contribution, names, known
        self.report, self.dataset = contribution.report, contribution.metadata.dataset
        self.texts: dict[str, Record] = {}
        self.ids = {
            table.name: {
                row.cells["id"] for row in contribution.tables.get(table.name, ()) if "id" in row.cells
            }
            for table in TABLES.values()
        }

    def rows(self) -> Iterator[tuple[Table, Row]]:
        for table in TABLES.values():
            for row in self.contribution.tables.get(table.name, ()):
                yield table, row

    def record(self, table: Table, row: Row) -> Record | None:
        values: dict[str, tuple[str, ...]] = {}
        fine = True
        for column in table:
            text = row.cells.get(column.name, "")
            if not text:
                if column.required:
                    self._error(row, column, None, "This cell is empty.", "Fill it; every row needs it.")
                    fine = False
                continue
            try:
                values[column.name] = self._values(row, column, text)
            except cells.CellError as error:
                self._error(row, column, text, error.message, error.advice)
                fine = False
        return Record(table, self._iri(table, row, values), row.place, values) if fine else None

    def keep(self, found: dict[str, Record], record: Record) -> None:
        """Keep a record once; an exact duplicate is a warning, another record of the same id an error."""
        first = found.setdefault(record.iri, record)
        if first is record:
            return
        where = f"row {first.place.row} of {first.place.file}"
        if first.values == record.values:
            self.report.add(
                "warning",
                record.place,
                f"This row says the same as {where}; it is kept once.",
                "Leave one of them out.",
            )
        else:
            self.report.add(
                "error", record.place, f"This id stands for something else in {where}.", "Give each record its own id.",
                column="id", value=record.values.get("id", ("",))[0],
            )  # fmt: skip

    def _values(self, row: Row, column: Column, text: str) -> tuple[str, ...]:
        parts = [part.strip() for part in text.split("|")] if column.many else [text]
        return tuple(self._value(row, column, part) for part in dict.fromkeys(parts) if part)

    def _value(self, row: Row, column: Column, text: str) -> str:
        match column.kind:
            case "actor":
                return self._reference(text, "actors")
            case "record":
                return self._reference(text, column.table)
            case "product":
                return self._product(row, column, text)
        value, told = cells.read(column, text)
        if told:
            self._warning(
                row, column, text, f"Read as {value!r}.", "Write it like that if it is what you mean."
            )
        return value

    def _reference(self, text: str, table: str) -> str:
        for name in [table] if table else list(TABLES):
            if text in self.ids[name]:
                segment = TABLES[name].segment
                return (
                    self.names.record(self.dataset, segment, text)
                    if segment
                    else self.names.actor(self.dataset, text)
                )
        iri = text if text.startswith(("http://", "https://", "urn:")) else self.names.of_id(text)
        if iri is not None and self.known(iri):
            return iri
        where = f"{table}.csv" if table else "this package"
        raise cells.CellError(
            f"{where} has no such id, and no admitted dataset either.",
            f"Add it to {where}, or write dataset/local-id of an admitted dataset.",
        )

    def _product(self, row: Row, column: Column, text: str) -> str:
        if text in self.ids["products"]:
            return self.names.record(self.dataset, "product", text)
        if text.startswith(("http://", "https://")):
            return self._reference(text, "products")
        if not cells.looks_like_hs(text):
            self._warning(
                row,
                column,
                text,
                "This product is text: it is matched within this dataset only.",
                "Give HS digits.",
            )
            iri = self.names.record(self.dataset, "product", text)
            self.texts.setdefault(iri, Record(TABLES["products"], iri, row.place, {"name": (text,)}))
            return iri
        code = cells.hs(text)
        if code != text:
            self._warning(row, column, text, f"Read as HS {code!r}.", "Write 2, 4 or 6 digits.")
        return self.names.hs(code)

    def _iri(self, table: Table, row: Row, values: dict[str, tuple[str, ...]]) -> str:
        local = row.cells.get("id")
        if not table.segment:
            return self.names.actor(self.dataset, local or "")
        if not local:
            local = digest(f"{name}={'|'.join(values[name])}" for name in sorted(values))
        return self.names.record(self.dataset, table.segment, local)

    def _error(self, row: Row, column: Column, value: object, message: str, advice: str) -> None:
        self.report.add("error", row.place, message, advice, column=column.name, value=value)

    def _warning(self, row: Row, column: Column, value: object, message: str, advice: str) -> None:
        self.report.add("warning", row.place, message, advice, column=column.name, value=value)
