"""``/search``: whether a company, a site, a good, a law or an initiative is known, and what touches it directly."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Request
from fastapi.responses import RedirectResponse, Response

from opentier.api.http.deps import CurrentView
from opentier.api.http.negotiation import LANGUAGE
from opentier.api.linked import page as pages
from opentier.api.linked.shown import Shown
from opentier.api.pages import listed, route
from opentier.api.pages.suggestions import address
from opentier.api.routes.search import Kind
from opentier.graph.exposure.words import said
from opentier.graph.profile import found as finding
from opentier.graph.profile.found import COUNTED, FEW, PAGE
from opentier.graph.search.finder import LETTERS
from opentier.graph.search.things import GROUPS

router = route.router()
#: The kinds in the order in which they are shown.
_ORDER = ("actors", "designations", "products", "laws", "initiatives", "registers", "datasets", "terms")
assert set(_ORDER) == set(GROUPS)


@router.get("/search")
def search(
    request: Request,
    view: CurrentView,
    q: Annotated[str, Query(max_length=LETTERS)] = "",
    kind: Kind | None = None,
    page: Annotated[int, Query(ge=1)] = 1,
) -> Response:
    """Show what is found by what somebody types; who has it as his id or identifier is shown at once."""
    if not q.strip():
        return pages.response(request, "search.html", view, typed="", found=None)
    shown = Shown(view, f"{request.scope.get('root_path', '')}/")
    found = finding.found(view, q)
    if kind is None and page == 1 and (hit := found.exact):
        return RedirectResponse(address(shown, hit), 303)
    chosen = kind or found.first
    rows = [{**row, "href": address(shown, row)} for row in finding.Rows(view).of(found, chosen, page)]
    total = len(found.hits[chosen])
    return pages.response(
        request, "search.html", view, typed=q, found=found, chosen=chosen, rows=rows, few=FEW,
        kinds=[(each, said("groups-found", each), _many(len(found.hits[each]))) for each in _ORDER],
        total=said("counted", chosen, n=min(total, COUNTED)), at_least=total > COUNTED,
        lacking=lambda key: said("lacking", key),
        part=listed.part(request, "page", page, min(total, COUNTED), PAGE),
        json=_as_json(request, chosen, page),
    )  # fmt: skip


def _many(count: int) -> str:
    """Return a count; of more than are counted, how many there are at least."""
    return f"{COUNTED:,}+" if count > COUNTED else f"{count:,}"


def _as_json(request: Request, kind: str, page: int) -> str:
    asked = {"kind": kind, "limit": PAGE, "offset": (page - 1) * PAGE, "format": "json"}
    same = request.url.remove_query_params(["page", LANGUAGE]).include_query_params(**asked)
    return f"?{same.query}"
