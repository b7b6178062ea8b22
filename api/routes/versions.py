"""Acts on versions of datasets: withdrawn, restored, as jobs; and ``/affected``: what a version changed in traces."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from opentier.api.contract.described import answers
from opentier.api.contract.forms import Forms
from opentier.api.http import work
from opentier.api.http.access import ELSEWHERE, Caller, CurrentCaller, acting
from opentier.api.http.deps import CurrentView
from opentier.api.routes.datasets import Dataset
from opentier.api.routes.jobs import asked, of
from opentier.graph.errors import Named, NotAllowed, UsageError
from opentier.graph.front import View
from opentier.graph.tasks.job import Job
from opentier.graph.trace.parameters import Parameters

router = APIRouter(tags=["Datasets"])

Curator = Annotated[Caller, Depends(acting("curator"))]
FORMS = Forms("It", "json", "csv")
_ACCEPTED: dict[int | str, dict[str, Any]] = {202: {"description": "It is accepted; `Location` is its job."}}
#: Which versions, and of whom.
Of = Annotated[
    str, Query(alias="dataset", description="The dataset that was contributed to.", examples=["example"])
]
Before = Annotated[
    int | None,
    Query(alias="from", ge=0, description="A version, 0 for none; else the last one before.", examples=[0]),
]
After = Annotated[
    int | None, Query(alias="to", ge=0, description="A version; else the current one.", examples=[1])
]
Roots = Annotated[
    str | None,
    Query(
        description="Compare all actors of this dataset; else all that buy from somebody.",
        examples=["example"],
    ),
]


def withdrawing(view: View, who: Caller, dataset: str, reason: str, version: int | None) -> Job:
    """Return the job that withdraws the current version of a dataset.

    Raises
    ------
    UnknownDataset, UsageError
        If there is no such dataset; if no reason is given.
    """
    if not reason.strip():
        raise UsageError(
            Named("reason"), " is missing: say why, since it is shown with the version for good."
        )
    view.versions(dataset)
    return of(who, "withdraw", {"dataset": dataset, "reason": reason, "version": version}, changing=True)


def restoring(view: View, who: Caller, dataset: str) -> Job:
    """Return the job that undoes the last withdrawal of a version of a dataset; UnknownDataset of none."""
    view.versions(dataset)
    return of(who, "restore", {"dataset": dataset}, changing=True)


def affecting(
    view: View, who: Caller, dataset: str, before: int | None, after: int | None, roots: str | None
) -> Job:
    """Return the job that says whom a version affects; UnknownDataset where there is no such dataset or version."""
    for number in filter(None, (before, after)):
        view.version(dataset, number)
    for name in filter(None, (dataset, roots)):
        view.versions(name)
    said = {"dataset": dataset, "before": before, "after": after, "roots": roots}
    return of(who, "affected", said, changing=False)


@router.post(
    "/datasets/{dataset}/withdraw", operation_id="dataset_withdraw", status_code=202, responses=_ACCEPTED
)
async def withdraw(
    request: Request,
    view: CurrentView,
    who: Curator,
    dataset: Dataset,
    reason: Annotated[
        str, Query(description="Why: it is shown with the version for good.", examples=["A mistake"])
    ],
    version: Annotated[
        int | None, Query(description="The one that is meant to be current.", examples=[1])
    ] = None,
) -> Response:
    """Withdraw the current version of a dataset, as a job: it stays citable, and no answer uses it."""
    return await asked(request, await run_in_threadpool(withdrawing, view, who, dataset, reason, version))


@router.post(
    "/datasets/{dataset}/restore", operation_id="dataset_restore", status_code=202, responses=_ACCEPTED
)
async def restore(request: Request, view: CurrentView, who: Curator, dataset: Dataset) -> Response:
    """Undo the last withdrawal of a version of a dataset, as a job."""
    return await asked(request, await run_in_threadpool(restoring, view, who, dataset))


@router.get(
    "/affected", operation_id="affected_get", response_class=Response,
    responses=answers(504, schema="Affected", forms=FORMS),
)  # fmt: skip
async def affected(
    request: Request,
    view: CurrentView,
    dataset: Of,
    before: Before = None,
    after: After = None,
    roots: Roots = None,
    format: Annotated[
        Literal["json", "csv"] | None, Query(description="json or csv; else by Accept.")
    ] = None,
) -> Response:
    """Say who gained or lost exposures between two versions of a dataset; what takes longer is asked as a job."""
    form = FORMS.of(request, format)
    said = work.asked(view, Parameters(), **question(dataset, before, after, roots), form=form)
    return await work.answer(request, view, FORMS.media_type(form), said)


def question(dataset: str, before: int | None, after: int | None, roots: str | None) -> dict[str, Any]:
    """Return what is asked of the process that compares."""
    return {"work": "affected", "dataset": dataset, "before": before, "after": after, "roots": roots}


@router.post("/affected", operation_id="affected_create", status_code=202, responses=_ACCEPTED)
async def affected_job(
    request: Request,
    view: CurrentView,
    who: CurrentCaller,
    dataset: Of,
    before: Before = None,
    after: After = None,
    roots: Roots = None,
) -> Response:
    """Say the same as a job, however long it takes; its results are JSON and CSV."""
    if who is ELSEWHERE:
        raise NotAllowed("The page of another site asks for this, and without a key it may not.")
    return await asked(request, await run_in_threadpool(affecting, view, who, dataset, before, after, roots))
