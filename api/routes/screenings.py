"""``/screenings``: records of what was asked and answered: listed, shown, compared, and asked again as a job.

They hold lists of suppliers: a record is there for the key that kept it, and for curators. One that rests on a dataset
that whoever asks may not see any more is not there for them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from opentier.api.contract.described import answers
from opentier.api.contract.forms import Forms
from opentier.api.http.access import Caller, acting
from opentier.api.routes.jobs import asked, of
from opentier.graph.errors import UsageError
from opentier.graph.front import Graph
from opentier.graph.kept import files, onesheet
from opentier.graph.model import printed, sheet

router = APIRouter(tags=["Screening"])

Who = Annotated[Caller, Depends(acting("contributor"))]
_PRIVATE = {"Cache-Control": "no-store"}
FORMS = Forms("A record", "json", "csv", "xlsx", "pdf", zip="application/zip")
#: What the list of records has of each, as CSV.
_COLUMNS = (
    "id", "kind", "asked", "verdict", "hash", "again_of", "followed_by", "due_in_words", "refused",
)  # fmt: skip


def _json(said: Any) -> Response:
    return Response(printed.text(said), media_type="application/json", headers=_PRIVATE)


def listed(request: Request, who: Caller) -> list[dict[str, Any]]:
    """Return the records that whoever asks may see, by id, as the list has them."""
    graph: Graph = request.app.state.graph
    sees = _sees(graph, who)
    kept = [each for each in graph.screenings(reader=who.reader).list() if sees(each.id, each.record)]
    shown = {each.id for each in kept}
    return [
        {**each.to_dict(), "followed_by": each.followed_by if each.followed_by in shown else None}
        for each in kept
    ]


def _sees(graph: Graph, who: Caller) -> Callable[[str, dict[str, Any] | None], bool]:
    """Return what tells whether whoever asks may see a record: his own, which rests on nothing hidden from him."""
    if who.may("curator"):
        return lambda id, record: True
    own, hidden = graph.audit.recorded(who.id), graph.view().release.hidden_from(who.reader)

    def sees(id: str, record: dict[str, Any] | None) -> bool:
        rests = [each["id"] for each in record["datasets"]] if record else ()
        return id in own and hidden.isdisjoint(rests)

    return sees


@router.get("/screenings", operation_id="screenings_list")
def screenings(request: Request, who: Who) -> Response:
    """List the records: what was asked, the verdict, and whether the data is still what it was."""
    return _json(listed(request, who))


@router.get("/screenings.csv", operation_id="screenings_list_csv")
def screenings_csv(request: Request, who: Who) -> Response:
    """List the records as CSV."""
    rows = [[_cell(each[name]) for name in _COLUMNS] for each in listed(request, who)]
    return Response(sheet.text(list(_COLUMNS), rows), media_type="text/csv", headers=_PRIVATE)


def _cell(value: Any) -> object:
    return "|".join(value) if isinstance(value, list) else "" if value is None else value


@router.get("/screenings/{id}", operation_id="screening_get", responses=answers(406, forms=FORMS))
def screening(
    request: Request,
    who: Who,
    id: str,
    format: Annotated[
        Literal["json", "csv", "xlsx", "pdf", "zip"] | None,
        Query(
            description="Its form: `pdf` is one page of it, `zip` holds all others. Else what `Accept` asks for.",
            examples=["csv"],
        ),
    ] = None,
) -> Response:
    """Give a record, once it is found to be what was kept: all of it as JSON, its rows or exposures as a table."""
    form = FORMS.of(request, format)
    if format and _kept(request, who, f"{id}.{format}"):
        id, form = f"{id}.{format}", "json"  # an id may end as a suffix does
    found = read(request, who, id)
    if form == "json":
        return _json(found)
    made = {"csv": files.to_csv, "xlsx": files.to_xlsx, "zip": files.to_zip, "pdf": onesheet.pdf}[form](found)
    headers = {**_PRIVATE, "Content-Disposition": f'attachment; filename="{id}.{form}"'}
    return Response(made, media_type=FORMS.media_type(form), headers=headers)


@router.post("/screenings/{id}/again", operation_id="screening_again", status_code=202)
async def again(
    request: Request,
    who: Who,
    id: str,
    save: Annotated[str | None, Query(description="Keep the new answer, too, under this id.")] = None,
) -> Response:
    """Ask the question of a record of today's data, as a job: what is new, gone or changed, and why."""
    await run_in_threadpool(read, request, who, id)
    graph: Graph = request.app.state.graph
    if save is not None:
        graph.store.screenings.free(save)
    said = {"id": id, "save": save}
    return await asked(request, of(who, "again", said, changing=save is not None))


@router.get("/screenings/{id}/diff/{other}", operation_id="screening_diff")
def diff(request: Request, who: Who, id: str, other: str) -> Response:
    """Tell what differs between two records: what is new, gone or changed in the second, and why."""
    for each in (id, other):
        read(request, who, each)
    graph: Graph = request.app.state.graph
    return _json(graph.screenings(reader=who.reader).diff(id, other).to_dict())


def read(request: Request, who: Caller, id: str) -> dict[str, Any]:
    """Return a record; 404 where there is none, or none that whoever asks may see."""
    found = _kept(request, who, id)
    if found is None:
        raise HTTPException(404, f"No record is called {id!r}.")
    return found


def _kept(request: Request, who: Caller, id: str) -> dict[str, Any] | None:
    graph: Graph = request.app.state.graph
    try:
        found = graph.screenings(reader=who.reader).read(id)
    except UsageError:
        return None
    return found if _sees(graph, who)(id, found) else None
