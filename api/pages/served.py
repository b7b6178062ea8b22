"""``/static/...``: what pages load; the hash of a file is in its address, so that it may be kept for good."""

from __future__ import annotations

import mimetypes
from importlib.resources import files
from typing import Annotated

from fastapi import APIRouter, HTTPException, Path
from fastapi.responses import Response

from opentier.api.http.guard import YEAR
from opentier.api.linked import page
from opentier.graph.threads import once

router = APIRouter(include_in_schema=False)
#: What the kinds of files are called, whatever the machine calls them.
_KINDS = {"js": "text/javascript", "css": "text/css", "json": "application/json", "txt": "text/plain"}


@router.get(f"/{page.STATIC}/{{hash}}/{{file:path}}")
async def served(
    hash: Annotated[str, Path(description="The beginning of its SHA-256.")],
    file: Annotated[str, Path(description="The name of the file.")],
) -> Response:
    """Return a file that pages load; where its hash is another, the newest is given, and is not kept."""
    known = page.served()
    if file not in known:
        raise HTTPException(404, f"Pages load no {file!r}.")
    same = known[file].startswith(hash) and len(hash) >= page.SHORT
    kept = f"public, max-age={YEAR}, immutable" if same else "no-cache"
    end = file.rpartition(".")[2]
    media_type = _KINDS.get(end) or mimetypes.guess_type(file)[0] or "application/octet-stream"
    return Response(_content(file), media_type=media_type, headers={"Cache-Control": kept})


@once
def _content(file: str) -> bytes:
    return files("opentier.api.pages").joinpath(f"{page.STATIC}/site/{file}").read_bytes()
