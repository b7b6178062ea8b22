"""``/shared``, ``/nearest``, ``/without``: what traces say together; ``/affected``: what a version changed in them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from opentier.api.contract.asking import Filters, FiltersOfOne, Who
from opentier.api.contract.described import answers
from opentier.api.contract.forms import Forms
from opentier.api.http import work
from opentier.api.http.access import ELSEWHERE, Caller, CurrentCaller
from opentier.api.http.deps import CurrentView
from opentier.api.routes.datasets import ACCEPTED
from opentier.api.routes.jobs import asked as begun
from opentier.api.routes.jobs import of as job_of
from opentier.graph import analytics
from opentier.graph.errors import NotAllowed
from opentier.graph.front import View
from opentier.graph.tasks.job import Job
from opentier.graph.trace.parameters import Parameters

router = APIRouter(tags=["Trace"])
#: What versions of datasets changed.
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


AFFECTED = Forms("It", "json", "csv")


@dataclass(frozen=True)
class Compared:
    """Which versions of a dataset are compared, and in whose traces."""

    dataset: Annotated[str, Query(description="The dataset that was contributed to.", examples=["example"])]
    before: Annotated[
        int | None,
        Query(
            alias="from", ge=0, description="A version, 0 for none; else the last one before.", examples=[0]
        ),
    ] = None
    after: Annotated[
        int | None, Query(alias="to", ge=0, description="A version; else the current one.", examples=[1])
    ] = None
    roots: Annotated[
        str | None,
        Query(
            description="Compare all actors of this dataset; else all that buy from somebody.",
            examples=["example"],
        ),
    ] = None


CurrentCompared = Annotated[Compared, Depends()]


def affecting(view: View, who: Caller, of: Compared) -> Job:
    """Return the job that says whom a version affects; UnknownDataset where there is no such dataset or version."""
    for number in filter(None, (of.before, of.after)):
        view.version(of.dataset, number)
    for name in filter(None, (of.dataset, of.roots)):
        view.versions(name)
    return job_of(who, "affected", asdict(of), changing=False)


@versions.get(
    "/affected", operation_id="affected_get", response_class=Response,
    responses=answers(504, schema="Affected", forms=AFFECTED),
)  # fmt: skip
async def affected(
    request: Request,
    view: CurrentView,
    of: CurrentCompared,
    format: Annotated[
        Literal["json", "csv"] | None, Query(description="json or csv; else by Accept.")
    ] = None,
) -> Response:
    """Say who gained or lost exposures between two versions of a dataset; what takes longer is asked as a job."""
    form = AFFECTED.of(request, format)
    said = work.asked(view, Parameters(), work="affected", **asdict(of), form=form)
    return await work.answer(request, view, AFFECTED.media_type(form), said)


@versions.post("/affected", operation_id="affected_create", status_code=202, responses=ACCEPTED)
async def affected_job(
    request: Request,
    view: CurrentView,
    who: CurrentCaller,
    of: CurrentCompared,
) -> Response:
    """Say the same as a job, however long it takes; its results are JSON and CSV."""
    if who is ELSEWHERE:
        raise NotAllowed("The page of another site asks for this, and without a key it may not.")
    return await begun(request, await run_in_threadpool(affecting, view, who, of))
