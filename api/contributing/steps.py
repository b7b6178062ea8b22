"""The steps of a contribution: which there are, which comes next, and the draft that one is about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Depends, HTTPException, Request
from fastapi.responses import HTMLResponse

from opentier.api.desk.jobs import PRIVATE
from opentier.api.http.access import Caller, CurrentCaller
from opentier.api.linked import page
from opentier.api.routes import jobs
from opentier.graph.errors import StoreError
from opentier.graph.front import Graph, View
from opentier.graph.tasks import drafts
from opentier.graph.tasks.job import Job
from opentier.graph.tasks.queue import Queue

#: What the drafts of these pages are about.
ABOUT = "contribute"
#: What a draft knows that no act is told.
_OWN = frozenset({"described", "consent"})


async def drafted(request: Request, who: CurrentCaller, id: str) -> Job:
    """Return the draft of an address; 404 where there is none, and where it is another's."""
    found = await drafts.find(request.app.state.jobs, who.id, ABOUT, id)
    if found is None:
        raise HTTPException(404, "There is no such file here, or it is past its time: send it again.")
    return found


#: The draft that a page is about.
Draft = Annotated[Job, Depends(drafted)]


def shown(request: Request, template: str, step: str, draft: Job | None = None, **given: Any) -> HTMLResponse:
    """Return the page of a step, which nobody else may keep."""
    steps = [
        "upload",
        *([] if draft and draft.said.get("described") else ["columns"]),
        "about",
        "report",
        "admitted",
    ]
    return page.response(
        request, template, _view(request), headers=PRIVATE, step=step, steps=steps, draft=draft, **given
    )


def _view(request: Request) -> View | None:
    """Return what the frame of a page says the data of; none where there is none that can be read."""
    graph: Graph = request.app.state.graph
    try:
        return graph.view(request.scope["state"]["caller"].reader)
    except StoreError:
        return None


async def asked(request: Request, who: Caller, draft: Job, act: str, **said: Any) -> Job:
    """Have a job done with the file of a draft, and with what is said of it."""
    queue: Queue = request.app.state.jobs
    known: Mapping[str, Any] = {
        name: value for name, value in draft.said.items() if name not in _OWN and value
    }
    job = jobs.of(who, act, {**known, **said}, draft.file, changing=act == "contribute")
    return await drafts.ask(queue, draft, job)
