"""``/rdf-graph-store``: whole graphs, by the SPARQL 1.1 Graph Store HTTP Protocol, to read."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from opentier.api.contract.described import answers
from opentier.api.contract.forms import Forms
from opentier.api.http import work
from opentier.api.http.deps import KnownView
from opentier.api.http.problems import problem
from opentier.graph.errors import UsageError
from opentier.graph.jobs.pool import Pool
from opentier.graph.query import apart

router = APIRouter(tags=["SPARQL"])

FORMS = Forms("A graph", "turtle", "ntriples", "rdfxml", "jsonld")


@router.get("/rdf-graph-store", response_class=Response, responses=answers(404, 504, forms=FORMS))
async def graph(
    request: Request,
    view: KnownView,
    graph: Annotated[
        str | None,
        Query(
            description="The IRI of a graph, in full or from the base of individuals.",
            examples=["https://w3id.org/opentier/id/dataset/example/1"],
        ),
    ] = None,
    default: Annotated[
        Literal[""] | None, Query(description="The default graph: all that is true now. It has no value.")
    ] = None,
    format: Annotated[
        Literal["turtle", "ntriples", "rdfxml", "jsonld"] | None,
        Query(description="turtle, ntriples, rdfxml, jsonld; else by Accept."),
    ] = None,
) -> Response:
    """Return all that a graph says; a graph that is not there, or that is not seen, is 404."""
    if (graph is None) == (default is None):
        raise UsageError("Name one graph: ?graph=IRI, or ?default for the default graph.")
    form = FORMS.of(request, format)
    found = apart.graphs(view.release, graph)
    if found is None:
        return problem(404, "Unknown graph", f"There is no graph {graph} here. /sparql names all there are.")
    pool: Pool = request.app.state.pools["queries"]
    answer = await work.done(request, pool, apart.whole(str(view.release.path), found, form))
    if answer is None:
        return work.GONE
    headers = {"OpenTier-Limit": str(pool.limits)}
    return answer.response(FORMS.media_type(form), headers)
