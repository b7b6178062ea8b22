"""``/sitemap.xml`` and ``/robots.txt``: the addresses of all that is described here, for search engines."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import Annotated
from xml.sax.saxutils import escape

from fastapi import APIRouter, Path, Request
from fastapi.responses import PlainTextResponse, Response

from opentier.api.contract.described import answers
from opentier.api.http import work
from opentier.api.http.deps import CurrentView
from opentier.api.http.problems import problem
from opentier.graph.front import View
from opentier.graph.jobs.pool import Pool
from opentier.graph.query import apart, subjects
from opentier.graph.query.sparql import Asked

router = APIRouter(tags=["Linked data"])

#: Addresses in one list, as the protocol of sitemaps allows.
MOST = 50_000
_XML = {"xml": "application/xml"}
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_SPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
#: Pages that are no resources.
_PAGES = ("ontology", "shapes", "sparql", "datasets")
#: What computes for whoever asks, and is no page of anything.
_COMPUTED = ("/sparql?", "/trace", "/exposure", "/reconcile", "/search", "/rdf-graph-store")


@router.get("/robots.txt", response_class=Response, responses=answers(also={"text": "text/plain"}))
def robots(request: Request) -> Response:
    """Tell search engines what is worth their while, and where the list of it is."""
    root = request.scope.get("root_path", "")
    lines = ["User-agent: *", *(f"Disallow: {root}{path}" for path in _COMPUTED)]
    return PlainTextResponse("\n".join([*lines, "", f"Sitemap: {request.app.state.base}sitemap.xml", ""]))


@router.get("/sitemap.xml", response_class=Response, responses=answers(504, also=_XML))
async def sitemap(request: Request, view: CurrentView) -> Response:
    """List the parts of the sitemap."""
    found = await _found(request, view, subjects.counted(view.release))
    if found is None:
        return work.GONE
    parts = max(-(-int(found[0]) // MOST), 1)
    base = request.app.state.base
    listed = (
        f"<sitemap><loc>{escape(f'{base}sitemap/{n}.xml')}</loc></sitemap>" for n in range(1, parts + 1)
    )
    return _xml("sitemapindex", listed, view)


@router.get("/sitemap/{part}.xml", response_class=Response, responses=answers(404, 504, also=_XML))
async def part(
    request: Request,
    view: CurrentView,
    part: Annotated[int, Path(ge=1, description="The number of a part.", examples=[1])],
) -> Response:
    """List the addresses of a part of all that is described, in the order of the store."""
    found = await _found(request, view, subjects.listed(view.release, (part - 1) * MOST, MOST))
    if found is None:
        return work.GONE
    if not found:
        return problem(
            404, "Not found", f"The sitemap has no part {part}: /sitemap.xml lists those there are."
        )
    base, names = request.app.state.base, view.release.names
    addresses = [f"{base}{page}" for page in _PAGES] if part == 1 else []
    addresses += [f"{base}id/{iri.removeprefix(names.base)}" for iri in found]
    return _xml("urlset", (f"<url><loc>{escape(each)}</loc></url>" for each in addresses), view)


async def _found(request: Request, view: View, asked: Asked) -> list[str] | None:
    """Return the first column of what a query finds; None where the client has gone."""
    pool: Pool = request.app.state.pools["queries"]
    formats = {"rows": "csv", "boolean": None, "triples": None}
    answer = await work.done(request, pool, apart.request(str(view.release.path), asked, formats))
    if answer is None:
        return None
    return [row[0] for row in csv.reader(io.StringIO((await answer.whole()).decode()))][1:]


def _xml(name: str, lines: Iterable[str], view: View) -> Response:
    text = f'{_HEAD}<{name} xmlns="{_SPACE}">\n' + "".join(f"{line}\n" for line in lines) + f"</{name}>\n"
    return Response(text, media_type="application/xml")
