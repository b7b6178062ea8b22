"""``/data-points``: what governments hold of forced labour, who holds it, and what keeps it from others."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from opentier.api.contract.described import answers
from opentier.api.contract.forms import Forms
from opentier.api.http.deps import KnownView
from opentier.graph.model import printed, sheet
from opentier.graph.profile import points

router = APIRouter(tags=["Countries"])

FORMS = Forms("The list", "json", "csv")
_NOT = "; not-stated for those that do not say"
Code = str | None


def asked(
    access: Annotated[Code, Query(description=f"Who gets it{_NOT}.", examples=["closed"])] = None,
    barrier: Annotated[Code, Query(description=f"What keeps it{_NOT}.", examples=["privacy-law"])] = None,
    evidence_class: Annotated[
        Code, Query(description=f"What it shows{_NOT}.", examples=["actual-case"])
    ] = None,
    granularity: Annotated[
        Code, Query(description=f"What a record is about{_NOT}.", examples=["person"])
    ] = None,
    category: Annotated[Code, Query(description="What kind it is.", examples=["customs"])] = None,
    country: Annotated[
        Code, Query(description=f"The country that its holder names, by code{_NOT}.", examples=["BR"])
    ] = None,
) -> dict[str, str | None]:
    """Return what is asked for, by the name of the facet."""
    return {
        "access": access, "barrier": barrier, "evidence_class": evidence_class, "granularity": granularity,
        "category": category, "country": country,
    }  # fmt: skip


Asked = Annotated[dict[str, str | None], Depends(asked)]


@router.get("/data-points", response_class=Response, responses=answers(schema="DataPoints", forms=FORMS))
def data_points(
    request: Request,
    view: KnownView,
    asked: Asked,
    format: Annotated[
        Literal["json", "csv"] | None, Query(description="json or csv; else by Accept.")
    ] = None,
) -> Response:
    """List the data points that have all that is asked for, each with its holder, its barriers and its source."""
    form, found = FORMS.of(request, format), points.chosen(points.every(view), asked)
    text = printed.text({"data_points": found, "total": len(found)}) if form == "json" else _csv(found)
    return Response(text, media_type=FORMS.media_type(form))


def _csv(found: list[dict[str, Any]]) -> str:
    return sheet.text(points.COLUMNS, map(points.row, found))
