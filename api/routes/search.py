"""``/search``: whatever somebody may mean who types something."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response

from opentier.api.contract.described import answers
from opentier.api.http.deps import CurrentView
from opentier.graph.reconciliation.queries import LIMIT, MOST
from opentier.graph.search.finder import DEEP, LETTERS
from opentier.graph.search.things import GROUPS

router = APIRouter(tags=["Search"])

Kind = Literal["actors", "initiatives", "laws", "designations", "registers", "datasets", "terms", "products"]


@router.get("/search", response_model=None, responses=answers(schema="Finds"))
def search(
    request: Request,
    view: CurrentView,
    q: Annotated[str, Query(max_length=LETTERS, description="What somebody types.", examples=["aurora"])],
    kind: Annotated[list[Kind] | None, Query(description="What is looked for; all, without.")] = None,
    limit: Annotated[int, Query(ge=1, le=MOST, description="Of each kind, at most.")] = LIMIT,
    offset: Annotated[int, Query(ge=0, le=DEEP, description="How many of each kind to skip.")] = 0,
    format: Annotated[Literal["json"] | None, Query(description="json, whatever is accepted.")] = None,
) -> Response:
    """Find actors, initiatives, laws, designations, registers, datasets, terms, products, and why each was found.

    First comes what has it as its id, identifier or code, then what is called so, then what has a name that begins so,
    or a word of one, or has all the words; where nothing has, what has words like them, by a slip or two. Names in
    other scripts are found in Latin letters, too. A `Link` with `rel=next` leads to more.
    """
    found, more = view.search(q, groups=kind or GROUPS, offset=offset, limit=limit)
    headers = {}
    if more and offset + limit <= DEEP:
        on = request.url.include_query_params(offset=offset + limit)
        headers["Link"] = f'<search?{on.query}>; rel="next"'
    return JSONResponse(found, headers=headers)
