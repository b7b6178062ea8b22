"""``/contribute/ID/corrections``: cells of a file that is on its way are corrected here, and corrections are undone.

The file stays as it was sent. What is read instead, who said so and when is kept with the draft, and beside the file
once it is admitted.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from fastapi import Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from opentier.api.contract.sent import Said, said
from opentier.api.contributing.steps import Draft, asked
from opentier.api.desk.jobs import Hand, last, waited
from opentier.api.http.access import Caller
from opentier.api.pages import route
from opentier.graph.errors import Named, UsageError
from opentier.graph.intake import corrections, mapping
from opentier.graph.intake.corrections import Correction
from opentier.graph.report.findings import EMPTY, Finding
from opentier.graph.report.kinds import Example, Kind
from opentier.graph.report.report import Report
from opentier.graph.tasks import drafts
from opentier.graph.tasks.job import Job, now
from opentier.graph.tasks.queue import Queue

router = route.router()

#: The paper of a draft that holds its corrections, and that which holds its mapping.
PAPER, _MAPPING = "corrections", "mapping"
#: Rows of a value that are offered one by one.
_ROWS = 25


@router.post("/contribute/{id}/corrections")
async def correct(request: Request, who: Hand, draft: Draft) -> Response:
    """Keep what is corrected, or undo it, and look at the file again: at its columns, or at all of it."""
    queue: Queue = request.app.state.jobs
    form, known = await said(request), await kept(queue, draft)
    if undone := form.one("undo"):
        changed = () if undone == "all" else tuple(each for each in known if each.id != undone)
    else:
        job = last(request, draft, "validate")
        report = Report()
        if job and job.results:
            report = Report.from_dict(await run_in_threadpool(queue.folder.found, job))
        if form.below("new") or form.below("none"):
            _demand_same(job, form.one("job"))
        found = [*_of_findings(form, report), *_of_cell(form)]
        if not found:
            raise UsageError("Nothing is corrected: say what a cell is to say, or that it is to be empty.")
        changed = more(known, found, who)
    draft = await keep(queue, draft, changed)
    act = "columns" if form.one("then") == "columns" else "validate"
    return await waited(request, await asked(request, who, draft, act))


async def kept(queue: Queue, draft: Job) -> tuple[Correction, ...]:
    """Return the corrections of a draft."""
    paper = queue.folder.paper(draft, PAPER)
    return () if paper is None else await run_in_threadpool(corrections.read, paper)


def more(known: Iterable[Correction], found: Iterable[Correction], who: Caller) -> tuple[Correction, ...]:
    """Return corrections with more of them, of somebody and of now; another one of a cell takes the place of the first.

    Raises
    ------
    UsageError
        If they are too many.
    """

    def place(each: Correction) -> tuple[Any, ...]:
        return (each.file, each.row, each.column, each.old)

    by = {place(each): each for each in known}
    by |= {place(each): replace(each, by=who.id, when=now()[:19] + "Z") for each in found}
    if len(by) > corrections.MOST:
        raise UsageError(
            f"A file has at most {corrections.MOST:,} corrections here: mend it, and send it again."
        )
    return tuple(by.values())


async def keep(queue: Queue, draft: Job, changed: Collection[Correction]) -> Job:
    """Keep the corrections of a draft in the place of those that it had."""
    text = corrections.text(changed) if changed else ""
    digest = hashlib.sha256(text.encode()).hexdigest() if changed else None
    return await drafts.change(queue, draft, {PAPER: digest}, {PAPER: text})


async def combined(queue: Queue, draft: Job) -> frozenset[str]:
    """Return the columns, as findings call them, that are put together of several of a file: none is one cell."""
    paper = queue.folder.paper(draft, _MAPPING)
    if paper is None:
        return frozenset()
    _, headers, _, _ = await run_in_threadpool(mapping.read, paper)
    return frozenset(name.rpartition(".")[2] for name, at in headers.items() if len(at) > 1)


def offered(kind: Kind, number: int, combined: Collection[str] | None) -> list[dict[str, Any]]:
    """Return the fields in which what a kind of findings is about can be corrected, for each of its examples.

    A field has the rows that it may be about; one of a cell that is empty is about one row.

    Parameters
    ----------
    combined
        The columns of which no cell is one; None where nothing can be corrected.
    """
    fields: list[dict[str, Any]] = []
    for at, each in enumerate(kind.examples()):
        rows = [row for row in each.rows if isinstance(row, int)]
        if combined is None or not rows or not _correctable(kind.first, each, combined):
            fields.append({"fields": [], "count": 0})
        elif each.value is None:
            places = [{"name": f"{number}.{at}.{row}", "row": row} for row in rows[:_ROWS]]
            fields.append({"fields": places, "count": 1})
        else:
            one = {"name": f"{number}.{at}", "row": rows[0] if each.count == 1 else None}
            fields.append({"fields": [one], "count": each.count, "one_by_one": rows[:_ROWS]})
    return fields


def _correctable(first: Finding, example: Example, combined: Collection[str]) -> bool:
    named = bool(first.rank and first.file and first.column and first.subject is None)
    stated = example.value is not None or EMPTY in (first.message, example.message)
    return named and stated and first.column not in combined


def _of_findings(form: Said, report: Report) -> Iterator[Correction]:
    """Yield what is corrected of the findings of a report; UsageError where a field names none."""
    new, into = form.below("new"), form.below("in")
    empty = dict.fromkeys(form.below("none"), "")
    kinds = report.kinds()
    for name, value in {**new, **empty}.items():
        try:
            number, at, *row = (int(part) for part in name.split("."))
            kind = kinds[number]
            example = list(kind.examples())[at]
        except (ValueError, IndexError):
            raise UsageError(
                "The form names a finding that there is not: look at the report again."
            ) from None
        chosen = into.get(name, "")
        which = row[0] if row else int(chosen) if chosen.isdecimal() else None
        if which is None and example.count == 1 and isinstance(example.rows[0], int):
            which = example.rows[0]
        if value != (example.value or ""):
            yield Correction(kind.first.file, which, kind.first.column or "", example.value or "", value)


def _of_cell(form: Said) -> Iterator[Correction]:
    """Yield what is corrected of a cell that is named by its place; UsageError where something lacks."""
    column, row = form.one("column"), form.one("row")
    if not column:
        return
    if row and (not row.isdecimal() or not int(row)):
        raise UsageError(
            Named("row"), f" is the number of a row, or empty for all that say so; not {row[:20]!r}."
        )
    if not row and not form.one("old"):
        raise UsageError(Named("row"), " is missing: say in which row the cell is empty.")
    if form.one("old") == form.one("value"):
        raise UsageError(Named("value"), " is what the cell says already.")
    yield Correction(form.one("file"), int(row) if row else None, column, form.one("old"), form.one("value"))


def of_columns(form: Said, found: Mapping[str, Any], rows: list[dict[str, Any]]) -> Iterator[Correction]:
    """Yield what is corrected of the first values of columns, in all rows that say so.

    Parameters
    ----------
    found, rows
        What a look at the columns found, and the columns as they are shown.
    """
    for name, value in form.below("mend").items():
        try:
            number, at = (int(part) for part in name.split("."))
            header, old = rows[number]["headers"][0], rows[number]["samples"][at]
        except (ValueError, IndexError):
            raise UsageError("The form names a value that there is not: look at the columns again.") from None
        if value != old:
            yield Correction(found["file"], None, header, old, value)


def _demand_same(job: Job | None, shown: str) -> None:
    if job is None or job.id != shown:
        raise UsageError("The report was made again since: look at it, and correct what is left.")
