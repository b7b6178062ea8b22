"""``/id/...`` and ``/ns/...``: what is said about one IRI, as a page, JSON-LD, Turtle, N-Triples or RDF/XML."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import quote, unquote

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response

from opentier.api.contract.described import answers
from opentier.api.contract.paging import FAR
from opentier.api.http.deps import CurrentView
from opentier.api.http.negotiation import choose
from opentier.api.http.problems import problem
from opentier.api.linked import page
from opentier.api.linked.shown import Shown
from opentier.graph.exposure import words
from opentier.graph.exposure.words import Figure
from opentier.graph.front import View
from opentier.graph.model.formats import media_types, suffix
from opentier.graph.model.names import OT, plain
from opentier.graph.model.rdf import IRI
from opentier.graph.profile import listed
from opentier.graph.profile import record as records
from opentier.graph.query import about, forms, jsonld
from opentier.graph.query.about import About
from opentier.graph.vocabulary import documents

router = APIRouter(tags=["Linked data"])

_OFFERED = media_types("jsonld", "turtle", "ntriples", "rdfxml", "html")
_SUFFIXES = {suffix(name): name for name in _OFFERED}
_WORDS = {"jsonld": "JSON-LD", "turtle": "Turtle", "ntriples": "N-Triples", "rdfxml": "RDF/XML"}
Inbound = Annotated[
    int,
    Query(
        ge=1, le=FAR, description="The page of the statements of others that name it, from 1.", examples=[1]
    ),
]


@router.get("/id/{path:path}", response_class=Response, responses=answers(404, 406, also=_OFFERED))
def resource(
    request: Request,
    view: CurrentView,
    path: Annotated[str, Path(description="What stands behind the base of individuals.")],
    inbound: Inbound = 1,
) -> Response:
    """Describe an IRI, by ``Accept`` or by suffix (.jsonld, .ttl, .nt, .rdf, .html).

    The id of an actor as one escaped piece (``example%2Faurora``) leads to its IRI.
    """
    raw = request.scope.get("raw_path", b"").partition(b"/id/")[2].partition(b"?")[0]
    base, local = view.release.names.base, plain(raw or quote(path))
    found = _answer(request, view, base, local, inbound)
    if found is not None:
        return found
    iri = None if "/" in local else view.release.names.of_id(unquote(local))
    if iri and iri != base + local and view.release.known(iri):
        return RedirectResponse(f"{request.scope.get('root_path', '')}/id/{iri.removeprefix(base)}")
    return problem(404, "Unknown IRI", f"Nothing is said about {base}{local}.")


@router.get("/ns", response_class=Response, responses=answers(406, also=_OFFERED))
def vocabulary(request: Request, view: CurrentView) -> Response:
    """Return all terms, shapes, codes and questions as RDF; whoever wants a page is sent to the vocabulary's."""
    format = choose(request.headers.get("accept"), _OFFERED)
    if format is None:
        return _refused()
    if format == "html":
        return _see(request, "ontology")
    said = dict.fromkeys(view.release.engine.match(view.release.names.vocabulary))
    told = forms.triples([*said, *documents.triples("shapes")], format)
    return Response(told, media_type=_OFFERED[format])


@router.get("/ns/{name}", response_class=Response, responses=answers(404, 406, also=_OFFERED))
def term(
    request: Request,
    view: CurrentView,
    name: Annotated[str, Path(description="The name of a term.", examples=["buyer"])],
    inbound: Inbound = 1,
) -> Response:
    """Describe a term, a code or a question; the number of a version of the vocabulary leads to that."""
    if name == documents.version("ontology"):
        return _see(request, "ontology")
    found = _answer(request, view, OT, plain(quote(name)), inbound)
    return found or problem(404, "Unknown IRI", f"Nothing is said about {OT}{name}.")


@router.get("/shapes/{edition}", include_in_schema=False)
def shapes(request: Request, edition: str) -> Response:
    """Lead the number of a version of the shapes to that."""
    if edition != documents.version("shapes"):
        return problem(404, "Unknown IRI", f"There is no version {edition} of the shapes here.")
    return _see(request, "shapes")


@router.get("/context.jsonld")
def context() -> Response:
    """Return the JSON-LD context."""
    return JSONResponse(jsonld.context(), media_type=_OFFERED["jsonld"])


def _answer(request: Request, view: View, base: str, local: str, inbound: int) -> Response | None:
    """Return what is said about an IRI in the form that is asked for; None where nothing is."""
    url: str = request.app.state.base
    format = choose(request.headers.get("accept"), {**_OFFERED, "json": "application/json"})
    stem, _, end = local.rpartition(".")
    found = about.about(view.release, base + local, url, inbound)
    if found is None and end in _SUFFIXES:
        local, format = stem, _SUFFIXES[end]
        found = about.about(view.release, base + local, url, inbound)
    if found is None:
        return None
    if inbound > found.pages:
        return problem(404, "Not found", f"What names this IRI has {Figure(found.pages):page}.")
    if format is None:
        return _refused()
    segment = "ns" if base == OT else "id"
    headers = _links(found, f"{url}{segment}/{local}")
    if format == "html":
        return _page(request, view, found, f"{segment}/{local}", headers)
    format = "jsonld" if format == "json" else format
    return Response(forms.triples(found.triples, format), media_type=_OFFERED[format], headers=headers)


def _links(found: About, address: str) -> dict[str, str]:
    """Return what is told of the pages of those that name an IRI, where there are several."""
    if found.pages == 1:
        return {}
    pages = {"prev": found.page - 1, "next": found.page + 1}
    links = [
        f'<{address}?inbound={number}>; rel="{name}"'
        for name, number in pages.items()
        if 1 <= number <= found.pages
    ]
    return {
        "Link": ", ".join(links),
        "OpenTier-Inbound": f"page {found.page} of {found.pages}, {found.total} in all",
    }


def _page(request: Request, view: View, found: About, local: str, headers: dict[str, str]) -> Response:
    root = f"{request.scope.get('root_path', '')}/"
    shown = Shown(view, root)
    others = {_WORDS[name]: (f"{root}{local}.{suffix(name)}", _OFFERED[name]) for name in _WORDS}
    entry = next((each for each in view.index.designations if each.iri == found.iri), None)
    told = listed.described(view, entry) if entry else None
    known = records.record(view, found.iri)
    return page.response(
        request, "record.html" if known else "resource.html", view, headers=headers, found=found, others=others,
        label=_label(shown, found, told or known), entry=told, record=known,
        withdrawn=records.withdrawn(view, found.iri), value=lambda iri: shown.value(IRI(iri)), href=shown.href,
        said=words.said, kinds=shown.kinds(found),
        sections=shown.sections(found), naming=shown.naming(found), most=about.MOST,
        then=shown.value(IRI(found.then)) if found.then else None,
        data=[(name, href) for name, (href, _) in others.items()],
    )  # fmt: skip


def _label(shown: Shown, found: About, told: Mapping[str, Any] | None) -> str:
    """Return what an IRI is called: by its own page, else, where that has its id alone, by what it is about."""
    if told and told["title"] != told["id"]:
        return str(told["title"])
    return shown.label(found.iri)


def _see(request: Request, document: str) -> Response:
    return RedirectResponse(f"{request.scope.get('root_path', '')}/{document}", 303)


def _refused() -> Response:
    return problem(406, "Not acceptable", f"An IRI is described as {', '.join(_OFFERED.values())}.")
