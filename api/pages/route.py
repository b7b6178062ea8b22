"""Routes of pages: they answer whoever would rather have HTML, and let everybody else through to the data."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.responses import RedirectResponse
from starlette.routing import Match
from starlette.types import ASGIApp, Receive, Scope, Send

from opentier.api.http.negotiation import fields, wanted


class PageRoute(APIRoute):
    """A route that is there for whoever wants a page, and for nobody else."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Return whether a request is for this page."""
        found = super().matches(scope)
        return found if found[0] is Match.FULL and wanted(scope) else (Match.NONE, {})


def router(**said: Any) -> APIRouter:
    """Return a router whose routes are pages; the description of the service speaks of data alone."""
    return APIRouter(route_class=PageRoute, include_in_schema=False, **said)


class Filled:
    """Leads whoever sends a form to the address of what it says: fields that were left empty are not in it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "http" and scope["method"] in ("GET", "HEAD") and wanted(scope):
            said = fields(scope)
            filled = [(name, value) for name, value in said if value.strip()]
            if len(filled) < len(said):
                where = f"{scope.get('root_path', '')}{scope['path']}"
                query = f"?{urlencode(filled)}" if filled else ""
                await RedirectResponse(f"{where}{query}", 303)(scope, receive, send)
                return
        await self.app(scope, receive, send)
