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

from opentier.graph.contribution import bare, foreign, package, parties
from opentier.graph.contribution.bare import Asked, Survey
from opentier.graph.contribution.foreign import slug
from opentier.graph.contribution.staging import Staged
from opentier.graph.errors import UsageError
from opentier.graph.intake import kinds, wrapping
from opentier.graph.intake.unreadable import Unreadable
from opentier.graph.model.characters import controls, one_line
from opentier.graph.model.formats import GRAPHS, SETS, of_suffix
from opentier.graph.model.names import DATASET_ID, RESERVED
from opentier.graph.report.report import Report, Where, holds

#: Part of every checksum: a newer mapping makes a new version of the same files.
MAPPING = "1"
#: Where a descriptor says what is called otherwise here.
_PROPERTIES = {"licence": "licenses", "licence_url": "licenses", "publisher": "contributors"}
#: The mapping by which a bare file was read, beside it.
MAPPED = "mapping.toml"
#: Characters of a dataset's name, which is part of names of folders.
MAX_DATASET = 100
#: The formats of RDF that are read.
RDF_FORMATS = tuple(format.name for format in (*GRAPHS, *SETS))


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
    older
        Whether it may be older than what is current.
    """

    adapter: str | None = None
    dataset: str | None = None
    licence: str | None = None
    publisher: str | None = None
    asked: Asked = field(default_factory=Asked)
    shown: Callable[[Survey], None] | None = None
    older: bool = False


@dataclass
class Contribution:
    """One submission: its metadata, its raw tables or its RDF file, and the report so far."""

    metadata: Metadata
    report: Report
    tables: Staged = field(default_factory=Staged)
    rdf: Path | None = None
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


def read(path: Path, options: Options, scratch: Path) -> Contribution:
    """Read what lies at `path`, or comes from standard input (``-``); archives are unpacked below `scratch`.

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
        found = unpacked(path, scratch, report)
    except Unreadable as error:
        report.add("error", Where(path.name), error.message, error.advice)
        found = None
    if found is None:
        return Contribution(_metadata(options, {}), report)
    if found.is_dir():
        return _package(found, options, scratch, report)
    path = found
    if is_graph(path, options):
        metadata = _metadata(options, {"name": options.dataset or path.stem, "title": path.name})
        _demand(metadata, Where(path.name), report)
        return Contribution(metadata, report, rdf=path, originals=[(path.name, path)])
    if not options.asked and (book := bare.book(path, path.name, scratch, report)):
        return _book(path, *book, options, scratch, report)
    return _bare(path, options, scratch, report)


def is_graph(path: Path, options: Options) -> bool:
    """Return whether a file is read as RDF: by its ending, if nothing is said of its columns."""
    return bool(of_suffix(path.suffix[1:], *RDF_FORMATS)) and not options.asked


def unpacked(path: Path, scratch: Path, report: Report) -> Path | None:
    """Return the folder of a package, or a single file, that lies at `path`, out of its zip where it is in one.

    None where a zip is refused, which is reported.
    """
    if path.is_dir():
        return path
    if path.name.endswith(package.DESCRIPTOR):
        return path.parent
    kind = kinds.kind(path)
    if kind != "zip" and not (kind == "text" and path.suffix.lower() == ".zip"):
        return path
    folder = package.unpack(path, Path(tempfile.mkdtemp(dir=scratch)), report)
    if folder is None:
        return None
    files = [each for each in folder.rglob("*") if each.is_file()]
    return files[0] if len(files) == 1 and files[0].name != package.DESCRIPTOR else folder


def surveys(path: Path, options: Options, scratch: Path, report: Report) -> list[Survey]:
    """Return what a bare file, or each sheet of a book, is taken for; none where it cannot be read, which is reported.

    Raises
    ------
    UsageError
        If there is no file at `path`, or what is said of it does not fit.
    """
    try:
        path = _there(path, options, scratch)
    except Unreadable as error:
        report.add("error", Where(path.name), error.message, error.advice)
        return []
    if path.is_dir() or path.name.endswith(package.DESCRIPTOR):
        raise UsageError(f"{path} is a folder: a Data Package says itself what its columns are.")
    if not options.asked and (book := bare.book(path, path.name, scratch, report)):
        return book[0]
    found = bare.survey(path, path.name, options.asked, scratch, report)
    return [found] if found else []


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
    return Contribution(metadata, report, parties.tables(found, report), originals=originals)


def _book(
    path: Path, found: list[Survey], said: dict[str, Any], options: Options, scratch: Path, report: Report
) -> Contribution:
    metadata = _metadata(options, {"name": slug(path.name.split(".")[0]), "title": path.name, **said})
    _demand(metadata, Where(path.name), report)
    for each in found if options.shown else ():
        options.shown(each)  # type: ignore[misc]
    kept = Path(tempfile.mkdtemp(dir=scratch)) / MAPPED
    kept.write_text("\n".join(each.mapped.text() for each in found), "utf-8")
    tables = parties.together(found, report)
    return Contribution(metadata, report, tables, originals=[(path.name, path), (MAPPED, kept)])


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
    if not DATASET_ID.fullmatch(metadata.dataset) or metadata.dataset in RESERVED:
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
