"""A contribution: what somebody submits, read but not yet checked.

``read`` takes a Data Package (folder or zip), RDF in the model's terms, a foreign file with its adapter, or anybody's
table with a mapping of its columns.
"""

from __future__ import annotations

import hashlib
import stat
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from opentier.graph.contribution import bare, foreign, package, rdf
from opentier.graph.contribution.bare import Asked, Survey
from opentier.graph.contribution.foreign import Row, slug
from opentier.graph.contribution.report import Report, Where, holds
from opentier.graph.errors import UsageError
from opentier.graph.intake import kinds, wrapping
from opentier.graph.intake.unreadable import Unreadable
from opentier.graph.model.characters import controls, one_line
from opentier.graph.model.names import DATASET_ID, RESERVED, Names

#: Part of every checksum: a newer mapping makes a new version of the same files.
MAPPING = "1"
#: Where a descriptor says what is called otherwise here.
_PROPERTIES = {"licence": "licenses", "licence_url": "licenses", "publisher": "contributors"}
#: The mapping by which a bare file was read, beside it.
MAPPED = "mapping.toml"
#: Characters of a dataset's name, which is part of names of folders.
MAX_DATASET = 100
#: The names of things where no data directory says others.
_NAMES = Names()


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
    """What the contributor says on the command line, beside the files.

    Attributes
    ----------
    asked
        What is said of a bare file.
    shown
        Is called with what a bare file is taken for, before anything is kept.
    """

    adapter: str | None = None
    dataset: str | None = None
    licence: str | None = None
    publisher: str | None = None
    asked: Asked = field(default_factory=Asked)
    shown: Callable[[Survey], None] | None = None


@dataclass
class Contribution:
    """One submission: its metadata, its raw tables, and the report so far."""

    metadata: Metadata
    report: Report
    tables: dict[str, list[Row]] = field(default_factory=dict)
    originals: list[tuple[str, Path]] = field(default_factory=list)

    @property
    def checksum(self) -> str:
        """SHA-256 over the files, the metadata and the version of the mapping."""
        total = hashlib.sha256(f"{MAPPING}\n{self.metadata}\n".encode())
        if self.metadata.adapter:
            total.update(foreign.definition(self.metadata.adapter))
        for name, path in sorted(self.originals):
            total.update(f"{name}\n{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
        return total.hexdigest()


def read(path: Path, options: Options, scratch: Path, names: Names = _NAMES) -> Contribution:
    """Read what lies at `path`, or comes from standard input (``-``); archives are unpacked below `scratch`.

    Parameters
    ----------
    names
        The names of things, by which RDF is read.

    Raises
    ------
    UsageError
        If there is no file or folder at `path`, or the options do not fit what is there.
    """
    report = Report()
    try:
        path = _there(path, options, scratch)
        if options.adapter:
            return _foreign(path, options, report)
        if path.is_dir():
            return _package(path, options, scratch, report)
        if path.name.endswith(package.DESCRIPTOR):
            return _package(path.parent, options, scratch, report)
        kind = kinds.kind(path)
        if kind == "zip" or (kind == "text" and path.suffix.lower() == ".zip"):
            folder = package.unpack(path, Path(tempfile.mkdtemp(dir=scratch)), report)
            if folder is None:
                return Contribution(_metadata(options, {}), report)
            files = [each for each in folder.rglob("*") if each.is_file()]
            if len(files) != 1 or files[0].name == package.DESCRIPTOR:
                return _package(folder, options, scratch, report)
            path = files[0]
    except Unreadable as error:
        report.add("error", Where(path.name), error.message, error.advice)
        return Contribution(_metadata(options, {}), report)
    format = None if options.asked else rdf.format_of(path.name)
    return (
        _rdf(path, format, options, scratch, names, report)
        if format
        else _bare(path, options, scratch, report)
    )


def survey(path: Path, options: Options, scratch: Path, report: Report) -> Survey | None:
    """Return what a bare file is taken for; None where it cannot be read, which is reported.

    Raises
    ------
    UsageError
        If there is no file at `path`, or what is said of it does not fit.
    """
    try:
        path = _there(path, options, scratch)
    except Unreadable as error:
        report.add("error", Where(path.name), error.message, error.advice)
        return None
    if path.is_dir() or path.name.endswith(package.DESCRIPTOR):
        raise UsageError(f"{path} is a folder: a Data Package says itself what its columns are.")
    return bare.survey(path, path.name, options.asked, scratch, report)


def _there(path: Path, options: Options, scratch: Path) -> Path:
    """Return where the contribution lies: standard input is put down."""
    if str(path) != "-":
        _demand_readable(path)
        return path
    target = Path(tempfile.mkdtemp(dir=scratch)) / (options.asked.table or "stdin")
    wrapping.spool(sys.stdin.buffer, target)
    return target


def _demand_readable(path: Path) -> None:
    """Raise UsageError where there is no file or folder: a pipe or a device would never end."""
    try:
        path.name.encode()
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        raise UsageError(f"There is nothing at {path}.") from None
    except UnicodeEncodeError:
        raise UsageError(f"The name of {str(path)!a} is no text. Rename it.") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UsageError(f"{str(path)[:200]} cannot be read: {reason}.") from None
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        raise UsageError(f"{path} is neither a file nor a folder, and nothing else is read.")


def _package(folder: Path, options: Options, scratch: Path, report: Report) -> Contribution:
    described = package.descriptor(folder, report)
    if described is None:
        return Contribution(_metadata(options, {}), report)
    metadata = _metadata(options, described)
    _demand(metadata, Where(package.DESCRIPTOR), report)
    tables, files = package.tables(folder, described["resources"], scratch, report)
    originals = [(name, folder / name) for name in dict.fromkeys([package.DESCRIPTOR, *files])]
    return Contribution(metadata, report, tables, originals=originals)


def _foreign(path: Path, options: Options, report: Report) -> Contribution:
    name = options.adapter or ""
    source = foreign.convert(name, path, report)
    spec = source.spec
    metadata = _metadata(options, {**spec, "name": name, "licenses": [{"name": spec["licence"]}]})
    metadata = replace(metadata, publisher=options.publisher or spec["publisher"], adapter=name)
    if source.edition:
        day = source.edition if len(source.edition) == len("YYYY-MM-DD") else ""
        metadata = replace(metadata, version=source.edition, created=day)
    _demand(metadata, Where(path.name), report)
    originals = [(file, source.find(file)) for file in sorted(source.used)]
    return Contribution(metadata, report, source.tables, originals=originals)


def _rdf(
    path: Path, format: str, options: Options, scratch: Path, names: Names, report: Report
) -> Contribution:
    stem = path.name.removesuffix(".gz").rpartition(".")[0]
    metadata = _metadata(options, {"name": options.dataset or stem, "title": path.name})
    _demand(metadata, Where(path.name), report)
    found = Contribution(metadata, report, originals=[(path.name, path)])
    if _is_name(metadata.dataset):  # else no IRI is one of the dataset's
        try:
            found.tables = rdf.read(path, format, metadata.dataset, names, scratch, report)
        except Unreadable as error:
            report.add("error", Where(path.name), error.message, error.advice)
    return found


def _bare(path: Path, options: Options, scratch: Path, report: Report) -> Contribution:
    stem = path.name.split(".")[0]
    metadata = _metadata(options, {"name": slug(stem), "title": path.name})
    _demand(metadata, Where(path.name), report)
    found = bare.survey(path, path.name, options.asked, scratch, report)
    if found is None:
        return Contribution(metadata, report)
    if not found.mapped.filled:
        known = ", ".join(foreign.adapters())
        raise UsageError(
            f"{path.name} is neither a Data Package (a folder or .zip with datapackage.json) nor RDF, and no header "
            'of it is known. Say what its columns are, for example --map name="Vendor name" (opentier columns shows '
            f"them); for a foreign file name its adapter with --from: {known}."
        )
    if options.shown:
        options.shown(found)
    kept = Path(tempfile.mkdtemp(dir=scratch)) / MAPPED
    kept.write_text(found.mapped.text(), "utf-8")
    originals = [(path.name, path), (MAPPED, kept)]
    return Contribution(metadata, report, bare.tables(found, report), originals=originals)


def _metadata(options: Options, described: dict[str, Any]) -> Metadata:
    licences = described.get("licenses") or [{}]
    licence = licences[0] if isinstance(licences[0], dict) else {}
    contributors = [item for item in described.get("contributors") or [] if isinstance(item, dict)]
    return Metadata(
        dataset=options.dataset or str(described.get("name", "")),
        title=one_line(str(described.get("title", ""))),
        description=one_line(str(described.get("description", ""))),
        licence=one_line(options.licence or str(licence.get("name") or licence.get("path") or "")),
        licence_url="" if options.licence else one_line(str(licence.get("path", ""))),
        publisher=one_line(
            options.publisher or str(contributors[0].get("title", "") if contributors else "")
        ),
        version=one_line(str(described.get("version", ""))),
        created=one_line(str(described.get("created", ""))),
        homepage=one_line(str(described.get("homepage", ""))),
    )


def _demand(metadata: Metadata, where: Where, report: Report) -> None:
    """Report a dataset id or a licence that is missing or cannot be used, and what no text may hold."""
    report.dataset = metadata.dataset[:MAX_DATASET]
    for name, said in asdict(metadata).items():
        if name == "dataset":
            continue
        column = _PROPERTIES.get(name, name)
        if holds(report, where, said, column=column) and (found := controls(said)):
            report.add(
                "error", where, f"The text holds the control character {found}.", "Take it out.",
                column=column, value=said,
            )  # fmt: skip
    if len(metadata.dataset) > MAX_DATASET:
        report.add(
            "error", where, f"The dataset's name has {len(metadata.dataset):,} characters.",
            f"Give one of at most {MAX_DATASET}.", column="name", value=metadata.dataset,
        )  # fmt: skip
        return
    if not _is_name(metadata.dataset):
        report.add(
            "error", where, "A dataset needs a name that is a slug and not reserved.",
            "Use lower-case letters, digits and dashes; set `name`, or give --dataset.",
            column="name", value=metadata.dataset,
        )  # fmt: skip
    if not metadata.licence:
        report.add(
            "error", where, "The licence is missing.",
            "Set `licenses` (an SPDX id such as CC-BY-4.0), or give --licence.", column="licenses",
        )  # fmt: skip


def _is_name(dataset: str) -> bool:
    """Return whether a dataset may be called so."""
    return len(dataset) <= MAX_DATASET and bool(DATASET_ID.fullmatch(dataset)) and dataset not in RESERVED
