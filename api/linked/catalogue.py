"""``/catalog``: what is here and how to get it, as DCAT and as a page; ``/datasets`` gives the same by ``Accept``."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import Response

from opentier.api.contract.described import answers
from opentier.api.contract.forms import Forms
from opentier.api.http.deps import KnownView
from opentier.api.linked import page
from opentier.graph.front import View
from opentier.graph.model.visibility import PUBLIC
from opentier.graph.query import dcat, forms
from opentier.graph.written import licences

router = APIRouter(tags=["Datasets"])

#: Datasets on a page.
PART = 25
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
        return listed(request, view)
    said = forms.triples(dcat.describe(view.release, request.app.state.base), form)
    return Response(said, media_type=FORMS.media_type(form), headers=headers)


def listed(request: Request, view: View, part: int = 1) -> Response:
    """Return a part of the catalogue as a page: the current version of each dataset, and whether one may use it."""
    every = list(view.release.current.values())
    begin = (part - 1) * PART
    shown = every[begin : begin + PART]
    if begin and not shown:
        raise HTTPException(404, "There are not as many pages of this list.")
    same = request.url.remove_query_params("format")
    beside = {
        "before": f"?{same.include_query_params(page=part - 1).query}" if begin else "",
        "after": f"?{same.include_query_params(page=part + 1).query}" if begin + PART < len(every) else "",
    }
    return page.response(
        request, "datasets.html", view, total=len(every), rows=sum(each.rows for each in every),
        versions=[(each, licences.words(each.licence)) for each in shown],
        open=all(each.visibility == PUBLIC for each in every),
        withdrawn=len({each.dataset for each in view.release.scope.seen(view.release.versions)}) - len(every),
        part={"first": begin + 1, "last": begin + len(shown), "total": len(every), **beside},
    )  # fmt: skip
