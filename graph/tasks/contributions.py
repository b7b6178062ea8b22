"""Contributions as jobs: the report on one, its admission, and what its columns are taken for."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from opentier.graph.contribution import originals, submission
from opentier.graph.contribution.bare import Asked
from opentier.graph.contribution.submission import Options
from opentier.graph.errors import UsageError
from opentier.graph.intake import corrections
from opentier.graph.model import printed
from opentier.graph.report import page, table
from opentier.graph.report.report import ContributionError, Report
from opentier.graph.tasks.task import WIDTH, Ended, Task, findings, unread

#: A file in the folder of a job that is there from the moment on which it may have been admitted.
STORING = "storing"


def options(task: Task) -> Options:
    """Return what is said of a contribution."""
    said = task.said
    asked = Asked(
        tuple(said.get("map") or ()), task.paper("mapping"), said.get("table") or "", said.get("sheet") or ""
    )
    paper = task.paper("corrections")
    return Options(
        said.get("adapter"), said.get("dataset"), said.get("licence"), said.get("publisher"), asked, None,
        said.get("older", False), said.get("leave_out", False), said.get("match"), visibility=said.get("visibility"),
        since=_begun(task),
        anonymous=said.get("anonymous", False), title=said.get("title"),
        corrected=corrections.read(paper) if paper else (),
    )  # fmt: skip


class _Watch:
    """Tells how many rows of a contribution are read, and what was found in them so far."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._found = {"rows": 0, "errors": 0, "guesses": 0}

    def options(self) -> Options:
        """Return what is said of the contribution, with what is told of each finding."""

        def watch(errors: int, guesses: int) -> None:
            self._found |= {"errors": errors, "guesses": guesses}

        return replace(options(self._task), watch=watch)

    def progress(self, stage: str, done: int, total: int) -> None:
        """Tell how far it is."""
        if stage == "reading":
            self._found["rows"] = done
        if stage == "storing" and not done:
            (self._task.folder / STORING).touch()
        self._task.note(dict(self._found))
        self._task.progress(stage, done, total)


def validate(task: Task) -> Ended:
    """Write the report on a contribution; nothing is changed."""
    watch = _Watch(task)
    report = task.graph.validate(task.sent, watch.options(), watch.progress, task.reader)
    return _told(task, report, {})


def contribute(task: Task) -> Ended:
    """Admit a contribution, all of it or nothing; one that an ended process had admitted is not admitted twice."""
    watch = _Watch(task)
    try:
        admitted = task.graph.contribute(task.sent, watch.options(), watch.progress, reader=task.reader)
    except ContributionError as error:
        return _told(task, error.report, {}, refused=True)
    said = {"dataset": admitted.version.dataset, "version": admitted.version.number, "new": admitted.new}
    if admitted.matched:
        said |= {"likely_one": admitted.matched.pairs, "not_compared": admitted.matched.left_out}
    return _told(task, admitted.report, said)


def _begun(task: Task) -> str | None:
    """Return since when a contribution may have been admitted by a process that was ended; None where it was not."""
    return task.job.begun if (task.folder / STORING).exists() else None


def _told(task: Task, report: Report, said: Mapping[str, Any], *, refused: bool = False) -> Ended:
    more = {name: said[name] for name in ("version", "new") if name in said}
    files = _written(report, task.sent, options(task), more, task.results, task.scratch)
    outcome = {"dataset": report.dataset, "conforms": report.conforms, "counts": report.counts(), **said}
    return Ended({**outcome, "summary": report.summary()}, files, report.summary() if refused else "")


def columns(task: Task) -> Ended:
    """Write what the columns of a table are taken for, and the mapping that says so."""
    report, files = Report(), dict[str, str]()
    found = submission.surveys(task.sent, options(task), task.scratch, report)
    if not found:
        return unread(task, report)
    tables = [each.to_dict() for each in found]
    task.write("json", printed.text(tables[0] if len(tables) == 1 else {"sheets": tables}), files)
    if len(found) == 1:
        task.write("toml", found[0].mapped.text(), files)
    return Ended({"tables": [each["table"] for each in tables], "findings": findings(report)}, files)


def settled(task: Task) -> dict[str, Any] | None:
    """Return what a job had changed before it was ended, and the sentence that says so; None where it had not."""
    from opentier.graph.admission import admission

    asked = options(task)
    known = admission.standing(task.sent, asked, task.graph.store) if asked.since else None
    if known is None:
        return None
    version, graph = known.version, task.graph
    graph.keys.contributed(task.job.owner, version.dataset)
    what = f"{version.dataset} version {version.number}"
    graph.audit.write(task.job.owner, "contribute", what, "admitted", version.checksum)
    said = f"It had been admitted before that, as version {version.number} of {version.dataset}."
    return {"outcome": {"dataset": version.dataset, "version": version.number, "new": True}, "said": said}


def _written(
    report: Report, sent: Path, options: Options, more: Mapping[str, Any], folder: Path, scratch: Path
) -> dict[str, str]:
    """Write a report to files in a folder; return their names by their forms.

    A contribution of one table has it with its problems beside it as ``csv``. ``zip`` holds such tables where there are
    several, and the rows that were not admitted.
    """
    texts = {
        "json": printed.text({**more, **report.to_dict()}),
        "html": page.html(report),
        "txt": report.to_text(WIDTH),
        "md": table.markdown(report),
    }
    files = {form: f"result.{form}" for form in texts}
    for form, text in texts.items():
        (folder / files[form]).write_text(text, "utf-8")
    if originals.given_back(sent, options):
        files |= _tables(report, sent, options, folder, scratch)
    return files


def _tables(report: Report, sent: Path, options: Options, folder: Path, scratch: Path) -> dict[str, str]:
    made = scratch / "tables"
    made.mkdir()
    try:
        tables = originals.annotated(sent, options, report, made / "result.csv", scratch)
    except UsageError:  # it holds no table
        return {}
    problems = originals.problems(sent, options, report, made, scratch)
    files = {}
    if len(tables) == 1:
        files["csv"] = "result.csv"
        tables[0].rename(folder / files["csv"])
    packed = problems if len(tables) == 1 else [*tables, *problems]
    if packed:
        files["zip"] = "result.zip"
        with zipfile.ZipFile(folder / files["zip"], "w", zipfile.ZIP_DEFLATED) as archive:
            for each in packed:
                archive.writestr(zipfile.ZipInfo(each.name), each.read_bytes(), zipfile.ZIP_DEFLATED)
    return files
