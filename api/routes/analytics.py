"""``/shared``, ``/nearest``, ``/without``: what traces say together."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from opentier.api.contract.asking import Filters, FiltersOfOne, Who
from opentier.api.contract.described import answers
from opentier.api.contract.forms import Forms
from opentier.api.http import work
from opentier.api.http.deps import CurrentView
from opentier.graph import analytics
from opentier.graph.front import View
from opentier.graph.trace.parameters import Parameters

router = APIRouter(tags=["Trace"])

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
