"""``/id/...``: what the graph says about one IRI, as JSON-LD or Turtle."""

from __future__ import annotations

from urllib.parse import quote, unquote

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response

from opentier.api.http.deps import CurrentView
from opentier.api.http.negotiation import choose
from opentier.api.http.problems import problem
from opentier.graph.model.formats import media_types, suffix
from opentier.graph.model.names import plain
from opentier.graph.query import forms, jsonld

router = APIRouter(tags=["Linked data"])

_OFFERED = media_types("jsonld", "turtle", "ntriples", "rdfxml")
_SUFFIXES = {suffix(name): name for name in _OFFERED}


@router.get("/id/{path:path}")
def resource(request: Request, view: CurrentView, path: str) -> Response:
    """Describe an IRI, by ``Accept`` or by suffix (.jsonld, .ttl, .nt, .rdf).

    The id of an actor as one escaped piece (``example%2Faurora``) leads to its IRI.
    """
    raw = request.scope.get("raw_path", b"").partition(b"/id/")[2].partition(b"?")[0]
    base, local = view.release.names.base, plain(raw or quote(path))
    format = choose(request.headers.get("accept"), {**_OFFERED, "json": "application/json"})
    found = view.release.describe(base + local)
    stem, _, end = local.rpartition(".")
    if not found and end in _SUFFIXES:
        found, format = view.release.describe(base + stem), _SUFFIXES[end]
    if not found:
        iri = None if "/" in local else view.release.names.of_id(unquote(local))
        if iri and iri != base + local and view.release.known(iri):
            return RedirectResponse(f"{request.scope.get('root_path', '')}/id/{iri.removeprefix(base)}")
        return problem(404, "Unknown IRI", f"Nothing is said about {base}{local}.")
    if format is None:
        return problem(406, "Not acceptable", f"An IRI is described as {', '.join(_OFFERED.values())}.")
    format = "jsonld" if format == "json" else format
    headers = {"OpenTier-Release": view.release.id, "Vary": "Accept"}
    return Response(forms.triples(found, format), media_type=_OFFERED[format], headers=headers)


@router.get("/context.jsonld")
def context() -> Response:
    """Return the JSON-LD context."""
    return JSONResponse(jsonld.context(), media_type=_OFFERED["jsonld"])
