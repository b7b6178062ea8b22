"""``/trace`` and ``/exposure``: one actor's trace as JSON, CSV or the tier picture; every actor's exposure."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response

from opentier.api.filters import parameters
from opentier.api.http.deps import CurrentView
from opentier.graph.picture.svg import draw
from opentier.graph.trace.parameters import Parameters

router = APIRouter(tags=["Trace"])


def _filters(
    product: Annotated[str | None, Query(examples=["6109"])] = None,
    on: str | None = None,
    since: Annotated[str | None, Query(alias="from")] = None,
    until: Annotated[str | None, Query(alias="to")] = None,
    max_tier: int | None = None,
    min_confidence: float | None = None,
    min_path_confidence: float | None = None,
    observed_since: str | None = None,
    kinds: str = "supply,operation",
    min_share: float = 50.0,
    strict_product: bool = False,
    countries: str | None = None,
    datasets: str | None = None,
    past: bool = False,
) -> Parameters:
    """Return the filters of a trace; they are the options of the command line, with underscores."""
    return parameters(**locals())


Filters = Annotated[Parameters, Depends(_filters)]


@router.get("/trace")
def trace(
    view: CurrentView,
    asked: Filters,
    actor: Annotated[
        str,
        Query(description="An IRI, dataset/local-id, an identifier or a name.", examples=["example/aurora"]),
    ],
    downstream: bool = False,
    paths: Annotated[int, Query(le=50)] = 3,
    format: Annotated[Literal["json", "csv", "svg"], Query(description="json, csv or svg.")] = "json",
) -> Response:
    """Trace an actor; the parameters are those of the command line, with underscores."""
    found = view.trace(actor, replace(asked, downstream=downstream, paths=paths))
    headers = {"OpenTier-Release": view.release.id}
    if format == "csv":
        return Response(found.to_csv(), media_type="text/csv; charset=utf-8", headers=headers)
    if format == "svg":
        return Response(draw(found.to_dict()), media_type="image/svg+xml", headers=headers)
    return Response(found.to_json(), media_type="application/json", headers=headers)


@router.get("/exposure")
def exposure(
    view: CurrentView,
    asked: Filters,
    format: Annotated[Literal["csv", "json"], Query(description="csv or json.")] = "csv",
) -> Response:
    """Return the exposure of every actor: nearest tier, exposed actors upstream, share of inputs."""
    found = view.exposure(asked)
    headers = {"OpenTier-Release": view.release.id}
    if format == "json":
        return Response(found.to_json(), media_type="application/json", headers=headers)
    return Response(found.to_csv(), media_type="text/csv; charset=utf-8", headers=headers)
