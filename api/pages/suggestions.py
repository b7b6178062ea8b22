"""``/suggestions``: what somebody may mean who has typed a little, as options under a field (macro `suggest`)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from fastapi import Query, Request
from fastapi.responses import HTMLResponse

from opentier.api.http.deps import CurrentView
from opentier.api.linked import page
from opentier.api.linked.shown import Shown
from opentier.api.pages import route
from opentier.graph.exposure import words
from opentier.graph.front import View
from opentier.graph.search.finder import LETTERS

router = route.router()

#: Options of one kind of things; of each, in their order, where they are of any kind; and all of them.
ONE, MOST = 8, 10
EACH = {
    "actors": 4,
    "products": 2,
    "designations": 2,
    "laws": 2,
    "initiatives": 2,
    "registers": 1,
    "datasets": 1,
}
_HS = "hs-code"


@router.get("/suggestions")
def suggestions(
    request: Request,
    view: CurrentView,
    q: Annotated[str, Query(max_length=LETTERS)],
    kind: Literal["actors", "products", "laws", "initiatives"] | None = None,
) -> HTMLResponse:
    """List them; those of any kind lead to their pages, others have the value that stands for them."""
    many: dict[str, int] = {kind: ONE} if kind else EACH
    found, _ = view.search(q, groups=many, limit=max(many.values()))
    shown = Shown(view, f"{request.scope.get('root_path', '')}/")
    every = [_option(view, shown, group, each) for group in many for each in found[group][: many[group]]]
    return page.response(request, "suggestions.html", view, options=every[:MOST], leading=kind is None)


def value(hit: dict[str, Any]) -> str:
    """Return what a form says of something that was found: the code of a good of the HS, or an id."""
    return str(hit["id"].removeprefix("hs/") if hit["kind"] == _HS else hit["id"])


def address(shown: Shown, hit: dict[str, Any]) -> str:
    """Return where something that was found has its page."""
    if hit["kind"] == _HS and not shown.release.known(hit["iri"]):
        return f"{shown.root}search?kind=products&q={value(hit)}"
    return shown.href(hit["iri"])


def _option(view: View, shown: Shown, group: str, hit: dict[str, Any]) -> dict[str, Any]:
    return {
        "value": value(hit),
        "href": address(shown, hit),
        "name": hit["name"],
        "more": ", ".join(_more(view, group, hit)),
    }


def _more(view: View, group: str, hit: dict[str, Any]) -> Iterator[str]:
    """Yield what tells something from others that are called so."""
    if group != "actors":
        yield words.said("found", group)
    elif kind := view.reconciler.types.all.get(hit["kind"] or ""):
        yield kind.name
    if hit["country"]:
        yield words.country(hit["country"])
    if hit["why"] in ("alias", "identifier", "similar"):
        yield words.said("found", hit["why"], matched=hit["matched"])
