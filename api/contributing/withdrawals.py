"""``/datasets/ID/withdraw`` and ``/restore``: a version is withdrawn with a reason, or comes back, as a job."""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from opentier.api.contract.sent import said
from opentier.api.desk.jobs import begun
from opentier.api.http.deps import CurrentView
from opentier.api.pages import route
from opentier.api.routes.datasets import Curator, restoring, withdrawing
from opentier.graph.errors import Named, UsageError

router = route.router()


@router.post("/datasets/{dataset}/withdraw")
async def withdraw(request: Request, view: CurrentView, who: Curator, dataset: str) -> Response:
    """Withdraw the current version: it stays citable, and no answer uses it."""
    form = await said(request)
    meant = form.one("version")
    if meant and not meant.isdecimal():
        raise UsageError(Named("version"), f" is a number; not {meant[:20]!r}.")
    number = int(meant) if meant else None
    job = await run_in_threadpool(withdrawing, view, who, dataset, form.one("reason"), number)
    return await begun(request, job)


@router.post("/datasets/{dataset}/restore")
async def restore(request: Request, view: CurrentView, who: Curator, dataset: str) -> Response:
    """Take back the last withdrawal."""
    return await begun(request, await run_in_threadpool(restoring, view, who, dataset))
