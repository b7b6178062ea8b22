"""``/shared``, ``/nearest``, ``/without``: what traces say together; ``/affected``: what a version changed in them.

Versions are withdrawn and restored as jobs.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from opentier.api.contract.asking import Filters, FiltersOfOne, Who
from opentier.api.contract.described import answers
from opentier.api.contract.forms import Forms
from opentier.api.http import work
from opentier.api.http.access import ELSEWHERE, Caller, CurrentCaller, acting
from opentier.api.http.deps import CurrentView
from opentier.api.routes.datasets import Dataset, Version
from opentier.api.routes.jobs import asked as begun
from opentier.api.routes.jobs import of as job_of
from opentier.graph import analytics
from opentier.graph.errors import Named, NotAllowed, UsageError
from opentier.graph.front import View
from opentier.graph.tasks.job import Job
from opentier.graph.trace.parameters import Parameters

router = APIRouter(tags=["Trace"])
#: Acts on versions of datasets, and what these changed.
versions = APIRouter(tags=["Datasets"])

FORMS = Forms("It", "json", "csv")
Format = Annotated[Literal["json", "csv"] | None, Query(description="json or csv; else by Accept.")]


async def _answer(
    request: Request, view: View, asked: Parameters, format: str | None, **more: Any
) -> Response:
    form = FORMS.of(request, format)
    said = work.asked(view, asked, work="analysis", form=form, **more)
    return await work.answer(request, view, FORMS.media_type(form), said)


@router.get("/shared", response_class=Response, responses=answers(504, schema="Shared", forms=FORMS))
async def shared(
    request: Request,
    view: CurrentView,
    asked: Filters,
    a: Who,
    b: Annotated[str, Query(description="Another buyer.", examples=["example/borealis"])],
    format: Format = None,
) -> Response:
    """Name the suppliers that two buyers share, at any tier, the nearest first, and which of them are exposed."""
    return await _answer(request, view, asked, format, what=analytics.SHARED, a=a, b=b)


@router.get("/nearest", response_class=Response, responses=answers(504, schema="Nearest", forms=FORMS))
async def nearest(
    request: Request, view: CurrentView, asked: FiltersOfOne, actor: Who, format: Format = None
) -> Response:
    """Return the best paths from an actor to any exposed one, the nearest first."""
    return await _answer(request, view, asked, format, what=analytics.NEAREST, actor=actor)


@router.get("/without", response_class=Response, responses=answers(504, schema="Without", forms=FORMS))
async def without(
    request: Request,
    view: CurrentView,
    asked: Filters,
    actor: Who,
    drop: Annotated[
        list[str],
        Query(
            description="A record whose hops are left away, as a hop names it; several times for several.",
            examples=["example/supply-link/s01"],
        ),
    ],
    format: Format = None,
) -> Response:
    """Say which actors a trace would lose without some records, and whose tier would change."""
    return await _answer(request, view, asked, format, what=analytics.WITHOUT, actor=actor, drop=drop)


Curator = Annotated[Caller, Depends(acting("curator"))]
AFFECTED = Forms("It", "json", "csv")
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
    return job_of(who, "withdraw", {"dataset": dataset, "reason": reason, "version": version}, changing=True)


def restoring(view: View, who: Caller, dataset: str, version: int | None = None) -> Job:
    """Return the job that undoes the last withdrawal of a version of a dataset.

    Raises
    ------
    UnknownDataset, UsageError
        If there is no such dataset or version; if that version is not the one that was withdrawn last.
    """
    view.versions(dataset)
    if version is not None:
        iri = view.version(dataset, version).iri
        held = [each for each in view.release.withdrawals if each.dataset == dataset and not each.ended]
        if not held or held[-1].version != iri:
            raise UsageError(f"Version {version} of {dataset} is not the one that was withdrawn last.")
    return job_of(who, "restore", {"dataset": dataset, "version": version}, changing=True)


def affecting(
    view: View, who: Caller, dataset: str, before: int | None, after: int | None, roots: str | None
) -> Job:
    """Return the job that says whom a version affects; UnknownDataset where there is no such dataset or version."""
    for number in filter(None, (before, after)):
        view.version(dataset, number)
    for name in filter(None, (dataset, roots)):
        view.versions(name)
    said = {"dataset": dataset, "before": before, "after": after, "roots": roots}
    return job_of(who, "affected", said, changing=False)


@versions.post(
    "/datasets/{dataset}/{version}/withdraw", operation_id="dataset_version_withdraw", status_code=202,
    responses=_ACCEPTED,
)  # fmt: skip
async def withdraw(
    request: Request,
    view: CurrentView,
    who: Curator,
    dataset: Dataset,
    version: Version,
    reason: Annotated[
        str, Query(description="Why: it is shown with the version for good.", examples=["A mistake"])
    ],
) -> Response:
    """Withdraw the current version of a dataset, as a job: it stays citable, and no answer uses it."""
    await run_in_threadpool(view.version, dataset, version)
    return await begun(request, await run_in_threadpool(withdrawing, view, who, dataset, reason, version))


@versions.post(
    "/datasets/{dataset}/{version}/restore", operation_id="dataset_version_restore", status_code=202,
    responses=_ACCEPTED,
)  # fmt: skip
async def restore(
    request: Request, view: CurrentView, who: Curator, dataset: Dataset, version: Version
) -> Response:
    """Undo the withdrawal of the version of a dataset that was withdrawn last, as a job."""
    return await begun(request, await run_in_threadpool(restoring, view, who, dataset, version))


@versions.get(
    "/affected", operation_id="affected_get", response_class=Response,
    responses=answers(504, schema="Affected", forms=AFFECTED),
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
    form = AFFECTED.of(request, format)
    said = work.asked(view, Parameters(), **question(dataset, before, after, roots), form=form)
    return await work.answer(request, view, AFFECTED.media_type(form), said)


def question(dataset: str, before: int | None, after: int | None, roots: str | None) -> dict[str, Any]:
    """Return what is asked of the process that compares."""
    return {"work": "affected", "dataset": dataset, "before": before, "after": after, "roots": roots}


@versions.post("/affected", operation_id="affected_create", status_code=202, responses=_ACCEPTED)
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
    return await begun(request, await run_in_threadpool(affecting, view, who, dataset, before, after, roots))
