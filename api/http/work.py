"""Long work behind a route: done in a process of the service's pools, ended when the client goes, and streamed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from contextvars import copy_context
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

from fastapi import Request
from fastapi.responses import Response, StreamingResponse
from starlette.types import Send

from opentier.api.http import negotiation
from opentier.api.http.aside import Aside, Room
from opentier.graph import worker
from opentier.graph.errors import OpenTierError
from opentier.graph.front import View
from opentier.graph.jobs.pool import Pool
from opentier.graph.trace.parameters import Parameters

_LOG = logging.getLogger("opentier.service")
T = TypeVar("T")

#: Bytes of an answer that are waited for before any is sent: what fails before them is told with a status.
WHOLE = 1 << 20
#: The answer that nobody reads.
GONE = Response("the client has gone", 499)
#: Threads that compute: more would only keep the interpreter from each other, and from `/health`.
FEW = ThreadPoolExecutor(4, "opentier-few")


@dataclass(frozen=True)
class Done:
    """What some work gave: what is told of it, its first bytes, and what comes after them, if anything does."""

    head: Mapping[str, Any]
    first: bytes
    rest: Aside | None

    def response(self, media_type: str, headers: Mapping[str, str]) -> Response:
        """Return the answer; a long one is sent as it comes, and broken off where it cannot be ended."""
        if self.rest is None:
            return Response(self.first, media_type=media_type, headers=headers)
        return _Streamed(self.first, self.rest, media_type, headers)

    async def whole(self) -> bytes:
        """Return all bytes, once the last of them is there."""
        return b"".join([self.first, *([part async for part in self.rest] if self.rest else [])])

    def leave(self) -> None:
        """End what is not wanted."""
        if self.rest is not None:
            self.rest.close()


class _Streamed(StreamingResponse):
    """An answer that is sent as it comes; where it cannot go on it is left without an end, which breaks it off."""

    def __init__(self, first: bytes, rest: Aside, media_type: str, headers: Mapping[str, str]) -> None:
        super().__init__(_joined(first, rest), media_type=media_type, headers=headers)
        self._rest = rest

    async def stream_response(self, send: Send) -> None:
        """Send it."""
        try:
            await super().stream_response(send)
        except OpenTierError as error:
            _LOG.warning("An answer was broken off: %s", error)
        finally:
            self._rest.close()


async def _joined(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for part in rest:
        yield part


def asked(view: View, parameters: Parameters, **more: Any) -> dict[str, Any]:
    """Return what is asked of a process that traces (see `graph.worker`)."""
    return {**worker.seen(view.release), "parameters": asdict(parameters), **more}


async def answer(
    request: Request, view: View, media_type: str, asked: Mapping[str, Any], **said: str
) -> Response:
    """Have a process that traces give an answer, and return it with what is said beside it."""
    pool: Pool = request.app.state.pools["traces"]
    found = await done(request, pool, asked)
    if found is None:
        return GONE
    headers = {"OpenTier-Limit": str(pool.limits)}
    if "doubt" in found.head:
        headers |= beside(request, asked["form"], found.head.get("verdict"), found.head["doubt"])
    if "unsaid" in found.head:
        headers["OpenTier-Unsaid"] = found.head["unsaid"]
    return found.response(media_type, headers | {name.replace("_", "-"): text for name, text in said.items()})


def beside(request: Request, form: str, verdict: str | None, doubt: str | None) -> dict[str, str]:
    """Return what is said beside an answer: its verdict, why it can hold little or nothing, and where its limits are.

    A table that is empty says nothing by itself; the same address as JSON tells what was asked and could not be tested.
    """
    said = {"OpenTier-Verdict": verdict, "OpenTier-Warning": doubt}
    if form != "json":
        where = negotiation.beside(request, format="json")
        said["Link"] = f'<{where}>; rel="describedby"; type="application/json"'
    return {name: text.encode("latin-1", "replace").decode("latin-1") for name, text in said.items() if text}


async def at_once(small: Callable[[], T]) -> T:
    """Compute what takes no time worth a process, in a thread, a few at once."""
    return await asyncio.get_running_loop().run_in_executor(FEW, copy_context().run, small)


async def done(request: Request, pool: Pool, asked: Mapping[str, Any]) -> Done | None:
    """Have some work done; None where the client goes before its answer begins, which ends the work.

    Raises
    ------
    OpenTierError
        As `Pool.asking` does.
    """
    return await _unless_gone(request, begun(pool, asked, request.app.state.aside))


async def begun(pool: Pool, asked: Mapping[str, Any], room: Room) -> Done:
    """Return what some work gave, once it is whole, or longer than `WHOLE`."""
    async with AsyncExitStack() as stack:
        head, parts = await stack.enter_async_context(pool.asking(asked))
        first = bytearray()
        async for part in parts:
            first += part
            if len(first) >= WHOLE:
                return Done(head, bytes(first), Aside(parts, stack.pop_all(), room))
        return Done(head, bytes(first), None)


async def _unless_gone(request: Request, work: Coroutine[Any, Any, Done]) -> Done | None:
    """Return what some work gives, or None after ending it when the client goes before that."""

    async def left() -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass

    working, leaving = asyncio.ensure_future(work), asyncio.ensure_future(left())
    try:
        await asyncio.wait({working, leaving}, return_when=asyncio.FIRST_COMPLETED)
        return working.result() if working.done() else None
    finally:
        working.cancel()
        leaving.cancel()
        await asyncio.gather(working, leaving, return_exceptions=True)
