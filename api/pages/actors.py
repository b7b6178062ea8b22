"""``/id/DATASET/ID`` in a browser: what is known of a company or a site, and by whom; else what is said of an IRI."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response
from fastapi.routing import APIRoute
from starlette.routing import Match
from starlette.types import Scope

from opentier.api.contract.paging import FAR
from opentier.api.http.access import CurrentCaller
from opentier.api.http.deps import CurrentView
from opentier.api.http.negotiation import wanted
from opentier.api.linked import page, resources
from opentier.api.linked.shown import Shown
from opentier.api.pages import listed, route
from opentier.graph.exposure import words
from opentier.graph.front import View
from opentier.graph.model.names import plain
from opentier.graph.profile import actor as profiles
from opentier.graph.profile.actor import LISTED, Profile
from opentier.graph.profile.links import PAGE, SIDES
from opentier.graph.query import about

router = route.router()


class _Suffixed(APIRoute):
    """A route of addresses that end in .html, whatever whoever asks accepts."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Return whether an address does."""
        found = super().matches(scope)
        return found if scope["path"].endswith(_HTML) else (Match.NONE, {})


_HTML = ".html"
suffixed = APIRouter(route_class=_Suffixed, include_in_schema=False)
Page = Annotated[int, Query(ge=1, le=FAR)]


@suffixed.get("/id/{path:path}")
@router.get("/id/{path:path}")
def actor(
    request: Request,
    view: CurrentView,
    caller: CurrentCaller,
    path: Annotated[str, Path()],
    suppliers: Page = 1,
    buyers: Page = 1,
    others: Page = 1,
    inbound: Page | None = None,
) -> Response:
    """Show an actor; of other IRIs, and where its statements are asked for (`inbound`), show these."""
    iri, node = _meant(request, view, path)
    if node is None or inbound is not None:
        return resources.resource(request, view, path, inbound or 1)
    profile, pages = Profile(view, node), dict(zip(SIDES, (suppliers, buyers, others), strict=True))
    links = profile.links(pages)
    parts = {
        side: listed.part(request, side, pages[side], found.total, PAGE, f"#{side}")
        for side, found in links.items()
    }
    shown = Shown(view, f"{request.scope.get('root_path', '')}/")
    return page.response(
        request, "actor.html", view, profile=profile, head=profile.head(), links=links, parts=parts,
        href=shown.href, here_id=view.release.names.id(iri), label=shown.label, listed=LISTED,
        called=lambda id: shown.label(f"{view.release.names.base}{id}"),
        few=profiles.FEW, said=words.said, place=words.country, good=words.goods,
        judge=caller.may("curator"), statements=_statements(iri), local=_local(view, iri),
        replied=_replied, quote=quote, outcomes=profiles.OUTCOMES,
    )  # fmt: skip


def _meant(request: Request, view: View, path: str) -> tuple[str, int | None]:
    """Return the IRI that an address names, and the node of the actor that it is; None where it is none."""
    raw = request.scope.get("raw_path", b"").partition(b"/id/")[2].partition(b"?")[0]
    iri = view.release.names.base + plain(raw or quote(path))
    if (node := profiles.page_of(view, iri)) is not None:
        return iri, node if wanted(request.scope) else None
    return iri.removesuffix(_HTML), profiles.page_of(view, iri.removesuffix(_HTML))


def _local(view: View, iri: str) -> str:
    return f"id/{iri.removeprefix(view.release.names.base)}"


def _statements(iri: str) -> str:
    """Return the address of the statements of an IRI as CSV."""
    return f"sparql?{urlencode({'query': about.query(iri), 'format': 'csv'})}"


def _replied(actor: str, record: str) -> str:
    """Return the address of a form for a reply of an actor to a record."""
    return f"reply?{urlencode({'party': actor, **({'to': record} if record else {})})}"


router.include_router(suffixed)
