"""Who asks, and what each may do."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from hashlib import blake2s
from typing import Annotated, Literal
from urllib.parse import urlsplit

from fastapi import Depends, Request
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from opentier.api.http.rates import Rates, address
from opentier.graph.access import keys
from opentier.graph.errors import KeyNeeded, NotAllowed, OpenTierError
from opentier.graph.front import OWNER, PUBLIC, Graph, Reader

#: What one may do; each may what those before it may.
Role = Literal["public", "reader", "contributor", "curator", "admin"]
ROLES: tuple[Role, ...] = ("public", *keys.ROLES)


@dataclass(frozen=True)
class Caller:
    """Who asks: the id of a key (or a word for whoever has none), what that may do, and what it may see.

    Attributes
    ----------
    origin
        What tells those who have no key apart, as far as that goes: a name for their address, of this run alone.
    """

    id: str
    role: Role
    reader: Reader
    origin: str = field(default="", compare=False)

    def may(self, role: Role) -> bool:
        """Whether it may what somebody of a role may."""
        return ROLES.index(self.role) >= ROLES.index(role)


#: What a proxy adds to what it passes on: nobody who comes through one sits at this machine. One that adds nothing,
#: as nginx where it is told nothing, speaks HTTP/1.0, which nobody else does.
PASSED_ON = ("forwarded", "x-forwarded-for", "x-forwarded-host", "via")
_SALT = secrets.token_bytes(16)
#: The cookie that holds the key of whoever signed in with it in a browser, until that is closed.
COOKIE = "opentier_key"
#: Whoever sits at the machine on which the service runs for nobody else; whoever has no key; and the page of another
#: site in a browser on that machine, which is nobody's hand.
LOCAL = Caller("local", "admin", OWNER)
ANYBODY = Caller("public", "public", PUBLIC)
ELSEWHERE = Caller("page", "public", PUBLIC)


class Callers:
    """Who asks a service.

    Parameters
    ----------
    local
        Whether nobody but the machine itself reaches the service: whoever asks then owns it, until there is a key.
    """

    def __init__(self, graph: Graph | None, *, local: bool) -> None:
        self.graph, self.local = graph, local

    def of(self, scope: Scope) -> Caller:
        """Return who sends a request.

        Raises
        ------
        KeyNeeded
            If it names a key that opens nothing: nobody is taken for the public who took himself for more.
        """
        state = scope.setdefault("state", {})
        if "caller" not in state:
            state["caller"] = self._found(scope)
        found: Caller = state["caller"]
        return found

    def _found(self, scope: Scope) -> Caller:
        headers, known = Headers(scope=scope), self.graph.keys if self.graph else None
        said = headers.get("authorization")
        if said is not None:
            scheme, _, text = said.partition(" ")
            key = known.find(text.strip()) if known and scheme.lower() == "bearer" else None
            if key is None:
                raise KeyNeeded(
                    "This key opens nothing: it is none of this service, or it is revoked or expired. Keys are sent as "
                    "Authorization: Bearer opentier_..."
                )
            return Caller(key.id, key.role, key.reader)
        if said := signed(headers):
            key = known.find(said) if known else None
            if key is None:
                raise KeyNeeded(
                    "The key that you signed in with opens nothing any more: it is revoked or expired. You are signed "
                    "out now; sign in with another one, or go on without."
                )
            return ELSEWHERE if _ridden(scope, headers) else Caller(key.id, key.role, key.reader)
        passed = any(name in headers for name in PASSED_ON) or scope["http_version"] == "1.0"
        if not self.local or (known and known.all()) or passed:
            return replace(ANYBODY, origin=_origin(scope))
        return ELSEWHERE if foreign(scope, headers) else LOCAL


def _origin(scope: Scope) -> str:
    """Return a name for the address from which a request comes, which leads back to it for nobody."""
    return blake2s(address(scope).encode(), key=_SALT, digest_size=8).hexdigest()


def signed(headers: Headers) -> str:
    """Return the key that a browser sends of whoever signed in; none where a request names one itself."""
    return "" if "authorization" in headers else cookie_parser(headers.get("cookie", "")).get(COOKIE, "")


def foreign(scope: Scope, headers: Headers) -> bool:
    """Whether the page of another site sends a request; a link that somebody follows is no such request."""
    origin = headers.get("origin")
    if origin is not None:
        parts = urlsplit(origin)
        return (parts.scheme, parts.netloc.lower()) != (scope["scheme"], headers.get("host", "").lower())
    if headers.get("sec-fetch-site", "none") in ("none", "same-origin"):
        return False
    return scope["method"] not in ("GET", "HEAD") or headers.get("sec-fetch-mode") != "navigate"


def _ridden(scope: Scope, headers: Headers) -> bool:
    """Whether a request with a cookie may not be of whoever signed in: what changes something says where it is from."""
    told = "origin" in headers or "sec-fetch-site" in headers
    return foreign(scope, headers) or not (told or scope["method"] in ("GET", "HEAD"))


class Checked:
    """Finds out who asks before any route does; refuses a key that opens nothing, and who asks too often.

    Whoever sits at the machine may ask as often as he likes.
    """

    def __init__(self, app: ASGIApp, callers: Callers, rates: Rates | None) -> None:
        self.app, self.callers, self.rates = app, callers, rates

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "http":
            try:
                self._check(scope)
            except OpenTierError as error:
                answered = scope["app"].exception_handlers[OpenTierError]
                told = (
                    _signing_out(send)
                    if isinstance(error, KeyNeeded) and signed(Headers(scope=scope))
                    else send
                )
                await answered(Request(scope), error)(scope, receive, told)
                return
        await self.app(scope, receive, send)

    def _check(self, scope: Scope) -> None:
        found = ANYBODY
        try:
            found = self.callers.of(scope)
        finally:  # whoever sends keys that open nothing is counted, too
            if self.rates and found not in (LOCAL, ELSEWHERE):
                self.rates.count(scope, "" if found == ANYBODY else found.id)


def _signing_out(send: Send) -> Send:
    """Return the same with which a browser forgets its key: it would be told of it at every address."""

    async def told(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers.append("set-cookie", f"{COOKIE}=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict")
            headers["cache-control"] = "no-store"
        await send(message)

    return told


def caller(request: Request) -> Caller:
    """Return who asks."""
    callers: Callers = request.app.state.callers
    return callers.of(request.scope)


#: Who asks.
CurrentCaller = Annotated[Caller, Depends(caller)]


def acting(role: Role) -> Callable[[Request], Caller]:
    """Return a dependency: whoever asks, refused unless of a role or of one that may more; "public" is everybody.

    Examples
    --------
    ``who: Annotated[Caller, Depends(acting("contributor"))]``

    Raises
    ------
    KeyNeeded
        If no key is sent.
    NotAllowed
        If the key may less, or the page of another site asks.
    """

    def allowed(request: Request) -> Caller:
        who = caller(request)
        if who is ELSEWHERE:
            raise NotAllowed(
                "The page of another site asks for this, and it may not: a key of its own it sends as Authorization. "
                "For one: opentier keys create"
            )
        if who.may(role):
            return who
        if who == ANYBODY:
            raise KeyNeeded(f"This takes the key of a {role}: Authorization: Bearer opentier_...")
        refused = NotAllowed(f"This takes the key of a {role}; that of a {who.role} is too little.")
        if request.method in ("GET", "HEAD"):
            raise refused
        graph: Graph = request.app.state.graph
        with graph.audit.act(who.id, f"{request.method} {request.scope['route'].path}"):
            raise refused

    return allowed
