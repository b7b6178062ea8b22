"""What routes depend on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal, get_args, get_origin
from urllib.parse import unquote_to_bytes

from fastapi import Depends, Query, Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.types import Scope

from opentier.api.http import access, negotiation
from opentier.api.http.access import CurrentCaller
from opentier.graph.errors import Named, UsageError, mean
from opentier.graph.front import Graph, View

#: Where a route keeps which parameters it has.
_KNOWN = "opentier_parameters"
#: The number of a release.
AtRelease = Annotated[
    int | None,
    Query(
        ge=0,
        description="A release that is kept, by its number (OpenTier-Release); else the current one.",
        examples=[12],
    ),
]


def seen(request: Request, caller: CurrentCaller, release: AtRelease = None) -> View:
    """Return what whoever asks may see of a release, the current one where none is named."""
    graph: Graph = request.app.state.graph
    request.state.kept = release is not None
    found = graph.view(caller.reader, release)
    request.state.release = found.release.id
    return found


def at_release(request: Request, release: str) -> View:
    """Return the same of a release that is named in the body of a request.

    Raises
    ------
    UsageError
        If it is no number.
    """
    if not (release.isascii() and release.isdecimal()):
        raise UsageError(Named("release"), f" is a number; not {release[:20]!r}.")
    return seen(request, access.caller(request), int(release))


#: The current release and its index, as whoever asks may see it; one request sees one release.
CurrentView = Annotated[View, Depends(seen)]

AsKnown = Annotated[
    str | None,
    Query(description="Only what was known at the end of this day (UTC).", examples=["2026-01-31"]),
]


def _known(view: CurrentView, as_known: AsKnown = None) -> View:
    return view.as_known(as_known)


#: The same, as it was known on a day, where one is asked for.
KnownView = Annotated[View, Depends(_known)]


async def declared(request: Request) -> None:
    """Refuse a parameter that the matched route does not declare; every route of the app depends on this.

    What is no coroutine waits for a thread, and no answer that needs none may wait for those that compute.

    Raises
    ------
    UsageError
        See `check`.
    """
    try:
        unquote_to_bytes(request.scope["query_string"]).decode("utf-8")
    except UnicodeDecodeError:
        raise UsageError("The parameters are not UTF-8.") from None
    known = taken(request.scope["route"], request.scope)
    given = request.query_params.multi_items()
    check(given, known)
    spoken = dict(given).get(negotiation.LANGUAGE)
    if negotiation.LANGUAGE in known and spoken not in (None, *negotiation.LANGUAGES):
        raise UsageError(
            Named(negotiation.LANGUAGE), f" is one of {', '.join(negotiation.LANGUAGES)}; not {spoken!r}."
        )


def taken(route: Any, scope: Scope) -> dict[str, bool | str | None]:
    """Return the parameters that a route has for whoever asks, by name (see `check`); a page has its language, too."""
    known = dict(_known_to(route))
    if negotiation.wanted(scope):
        known.setdefault(negotiation.LANGUAGE, False)
    return known


def check(given: Iterable[tuple[str, str]], known: Mapping[str, bool | str | None]) -> None:
    """Raise UsageError where a parameter is not known, is empty, or has more values than it may have.

    Parameters
    ----------
    known
        Whether a parameter may be repeated, by its name; None of one that its route refuses in words of its own, and
        an empty text of one that has no value.
    """
    given, told = list(given), [name for name, many in known.items() if many is not None]
    for name, value in given:
        if name not in known:
            near = mean(name.replace("-", "_"), told)
            has = f" There are: {', '.join(told)}." if told else " This address takes none."
            raise UsageError("There is no parameter ", Named(name), f" here.{near or has}")
        if not value.strip() and known[name] != "":
            raise UsageError(Named(name), " is empty; give a value or leave it away.")
    for name, times in Counter(name for name, _ in given).items():
        if times > 1 and known[name] is False:
            raise UsageError(Named(name), f" is given {times} times; give it once.")


def _known_to(route: APIRoute) -> dict[str, bool | str | None]:
    """Return the parameters of a route (see `_parameters`), which are the same for each request."""
    found: dict[str, bool | str | None] | None = vars(route).get(_KNOWN)
    if found is None:
        found = vars(route)[_KNOWN] = dict(_parameters(route.dependant))
    return found


def _parameters(dependant: Dependant) -> Iterable[tuple[str, bool | str | None]]:
    """Yield the parameters of a route and of all it depends on, and whether each may be repeated (see `check`)."""
    for field in dependant.query_params:
        shown = getattr(field.field_info, "include_in_schema", True)
        annotation = field.field_info.annotation
        yield field.alias, ("" if _flag(annotation) else _many(annotation)) if shown else None
    for part in dependant.dependencies:
        yield from _parameters(part)


def _flag(annotation: Any) -> bool:
    """Return whether a parameter is there or not, and has no value."""
    return bool(annotation == Literal[""] | None)


def _many(annotation: Any) -> bool:
    return get_origin(annotation) is list or any(_many(part) for part in get_args(annotation))


async def body_of(request: Request, most: int) -> bytes | None:
    """Return the body of a request; None where it has more than so many bytes, of which no more are read."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            return None
    return bytes(body)
