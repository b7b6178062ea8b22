"""``/contribute``: a file is sent, sent again once it is mended, or deleted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fastapi import Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from opentier.api.contract.uploads import MOST, received
from opentier.api.contributing.corrections import PAPER
from opentier.api.contributing.steps import ABOUT, Draft, asked, shown
from opentier.api.desk.jobs import Hand, last, led, waited
from opentier.api.http.access import Caller, CurrentCaller
from opentier.api.pages import route
from opentier.api.routes import jobs
from opentier.graph.contribution import foreign
from opentier.graph.errors import UsageError
from opentier.graph.tasks import drafts, looked
from opentier.graph.tasks.folder import SENT
from opentier.graph.tasks.job import File, Job
from opentier.graph.tasks.queue import Queue

router = route.router()


@router.get("/contribute")
async def front(request: Request, who: CurrentCaller) -> Response:
    """Ask for a file."""
    mine = await drafts.every(request.app.state.jobs, who.id, ABOUT)
    forms = [(name, foreign.describe(name)["title"]) for name in foreign.adapters()]
    may = who.may("contributor")
    return shown(request, "contribute.html", "upload", drafts=mine, adapters=forms, most=MOST >> 20, may=may)


@router.post("/contribute")
async def send(request: Request, who: Hand) -> Response:
    """Keep the file that is sent as a draft, and look at its columns where it does not say what they are."""

    def about(sent: Mapping[str, str]) -> dict[str, Any]:
        if (adapter := sent.get("adapter") or None) and adapter not in foreign.adapters():
            raise UsageError(f"No adapter is called {adapter[:40]!r}.")
        return {"adapter": adapter}

    draft = await _kept(request, who, about)
    if draft.said["described"]:
        return led(request, f"{ABOUT}/{draft.id}/about")
    return await waited(request, await asked(request, who, draft, "columns"))


@router.get("/contribute/{id}")
async def step(request: Request, draft: Draft) -> Response:
    """Lead to the step that comes next."""
    queue: Queue = request.app.state.jobs
    check = last(request, draft, "validate")
    if check is not None and (check.open or check.results):
        return led(request, f"{ABOUT}/{draft.id}/report")
    failed = check is not None and check.state == "failed"
    if failed and draft.said.get("mapping"):  # it may be of a file with other headers
        draft = await drafts.change(queue, draft, {"mapping": None}, {"mapping": ""})
    columns = not draft.said["described"] and (failed or not draft.said.get("consent"))
    return led(request, f"{ABOUT}/{draft.id}/{'columns' if columns else 'about'}")


@router.post("/contribute/{id}/file")
async def again(request: Request, who: Hand, draft: Draft) -> Response:
    """Take a mended file in the place of the one that was sent: what is said of it stays, and it is checked at once."""
    queue: Queue = request.app.state.jobs
    papers = {
        name: paper.read_text("utf-8") if (paper := queue.folder.paper(draft, name)) else ""
        for name in ("mapping", PAPER)
    }
    made = await _kept(request, who, lambda sent: draft.said)
    made = await drafts.change(queue, made, {}, papers)
    await drafts.remove(queue, draft)
    return await waited(request, await asked(request, who, made, "validate"))


@router.post("/contribute/{id}/delete")
async def delete(request: Request, who: Hand, draft: Draft) -> Response:
    """Delete a draft at once, with all reports on it."""
    await drafts.remove(request.app.state.jobs, draft, kept=("contribute",))
    return led(request, ABOUT)


async def _kept(
    request: Request, who: Caller, about: Callable[[Mapping[str, str]], Mapping[str, Any]]
) -> Job:
    """Keep what is sent as a draft; `about` makes what is said of it of the fields of the form."""
    queue: Queue = request.app.state.jobs
    async with queue.sending(who.id, who.origin) as folder:
        sent = await received(request, folder / SENT, ())
        said = dict(about(dict(sent.fields)))
        path = folder / SENT / sent.name
        said["described"] = await run_in_threadpool(looked.described, path, said.get("adapter"))
        file = File(sent.name, sent.bytes, sent.sha256)
        return await queue.add(folder, drafts.made(jobs.of(who, ABOUT, said, file, changing=False), ABOUT))
