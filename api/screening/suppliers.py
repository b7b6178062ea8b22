"""``/screen``: a list of suppliers is sent, to be screened in steps, and deleted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any

from fastapi import HTTPException, Query, Request
from fastapi.responses import Response

from opentier.api.contract.uploads import received
from opentier.api.desk import jobs as desk
from opentier.api.desk.jobs import Hand, led, waited
from opentier.api.http.access import CurrentCaller
from opentier.api.pages import route
from opentier.api.routes import jobs
from opentier.api.screening.lists import ABOUT, STEPS, Draft, begin, shown
from opentier.graph.screening.columns import MOST_ROWS
from opentier.graph.tasks import drafts
from opentier.graph.tasks.folder import SENT
from opentier.graph.tasks.job import File
from opentier.graph.tasks.queue import Queue

router = route.router()

#: What is said of a list that was only sent.
_SAID: Mapping[str, Any] = {
    "sheet": "",
    "headless": False,
    "encoding": "",
    "map": [],
    "country": "",
    "meant": {},
    "parameters": {},
    "decided": {},
}
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
async def screen(
    request: Request,
    who: CurrentCaller,
    deleted: Annotated[bool, Query(description="Whether one was deleted just now.")] = False,
) -> Response:
    """Tell what is done with a list, and take one."""
    mine = await drafts.every(request.app.state.jobs, who.id, ABOUT)
    return shown(request, "screen.html", "upload", rows=MOST_ROWS, deleted=deleted, mine=mine)


@router.post("/screen")
async def send(request: Request, who: Hand) -> Response:
    """Keep a list as a draft, and look at its columns."""
    queue: Queue = request.app.state.jobs
    async with queue.sending(who.id, who.origin) as folder:
        sent = await received(request, folder / SENT, (), _too_many())
        file = File(sent.name, sent.bytes, sent.sha256)
        draft = await queue.add(folder, drafts.made(jobs.of(who, ABOUT, _SAID, file, changing=False), ABOUT))
    return await waited(request, await begin(request, who, draft, STEPS["columns"]))


@router.get("/screen/{id}")
async def last(request: Request, draft: Draft) -> Response:
    """Lead to the last step of a list that is done."""
    known = {step: desk.last(request, draft, act) for step, act in STEPS.items()}
    done = [step for step, job in known.items() if job and job.state == "done" and not job.error]
    return led(request, f"{ABOUT}/{draft.id}/{done[-1]}" if done else ABOUT)


@router.post("/screen/{id}/delete")
async def delete(request: Request, who: Hand, draft: Draft) -> Response:
    """Delete a list at once, with all that was made of it; a record that was kept stays."""
    await drafts.remove(request.app.state.jobs, draft)
    return led(request, f"{ABOUT}?deleted=true")
