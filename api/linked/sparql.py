"""``/sparql``: the SPARQL 1.1 protocol, queries only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, NamedTuple

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from opentier.api.http import work
from opentier.api.http.deps import KnownView, at_release
from opentier.api.http.negotiation import choose
from opentier.api.http.problems import problem
from opentier.api.linked.operation import Operation
from opentier.graph.errors import Named, QueryError, UsageError, mean
from opentier.graph.front import View
from opentier.graph.jobs.pool import Pool
from opentier.graph.model import formats
from opentier.graph.query import apart, description, forms, sparql, terms
from opentier.graph.query.sparql import MAX_QUERY

router = APIRouter(tags=["SPARQL"])

#: The formats of each kind of answer.
OFFERED = {kind: formats.media_types(*names) for kind, names in forms.BY_KIND.items()}
_AS_FORMAT = "What some clients call format."
#: A query, as the protocol has it.
QUERY = Operation(
    "query",
    "A query",
    "application/sparql-query",
    {"query": False, "as_known": False, "release": False, "format": True, "default-graph-uri": True,
     "named-graph-uri": True, "output": True, "results": True, "update": None},
    MAX_QUERY,
    {"application/sparql-update": sparql.NO_UPDATES},
)  # fmt: skip
#: Those of its parameters that are no part of `_said`.
_ALONE = ("query", "as_known", "release")


class _Said(NamedTuple):
    """What an address says beside the query."""

    format: list[str]
    default: list[str] | None
    named: list[str] | None


def _said(
    format: Annotated[
        list[str] | None, Query(description="json, xml, csv, tsv, turtle, ntriples, jsonld, rdfxml.")
    ] = None,
    default_graph_uri: Annotated[
        list[str] | None, Query(alias="default-graph-uri", description="A graph of the default graph.")
    ] = None,
    named_graph_uri: Annotated[
        list[str] | None, Query(alias="named-graph-uri", description="A graph that GRAPH may name.")
    ] = None,
    output: Annotated[list[str] | None, Query(description=_AS_FORMAT)] = None,
    results: Annotated[list[str] | None, Query(description=_AS_FORMAT)] = None,
    update: Annotated[list[str] | None, Query(include_in_schema=False)] = None,
) -> _Said:
    if update:
        raise QueryError(sparql.NO_UPDATES)
    return _Said([*(format or ()), *(output or ()), *(results or ())], default_graph_uri, named_graph_uri)


Said = Annotated[_Said, Depends(_said)]


@router.get("/sparql")
async def by_get(
    request: Request,
    view: KnownView,
    said: Said,
    query: Annotated[
        str | None,
        Query(description="A SPARQL 1.1 query.", examples=["SELECT * { ?link a ot:SupplyLink } LIMIT 5"]),
    ] = None,
) -> Response:
    """Answer a query given in the address; without one, whoever accepts RDF gets the description of the service."""
    if query is None:
        return await run_in_threadpool(_described, request, view)
    return await respond(request, view, query, said.format, said.default, said.named)


@router.post("/sparql", dependencies=[Depends(_said)])
async def by_post(request: Request, view: KnownView) -> Response:
    """Answer a query given as a form, or as the body itself (``application/sparql-query``).

    What is said in the address counts as if it were said in the form.
    """
    given = await QUERY.posted(request)
    if isinstance(given, Response):
        return given
    asked = _said(**{name.replace("-", "_"): given[name] for name in given if name not in _ALONE})
    if not given["query"]:
        raise QUERY.missing()
    if given["release"]:
        view = await run_in_threadpool(at_release, request, given["release"][0])
    if given["as_known"]:
        view = view.as_known(given["as_known"][0])
    return await respond(request, view, given["query"][0], asked.format, asked.default, asked.named)


def _described(request: Request, view: View) -> Response:
    """Return the description of the service, in the kind of RDF that is asked for by name."""
    format = choose(request.headers.get("accept"), {"none": "", **OFFERED["triples"]})
    if format in (None, "none"):
        raise QUERY.missing()
    state = request.app.state
    found = description.describe(view.release, state.base + "sparql", federated=bool(state.services.listed))
    return Response(forms.triples(found, format), media_type=OFFERED["triples"][format])


async def respond(
    request: Request,
    view: View,
    query: str,
    said: list[str] | None,
    default: list[str] | None = None,
    named: list[str] | None = None,
) -> Response:
    """Answer a query in the format that is asked for, by name or by ``Accept``, as long as the client is there."""
    if len(query.encode("utf-8", "replace")) > MAX_QUERY:
        return QUERY.too_long()
    known = dict.fromkeys(name for offered in OFFERED.values() for name in offered)
    for each in said or ():
        if _called(each, *known) is None:
            raise UsageError(
                Named("format"), f" {each!r} is none that is given.{mean(each, known, len(known))}"
            )
    chosen = {kind: _chosen(request.headers.get("accept"), said, OFFERED[kind]) for kind in OFFERED}
    names = {kind: found[0] if found else None for kind, found in chosen.items()}
    asked, answer = await done(request, view, query, names, default, named)
    if answer is None:
        return work.GONE
    kind = answer.head["kind"]
    found = chosen[kind]
    if found is None:
        offered = ", ".join(OFFERED[kind].values())
        return problem(406, "Not acceptable", f"This answer can be given as {offered}.")
    return answer.response(found[1], beside(request, view, query, asked))


async def done(
    request: Request,
    view: View,
    query: str,
    formats: Mapping[str, str | None],
    default: list[str] | None = None,
    named: list[str] | None = None,
) -> tuple[sparql.Asked, work.Done | None]:
    """Have a query answered, in a format for each kind of answer; no answer where the client has gone."""
    pool: Pool = request.app.state.pools["queries"]
    asked = await prepared(request, view, query, default, named)
    return asked, await work.done(request, pool, apart.request(str(view.release.path), asked, formats))


async def prepared(
    request: Request,
    view: View,
    query: str,
    default: list[str] | None = None,
    named: list[str] | None = None,
) -> sparql.Asked:
    """Return a query as a process is asked it; what is wrong with it is told before it is one's turn."""
    services = request.app.state.services
    return await run_in_threadpool(sparql.prepare, view.release, query, default, named, services)


def beside(request: Request, view: View, query: str, asked: sparql.Asked) -> dict[str, str]:
    """Return what is said beside an answer: its release, its limits, and terms of the query that nobody has."""
    pool: Pool = request.app.state.pools["queries"]
    headers = {"OpenTier-Limit": str(pool.limits)}
    if asked.united:
        headers["OpenTier-United"] = (
            f"{asked.united} graphs put together for this query: slower, use DISTINCT"
        )
    if wrong := terms.misnamed(view.release, query):
        headers["OpenTier-Warning"] = " ".join(wrong).encode("latin-1", "replace").decode("latin-1")
    return headers


def _chosen(accept: str | None, said: list[str] | None, offered: Mapping[str, str]) -> tuple[str, str] | None:
    """Return the name and the media type of the format of an answer, or None where nothing fits.

    Clients say a format under several names, and one media type or more beside its name; all of it means one.
    """
    if said:
        meant = {_called(each, *offered) for each in said}
        if len(meant - {None}) > 1:
            raise UsageError(Named("format"), f" is one; not {' and '.join(dict.fromkeys(said))}.")
        name = None if None in meant else meant.pop()
        return (name, offered[name]) if name else None
    known = dict(offered)
    for name in offered:
        for media_type in formats.FORMATS[name].also:
            if accept and media_type in accept.lower():
                known[f"{name} plain"] = media_type
    name = choose(accept, known)
    return (name.partition(" ")[0], known[name]) if name else None


def _called(said: str, *among: str) -> str | None:
    """Return the format that is meant, among some; of several names for it, the first that is one of those."""
    return next(filter(None, (formats.called(part, *among) for part in said.split(","))), None)
