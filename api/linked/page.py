"""Pages: templates of `api/pages`, with the addresses of the service that serves them, and what all pages say."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from importlib.resources import files
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from opentier.graph.front import View
from opentier.graph.threads import once

#: Where the files lie that pages load, and how their addresses begin.
STATIC = "static"
#: The characters of its hash that stand in the address of a file: what is changed has another address.
SHORT = 12


def environment() -> Environment:
    """Return what templates are read and filled in with: all that they are given is escaped."""
    made = Environment(
        loader=PackageLoader("opentier.api.pages"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
    )
    made.install_null_translations(newstyle=True)  # type: ignore[attr-defined]
    made.filters |= {"number": number, "day": day}
    made.globals["served"] = lambda name: f"{STATIC}/{served()[name][:SHORT]}/{name}"
    return made


def response(
    request: Request,
    template: str,
    view: View | None = None,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    **given: Any,
) -> HTMLResponse:
    """Return a page.

    Parameters
    ----------
    view
        What it shows; the page says of which release that is.
    given
        What its template is given, beside `root`, the address on this host that all of the service's begin with, and
        `at`, the release: its number, its day, and whether its address names it.
    """
    root = f"{request.scope.get('root_path', '')}/"
    text = (
        _environment()
        .get_template(template)
        .render(root=root, at=_at(request, view), here=request.url, **given)
    )
    said = {"Vary": "Accept"} if view is None else {"Vary": "Accept", "OpenTier-Release": view.release.id}
    return HTMLResponse(text, status, said | dict(headers or {}))


def number(value: float) -> str:
    """Return a number as people read it: 1,234 or 0.48."""
    return f"{value:,}" if isinstance(value, int) else f"{value:.2g}" if abs(value) < 1 else f"{value:,.4g}"


def day(text: str) -> str:
    """Return a date in words, as exact as it is said: 30 November 2020, 2021-02, 2021."""
    try:
        said = date.fromisoformat(text[:10])
    except ValueError:
        return text
    return f"{said.day} {said:%B %Y}"


@once
def served() -> Mapping[str, str]:
    """Return the hash of each file that pages load, by its name."""
    manifest = files("opentier.api.pages").joinpath(f"{STATIC}/site/manifest.json").read_text("utf-8")
    found: dict[str, str] = json.loads(manifest)["served"]
    return found


def _at(request: Request, view: View | None) -> dict[str, Any] | None:
    if view is None:
        return None
    newest = max((version.admitted for version in view.release.versions), default="")
    kept = bool(getattr(request.state, "kept", False))
    return {"number": int(view.release.id), "day": newest[:10], "kept": kept}


@once
def _environment() -> Environment:
    return environment()
