"""``/audit``: what changed the data, for whoever administers it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request

from opentier.api.contract.described import problem
from opentier.api.http.access import Caller, acting
from opentier.graph.access import audit
from opentier.graph.front import Graph

router = APIRouter(tags=["Operations"])


@router.get("/audit", responses={403: problem(403)})
def lines(
    request: Request,
    asks: Annotated[Caller, Depends(acting("admin"))],
    since: Annotated[
        str | None, Query(description="A day: what was done from it on.", examples=["2026-01-31"])
    ] = None,
    who: Annotated[str | None, Query(description="The id of a key, or local.", examples=["local"])] = None,
) -> dict[str, Any]:
    """List who changed what, when, and what came of it, the oldest first; takes the key of an admin."""
    graph: Graph = request.app.state.graph
    found = graph.audit.lines(audit.since(since) if since else "", who or "")
    return {"lines": [asdict(each) for each in found]}
