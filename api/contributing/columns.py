"""``/contribute/ID/columns``: what each column of a file is taken for, how its values are read, and what is chosen."""

from __future__ import annotations

import hashlib
from typing import Any

from fastapi import Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from opentier.api.contract.sent import Said, said
from opentier.api.contributing import corrections
from opentier.api.contributing.steps import ABOUT, Draft, asked, shown
from opentier.api.desk.jobs import Hand, led, waited
from opentier.api.http.access import CurrentCaller
from opentier.api.pages import route
from opentier.graph.errors import UsageError
from opentier.graph.intake import writings
from opentier.graph.intake.mapping import Mapped
from opentier.graph.model.tables import TABLES
from opentier.graph.tasks import drafts, looked
from opentier.graph.tasks.job import Job
from opentier.graph.tasks.queue import Queue

router = route.router()


@router.get("/contribute/{id}/columns")
async def columns(request: Request, who: CurrentCaller, draft: Draft) -> Response:
    """Show what the columns are taken for."""
    queue: Queue = request.app.state.jobs
    job = drafts.last(queue, draft, "columns") or await asked(request, who, draft, "columns")
    if job.state != "done":
        return await waited(request, job)
    found = await _looked(queue, job)
    if "sheets" in found:
        sheets = [{**each, "read": looked.columns(each)} for each in found["sheets"]]
        return shown(request, "contribute-book.html", "columns", draft, sheets=sheets)
    return shown(
        request, "contribute-columns.html", "columns", draft, found=found, columns=looked.columns(found),
        spelled=writings.spelled, tables=list(TABLES),
        choices=looked.choices(TABLES[found["table"]]), book=_a_book(draft),
        sheet=draft.said.get("sheet") or "",
        constants={each["column"]: each["constant"] for each in found["columns"] if each["constant"]},
        findings=(job.outcome or {}).get("findings", []),
        corrections=await corrections.kept(queue, draft),
    )  # fmt: skip


@router.post("/contribute/{id}/columns")
async def choose(request: Request, who: Hand, draft: Draft) -> Response:
    """Keep what is chosen; look again where it is another table or sheet, or something lacks."""
    queue: Queue = request.app.state.jobs
    form = await said(request)
    job = drafts.last(queue, draft, "columns")
    found = await _looked(queue, job) if job and job.state == "done" else {}
    if "sheets" in found:
        return led(request, f"{ABOUT}/{draft.id}/about")
    table, sheet = form.one("table"), form.one("sheet")
    if table not in TABLES:
        raise UsageError(f"No table is called {table[:40]!r}.")
    if not found or (table, sheet) != (found["table"], draft.said.get("sheet") or ""):
        changed = {"table": table, "sheet": sheet or None, "mapping": None}
        draft = await drafts.change(queue, draft, changed, {"mapping": ""})
        return await waited(request, await asked(request, who, draft, "columns"))
    mapped = _chosen(form, found)
    text = mapped.text()
    kept = {"table": table, "mapping": hashlib.sha256(text.encode()).hexdigest()}
    draft = await drafts.change(queue, draft, kept, {"mapping": text})
    if mended := list(corrections.of_columns(form, found, looked.columns(found))):
        known = await corrections.kept(queue, draft)
        draft = await corrections.keep(queue, draft, corrections.more(known, mended, who))
    job = await asked(request, who, draft, "columns")
    if mapped.missing or not mapped.filled or mended or form.one("then") == "look":
        return await waited(request, job)
    return led(request, f"{ABOUT}/{draft.id}/about")


def _chosen(form: Said, found: dict[str, Any]) -> Mapped:
    """Return the mapping that a form says; UsageError where a column of ours is none."""
    rows = looked.columns(found)
    is_, forms, table = form.below("is"), form.below("form"), TABLES[found["table"]]
    known = set(looked.choices(table))
    chosen: dict[str, list[str]] = {}
    written: dict[str, str] = {}
    for number, row in enumerate(rows):
        name = is_.get(str(number), "")
        if not name:
            continue
        if name not in known:
            raise UsageError(f"{table.name} has no column {name[:60]!r}.")
        chosen.setdefault(name, []).extend(row["headers"])
        how = forms.get(str(number)) or (row["form"] if name == row["column"] else "")
        if how:
            written[name] = how
    constants = {name: value for name, value in form.below("all").items() if name in known}
    return looked.mapped(table.name, chosen, {k: v for k, v in constants.items() if k not in chosen}, written)


def _a_book(draft: Job) -> bool:
    """Return whether a file has sheets, by its name."""
    assert draft.file is not None
    return draft.file.name.lower().rpartition(".")[2] in ("xlsx", "xlsm", "xls", "ods")


async def _looked(queue: Queue, job: Job) -> dict[str, Any]:
    """Return what a look at the columns found."""
    found: dict[str, Any] = await run_in_threadpool(queue.folder.found, job)
    return found
