"""Pages: templates of `api/pages`, with the addresses of the service that serves them, and what all pages say."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from importlib.resources import files
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from opentier.api.http.access import ANYBODY, ELSEWHERE, Caller, signed
from opentier.api.http.negotiation import LANGUAGE
from opentier.api.linked import language
from opentier.api.linked.language import ENGLISH, LANGUAGES, Language
from opentier.graph.front import View
from opentier.graph.model import printed
from opentier.graph.threads import once

#: Where the files lie that pages load, and how their addresses begin.
STATIC = "static"
#: The characters of its hash that stand in the address of a file: what is changed has another address.
SHORT = 12


def environment(words: Language = ENGLISH) -> Environment:
    """Return what templates are read and filled in with in a language: all that they are given is escaped."""
    made = Environment(
        loader=PackageLoader("opentier.api.pages"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
    )
    made.install_gettext_translations(words.catalogue, newstyle=True)  # type: ignore[attr-defined]
    made.filters |= {
        "number": words.number,
        "day": words.day,
        "country": words.country,
        "concept": words.concept,
        "score": printed.score,
    }
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
        What its template is given, beside `root`, the address on this host that all of the service's begin with,
        `at`, the release (its number, its day, whether its address names it, and as known when it is shown), `frame`,
        the language that is asked for, which says the words of the frame, `words`, that of all else, `to`, which leads
        to another page (what this one's address names of release and language goes with it, see `carried`), and
        `signed`, who signed in, if anybody did.
    """
    frame = language.asked(request)
    words = frame if template in language.WHOLE else ENGLISH
    text = (
        _environment(words)
        .get_template(template)
        .render(
            root=f"{request.scope.get('root_path', '')}/", at=_at(request, view), here=request.url,
            frame=frame, words=words, languages=_beside(request), to=partial(to, request),
            signed=_signed(request), **given,
        )
    )  # fmt: skip
    said = {"Content-Language": frame.code}
    if view is not None:
        said["OpenTier-Release"] = view.release.id
    return HTMLResponse(text, status, said | dict(headers or {}))


def beside(request: Request, *names: str) -> list[tuple[str, str]]:
    """Return the same as data, as a page's `data` has it: with the parameters of some names."""
    kept = [(name, value) for name, value in request.query_params.multi_items() if name in names]
    return [(form.upper(), f"?{urlencode([*kept, ('format', form)])}") for form in ("json", "csv")]


def to(request: Request, path: str, **asked: str) -> str:
    """Return the address of another page."""
    return f"{request.scope.get('root_path', '')}/{path}{f'?{urlencode(asked)}' if asked else ''}"


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
    known = request.query_params.get("as_known", "")
    return {"number": int(view.release.id), "day": newest[:10], "kept": kept, "known": known}


def _signed(request: Request) -> Caller | None:
    """Return who signed in with a key in this browser; None of whoever did not."""
    caller: Caller | None = getattr(request.state, "caller", None)
    return caller if caller not in (None, ANYBODY, ELSEWHERE) and signed(request.headers) else None


def _beside(request: Request) -> list[tuple[Language, str]]:
    """Return the languages in which the page can be had, each with its address."""
    return [
        (each, f"?{request.url.include_query_params(**{LANGUAGE: code}).query}")
        for code, each in LANGUAGES.items()
    ]


@once
def _environment(words: Language) -> Environment:
    return environment(words)
