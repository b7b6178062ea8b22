"""Lists of suppliers as jobs: matched, screened, and asked again of today's data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from opentier.graph.access.audit import RECORDED
from opentier.graph.contribution.bare import Asked
from opentier.graph.errors import UsageError
from opentier.graph.matching.scoring import Weights
from opentier.graph.model import printed, sheet
from opentier.graph.report.report import Report
from opentier.graph.screening import listing, matches, returned
from opentier.graph.screening.listing import Listing
from opentier.graph.screening.returned import Beside
from opentier.graph.tasks.task import Ended, Task, findings, unread
from opentier.graph.trace.parameters import Parameters, given

#: The forms in which a list is given back where none is asked for.
USUAL = ("csv", "xlsx")


def match(task: Task) -> Ended:
    """Give a list back with whom each row may be."""
    report = Report()
    found = _listed(task, report)
    if found is None:
        return unread(task, report)
    task.progress("reading the graph", 0, 1)
    view = task.view()
    matcher = view.matcher.weighing(_weights(task, "weights"))
    matched = matches.match(
        found, matcher, view.directory, report, task.said.get("country") or "", every=task.said["every"],
        progress=task.progress,
    )  # fmt: skip
    said = {"release": view.release.id, "counts": matched.counts(), "findings": findings(report)}
    return Ended(said, _given(task, matched, lambda: matches.to_dict(matched)))


def screen(task: Task) -> Ended:
    """Give a list back with whom each row may be and what touches that one; keep it as a record where one is asked."""
    report, said = Report(), task.said
    records = task.screenings()
    if said.get("save") and not task.again:  # else it may be this one that is kept
        records.free(said["save"])
    found = _listed(task, report)
    if found is None:
        return unread(task, report)
    task.progress("reading the graph", 0, 1)
    view, asked, weights = task.view(), parameters(said["parameters"]), task.paper("weights")
    made = view.screen(
        found, asked, severities=weights, weights=_weights(task, "match_weights"),
        country=said.get("country") or "", every=said["every"],
        whole="json" in _forms(task) or bool(said.get("save")), report=report, progress=task.progress,
    )  # fmt: skip
    files = _given(task, made, made.to_dict)
    first, *rows = made.about()
    task.write("limits.csv", sheet.text([str(cell) for cell in first], rows), files)
    verdict = {"result": made.verdict.result, "reasons": list(made.verdict.reasons)}
    outcome = {
        "release": view.release.id,
        "verdict": verdict,
        "counts": made.counts(),
        "findings": findings(report),
    }
    if doubt := view.doubt(asked):
        outcome["warning"] = doubt
    if said.get("save"):
        record = (kept(task) if task.again else None) or records.keep_list(
            made, said["save"], {}, weights, every=said["every"]
        )
        outcome["record"] = {"id": record["id"], "hash": record["hash"]}
    return Ended(outcome, files)


def trace(task: Task) -> Ended:
    """Trace an actor, and keep the answer as a record."""
    said, records = task.said, task.screenings()
    record = kept(task) if task.again else None
    if record is None:
        task.progress("reading the graph", 0, 1)
        record = records.trace(said["actor"], said["save"], **vars(parameters(said["parameters"])))
    outcome = {"verdict": record["verdict"], "counts": record["counts"]}
    return Ended({**outcome, "record": {"id": record["id"], "hash": record["hash"]}})


def again(task: Task) -> Ended:
    """Ask the question of a screening record of today's data, and compare the answers."""
    files, save = dict[str, str](), task.said.get("save")
    task.progress("reading the graph", 0, 1)
    records = task.screenings()
    if save and task.again and (known := kept(task)):
        compared, record = records.diff(task.said["id"], save), known
    else:
        found = records.again(task.said["id"], save)
        compared, record = found.comparison, found.record
    task.write("json", printed.text(compared.to_dict()), files)
    outcome = {"verdict": record["verdict"], "counts": record["counts"], "changed": compared.changed}
    if save:
        outcome["record"] = {"id": record["id"], "hash": record["hash"]}
    return Ended(outcome, files)


def kept(task: Task) -> dict[str, Any] | None:
    """Return the record that a job has kept, and have the audit log say so; its id was free when it was accepted."""
    id, owner, audit = task.said["save"], task.job.owner, task.graph.audit
    try:
        record = task.screenings().read(id)
    except UsageError:
        return None
    kept_by = audit.recorded().get(id)
    if kept_by is None:  # its process was ended between the two
        audit.write(owner, RECORDED[0], id, RECORDED[1], record["hash"])
    return record if kept_by in (None, owner) else None


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


def settled(task: Task) -> dict[str, Any] | None:
    """Return what a job had changed before it was ended, and the sentence that says so; None where it had not."""
    save = task.said.get("save")
    if not save or (record := kept(task)) is None:
        return None
    return {
        "outcome": {"record": {"id": save, "hash": record["hash"]}},
        "said": f"The record {save} had been kept.",
    }
