"""``/laws``, ``/obligations`` and ``/initiatives``: which laws there are and bind, what is due, and who works on it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query

from opentier.api.contract.asking import Who
from opentier.api.contract.described import answers
from opentier.api.contract.paging import CurrentPart
from opentier.api.http.deps import KnownView
from opentier.graph.law import acts

router = APIRouter(tags=["Laws and initiatives"])


@router.get("/laws", response_model=None, responses=answers(schema="Laws"))
def laws(view: KnownView, part: CurrentPart) -> dict[str, Any]:
    """List the laws that the data knows, each with what it demands."""
    return part.of("laws", acts.every(view.release))


@router.get("/obligations", response_model=None, responses=answers(schema="Obligations"))
def obligations(
    view: KnownView,
    actor: Who,
    on: Annotated[
        str | None,
        Query(
            description="A day: what does not yet apply is marked, facts of later are left out.",
            examples=["2026-01-31"],
        ),
    ] = None,
) -> dict[str, Any]:
    """Tell which laws bind an actor, by which threshold and source, what was not tested, filed, due, and looked at."""
    return view.obligations(actor, on)


@router.get("/initiatives", response_model=None, responses=answers(schema="Initiatives"))
def initiatives(
    view: KnownView,
    part: CurrentPart,
    type: Annotated[
        str | None, Query(description="What it is: Initiative, NGO or Fund.", examples=["Initiative"])
    ] = None,
    industry: Annotated[
        str | None,
        Query(
            description="A name or a part of it, or an HS code.", examples=["Apparel, Footwear & Textiles"]
        ),
    ] = None,
    geography: Annotated[
        str | None, Query(description="A region or a country, by name or code.", examples=["Asia", "TH"])
    ] = None,
    issue: Annotated[
        str | None, Query(description="What it works on, or a part of it.", examples=["Forced Labour"])
    ] = None,
    organiser: Annotated[
        str | None, Query(description="A name or a part of it.", examples=["Winrock"])
    ] = None,
) -> dict[str, Any]:
    """List the initiatives that have all that is asked for."""
    found = view.initiatives.find(
        type=type, industry=industry, geography=geography, issue=issue, organiser=organiser
    )
    return part.of("initiatives", [view.initiatives.described(initiative) for initiative in found])


@router.get("/initiatives/gaps", response_model=None, responses=answers(schema="Gaps"))
def gaps(view: KnownView) -> dict[str, list[Any]]:
    """Name the industries, regions and issues that no initiative is particular to, and the listed goods without any."""
    return view.initiatives.gaps()
