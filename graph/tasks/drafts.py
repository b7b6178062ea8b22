"""Drafts: files that somebody sent and has not decided on, with what is said of them so far.

A draft is a job that waits for its owner and for no process: it is kept for a month, counts as one within the bounds of
all, and each job that works on it has its file. Only its owner may know of it; whoever knows the id of one that belongs
to nobody may.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from opentier.graph.store import durable
from opentier.graph.tasks.folder import SENT
from opentier.graph.tasks.job import DRAFT, NOBODY, Job, now
from opentier.graph.tasks.queue import Queue


def made(job: Job, about: str) -> Job:
    """Return a job as the draft that it is to be; `about` says what is done with it, and is its act."""
    return job.but(act=about, state=DRAFT, ended=now())


async def find(queue: Queue, who: str, about: str, id: str) -> Job | None:
    """Return a draft of somebody; None where there is none, it is another's, or it is about something else."""
    await queue.known()
    job = queue.get(id)
    mine = job is not None and job.state == DRAFT and job.act == about and job.owner in (NOBODY, who)
    return job if mine else None


async def every(queue: Queue, who: str, about: str) -> list[Job]:
    """Return the drafts of somebody, the latest first; those of nobody are not listed."""
    await queue.known()
    mine = (job for job in queue.folder.every() if job.owner == who != NOBODY)
    found = [job for job in mine if job.state == DRAFT and job.act == about]
    return sorted(found, key=lambda job: job.ended, reverse=True)


async def change(
    queue: Queue, draft: Job, said: Mapping[str, Any], papers: Mapping[str, str] | None = None
) -> Job:
    """Keep what else is said of a draft; a paper is a text that is kept beside its file, an empty one goes."""

    def write() -> Job:
        for name, text in (papers or {}).items():
            file = queue.folder.place(draft.id) / SENT / f".{name}"
            if text:
                durable.replace(file, text)
            else:
                file.unlink(missing_ok=True)
        return queue.folder.write(draft.but(said={**draft.said, **said}, ended=now()))

    return await asyncio.to_thread(write)


async def ask(queue: Queue, draft: Job, job: Job) -> Job:
    """Have a job done with the file of a draft; those of the same act that were asked for before are removed.

    What is done with a draft of nobody, whoever asks for it, sees what its readers see: what comes of it is theirs.
    """
    if draft.nobodys and not job.changing:
        job = job.but(owner=draft.owner, closed=draft.closed, restricted=draft.restricted)
    for before in jobs(queue, draft):
        if before.act == job.act:
            await drop(queue, before)
    async with queue.sending(job.owner, job.origin) as folder:
        await asyncio.to_thread(queue.folder.copy, draft, folder)
        return await queue.add(folder, job.but(of=draft.id, file=draft.file))


def jobs(queue: Queue, draft: Job) -> list[Job]:
    """Return the jobs that worked on a draft, the oldest first."""
    return [job for job in queue.folder.every() if job.of == draft.id]


def last(queue: Queue, draft: Job, act: str) -> Job | None:
    """Return the last job of an act that worked on a draft."""
    return next((job for job in reversed(jobs(queue, draft)) if job.act == act), None)


async def drop(queue: Queue, job: Job) -> None:
    """End a job where it has not ended, and remove it."""
    ended = await queue.cancel(job)
    if ended is not None:
        await queue.cancel(ended)


async def remove(queue: Queue, draft: Job, *, kept: tuple[str, ...] = ()) -> None:
    """Remove a draft at once, with all that came of it but what some acts did."""
    for job in jobs(queue, draft):
        if job.act not in kept:
            await drop(queue, job)
    await asyncio.to_thread(queue.folder.remove, draft)
