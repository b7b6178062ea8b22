"""``/questions``: the questions that the graph must answer, each with its inputs, its query and its answer."""

from __future__ import annotations

import inspect
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import PlainTextResponse, Response

from opentier.api.contract.described import answers
from opentier.api.contract.forms import SUFFIXED
from opentier.api.http.deps import CurrentView
from opentier.api.http.negotiation import choose
from opentier.api.http.problems import problem
from opentier.api.linked import sparql
from opentier.graph.model.formats import media_types
from opentier.graph.query import questions as examples

router = APIRouter(tags=["Questions"])

_QUERY = media_types("rq")["rq"]


def _said(**said: str | None) -> dict[str, str]:
    """Return the inputs that are given a value."""
    return {name: text for name, text in said.items() if text is not None}


_said.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
    [
        inspect.Parameter(
            given.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=None,
            annotation=Annotated[str | None, Query(description=given.about, examples=[given.example])],
        )
        for given in examples.inputs().values()
    ]
)


@router.get("/questions", response_model=None, responses=answers(schema="Questions"))
def questions(view: CurrentView) -> dict[str, Any]:
    """List the questions, each with its inputs and the query that answers it; ``href`` gives the answer."""
    return {"questions": [_listed(one) for one in examples.questions(view.release.names.base)]}


@router.get(
    "/questions/{number}",
    response_class=Response,
    responses=answers(504, also={**sparql.OFFERED["rows"], "rq": _QUERY}),
)
async def question(
    request: Request,
    view: CurrentView,
    number: Annotated[int, Path(description="The number of a question.", examples=[3])],
    said: Annotated[dict[str, str], Depends(_said)],
    format: Annotated[
        list[str] | None,
        Query(
            description="json, xml, csv or tsv for the answer; rq for the query itself.",
            examples=[["csv"]],
            json_schema_extra={SUFFIXED: ["json", "xml", "csv", "tsv", "rq"]},
        ),
    ] = None,
) -> Response:
    """Answer a question as ``/sparql`` would; ``Accept: application/sparql-query`` gives its query instead.

    A question takes only inputs of its own (see ``/questions``); left away, they are those of the worked example.
    """
    many = len(examples.questions(view.release.names.base))
    if not 1 <= number <= many:
        return problem(404, "Unknown question", f"Questions are numbered 1 to {many}.")
    asked = view.question(number, said)
    accept = request.headers.get("accept")
    offered = {**sparql.OFFERED["rows"], "rq": _QUERY}
    if format == ["rq"] or (not format and choose(accept, offered) == "rq"):
        return PlainTextResponse(asked.complete, media_type=_QUERY)
    return await sparql.respond(request, view, asked.text, format)


def _listed(one: examples.Question) -> dict[str, Any]:
    return {**one.to_dict(), "query": one.complete, "href": f"/questions/{one.number}"}
