"""Errors over HTTP: RFC 9457 problem documents, one table from error to status."""

from __future__ import annotations

import logging
import math
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.routing import Match

from opentier.api import values
from opentier.api.http import ids, kinds
from opentier.graph.errors import (
    AccessError,
    AmbiguousActor,
    KeyNeeded,
    Named,
    NotAllowed,
    NothingYet,
    NotInstalled,
    OpenTierError,
    QueryError,
    StoreError,
    TooOften,
    UnknownActor,
    UnknownDataset,
    UnknownRelease,
    UsageError,
    WorkBusy,
    WorkError,
    WorkTooLarge,
    WorkTooLong,
)

#: From error to status; the first that fits.
STATUSES: tuple[tuple[type[OpenTierError], int, str], ...] = (
    (UnknownActor, 404, "Unknown actor"),
    (UnknownDataset, 404, "Unknown dataset"),
    (UnknownRelease, 404, "Unknown release"),
    (AmbiguousActor, 300, "Ambiguous actor"),
    (KeyNeeded, 401, "Unauthorized"),
    (NotAllowed, 403, "Forbidden"),
    (TooOften, 429, "Too many requests"),
    (WorkTooLong, 504, "It took too long"),
    (WorkTooLarge, 400, "The answer is too large"),
    (WorkBusy, 503, "Busy"),
    (WorkError, 400, "Not answered"),
    (QueryError, 400, "Query not answered"),
    (UsageError, 400, "Bad request"),
    (NothingYet, 503, "Nothing yet"),
    (StoreError, 503, "No data"),
    (NotInstalled, 501, "Not installed"),
    (OpenTierError, 500, "Error"),
)

#: Seconds after which a client may ask again.
RETRY_AFTER = "5"
#: Methods that a route may have.
_METHODS = ("DELETE", "GET", "PATCH", "POST", "PUT")

_NOTHING_YET = (
    "Nothing is here yet, so nothing can be told of anything. Contribute a file (/contribute), or ask whoever runs "
    "this service to load the reference lists."
)
_LOG = logging.getLogger("opentier.service")
_DOCUMENT = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
#: What OpenAPI says of every route beside its answer; FastAPI would say 422 of its own.
RESPONSES: dict[int | str, dict[str, Any]] = {
    400: {"description": "An unknown or unreadable parameter or value (RFC 9457).", "content": _DOCUMENT},
    "default": {"description": "Any other error (RFC 9457).", "content": _DOCUMENT},
}
SCHEMA: dict[str, Any] = {
    "title": "Problem",
    "type": "object",
    "required": ["type", "title", "status", "detail", "instance"],
    "properties": {
        "type": {"type": "string", "description": "The address that says what to do about this kind."},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string", "description": "The id of the request, as in `OpenTier-Request`."},
        "parameter": {"type": "string", "description": "The parameter that is wrong."},
        "candidates": {
            "type": "array",
            "items": {"type": "string"},
            "description": "Of an ambiguous name (300), or near one that is not found (404).",
        },
    },
}


def problem(status: int, title: str, detail: str, **more: Any) -> JSONResponse:
    """Return a problem document."""
    asked = ids.current()
    body = {
        "type": f"{asked.base}problems/{kinds.named(title, status)}",
        "title": title,
        "status": status,
        "detail": detail,
        "instance": f"urn:uuid:{asked.id}",
        **more,
    }
    said = {ids.HEADER: asked.id}
    return JSONResponse(body, status, said, media_type="application/problem+json")


def status_of(error: OpenTierError) -> tuple[int, str]:
    """Return the status of an error, and what its kind is called."""
    return next((status, title) for kind, status, title in STATUSES if isinstance(error, kind))


def _answered(request: Request) -> list[str]:
    """Return the methods that an address answers, whichever of its routes does; HEAD goes with GET."""
    found = {
        method
        for method in _METHODS
        if any(
            route.matches({**request.scope, "method": method})[0] is Match.FULL
            for route in request.app.routes
        )
    }
    return sorted(found | {"HEAD"} if "GET" in found else found)


def install(app: FastAPI) -> None:
    """Answer every error of the app with a problem document."""

    @app.exception_handler(OpenTierError)
    def opentier_error(request: Request, error: OpenTierError) -> JSONResponse:
        status, title = status_of(error)
        if isinstance(error, AccessError):
            answer = problem(status, title, str(error))
            if isinstance(error, KeyNeeded):
                answer.headers["WWW-Authenticate"] = 'Bearer realm="OpenTier"'
            elif isinstance(error, TooOften):
                answer.headers["Retry-After"] = str(max(1, math.ceil(error.seconds)))
            return answer
        if isinstance(error, WorkBusy | WorkTooLong):
            answer = problem(status, title, str(error))
            if isinstance(error, WorkBusy):
                answer.headers["Retry-After"] = RETRY_AFTER
            return answer
        if isinstance(error, NotInstalled):
            return problem(status, title, str(error))
        if status >= 500:  # where the data lies, and which command mends it, is for whoever runs the service
            said = (request.method, request.url.path, error, ids.current().id)
            _LOG.error("%s %s: %s (request %s)", *said, extra={"request": ids.current().id})
            if isinstance(error, NothingYet):
                return problem(status, title, _NOTHING_YET)
            return problem(status, title, "The data cannot be answered from now; the service's log says why.")
        more: dict[str, Any] = {}
        if isinstance(error, AmbiguousActor):
            more["candidates"] = list(error.candidates)
        elif isinstance(error, UnknownActor):
            more["candidates"] = list(error.near)
        elif isinstance(error, UsageError) and (named := [p for p in error.parts if isinstance(p, Named)]):
            more["parameter"] = named[0]
        return problem(status, title, str(error), **more)

    @app.exception_handler(ClientDisconnect)
    def left(request: Request, error: ClientDisconnect) -> Response:
        _LOG.debug("%s %s: the client left before its request was read.", request.method, request.url.path)
        return Response(status_code=400)  # which nobody reads

    @app.exception_handler(HTTPException)
    def http_error(request: Request, error: HTTPException) -> JSONResponse:
        phrase = HTTPStatus(error.status_code).phrase
        detail = f"{request.method} {request.url.path}" if error.detail == phrase else str(error.detail)
        answer = problem(error.status_code, phrase, detail)
        answer.headers.update(error.headers or {})
        if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            answer.headers["Allow"] = ", ".join(_answered(request))
        return answer

    @app.exception_handler(RequestValidationError)
    def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        wrong = error.errors()
        if any(item["loc"][0] == "path" for item in wrong):  # an address of nothing
            return problem(404, "Not Found", f"There is nothing at {request.url.path}.")
        found = [{"parameter": _named(item["loc"]), "message": values.wrong(item)} for item in wrong]
        said = " ".join(f"{item['parameter']} {item['message']}" for item in found)
        return problem(400, "Bad request", said, parameter=found[0]["parameter"], errors=found)


def _named(place: Iterable[object]) -> str:
    """Return the parameter that stands at a place; of several values it is that of all."""
    *_, name = (part for part in place if isinstance(part, str))
    return name
