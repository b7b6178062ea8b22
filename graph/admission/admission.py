"""Admission: the one way in. Read, check, validate, and publish a new version of a dataset, or nothing."""

from __future__ import annotations

import copy
import datetime
import hashlib
import json
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path

from opentier.graph.admission import audience, edition, repeats, stakes
from opentier.graph.admission.admitted import Admission
from opentier.graph.admission.elsewhere import Elsewhere, missed
from opentier.graph.contribution import submission
from opentier.graph.contribution.submission import Contribution, Options
from opentier.graph.errors import UnreadableRecord
from opentier.graph.identity import agreement, closure
from opentier.graph.identity.judgements import JUDGED, MATCHED
from opentier.graph.jobs.progress import Progress
from opentier.graph.model.names import Names
from opentier.graph.query import questions
from opentier.graph.records import counted, doubts, lines
from opentier.graph.records.checking import check
from opentier.graph.report.report import ContributionError, Report, Where
from opentier.graph.store import catalogue, durable, references
from opentier.graph.store.directory import Ready, Store, Waiting
from opentier.graph.store.lock import silent
from opentier.graph.store.release import Release
from opentier.graph.store.scope import OWNER, Reader
from opentier.graph.store.union import News, Vocabulary
from opentier.graph.threads import once
from opentier.graph.validation import shacl
from opentier.graph.vocabulary import documents

#: Tables whose rows take something back, or part what others join.
_NEGATING = ("retractions", "status_changes", "identity_judgements", "contradictions")
#: Datasets that nobody contributes to.
_OURS = MATCHED
Types = Callable[[Iterable[str]], Mapping[str, Iterable[str]]]


def validate(
    path: Path, options: Options | None, store: Store | None, progress: Progress, reader: Reader = OWNER
) -> Report:
    """Return the report on what lies at `path`, as a reader may see it (see `contribute`), and change nothing."""
    options = options or Options()
    with tempfile.TemporaryDirectory(prefix="opentier-") as scratch:
        found, names, beside = submitted(path, options, store, Path(scratch), progress, reader)
        _admissible(found, names, beside, Path(scratch), progress, options.leave_out)
        return found.report


def submitted(
    path: Path,
    options: Options,
    store: Store | None,
    scratch: Path,
    progress: Progress,
    reader: Reader = OWNER,
) -> tuple[Contribution, Names, Release | None]:
    """Return what lies at `path` as it is read, the names of things, and the release that it is held against."""
    names = store.names if store else Names()
    found = submission.read(path, options, scratch, names, partial(progress, "reading"))
    dataset, release = found.metadata.dataset, _current(store) if store else None
    before = release.seen_by(reader).current.get(dataset) if release else None
    if before is None or before.checksum != found.checksum:
        edition.check(found.metadata, before, found.report, older=options.older, based=options.based)
    return found, names, audience.beside(dataset, options, release, reader)


def others(release: Release | None, dataset: str) -> Release | None:
    """Return a release without a dataset."""
    return release.within(release.scope.leaving_out(dataset)) if release else None


def contribute(
    path: Path,
    options: Options,
    store: Store,
    progress: Progress,
    ready: Ready = lambda release, before: None,
    waiting: Waiting = silent,
    *,
    ours: bool = False,
    allowed: Callable[[str, Release | None], None] = lambda dataset, release: None,
    reader: Reader = OWNER,
) -> Admission:
    """Admit what lies at `path` as the next version of its dataset, all of it or nothing.

    It is read and checked beside the release as it is; the store is held for publishing only. Where others have
    published meanwhile, what depends on them is checked again. A public dataset is held against public ones alone: what
    it says stands without the others, and its report tells nothing of them.

    Parameters
    ----------
    ready
        Makes the release ready before it is published. What it cannot read is refused.
    waiting
        Is told for whom is waited, if at all.
    ours
        Whether it may be of a dataset that nobody contributes to.
    allowed
        Refuses a dataset that whoever contributes may not replace, told the release that it would be added to.
    reader
        Who contributes, as far as that decides what the report on a dataset that is not public may tell.

    Raises
    ------
    ContributionError
        If the report has errors or violations; the store is as it was.
    StoreBusy
        If another process writes for longer than is waited.
    """
    with store.scratch() as scratch:
        found = submission.read(path, options, scratch, store.names, partial(progress, "reading"))
        dataset, read = found.metadata.dataset, found.report
        if dataset in _OURS and not ours:
            read.add(
                "error", Where(""), f"{dataset} holds what the matcher finds.", "Give yours another name."
            )

        def checked(release: Release | None) -> tuple[Path, int]:
            nonlocal read
            found.report, beside = copy.deepcopy(read), audience.beside(dataset, options, release, reader)
            before = release.current.get(dataset) if release else None
            edition.check(found.metadata, before, found.report, older=options.older, based=options.based)
            made, read = _admissible(found, store.names, beside, scratch, progress, options.leave_out)
            if beside:
                missed(beside.dropped, store.names, found.report)
            if not found.report.conforms:
                raise ContributionError(found.report)
            return made

        def known_already(release: Release | None) -> Admission | None:
            known = _known(found, release, store, options.since)
            if known is None or release is None or not release.hidden_from(reader):
                return known
            beside = audience.beside(dataset, options, release, reader)
            found.report = copy.deepcopy(read)  # what is kept may be of somebody who saw more
            _admissible(found, store.names, beside, scratch, progress, options.leave_out)
            return replace(known, report=found.report)

        release = _current(store)
        allowed(dataset, release)
        if known := known_already(release):
            return known
        made = checked(release)
        with store.writing(waiting=waiting, purpose=f"a contribution to {dataset}"):
            now = release if release and release.id == store.current else _current(store)
            allowed(dataset, now)
            if known := known_already(now):
                return known
            if _seen(now) != _seen(release):
                made = checked(now)
            said = audience.visibility_of(dataset, options, now)
            return _published(found, made, store, now, progress, ready, said, reader)


def _current(store: Store) -> Release | None:
    return store.release() if store.current else None


def _seen(release: Release | None) -> list[str]:
    return [*release.graphs, *sorted(release.held)] if release else []


def standing(path: Path, options: Options, store: Store) -> Admission | None:
    """Return what became of a contribution whose process was ended (`Options.since`); None where it is not admitted."""
    with store.scratch() as scratch:
        found = submission.read(path, options, scratch, store.names)
        known = _known(found, _current(store), store, options.since)
    return known if known and known.new else None


def _known(found: Contribution, release: Release | None, store: Store, since: str | None) -> Admission | None:
    """Return the version that is current already, where a contribution is the same; new where `since` makes it so."""
    before = release.current.get(found.metadata.dataset) if release else None
    if before is None or not found.report.conforms or before.checksum != found.checksum:
        return None
    kept = store.folder(before.dataset, before.number) / "report.json"
    report = Report.from_dict(json.loads(kept.read_text("utf-8")))
    if since and before.admitted[:19] >= since[:19]:
        return Admission(before, report, new=True)
    if report.counts()["refused"] and not found.metadata.adapter:
        return None  # rows were left out that may be admissible now
    return Admission(before, report, new=False)


def _published(
    found: Contribution,
    made: tuple[Path, int],
    store: Store,
    before: Release | None,
    progress: Progress,
    ready: Ready,
    said: str,
    reader: Reader,
) -> Admission:
    """Publish a contribution that was checked, as the next version of its dataset, for those who may see it."""
    progress("storing", 0, 1)
    dataset, (file, triples) = found.metadata.dataset, made
    versions = [version for version in before.versions if version.dataset == dataset] if before else []
    was = before.current.get(dataset) if before else None
    number = max((version.number for version in versions), default=0) + 1
    iri = store.names.version(dataset, number)
    admitted = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    entry = catalogue.entry(found, store.names, number, triples, admitted)
    entry += catalogue.partitions(iri, **asdict(counted.count(found.tables, file)))
    keep = store.draft(), store.folder(dataset, number)

    def prepared(release: Release, name: str | None) -> None:
        ready(release, name)
        seen = audience.shown(release, dataset, said, reader)
        for each in references.broken(seen, dataset, was, release.current[dataset]):
            found.report.add("warning", Where(""), each.told(dataset), references.ADVICE)
        _keep(found, iri, keep[0])

    try:
        words = vocabulary(store.names.base)
        news = News({iri: file}, entry, words, {dataset: said}, dataset)
        published = store.publish(news, closure.pairs, keep, prepared)
    except UnreadableRecord as error:
        found.report.add("error", Where(""), str(error), error.advice)
        raise ContributionError(found.report) from error
    finally:
        shutil.rmtree(keep[0], ignore_errors=True)
    progress("storing", 1, 1)
    return Admission(published.current[dataset], found.report, new=True)


@once
def vocabulary(base: str) -> Vocabulary:
    """Return the vocabulary and the questions, as they are served."""
    said = [*documents.triples("ontology"), *questions.described(base)]
    return Vocabulary(said, hashlib.sha256("\n".join(sorted(map(str, said))).encode()).hexdigest())


def _admissible(
    found: Contribution,
    names: Names,
    release: Release | None,
    scratch: Path,
    progress: Progress,
    leave_out: bool,
) -> tuple[tuple[Path, int], Report]:
    """Check and validate a contribution, without the rows that keep it out, if these may be left out.

    What refers to a row that is left out is left out with it, until no row is wrong. Also returned is the report on
    reading, with what was left out.
    """
    before = copy.deepcopy(found.report)
    while True:
        made = _records(found, names, release, scratch, progress)
        report = found.report
        if report.conforms or not (leave_out and report.separable):
            return made, before
        if found.tables.holds(_NEGATING, report.rows.refused()):
            message = "Rows that take something back cannot be left out: what they take back would hold."
            report.add("error", Where(""), message, f"Mend the rows of {', '.join(_NEGATING)}.")
            return made, before
        gone = found.tables.leave(report.rows.refused())
        if not gone and before.conforms:
            return made, before
        before = report.apart(before)
        found.report = copy.deepcopy(before)


def _records(
    found: Contribution, names: Names, release: Release | None, scratch: Path, progress: Progress
) -> tuple[Path, int]:
    """Check and validate a contribution; write its triples to a file and count them."""
    dataset, file = found.metadata.dataset, scratch / "records.nt"
    rest = others(release, dataset)

    def types(iris: Iterable[str]) -> Mapping[str, Iterable[str]]:
        return rest.types(iris) if rest else {}

    def known(iris: Iterable[str]) -> set[str]:
        return rest.described(iris) if rest else set()

    records = check(found, names, known, partial(progress, "checking"))
    doubts.tell(records, found.metadata.created, found.report)
    said, several = agreement.said(records, names), dataset in JUDGED
    judgements = agreement.check(said, names, rest, found.report, several=several)
    if not found.report.conforms:
        return file, 0
    if not len(records):
        found.report.add(
            "error", Where(""), "There is nothing in this contribution.", "Add at least one row."
        )
        return file, 0
    if release:
        elsewhere = Elsewhere(records, dataset, release, judgements, scratch)
        repeats.tell(elsewhere, found.report)
        stakes.tell(elsewhere, found.report)
    written = lines.write(records, names, file, partial(progress, "writing"))
    shacl.validate(written, records, types, found.report, partial(progress, "validating"))
    return file, written.triples


def _keep(found: Contribution, version: str, folder: Path) -> None:
    """Write the original files (one zip, the same bytes for the same files), the report, and the hashes of both."""
    with zipfile.ZipFile(folder / "original.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, path in sorted(found.originals):
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, path.read_bytes())
    (folder / "report.json").write_text(found.report.to_json(), "utf-8")
    (folder / "report.txt").write_text(found.report.to_text(), "utf-8")
    with (folder / "report.ttl").open("w", encoding="utf-8", newline="\n") as output:
        output.writelines(catalogue.report(found.report, version))
    durable.write_hashes(folder)
