"""What every answer owes whoever asks, and every request the service: headers, addresses, sizes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from fastapi import FastAPI
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from opentier.api.http.access import signed
from opentier.api.http.problems import problem
from opentier.graph import __version__
from opentier.graph.errors import OpenTierError
from opentier.graph.front import Graph

#: What is said beside every answer, where it says nothing else itself.
_SAID = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; script-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
}
#: Seconds in one.
YEAR = 31_536_000
#: Names by which a machine calls itself.
LOCAL = ("localhost", "127.0.0.1", "[::1]")


class Guarded:
    """Refuses requests for other hosts and of two lengths; says what protects the reader; answers 304 by release.

    Parameters
    ----------
    hosts
        The names that the service goes by; any name where they are none.
    """

    def __init__(self, app: ASGIApp, service: FastAPI, hosts: Iterable[str] = ()) -> None:
        self.app, self.service = app, service
        self.hosts = {host.lower() for host in hosts}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        asked = Headers(scope=scope)
        known = {each.strip() for each in asked.get("if-none-match", "").split(",")} - {""}

        async def said(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _SAID.items():
                    headers.setdefault(name, value)
                headers.add_vary_header("Authorization, Cookie")
                for name in ("Accept", "Accept-Language"):  # at one address there are data and a page
                    headers.add_vary_header(name)
                if message["status"] == 307 and "location" in headers:
                    headers["location"] = _here(headers["location"], asked.get("host", ""))
                if "release" in scope.get("state", {}):
                    headers.setdefault("OpenTier-Release", scope["state"]["release"])
                held = message["status"] == 200 and "OpenTier-Release" in headers
                if held and (tag := self._tag(scope, asked)):
                    headers.setdefault("ETag", tag)
                if held or self._more(scope):
                    headers.setdefault("Cache-Control", self._cached(scope))
            await send(message)

        if "transfer-encoding" in asked and "content-length" in asked:
            refused = problem(400, "Bad request", "A request has one length, not two.")
            refused.headers["Connection"] = "close"
            await refused(scope, receive, said)
        elif self.hosts and _name(asked.get("host", "")) not in self.hosts:
            await problem(400, "Bad request", "This service goes by another name.")(scope, receive, said)
        elif known and (tag := self._tag(scope, asked)) in known and tag:
            told = {
                "etag": tag,
                "vary": "Authorization, Cookie, Accept, Accept-Language",
                "cache-control": self._cached(scope),
            }
            raw = [(name.encode(), value.encode()) for name, value in told.items()]
            await send({"type": "http.response.start", "status": 304, "headers": raw})
            await send({"type": "http.response.body", "body": b""})
        else:
            await self.app(scope, receive, said)

    def _cached(self, scope: Scope) -> str:
        """Return how long an answer may be kept, and by whom: that of a release that is named stays what it is."""
        kept = scope.get("state", {}).get("kept") and not signed(Headers(scope=scope))
        lasting = f"max-age={YEAR}, immutable" if kept else "no-cache"
        return f"private, {lasting}" if self._more(scope) else lasting

    def _more(self, scope: Scope) -> bool:
        """Return whether whoever asks has a key: what he is told is for nobody else."""
        headers = Headers(scope=scope)
        return "authorization" in headers or bool(signed(headers))

    def _seen(self, scope: Scope) -> tuple[str, str, list[str]]:
        """Return who signed in, what whoever asks may do, and which datasets they may not see: pages tell all three."""
        graph: Graph = self.service.state.graph
        caller = self.service.state.callers.of(scope)
        who = caller.id if signed(Headers(scope=scope)) else ""
        return who, caller.role, sorted(graph.store.hidden_from(caller.reader))

    def _tag(self, scope: Scope, asked: Headers) -> str | None:
        """Return what names the answer to a question of the current release: one for all who see as much of it."""
        graph: Graph | None = self.service.state.graph
        if scope["method"] not in ("GET", "HEAD") or graph is None:
            return None
        try:
            current, seen = graph.store.mark, self._seen(scope)
        except OpenTierError:
            return None
        if current is None:
            return None
        said = (__version__, current, seen, scope["path"], scope["query_string"].decode("latin-1"),
                asked.get("accept", ""), asked.get("accept-language", ""))  # fmt: skip
        return f'W/"{hashlib.sha256(repr(said).encode()).hexdigest()[:32]}"'


def _here(location: str, host: str) -> str:
    """Return where a redirect leads without the host that the client said: what he says in Host leads nobody away."""
    scheme, _, rest = location.partition("://")
    return (
        rest.removeprefix(host) if scheme in ("http", "https") and rest.startswith(f"{host}/") else location
    )


def _name(host: str) -> str:
    """Return the name of a host without its port."""
    name, _, port = host.rpartition(":")
    return (name if name and port.isdigit() else host).lower()
