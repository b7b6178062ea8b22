"""``/problems``: what each kind of problem is, and what whoever meets it can do; its address is the problem's type."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response
from markupsafe import Markup

from opentier.api.contract.described import answers
from opentier.api.contract.forms import Forms
from opentier.api.http.kinds import KINDS, Kind

router = APIRouter(tags=["Problems"])

_FORMS = Forms("A kind of problem", "json", "html")


@router.get("/problems", response_model=None, responses=answers(schema="Kinds"))
def problems(request: Request) -> dict[str, list[dict[str, str | int]]]:
    """List the kinds of problems that a request may meet."""
    return {"problems": [_described(kind, request) for kind in KINDS.values()]}


@router.get("/problems/{kind}", response_class=Response, responses=answers(schema="Kind", forms=_FORMS))
def problem(
    request: Request, kind: Annotated[str, Path(description="The last part of a problem's type.")]
) -> Response:
    """Say what a kind of problem is, and what to do: as JSON, or as a page where that is accepted rather."""
    found = KINDS.get(kind)
    if found is None:
        raise HTTPException(404, f"No problem is called {kind!r}. /problems lists them.")
    if _FORMS.of(request, None) == "html":
        page = Markup(
            "<!doctype html><html lang=en><meta charset=utf-8><title>{0}</title><h1>{0}</h1><p>{1}</p>"
        )
        return HTMLResponse(page.format(found.title, found.advice), headers={"Vary": "Accept"})
    return JSONResponse(_described(found, request), headers={"Vary": "Accept"})


def _described(kind: Kind, request: Request) -> dict[str, str | int]:
    address = f"{request.app.state.base}problems/{kind.slug}"
    return {"type": address, "title": kind.title, "status": kind.status, "advice": kind.advice}
