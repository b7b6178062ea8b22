"""``/sparql/terms``: what a query may name here, for editors that complete it; and how much there is of each class."""

from __future__ import annotations

import csv
import io
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from starlette.concurrency import run_in_threadpool

from opentier.api.contract.described import answers
from opentier.api.http import work
from opentier.api.http.deps import CurrentView
from opentier.api.linked import sparql
from opentier.graph.front import View
from opentier.graph.query import terms

router = APIRouter(tags=["SPARQL"])

#: What is kept for the last few releases and readers.
_KEPT = 4
_counted: dict[object, list[tuple[str, int]]] = {}


@router.get("/sparql/terms", response_class=Response, responses=answers(504, schema="Terms"))
async def known(request: Request, view: CurrentView) -> Response:
    """List the classes, each with how many there are, the properties, the codes and the prefixes."""
    found = await described(request, view)
    if found is None:
        return work.GONE
    return JSONResponse(found)


async def described(request: Request, view: View) -> dict[str, Any] | None:
    """Return the same of a view; None where the client has gone."""
    release = view.release
    key = (str(release.path), release.scope)
    if key not in _counted:
        query, many = await run_in_threadpool(terms.counted, release)
        _, answer = await sparql.done(request, view, query, {"rows": "csv", "boolean": None, "triples": None})
        if answer is None:
            return None
        rows = list(csv.reader(io.StringIO((await answer.whole()).decode())))[1:]
        _counted[key] = [*many.items(), *((iri, int(count)) for iri, count in rows)]
        for old in [*_counted][:-_KEPT]:
            del _counted[old]
    return terms.described(_counted[key])
