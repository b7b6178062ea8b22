"""The queue: jobs are done in their order, some at a time, in processes of a pool; each state is kept before it counts.

Whatever ends in the middle is taken up again: by the next service what this one had not done, by this one what a
process that somebody ended had not done. A job that may change the data is asked afterwards whether it had.
"""

from __future__ import annotations

import asyncio
import logging
import shutil
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from opentier.graph.errors import OpenTierError, StoreError, WorkBusy, WorkError, WorkTooLarge, WorkTooLong
from opentier.graph.jobs.pool import Pool
from opentier.graph.jobs.progress import Progress, silent
from opentier.graph.tasks.folder import SENT, Bounds, Folder
from opentier.graph.tasks.job import NOBODY, Job, now

_LOG = logging.getLogger("opentier.work")
#: What the processes run.
PROGRAM = "opentier.graph.tasks.program"
#: The folder of a data directory that holds its jobs.
JOBS = "jobs"
#: How many times a job is begun whose process is ended by somebody else.
TRIES = 3
#: What is sent at the same time; half of it by whoever has no key.
SENDING = 8
#: Of what waits for nobody, what came from one place may have such a part.
PLACES = 4
#: Seconds that are left to what is done when the queue is closed.
GRACE = 5.0


@dataclass
class Run:
    """A job that is done now, and how far it is."""

    stage: str = ""
    done: int = 0
    total: int = 0
    since: float = 0.0
    found: Mapping[str, int] | None = None
    cancelled: bool = False
    asking: asyncio.Future[dict[str, Any]] | None = None

    def tell(self, stage: str, done: int, total: int, found: Mapping[str, int] | None = None) -> None:
        """Note how far it is (see `progress`), and what was found so far, where that is told."""
        if stage != self.stage:
            self.stage, self.since = stage, time.monotonic()
        self.done, self.total, self.found = done, total, found

    def to_dict(self) -> dict[str, Any]:
        """Return how far it is as a JSON object; the seconds are those that the stage will take, if it goes on so."""
        left = None
        if 0 < self.done < self.total:
            left = round((time.monotonic() - self.since) * (self.total - self.done) / self.done)
        return {
            "stage": self.stage or None,
            "done": self.done,
            "total": self.total or None,
            "seconds_left": left,
            "found": self.found,
        }


class Queue:
    """The jobs of a data directory, and what does them; it belongs to the event loop that starts it.

    Parameters
    ----------
    pool
        Runs the program that knows the acts (`PROGRAM`).
    seen
        Tells which datasets a job may tell of, if it is done now (see `readers`).
    """

    def __init__(
        self,
        pool: Pool,
        bounds: Bounds | None = None,
        seen: Callable[[Job], list[str]] = lambda job: [],
    ) -> None:
        self.pool, self.bounds, self._seen = pool, bounds or Bounds(), seen
        self._folder: Folder | None = None
        self._data = Path()
        self._runs: dict[str, tuple[Run, asyncio.Task[None]]] = {}
        self._changed = asyncio.Condition()
        self._sending = Counter[str]()
        #: Whether nothing is begun any more.
        self.paused = False

    @property
    def folder(self) -> Folder:
        """The jobs."""
        assert self._folder is not None, "the queue was not started"
        return self._folder

    async def start(self, data: Path) -> None:
        """Take up the jobs of a data directory, where there are any."""
        self._data, self._folder = data, Folder(data / JOBS, self.bounds)
        try:
            await self.known()
        except StoreError as error:  # whoever asks for a job is told
            _LOG.warning("%s", error)

    async def known(self) -> None:
        """Take hold of the jobs, where there are any: a service that only answers writes nothing; as `ready`."""
        if self.folder.path.is_dir():
            await self.ready()

    async def ready(self) -> None:
        """Take hold of the jobs; StoreError where that cannot be (see `Folder.open`)."""
        if not self.paused:
            await asyncio.to_thread(self.folder.open)
            self._begin()

    def get(self, id: str) -> Job | None:
        """Return a job, if there is one by that id."""
        return self.folder.get(id)

    def progress(self, job: Job) -> dict[str, Any] | None:
        """Return how far a job is that is done now; None of another."""
        known = self._runs.get(job.id)
        return known[0].to_dict() if known and job.state == "running" else None

    def ahead(self, job: Job) -> int:
        """Return how many wait before a job."""
        waiting = [each.id for each in self._waiting()]
        return waiting.index(job.id) if job.id in waiting else 0

    def _waiting(self) -> list[Job]:
        """Return what waits, in its order: that of nobody last."""
        waiting = (job for job in self.folder.every() if job.open and job.id not in self._runs)
        return sorted(waiting, key=lambda job: job.nobodys)

    # --- Sent ----------------------------------------------------------------------------------------------------

    @asynccontextmanager
    async def sending(self, owner: str, origin: str = "") -> AsyncIterator[Path]:
        """Give somebody a folder for what is sent; it is gone afterwards, unless it became a job.

        Raises
        ------
        WorkBusy
            If too many send or wait, or the service ends.
        StoreError
            If nothing can be kept.
        """
        await self.ready()
        self._demand_room(owner, origin)
        if self._sending.total() >= _share(SENDING, owner) or (
            origin and self._sending[origin] >= _share(SENDING, owner) // 2
        ):
            raise WorkBusy("Too many send already: ask again later.")
        self._sending[origin] += 1
        draft = None
        try:
            draft = await asyncio.to_thread(self.folder.draft)
            yield draft
        finally:
            self._sending[origin] -= 1
            self._sending += Counter()  # keeps none that is 0
            if draft is not None:
                await asyncio.shield(asyncio.to_thread(shutil.rmtree, draft, ignore_errors=True))

    async def add(self, draft: Path, job: Job) -> Job:
        """Keep a job with what was sent, and have it done in its turn; see `Folder.add`."""
        self._demand_room(job.owner, job.origin)
        job = await asyncio.to_thread(self.folder.add, draft, job)
        self._begin()
        return job

    def _demand_room(self, owner: str, origin: str) -> None:
        if self.paused:
            raise WorkBusy("The service is shutting down.")
        waiting, share = self._waiting(), _share(self.pool.limits.waiting, owner)
        if len(waiting) >= share:
            raise WorkBusy("Too many jobs wait already: ask again later.")
        if origin and sum(job.origin == origin for job in waiting) >= max(1, share // PLACES):
            raise WorkBusy("Too many jobs of yours wait already: ask again later.")

    # --- Done ----------------------------------------------------------------------------------------------------

    def _begin(self) -> None:
        """Begin what waits longest, as long as somebody is free to do it; for nobody half of them are."""
        workers = self.pool.limits.workers
        for job in self._waiting():
            if self.paused or len(self._runs) >= (_share(workers, job.owner) if workers > 1 else workers):
                return
            run = Run()
            self._runs[job.id] = run, asyncio.ensure_future(self._run(job, run))

    async def _run(self, job: Job, run: Run) -> None:
        try:
            job = job.but(state="running", begun=job.begun or now(), tries=job.tries + 1)
            job = await asyncio.to_thread(self.folder.write, await self._resting(job))
            ended = await self._resting(await self._ended(job, run))
            keep = self.folder.write if ended.open else self.folder.end
            await asyncio.to_thread(keep, ended)
        except OSError as error:  # on disk it goes on: the next service takes it up
            _LOG.error("What became of job %s cannot be written: %s", job.id, error)
            said = "What became of it cannot be written; it is done again by the next service."
            self.folder.note(job.but(state="failed", ended=now(), error=said))
        finally:
            del self._runs[job.id]
            await self._tell()
            self._begin()

    async def _ended(self, job: Job, run: Run) -> Job:
        """Do a job, and return it as it is then: ended, or waiting for another try."""
        try:
            if not run.cancelled:
                run.asking = asyncio.ensure_future(self._ask(job, job.act, run.tell))
                return job.but(**await run.asking, ended=now())
        except asyncio.CancelledError:
            if not run.cancelled:
                raise
        except WorkBusy:  # the service is shutting down
            return job.but(state="waiting", tries=job.tries - 1)
        except WorkTooLong:
            most = f"{self.pool.limits.seconds:g} seconds, which is all that a job may take"
            return await self._stopped(
                job.but(state="failed"), f"It took longer than {most}. Send less at once."
            )
        except WorkTooLarge as error:
            return await self._stopped(job.but(state="failed"), str(error))
        except WorkError as error:
            if job.tries < TRIES:
                _LOG.warning("Job %s is begun again: %s", job.id, error)
                return job.but(state="waiting")
            return await self._stopped(job.but(state="failed"), f"It was begun {TRIES} times. {error}")
        except OpenTierError as error:
            return job.but(state="failed", ended=now(), error=self._plain(job, error))
        return await self._stopped(job.but(state="cancelled"), "It was cancelled.")

    async def _resting(self, job: Job) -> Job:
        """Return a job with what it may tell of: what is seen when it begins, and when it ends."""
        seen = await asyncio.to_thread(self._seen, job)
        return job.but(rests=sorted({*(job.rests or ()), *seen}))

    async def _stopped(self, job: Job, why: str) -> Job:
        """Return a job that was ended in the middle: what it had changed until then is said."""
        await self.pool.gone()
        if not job.changing:
            return job.but(ended=now(), error=why)
        try:
            found = await self._ask(job, "settle", silent)
        except OpenTierError as error:
            _LOG.warning("Whether job %s changed anything is not known: %s", job.id, error)
            said = "Whether it had changed anything before is not known: send it again, which never does it twice."
            return job.but(ended=now(), error=f"{why} {said}")
        return job.but(ended=now(), outcome=found["outcome"], error=f"{why} {found['said']}")

    async def _ask(self, job: Job, work: str, progress: Progress) -> dict[str, Any]:
        asked = {"work": work, "data": str(self._data), "folder": str(self.folder.place(job.id))}
        answer = await self.pool.ask({**asked, "job": job.to_dict()}, progress)
        return dict(answer.head)

    def _plain(self, job: Job, error: OpenTierError) -> str:
        """Return what an error says, without where anything lies here."""
        if isinstance(error, StoreError):
            _LOG.error("Job %s: %s", job.id, error)
            return "The data cannot be answered from now; the service's log says why."
        place = self.folder.place(job.id)
        return str(error).replace(f"{place / SENT}/", "").replace(str(place), "it")

    # --- Waited for, and ended -----------------------------------------------------------------------------------

    async def _tell(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    async def wait(self, id: str, seconds: float) -> None:
        """Wait until a job has ended, or for so long, or until the service ends."""

        def over() -> bool:
            job = self.get(id)
            return self.paused or job is None or not job.open

        try:
            async with asyncio.timeout(seconds), self._changed:
                await self._changed.wait_for(over)
        except TimeoutError:
            return

    async def cancel(self, job: Job) -> Job | None:
        """End a job, and return it as it ended; one that had ended is removed, and None returned."""
        if known := self._runs.get(job.id):
            run, task = known
            run.cancelled = True
            if run.asking is not None:
                run.asking.cancel()
            await asyncio.wait([task])
            return self.get(job.id)
        if job.open:
            job = await asyncio.to_thread(
                self.folder.end, job.but(state="cancelled", ended=now(), error="It was cancelled.")
            )
            await self._tell()
            return job
        await asyncio.to_thread(self.folder.remove, job)
        return None

    async def pause(self) -> None:
        """Begin nothing any more; whoever waits for a job is answered."""
        self.paused = True
        await self._tell()

    async def close(self) -> None:
        """End all work, after a while; what is not done waits for the next service."""
        await self.pause()
        if tasks := [task for _, task in self._runs.values()]:
            await asyncio.wait(tasks, timeout=GRACE)
            self.pool.stop()
            await asyncio.wait(tasks)
        await asyncio.to_thread(self.folder.close)


def _share(many: int, owner: str) -> int:
    """Return how many of something are for whoever asks: half of them where that is nobody."""
    return many // 2 if owner == NOBODY else many
