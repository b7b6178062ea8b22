"""``/key``: signing in with a key, which a browser then sends as a cookie, and signing out."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import Query, Request
from fastapi.responses import Response

from opentier.api.contract.sent import said
from opentier.api.desk.jobs import PRIVATE, Hand, led
from opentier.api.http.access import COOKIE, CurrentCaller, foreign, signed
from opentier.api.linked import page
from opentier.api.pages import route
from opentier.graph.errors import NotAllowed
from opentier.graph.front import Graph

router = route.router()

#: What an address of this site is to which somebody is led back.
_HERE = re.compile(r"[\w-]+(?:/[\w-]+){0,5}", re.ASCII)
_NOTHING = (
    "This key opens nothing: it is none of this service, or it is revoked or expired. A key begins with opentier_ and "
    "has no spaces."
)


@router.get("/key")
async def key(
    request: Request,
    who: CurrentCaller,
    to: Annotated[str | None, Query(description="Where one is led who signed in.")] = None,
) -> Response:
    """Ask for a key, or say who signed in."""
    return _page(request, "", to or "")


@router.post("/key")
async def sign_in(request: Request) -> Response:
    """Have a browser send a key as a cookie from now on, until it is closed."""
    if foreign(request.scope, request.headers):
        raise NotAllowed("The page of another site asks for this: sign in on the page of this one.")
    graph: Graph = request.app.state.graph
    form = await said(request)
    text, to = form.one("key"), form.one("to")
    if graph.keys.find(text) is None:
        return _page(request, _NOTHING, to)
    answer = led(request, to if _HERE.fullmatch(to) else "key")
    answer.set_cookie(
        COOKIE, text, path="/", httponly=True, samesite="strict", secure=request.url.scheme == "https"
    )
    return answer


@router.post("/key/out")
async def sign_out(request: Request, who: Hand) -> Response:
    """Have a browser forget the key."""
    answer = led(request, "key")
    answer.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict")
    return answer


def _page(request: Request, wrong: str, to: str) -> Response:
    graph: Graph = request.app.state.graph
    callers = request.app.state.callers
    caller = callers.of(request.scope)
    known = graph.keys.all().get(caller.id) if signed(request.headers) else None
    return page.response(
        request, "key.html", status=401 if wrong else 200, headers=PRIVATE, wrong=wrong, known=known, caller=caller,
        back=to if _HERE.fullmatch(to) else "",
    )  # fmt: skip
