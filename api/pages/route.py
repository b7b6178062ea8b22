"""Routes of pages: they answer whoever would rather have HTML, and let everybody else through to the data."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlencode

from fastapi import APIRouter, Depends
from fastapi.routing import APIRoute
from starlette.datastructures import Headers
from starlette.responses import RedirectResponse
from starlette.routing import Match
from starlette.types import ASGIApp, Receive, Scope, Send

from opentier.api.http.negotiation import choose
from opentier.api.linked.language import spoken

#: What is offered at an address that has data and a page; a program that says nothing gets data.
_OFFERED = {"json": "application/json", "turtle": "text/turtle", "csv": "text/csv", "html": "text/html"}


def wanted(scope: Scope) -> bool:
    """Return whether whoever asks would rather have a page: his Accept says so, and his address asks for no format.

    Clients of SPARQL call that otherwise, too.
    """
    if choose(Headers(scope=scope).get("accept"), _OFFERED) != "html":
        return False
    return not any(name in ("format", "output", "results") for name, _ in _said(scope))


class PageRoute(APIRoute):
    """A route that is there for whoever wants a page, and for nobody else."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Return whether a request is for this page."""
        found = super().matches(scope)
        return found if found[0] is Match.FULL and wanted(scope) else (Match.NONE, {})


def router(**said: Any) -> APIRouter:
    """Return a router whose routes are pages; the description of the service speaks of data alone."""
    return APIRouter(route_class=PageRoute, include_in_schema=False, dependencies=[Depends(spoken)], **said)


class Filled:
    """Leads whoever sends a form to the address of what it says: fields that were left empty are not in it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "http" and scope["method"] in ("GET", "HEAD") and wanted(scope):
            said = _said(scope)
            filled = [(name, value) for name, value in said if value.strip()]
            if len(filled) < len(said):
                where = f"{scope.get('root_path', '')}{scope['path']}"
                query = f"?{urlencode(filled)}" if filled else ""
                await RedirectResponse(f"{where}{query}", 303)(scope, receive, send)
                return
        await self.app(scope, receive, send)


def _said(scope: Scope) -> list[tuple[str, str]]:
    """Return the fields of an address; a name without a value is none, but a parameter of its own kind."""
    query: bytes = scope["query_string"]
    fields = [part for part in query.decode("latin-1").split("&") if "=" in part]
    return parse_qsl("&".join(fields), keep_blank_values=True)
