"""``/id/...``: what the graph says about one IRI, as JSON-LD or Turtle."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from opentier.api.deps import CurrentView
from opentier.api.negotiation import choose
from opentier.api.problems import problem
from opentier.graph import export

router = APIRouter(tags=["Linked data"])

_OFFERED = {name: export.MEDIA_TYPES[name] for name in ("jsonld", "turtle", "ntriples", "rdfxml")}
_SUFFIXES = {".jsonld": "jsonld", ".ttl": "turtle", ".nt": "ntriples", ".rdf": "rdfxml"}


@router.get("/id/{path:path}")
def resource(request: Request, view: CurrentView, path: str) -> Response:
    """Describe an IRI, by ``Accept`` or by suffix (.jsonld, .ttl, .nt, .rdf)."""
    raw = request.scope.get("raw_path", b"").decode("ascii", "replace").partition("/id/")[2].partition("?")[0]
    local, format = (
        raw or quote(path),
        choose(request.headers.get("accept"), {**_OFFERED, "json": "application/json"}),
    )
    for suffix, name in _SUFFIXES.items():
        if local.endswith(suffix):
            local, format = local.removesuffix(suffix), name
    if format is None:
        return problem(406, "Not acceptable", f"An IRI is described as {', '.join(_OFFERED.values())}.")
    found = view.release.describe(view.release.names.base + local)
    if not found:
        return problem(404, "Unknown IRI", f"Nothing is said about {view.release.names.base}{local}.")
    format = "jsonld" if format == "json" else format
    headers = {"OpenTier-Release": view.release.id, "Vary": "Accept"}
    return Response(export.triples(found, format), media_type=_OFFERED[format], headers=headers)


@router.get("/context.jsonld")
def context() -> Response:
    """Return the JSON-LD context."""
    return JSONResponse(export.context(), media_type="application/ld+json")
