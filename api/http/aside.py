"""Long answers that are put aside as they are made: whoever reads one slowly keeps no process from its next work.

What a reader has not taken waits in memory, and beyond a little of it on disk. All answers together have some room
there; where they need more, the one that has been read longest is broken off.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
import threading
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import IO

from opentier.graph.errors import WorkBusy

#: Bytes of one answer that wait in memory, and bytes that are read of the disk at once.
LITTLE = 1 << 18
#: Bytes of all answers that wait on disk.
MOST = 512 << 20


class Room:
    """What answers may take of the disk together."""

    def __init__(self, most: int = MOST) -> None:
        self._most, self._held = most, dict[Aside, int]()

    @property
    def held(self) -> int:
        """The bytes that answers have on disk."""
        return sum(self._held.values())

    def take(self, answer: Aside, many: int) -> None:
        """Give an answer so much more of it; those that were put aside first are broken off for that.

        Raises
        ------
        WorkBusy
            If the answer itself is the first of them.
        """
        self._held[answer] = self._held.get(answer, 0) + many
        while self.held > self._most:
            first, error = next(iter(self._held)), WorkBusy("It is read too slowly: others need its room.")
            first.break_off(error)
            if first is answer:
                raise error

    def leave(self, answer: Aside) -> None:
        """Take back what an answer had."""
        self._held.pop(answer, None)


class Aside:
    """An answer that is made while it is read, as fast as it can be; its parts, of which each is read once.

    Parameters
    ----------
    parts, work
        The answer, and what is left once all of it is made, or nobody wants it any more.
    """

    def __init__(self, parts: AsyncIterator[bytes], work: AsyncExitStack, room: Room) -> None:
        self._room, self._state = room, asyncio.Condition()
        self._made, self._ended = bytearray(), False
        self._error: Exception | None = None
        self._file, self._read, self._written = _File(), 0, 0
        self._making = asyncio.create_task(self._make(parts, work))

    @property
    def ended(self) -> bool:
        """Whether all of it is made, or it is broken off."""
        return self._ended

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        async with self._state:
            await self._state.wait_for(lambda: self._written or self._made or self._ended)
            if self._written:
                part = await self._taken()
            else:
                part, self._made = bytes(self._made), bytearray()
            if not part and self._error is not None:
                raise self._error
            self._state.notify_all()
        if not part:
            raise StopAsyncIteration
        return part

    def close(self) -> None:
        """Leave what is not wanted: the work ends where it has not, and the room is others'."""
        self._making.cancel()
        self._made = bytearray()
        self._leave()

    def break_off(self, error: Exception) -> None:
        """Leave what was not read yet; its reader is told."""
        self._error, self._ended, self._made = error, True, bytearray()
        if asyncio.current_task() is self._making:  # which is told, too
            self._leave()
        else:
            self.close()

    async def _make(self, parts: AsyncIterator[bytes], work: AsyncExitStack) -> None:
        try:
            async with work:
                async for part in parts:
                    async with self._state:
                        self._made += part
                        if len(self._made) >= LITTLE:
                            await self._put()
                        self._state.notify_all()
        except Exception as error:  # whatever it is, it is the reader's
            self._error = self._error or error
        finally:  # where it was broken off, too: its reader may wait
            async with self._state:
                self._ended = True
                self._state.notify_all()

    async def _put(self) -> None:
        """Write on disk what is in memory; where that cannot be, wait until somebody reads it."""
        self._room.take(self, len(self._made))
        try:
            await asyncio.to_thread(self._file.write, self._written, self._made)
        except OSError:
            if not self._written:
                self._room.leave(self)
            await self._state.wait_for(lambda: not self._made)
        else:
            self._written += len(self._made)
            self._made = bytearray()

    async def _taken(self) -> bytes:
        """Return what stands next on disk; once all is read, its room is others'."""
        part = await asyncio.to_thread(self._file.read, self._read)
        if not self._written:  # it was broken off meanwhile
            return b""
        self._read += len(part)
        if self._read >= self._written:
            self._leave()
        return part

    def _leave(self) -> None:
        self._room.leave(self)
        self._read = self._written = 0
        asyncio.get_running_loop().run_in_executor(None, self._file.leave)


class _File:
    """A file without a name, which one thread at a time may use: it may be left while another one does."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._file: IO[bytes] | None = None

    def write(self, at: int, data: bytes | bytearray) -> None:
        with self._lock:
            if self._file is None:
                self._file = tempfile.TemporaryFile(prefix="opentier-")  # noqa: SIM115
            self._file.seek(at)
            self._file.write(data)
            self._file.flush()

    def read(self, at: int) -> bytes:
        with self._lock:
            return os.pread(self._file.fileno(), LITTLE, at) if self._file else b""

    def leave(self) -> None:
        with self._lock:
            if self._file is not None:
                self._file.close()
                self._file = None
