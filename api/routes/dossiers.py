"""``/dossier``: the documents that laws ask for along an actor's chain, which are there, and which lack."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from opentier.api.contract.asking import FiltersOfPath, Laws, Who
from opentier.api.contract.described import answers
from opentier.api.contract.forms import Forms
from opentier.api.http import work
from opentier.api.http.deps import CurrentView

router = APIRouter(tags=["Laws and initiatives"])

FORMS = Forms("A dossier", "json", "csv", "xlsx", "html", "pdf")


@router.get("/dossier", response_class=Response, responses=answers(504, schema="Dossier", forms=FORMS))
async def dossier(
    request: Request,
    view: CurrentView,
    asked: FiltersOfPath,
    actor: Who,
    law: Laws,
    format: Annotated[
        Literal["json", "csv", "xlsx", "html", "pdf"] | None,
        Query(description="json, csv or xlsx; a report: html or pdf; else by Accept."),
    ] = None,
) -> Response:
    """Hold an actor's chain against what laws ask for: which documents are there, which lack, and whom to ask."""
    form = FORMS.of(request, format)
    more = {"work": "dossier", "actor": actor, "laws": law, "form": form}
    return await work.answer(request, view, FORMS.media_type(form), work.asked(view, asked, **more))
