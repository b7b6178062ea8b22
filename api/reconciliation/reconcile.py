"""``/reconcile``: the Reconciliation API, 0.2 as OpenRefine speaks it and the draft of 1.0.

The paths of the draft do not collide with those of 0.2, so both are served below one address. Their manifests
contradict each other (``suggest``): the draft's is at ``/reconcile/1.0-draft``, below which its paths are, too.
"""

from __future__ import annotations

from email.message import Message
from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from opentier.api.contract.described import problem
from opentier.api.http.deps import CurrentView, body_of, check
from opentier.api.reconciliation import dialects, suggest
from opentier.api.reconciliation.dialects import (
    BATCH,
    COLUMNS,
    DRAFT,
    EXTENDED,
    OF_DRAFT,
    OF_EXTENSION,
    OF_OLD,
    OLD,
    Json,
)
from opentier.api.reconciliation.suggest import JSONP, Callback, given
from opentier.graph.errors import Named, UsageError
from opentier.graph.reconciliation.reconciler import Reconciler

#: Bytes that a batch may have.
MAX_BODY = 1 << 20
_FORM, _JSON = "application/x-www-form-urlencoded", "application/json"


def _within(many: int, most: int, what: str) -> None:
    if many > most:
        raise HTTPException(413, f"One request has at most {most} {what}; {many} are too many.")


# --- 0.2 -------------------------------------------------------------------------------------------------------------

router = APIRouter(prefix="/reconcile", tags=["Reconciliation"])


@router.get("", response_class=Response, responses={**JSONP, 413: problem(413)})
def by_get(
    request: Request,
    view: CurrentView,
    callback: Callback,
    queries: Annotated[
        str | None,
        Query(description="A batch of queries (JSON).", examples=['{"q0": {"query": "Aurora Outfitters"}}']),
    ] = None,
    extend: Annotated[
        str | None,
        Query(
            description="Actors, and what is asked of them (JSON).",
            examples=['{"ids": ["example/aurora"], "properties": [{"id": "country"}]}'],
        ),
    ] = None,
) -> Response:
    """Return the manifest of the service; or answer a batch of queries, or an extension, as by POST."""
    if queries is None and extend is None:
        return given(
            dialects.manifest(OLD, request.app.state.base, view.release.names.base, view.reconciler),
            callback,
        )
    return given(_old(view.reconciler, queries, extend), callback)


_FIELDS: dict[str, bool | None] = {"queries": False, "extend": False}


@router.post(
    "",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                _FORM: {
                    "schema": {
                        "type": "object",
                        "properties": {name: {"type": "string"} for name in _FIELDS},
                    },
                    "example": {"queries": '{"q0": {"query": "Aurora Outfitters"}}'},
                }
            },
        }
    },
)
async def by_post(request: Request, view: CurrentView) -> Response:
    """Answer a batch of queries (``queries``) or an extension (``extend``), as a form that holds JSON."""
    body = await _body(request, _FORM)
    try:
        said = parse_qsl(body.decode("utf-8"), keep_blank_values=True, errors="strict")
    except UnicodeDecodeError:
        raise UsageError("The form is not UTF-8.") from None
    check(said, _FIELDS)
    asked = dict(said)
    answer = await run_in_threadpool(lambda: _old(view.reconciler, asked.get("queries"), asked.get("extend")))
    return given(answer)


def _old(reconciler: Reconciler, queries: str | None, extend: str | None) -> Json:
    """Return the answer of 0.2 to one of two things."""
    if (queries is None) == (extend is None):
        raise UsageError("Give either ", Named("queries"), " or ", Named("extend"), ".")
    if extend is not None:
        meta, rows = dialects.extended(_extension(extend), reconciler)
        return {"meta": meta, "rows": rows}
    asked = dialects.read(OF_OLD, queries or "", "queries")
    _within(len(asked), BATCH, "queries")
    found = reconciler.candidates([each.read() for each in asked.values()])
    return {
        key: {"result": dialects.candidates(each, reconciler)} for key, each in zip(asked, found, strict=True)
    }


def _extension(text: str | bytes) -> dialects.Extension:
    asked = dialects.read(OF_EXTENSION, text, "extend")
    _within(len(asked.ids), EXTENDED, "actors")
    _within(len(asked.properties), COLUMNS, "properties")
    return asked


async def _body(request: Request, wanted: str) -> bytes:
    """Return the body of a request, of one media type and not too long."""
    head = Message()
    head["content-type"] = request.headers.get("content-type", "")
    if head.get_content_type() != wanted:
        raise HTTPException(415, f"Send it as {wanted}.")
    body = await body_of(request, MAX_BODY)
    if body is None:
        raise HTTPException(413, f"A request has at most {MAX_BODY:,} bytes.")
    return body


# --- The draft, and what both have -----------------------------------------------------------------------------------

_draft = APIRouter()


@router.get("/1.0-draft")
def draft(request: Request, view: CurrentView) -> Response:
    """Return the manifest in the terms of the draft, whose paths are below this address, too."""
    return given(dialects.manifest(DRAFT, request.app.state.base, view.release.names.base, view.reconciler))


def _of_json(example: Json) -> Json:
    """Return what OpenAPI says of a body in JSON."""
    return {
        "requestBody": {
            "required": True,
            "content": {_JSON: {"schema": {"type": "object"}, "example": example}},
        }
    }


@_draft.post(
    "/match",
    openapi_extra=_of_json(
        {"queries": [{"conditions": [{"matchType": "name", "propertyValue": "Aurora Outfitters"}]}]}
    ),
)
async def match(request: Request, view: CurrentView) -> Response:
    """Answer a batch of queries (draft of 1.0)."""
    asked = dialects.read(OF_DRAFT, await _body(request, _JSON), "queries").read()
    _within(len(asked), BATCH, "queries")

    def answer() -> Json:
        found = view.reconciler.candidates(asked)
        return {"results": [{"candidates": dialects.candidates(each, view.reconciler)} for each in found]}

    return given(await run_in_threadpool(answer))


@_draft.post(
    "/extend", openapi_extra=_of_json({"ids": ["example/aurora"], "properties": [{"id": "country"}]})
)
async def extend(request: Request, view: CurrentView) -> Response:
    """Return what is known of some actors (draft of 1.0)."""
    asked = _extension(await _body(request, _JSON))

    def answer() -> Json:
        meta, rows = dialects.extended(asked, view.reconciler)
        listed = [
            {"id": id, "properties": [{"id": each, "values": values} for each, values in row.items()]}
            for id, row in rows.items()
        ]
        return {"meta": meta, "rows": listed}

    return given(await run_in_threadpool(answer))


for each in (_draft, suggest.lists, suggest.pages):
    router.include_router(each)
    router.include_router(each, prefix="/1.0-draft", include_in_schema=False)
