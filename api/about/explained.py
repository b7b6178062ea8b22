"""``/problems``: what each kind of problem is, and what whoever meets it can do; its address is the problem's type."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Request
from fastapi.responses import JSONResponse, Response

from opentier.api.contract.described import answers
from opentier.api.contract.forms import Forms
from opentier.api.http.kinds import KINDS, Kind
from opentier.api.linked import page

router = APIRouter(tags=["Problems"])

_FORMS = Forms("What is said of problems", "json", "html")


@router.get("/problems", response_class=Response, responses=answers(schema="Kinds", forms=_FORMS))
def problems(request: Request) -> Response:
    """List the kinds of problems that a request may meet: as JSON, or as a page where that is accepted rather."""
    kinds = KINDS.values()
    if _FORMS.of(request, None) == "html":
        return page.response(request, "problems.html", heading="Problems", kinds=kinds)
    said = {"problems": [_described(kind, request) for kind in kinds]}
    return JSONResponse(said)


@router.get("/problems/{kind}", response_class=Response, responses=answers(schema="Kind", forms=_FORMS))
def problem(
    request: Request, kind: Annotated[str, Path(description="The last part of a problem's type.")]
) -> Response:
    """Say what a kind of problem is, and what to do: as JSON, or as a page where that is accepted rather."""
    found = KINDS.get(kind)
    if found is None:
        raise HTTPException(404, f"No problem is called {kind!r}. /problems lists them.")
    if _FORMS.of(request, None) == "html":
        return page.response(request, "problems.html", heading=found.title, kinds=[found])
    return JSONResponse(_described(found, request))


def _described(kind: Kind, request: Request) -> dict[str, str | int]:
    address = f"{request.app.state.base}problems/{kind.slug}"
    return {"type": address, "title": kind.title, "status": kind.status, "advice": kind.advice}
