"""Long work in processes that can be ended: by the clock, by their size, or because whoever asked has gone.

What computes in a thread cannot be interrupted from without. So long work runs in a process of its own (`worker`),
which is killed when the work may not go on; the next one finds a fresh one. Nothing waits in a thread: a pool is
awaited.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from opentier.graph.errors import OpenTierError, WorkBusy, WorkError, WorkTooLarge, WorkTooLong
from opentier.graph.jobs.process import Process
from opentier.graph.jobs.progress import Progress, silent


@dataclass(frozen=True)
class Limits:
    """What work may take; None is without limit.

    Attributes
    ----------
    seconds
        Wall time of one piece of work from the moment at which it is asked for: that for which it waits counts, too.
    bytes
        Length of one answer.
    memory
        Address space that one piece of work may take, in bytes.
    workers
        What is done at once.
    waiting
        What waits for a worker; one more is refused.
    patience
        Seconds that anybody waits before being refused, and half of what work may take at most: the rest is left to it.
    """

    seconds: float | None = 60.0
    bytes: int | None = 64 << 20
    memory: int | None = 2 << 30
    workers: int = field(default_factory=lambda: os.cpu_count() or 1)
    waiting: int = 64
    patience: float = 10.0

    @property
    def wait(self) -> float:
        """For how many seconds work waits for a worker at most."""
        return self.patience if self.seconds is None else min(self.patience, self.seconds / 2)

    def __str__(self) -> str:
        """Return the limits as the header ``OpenTier-Limit`` has them."""
        said = {name: getattr(self, name) for name in ("seconds", "bytes", "memory")}
        return ", ".join(f"{name}={value:.15g}" for name, value in said.items() if value is not None)


#: No limit but one's own patience: for whoever asks on their own machine.
UNLIMITED = Limits(None, None, None, workers=1)


@dataclass(frozen=True)
class Answer:
    """An answer: what was told of it, and its text."""

    head: Mapping[str, Any]
    body: bytes


class Pool:
    """Workers, and those who wait for one; it belongs to the event loop that first uses it.

    Parameters
    ----------
    program
        The module that the workers run (see `worker`).
    """

    def __init__(self, program: str, limits: Limits) -> None:
        self.program, self.limits = program, limits
        self._free = asyncio.Semaphore(limits.workers)
        self._idle: list[Process] = []
        self._busy: set[Process] = set()
        self._old: set[Process] = set()  # those of the busy that have no more to do after that
        self._turns: set[asyncio.Task[Any]] = set()
        self._ending: set[asyncio.Task[None]] = set()
        #: Whether no more work is taken.
        self.stopped = False

    @property
    def counts(self) -> dict[str, int]:
        """How many work, have nothing to do, and wait."""
        return {"busy": len(self._busy), "idle": len(self._idle), "waiting": len(self._turns)}

    def start(self) -> None:
        """Start all workers, so that the first work finds one."""
        self._idle += [
            Process(self.program, self.limits.memory) for _ in range(self.limits.workers - len(self._idle))
        ]

    async def ask(self, request: Mapping[str, Any], progress: Progress = silent) -> Answer:
        """Return the whole answer to a request; see `asking`."""
        async with self.asking(request, progress) as (head, parts):
            return Answer(head, b"".join([part async for part in parts]))

    @asynccontextmanager
    async def asking(
        self, request: Mapping[str, Any], progress: Progress = silent
    ) -> AsyncIterator[tuple[dict[str, Any], AsyncIterator[bytes]]]:
        """Have some work done; give what is told of the answer, and its parts as they come. What is left is ended.

        Raises
        ------
        WorkError
            If nobody is free; if the work takes longer, or gives more, than it may: then, too, in the middle of parts.
        OpenTierError
            What is wrong with the request, as the work says it.
        """
        since = asyncio.get_running_loop().time()
        await self._turn()
        worker = self._idle.pop() if self._idle else Process(self.program, self.limits.memory)
        if not worker.alive:  # somebody else ended it while it had nothing to do
            self._end(worker)
            worker = Process(self.program, self.limits.memory)
        self._busy.add(worker)
        late = self._clock(worker, since)
        fine = False
        try:
            await worker.ask({**request, "bytes": self.limits.bytes})
            letter, part = await worker.part(progress)
            done = letter == b"Z"
            head = {} if done else json.loads(part)

            async def parts() -> AsyncIterator[bytes]:
                nonlocal done
                while not done:
                    letter, part = await worker.part(progress)
                    done = letter == b"Z"
                    if not done:
                        yield part

            yield head, parts()
            fine = done
        except OpenTierError as error:
            fine = not isinstance(error, WorkError) or (isinstance(error, WorkTooLarge) and worker.alive)
            raise
        finally:
            if late:
                late.cancel()
            self._leave(worker, fine=fine and not worker.killed)

    def _clock(self, worker: Process, since: float) -> asyncio.TimerHandle | None:
        """Have a worker killed, and the next one let in, when the time of what it does is over, whoever takes it."""
        seconds = self.limits.seconds
        if seconds is None:
            return None
        loop = asyncio.get_running_loop()
        waited = loop.time() - since
        others = f", of which it waited {waited:.0f} for others" if round(waited) else ""

        def over() -> None:
            worker.kill(
                WorkTooLong(f"The answer took longer than {seconds:g} seconds{others}: ask for less at once.")
            )
            self._leave(worker, fine=False)

        return loop.call_at(since + seconds, over)

    async def _turn(self) -> None:
        """Wait for a worker to be free."""
        if self.stopped:
            raise WorkBusy("The service is shutting down.")
        if self._free.locked() and len(self._turns) >= self.limits.waiting:
            raise WorkBusy("Too many wait already: ask again later.")
        task = asyncio.current_task()
        assert task is not None
        self._turns.add(task)
        try:
            async with asyncio.timeout(self.limits.wait):
                await self._free.acquire()
        except TimeoutError:
            raise WorkBusy("Others took all the time: ask again later.") from None
        except asyncio.CancelledError:
            if self.stopped:
                raise WorkBusy("The service is shutting down.") from None
            raise
        finally:
            self._turns.discard(task)

    def _leave(self, worker: Process, *, fine: bool) -> None:
        """Let the next one in; a worker that did its work well has more to do."""
        if worker not in self._busy:  # its time was over
            return
        self._busy.discard(worker)
        self._free.release()
        if fine and not self.stopped and worker not in self._old:
            self._idle.append(worker)
        else:
            self._old.discard(worker)
            self._end(worker)

    def _end(self, worker: Process) -> None:
        task = asyncio.ensure_future(worker.end())
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    def renew(self) -> None:
        """Have all work that begins from now on done by new workers."""
        self._old |= self._busy
        while self._idle:
            self._end(self._idle.pop())

    def stop(self) -> None:
        """End all work now; whoever waits is told."""
        self.stopped = True
        for worker in self._busy:
            worker.kill(WorkBusy("The service is shutting down."))
        for task in self._turns:
            task.cancel()

    async def gone(self) -> None:
        """Wait until the processes of what was ended are gone, and do nothing any more."""
        await asyncio.gather(*self._ending, return_exceptions=True)

    async def close(self) -> None:
        """End all work and all workers, and wait until they are gone."""
        self.stop()
        self.renew()
        for worker in self._busy:
            self._end(worker)
        await asyncio.gather(*self._turns, *self._ending, return_exceptions=True)
