"""Errors over HTTP: RFC 9457 problem documents, one table from error to status."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from opentier.graph.errors import (
    AmbiguousActor,
    OpenTierError,
    QueryBusy,
    QueryError,
    QueryTooLarge,
    QueryTooLong,
    StoreError,
    UnknownActor,
    UsageError,
)

#: From error to status; the first that fits.
STATUSES: tuple[tuple[type[OpenTierError], int, str], ...] = (
    (UnknownActor, 404, "Unknown actor"),
    (AmbiguousActor, 409, "Ambiguous actor"),
    (QueryTooLong, 504, "Query took too long"),
    (QueryTooLarge, 400, "Query too large"),
    (QueryBusy, 503, "Busy"),
    (QueryError, 400, "Malformed query"),
    (UsageError, 400, "Bad request"),
    (StoreError, 503, "No data"),
    (OpenTierError, 500, "Error"),
)

#: Seconds after which a client may ask again.
RETRY_AFTER = "5"


def problem(status: int, title: str, detail: str, **more: Any) -> JSONResponse:
    """Return a problem document."""
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail, **more}
    return JSONResponse(body, status, media_type="application/problem+json")


def install(app: FastAPI) -> None:
    """Answer every error of the app with a problem document."""

    @app.exception_handler(OpenTierError)
    def opentier_error(request: Request, error: OpenTierError) -> JSONResponse:
        status, title = next((status, title) for kind, status, title in STATUSES if isinstance(error, kind))
        more = {"candidates": list(error.candidates)} if isinstance(error, AmbiguousActor) else {}
        answer = problem(status, title, str(error), **more)
        if isinstance(error, QueryBusy):
            answer.headers["Retry-After"] = RETRY_AFTER
        return answer

    @app.exception_handler(HTTPException)
    def http_error(request: Request, error: HTTPException) -> JSONResponse:
        phrase = HTTPStatus(error.status_code).phrase
        detail = f"{request.method} {request.url.path}" if error.detail == phrase else str(error.detail)
        answer = problem(error.status_code, phrase, detail)
        answer.headers.update(error.headers or {})
        return answer

    @app.exception_handler(RequestValidationError)
    def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        found = [{"parameter": str(item["loc"][-1]), "message": str(item["msg"])} for item in error.errors()]
        said = "; ".join(f"{item['parameter']}: {item['message']}" for item in found)
        return problem(422, "Invalid parameters", said, errors=found)
