"""``/search``: actors, initiatives and laws by what somebody types."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse, Response

from opentier.api.http.deps import CurrentView
from opentier.graph.reconciliation.queries import LIMIT, MOST

router = APIRouter(tags=["Search"])


@router.get("/search")
def search(
    view: CurrentView,
    q: Annotated[str, Query(max_length=1000, description="What somebody types.", examples=["aurora"])],
    limit: Annotated[int, Query(ge=1, le=MOST, description="Of each kind, at most.")] = LIMIT,
) -> Response:
    """Find actors by id, by how words of names begin and by likeness; initiatives and laws by how words begin."""
    return JSONResponse(view.search(q, limit), headers={"OpenTier-Release": view.release.id})
