"""``/contribute/ID/report``, ``/contributions/ID``: what was found in a file, its admission, and what came of that."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Depends, HTTPException, Query, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from opentier.api.contract.sent import said
from opentier.api.contributing import corrections
from opentier.api.contributing.steps import ABOUT, Draft, asked, shown
from opentier.api.desk.jobs import PRIVATE, last, led, waited
from opentier.api.desk.jobs import files as made
from opentier.api.http.access import Caller, CurrentCaller, acting
from opentier.api.http.deps import CurrentView
from opentier.api.linked import page
from opentier.api.pages import route
from opentier.api.routes.jobs import found
from opentier.graph.errors import UnknownDataset
from opentier.graph.front import View
from opentier.graph.report import page as pages
from opentier.graph.report.report import Report
from opentier.graph.tasks import drafts
from opentier.graph.tasks.job import Job
from opentier.graph.tasks.queue import Queue
from opentier.graph.written import licences

router = route.router()

#: What findings can be narrowed to, by their ranks.
ONLY = {"errors": 2, "guesses": 1, "information": 0}
#: Rows of one kind that are shown.
_ROWS = 25


@router.get("/contribute/{id}/report")
async def report(
    request: Request,
    who: CurrentCaller,
    draft: Draft,
    only: Annotated[
        Literal["errors", "guesses", "information"] | None, Query(description="Findings of one kind.")
    ] = None,
    file: Annotated[str | None, Query(description="Findings in one table.")] = None,
) -> Response:
    """Show what was found, one line a kind."""
    queue: Queue = request.app.state.jobs
    job = last(request, draft, "validate")
    if job is None:
        return led(request, f"{ABOUT}/{draft.id}/about")
    if job.open or not job.results:
        return await waited(request, job)
    given = await _told(queue, job, only, file, draft)
    return shown(
        request, "contribute-report.html", "report", draft, job=job, may=who.may("contributor"), **given
    )


@router.post("/contribute/{id}/admit")
async def admit(
    request: Request, who: Annotated[Caller, Depends(acting("contributor"))], draft: Draft
) -> Response:
    """Admit a file: all of it, or what is left where the rows that were named are left out."""
    queue: Queue = request.app.state.jobs
    form = await said(request)
    running = drafts.last(queue, draft, "contribute")
    if running is None or not running.open:  # a button that is pressed twice admits once
        running = await asked(request, who, draft, "contribute", leave_out=form.one("leave_out") == "yes")
    return await waited(request, running)


@router.get("/contributions/{id}")
async def admitted(request: Request, who: CurrentCaller, view: CurrentView, id: str) -> Response:
    """Show what came of a contribution: the version that it is, or why it is none."""
    queue: Queue = request.app.state.jobs
    job = await found(request, who, id)
    if job.act != "contribute":
        raise HTTPException(404, f"No contribution is called {id!r}, or it is past its time.")
    if job.open or job.outcome is None:
        return led(request, f"jobs/{id}")
    draft = await drafts.find(queue, who.id, ABOUT, job.of) if job.of else None
    given = await _told(queue, job, None, None) if "json" in job.results else None
    if job.state != "done" and given and "version" not in job.outcome:
        return shown(
            request, "contribute-report.html", "report", draft, job=job, may=who.may("contributor"),
            **{**given, "corrections": await corrections.kept(queue, draft) if draft else ()},
        )  # fmt: skip
    version = await run_in_threadpool(_version, view, job.outcome)
    return page.response(
        request, "contribute-admitted.html", view, headers=PRIVATE, job=job, outcome=job.outcome, draft=draft,
        version=version,
        licence=licences.words(version["licence"]) if version else "", report=given, files=made(queue, job),
        curator=who.may("curator"),
    )  # fmt: skip


def _version(view: View, outcome: Any) -> dict[str, Any] | None:
    """Return the version that a contribution became; None where whoever asks may not see it any more."""
    try:
        described = view.described(outcome["dataset"])
    except UnknownDataset:
        return None
    return next((each for each in described if each["number"] == outcome["version"]), None)


async def _told(
    queue: Queue, job: Job, only: str | None, file: str | None, draft: Job | None = None
) -> dict[str, Any]:
    """Return what a report says, for its page; of a draft, with the fields in which cells can be corrected."""
    report = Report.from_dict(await run_in_threadpool(queue.folder.found, job))
    every, tables = report.kinds(), bool({"csv", "zip"} & set(job.results))
    combined = await corrections.combined(queue, draft) if draft and tables else frozenset[str]()
    offered = [
        corrections.offered(kind, number, combined if draft and tables else None)
        for number, kind in enumerate(every)
    ]
    kinds = [
        {
            **each,
            "examples": [{**one, **more} for one, more in zip(each["examples"], fields, strict=False)][
                :_ROWS
            ],
            "hidden": len(each["examples"]) > _ROWS or each["more"],
            "correctable": any(one["fields"] for one in fields[:_ROWS]),
        }
        for each, fields in zip(map(pages.described, every), offered, strict=True)
        if (only is None or each["rank"] == ONLY[only]) and (file is None or each["file"] == file)
    ]
    blocking = [finding for finding in report.findings if finding.blocks]
    return {
        "kinds": kinds, "counts": report.counts(), "conforms": report.conforms, "only": only, "file": file,
        "many": {name: sum(kind.first.rank == rank for kind in every) for name, rank in ONLY.items()},
        "tables": sorted({kind.first.file for kind in every if kind.first.file}),
        "whole": sum(finding.row is None and finding.subject is None for finding in blocking),
        "corrections": await corrections.kept(queue, draft) if draft else (),
        "correctable": bool(draft and tables), "errors": report.blocking, "files": made(queue, job),
    }  # fmt: skip
