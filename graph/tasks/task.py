"""A job in the hands of the process that does it, and how it ends."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from opentier.graph.errors import NotAllowed
from opentier.graph.front import Graph, Reader, View
from opentier.graph.jobs.progress import Progress
from opentier.graph.kept.screenings import Screenings
from opentier.graph.report.report import Report
from opentier.graph.tasks import readers
from opentier.graph.tasks.folder import RESULTS, SCRATCH, SENT
from opentier.graph.tasks.job import Job

#: Characters of a line of text.
WIDTH = 80
#: Who asks without a key: whoever sits at the machine, and the public.
KEYLESS = ("local", "public")


@dataclass(frozen=True)
class Ended:
    """How an act ended: a few figures, its files by their forms, and why it is not done, if it is not."""

    outcome: Mapping[str, Any]
    results: Mapping[str, str] = field(default_factory=dict)
    error: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return what is changed of the job."""
        state = "failed" if self.error else "done"
        return {"state": state, "outcome": self.outcome, "results": self.results, "error": self.error}


@dataclass(frozen=True)
class Task:
    """A job in the hands of the process that does it.

    Parameters
    ----------
    folder
        Where the job lies.
    note
        Is told what was found so far, by what that is.
    """

    job: Job
    graph: Graph
    folder: Path
    progress: Progress
    note: Callable[[Mapping[str, int]], None] = lambda found: None

    @property
    def said(self) -> Mapping[str, Any]:
        """The options."""
        return self.job.said

    @property
    def sent(self) -> Path:
        """The file that was sent."""
        assert self.job.file is not None
        return self.folder / SENT / self.job.file.name

    @property
    def scratch(self) -> Path:
        """Where the process puts what it needs on its way."""
        return self.folder / SCRATCH

    @cached_property
    def results(self) -> Path:
        """Where the results are written."""
        return self.folder / RESULTS

    @property
    def again(self) -> bool:
        """Whether it was begun before, and may have been ended in the middle."""
        return self.job.tries > 1

    def demand_key(self) -> None:
        """Have what was sent with a key done only as long as the key opens something; NotAllowed where it does not."""
        key = self.graph.keys.all().get(self.job.owner)
        if self.job.owner not in KEYLESS and (key is None or key.state != "valid"):
            raise NotAllowed("The key with which this was sent opens nothing any more.")

    def paper(self, name: str) -> Path | None:
        """Return a file that was sent as an option."""
        return self.folder / SENT / f".{name}" if self.said.get(name) else None

    @property
    def reader(self) -> Reader:
        """Who asked, as far as that decides what is seen."""
        return readers.reader(self.job)

    def view(self) -> View:
        """Return the current release, as whoever asked may see it."""
        return self.graph.view(self.reader)

    def screenings(self) -> Screenings:
        """Return the screening records, which are asked again of what whoever asked may see."""
        return self.graph.screenings(self.progress, reader=self.reader)

    def write(self, form: str, text: str, into: dict[str, str]) -> None:
        """Write a result, and note it."""
        into[form] = f"result.{form}"
        (self.results / into[form]).write_text(text, "utf-8")


def findings(report: Report) -> list[str]:
    """Return what was found in a list, a sentence a kind."""
    return [f"{each.first.severity}: {each.message} {each.advice}".rstrip() for each in report.kinds()]


def unread(task: Task, report: Report) -> Ended:
    """Return that a file cannot be read, and why."""
    files = dict[str, str]()
    task.write("json", report.to_json(), files)
    task.write("txt", report.to_text(WIDTH), files)
    blocking = [each for each in report.sorted() if each.blocks]
    said = f"{blocking[0].message} {blocking[0].advice}".strip() if blocking else "It cannot be read."
    return Ended({"conforms": False, "counts": report.counts()}, files, said)
