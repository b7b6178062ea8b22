"""``/screen/ID/result``: what touches the rows of a list, the file with it, and the record that is kept of it."""

from __future__ import annotations

import re
from dataclasses import asdict
from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from fastapi.responses import FileResponse, Response

from opentier.api.desk.jobs import PRIVATE, Hand, last, waited
from opentier.api.http.access import Caller, CurrentCaller, acting
from opentier.api.pages import route
from opentier.api.routes.jobs import FORMS
from opentier.api.screening import lists
from opentier.api.screening.lists import RECORD, STEPS, Draft
from opentier.api.screening.matches import Page, undecided
from opentier.graph.errors import UsageError
from opentier.graph.front import Graph
from opentier.graph.screening.found import KINDS
from opentier.graph.screening.shelf import ALL, Shelf
from opentier.graph.tasks.job import Job
from opentier.graph.tasks.queue import Queue
from opentier.graph.trace.parameters import FILTERS, Parameters

router = route.router()
#: What may be asked of a list.
_ASKED = ("product", "on", "max_tier", "min_confidence", "kinds")
#: The files that come of a list, and what is behind its name in theirs.
_FILES = {"csv": "screened", "xlsx": "screened", "limits.csv": "limits"}
#: They are given to whoever asks for them, a browser or a program.
files = APIRouter(include_in_schema=False)

Which = Annotated[
    Literal["all", "measure", "risk", "possible", "none", "untested", "place"],
    Query(description="Which rows."),
]


@router.get("/screen/{id}/result")
async def result(
    request: Request, who: CurrentCaller, draft: Draft, show: Which = "all", page: Page = 1
) -> Response:
    """Show what touches the rows, the worst first."""
    made = await lists.until(request, draft, "result")
    if isinstance(made, Response):
        return made
    numbers = made.numbers(ALL if show == "all" else show)
    part = lists.part(request, len(numbers), page)
    compared = await lists.until(request, draft, "matches")
    return lists.shown(
        request, "screen-result.html", "result", draft, told=made.about, part=part, show=show,
        rows=made.rows(numbers[part["begin"] : part["last"]]),
        counts={"all": made.many(), **{kind: made.many(kind) for kind in KINDS}},
        stale=_stale(made, draft), older=made.about["release"] != lists.view(request).release.id,
        waiting=len(undecided(compared, draft)) if isinstance(compared, Shelf) else 0,
        saves=who.may("contributor"), saved=last(request, draft, RECORD), suggested=_suggested(draft),
        traced=lambda id, product: _traced(draft, id, product), base=request.app.state.base,
    )  # fmt: skip


def _stale(made: Shelf, draft: Job) -> bool:
    """Return whether something was decided since a list was screened."""
    then, now = (
        {(row, actor, each[0]) for row, of in known.items() for actor, each in of.items()}
        for known in (made.about["decided"], lists.decided(draft))
    )
    return then != now


def _traced(draft: Job, id: str, product: str | None) -> str:
    """Return the query of the trace that a row rests on; its own product, where there is one, or none of any ("")."""
    asked = dict(draft.said.get("parameters") or {})
    if product is not None:
        asked["product"] = product or None
    usual = asdict(Parameters())
    said = {
        FILTERS[name].called: ",".join(value) if isinstance(value, list) else value
        for name, value in asked.items()
        if name in _ASKED
        and value not in (None, list(usual[name]) if isinstance(usual[name], tuple) else usual[name])
    }
    return urlencode({"actor": id, **said})


@router.post("/screen/{id}/result")
async def again(request: Request, who: Hand, draft: Draft) -> Response:
    """Screen the list again, with what was said since."""
    return await waited(request, await lists.begin(request, who, draft, STEPS["result"]))


@router.post("/screen/{id}/record")
async def save(
    request: Request, who: Annotated[Caller, Depends(acting("contributor"))], draft: Draft
) -> Response:
    """Keep the answer as a screening record."""
    made = await lists.until(request, draft, "result")
    if isinstance(made, Response) or _stale(made, draft):
        raise UsageError("Something was said since this was answered: screen the list again, then save it.")
    name = (await lists.form(request)).get("save", "").strip()
    graph: Graph = request.app.state.graph
    graph.store.screenings.free(name)
    job = await lists.begin(request, who, draft, RECORD, save=name, release=made.about["release"])
    return await waited(request, job)


def _suggested(draft: Job) -> str:
    """Return an id that a record of a list may have."""
    assert draft.file is not None
    stem = re.sub(r"[^a-z0-9]+", "-", draft.file.name.rpartition(".")[0].lower()).strip("-")
    return f"{stem or 'list'}-{draft.made[:10]}"


@files.get("/screen/{id}/result.{form}")
async def file(request: Request, draft: Draft, form: str) -> Response:
    """Give the list back with what was found, or what that rests on (``limits.csv``)."""
    queue: Queue = request.app.state.jobs
    job = last(request, draft, STEPS["result"])
    if job is None or form not in _FILES or form not in job.results:
        raise HTTPException(404, "There is no such file of this list, or it is not made yet.")
    assert draft.file is not None
    stem = draft.file.name.partition(".")[0]
    path = queue.folder.result(job, form)
    name = f"{stem}-{_FILES[form]}.{form.rpartition('.')[2]}"
    return FileResponse(path, headers={**PRIVATE, "Content-Type": FORMS[form]}, filename=name)
