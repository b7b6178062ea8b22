"""``/ontology`` and ``/shapes``: the vocabulary as pages for people and as RDF; ``/.well-known/void``: the datasets."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response
from markupsafe import Markup, escape

from opentier.api.http.deps import CurrentView
from opentier.api.http.negotiation import choose
from opentier.api.http.problems import problem
from opentier.api.linked import page as pages
from opentier.graph.model.formats import media_types, suffix
from opentier.graph.query import forms, void
from opentier.graph.threads import once
from opentier.graph.vocabulary import documents, statements, terms

router = APIRouter(tags=["Linked data"])

_RDF = media_types("turtle", "jsonld", "ntriples", "rdfxml")
_OFFERED = {**media_types("html"), **_RDF}
_SUFFIXES = {suffix(name): name for name in _OFFERED}
_OURS = re.compile(r"\bot:([A-Za-z][\w-]*)")

#: Those of `_SUFFIXES`.
Suffix = Annotated[Literal["html", "ttl", "jsonld", "nt", "rdf"], Path(description="the format")]


def _serve(document: str, about: str, part: str) -> None:
    """Add the routes of one document."""

    @router.get(f"/{document}", name=document, description=f"{about}, by ``Accept``: a page with an anchor per {part}, "
                "Turtle, JSON-LD, N-Triples, RDF/XML.")  # fmt: skip
    def negotiated(request: Request) -> Response:
        return _negotiated(document, request)

    @router.get(f"/{document}.{{suffix}}", name=f"{document}_as", description=f"{about} in one format.")
    def as_asked(request: Request, suffix: Suffix) -> Response:
        return _answer(document, _SUFFIXES[suffix], request)


_serve("ontology", "Return the vocabulary", "term")
_serve("shapes", "Return the shapes", "shape")


@router.get("/.well-known/void")
def datasets(request: Request, view: CurrentView) -> Response:
    """Describe the current version of every dataset (VoID, DCAT), by ``Accept``."""
    format = choose(request.headers.get("accept"), {**_RDF, "json": "application/json"})
    if format is None:
        return problem(406, "Not acceptable", f"The datasets are described as {', '.join(_RDF.values())}.")
    format = "jsonld" if format == "json" else format
    found = void.describe(view.release, request.app.state.base.rstrip("/"))
    return Response(forms.triples(found, format), media_type=_RDF[format])


def _negotiated(document: str, request: Request) -> Response:
    format = choose(request.headers.get("accept"), {**_OFFERED, "json": "application/json"})
    if format is None:
        return problem(406, "Not acceptable", f"It is given as {', '.join(_OFFERED.values())}.")
    return _answer(document, "jsonld" if format == "json" else format, request)


def _answer(document: str, format: str, request: Request) -> Response:
    if format == "html":
        contents, body = _described(document)
        head = statements.head(document)
        return pages.response(
            request, "vocabulary.html", document=document, head=head, contents=contents, terms=body,
            notes=[_linked(note, document) for note in head.notes],
        )  # fmt: skip
    return Response(_content(document, format), media_type=_OFFERED[format])


@once
def _content(document: str, format: str) -> bytes:
    if format == "turtle":
        return documents.turtle(document).encode()
    return forms.triples(documents.triples(document), format)


@once
def _described(document: str) -> tuple[Markup, Markup]:
    """Return the table of contents of a document, and all that it describes, as the page has them."""
    environment = pages.environment()
    environment.filters["linked"] = lambda text: _linked(text, document)
    environment.tests["has"] = lambda found, iri: iri in found
    template = environment.get_template(f"{document}.html")
    said: Any = template.make_module(
        {"document": document, "sections": terms.terms(), "shapes": terms.shapes()}
    )
    return Markup(said.contents()), Markup(said.body())


def _linked(text: str, document: str) -> Markup:
    """Return a text with every name of ours in it as a link to where it is described."""
    pieces, end = Markup(), 0
    for found in _OURS.finditer(text):
        where = statements.page(found[1])
        if where:
            address = f"#{found[1]}" if where == document else f"{where}#{found[1]}"
            pieces += escape(text[end : found.start()])
            pieces += Markup('<a href="{}"><code>{}</code></a>').format(address, found[0])
            end = found.end()
    return pieces + escape(text[end:])
