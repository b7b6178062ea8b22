"""The forms of an answer: by the parameter `format`, by a suffix of the address that means it, or by `Accept`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI, HTTPException, Request
from starlette.types import ASGIApp, Receive, Scope, Send

from opentier.api.http.negotiation import choose, wanted
from opentier.graph.model import formats

#: Forms that are text, whose encoding is said.
_TEXTS = ("csv", "html")
#: A part of a path that stands for something.
_PART = re.compile(r"\{[^}]*\}")
#: Where a parameter `format` says which forms it takes, if its type does not.
SUFFIXED = "x-suffixes"


class Forms:
    """The forms in which a route answers, the first one where nothing is said.

    Parameters
    ----------
    what
        What is given, to begin a sentence: "A trace".
    names
        The forms by name (see `formats.FORMATS`), or by name with their media type.
    """

    def __init__(self, what: str, *names: str, **more: str) -> None:
        self.what = what
        self.offered: Mapping[str, str] = {
            name: "application/json" if name == "json" else formats.FORMATS[name].media_type for name in names
        } | more

    def of(self, request: Request, said: str | None) -> str:
        """Return the form that is asked for; a problem (406) where none is that one accepts.

        Whoever would rather have a page gets what there is, where there is none: a browser shows JSON, too, and no
        reader of it can ask for another form by a header.
        """
        form = said or choose(request.headers.get("accept"), self.offered)
        if form is None and wanted(request.scope):
            form = "json" if "json" in self.offered else next(iter(self.offered))
        if form is None:
            raise HTTPException(406, f"{self.what} is given as {', '.join(self.offered.values())}.")
        return form

    def media_type(self, form: str) -> str:
        """Return what a form is called in a header."""
        return f"{self.offered[form]}; charset=utf-8" if form in _TEXTS else self.offered[form]


class Suffixes:
    """Takes ``/trace.csv`` for ``/trace?format=csv``, wherever a route has such a format."""

    def __init__(self, app: ASGIApp, service: FastAPI) -> None:
        self.app, self.service = app, service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        meant = self.meant(scope) if scope["type"] == "http" else scope
        try:
            await self.app(meant, receive, send)
        finally:
            if "route" in meant:
                scope["route"] = meant["route"]

    def meant(self, scope: Scope) -> Scope:
        """Return the request that an address with a suffix means; others as they are."""
        stem, dot, end = scope["path"].rpartition(".")
        if not dot or not end.isalnum():
            return scope
        for pattern, names in self._routes:
            if pattern.fullmatch(stem) and (form := formats.of_suffix(end, *names)):
                said = [each for each in (scope["query_string"], f"format={form}".encode()) if each]
                asked = {"path": stem, "raw_path": quote(stem).encode(), "query_string": b"&".join(said)}
                return {**scope, **asked}
        return scope

    @cached_property
    def _routes(self) -> list[tuple[re.Pattern[str], tuple[str, ...]]]:
        """What the addresses look like that have a parameter `format`, with the formats that it may be."""
        return [
            (re.compile(_PART.sub("[^/]+", path)), tuple(_named(parameter["schema"])))
            for path, operations in self.service.openapi()["paths"].items()
            for parameter in operations.get("get", {}).get("parameters", ())
            if parameter["name"] == "format"
        ]


def _named(schema: Mapping[str, Any]) -> Iterator[str]:
    """Yield the formats that a parameter may be."""
    yield from (
        each
        for each in (schema.get("const"), *schema.get("enum", ()), *schema.get(SUFFIXED, ()))
        if each in formats.FORMATS
    )
    for part in schema.get("anyOf", ()):
        yield from _named(part)
