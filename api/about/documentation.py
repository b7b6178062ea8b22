"""``/docs``: the description of the service as a page to read and to try: Swagger UI, from the package."""

from __future__ import annotations

from importlib.resources import files
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response

from opentier.api.linked import page
from opentier.graph.threads import once

router = APIRouter(include_in_schema=False)

#: The files of the page, and what they are.
_FILES = {
    "swagger-ui.css": "text/css; charset=utf-8",
    "swagger-ui-bundle.js": "text/javascript; charset=utf-8",
    "begin.js": "text/javascript; charset=utf-8",
    "favicon-32x32.png": "image/png",
}


@once
def _content(name: str) -> bytes:
    return files("opentier.api.pages").joinpath(name).read_bytes()


@router.get("/docs")
def documentation(request: Request) -> Response:
    """Show the description of the service."""
    return page.response(request, "docs.html")


@router.get("/docs/{file}")
def part(
    file: Annotated[
        Literal["swagger-ui.css", "swagger-ui-bundle.js", "begin.js", "favicon-32x32.png"], Path()
    ],
) -> Response:
    """Return a file that the page is made of."""
    said = {"Cache-Control": "public, max-age=86400"}
    return Response(_content(f"static/swagger-ui/{file}"), media_type=_FILES[file], headers=said)
