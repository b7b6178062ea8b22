"""``/jobs/ID`` in a browser: what is being done, how far it is, how to end it; what is done leads on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import Depends, Request
from fastapi.responses import RedirectResponse, Response

from opentier.api.http.access import Caller, CurrentCaller, acting, caller
from opentier.api.linked import page
from opentier.api.pages import route
from opentier.api.routes.jobs import FORMS, found, readable, told
from opentier.graph.exposure.words import Figure
from opentier.graph.tasks import drafts
from opentier.graph.tasks.job import NOBODY, Job
from opentier.graph.tasks.queue import Queue

router = route.router()

#: Where one is led who waits for a job that is done: by what its draft is about ("" where it has none), and by its act.
LEADS: Mapping[str, Mapping[str, str]] = {
    "": {
        "contribute": "contributions/{id}",
        "again": "jobs/{id}/changes",
        "trace": "screenings/{save}",
        "withdraw": "datasets/{dataset}",
        "restore": "datasets/{dataset}",
        "affected": "jobs/{id}/affected",
    },
    "contribute": {
        "columns": "contribute/{of}/columns",
        "validate": "contribute/{of}/report",
        "contribute": "contributions/{id}",
    },
    "screen": {
        "list_columns": "screen/{of}/columns",
        "list_matches": "screen/{of}/matches",
        "list_result": "screen/{of}/result",
        "list_record": "screen/{of}/result",
    },
}
#: Seconds for which the answer to a form is held back: what is done by then needs no page on which one waits.
BRIEF = 1.0
#: What nobody else may keep.
PRIVATE = {"Cache-Control": "no-store"}

#: Whoever acts with his own hand.
Hand = Annotated[Caller, Depends(acting("public"))]


def led(request: Request, address: str) -> RedirectResponse:
    """Return the answer to a form: the address of the page that comes next, below that of the service."""
    where = f"{request.scope.get('root_path', '')}/{address}"
    return RedirectResponse(where, 303, headers=PRIVATE)


async def begun(request: Request, job: Job) -> Response:
    """Have a job done for which no file is sent, and answer as `waited` does."""
    queue: Queue = request.app.state.jobs
    async with queue.sending(job.owner, job.origin) as folder:
        job = await queue.add(folder, job)
    return await waited(request, job)


async def waited(request: Request, job: Job) -> Response:
    """Return the answer to whoever asked for a job: where it is done, or what came of it where that is soon known."""
    queue: Queue = request.app.state.jobs
    await queue.wait(job.id, BRIEF)
    job = readable(request, caller(request), queue.get(job.id) or job)
    return led(request, lead(queue, job) or f"jobs/{job.id}")


def last(request: Request, draft: Job, act: str) -> Job | None:
    """Return the last job of an act that worked on a draft, as whoever asks may read it."""
    known = drafts.last(request.app.state.jobs, draft, act)
    return None if known is None else readable(request, caller(request), known)


def lead(queue: Queue, job: Job) -> str | None:
    """Return the address of what came of a job; None where its own page says all that there is."""
    if (job.state != "done" or job.error) and not (job.act == "contribute" and job.results):
        return None
    draft = queue.get(job.of) if job.of else None
    known = LEADS.get(draft.act if draft else "", {}).get(job.act)
    about, save = quote(str((job.outcome or {}).get("dataset", ""))), quote(str(job.said.get("save") or ""))
    if known is None or ("{save}" in known and not save):
        return None
    return known.format(id=job.id, of=job.of, dataset=about, save=save)


@router.get("/jobs/{id}")
async def job(request: Request, who: CurrentCaller, id: str) -> Response:
    """Show how far a job is; one that is done leads on."""
    queue: Queue = request.app.state.jobs
    known = await found(request, who, id)
    further = lead(queue, known)
    if not known.open and "hx-request" in request.headers:  # a part of a page cannot lead away, its whole can
        where = further or f"jobs/{quote(id)}"
        root = request.scope.get("root_path", "")
        return Response(headers={**PRIVATE, "HX-Redirect": f"{root}/{where}"})
    if further:
        return led(request, further)
    said = told(queue, known)
    draft = queue.get(known.of) if known.of else None
    return page.response(
        request, "job.html", headers=PRIVATE, job=said, left=left(said["progress"]), files=files(queue, known),
        back=f"{draft.act}/{draft.id}" if draft else "", owned=known.owner != NOBODY,
    )  # fmt: skip


@router.post("/jobs/{id}/end")
async def end(request: Request, who: Hand, id: str) -> Response:
    """End a job that waits or runs, and lead back to its draft; remove one that has ended."""
    queue: Queue = request.app.state.jobs
    known = await found(request, who, id)
    draft = queue.get(known.of) if known.of else None
    ended = await queue.cancel(known)
    if ended is not None:
        return led(request, f"jobs/{id}")
    return led(request, f"{draft.act}/{draft.id}" if draft else "contribute")


def files(queue: Queue, job: Job) -> list[dict[str, Any]]:
    """Return what came of a job as files, those first that are for people, with their bytes."""
    return [
        {"form": form, "bytes": queue.folder.result(job, form).stat().st_size}
        for form in FORMS
        if form in job.results
    ]


def left(progress: Mapping[str, Any] | None) -> str:
    """Return how long the stage of a job will take in words; nothing where that is not known."""
    seconds = (progress or {}).get("seconds_left")
    if seconds is None:
        return ""
    if seconds < 90:
        return f"About {Figure(max(seconds, 1)):second} left."
    return f"About {Figure(round(seconds / 60)):minute} left."
