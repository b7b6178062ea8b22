"""A schedule: subscriptions are followed every so often, as a job that one sees beside all others."""

from __future__ import annotations

import asyncio
import datetime
import logging
import time
from pathlib import Path

from opentier.graph.access.audit import LOCAL
from opentier.graph.errors import OpenTierError
from opentier.graph.exchange.subscriptions import Subscriptions
from opentier.graph.tasks.job import Job
from opentier.graph.tasks.queue import Queue

_LOG = logging.getLogger("opentier.work")
#: What is done, and seconds after which it is looked again where nothing is subscribed to.
ACT, LOOK = "sync", 60.0


class Schedule:
    """Has the subscriptions of a data directory followed, `every` so many seconds since they were the last time."""

    def __init__(self, queue: Queue, data: Path, every: float) -> None:
        self.queue, self.known, self.every = queue, Subscriptions(data), every
        self._begun: float | None = None

    async def run(self) -> None:
        """Go on until it is cancelled; what keeps a job from being begun is told, and tried again."""
        while True:
            try:
                left = await asyncio.to_thread(self._left)
                if left <= 0:
                    await self._follow()
                    continue
            except (OpenTierError, OSError) as error:
                _LOG.warning("Subscriptions are not followed now: %s", error)
                left = LOOK
            await asyncio.sleep(min(left, LOOK))

    def _left(self) -> float:
        """Return the seconds until they are due; some where nothing is subscribed to."""
        known = self.known.all().values()
        if not known:
            return LOOK
        times = [
            datetime.datetime.fromisoformat(each.synced).timestamp() if each.synced else 0.0 for each in known
        ]
        left = min(min(times) + self.every - time.time(), self.every)  # the clock may have been set back
        if self._begun is not None:  # one that could not be done is not begun over and over
            left = max(left, self._begun + self.every - time.monotonic())
        return left

    async def _follow(self) -> None:
        """Have it done, and wait for its end; one that is under way already is waited for."""
        self._begun = time.monotonic()
        await self.queue.ready()
        job = next((each for each in self.queue.folder.every() if each.act == ACT and each.open), None)
        if job is None:
            async with self.queue.sending(LOCAL) as draft:
                job = await self.queue.add(draft, Job(ACT, LOCAL, None, None, {}, changing=True))
        await self.queue.wait(job.id, self.every)
