"""``/screen/ID/result``: what touches the rows of a list, the file with it, and the record that is kept of it."""

from __future__ import annotations

import asyncio
import re
from dataclasses import asdict
from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from fastapi.responses import FileResponse, Response

from opentier.api.desk import steps
from opentier.api.desk.matches import Page, undecided
from opentier.api.http.access import Caller, CurrentCaller, acting
from opentier.api.pages.route import router as pages
from opentier.api.routes.jobs import FORMS
from opentier.graph.desk.found import KINDS
from opentier.graph.desk.shelf import ALL
from opentier.graph.desk.upload import MATCHES, RECORD, RESULT, Upload
from opentier.graph.errors import UsageError
from opentier.graph.front import Graph
from opentier.graph.trace.parameters import FILTERS, Parameters

router = pages()
#: What may be asked of a list.
_ASKED = ("product", "on", "max_tier", "min_confidence", "kinds")
#: The files, which are given to whoever asks for them, a browser or a program.
files = APIRouter(include_in_schema=False)

Which = Annotated[
    Literal["all", "measure", "risk", "possible", "none", "untested"], Query(description="Which rows.")
]


@router.get("/screen/{id}/result")
async def result(
    request: Request, who: CurrentCaller, id: str, show: Which = "all", page: Page = 1
) -> Response:
    """Show what touches the rows, the worst first."""
    upload = steps.found(request, who, id)
    made = await steps.until(request, upload, RESULT)
    if isinstance(made, Response):
        return made
    numbers = made.numbers(ALL if show == "all" else show)
    part = steps.part(request, len(numbers), page)
    compared = await asyncio.to_thread(steps.open_, request, upload, MATCHES)
    saved = steps.job(request, upload, RECORD)
    return steps.shown(
        request, "screen/result.html", upload=upload, told=made.about, part=part, show=show,
        rows=made.rows(numbers[part["begin"] : part["last"]]),
        counts={"all": made.many(), **{kind: made.many(kind) for kind in KINDS}},
        measures=made.many("measure"), stale=made.about["round"] != upload.round,
        older=made.about["release"] != steps.view(request).release.id,
        waiting=len(undecided(compared, upload)) if compared else 0,
        yes=sum(said == "yes" for of in upload.decided.values() for said, _ in of.values()),
        saves=who.may("contributor"), saved=saved, suggested=_suggested(upload),
        traced=lambda id: _traced(upload, id), base=request.app.state.base,
    )  # fmt: skip


def _traced(upload: Upload, id: str) -> str:
    """Return the query of the trace that a row rests on."""
    asked = upload.said.get("parameters") or {}
    usual = asdict(Parameters())
    said = {
        FILTERS[name].called: ",".join(value) if isinstance(value, list) else value
        for name, value in asked.items()
        if name in _ASKED and value not in (None, list(usual[name]) if isinstance(usual[name], tuple) else usual[name])
    }
    return urlencode({"actor": id, **said})


@router.post("/screen/{id}/result")
async def again(request: Request, who: CurrentCaller, id: str) -> Response:
    """Screen the list again, with what was said since."""
    steps.demand_hand(who)
    upload = steps.found(request, who, id)
    await steps.begin(request, who, upload, RESULT)
    return steps.led(request, f"screen/{upload.id}/{RESULT}")


@router.post("/screen/{id}/record")
async def save(
    request: Request, who: Annotated[Caller, Depends(acting("contributor"))], id: str
) -> Response:
    """Keep the answer as a screening record."""
    upload = steps.found(request, who, id)
    made = await asyncio.to_thread(steps.open_, request, upload, RESULT)
    if made is None or made.about["round"] != upload.round:
        raise UsageError("Something was decided since this was answered: screen the list again, then save it.")
    name = (await steps.form(request)).get("save", "").strip()
    graph: Graph = request.app.state.graph
    graph.store.screenings.free(name)
    await steps.begin(request, who, upload, RECORD, save=name)
    return steps.led(request, f"screen/{upload.id}/{RECORD}")


@router.get("/screen/{id}/record")
async def saved(request: Request, who: CurrentCaller, id: str) -> Response:
    """Lead to the record that was kept, once it is; until then tell how far that is."""
    upload = steps.found(request, who, id)
    made = await steps.until(request, upload, RECORD)
    known = steps.job(request, upload, RECORD)
    if known is not None and known.state == "done" and "hx-request" not in request.headers:
        return steps.led(request, f"screenings/{(known.outcome or {})['record']['id']}")
    return made if isinstance(made, Response) else steps.led(request, f"screen/{upload.id}/{RESULT}")


def _suggested(upload: Upload) -> str:
    """Return an id that a record of a list may have."""
    stem = re.sub(r"[^a-z0-9]+", "-", upload.file.rpartition(".")[0].lower()).strip("-")
    return f"{stem or 'list'}-{upload.made[:10]}"


@files.get("/screen/{id}/{name}.{form}")
async def file(request: Request, who: CurrentCaller, id: str, name: str, form: str) -> Response:
    """Give the list back with what was found, or what that rests on."""
    upload = steps.found(request, who, id)
    path = steps.desk(request).place(upload.id) / RESULT / f"{name}.{form}"
    if (name, form) not in (("result", "csv"), ("result", "xlsx"), ("limits", "csv")) or not path.is_file():
        raise HTTPException(404, "There is no such file of this list, or it is not made yet.")
    stem = upload.file.partition(".")[0]
    called = f"{stem}-screened.{form}" if name == "result" else f"{stem}-limits.csv"
    media_type = FORMS["limits.csv" if name == "limits" else form]
    return FileResponse(path, headers={**steps.PRIVATE, "Content-Type": media_type}, filename=called)
