"""What the address of a page names of release, day and language is handed on to all that the page leads to.

Templates and routes write addresses as they are: `Carrying` is the one place in which links, forms and redirects of
every page get what they can carry. What a page acts on (a form that is posted) is of today's data: it keeps the
language alone. A tag with ``data-anew`` leaves its address as it is written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cached_property, lru_cache
from html import escape, unescape
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode, urljoin

from fastapi import FastAPI
from starlette.datastructures import MutableHeaders
from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from opentier.api.contract.forms import Suffixes
from opentier.api.http import deps
from opentier.api.http.negotiation import LANGUAGE, fields, wanted

#: What one page hands to the next, where both know it.
CARRIED = ("release", "as_known", LANGUAGE)
#: Addresses of which it is known what they take.
_KNOWN = 10_000
_FORM = re.compile(r"(?P<tag><form\b[^<>]*>)(?P<body>.*?)</form>", re.DOTALL)
_TAG = re.compile(r"<[a-z][^<>]*>")
_ADDRESS = re.compile(
    r'(?<=\s)(?P<name>href|action|src|hx-get|data-(?:suggest|terms|href|copy))="(?P<at>[^"]*)"'
)
_FIELD = re.compile(r'\sname="([^"]*)"')
#: What is no way on, but what a page is made of, or its name.
_LOADED = re.compile(r'<script\b|<link\b(?![^<>]*rel="alternate")')
#: What is accepted of what is a page, and of what is drawn or read within one.
_PAGE, _ANY = "text/html", "*/*"
#: Where a browser is led, whole or in a part of a page.
_LEADS = ("location", "hx-redirect")


class Carrying:
    """Hands on what an address names, in all that is answered to whoever wants pages."""

    def __init__(self, app: ASGIApp, service: FastAPI) -> None:
        self.app, self._taken = app, _Taken(service)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        said = _said(scope) if scope["type"] == "http" else {}
        if not said or not wanted(scope):
            await self.app(scope, receive, send)
            return
        page = _Page(scope, said, self._taken)
        begun: Message | None = None
        body = bytearray()

        async def carrying(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name in _LEADS:
                    if name in headers:
                        headers[name] = page.address(headers[name], "GET")
                if headers.get("content-type", "").startswith("text/html"):
                    begun = message
                    return
            if begun is None:
                await send(message)
                return
            body.extend(message.get("body", b""))
            if not message.get("more_body", False):
                text = page.text(body.decode("utf-8")).encode("utf-8")
                MutableHeaders(scope=begun)["content-length"] = str(len(text))
                await send(begun)
                await send({"type": "http.response.body", "body": text})

        await self.app(scope, receive, carrying)


def _said(scope: Scope) -> dict[str, str]:
    """Return what the address of a request names of what is carried."""
    return {name: value for name, value in fields(scope) if name in CARRIED and value.strip()}


class _Page:
    """A page at an address, and what is handed on from it."""

    def __init__(self, scope: Scope, said: dict[str, str], taken: _Taken) -> None:
        self._root: str = scope.get("root_path", "")
        self._here, self._said, self._taken = f"{self._root}{scope['path']}", said, taken
        if scope["method"] not in ("GET", "HEAD"):
            self._said = {name: value for name, value in said.items() if name == LANGUAGE}

    def text(self, text: str) -> str:
        """Return a page whose links and forms carry what they can."""
        return _TAG.sub(self._tag, _FORM.sub(self._form, text))

    def address(self, text: str, method: str, accept: str = _PAGE) -> str:
        """Return an address with what it can carry, beside what it says itself."""
        return f"{self._head(text, method, accept)}{''.join(text.partition('#')[1:])}"

    def _head(self, text: str, method: str, accept: str) -> str:
        head = text.partition("#")[0]
        missing = self._missing(head, method, accept)
        return f"{head}{'&' if '?' in head else '?'}{urlencode(missing)}" if missing else head

    def _missing(self, head: str, method: str, accept: str = _PAGE) -> dict[str, str]:
        """Return what an address can carry, and does not say yet."""
        path, _, query = urljoin(self._here, head).partition("?")
        if not head or not path.startswith(f"{self._root}/") or path.startswith("//"):
            return {}
        own = {name for name, _ in parse_qsl(query, keep_blank_values=True)}
        asked = "&".join(f"{name}=" for name in ("format", "output", "results") if name in own)
        takes = self._taken.by(method, unquote(path[len(self._root) :]), asked, accept)
        return {name: value for name, value in self._said.items() if name in takes - own}

    def _tag(self, found: re.Match[str]) -> str:
        tag = found[0]
        if "data-anew" in tag or _LOADED.match(tag):
            return tag
        form = tag.startswith("<form")
        method = "POST" if form and 'method="post"' in tag else "GET"

        def carrying(one: re.Match[str]) -> str:
            if (
                form and method == "GET" and one["name"] in ("action", "hx-get")
            ):  # its fields say what it carries
                return one[0]
            accept = _ANY if one["name"] in ("src", "data-terms") else _PAGE
            return f'{one["name"]}="{escape(self.address(unescape(one["at"]), method, accept))}"'

        return _ADDRESS.sub(carrying, tag)

    def _form(self, found: re.Match[str]) -> str:
        tag, body = found["tag"], found["body"]
        if 'method="post"' in tag or "data-anew" in tag:
            return found[0]
        where = _ADDRESS.search(tag)
        own = {*_FIELD.findall(body)}
        missing = self._missing(
            unescape(where["at"]).partition("#")[0].partition("?")[0] if where else self._here, "GET"
        )
        hidden = (
            f'<input type="hidden" name="{name}" value="{escape(value)}">'
            for name, value in missing.items()
            if name not in own
        )
        return f"{tag}{''.join(hidden)}{body}</form>"


class _Taken:
    """Which parameters the addresses of a service take."""

    def __init__(self, service: FastAPI) -> None:
        self._service, self._suffixes = service, Suffixes(service, service)
        self.by = lru_cache(_KNOWN)(self._by)

    def _by(self, method: str, path: str, query: str, accept: str) -> frozenset[str]:
        """Return what may be said at an address, as a page or else; nothing of what is no address of the service."""
        asked: Scope = {
            "type": "http", "method": method, "path": path, "root_path": "", "query_string": query.encode(),
            "raw_path": path.encode(), "headers": [(b"accept", accept.encode())], "app": self._service,
        }  # fmt: skip
        scope = self._suffixes.meant(asked)
        for head, route in self._routes:
            if scope["path"].startswith(head) and route.matches(dict(scope))[0] is Match.FULL:
                return frozenset(deps.taken(route, scope))
        return frozenset()

    @cached_property
    def _routes(self) -> list[tuple[str, Any]]:
        """The routes, each with what all its addresses begin with."""
        return [(route.path.partition("{")[0], route) for route in _each(self._service.router.routes)]


def _each(routes: Sequence[BaseRoute]) -> Iterator[Any]:
    for route in routes:
        within = getattr(route, "original_router", None)
        if within is not None:
            yield from _each(within.routes)
        else:
            yield route
