"""Work that somebody comes back for: asked for at one address again and again, until what came of it is there.

What takes a moment is waited for; of what takes longer whoever asks is told how far it is, and asks again. Work that
nobody asks for any more is ended. Who would rather wait says so (``Prefer: wait=30``, RFC 7240).
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from fastapi import Request

from opentier.graph.errors import WorkBusy
from opentier.graph.jobs.progress import Progress

T = TypeVar("T")
#: Seconds that anybody waits, those after which work is ended for which nobody asks, and the most that one may prefer.
SOON, LEFT, LONGEST = 0.5, 10.0, 120.0
_PREFERRED = re.compile(r"(?:^|[,;\s])wait=(\d+)")


@dataclass(eq=False)
class Wait(Generic[T]):
    """Work that goes on.

    Attributes
    ----------
    key
        What it goes by: a hash of what is asked.
    told
        What was told of it so far: how much was done by stage, the last one last.
    """

    key: str
    task: asyncio.Task[T]
    told: dict[str, int]
    leaving: asyncio.TimerHandle | None = field(default=None)


class Waits(Generic[T]):
    """The work of one service that somebody waits for, by what is asked."""

    def __init__(self) -> None:
        self._known: dict[str, Wait[T]] = {}

    async def come(
        self, request: Request, asked: Mapping[str, Any], begin: Callable[[Progress], Coroutine[Any, Any, T]]
    ) -> T | Wait[T]:
        """Return what came of some work, begun where nobody has asked for it yet; the work itself while it goes on.

        A part of a page that asks again is told alone that it is there: what came of it is kept for the page.

        Raises
        ------
        OpenTierError
            What the work says; WorkBusy where it was ended while it was waited for.
        """
        key = hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()
        found = self._known.get(key) or self._begun(key, begin)
        patience = _patience(request)
        self._stay(found, patience)
        await asyncio.wait({found.task}, timeout=patience)
        if not found.task.done():
            return found
        if "hx-request" not in request.headers:
            self._forget(found)
        if found.task.cancelled():
            raise WorkBusy("It was ended, since somebody said so or the service stops: ask again.")
        return found.task.result()

    def end(self, key: str) -> None:
        """End some work, if it goes on."""
        if (found := self._known.get(key)) is not None:
            self._forget(found)

    def close(self) -> None:
        """End all of it."""
        for key in [*self._known]:
            self.end(key)

    def _begun(self, key: str, begin: Callable[[Progress], Coroutine[Any, Any, T]]) -> Wait[T]:
        told: dict[str, int] = {}

        def progress(stage: str, done: int, total: int) -> None:
            told.pop(stage, None)
            told[stage] = done

        found = self._known[key] = Wait(key, asyncio.ensure_future(begin(progress)), told)
        return found

    def _stay(self, found: Wait[T], patience: float) -> None:
        """Have work ended once whoever asks now has waited, and nobody has asked again for a while."""
        until = asyncio.get_running_loop().time() + patience + LEFT
        if found.leaving is not None:
            until = max(until, found.leaving.when())
            found.leaving.cancel()
        found.leaving = asyncio.get_running_loop().call_at(until, self._forget, found)

    def _forget(self, found: Wait[T]) -> None:
        if self._known.get(found.key) is found:
            del self._known[found.key]
        if found.leaving is not None:
            found.leaving.cancel()
        if not found.task.done():
            found.task.cancel()
        elif not found.task.cancelled():
            found.task.exception()  # it was told to whoever asked, or nobody asks


def _patience(request: Request) -> float:
    """Return how many seconds whoever asks waits for an answer."""
    said = _PREFERRED.search(request.headers.get("prefer", ""))
    return min(float(said[1]), LONGEST) if said else SOON
