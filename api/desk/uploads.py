"""``/screen``: a list of suppliers is sent, to be screened in steps; it is deleted, and work with it is ended."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Annotated

from fastapi import HTTPException, Query, Request
from fastapi.responses import Response

from opentier.api.contract.uploads import received
from opentier.api.desk import steps
from opentier.api.http.access import CurrentCaller
from opentier.api.pages.route import router as pages
from opentier.graph.desk.columns import MOST_ROWS
from opentier.graph.desk.desk import Desk
from opentier.graph.desk.upload import COLUMNS, STEPS, Upload
from opentier.graph.errors import OpenTierError
from opentier.graph.tasks.folder import SENT
from opentier.graph.tasks.queue import Queue

router = pages()

#: How files begin that are no text, of which no rows can be counted as they come.
_BINARY = (b"PK", b"\xd0\xcf\x11\xe0", b"\x1f\x8b", b"PAR1")


def _too_many() -> Callable[[bytes], None]:
    """Return what is shown a file as it comes, and refuses it with its first row too many (413)."""
    lines, returns, quotes, text = 0, 0, 0, True
    begun = False

    def watch(data: bytes) -> None:
        nonlocal lines, returns, quotes, text, begun
        if not begun:
            begun, text = True, not data.startswith(_BINARY)
        if not text:
            return
        for number, part in enumerate(data.split(b'"')):  # what stands within quotes ends no row
            if number:
                quotes += 1
            if quotes % 2 == 0:
                lines += part.count(b"\n")
                returns += part.count(b"\r")
        if max(lines, returns) > MOST_ROWS + 1:
            raise HTTPException(
                413,
                f"The list has more than {MOST_ROWS:,} rows, which is all that pages take. It was not kept. On the "
                "machine there is no such bound: opentier screen FILE --out screened.xlsx",
            )

    return watch


@router.get("/screen")
def screen(
    request: Request,
    who: CurrentCaller,
    deleted: Annotated[bool, Query(description="Whether one was deleted just now.")] = False,
) -> Response:
    """Tell what is done with a list, and take one."""
    desk = steps.desk(request)
    desk.tidy()
    mine = [each for each in desk.every() if each.owner == who.id and not each.nobodys]
    return steps.shown(
        request, "screen/upload.html", rows=MOST_ROWS, days=desk.bounds.days, deleted=deleted, mine=mine[::-1]
    )


@router.post("/screen")
async def send(request: Request, who: CurrentCaller) -> Response:
    """Keep a list, and look at its columns."""
    steps.demand_hand(who)
    queue: Queue = request.app.state.jobs
    desk = steps.desk(request)
    async with queue.sending(who.id) as draft:
        sent = await received(request, draft / SENT, (), _too_many())
        upload = Upload(file=sent.name, bytes=sent.bytes, sha256=sent.sha256, **steps.owner(who))
        upload = await asyncio.to_thread(desk.add, draft / SENT, upload)
    await _begun(request, who, desk, upload)
    return steps.led(request, f"screen/{upload.id}/{COLUMNS}")


async def _begun(request: Request, who: CurrentCaller, desk: Desk, upload: Upload) -> None:
    """Have the columns of a list looked at; one that nobody has time for is not kept."""
    try:
        await steps.begin(request, who, upload, COLUMNS)
    except OpenTierError:
        desk.remove(upload.id)
        raise


@router.get("/screen/{id}")
def last(request: Request, who: CurrentCaller, id: str) -> Response:
    """Lead to the last step of a list."""
    upload = steps.found(request, who, id)
    done = [step for step in STEPS[:3] if step in upload.jobs] or [COLUMNS]
    return steps.led(request, f"screen/{upload.id}/{done[-1]}")


@router.post("/screen/{id}/delete")
async def delete(request: Request, who: CurrentCaller, id: str) -> Response:
    """Delete a list, and all that was made of it."""
    steps.demand_hand(who)
    upload = steps.found(request, who, id)
    await steps.end(request, upload)
    await asyncio.to_thread(steps.desk(request).remove, upload.id)
    return steps.led(request, "screen?deleted=true")


@router.post("/screen/{id}/cancel")
async def cancel(request: Request, who: CurrentCaller, id: str) -> Response:
    """End what is done with a list."""
    steps.demand_hand(who)
    upload = steps.found(request, who, id)
    await steps.end(request, upload)
    done = [step for step in STEPS[:3] if step in upload.jobs] or [COLUMNS]
    return steps.led(request, f"screen/{upload.id}/{done[-1]}")
