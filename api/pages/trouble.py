"""Problems as pages: whoever asked for a page is told on one what went wrong, what it means, and what to do."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode, urlsplit

from fastapi import Request
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from opentier.api.http.kinds import KINDS
from opentier.api.http.negotiation import fields, wanted
from opentier.api.linked import page

_PROBLEM = "application/problem+json"


class Shown:
    """Makes a page of a problem document for whoever would rather have one; its status and headers stay."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or not wanted(scope):
            await self.app(scope, receive, send)
            return
        begun: Message | None = None
        body = b""

        async def shown(message: Message) -> None:
            nonlocal begun, body
            if message["type"] == "http.response.start" and _is(message):
                begun = message
                return
            if begun is None:
                await send(message)
                return
            body += message.get("body", b"")
            if not message.get("more_body", False):
                headers = MutableHeaders(scope=begun)
                text = _page(Request(scope), json.loads(body), headers.get("Retry-After"))
                headers["content-type"] = "text/html; charset=utf-8"
                headers["content-length"] = str(len(text))
                headers.add_vary_header("Accept")
                await send(begun)
                await send({"type": "http.response.body", "body": text})

        await self.app(scope, receive, shown)


def _ways(request: Request, problem: dict[str, Any]) -> list[tuple[str, str]]:
    """Return what leads on from a problem: each address with the key of its word, or the name of what it leaves out.

    Nothing else that was typed is lost.
    """
    root, here = request.scope.get("root_path", ""), request.url.path
    if problem["status"] == HTTPStatus.NOT_FOUND:
        return [(f"{root}/search", "@search"), (f"{root}/", "@front")]
    if problem["status"] not in (HTTPStatus.BAD_REQUEST, HTTPStatus.CONFLICT):
        return []
    if request.method not in ("GET", "HEAD"):
        came = _came(request)
        return [(came, "@form")] if came else []
    wrong = str(problem.get("parameter", ""))
    kept = [(name, value) for name, value in fields(request.scope) if name != wrong]
    if len(kept) == len(fields(request.scope)):
        return []
    return [(f"{here}?{urlencode(kept)}" if kept else here, wrong)]


def _came(request: Request) -> str:
    """Return the address of this host that somebody came from; nothing where it is another's, or none."""
    try:
        came = urlsplit(request.headers.get("referer", ""))
    except ValueError:
        return ""
    if came.netloc != request.url.netloc or not came.path or came.path.startswith("//"):
        return ""
    return f"{came.path}?{came.query}" if came.query else came.path


def _is(message: Message) -> bool:
    return MutableHeaders(scope=message).get("content-type", "").startswith(_PROBLEM)


def _page(request: Request, problem: dict[str, Any], again: str | None) -> bytes:
    """Return a problem as a page; of what passes by itself, it asks again after the seconds that it was told."""
    kind = KINDS.get(str(problem["type"]).rpartition("/")[2])
    looks = request.method in ("GET", "HEAD") and problem["status"] == HTTPStatus.SERVICE_UNAVAILABLE
    found = page.response(
        request, "problem.html", problem=problem, advice=kind.told if kind else "", ways=_ways(request, problem),
        again=again if looks else None,
        candidates=[
            (each, request.url.include_query_params(actor=each).query) for each in problem.get("candidates", ())
        ],
    )  # fmt: skip
    return bytes(found.body)
