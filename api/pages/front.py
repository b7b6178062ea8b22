"""``/`` in a browser: what this is, where to begin, what is in here and what is not."""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import Response

from opentier.api.http import deps
from opentier.api.http.access import CurrentCaller
from opentier.api.http.deps import AtRelease
from opentier.api.linked import page
from opentier.api.linked.shown import Shown
from opentier.api.pages import route
from opentier.graph.front import Graph
from opentier.graph.profile.contents import contents
from opentier.graph.query.questions import questions

router = route.router()


@router.get("/")
def front(request: Request, caller: CurrentCaller, release: AtRelease = None) -> Response:
    """Show where to begin; where nothing was contributed yet, what to load first."""
    graph: Graph = request.app.state.graph
    empty = graph.store.mark is None
    view = None if empty else deps.seen(request, caller, release)
    return page.response(
        request, "front.html", view, contents=None if view is None else contents(view),
        href=None if view is None else Shown(view, "").href, questions=len(questions()),
    )  # fmt: skip
