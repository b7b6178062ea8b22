"""A contribution: what somebody submits, read but not yet checked.

``read`` takes a Data Package (folder or zip), RDF in the model's terms, a foreign file with its adapter, or anybody's
table with a mapping of its columns.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from opentier.graph.contribution import anonymity, bare, foreign, metadata, package, parties, rdf
from opentier.graph.contribution.bare import Asked, Survey
from opentier.graph.contribution.foreign import slug
from opentier.graph.contribution.metadata import Metadata, demand, is_name
from opentier.graph.contribution.staging import Staged
from opentier.graph.errors import UsageError
from opentier.graph.intake import corrections, kinds, wrapping
from opentier.graph.intake.corrections import Correction
from opentier.graph.intake.unreadable import Unreadable
from opentier.graph.model import dates
from opentier.graph.model.names import Names
from opentier.graph.report.report import Report, Where

#: Part of every checksum: a newer mapping makes a new version of the same files.
MAPPING = "1"
#: The mapping by which a bare file was read, beside it.
MAPPED = "mapping.toml"
#: The cells that were read otherwise than they were sent, beside the files.
CORRECTED = "corrections.json"
#: The names of things where no data directory says others.
_NAMES = Names()


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
    leave_out
        Whether rows that cannot be admitted are left out, and the others are admitted.
    match
        Whether its actors are compared with those of other datasets; None: where it is new.
    based
        The number of the version of its dataset that it was made of, 0 for none: it takes the place of no other one.
    visibility
        Who may see its dataset from now on (see `visibility.check`); None: as before, everybody where it is new.
    anonymous
        Whether what is published of it names nobody who sent it (see `anonymity`).
    title
        What its dataset is called by people, where nothing in it says so better.
    since
        When a process began with it (ISO 8601, UTC) that was ended: what it had admitted is not admitted again.
    watch
        Is told of each finding how many errors, and how many guesses, were found by then.
    corrected
        Cells that are read otherwise than they are written.
    """

    adapter: str | None = None
    dataset: str | None = None
    licence: str | None = None
    publisher: str | None = None
    asked: Asked = field(default_factory=Asked)
    shown: Callable[[Survey], None] | None = None
    older: bool = False
    leave_out: bool = False
    match: bool | None = None
    based: int | None = None
    visibility: str | None = None
    since: str | None = None
    anonymous: bool = False
    title: str | None = None
    watch: Callable[[int, int], None] | None = None
    corrected: tuple[Correction, ...] = ()

    def __post_init__(self) -> None:
        if self.anonymous:
            anonymity.check(self.dataset, adapter=self.adapter, publisher=self.publisher)


@dataclass
class Contribution:
    """One submission: its metadata, its raw tables, and the report so far."""

    metadata: Metadata
    report: Report
    tables: Staged = field(default_factory=Staged)
    originals: list[tuple[str, Path]] = field(default_factory=list)

    @cached_property
    def checksum(self) -> str:
        """SHA-256 over the files, the metadata and the version of the mapping."""
        total = hashlib.sha256(f"{MAPPING}\n{self.metadata}\n".encode())
        if self.metadata.adapter:
            total.update(foreign.definition(self.metadata.adapter))
        for name, path in sorted(self.originals):
            total.update(f"{name}\n{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
        return total.hexdigest()


def read(
    path: Path,
    options: Options,
    scratch: Path,
    names: Names = _NAMES,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Contribution:
    """Read what lies at `path`, or comes from standard input (``-``); archives are unpacked below `scratch`.

    Parameters
    ----------
    names
        The names of things, by which RDF is read.
    progress
        Is told how many rows are read; nobody knows before how many there are.

    Raises
    ------
    UsageError
        If there is no file or folder at `path`, or the options do not fit what is there.
    """
    progress(0, 0)
    tables = Staged(lambda rows: progress(rows, 0))
    found = _read(path, options, scratch, names, tables)
    _keep_corrections(found, options, scratch)
    rows = sum(map(tables.count, tables))
    progress(rows, rows)
    return found


def _read(path: Path, options: Options, scratch: Path, names: Names, into: Staged) -> Contribution:
    report = Report()
    report.watch = options.watch
    try:
        path = shown_as(wrapping.there(path, options.asked.table, scratch), options, scratch)
        if options.adapter:
            return _foreign(path, options, report, into)
        found = unpacked(path, scratch, report)
    except Unreadable as error:
        report.add("error", Where(path.name), error.message, error.advice)
        found = None
    if found is None:
        return Contribution(_metadata(options, {}), report)
    if found.is_dir():
        return _package(found, options, scratch, report, into)
    path = shown_as(found, options, scratch)
    if is_graph(path, options):
        return _rdf(path, options, scratch, names, report, into)
    if not options.asked and (book := bare.book(path, path.name, scratch, report, options.corrected)):
        return _book(path, *book, options, scratch, report, into)
    return _bare(path, options, scratch, report, into)


def _keep_corrections(found: Contribution, options: Options, scratch: Path) -> None:
    """Put what was corrected beside the files that it is about; what is about no table of them is an error."""
    found.tables.flush()
    for each in options.corrected if found.report.conforms else ():
        if each.file not in found.tables.files or found.metadata.adapter:
            message = f"No table of this contribution is called {each.file!r}: nothing is corrected there."
            found.report.add("error", Where(each.file), message, "Name it as findings do, or undo it.")
    if cells := found.report.corrected:
        told = [replace(cell, by="") for cell in cells] if options.anonymous else cells
        found.originals.append(_put(CORRECTED, corrections.text(told), scratch))


def shown_as(path: Path, options: Options, scratch: Path) -> Path:
    """Return a file under the name that it goes by in what is published of it."""
    return anonymity.unnamed(path, options.dataset or "", scratch) if options.anonymous else path


def is_graph(path: Path, options: Options) -> bool:
    """Return whether a file is read as RDF: by its ending, if nothing is said of its columns."""
    return bool(rdf.format_of(path.name)) and not options.asked


def unpacked(path: Path, scratch: Path, report: Report) -> Path | None:
    """Return the folder of a package, or a single file, that lies at `path`, out of its zip where it is in one.

    None where a zip is refused, or a document that is no table, which is reported.
    """
    if path.is_dir():
        return path
    if path.name.endswith(package.DESCRIPTOR):
        return path.parent
    try:
        kinds.demand_table(path)
    except Unreadable as error:
        report.add("error", Where(path.name), error.message, error.advice)
        return None
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
        path = wrapping.there(path, options.asked.table, scratch)
    except Unreadable as error:
        report.add("error", Where(path.name), error.message, error.advice)
        return []
    if path.is_dir() or path.name.endswith(package.DESCRIPTOR):
        raise UsageError(f"{path} is a folder: a Data Package says itself what its columns are.")
    if not options.asked and (book := bare.book(path, path.name, scratch, report, options.corrected)):
        return book[0]
    found = bare.survey(path, path.name, options.asked, scratch, report, corrected=options.corrected)
    return [found] if found else []


def _package(folder: Path, options: Options, scratch: Path, report: Report, into: Staged) -> Contribution:
    described = package.descriptor(folder, report)
    if described is None:
        return Contribution(_metadata(options, {}), report)
    about = _metadata(options, described)
    demand(about, Where(package.DESCRIPTOR), report)
    kept = folder / CORRECTED  # beside what was contributed before
    corrected = options.corrected or (corrections.read(kept) if kept.is_file() else ())
    files = package.tables(folder, described["resources"], scratch, report, into, corrected)
    originals = [(name, folder / name) for name in dict.fromkeys([package.DESCRIPTOR, *files])]
    return Contribution(about, report, into, originals=originals)


def _foreign(path: Path, options: Options, report: Report, into: Staged) -> Contribution:
    name = options.adapter or ""
    source = foreign.convert(name, path, report, into)
    spec = {**source.spec, **source.about}
    about = _metadata(options, {**spec, "name": name, "licenses": [{"name": spec["licence"]}]})
    about = replace(about, publisher=options.publisher or spec["publisher"], adapter=name)
    if source.edition:
        about = replace(about, version=source.edition, created=dates.moment(source.edition))
    demand(about, Where(path.name), report)
    originals = [(file, source.find(file)) for file in sorted(source.used)]
    return Contribution(about, report, into, originals=originals)


def _rdf(
    path: Path, options: Options, scratch: Path, names: Names, report: Report, into: Staged
) -> Contribution:
    stem = path.name.removesuffix(".gz").rpartition(".")[0]
    about = _metadata(options, {"name": options.dataset or stem, "title": path.name})
    demand(about, Where(path.name), report)
    found = Contribution(about, report, into, originals=[(path.name, path)])
    if is_name(about.dataset):  # else no IRI is one of the dataset's
        try:
            for table, rows in rdf.read(path, about.dataset, names, scratch, report).items():
                found.tables.add(table, rows)
        except Unreadable as error:
            report.add("error", Where(path.name), error.message, error.advice)
    return found


def _bare(path: Path, options: Options, scratch: Path, report: Report, into: Staged) -> Contribution:
    stem = path.name.split(".")[0]
    beside = "-problems" if ".problems" in path.name else ""  # what was left out replaces nothing of the rest
    about = _metadata(options, {"name": slug(stem) + beside, "title": path.name})
    demand(about, Where(path.name), report)
    found = bare.survey(path, path.name, options.asked, scratch, report, corrected=options.corrected)
    if found is None:
        return Contribution(about, report)
    if not found.mapped.filled:
        known = ", ".join(foreign.adapters())
        raise UsageError(
            f"{path.name} is neither a Data Package (a folder or .zip with datapackage.json) nor RDF, and no header "
            'of it is known. Say what its columns are, for example --map name="Vendor name" (opentier columns shows '
            f"them); for a foreign file name its adapter with --from: {known}."
        )
    if options.shown:
        options.shown(found)
    originals = [(path.name, path), _put(MAPPED, found.mapped.text(), scratch)]
    parties.tables(found, report, into)
    return Contribution(about, report, into, originals=originals)


def _book(
    path: Path,
    found: list[Survey],
    said: dict[str, Any],
    options: Options,
    scratch: Path,
    report: Report,
    into: Staged,
) -> Contribution:
    about = _metadata(options, {"name": slug(path.name.split(".")[0]), "title": path.name, **said})
    demand(about, Where(path.name), report)
    for each in found if options.shown else ():
        options.shown(each)  # type: ignore[misc]
    kept = _put(MAPPED, "\n".join(each.mapped.text() for each in found), scratch)
    parties.together(found, report, into)
    return Contribution(about, report, into, originals=[(path.name, path), kept])


def _put(name: str, text: str, scratch: Path) -> tuple[str, Path]:
    """Return a text as a file that is kept beside what was sent."""
    kept = Path(tempfile.mkdtemp(dir=scratch)) / name
    kept.write_text(text, "utf-8")
    return name, kept


def _metadata(options: Options, described: dict[str, Any]) -> Metadata:
    named = {**described, "title": options.title} if options.title else described
    said = metadata.of(named, options.dataset, options.licence, options.publisher)
    return anonymity.hidden(said) if options.anonymous else said
