"""``/reconcile``: the Reconciliation API, 0.2 as OpenRefine speaks it and the draft of 1.0.

The paths of the draft do not collide with those of 0.2, so both are served below one address. Their manifests
contradict each other (``suggest``): the draft's is at ``/reconcile/1.0-draft``, below which its paths are, too.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine
from email.message import Message
from typing import Annotated, Any, Literal
from urllib.parse import parse_qsl

from fastapi import APIRouter, Depends, HTTPException, Path, Query, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response
from fastapi.routing import APIRoute
from markupsafe import Markup
from starlette.concurrency import run_in_threadpool

from opentier.api.http import dialects
from opentier.api.http.deps import CurrentView, check
from opentier.api.http.dialects import (
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
from opentier.graph.errors import Named, UsageError
from opentier.graph.front import View
from opentier.graph.network.network import Actor
from opentier.graph.reconciliation import properties
from opentier.graph.reconciliation.queries import LIMIT, MOST
from opentier.graph.reconciliation.reconciler import Reconciler

#: Bytes that a batch may have.
MAX_BODY = 1 << 20
_FORM, _JSON = "application/x-www-form-urlencoded", "application/json"
#: Nothing but its own text and style may be in a preview.
_ALONE = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}
What = Annotated[Literal["entity", "type", "property"], Path(description="what is suggested")]


class _Blanks(APIRoute):
    """Leaves out parameters that are empty: OpenRefine sends all it has a place for."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler of the route."""
        answer = super().get_route_handler()

        async def without(request: Request) -> Response:
            said = request.scope["query_string"].split(b"&")
            request.scope["query_string"] = b"&".join(each for each in said if each.partition(b"=")[2])
            return await answer(Request(request.scope, request.receive))

        return without


def _jsonp(
    callback: Annotated[
        str | None,
        Query(
            pattern=r"^[A-Za-z_$][\w$.]{0,99}$", description="The function to call with the answer (JSONP)."
        ),
    ] = None,
    once: Annotated[str | None, Query(alias="_", include_in_schema=False)] = None,
) -> str | None:
    return callback


#: What a script calls with the answer; `_` is what such scripts add, so that nobody answers from before.
Callback = Annotated[str | None, Depends(_jsonp)]
_Unheard = Annotated[str | None, Query(include_in_schema=False)]


def _freebase(
    spell: _Unheard = None,
    exact: _Unheard = None,
    prefixed: _Unheard = None,
    scoring: _Unheard = None,
    lang: _Unheard = None,
    type_strict: _Unheard = None,
) -> None:
    """Take what OpenRefine's field for suggestions asked Freebase, and asks all services since; it changes nothing."""


def _given(view: View, content: Json, callback: str | None = None) -> Response:
    headers = {"OpenTier-Release": view.release.id}
    if callback is None:
        return JSONResponse(content, headers=headers)
    script = f"/**/{callback}({json.dumps(content)});"
    return Response(
        script, media_type="text/javascript", headers=headers | {"X-Content-Type-Options": "nosniff"}
    )


def _within(many: int, most: int, what: str) -> None:
    if many > most:
        raise HTTPException(413, f"One request has at most {most} {what}; {many} are too many.")


# --- 0.2 -------------------------------------------------------------------------------------------------------------

router = APIRouter(prefix="/reconcile", tags=["Reconciliation"])


@router.get("")
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
        return _given(
            view,
            dialects.manifest(OLD, str(request.base_url), view.release.names.base, view.reconciler),
            callback,
        )
    return _given(view, _old(view.reconciler, queries, extend), callback)


_FIELDS = {"queries": False, "extend": False}


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
    return _given(view, answer)


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
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY:
            raise HTTPException(413, f"A request has at most {MAX_BODY:,} bytes.")
    return bytes(body)


# --- The draft, and what both have -----------------------------------------------------------------------------------

_both, _lists = APIRouter(), APIRouter(route_class=_Blanks)


@router.get("/1.0-draft")
def draft(request: Request, view: CurrentView) -> Response:
    """Return the manifest in the terms of the draft, whose paths are below this address, too."""
    return _given(
        view, dialects.manifest(DRAFT, str(request.base_url), view.release.names.base, view.reconciler)
    )


def _of_json(example: Json) -> Json:
    """Return what OpenAPI says of a body in JSON."""
    return {
        "requestBody": {
            "required": True,
            "content": {_JSON: {"schema": {"type": "object"}, "example": example}},
        }
    }


@_both.post(
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

    return _given(view, await run_in_threadpool(answer))


@_both.post("/extend", openapi_extra=_of_json({"ids": ["example/aurora"], "properties": [{"id": "country"}]}))
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

    return _given(view, await run_in_threadpool(answer))


@_lists.get("/extend/propose")
def propose(
    view: CurrentView,
    callback: Callback,
    type: Annotated[str, Query(description="A type.", examples=["facility"])] = "",
    limit: Annotated[int, Query(ge=1, le=MOST)] = MOST,
) -> Response:
    """List what can be asked of the actors of a type: of all types the same."""
    if type:
        view.reconciler.types.find(type)
    listed = dialects.columns([*properties.properties()][:limit])
    return _given(view, {"properties": listed, "type": type, "limit": limit}, callback)


@_lists.get("/suggest/{what}", dependencies=[Depends(_freebase)])
def suggest(
    view: CurrentView,
    callback: Callback,
    what: What,
    prefix: Annotated[
        str, Query(max_length=1000, description="What somebody types.", examples=["aurora"])
    ] = "",
    type: Annotated[list[str] | None, Query(description="Types that an entity is of.")] = None,
    cursor: Annotated[int, Query(ge=0, description="How many to skip (0.2).")] = 0,
    offset: Annotated[int, Query(ge=0, description="How many to skip (draft of 1.0).")] = 0,
    limit: Annotated[int, Query(ge=1, le=MOST)] = LIMIT,
) -> Response:
    """List actors, types or properties by how their names begin, or words of them; actors by likeness, too."""
    skip, reconciler = max(cursor, offset), view.reconciler
    if what == "entity":
        found = [
            {**dialects.entity(actor, reconciler), "notable": dialects.typed(actor, reconciler)}
            for actor in reconciler.suggest(prefix, type or (), skip, limit)
        ]
    elif what == "type":
        found = [dialects.kind(each, reconciler) for each in reconciler.types.all.values()]
    else:
        found = [
            {"id": each.id, "name": each.name, "description": each.about}
            for each in properties.properties().values()
        ]
    if what != "entity":
        begins = prefix.casefold().strip()
        found = [each for each in found if f" {begins}" in f" {each['id']} {each['name']}".casefold()]
        found = found[skip : skip + limit]
    return _given(view, {"result": found}, callback)


@_both.get("/preview", response_class=HTMLResponse)
def preview(
    view: CurrentView, id: Annotated[str, Query(description="An actor.", examples=["example/aurora"])]
) -> Response:
    """Return a small page about an actor."""
    reconciler = view.reconciler
    actor = _actor(reconciler, id)
    page = Markup(
        "<!doctype html><html lang=en><meta charset=utf-8><title>{}</title>"
        "<style>body{{font:14px/1.4 sans-serif;margin:8px}}dt{{color:#555}}dd{{margin:0 0 4px}}</style>{}"
    ).format(actor.name, _shown(actor, reconciler))
    return HTMLResponse(page, headers={**_ALONE, "OpenTier-Release": view.release.id})


@_both.get("/flyout/{what}")
def flyout(
    view: CurrentView,
    callback: Callback,
    what: What,
    id: Annotated[str, Query(description="Of whom or what.", examples=["example/aurora"])],
) -> Response:
    """Return a few words in HTML about what is suggested (0.2)."""
    reconciler = view.reconciler
    if what == "entity":
        shown = _shown(_actor(reconciler, id), reconciler)
    else:
        shown = Markup("<p>{}</p>").format(
            reconciler.types.find(id).about if what == "type" else properties.given(id).about
        )
    return _given(view, {"id": id, "html": str(shown)}, callback)


def _actor(reconciler: Reconciler, id: str) -> Actor:
    node = reconciler.node(id)
    if node is None:
        raise HTTPException(404, f"There is no actor {id!r}.")
    return reconciler.index.actor(node)


def _shown(actor: Actor, reconciler: Reconciler) -> Markup:
    """Return what is known of an actor as HTML."""
    said = [
        (properties.given(each).name, reconciler.values(actor, each))
        for each in ("also_known_as", "address", "identifiers", "designations", "dataset")
    ]
    rows = Markup("").join(
        Markup("<dt>{}</dt>{}").format(name, Markup("").join(map(Markup("<dd>{}</dd>").format, values)))
        for name, values in said
        if values
    )
    about = ", ".join((reconciler.id(actor), reconciler.about(actor)))
    return Markup("<strong>{}</strong><p>{}</p><dl>{}</dl>").format(actor.name, about, rows)


for each in (_both, _lists):
    router.include_router(each)
    router.include_router(each, prefix="/1.0-draft", include_in_schema=False)
