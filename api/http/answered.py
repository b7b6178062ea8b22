"""What stands around all else: every request gets its id, and what no rule foresaw is a problem that tells nothing."""

from __future__ import annotations

import logging

from fastapi import FastAPI
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from opentier.api.http import ids
from opentier.api.http.problems import problem

_LOG = logging.getLogger("opentier.service")


class Answered:
    """Gives each request an id, and answers where the app fails: the log has the reason, once, with that id.

    An answer that has begun already is left without an end, which breaks it off.
    """

    def __init__(self, app: ASGIApp, service: FastAPI) -> None:
        self.app, self.service = app, service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        asked, begun = ids.begin(self.service.state.base), False

        async def named(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                MutableHeaders(scope=message)[ids.HEADER] = asked.id
            await send(message)

        try:
            await self.app(scope, receive, named)
        except Exception:  # whatever it is, nobody is told but whoever reads the log
            _LOG.exception("No rule foresaw this (request %s).", asked.id, extra={"request": asked.id})
            if not begun:
                said = "This is our fault. The service's log has the reason under this request's id."
                await problem(500, "Error", said)(scope, receive, named)
