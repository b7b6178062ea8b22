"""Admission: the one way in. Read, check, validate, and publish a new version of a dataset, or nothing."""

from __future__ import annotations

import datetime
import json
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from opentier.graph.contribution import doubts, submission
from opentier.graph.contribution.records import check
from opentier.graph.contribution.report import ContributionError, Report, Where
from opentier.graph.contribution.submission import Contribution, Options
from opentier.graph.errors import UnreadableRecord
from opentier.graph.identity import agreement, closure
from opentier.graph.jobs.progress import Progress
from opentier.graph.model.names import Names
from opentier.graph.model.rdf import Triple
from opentier.graph.model.versions import Version
from opentier.graph.query import questions
from opentier.graph.store import catalogue, durable
from opentier.graph.store.directory import Ready, Store
from opentier.graph.store.release import Release
from opentier.graph.store.union import News
from opentier.graph.validation import mapping, shacl
from opentier.graph.vocabulary import documents, syntax

Types = Callable[[Iterable[str]], Mapping[str, Iterable[str]]]


@dataclass(frozen=True)
class Admission:
    """What became of a contribution: its version, its report, and whether it was new."""

    version: Version
    report: Report
    new: bool


def validate(path: Path, options: Options, store: Store | None, progress: Progress) -> Report:
    """Return the report on what lies at `path`, and change nothing."""
    with tempfile.TemporaryDirectory(prefix="opentier-") as scratch:
        names = store.names if store else Names()
        found = submission.read(path, options, Path(scratch), names)
        release = store.release() if store and store.current else None
        _records(found, names, release, Path(scratch), progress)
        return found.report


def contribute(
    path: Path,
    options: Options,
    store: Store,
    progress: Progress,
    ready: Ready = lambda release, before: None,
) -> Admission:
    """Admit what lies at `path` as the next version of its dataset, all of it or nothing.

    Parameters
    ----------
    ready
        Makes the release ready before it is published. What it cannot read is refused.

    Raises
    ------
    ContributionError
        If the report has errors or violations; the store is as it was.
    """
    with store.writing(), tempfile.TemporaryDirectory(dir=store.scratch()) as scratch:
        found = submission.read(path, options, Path(scratch), store.names)
        release = store.release() if store.current else None
        before = release.current.get(found.metadata.dataset) if release else None
        if before and found.report.conforms and before.checksum == found.checksum:
            kept = store.folder(before.dataset, before.number) / "report.json"
            return Admission(before, Report.from_dict(json.loads(kept.read_text("utf-8"))), new=False)
        file, triples = _records(found, store.names, release, Path(scratch), progress)
        if not found.report.conforms:
            raise ContributionError(found.report)
        progress("storing", 0, 1)
        number = before.number + 1 if before else 1
        iri = store.names.version(found.metadata.dataset, number)
        admitted = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
        entry = catalogue.entry(found, store.names, number, triples, admitted)
        keep = store.draft(), store.folder(found.metadata.dataset, number)
        _keep(found, iri, keep[0])
        try:
            news = News({iri: file}, entry, vocabulary(store.names))
            published = store.publish(news, closure.pairs, keep, ready)
        except UnreadableRecord as error:
            found.report.add("error", Where(""), str(error), error.advice)
            raise ContributionError(found.report) from error
        progress("storing", 1, 1)
        return Admission(published.current[found.metadata.dataset], found.report, new=True)


def vocabulary(names: Names) -> list[Triple]:
    """Return the vocabulary and the questions, as they are served."""
    return [*documents.triples("ontology"), *questions.described(names.base)]


def _records(
    found: Contribution, names: Names, release: Release | None, scratch: Path, progress: Progress
) -> tuple[Path, int]:
    """Check and validate a contribution; write its triples to a file and count them."""
    dataset, file = found.metadata.dataset, scratch / "records.nt"
    others = release.within(release.scope.leaving_out(dataset)) if release else None

    def types(iris: Iterable[str]) -> Mapping[str, Iterable[str]]:
        return others.types(iris) if others else {}

    def shapes(done: int, total: int) -> None:
        progress("validating", done, total)

    total = sum(len(rows) for rows in found.tables.values())

    def known(iri: str) -> bool:
        return others is not None and others.known(iri)

    progress("checking", 0, total)
    records = check(found, names, known, lambda done: progress("checking", done, total))
    progress("checking", total, total)
    doubts.tell(records, found.metadata.created, found.report)
    agreement.check(agreement.said(records, names), names, others, found.report)
    if not found.report.conforms:
        return file, 0
    if not records:
        found.report.add(
            "error", Where(""), "There is nothing in this contribution.", "Add at least one row."
        )
        return file, 0
    triples = mapping.write(records, names, file, lambda done: progress("writing", done, len(records)))
    shacl.validate(file, {record.iri: record for record in records}, types, found.report, shapes)
    return file, triples


def _keep(found: Contribution, version: str, folder: Path) -> None:
    """Write the original files (one zip, the same bytes for the same files), the report, and the hashes of both."""
    with zipfile.ZipFile(folder / "original.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, path in sorted(found.originals):
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, path.read_bytes())
    (folder / "report.json").write_text(found.report.to_json(), "utf-8")
    (folder / "report.txt").write_text(found.report.to_text(), "utf-8")
    (folder / "report.ttl").write_bytes(syntax.write(catalogue.report(found.report, version), "turtle"))
    durable.write_hashes(folder)
