"""What the steps of a screening share: whose list it is, the work that is asked for, and the page until that is done."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from fastapi import HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from opentier.api.http.access import ELSEWHERE, LOCAL, Caller, caller
from opentier.api.http.deps import body_of
from opentier.api.linked import page
from opentier.api.routes.jobs import of
from opentier.graph.desk import shelf
from opentier.graph.desk.desk import Desk
from opentier.graph.desk.shelf import Shelf
from opentier.graph.desk.upload import COLUMNS, MATCHES, RECORD, RESULT, STEPS, Upload
from opentier.graph.errors import NotAllowed, UsageError
from opentier.graph.front import Graph, View
from opentier.graph.tasks.job import NOBODY, Job
from opentier.graph.tasks.queue import Queue

#: The act that is done in each step.
_ACTS = {COLUMNS: "list_columns", MATCHES: "list_matches", RESULT: "list_result", RECORD: "list_record"}
#: What a step is called while it is done.
_DOING = {
    COLUMNS: "Reading the list", MATCHES: "Comparing names", RESULT: "Screening", RECORD: "Saving the record",
}  # fmt: skip
#: Seconds for which a page waits for work that may end soon, rather than tell how far it is.
_SOON = 2.0
#: Bytes of a form without a file.
_MOST = 1 << 20
PRIVATE = {"Cache-Control": "no-store"}
#: Rows on a page.
ROWS = 25


def desk(request: Request) -> Desk:
    """Return where lists are kept."""
    found: Desk = request.app.state.desk
    return found


def found(request: Request, who: Caller, id: str) -> Upload:
    """Return a list by its id: 404 of one that there is not, and of one that is another's."""
    upload = desk(request).get(id)
    if upload is None or not (upload.nobodys or who.id == upload.owner or who is LOCAL):
        raise HTTPException(404, "There is no such list, or it was deleted.")
    return upload


def demand_hand(who: Caller) -> None:
    """Raise NotAllowed where the page of another site asks, in the browser of whoever sits at the machine."""
    if who is ELSEWHERE:
        raise NotAllowed("The page of another site asks for this, and without a key it may not.")


async def form(request: Request) -> dict[str, str]:
    """Return the fields of a form; of several of one name the last."""
    body = await body_of(request, _MOST)
    if body is None:
        raise HTTPException(413, f"A form has at most {_MOST:,} bytes.")
    try:
        return dict(parse_qsl(body.decode("utf-8"), keep_blank_values=True))
    except UnicodeDecodeError:
        raise UsageError("The form is not UTF-8.") from None


def led(request: Request, address: str) -> RedirectResponse:
    """Lead on to an address of this service."""
    return RedirectResponse(f"{request.scope.get('root_path', '')}/{address}", 303, headers=PRIVATE)


def shown(request: Request, template: str, **given: Any) -> Response:
    """Return a page that is its reader's alone, with the release that is current."""
    response = page.response(request, template, view(request), headers=PRIVATE, **given)
    del response.headers["OpenTier-Release"]  # what it shows is no answer of a release, that others could keep
    return response


def view(request: Request) -> View:
    """Return the current release, as whoever asks may see it."""
    graph: Graph = request.app.state.graph
    return graph.view(caller(request).reader)


# --- Work ------------------------------------------------------------------------------------------------------------


def job(request: Request, upload: Upload, step: str) -> Job | None:
    """Return the work of a step, as far as it is still known."""
    queue: Queue = request.app.state.jobs
    return queue.get(upload.jobs.get(step, ""))


async def begin(request: Request, who: Caller, upload: Upload, step: str, **said: Any) -> Upload:
    """Ask for the work of a step; what was made in that and in later ones counts no longer."""
    queue: Queue = request.app.state.jobs
    await end(request, upload)
    asked = of(who, _ACTS[step], {"upload": upload.id, **said}, changing=step == RECORD)
    async with queue.sending(who.id) as draft:
        asked = await queue.add(draft, asked)
    if step != RECORD:
        desk(request).clear(upload.id, STEPS[STEPS.index(step) :])
    changed = desk(request).change(upload.id, lambda each: each.asking(step, asked.id))
    return changed or upload


async def end(request: Request, upload: Upload) -> None:
    """End what is done with a list."""
    queue: Queue = request.app.state.jobs
    await queue.known()
    for step in upload.jobs:
        known = job(request, upload, step)
        if known is not None and known.open:
            await queue.cancel(known)


def open_(request: Request, upload: Upload, step: str) -> Shelf | None:
    """Return what was made of a list in a step, if it is there."""
    place: Path = desk(request).place(upload.id)
    return shelf.opened(place, step)


async def until(request: Request, upload: Upload, step: str) -> Shelf | Response:
    """Return what was made of a list in a step; or the page on how far that is, or on why it is not there."""
    queue: Queue = request.app.state.jobs
    await queue.known()
    known, polled = job(request, upload, step), "hx-request" in request.headers
    if known is not None and known.open and not polled:
        await queue.wait(known.id, _SOON)
        known = job(request, upload, step)
    if known is not None and known.open:
        return waiting(request, upload, step, known)
    if polled:
        return Response(status_code=204, headers={"HX-Redirect": str(request.url.path), **PRIVATE})
    if known is not None and known.state != "done":
        return shown(request, "screen/stopped.html", upload=upload, step=step, job=known)
    made = await asyncio.to_thread(open_, request, upload, step)
    if made is not None:
        return made
    before = STEPS[: STEPS.index(step)]
    return led(request, f"screen/{upload.id}/{before[-1]}" if before else "screen")


def waiting(request: Request, upload: Upload, step: str, known: Job) -> Response:
    """Return the page on how far some work is."""
    queue: Queue = request.app.state.jobs
    progress: Mapping[str, Any] = queue.progress(known) or {}
    return shown(
        request, "screen/progress.html", upload=upload, step=step, doing=_DOING[step], job=known, progress=progress,
        ahead=queue.ahead(known) if known.state == "waiting" else 0,
    )  # fmt: skip


def owner(who: Caller) -> dict[str, Any]:
    """Return whose a list is that somebody sends."""
    return {"owner": who.id, "nobodys": who.id == NOBODY}


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
