"""``/reply`` in a browser: the right of reply, as a form; what is sent waits until a person has read it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse, Response

from opentier.api.contract import sent
from opentier.api.desk.jobs import PRIVATE, Hand
from opentier.api.http.deps import CurrentView
from opentier.api.http.problems import status_of
from opentier.api.linked import page
from opentier.api.pages import route
from opentier.api.routes.responses import FIELDS, take
from opentier.graph.access.replies import LONGEST
from opentier.graph.errors import Named, UsageError, WorkBusy
from opentier.graph.front import Graph, View
from opentier.graph.profile.actor import Profile, page_of

router = route.router()
_TEXT = Query(max_length=LONGEST["to"])


@router.get("/reply")
def reply(
    request: Request,
    view: CurrentView,
    party: Annotated[str, _TEXT] = "",
    to: Annotated[str, _TEXT] = "",
    sent: Annotated[str, Query(pattern=r"^[0-9a-f]{8}([0-9a-f]{8})?$")] = "",
) -> Response:
    """Show the form, with the actor and the record filled in where they are said; or that a reply was received."""
    return _form(request, view, {"party": party, "to": to}, sent=sent)


@router.post("/responses")
async def send(request: Request, view: CurrentView, who: Hand) -> Response:
    """Take a reply; where something is wrong with it, show the form again with what it said."""
    form = await sent.said(request)
    said = {name: text for name in FIELDS if (text := form.one(name))}
    graph: Graph = request.app.state.graph
    try:
        for name in ("party", "to"):
            if name not in said:
                raise UsageError(Named(name), " is missing: say who answers, and what is answered.")
        taken = await run_in_threadpool(take, graph, view, who, said)
    except (UsageError, WorkBusy) as error:
        return await run_in_threadpool(_form, request, view, said, error=error)
    return RedirectResponse(f"{request.scope.get('root_path', '')}/reply?sent={taken}", 303)


def _form(
    request: Request,
    view: View,
    said: Mapping[str, str],
    *,
    sent: str = "",
    error: UsageError | WorkBusy | None = None,
) -> Response:
    party = said.get("party", "")
    iri = view.release.names.of_id(party) or party
    node = page_of(view, iri) if party else None
    return page.response(
        request, "reply.html", view, status=status_of(error)[0] if error else 200,
        headers=PRIVATE, said=dict.fromkeys(FIELDS, "") | dict(said), sent=sent, longest=LONGEST,
        error=str(error) if error else "", wrong=_wrong(error),
        name=view.index.actor(node).name if node is not None else "",
        records=_records(view, node) if node is not None else [],
    )  # fmt: skip


def _wrong(error: UsageError | WorkBusy | None) -> str:
    """Return the field that is wrong, where the error names one."""
    parts: tuple[Any, ...] = error.parts if isinstance(error, UsageError) else ()
    return next((part for part in parts if isinstance(part, Named)), "")


def _records(view: View, node: int) -> list[tuple[str, str]]:
    """Return what an actor may answer: the listings that touch it and the incidents at it, each by id and words."""
    profile = Profile(view, node)
    listings = [(each["id"], each["title"]) for each in profile.listings()]
    return [*listings, *((each["id"], profile.incident_title(each)) for each in profile.incidents)]
