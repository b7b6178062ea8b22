"""The program of the processes that do jobs; each keeps one data directory open."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from opentier.graph.front import Graph
from opentier.graph.jobs import worker
from opentier.graph.jobs.frames import Output
from opentier.graph.tasks.acts import ACTS, settle
from opentier.graph.tasks.folder import SCRATCH
from opentier.graph.tasks.job import Job
from opentier.graph.tasks.task import Task

_opened: dict[str, Graph] = {}


def work(asked: Mapping[str, Any], output: Output) -> None:
    """Do a job, or find out what one had changed that was ended; how it ended is told."""
    job, graph = Job.from_dict(asked["job"]), _graph(asked["data"])
    graph.view()  # is kept for the next job, too
    task = Task(job, graph.acting(job.owner), Path(asked["folder"]), output.progress, output.note)
    _emptied(task.scratch)
    if asked["work"] == "settle":
        output.head(settle(task))
    else:
        task.demand_key()
        _emptied(task.results)
        output.head(ACTS[asked["work"]](task).to_dict())


def _emptied(folder: Path) -> None:
    """Make a folder that holds nothing, whatever a process left there that was ended; what is temporary lies there."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    if folder.name == SCRATCH:
        os.environ["TMPDIR"] = str(folder)
        tempfile.tempdir = None  # it is asked once, and kept


def _graph(data: str) -> Graph:
    if data not in _opened:
        _opened.clear()
        _opened[data] = Graph.open(data)
    return _opened[data]


if __name__ == "__main__":
    worker.main(dict.fromkeys((*ACTS, "settle"), work))
