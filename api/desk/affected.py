"""``/affected``: what the step from one version of a dataset to another changed in traces, at once or as a job."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict, replace
from typing import Any

from fastapi import HTTPException, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from opentier.api.desk.jobs import PRIVATE, Hand, begun
from opentier.api.http import work
from opentier.api.http.access import CurrentCaller
from opentier.api.http.deps import CurrentView
from opentier.api.linked import page
from opentier.api.pages import route
from opentier.api.pages.datasets import COMPARED
from opentier.api.routes.analytics import Compared, CurrentCompared, affecting
from opentier.api.routes.jobs import found
from opentier.graph.errors import WorkError
from opentier.graph.front import View
from opentier.graph.jobs.pool import Pool
from opentier.graph.kept import affected as kept
from opentier.graph.tasks.queue import Queue
from opentier.graph.trace.parameters import Parameters

router = route.router()


@router.get("/affected")
async def affected(
    request: Request,
    view: CurrentView,
    who: CurrentCaller,
    of: CurrentCompared,
) -> Response:
    """Show who gained or lost exposures, where that is soon known; else offer to find it out as a job."""
    before, after = await run_in_threadpool(kept.numbers, view, of.dataset, of.before, of.after)
    of = replace(of, before=before, after=after)
    await run_in_threadpool(affecting, view, who, of)
    return _shown(request, view, of, await _soon(request, view, of) if _small(view) else None)


def _small(view: View) -> bool:
    """Return whether the data is so small that both of its states are compared while somebody waits."""
    return sum(version.triples for version in view.release.current.values()) <= COMPARED


async def _soon(request: Request, view: View, of: Compared) -> dict[str, Any] | None:
    """Return what is found; None where it takes too long, or the client goes."""
    pool: Pool = request.app.state.pools["traces"]
    asked = work.asked(view, Parameters(), work="affected", **asdict(of), form="json")
    try:
        answer = await work.done(request, pool, asked)
    except WorkError:
        return None
    if answer is None:
        return None
    told: dict[str, Any] = json.loads(await answer.whole())
    return told


@router.post("/affected")
async def ask(
    request: Request,
    view: CurrentView,
    who: Hand,
    of: CurrentCompared,
) -> Response:
    """Have it found out as a job."""
    return await begun(request, await run_in_threadpool(affecting, view, who, of))


@router.get("/jobs/{id}/affected")
async def answered(request: Request, view: CurrentView, who: CurrentCaller, id: str) -> Response:
    """Show what a job found out."""
    job = await found(request, who, id)
    if job.act != "affected" or job.state != "done" or not job.results:
        raise HTTPException(404, "Nothing of this kind was found out, or it is past its time.")
    queue: Queue = request.app.state.jobs
    told = await asyncio.to_thread(queue.folder.found, job)
    of = Compared(told["dataset"], told["from"] or 0, told["to"] or 0, job.said["roots"])
    return _shown(request, view, of, told, files=f"jobs/{id}/result")


def _shown(
    request: Request, view: View, of: Compared, told: dict[str, Any] | None, *, files: str = ""
) -> Response:
    private = PRIVATE if files else None
    return page.response(
        request, "affected.html", view, headers=private, **asdict(replace(of, roots=of.roots or "")),
        told=told, files=files, first=kept.FIRST, each=kept.EACH,
    )  # fmt: skip
