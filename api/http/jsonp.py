"""Answers that a script may call with a function of its own (JSONP): older clients of the Reconciliation API do."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import Depends, Query
from fastapi.responses import JSONResponse, Response

from opentier.graph.front import View


def _jsonp(
    callback: Annotated[
        str | None,
        Query(
            pattern=r"^[A-Za-z_$][\w$.]{0,99}$", description="The function to call with the answer (JSONP)."
        ),
    ] = None,
    once: Annotated[str | None, Query(alias="_", include_in_schema=False)] = None,
) -> str | None:
    return callback


#: What a script calls with the answer; `_` is what such scripts add, so that nobody answers from before.
Callback = Annotated[str | None, Depends(_jsonp)]


def given(view: View, content: dict[str, Any], callback: str | None = None) -> Response:
    """Return an answer as JSON, or as a call of a function with it."""
    headers = {"OpenTier-Release": view.release.id}
    if callback is None:
        return JSONResponse(content, headers=headers)
    script = f"/**/{callback}({json.dumps(content)});"
    return Response(
        script, media_type="text/javascript", headers=headers | {"X-Content-Type-Options": "nosniff"}
    )
