"""``/sparql``: the SPARQL 1.1 protocol, queries only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, NamedTuple
from urllib.parse import parse_qs

import pyoxigraph as ox
from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from opentier.api.deps import CurrentView, check
from opentier.api.negotiation import choose
from opentier.api.problems import problem
from opentier.graph import export, sparql
from opentier.graph.graph import View

router = APIRouter(tags=["SPARQL"])

#: The formats of an answer in rows, and of one in triples.
ROWS = {name: export.MEDIA_TYPES[name] for name in ("json", "xml", "csv", "tsv")}
_GRAPH = {name: export.MEDIA_TYPES[name] for name in ("turtle", "ntriples", "jsonld", "rdfxml")}
#: Names that clients give in ``format=`` beside ours and the media types; of a graph, JSON is JSON-LD.
_ALIASES = {
    "json": "jsonld", "json-ld": "jsonld", "xml": "rdfxml", "rdf": "rdfxml", "rdf+xml": "rdfxml",
    "ttl": "turtle", "n3": "turtle", "nt": "ntriples", "n-triples": "ntriples",
}  # fmt: skip
_PLAIN_JSON = {"application/json": "json", "application/xml": "xml", "text/xml": "xml"}
_AS_FORMAT = "What some clients call format; format itself is read, or Accept."
#: The parameters of the protocol, and whether each may be repeated.
_PARAMETERS = {
    "query": False, "format": True, "default-graph-uri": True, "named-graph-uri": True, "output": True, "results": True,
}  # fmt: skip
#: A query longer than this is refused.
MAX_QUERY = 1 << 20


class _Said(NamedTuple):
    """What an address says beside the query."""

    format: list[str] | None
    default: list[str] | None
    named: list[str] | None


def _said(
    format: Annotated[
        list[str] | None, Query(description="json, xml, csv, tsv, turtle, ntriples, jsonld, rdfxml.")
    ] = None,
    default_graph_uri: Annotated[list[str] | None, Query(alias="default-graph-uri")] = None,
    named_graph_uri: Annotated[list[str] | None, Query(alias="named-graph-uri")] = None,
    output: Annotated[list[str] | None, Query(description=_AS_FORMAT)] = None,
    results: Annotated[list[str] | None, Query(description=_AS_FORMAT)] = None,
) -> _Said:
    return _Said(format, default_graph_uri, named_graph_uri)


Said = Annotated[_Said, Depends(_said)]


@router.get("/sparql")
def by_get(
    request: Request,
    view: CurrentView,
    query: Annotated[
        str, Query(description="A SPARQL 1.1 query.", examples=["SELECT * { ?link a ot:SupplyLink } LIMIT 5"])
    ],
    said: Said,
) -> Response:
    """Answer a query given in the address."""
    return respond(view, query, request.headers.get("accept"), said.format, said.default, said.named)


@router.post("/sparql")
async def by_post(request: Request, view: CurrentView, said: Said) -> Response:
    """Answer a query given as a form, or as the body itself (``application/sparql-query``)."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_QUERY:
            return _too_long()
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return problem(400, "Malformed query", "A query is UTF-8 text.")
    if kind == "application/sparql-query":
        asked = {"query": [text]}
    elif kind == "application/x-www-form-urlencoded":
        asked = parse_qs(text, keep_blank_values=True)
        if "update" in asked:
            return problem(
                400, "Updates are not served", "This service answers queries; nothing changes by SPARQL."
            )
        check(((name, value) for name, values in asked.items() for value in values), _PARAMETERS)
    else:
        return problem(
            415,
            "Unsupported media type",
            "POST a form, or a query as application/sparql-query; updates are not served.",
        )
    if len(asked.get("query", [])) != 1:
        return problem(400, "Malformed query", "Give exactly one query.")
    return await run_in_threadpool(
        respond,
        view,
        asked["query"][0],
        request.headers.get("accept"),
        asked.get("format", said.format),
        asked.get("default-graph-uri", said.default),
        asked.get("named-graph-uri", said.named),
    )


def respond(
    view: View,
    query: str,
    accept: str | None,
    formats: list[str] | None,
    default: list[str] | None,
    named: list[str] | None,
) -> Response:
    """Answer a query in the format that is asked for, by name or by ``Accept``."""
    if len(query.encode("utf-8", "replace")) > MAX_QUERY:
        return _too_long()
    answer = sparql.answer(view.release, query, default, named)
    try:
        return _serialized(view, answer, accept, formats)
    finally:
        # What the parser leaves for the garbage collector holds this frame, and an answer must end in its own thread.
        del answer


def _serialized(view: View, answer: sparql.Result, accept: str | None, formats: list[str] | None) -> Response:
    offered = dict(_GRAPH if isinstance(answer, ox.QueryTriples) else ROWS)
    if isinstance(answer, ox.QueryBoolean):
        del offered["tsv"]
    format: str | None
    if formats:
        format = next((name for said in formats if (name := _named(said.strip().lower(), offered))), None)
    else:
        for media_type, name in _PLAIN_JSON.items():
            if accept and media_type in accept.lower() and name in offered:
                offered[f"{name} plain"] = media_type
        format = choose(accept, offered)
    if format is None:
        return problem(406, "Not acceptable", f"This answer can be given as {', '.join(offered.values())}.")
    body = export.serialize(answer, format.partition(" ")[0])
    return Response(
        body, media_type=offered[format], headers={"OpenTier-Release": view.release.id, "Vary": "Accept"}
    )


def _named(said: str, offered: Mapping[str, str]) -> str | None:
    """Return the offered format that a client means by a name or a media type in ``format=``."""
    by_type = {media_type: name for name, media_type in offered.items()}
    for name in (said, _ALIASES.get(said), by_type.get(said), _PLAIN_JSON.get(said)):
        if name in offered:
            return name
    return None


def _too_long() -> Response:
    return problem(413, "Query too long", f"A query has at most {MAX_QUERY:,} bytes.")
