"""``/screenings``: records of what was asked and answered: listed, shown, compared, and asked again as a job.

They hold lists of suppliers: they are for whoever contributes, and never for the public.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from opentier.api.http.access import Caller, acting
from opentier.api.routes.jobs import asked
from opentier.graph.errors import UsageError
from opentier.graph.front import Graph
from opentier.graph.model import printed, sheet
from opentier.graph.tasks.job import Job

router = APIRouter(tags=["Screening"])

Who = Annotated[Caller, Depends(acting("contributor"))]
_PRIVATE = {"Cache-Control": "no-store"}
#: What the list of records has of each, as CSV.
_COLUMNS = (
    "id", "kind", "asked", "verdict", "hash", "again_of", "followed_by", "due_in_words", "refused",
)  # fmt: skip


def _json(said: Any) -> Response:
    return Response(printed.text(said), media_type="application/json", headers=_PRIVATE)


def _listed(request: Request) -> list[dict[str, Any]]:
    graph: Graph = request.app.state.graph
    return [each.to_dict() for each in graph.screenings().list()]


@router.get("/screenings", operation_id="screenings_list")
def screenings(request: Request, who: Who) -> Response:
    """List the records: what was asked, the verdict, and whether the data is still what it was."""
    return _json(_listed(request))


@router.get("/screenings.csv", operation_id="screenings_list_csv")
def screenings_csv(request: Request, who: Who) -> Response:
    """List the records as CSV."""
    rows = [[_cell(each[name]) for name in _COLUMNS] for each in _listed(request)]
    return Response(sheet.text(list(_COLUMNS), rows), media_type="text/csv", headers=_PRIVATE)


def _cell(value: Any) -> object:
    return "|".join(value) if isinstance(value, list) else "" if value is None else value


@router.get("/screenings/{id}", operation_id="screening_get")
def screening(request: Request, who: Who, id: str) -> Response:
    """Give a record, once it is found to be what was kept."""
    return _json(_read(request, id))


@router.post("/screenings/{id}/again", operation_id="screening_again", status_code=202)
async def again(
    request: Request,
    who: Who,
    id: str,
    save: Annotated[str | None, Query(description="Keep the new answer, too, under this id.")] = None,
) -> Response:
    """Ask the question of a record of today's data, as a job: what is new, gone or changed, and why."""
    await run_in_threadpool(_read, request, id)
    graph: Graph = request.app.state.graph
    if save is not None:
        graph.store.screenings.free(save)
    return await asked(
        request, Job("again", who.id, None, {"id": id, "save": save}, changing=save is not None)
    )


@router.get("/screenings/{id}/diff/{other}", operation_id="screening_diff")
def diff(request: Request, who: Who, id: str, other: str) -> Response:
    """Tell what differs between two records: what is new, gone or changed in the second, and why."""
    for each in (id, other):
        _read(request, each)
    graph: Graph = request.app.state.graph
    return _json(graph.screenings().diff(id, other).to_dict())


def _read(request: Request, id: str) -> dict[str, Any]:
    """Return a record; 404 where there is none."""
    graph: Graph = request.app.state.graph
    try:
        return graph.screenings().read(id)
    except UsageError as error:
        raise HTTPException(404, str(error)) from None
