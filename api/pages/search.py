"""``/search``: whether a company, a site, a good, a law or an initiative is known, and what touches it directly."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Request
from fastapi.responses import HTMLResponse

from opentier.api.http.deps import CurrentView
from opentier.api.linked import page
from opentier.api.pages import route
from opentier.graph.search.finder import LETTERS

router = route.router()


@router.get("/search")
def search(
    request: Request, view: CurrentView, q: Annotated[str, Query(max_length=LETTERS)] = ""
) -> HTMLResponse:
    """Show what is found by what somebody types."""
    return page.response(request, "search.html", view, typed=q)
