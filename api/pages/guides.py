"""``/guides``: a page for each visitor, with the steps from the question to what is taken home."""

from __future__ import annotations

from typing import Literal

from fastapi import Request
from fastapi.responses import Response

from opentier.api.http.access import CurrentCaller
from opentier.api.linked import page
from opentier.api.pages import route

router = route.router()

Name = Literal["importer", "researcher", "platform"]


@router.get("/guides")
def guides(request: Request) -> Response:
    """List them."""
    return page.response(request, "guides.html", name="")


@router.get("/guides/{name}")
def guide(request: Request, caller: CurrentCaller, name: Name) -> Response:
    """Show one."""
    return page.response(request, "guides.html", name=name, may=caller.may("contributor"))
