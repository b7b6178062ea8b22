"""The jobs of a data directory: a folder each, in which its state is written all or nothing.

One process has them: what it knows of them is what is there.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
import tempfile
import threading
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from opentier.graph.errors import StoreBusy, StoreError, WorkBusy, unable
from opentier.graph.store import durable, lock
from opentier.graph.tasks.job import DRAFT, Job, before

_LOG = logging.getLogger("opentier.work")
#: What is in the folder of a job: its state, what was sent, what a process needs on its way, what came of it.
STATE, SENT, SCRATCH, RESULTS = "job.json", "sent", "scratch", "results"
_DRAFT = ".new-"


@dataclass(frozen=True)
class Bounds:
    """What jobs may take of the disk.

    Attributes
    ----------
    days, drafts
        For how long one that ended is kept, and a draft that nobody touches, with what came of it.
    many, bytes
        How many are kept, and how much they take together: the oldest of those that ended go first, and those of
        nobody before all others, from the place that has most of them.
    free
        Bytes that are left to others.
    """

    days: float = 7.0
    drafts: float = 30.0
    many: int = 1000
    bytes: int = 4 << 30
    free: int = 256 << 20

    def kept(self, job: Job) -> float:
        """Return for how many days a job is kept once it has ended, or since somebody touched it."""
        return self.drafts if job.state == DRAFT or job.of else self.days


class Folder:
    """The jobs in a folder."""

    def __init__(self, path: Path, bounds: Bounds) -> None:
        self.path, self.bounds = path, bounds
        self._lock = threading.Lock()
        self._held = ExitStack()
        self._jobs: dict[str, Job] | None = None

    def open(self) -> None:
        """Take hold of the jobs, and read them; what was left half sent is removed.

        Raises
        ------
        StoreError
            If another service has them, or nothing can be kept there.
        """
        with self._lock:
            if self._jobs is not None:
                return
            try:
                durable.make(self.path)
                self._held.enter_context(lock.held(self.path / "lock", 0.0, purpose="its jobs"))
                for draft in self.path.glob(f"{_DRAFT}*"):
                    shutil.rmtree(draft, ignore_errors=True)
                found = filter(None, map(_read, self.path.glob(f"*/{STATE}")))
                self._jobs = {job.id: job for job in sorted(found, key=lambda job: (job.made, job.id))}
            except StoreBusy:
                raise StoreError(
                    f"Another service has the jobs in {self.path}; end one of the two."
                ) from None
            except OSError as error:
                self._held.close()
                raise StoreError(f"No job can be kept. {unable(error)}") from error
        self.tidy()

    def close(self) -> None:
        """Leave the jobs to another process."""
        with self._lock:
            self._jobs = None
            self._held.close()

    def place(self, id: str) -> Path:
        """Return the folder of a job."""
        return self.path / id

    def result(self, job: Job, form: str) -> Path:
        """Return the file of what came of a job, in one of the forms that it has."""
        return self.place(job.id) / RESULTS / job.results[form]

    def found(self, job: Job) -> Any:
        """Return what came of a job, as its JSON says it."""
        return json.loads(self.result(job, "json").read_text("utf-8"))

    def paper(self, job: Job, name: str) -> Path | None:
        """Return a file that was sent as an option of a job; None where there is none."""
        return self.place(job.id) / SENT / f".{name}" if job.said.get(name) else None

    def every(self) -> list[Job]:
        """Return all jobs, the oldest first."""
        with self._lock:
            return list(self._known.values())

    def get(self, id: str) -> Job | None:
        """Return a job, if there is one by that id."""
        with self._lock:
            return self._known.get(id)

    def named(self, key: str) -> Job | None:
        """Return the job that whoever asked calls by a key of their own."""
        return next((job for job in self.every() if key and job.key == key), None)

    @property
    def _known(self) -> dict[str, Job]:
        return {} if self._jobs is None else self._jobs

    # --- Writing -------------------------------------------------------------------------------------------------

    def draft(self) -> Path:
        """Return a new folder for what is sent.

        Raises
        ------
        StoreError
            If there is no room.
        """
        try:
            if shutil.disk_usage(self.path).free < self.bounds.free:
                raise StoreError(f"The disk that holds {self.path} has no room for jobs.")
            made = Path(tempfile.mkdtemp(prefix=_DRAFT, dir=self.path))
            (made / SENT).mkdir()
        except OSError as error:
            raise StoreError(f"No job can be kept. {unable(error)}") from error
        return made

    def copy(self, job: Job, draft: Path) -> None:
        """Have what was sent with a job in a draft, too; it takes no room of its own."""
        for file in (self.place(job.id) / SENT).iterdir():
            os.link(file, draft / SENT / file.name)

    def add(self, draft: Path, job: Job) -> Job:
        """Keep a job with what was sent in a draft, for good; the same request has the job that it had before.

        Raises
        ------
        WorkBusy
            If no more can be kept: all that are have not ended.
        """
        if known := self.named(job.key):
            return known
        job = job.but(weight=_weight(draft))
        self.tidy(1, job.weight)
        if not self._fits(1, job.weight):
            raise WorkBusy("Too many jobs are kept already: ask again later.")
        text = _text(job)
        (draft / STATE).write_text(text, "utf-8")
        durable.sync_all(draft)
        durable.rename(draft, self.place(job.id))
        return self._noted(text)

    def write(self, job: Job) -> Job:
        """Write what a job is now."""
        text = _text(job)
        durable.replace(self.place(job.id) / STATE, text)
        return self._noted(text)

    def _noted(self, text: str) -> Job:
        """Know a job as it was written: a service that begins again finds the same in it."""
        job = Job.from_dict(json.loads(text))
        self.note(job)
        return job

    def note(self, job: Job) -> None:
        """Know what a job is now, whatever is written of it."""
        with self._lock:
            self._known[job.id] = job

    def end(self, job: Job) -> Job:
        """Write how a job ended; what was sent, and what nobody may ask for, is removed."""
        place = self.place(job.id)
        for name in (SENT, SCRATCH, *([] if job.results else [RESULTS])):
            shutil.rmtree(place / name, ignore_errors=True)
        for file in (place / RESULTS).glob("*"):
            if file.name not in job.results.values():
                file.unlink()
        return self.write(job.but(weight=_weight(place)))

    def remove(self, job: Job) -> None:
        """Remove a job and all that came of it."""
        with self._lock:
            self._known.pop(job.id, None)
        (self.place(job.id) / STATE).unlink(missing_ok=True)
        shutil.rmtree(self.place(job.id), ignore_errors=True)

    def tidy(self, more: int = 0, bytes: int = 0) -> None:
        """Remove jobs that are past their time, and the oldest that ended until so many more have room."""
        many = Counter(job.origin for job in self.every() if job.nobodys)
        ended = sorted(
            (job for job in self.every() if not job.open),
            key=lambda job: (not job.nobodys, -many[job.origin] if job.nobodys else 0, job.ended),
        )
        for job in ended:
            if job.ended < before(self.bounds.kept(job)):
                self.remove(job)
        for job in ended:
            if self._fits(more, bytes):
                break
            self.remove(job)

    def _fits(self, more: int, bytes: int) -> bool:
        jobs = self.every()
        weight = sum(job.weight for job in jobs) + bytes
        return len(jobs) + more <= self.bounds.many and weight <= self.bounds.bytes


def _text(job: Job) -> str:
    return json.dumps(job.to_dict(), indent=1, ensure_ascii=False) + "\n"


def _read(file: Path) -> Job | None:
    """Return a job that was kept; None of one that cannot be read, which is told."""
    try:
        said: dict[str, Any] = json.loads(file.read_text("utf-8"))
        return Job.from_dict(said)
    except (OSError, ValueError, TypeError, KeyError) as error:
        _LOG.warning("The job in %s is left out, since it cannot be read: %s", file.parent, error)
        return None


def _weight(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
