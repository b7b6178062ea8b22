"""``/judgements`` from the page of an actor: whoever may judges whether two are one, and is led back."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse, Response
from pydantic import ValidationError

from opentier.api.contract import sent
from opentier.api.pages import route
from opentier.api.routes.judgements import Curator, Judgement, judge
from opentier.api.values import wrong
from opentier.graph.errors import UsageError

router = route.router()


@router.post("/judgements")
async def judged(request: Request, who: Curator) -> Response:
    """Say of two actors whether they are one."""
    form = await sent.said(request)
    said = {name: text for name in Judgement.model_fields if (text := form.one(name))}
    try:
        meant = Judgement.model_validate(said)
    except ValidationError as error:
        found = error.errors()[0]
        raise UsageError(f"{found['loc'][0]} {wrong(found)}") from None
    await run_in_threadpool(judge, request, who, meant)
    where = f"{request.scope.get('root_path', '')}/id/{quote(meant.left, safe='/%')}#identity"
    return RedirectResponse(where, 303)
