"""``/questions``: the questions that the graph must answer, each with its query and its answer."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import PlainTextResponse, Response

from opentier.api import sparql
from opentier.api.deps import CurrentView
from opentier.api.negotiation import choose
from opentier.api.problems import problem
from opentier.graph import examples

router = APIRouter(tags=["Questions"])

_QUERY = "application/sparql-query"


@router.get("/questions")
def questions(view: CurrentView) -> dict[str, Any]:
    """List the questions, each with the query that answers it; ``href`` gives the answer."""
    return {"questions": [_listed(one) for one in examples.questions(view.release.names.base)]}


@router.get("/questions/{number}")
async def question(
    request: Request,
    view: CurrentView,
    number: int,
    format: Annotated[
        list[str] | None, Query(description="json, xml, csv or tsv for the answer; rq for the query itself.")
    ] = None,
) -> Response:
    """Answer a question as ``/sparql`` would; ``Accept: application/sparql-query`` gives its query instead."""
    known = {one.number: one for one in examples.questions(view.release.names.base)}
    if number not in known:
        return problem(404, "Unknown question", f"Questions are numbered 1 to {len(known)}.")
    accept = request.headers.get("accept")
    offered = {**sparql.OFFERED["rows"], "rq": _QUERY}
    if format == ["rq"] or (not format and choose(accept, offered) == "rq"):
        headers = {"OpenTier-Release": view.release.id, "Vary": "Accept"}
        return PlainTextResponse(known[number].complete, media_type=_QUERY, headers=headers)
    return await sparql.respond(request, view, known[number].text, format)


def _listed(one: examples.Question) -> dict[str, Any]:
    return {
        "number": one.number,
        "id": one.id,
        "title": one.title,
        "comment": one.comment,
        "keywords": list(one.keywords),
        "query": one.complete,
        "href": f"/questions/{one.number}",
    }
