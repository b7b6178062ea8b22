"""``/datasets``: what was admitted, with versions, licences and counts, and what differs between versions."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from opentier.api.http.deps import CurrentView, KnownView
from opentier.api.http.negotiation import choose
from opentier.api.http.problems import problem
from opentier.graph.model import printed

router = APIRouter(tags=["Datasets"])

#: The formats of a difference, the first one where nothing is said.
FORMATS = {"json": "application/json", "csv": "text/csv"}


@router.get("/datasets")
def datasets(view: KnownView) -> dict[str, Any]:
    """List the current version of every dataset."""
    return {
        "release": view.release.id,
        "datasets": [asdict(version) for version in view.release.current.values()],
    }


@router.get("/datasets/{dataset}")
def dataset(view: KnownView, dataset: str) -> dict[str, Any]:
    """Return all versions of one dataset, the newest last: which is current, and what was withdrawn when and why."""
    return {"id": dataset, "versions": view.described(dataset)}


@router.get("/datasets/{dataset}/diff")
def diff(
    request: Request,
    view: CurrentView,
    dataset: str,
    before: Annotated[
        int | None, Query(alias="from", description="A version; else the one before.", examples=[1])
    ] = None,
    after: Annotated[
        int | None, Query(alias="to", description="Another version; else the last one.", examples=[2])
    ] = None,
    format: Annotated[
        Literal["json", "csv"] | None, Query(description="json or csv; else by Accept.")
    ] = None,
) -> Response:
    """Tell what differs between two versions: records added, removed and changed, by table and column."""
    form = format or choose(request.headers.get("accept"), FORMATS)
    if form is None:
        return problem(406, "Not acceptable", f"A difference is given as {', '.join(FORMATS.values())}.")
    last = view.versions(dataset)[-1].number if after is None else after
    found = view.difference(dataset, max(last - 1, 1) if before is None else before, last)
    text = printed.text(found.to_dict()) if form == "json" else found.to_csv()
    media_type = f"{FORMATS[form]}; charset=utf-8" if form == "csv" else FORMATS[form]
    headers = {"OpenTier-Release": view.release.id, "Vary": "Accept"}
    return Response(text, media_type=media_type, headers=headers)
