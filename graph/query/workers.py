"""SPARQL queries in processes that can be ended: by the clock, by their size, or because whoever asked has gone.

The engine cannot be interrupted from within. So a query runs in a process of its own (`worker`), which is killed when
the query may not go on; the next query finds a fresh one. Nothing waits in a thread: `Pool.ask` is awaited.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from opentier.graph.errors import OpenTierError, QueryBusy, QueryError, QueryTooLarge, QueryTooLong
from opentier.graph.model.characters import visible
from opentier.graph.query.sparql import Asked
from opentier.graph.query.worker import FRAME, raised

_LOG = logging.getLogger("opentier.queries")
#: Bytes that are read of what a process said before it ended.
_LAST_WORDS = 1 << 16
#: Seconds in which a killed process is gone.
_GONE = 5.0


@dataclass(frozen=True)
class Limits:
    """What queries may take; None is without limit.

    Attributes
    ----------
    seconds
        Wall time of one query.
    bytes
        Length of one answer.
    memory
        Address space of one worker, in bytes.
    workers
        Queries that run at once.
    waiting
        Queries that wait for a worker; one more is refused.
    patience
        Seconds that a query waits before it is refused.
    """

    seconds: float | None = 60.0
    bytes: int | None = 64 << 20
    memory: int | None = 2 << 30
    workers: int = field(default_factory=lambda: os.cpu_count() or 1)
    waiting: int = 64
    patience: float = 10.0

    def __str__(self) -> str:
        """Return the limits as the header ``OpenTier-Limit`` has them."""
        said = {"seconds": self.seconds, "bytes": self.bytes, "memory": self.memory}
        return ", ".join(f"{name}={value:g}" if name == "seconds" else f"{name}={value}"
                         for name, value in said.items() if value is not None)  # fmt: skip


#: No limit but one's own patience: for whoever asks on their own machine.
UNLIMITED = Limits(None, None, None, workers=1)


@dataclass(frozen=True)
class Answer:
    """An answer: its kind (rows, triples, boolean), its format, None where its kind has none, and its text."""

    kind: str
    format: str | None
    body: bytes


def _environment() -> dict[str, str]:
    # Arenas that the allocator reserves for idle threads count as memory of the worker, 64 MiB each; and where a
    # worker may end, nobody wants to read how.
    return {**os.environ, "MALLOC_ARENA_MAX": "1", "RUST_BACKTRACE": "0"}


class _Worker:
    """One process, and the line to it."""

    def __init__(self, memory: int | None) -> None:
        self._line, theirs = socket.socketpair()
        with theirs:
            words = [sys.executable, "-m", "opentier.graph.query.worker", str(os.getpid()), str(memory or 0)]
            self._process = subprocess.Popen(
                words,
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                env=_environment(),
                process_group=0,  # Ctrl-C is for the parent, which ends its workers
            )
        self._memory = memory
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, request: Mapping[str, Any]) -> Answer:
        """Answer a request."""
        reader, writer = self._streams = self._streams or await asyncio.open_connection(sock=self._line)
        head: dict[str, Any] = {}
        body = bytearray()
        try:
            writer.write(json.dumps(request).encode() + b"\n")
            await writer.drain()
            while True:
                letter, many = FRAME.unpack(await reader.readexactly(FRAME.size))
                part = await reader.readexactly(many)
                match letter:
                    case b"H":
                        head = json.loads(part)
                    case b"D":
                        body += part
                    case b"E":
                        raise raised(json.loads(part))
                    case _:
                        return Answer(head["kind"], head["format"], bytes(body))
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            raise await self._died() from error

    async def _died(self) -> QueryError:
        code = await asyncio.to_thread(self._process.wait, _GONE)
        if code > 0 and (
            said := self._said()
        ):  # what ends by a signal was at its limit, or somebody ended it
            _LOG.warning("A process that answers queries ended: %s", said)
        if code == -signal.SIGABRT and self._memory is not None:
            return QueryTooLarge(f"The query needs more than {self._memory >> 20:,} MiB of memory.")
        if code == -signal.SIGSEGV:  # the stack has no room for what the engine makes of it
            return QueryError("The query is too deep, or too long, for the engine: split it.")
        return QueryError(f"The process that worked on the query ended ({code}).")

    def _said(self) -> str:
        """Return the last line of what the process wrote to its standard error."""
        assert self._process.stderr is not None
        os.set_blocking(self._process.stderr.fileno(), False)
        said = (self._process.stderr.read(_LAST_WORDS) or b"").decode(errors="replace").splitlines()
        return visible(said[-1]) if said else ""

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._process.poll() is None

    async def end(self) -> None:
        """Kill the process and wait until it is gone."""
        self._process.kill()
        assert self._process.stderr is not None
        self._process.stderr.close()
        if self._streams is None:
            self._line.close()
        else:
            self._streams[1].close()
        await asyncio.to_thread(self._process.wait, _GONE)


class Pool:
    """Workers, and those who wait for one; it belongs to the event loop that first uses it."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._free = asyncio.Semaphore(limits.workers)
        self._waiting = 0
        self._idle: list[_Worker] = []
        self._asking: set[asyncio.Task[Any]] = set()
        self._ending: set[asyncio.Task[None]] = set()
        self._stopped = False

    def start(self) -> None:
        """Start all workers, so that the first query finds one."""
        self._idle += [_Worker(self.limits.memory) for _ in range(self.limits.workers - len(self._idle))]

    async def ask(self, release: str, asked: Asked, formats: Mapping[str, str | None]) -> Answer:
        """Answer a query over the release in a folder; `formats` names the format of each kind of answer.

        Raises
        ------
        QueryError
            If the query is malformed, takes longer or gives more than it may, or nobody is free.
        """
        task = asyncio.current_task()
        assert task is not None
        self._asking.add(task)
        try:
            await self._turn()
            try:
                async with asyncio.timeout(self.limits.seconds):
                    return await self._answer(release, asked, formats)
            except TimeoutError:
                raise QueryTooLong(
                    f"The query took longer than {self.limits.seconds:g} seconds: ask for less at once."
                ) from None
            finally:
                self._free.release()
        except asyncio.CancelledError:
            if self._stopped:
                raise QueryBusy("The service is shutting down.") from None
            raise
        finally:
            self._asking.discard(task)

    async def _turn(self) -> None:
        """Wait for a worker to be free."""
        if self._stopped:
            raise QueryBusy("The service is shutting down.")
        if self._free.locked() and self._waiting >= self.limits.waiting:
            raise QueryBusy("Too many queries wait already: ask again later.")
        self._waiting += 1
        try:
            async with asyncio.timeout(self.limits.patience):
                await self._free.acquire()
        except TimeoutError:
            raise QueryBusy("Other queries took all the time: ask again later.") from None
        finally:
            self._waiting -= 1

    async def _answer(self, release: str, asked: Asked, formats: Mapping[str, str | None]) -> Answer:
        worker = self._idle.pop() if self._idle else _Worker(self.limits.memory)
        if not worker.alive:  # somebody else ended it while it had nothing to do
            self._end(worker)
            worker = _Worker(self.limits.memory)
        request = {"release": release, "text": asked.text, "default": asked.default, "named": asked.named,
                   "formats": formats, "bytes": self.limits.bytes}  # fmt: skip
        fine = False
        try:
            answer = await worker.ask(request)
            fine = True
            return answer
        except OpenTierError:
            fine = worker.alive
            raise
        finally:
            if fine and not self._stopped:
                self._idle.append(worker)
            else:
                self._end(worker)

    def _end(self, worker: _Worker) -> None:
        task = asyncio.ensure_future(worker.end())
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    def stop(self) -> None:
        """End all work now; whoever waits is told."""
        self._stopped = True
        for task in self._asking:
            task.cancel()

    async def close(self) -> None:
        """End all work and all workers, and wait until they are gone."""
        self.stop()
        while self._idle:
            self._end(self._idle.pop())
        await asyncio.gather(*self._asking, *self._ending, return_exceptions=True)
        await asyncio.gather(*self._ending, return_exceptions=True)


async def once(release: str, asked: Asked, formats: Mapping[str, str | None]) -> Answer:
    """Answer one query without limits: Ctrl-C ends it."""
    pool = Pool(UNLIMITED)
    try:
        return await pool.ask(release, asked, formats)
    finally:
        await pool.close()
