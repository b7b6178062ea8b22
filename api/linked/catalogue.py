"""``/catalog``: what is here and how to get it, as DCAT and as a page; ``/datasets`` gives the same by ``Accept``."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from opentier.api.contract.described import answers
from opentier.api.contract.forms import Forms
from opentier.api.http.deps import KnownView
from opentier.api.linked import page
from opentier.graph.front import View
from opentier.graph.query import dcat, forms

router = APIRouter(tags=["Datasets"])

#: The forms of the catalogue.
FORMS = Forms("The catalogue", "turtle", "jsonld", "ntriples", "rdfxml", "html")


@router.get("/catalog", response_class=Response, responses=answers(406, forms=FORMS))
def catalogue(
    request: Request,
    view: KnownView,
    format: Annotated[
        Literal["turtle", "jsonld", "ntriples", "rdfxml", "html"] | None,
        Query(description="turtle, jsonld, ntriples, rdfxml or html; else by Accept."),
    ] = None,
) -> Response:
    """Describe the current version of every dataset, its files and the service (DCAT 3, DCAT-AP)."""
    return response(request, view, FORMS.of(request, format))


def response(request: Request, view: View, form: str) -> Response:
    """Return the catalogue in a form."""
    headers = {"OpenTier-Release": view.release.id, "Vary": "Accept"}
    if form == "html":
        versions, ends = list(view.release.current.values()), [file[0] for file in dcat.FILES]
        base = view.release.names.base
        answer: Response = page.response(request, "datasets.html", versions=versions, ends=ends, base=base)
        answer.headers.update(headers)
        return answer
    said = forms.triples(dcat.describe(view.release, request.app.state.base), form)
    return Response(said, media_type=FORMS.media_type(form), headers=headers)
