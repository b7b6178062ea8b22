"""Pages of plain HTML: templates of `api/pages`, with the addresses of the service that serves them."""

from __future__ import annotations

from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from opentier.graph.threads import once


def environment() -> Environment:
    """Return what templates are read and filled in with: all that they are given is escaped."""
    return Environment(
        loader=PackageLoader("opentier.api.pages"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )


def response(request: Request, template: str, **given: Any) -> HTMLResponse:
    """Return a page; `root` in it is the address, on this host, that all of the service's begin with."""
    root = f"{request.scope.get('root_path', '')}/"
    text = _environment().get_template(template).render(root=root, **given)
    return HTMLResponse(text, headers={"Vary": "Accept"})


@once
def _environment() -> Environment:
    return environment()
