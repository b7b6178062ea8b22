"""``/trace``: a trace as JSON, CSV or the tier picture."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response

from opentier.api.deps import CurrentView
from opentier.graph.errors import UsageError
from opentier.graph.parameters import Parameters
from opentier.graph.picture import draw

router = APIRouter(tags=["Trace"])


@router.get("/trace")
def trace(
    view: CurrentView,
    actor: Annotated[
        str,
        Query(description="An IRI, dataset/local-id, an identifier or a name.", examples=["example/aurora"]),
    ],
    downstream: bool = False,
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
    countries: str = "",
    datasets: str = "",
    past: bool = False,
    paths: Annotated[int, Query(le=50)] = 3,
    format: Annotated[str, Query(description="json, csv or svg.")] = "json",
) -> Response:
    """Trace an actor; the parameters are those of the command line, with underscores."""

    def listed(text: str) -> tuple[str, ...]:
        return tuple(part.strip() for part in text.split(",") if part.strip())

    asked = Parameters(
        downstream=downstream, product=product, on=on, since=since, until=until, max_tier=max_tier,
        min_confidence=min_confidence, min_path_confidence=min_path_confidence, observed_since=observed_since,
        kinds=listed(kinds), min_share=min_share, strict_product=strict_product,
        countries=listed(countries.upper()), datasets=listed(datasets), past=past, paths=paths,
    )  # fmt: skip
    if format not in ("json", "csv", "svg"):
        raise UsageError(f"format is one of json, csv, svg; not {format!r}.")
    found = view.trace(actor, asked)
    headers = {"OpenTier-Release": view.release.id}
    if format == "csv":
        return Response(found.to_csv(), media_type="text/csv; charset=utf-8", headers=headers)
    if format == "svg":
        return Response(draw(found.to_dict()), media_type="image/svg+xml", headers=headers)
    return Response(found.to_json(), media_type="application/json", headers=headers)
