"""``/responses``: the right of reply. Whoever is named in a listing or an incident may send an answer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from email.message import Message
from typing import Annotated, Any
from urllib.parse import parse_qsl

from fastapi import APIRouter, Depends, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, Response

from opentier.api.contract.described import problem as refused
from opentier.api.http.access import Caller, acting
from opentier.api.http.deps import CurrentView, body_of, check
from opentier.api.http.problems import problem
from opentier.graph.access import replies
from opentier.graph.errors import Named, UsageError
from opentier.graph.front import Graph, View

router = APIRouter(tags=["Right of reply"])

_JSON, _FORM = "application/json", "application/x-www-form-urlencoded"
#: What a reply says; each once.
FIELDS = ("to", "party", "text", "url", "date", "contact")
_NEEDED = ("to", "party")
#: Bytes of a reply.
MOST = 1 << 16
_SCHEMA = {
    "type": "object",
    "required": list(_NEEDED),
    "additionalProperties": False,
    "properties": {
        "to": {
            "type": "string",
            "description": "The listing or incident that is answered: its IRI or its id.",
        },
        "party": {"type": "string", "description": "Who answers: the IRI or id of an actor."},
        "text": {
            "type": "string",
            "description": "The answer, in plain text.",
            "maxLength": replies.LONGEST["text"],
        },
        "url": {
            "type": "string",
            "description": "Where the answer stands.",
            "maxLength": replies.LONGEST["url"],
        },
        "date": {"type": "string", "format": "date", "description": "When it was given; today if not said."},
        "contact": {
            "type": "string",
            "maxLength": replies.LONGEST["contact"],
            "description": "How the operator reaches you. Nobody else sees it, and it is forgotten with the decision.",
        },
    },
}
_BODY = {"requestBody": {"required": True, "content": {kind: {"schema": _SCHEMA} for kind in (_JSON, _FORM)}}}


@router.post("/responses", status_code=202, responses={403: refused(403)}, openapi_extra=_BODY)
async def reply(
    request: Request, view: CurrentView, who: Annotated[Caller, Depends(acting("public"))]
) -> Response:
    """Answer a listing or an incident. What is sent waits, unseen, until the operator accepts or refuses it."""
    head = Message()
    head["content-type"] = request.headers.get("content-type", "")
    kind = head.get_content_type()
    if kind not in (_JSON, _FORM):
        return problem(415, "Unsupported media type", f"Send a reply as {_JSON} or as a form.")
    body = await body_of(request, MOST)
    if body is None:
        return problem(413, "Request too large", f"A reply has at most {MOST:,} bytes.")
    said = _said(body, kind)
    graph: Graph = request.app.state.graph
    taken = await run_in_threadpool(take, graph, view, who, said)
    return JSONResponse({"id": taken, "state": replies.PENDING}, 202)


def take(graph: Graph, view: View, who: Caller, said: Mapping[str, str]) -> str:
    """Keep a reply, by what it says of each of its fields, until somebody decides; return its id."""
    more = {name: said[name] for name in FIELDS if name in said and name not in (*_NEEDED, "date")}
    found = replies.understood(view, said["to"], said["party"], date=said.get("date"), **more)
    return graph.acting(who.id).replies().take(found).id


@router.get("/responses", responses={403: refused(403)})
def pending(request: Request, who: Annotated[Caller, Depends(acting("curator"))]) -> dict[str, Any]:
    """List the replies that wait for a decision, for a curator: opentier reply accept or refuse decides."""
    graph: Graph = request.app.state.graph
    return {"responses": [each.to_dict() for each in graph.replies().kept.waiting()]}


def _said(body: bytes, kind: str) -> dict[str, str]:
    """Return what a body says, by field; UsageError where it cannot be read."""
    try:
        text = body.decode("utf-8")
        pairs = (
            _members(json.loads(text)) if kind == _JSON
            else parse_qsl(text, keep_blank_values=True, errors="strict")
        )  # fmt: skip
    except (ValueError, RecursionError):
        raise UsageError(f"The body is no {'JSON' if kind == _JSON else 'form'} in UTF-8.") from None
    check(pairs, dict.fromkeys(FIELDS, False))
    said = dict(pairs)
    for name in _NEEDED:
        if name not in said:
            raise UsageError(Named(name), " is missing; give a value.")
    return said


def _members(found: Any) -> list[tuple[str, str]]:
    """Return the members of a JSON object of texts."""
    if not isinstance(found, dict):
        raise UsageError("A reply is a JSON object.")
    for name, value in found.items():
        if not isinstance(value, str):
            raise UsageError(Named(name), " is a text.")
    return list(found.items())
