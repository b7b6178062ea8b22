"""``/catalog``: what is here and how to get it, as DCAT and as a page; ``/datasets`` gives the same by ``Accept``."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
from collections.abc import Mapping
from typing import Annotated, Literal

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import FileResponse, Response
from starlette.concurrency import run_in_threadpool

from opentier.api.contract.described import answers
from opentier.api.contract.forms import Forms
from opentier.api.http import work
from opentier.api.http.deps import KnownView
from opentier.api.linked import page
from opentier.graph.errors import OpenTierError, WorkBusy
from opentier.graph.exchange.packages import Packages
from opentier.graph.exchange.signing import Signing
from opentier.graph.front import View
from opentier.graph.jobs.pool import Answer, Pool
from opentier.graph.model.rdf import Triple
from opentier.graph.model.versions import Version
from opentier.graph.model.visibility import PUBLIC
from opentier.graph.query import dcat, forms
from opentier.graph.trace.parameters import Parameters
from opentier.graph.written import licences

router = APIRouter(tags=["Datasets"])
_LOG = logging.getLogger("opentier.service")

#: Datasets on a page.
PART = 25
#: Seconds that whoever needs packages waits for those that are being made; they are made whether he waits or not.
PACKED = 30.0
#: The forms of the catalogue.
FORMS = Forms("The catalogue", "turtle", "jsonld", "ntriples", "rdfxml", "html")


@router.get("/catalog", response_class=Response, responses=answers(406, forms=FORMS))
async def catalogue(
    request: Request,
    view: KnownView,
    format: Annotated[
        Literal["turtle", "jsonld", "ntriples", "rdfxml", "html"] | None,
        Query(description="turtle, jsonld, ntriples, rdfxml or html; else by Accept."),
    ] = None,
) -> Response:
    """Describe the current version of every dataset, its files and the service (DCAT 3, DCAT-AP)."""
    return await response(request, view, FORMS.of(request, format))


async def response(request: Request, view: View, form: str) -> Response:
    """Return the catalogue in a form; packages that it would name are made first, where that is soon done."""
    if form == "html":
        return await run_in_threadpool(listed, request, view)
    packages = await _packages(request, view)
    triples = await run_in_threadpool(_signed, view, request.app.state.base, packages)
    said = await run_in_threadpool(forms.triples, triples, form)
    # packages are made while a release is current
    headers = {"ETag": f'"{hashlib.sha256(said).hexdigest()[:32]}"'}
    return Response(said, media_type=FORMS.media_type(form), headers=headers)


def _signed(view: View, base: str, made: Mapping[str, dcat.Package]) -> list[Triple]:
    """Return the catalogue, signed where there is a key; what was known on a day is nothing to follow."""
    found = dcat.describe(view.release, base, made)
    try:
        return (
            found if view.release.scope.day else Signing.of(view.release).sealed(found, int(view.release.id))
        )
    except OpenTierError as error:
        _LOG.warning("The catalogue is not signed: %s", error)
        return found


async def _packages(request: Request, view: View) -> Mapping[str, dcat.Package]:
    """Return the packages that are made; those that could not be stand in the catalogue without a checksum."""
    packages, made = Packages.of(view.release), dict[str, dcat.Package]()
    try:
        made, lacking = await run_in_threadpool(packages.published, view.release)
        if lacking:
            try:
                await packed(request, view)
            finally:
                made, _ = await run_in_threadpool(packages.published, view.release)
    except OpenTierError as error:
        _LOG.warning("The catalogue does not name all packages: %s", error)
    return made


async def packed(request: Request, view: View, only: str = "") -> None:
    """Have the packages of the current versions made that lack, or that of one dataset; `PACKED` seconds are waited.

    Whoever asks for the same meanwhile waits for the same; it goes on where the client goes, since others need it.

    Raises
    ------
    OpenTierError
        If that takes too long, or nothing can be kept.
    """
    state = request.app.state
    asked = work.asked(view, Parameters(), work="pack", only=only)
    going: dict[str, asyncio.Future[Answer]] = state.packing
    key = json.dumps(asked, sort_keys=True)
    if key not in going:
        pool: Pool = state.pools["pages"]
        going[key] = asyncio.ensure_future(pool.ask(asked))

        def over(done: asyncio.Future[Answer]) -> None:
            going.pop(key, None)
            if not done.cancelled():
                done.exception()  # it was told to whoever waited, or nobody did

        going[key].add_done_callback(over)
    try:
        await asyncio.wait_for(asyncio.shield(going[key]), PACKED)
    except TimeoutError:
        raise WorkBusy("They are being made: who asks again later finds them.") from None


async def package(request: Request, view: View, version: Version, named: str) -> Response | None:
    """Return the package of a version as it is kept, of which parts can be asked for; None where none is kept."""
    packages = Packages.of(view.release)
    try:
        made = await run_in_threadpool(packages.known, version)
        if made is None and version == view.release.current.get(version.dataset):
            await packed(request, view, version.dataset)
            made = await run_in_threadpool(packages.known, version)
    except OpenTierError as error:
        _LOG.warning("The package of %s is not kept: %s", version.iri, error)
        return None
    if made is None:
        return None
    headers = {"ETag": f'"{made.said.sha256}"'}
    headers |= {"Content-Disposition": named, "OpenTier-Limit": str(request.app.state.pools["traces"].limits)}
    return FileResponse(made.file, media_type="application/zip", headers=headers)


def listed(request: Request, view: View, part: int = 1) -> Response:
    """Return a part of the catalogue as a page: the current version of each dataset, and whether one may use it."""
    every = list(view.release.current.values())
    begin = (part - 1) * PART
    shown = every[begin : begin + PART]
    if begin and not shown:
        raise HTTPException(404, "There are not as many pages of this list.")
    same = request.url.remove_query_params("format")
    beside = {
        "before": f"?{same.include_query_params(page=part - 1).query}" if begin else "",
        "after": f"?{same.include_query_params(page=part + 1).query}" if begin + PART < len(every) else "",
    }
    return page.response(
        request, "datasets.html", view, total=len(every), rows=sum(each.rows for each in every),
        versions=[(each, licences.words(each.licence)) for each in shown],
        open=all(each.visibility == PUBLIC for each in every),
        withdrawn=len({each.dataset for each in view.release.scope.seen(view.release.versions)}) - len(every),
        part={"first": begin + 1, "last": begin + len(shown), "total": len(every), **beside},
    )  # fmt: skip
