"""Processes as the system tells of them: who started whom, who computes, and how much memory they hold."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

from tests.conftest import PATIENCE


def children(pid: int) -> set[int]:
    """Return the processes that a process started and that are not yet gone."""
    found = set()
    for task in Path(f"/proc/{pid}/task").iterdir():
        try:
            found |= {int(child) for child in (task / "children").read_text().split()}
        except FileNotFoundError:  # a thread that ended meanwhile
            continue
    return found


def state(pid: int) -> str:
    """Return the letter of what a process does; none where it is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return ""


def alive(pid: int) -> bool:
    """Return whether a process runs: one that ended, with all its threads, and was not yet waited for does not."""
    try:
        return state(pid) not in ("Z", "") or len(os.listdir(f"/proc/{pid}/task")) > 1
    except FileNotFoundError:
        return False


def busy(pid: int) -> set[int]:
    """Return the processes that a process started and that compute."""
    return {child for child in children(pid) if alive(child) and state(child) == "R"}


def memory(pid: int) -> int:
    """Return the bytes that a process and those that it started hold, what several hold counted in shares."""
    return sum(_held(each) for each in (pid, *children(pid)))


def _held(pid: int) -> int:
    try:
        said = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except (FileNotFoundError, ProcessLookupError):  # gone meanwhile
        return 0
    return next((int(line.split()[1]) << 10 for line in said.splitlines() if line.startswith("Pss:")), 0)


def wait_until(true: Callable[[], object], seconds: float = PATIENCE) -> None:
    """Wait until a function returns something true."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)
