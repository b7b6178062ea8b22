"""Routes of pages: they answer whoever would rather have HTML, and let everybody else through to the data."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.routing import APIRoute
from starlette.responses import RedirectResponse, Response
from starlette.routing import Match
from starlette.types import ASGIApp, Receive, Scope, Send

from opentier.api.http.negotiation import fields, wanted
from opentier.api.http.problems import problem
from opentier.api.http.waiting import SOON
from opentier.graph.views import Opening

#: How often it is looked whether what is waited for is there, in seconds.
_LOOK = 0.05


class PageRoute(APIRoute):
    """A route that is there for whoever wants a page, and for nobody else."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Return whether a request is for this page."""
        found = super().matches(scope)
        return found if found[0] is Match.FULL and wanted(scope) else (Match.NONE, {})

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return what answers a request; who looks while much is still read is told how far that is."""
        answered = super().get_route_handler()

        async def handler(request: Request) -> Response:
            opening: Opening | None = request.app.state.graph.views.opening
            if opening is not None and request.method in ("GET", "HEAD") and not await _over(opening):
                return _opening(opening)
            return await answered(request)

        return handler


async def _over(opening: Opening) -> bool:
    """Return whether all is read, after a moment at most."""
    for _ in range(round(SOON / _LOOK)):
        if opening.over.is_set():
            return True
        await asyncio.sleep(_LOOK)
    return opening.over.is_set()


def _opening(opening: Opening) -> Response:
    said = f"The service was started just now and reads its data: {opening.read / opening.whole:.0%} so far."
    answer = problem(503, "Not ready", said)
    answer.headers["Retry-After"] = "1"
    return answer


def router(**said: Any) -> APIRouter:
    """Return a router whose routes are pages; the description of the service speaks of data alone."""
    return APIRouter(route_class=PageRoute, include_in_schema=False, **said)


#: Parameters that campaigns, newsletters and networks add to links that lead here, and what others begin with.
_ADDED, _BEGUN = frozenset({"fbclid", "gclid", "mc_cid", "mc_eid", "msclkid"}), "utm_"


def _meant(name: str, value: str) -> bool:
    """Return whether a field of an address says something to a page."""
    return bool(value.strip()) and name not in _ADDED and not name.startswith(_BEGUN)


class Filled:
    """Leads to the address of what is said: without fields that were left empty, and what others add to links."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "http" and scope["method"] in ("GET", "HEAD") and wanted(scope):
            said = fields(scope)
            filled = [(name, value) for name, value in said if _meant(name, value)]
            if len(filled) < len(said):
                where = f"{scope.get('root_path', '')}/{scope['path'].lstrip('/')}"  # // begins another host
                query = f"?{urlencode(filled)}" if filled else ""
                await RedirectResponse(f"{where}{query}", 303)(scope, receive, send)
                return
        await self.app(scope, receive, send)
