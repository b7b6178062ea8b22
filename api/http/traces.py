"""``/trace`` and ``/exposure``: one actor's trace as JSON, CSV or the tier picture; every actor's exposure."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from opentier.api.filters import asking, served
from opentier.api.http.deps import CurrentView
from opentier.graph.front import View
from opentier.graph.trace.parameters import Filter, Parameters

router = APIRouter(tags=["Trace"])


def _query(said: Filter) -> Any:
    """Return a filter as a parameter of a route."""
    examples = [said.example] if said.example else None
    least, most = served(said) or said.bounds or (None, None)
    told = {} if most is None else {"minimum": least, "maximum": most}
    return Query(alias=said.called, description=said.about, examples=examples, json_schema_extra=told)


Filters = Annotated[Parameters, Depends(asking(_query, alone=False))]
FiltersOfOne = Annotated[Parameters, Depends(asking(_query, alone=True))]


def _headers(view: View, asked: Parameters) -> dict[str, str]:
    """Return what is said beside an answer: its release, and why it can hold little or nothing."""
    doubt = view.doubt(asked)
    return {"OpenTier-Release": view.release.id, **({"OpenTier-Warning": doubt} if doubt else {})}


@router.get("/trace")
def trace(
    view: CurrentView,
    asked: FiltersOfOne,
    actor: Annotated[
        str,
        Query(description="An IRI, dataset/local-id, an identifier or a name.", examples=["example/aurora"]),
    ],
    format: Annotated[Literal["json", "csv", "svg"], Query(description="json, csv or svg.")] = "json",
) -> Response:
    """Trace an actor; the parameters are those of the command line, with underscores."""
    found = view.trace(actor, asked)
    headers = _headers(view, asked)
    if format == "csv":
        return Response(found.to_csv(), media_type="text/csv; charset=utf-8", headers=headers)
    if format == "svg":
        return Response(found.to_svg(), media_type="image/svg+xml", headers=headers)
    return Response(found.to_json(), media_type="application/json", headers=headers)


@router.get("/exposure")
def exposure(
    request: Request,
    view: CurrentView,
    asked: Filters,
    format: Annotated[Literal["csv", "json"], Query(description="csv or json.")] = "csv",
) -> Response:
    """Return the exposure of every actor: nearest tier, exposed actors upstream, share of inputs.

    The JSON form has verdict and limits, too; the header `OpenTier-Verdict` has the verdict, and `Link` leads to it.
    """
    found = view.exposure(asked)
    described = request.url.include_query_params(format="json")
    headers = _headers(view, asked) | {
        "OpenTier-Verdict": found.verdict.result,
        "Link": f'<{described.path}?{described.query}>; rel="describedby"',
    }
    if format == "json":
        return Response(found.to_json(), media_type="application/json", headers=headers)
    return Response(found.to_csv(), media_type="text/csv; charset=utf-8", headers=headers)
