"""What the steps of a screening share: whose list it is, the work that is asked for, and what came of it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Depends, HTTPException, Request
from fastapi.responses import Response

from opentier.api.contract.sent import said
from opentier.api.desk.jobs import PRIVATE, last, led
from opentier.api.http.access import Caller, CurrentCaller, caller
from opentier.api.linked import page
from opentier.api.routes import jobs
from opentier.graph.front import Graph, View
from opentier.graph.screening.shelf import Shelf
from opentier.graph.tasks import drafts
from opentier.graph.tasks.folder import RESULTS
from opentier.graph.tasks.job import Job
from opentier.graph.tasks.queue import Queue

#: What the drafts of these pages are about.
ABOUT = "screen"
#: The steps, each with the act that is done in it, in this order.
STEPS = {"columns": "list_columns", "matches": "list_matches", "result": "list_result"}
#: What is done with a result beside.
RECORD = "list_record"
#: Rows on a page.
ROWS = 25

Decided = Mapping[str, Mapping[str, tuple[str, str]]]


async def drafted(request: Request, who: CurrentCaller, id: str) -> Job:
    """Return the list of an address; 404 where there is none, and where it is another's."""
    found = await drafts.find(request.app.state.jobs, who.id, ABOUT, id)
    if found is None:
        raise HTTPException(404, "There is no such list here: it was deleted, or it is past its time.")
    return found


#: The list that a page is about.
Draft = Annotated[Job, Depends(drafted)]


async def form(request: Request) -> dict[str, str]:
    """Return what the fields of a form say, by their names."""
    return (await said(request)).every()


def view(request: Request) -> View:
    """Return the current release, as whoever asks may see it."""
    graph: Graph = request.app.state.graph
    return graph.view(caller(request).reader)


def shown(request: Request, template: str, step: str, draft: Job | None = None, **given: Any) -> Response:
    """Return the page of a step, which is its reader's alone."""
    queue: Queue = request.app.state.jobs
    done = [each for each, act in STEPS.items() if draft and drafts.last(queue, draft, act)]
    response = page.response(
        request, template, view(request), headers=PRIVATE, step=step, draft=draft, done=done,
        days=queue.bounds.drafts, **given,
    )  # fmt: skip
    del response.headers[
        "OpenTier-Release"
    ]  # what it shows is no answer of a release, that others could keep
    return response


def decided(draft: Job) -> Decided:
    """Return what was decided of the matches of a list: by row and actor, and on which day."""
    known: Decided = draft.said.get("decided") or {}
    return known


def judged(draft: Job, row: int | str) -> dict[str, str]:
    """Return what was decided of a row, by the ids of the actors."""
    return {actor: same for actor, (same, _) in decided(draft).get(str(row), {}).items()}


# --- Work ------------------------------------------------------------------------------------------------------------


async def begin(request: Request, who: Caller, draft: Job, act: str, **more: Any) -> Job:
    """Have the work of a step done; what came of later ones counts no longer."""
    queue: Queue = request.app.state.jobs
    acts = [*STEPS.values(), RECORD]
    for job in drafts.jobs(queue, draft):
        if acts.index(job.act) > acts.index(act):
            await drafts.drop(queue, job)
    asked = jobs.of(who, act, {**draft.said, **more}, draft.file, changing=act == RECORD)
    return await drafts.ask(queue, draft, asked)


async def until(request: Request, draft: Job, step: str) -> Shelf | Response:
    """Return what came of the work of a step; or lead to where that is done, or to the step before it."""
    job = last(request, draft, STEPS[step])
    if job is not None and (job.state != "done" or job.error):
        return led(request, f"jobs/{job.id}")
    if job is None:
        before = list(STEPS)[: list(STEPS).index(step)]
        return led(request, f"{ABOUT}/{draft.id}/{before[-1]}" if before else ABOUT)
    return await opened(request, job)


async def opened(request: Request, job: Job) -> Shelf:
    """Return what came of some work that is done."""
    queue: Queue = request.app.state.jobs
    return await asyncio.to_thread(Shelf, queue.folder.place(job.id) / RESULTS)


def part(request: Request, total: int, number: int) -> dict[str, Any]:
    """Return which rows of a long list a page has, and the addresses of those before and after it."""
    first = min((number - 1) * ROWS, max((total - 1) // ROWS, 0) * ROWS)
    number = first // ROWS + 1

    def at(which: int) -> str:
        return f"?{request.url.include_query_params(page=which).query}"

    return {
        "number": number, "begin": first, "first": first + 1 if total else 0, "last": min(first + ROWS, total),
        "total": total, "before": at(number - 1) if first else "",
        "after": at(number + 1) if first + ROWS < total else "",
    }  # fmt: skip
