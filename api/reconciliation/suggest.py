"""What clients of the Reconciliation API ask while somebody types or looks: lists to choose from, and small pages.

Both versions have the same. A script may have answers as calls of a function of its own (JSONP), as older clients do.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, HTTPException, Path, Query, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response
from fastapi.routing import APIRoute
from markupsafe import Markup

from opentier.api.contract.described import answers, problem
from opentier.api.http.deps import CurrentView
from opentier.api.reconciliation import dialects
from opentier.api.reconciliation.dialects import Json
from opentier.graph.network.network import Actor
from opentier.graph.reconciliation import properties
from opentier.graph.reconciliation.queries import LIMIT, MOST
from opentier.graph.reconciliation.reconciler import Reconciler
from opentier.graph.search.wording import begins

#: How many actors may be skipped: more than there are, and a number that everything can count to.
FAR = 1_000_000_000
#: Nothing but its own text and style may be in a preview.
_ALONE = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}
#: What a script calls, or JSON.
JSONP = answers(also={"json": "application/json", "jsonp": "text/javascript"})
What = Annotated[Literal["entity", "type", "property"], Path(description="what is suggested")]


class _Blanks(APIRoute):
    """Leaves out parameters that are empty: OpenRefine sends all it has a place for."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler of the route."""
        answer = super().get_route_handler()

        async def without(request: Request) -> Response:
            said = request.scope["query_string"].split(b"&")
            request.scope["query_string"] = b"&".join(each for each in said if each.partition(b"=")[2])
            return await answer(Request(request.scope, request.receive))

        return without


lists, pages = APIRouter(route_class=_Blanks), APIRouter()
_Unheard = Annotated[str | None, Query(include_in_schema=False)]


def _freebase(
    spell: _Unheard = None,
    exact: _Unheard = None,
    prefixed: _Unheard = None,
    scoring: _Unheard = None,
    lang: _Unheard = None,
    type_strict: _Unheard = None,
) -> None:
    """Take what OpenRefine's field for suggestions asked Freebase, and asks all services since; it changes nothing."""


def _jsonp(
    callback: Annotated[
        str | None,
        Query(
            pattern=r"^([A-Za-z_$][\w$.]{0,99})?$",
            description="The function to call with the answer (JSONP).",
        ),
    ] = None,
    once: Annotated[str | None, Query(alias="_", include_in_schema=False)] = None,
) -> str | None:
    return callback


#: What a script calls with the answer; `_` is what such scripts add, so that nobody answers from before.
Callback = Annotated[str | None, Depends(_jsonp)]


def given(content: Json, callback: str | None = None) -> Response:
    """Return an answer as JSON, or as a call of a function with it."""
    if callback is None:
        return JSONResponse(content)
    script = f"/**/{callback}({json.dumps(content)});"
    return Response(script, media_type="text/javascript", headers={"X-Content-Type-Options": "nosniff"})


@lists.get("/extend/propose", response_class=Response, responses=JSONP)
def propose(
    view: CurrentView,
    callback: Callback,
    type: Annotated[str, Query(description="A type.", examples=["facility"])] = "",
    limit: Annotated[int, Query(ge=1, le=MOST, description="At most so many.")] = MOST,
) -> Response:
    """List what can be asked of the actors of a type: of all types the same."""
    if type:
        view.reconciler.types.find(type)
    listed = dialects.columns([*properties.properties()][:limit])
    return given({"properties": listed, "type": type, "limit": limit}, callback)


@lists.get("/suggest/{what}", response_class=Response, responses=JSONP, dependencies=[Depends(_freebase)])
def suggest(
    view: CurrentView,
    callback: Callback,
    what: What,
    prefix: Annotated[
        str, Query(max_length=1000, description="What somebody types.", examples=["aurora"])
    ] = "",
    type: Annotated[list[str] | None, Query(description="Types that an entity is of.")] = None,
    cursor: Annotated[int, Query(ge=0, le=FAR, description="How many to skip (0.2).")] = 0,
    offset: Annotated[int, Query(ge=0, le=FAR, description="How many to skip (draft of 1.0).")] = 0,
    limit: Annotated[int, Query(ge=1, le=MOST, description="At most so many.")] = LIMIT,
) -> Response:
    """List actors, types or properties by how their names begin, or words of them; actors by likeness, too."""
    skip, reconciler = max(cursor, offset), view.reconciler
    if what == "entity":
        found = [
            {**dialects.entity(actor, reconciler), "notable": dialects.typed(actor, reconciler)}
            for actor in reconciler.suggest(prefix, type or (), skip, limit)
        ]
    elif what == "type":
        found = [dialects.kind(each, reconciler) for each in reconciler.types.all.values()]
    else:
        found = [
            {"id": each.id, "name": each.name, "description": each.about}
            for each in properties.properties().values()
        ]
    if what != "entity":
        fitting = [each for each in found if not prefix or begins(f"{each['id']} {each['name']}", prefix)]
        found = fitting[skip : skip + limit]
    return given({"result": found}, callback)


@pages.get("/preview", response_class=HTMLResponse, responses={404: problem(404)})
def preview(
    view: CurrentView, id: Annotated[str, Query(description="An actor.", examples=["example/aurora"])]
) -> Response:
    """Return a small page about an actor."""
    reconciler = view.reconciler
    actor = _actor(reconciler, id)
    page = Markup(
        "<!doctype html><html lang=en><meta charset=utf-8><title>{}</title>"
        "<style>body{{font:14px/1.4 sans-serif;margin:8px}}dt{{color:#555}}dd{{margin:0 0 4px}}</style>{}"
    ).format(actor.name, _shown(actor, reconciler))
    return HTMLResponse(page, headers=_ALONE)


@pages.get("/flyout/{what}", response_class=Response, responses=JSONP)
def flyout(
    view: CurrentView,
    callback: Callback,
    what: What,
    id: Annotated[str, Query(description="Of whom or what.", examples=["example/aurora"])],
) -> Response:
    """Return a few words in HTML about what is suggested (0.2)."""
    reconciler = view.reconciler
    if what == "entity":
        shown = _shown(_actor(reconciler, id), reconciler)
    else:
        shown = Markup("<p>{}</p>").format(
            reconciler.types.find(id).about if what == "type" else properties.given(id).about
        )
    return given({"id": id, "html": str(shown)}, callback)


def _actor(reconciler: Reconciler, id: str) -> Actor:
    node = reconciler.node(id)
    if node is None:
        raise HTTPException(404, f"There is no actor {id!r}.")
    return reconciler.index.actor(node)


def _shown(actor: Actor, reconciler: Reconciler) -> Markup:
    """Return what is known of an actor as HTML."""
    said = [
        (properties.given(each).name, reconciler.values(actor, each))
        for each in ("also_known_as", "address", "identifiers", "designations", "dataset")
    ]
    rows = Markup("").join(
        Markup("<dt>{}</dt>{}").format(name, Markup("").join(map(Markup("<dd>{}</dd>").format, values)))
        for name, values in said
        if values
    )
    about = ", ".join((reconciler.id(actor), reconciler.about(actor)))
    return Markup("<strong>{}</strong><p>{}</p><dl>{}</dl>").format(actor.name, about, rows)
