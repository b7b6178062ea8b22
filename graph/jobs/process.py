"""One process that works for a pool, and the line to it."""

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
from typing import Any

from opentier.graph.errors import WorkError, WorkTooLarge
from opentier.graph.jobs.frames import FRAME, raised
from opentier.graph.jobs.progress import Progress
from opentier.graph.model.characters import visible

_LOG = logging.getLogger("opentier.work")
#: Bytes that are read of what a process said before it ended.
_LAST_WORDS = 1 << 16
#: Seconds in which a killed process is gone.
_GONE = 5.0


def _environment() -> dict[str, str]:
    # Arenas that the allocator reserves for idle threads count as memory of the worker, 64 MiB each; and where a
    # worker may end, nobody wants to read how.
    return {**os.environ, "MALLOC_ARENA_MAX": "1", "RUST_BACKTRACE": "0"}


class Process:
    """One process, and the line to it."""

    def __init__(self, program: str, memory: int | None) -> None:
        self._line, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", program, str(os.getpid()), str(memory or 0)],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                env=_environment(),
                process_group=0,  # Ctrl-C is for the parent, which ends its workers
            )
        self._memory = memory
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        #: Why it was killed, where somebody who had a reason did.
        self.killed: WorkError | None = None

    async def ask(self, request: Mapping[str, Any]) -> None:
        """Send a request."""
        self._streams = self._streams or await asyncio.open_connection(sock=self._line)
        try:
            self._streams[1].write(json.dumps(request).encode() + b"\n")
            await self._streams[1].drain()
        except ConnectionError as error:
            raise await self._died() from error

    async def part(self, progress: Progress) -> tuple[bytes, bytes]:
        """Return the next part of the answer, an error of the work raised; how far the work is, is told."""
        while (found := await self._frame())[0] == b"P":
            progress(*json.loads(found[1]))
        return found

    async def _frame(self) -> tuple[bytes, bytes]:
        assert self._streams is not None
        try:
            letter, many = FRAME.unpack(await self._streams[0].readexactly(FRAME.size))
            part = await self._streams[0].readexactly(many)
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            raise await self._died() from error
        if self.killed:  # what came before that is cut
            raise self.killed
        if letter == b"E":
            raise raised(part)
        return letter, part

    async def _died(self) -> WorkError:
        code = await asyncio.to_thread(self._process.wait, _GONE)
        if self.killed:
            return self.killed
        # What ends by a signal was at its limit, or somebody ended it.
        if code > 0 and (said := self._said()):
            _LOG.warning("A process that works for the service ended: %s", said)
        if code == -signal.SIGABRT and self._memory is not None:
            return WorkTooLarge(f"The answer needs more than {self._memory >> 20:,} MiB of memory.")
        if code == -signal.SIGSEGV:  # the stack has no room for what the engine makes of it
            return WorkError("The question is too deep, or too long, for the engine: split it.")
        return WorkError(f"The process that worked on the answer ended ({code}).")

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

    def kill(self, why: WorkError) -> None:
        """Kill the process; whoever waits for it is told why."""
        self.killed = self.killed or why
        self._process.kill()

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
