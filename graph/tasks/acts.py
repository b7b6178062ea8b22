"""The acts that are done as jobs: what the commands of the same names do, with the same files as their results."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from opentier.graph.contribution import submission
from opentier.graph.contribution.bare import Asked
from opentier.graph.contribution.submission import Options
from opentier.graph.errors import UsageError
from opentier.graph.front import Graph, View
from opentier.graph.jobs.progress import Progress
from opentier.graph.matching.scoring import Weights
from opentier.graph.model import printed, sheet
from opentier.graph.report.report import ContributionError, Report
from opentier.graph.screening import listing, matches, returned
from opentier.graph.screening.listing import Listing
from opentier.graph.screening.returned import Beside
from opentier.graph.tasks import reported
from opentier.graph.tasks.folder import RESULTS, SCRATCH, SENT
from opentier.graph.tasks.job import Job
from opentier.graph.trace.parameters import Parameters, given

#: A file in the folder of a contribution that is there from the moment on which it may have been admitted.
_STORING = "storing"
#: The forms of a list that is given back, and those that are made where none is asked for.
FORMS, USUAL = ("csv", "xlsx", "json"), ("csv", "xlsx")


@dataclass(frozen=True)
class Ended:
    """How an act ended: a few figures, its files by their forms, and why it is not done, if it is not."""

    outcome: Mapping[str, Any]
    results: Mapping[str, str] = field(default_factory=dict)
    error: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return what is changed of the job."""
        state = "failed" if self.error else "done"
        return {"state": state, "outcome": self.outcome, "results": self.results, "error": self.error}


@dataclass(frozen=True)
class Task:
    """A job in the hands of the process that does it.

    Parameters
    ----------
    folder
        Where the job lies.
    """

    job: Job
    graph: Graph
    folder: Path
    progress: Progress

    @property
    def said(self) -> Mapping[str, Any]:
        """The options."""
        return self.job.said

    @property
    def sent(self) -> Path:
        """The file that was sent."""
        assert self.job.file is not None
        return self.folder / SENT / self.job.file.name

    @property
    def scratch(self) -> Path:
        """Where the process puts what it needs on its way."""
        return self.folder / SCRATCH

    @cached_property
    def results(self) -> Path:
        """Where the results are written."""
        return self.folder / RESULTS

    @property
    def again(self) -> bool:
        """Whether it was begun before, and may have been ended in the middle."""
        return self.job.tries > 1

    def paper(self, name: str) -> Path | None:
        """Return a file that was sent as an option."""
        return self.folder / SENT / f".{name}" if self.said.get(name) else None

    def view(self) -> View:
        """Return the current release."""
        return self.graph.view()

    def write(self, form: str, text: str, into: dict[str, str]) -> None:
        """Write a result, and note it."""
        into[form] = f"result.{form}"
        (self.results / into[form]).write_text(text, "utf-8")


def options(task: Task) -> Options:
    """Return what is said of a contribution."""
    said = task.said
    asked = Asked(
        tuple(said.get("map") or ()), task.paper("mapping"), said.get("table") or "", said.get("sheet") or ""
    )
    return Options(
        said.get("adapter"), said.get("dataset"), said.get("licence"), said.get("publisher"), asked, None,
        said.get("older", False), said.get("leave_out", False), said.get("match"),
    )  # fmt: skip


# --- Contributions ---------------------------------------------------------------------------------------------------


def validate(task: Task) -> Ended:
    """Write the report on a contribution; nothing is changed."""
    report = task.graph.validate(task.sent, options(task), task.progress)
    return _told(task, report, {})


def contribute(task: Task) -> Ended:
    """Admit a contribution, all of it or nothing; one that an ended process had admitted is not admitted twice."""

    def progress(stage: str, done: int, total: int) -> None:
        if stage == "storing" and not done:
            (task.folder / _STORING).touch()
        task.progress(stage, done, total)

    try:
        admitted = task.graph.contribute(task.sent, options(task), progress, since=_begun(task))
    except ContributionError as error:
        return _told(task, error.report, {}, refused=True)
    said = {"dataset": admitted.version.dataset, "version": admitted.version.number, "new": admitted.new}
    if admitted.matched:
        said |= {"likely_one": admitted.matched.pairs, "not_compared": admitted.matched.left_out}
    return _told(task, admitted.report, said)


def _begun(task: Task) -> str | None:
    """Return since when a contribution may have been admitted by a process that was ended; None where it was not."""
    return task.job.begun if (task.folder / _STORING).exists() else None


def _told(task: Task, report: Report, said: Mapping[str, Any], *, refused: bool = False) -> Ended:
    more = {name: said[name] for name in ("version", "new") if name in said}
    files = reported.write(report, task.sent, options(task), more, task.results, task.scratch)
    outcome = {"dataset": report.dataset, "conforms": report.conforms, "counts": report.counts(), **said}
    return Ended({**outcome, "summary": report.summary()}, files, report.summary() if refused else "")


def columns(task: Task) -> Ended:
    """Write what the columns of a table are taken for, and the mapping that says so."""
    report, files = Report(), dict[str, str]()
    found = submission.surveys(task.sent, options(task), task.scratch, report)
    if not found:
        return _unread(task, report)
    tables = [each.to_dict() for each in found]
    task.write("json", printed.text(tables[0] if len(tables) == 1 else {"sheets": tables}), files)
    if len(found) == 1:
        task.write("toml", found[0].mapped.text(), files)
    return Ended({"tables": [each["table"] for each in tables], "findings": _findings(report)}, files)


# --- Lists -----------------------------------------------------------------------------------------------------------


def match(task: Task) -> Ended:
    """Give a list back with whom each row may be."""
    report = Report()
    found = _listed(task, report)
    if found is None:
        return _unread(task, report)
    task.progress("reading the graph", 0, 1)
    view = task.view()
    matcher = view.matcher.weighing(_weights(task, "weights"))
    matched = matches.match(
        found, matcher, view.directory, report, task.said.get("country") or "", every=task.said["every"],
        progress=task.progress,
    )  # fmt: skip
    said = {"release": view.release.id, "counts": matched.counts(), "findings": _findings(report)}
    return Ended(said, _given(task, matched, lambda: matches.to_dict(matched)))


def screen(task: Task) -> Ended:
    """Give a list back with whom each row may be and what touches that one; keep it as a record, if that is asked for."""
    report, said = Report(), task.said
    records = task.graph.screenings(task.progress)
    if said.get("save") and not task.again:  # else it may be this one that is kept
        records.free(said["save"])
    found = _listed(task, report)
    if found is None:
        return _unread(task, report)
    task.progress("reading the graph", 0, 1)
    view, asked, weights = task.view(), parameters(said["parameters"]), task.paper("weights")
    made = view.screen(
        found, asked, severities=weights, weights=_weights(task, "match_weights"), country=said.get("country") or "",
        every=said["every"], whole="json" in _forms(task) or bool(said.get("save")), report=report,
        progress=task.progress,
    )  # fmt: skip
    files = _given(task, made, made.to_dict)
    first, *rows = made.about()
    task.write("limits.csv", sheet.text([str(cell) for cell in first], rows), files)
    verdict = {"result": made.verdict.result, "reasons": list(made.verdict.reasons)}
    outcome = {"release": view.release.id, "verdict": verdict, "counts": made.counts(), "findings": _findings(report)}
    if doubt := view.doubt(asked):
        outcome["warning"] = doubt
    if said.get("save"):
        kept = _kept(task) or records.keep_list(made, said["save"], {}, weights, every=said["every"])
        outcome["record"] = {"id": kept["id"], "hash": kept["hash"]}
    return Ended(outcome, files)


def again(task: Task) -> Ended:
    """Ask the question of a screening record of today's data, and compare the answers."""
    files, save = dict[str, str](), task.said.get("save")
    task.progress("reading the graph", 0, 1)
    records = task.graph.screenings(task.progress)
    if save and (kept := _kept(task)):
        compared, record = records.diff(task.said["id"], save), kept
    else:
        found = records.again(task.said["id"], save)
        compared, record = found.comparison, found.record
    task.write("json", printed.text(compared.to_dict()), files)
    outcome = {"verdict": record["verdict"], "counts": record["counts"], "changed": compared.changed}
    if save:
        outcome["record"] = {"id": record["id"], "hash": record["hash"]}
    return Ended(outcome, files)


def _kept(task: Task) -> dict[str, Any] | None:
    """Return the record that this job kept before it was ended in the middle."""
    if not task.again:
        return None
    try:
        return task.graph.screenings().read(task.said["save"])
    except UsageError:
        return None


def parameters(said: Mapping[str, Any]) -> Parameters:
    """Return the filters of a trace as a job keeps them."""
    return given({name: tuple(value) if isinstance(value, list) else value for name, value in said.items()})


def _weights(task: Task, name: str) -> Weights:
    sent = task.paper(name)
    found = Weights.read(sent) if sent else Weights.shipped()
    return found.within(task.said.get("accept"), task.said.get("review"))


def _listed(task: Task, report: Report) -> Listing | None:
    asked = Asked(tuple(task.said.get("map") or ()), sheet=task.said.get("sheet") or "")
    found = listing.read(task.sent, asked, task.scratch, report)
    return None if report.blocking else found


def _forms(task: Task) -> tuple[str, ...]:
    return tuple(task.said.get("format") or USUAL)


def _given(task: Task, found: Beside, whole: Callable[[], Any]) -> dict[str, str]:
    """Write a list with what stands beside it, in the forms that are asked for."""
    files, forms = dict[str, str](), _forms(task)
    if "csv" in forms:
        task.write("csv", returned.to_csv(found), files)
    if "xlsx" in forms:
        files["xlsx"] = "result.xlsx"
        returned.to_xlsx(found, task.results / files["xlsx"])
    if "json" in forms:
        task.write("json", printed.text(whole()), files)
    return files


def _findings(report: Report) -> list[str]:
    """Return what was found in a list, a sentence a kind."""
    return [f"{each.first.severity}: {each.message} {each.advice}".rstrip() for each in report.kinds()]


def _unread(task: Task, report: Report) -> Ended:
    """Return that a file cannot be read, and why."""
    files = dict[str, str]()
    task.write("json", report.to_json(), files)
    task.write("txt", report.to_text(reported.WIDTH), files)
    blocking = [each for each in report.sorted() if each.blocks]
    said = f"{blocking[0].message} {blocking[0].advice}".strip() if blocking else "It cannot be read."
    return Ended({"conforms": False, "counts": report.counts()}, files, said)


# --- Ended in the middle ---------------------------------------------------------------------------------------------


def settle(task: Task) -> dict[str, Any]:
    """Return what an act had changed before it was ended, and the sentence that says so."""
    from opentier.graph.admission import admission

    nothing = {"outcome": None, "said": "Nothing was changed."}
    if task.job.act == "contribute":
        since = _begun(task)
        known = admission.standing(task.sent, options(task), task.graph.store, since) if since else None
        if known is None:
            return nothing
        version = known.version
        said = f"It had been admitted before that, as version {version.number} of {version.dataset}."
        return {"outcome": {"dataset": version.dataset, "version": version.number, "new": True}, "said": said}
    if not (save := task.said.get("save")):
        return nothing
    try:
        record = task.graph.screenings().read(save)
    except UsageError:
        return nothing
    return {"outcome": {"record": {"id": save, "hash": record["hash"]}}, "said": f"The record {save} had been kept."}


#: What can be asked for, by name; and what of it changes data.
ACTS: dict[str, Callable[[Task], Ended]] = {
    "validate": validate, "columns": columns, "contribute": contribute, "match": match, "screen": screen,
    "again": again,
}  # fmt: skip
CHANGING = ("contribute", "screen", "again")
