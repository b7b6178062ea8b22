"""Content negotiation: which media type or language a client prefers of those offered (RFC 9110, section 12.5)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from urllib.parse import parse_qsl

from babel import negotiate_locale
from fastapi import Request
from starlette.datastructures import Headers
from starlette.types import Scope


def choose(accept: str | None, offered: Mapping[str, str]) -> str | None:
    """Return the offered name that fits an Accept header best, the first offered where all fit; None where none does.

    Parameters
    ----------
    offered
        Media type by name, in the server's order of preference.
    """
    if not accept or not accept.strip():
        return next(iter(offered))
    ranges = [_range(part) for part in accept.split(",") if part.strip()]
    best: tuple[float, int] = (0.0, 0)
    chosen = None
    for name, media_type in offered.items():
        fitting = [(specific, quality) for pattern, specific, quality in ranges if _fits(pattern, media_type)]
        if not fitting:
            continue
        specific, quality = max(fitting)
        if quality > 0 and (quality, specific) > best:
            best, chosen = (quality, specific), name
    return chosen


#: The languages of pages, and the parameter that names one; every page has it.
LANGUAGES, LANGUAGE = ("en", "fr", "es", "pt"), "lang"
#: What is offered at an address that has data and a page; a program that says nothing gets data.
_OFFERED = {"json": "application/json", "turtle": "text/turtle", "csv": "text/csv", "html": "text/html"}


def wanted(scope: Scope) -> bool:
    """Return whether whoever asks would rather have a page: his Accept says so, and his address asks for no format.

    Clients of SPARQL call that otherwise, too.
    """
    if choose(Headers(scope=scope).get("accept"), _OFFERED) != "html":
        return False
    return not any(name in ("format", "output", "results") for name, _ in fields(scope))


def fields(scope: Scope) -> list[tuple[str, str]]:
    """Return the fields of an address; a name without a value is none, but a parameter of its own kind."""
    query: bytes = scope["query_string"]
    fields = [part for part in query.decode("latin-1").split("&") if "=" in part]
    return parse_qsl("&".join(fields), keep_blank_values=True)


def language(accept: str | None, offered: Iterable[str]) -> str | None:
    """Return the offered language that an Accept-Language header likes best; None where it names none of them."""
    said = [_range(part) for part in (accept or "").split(",") if part.strip()]
    liked = sorted((each for each in said if each[2] > 0), key=lambda each: -each[2])
    return negotiate_locale([pattern for pattern, *_ in liked], offered, sep="-")


def _range(part: str) -> tuple[str, int, float]:
    pattern, *parameters = [piece.strip().lower() for piece in part.split(";")]
    quality = 1.0
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        if key.strip() == "q":
            try:
                quality = float(value)
            except ValueError:
                quality = 0.0
    return pattern, 0 if pattern == "*/*" else 1 if pattern.endswith("/*") else 2, quality


def _fits(pattern: str, media_type: str) -> bool:
    bare = media_type.partition(";")[0]
    return pattern in ("*/*", media_type, bare) or (
        pattern.endswith("/*") and media_type.startswith(pattern[:-1])
    )


def beside(request: Request, **asked: object) -> str:
    """Return the address of the same answer with other parameters, relative to this one."""
    same = request.url.include_query_params(**asked)
    return f"{same.path.rpartition('/')[2]}?{same.query}"
