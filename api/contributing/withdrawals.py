"""``/datasets/ID/withdraw`` and ``/restore``: the current version is withdrawn with a reason, or comes back."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from opentier.api.desk.jobs import led
from opentier.api.desk.sent import said
from opentier.api.http.access import Caller, acting
from opentier.api.pages import route
from opentier.graph.errors import Named, UsageError
from opentier.graph.front import Graph

router = route.router()

Curator = Annotated[Caller, Depends(acting("curator"))]


@router.post("/datasets/{dataset}/withdraw")
async def withdraw(request: Request, who: Curator, dataset: str) -> Response:
    """Withdraw the current version: it stays citable, and no answer uses it."""
    graph: Graph = request.app.state.graph
    reason = (await said(request)).one("reason")
    if not reason:
        raise UsageError(
            Named("reason"), " is missing: say why, since it is shown with the version for good."
        )
    await run_in_threadpool(graph.acting(who.id).withdraw, dataset, reason)
    return led(request, f"datasets/{dataset}")


@router.post("/datasets/{dataset}/restore")
async def restore(request: Request, who: Curator, dataset: str) -> Response:
    """Take back the last withdrawal."""
    graph: Graph = request.app.state.graph
    await run_in_threadpool(graph.acting(who.id).restore_dataset, dataset)
    return led(request, f"datasets/{dataset}")
