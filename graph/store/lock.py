"""Locks of a data directory, which end with the process that holds them: one process writes at a time, others wait."""

from __future__ import annotations

import datetime
import fcntl
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from opentier.graph.errors import StoreBusy

#: Seconds for which a writer waits for another one.
PATIENCE = 600.0
#: Is told, once, for whom a writer waits.
Waiting = Callable[[str], None]


def silent(said: str) -> None:
    """Tell nobody."""


@contextmanager
def held(file: Path, patience: float, waiting: Waiting = silent, purpose: str = "") -> Iterator[None]:
    """Hold a lock on a file, which ends with the process that holds it.

    Parameters
    ----------
    purpose
        What it is held for, as whoever waits is told.

    Raises
    ------
    StoreBusy
        If another process holds it after `patience` seconds.
    """
    with file.open("a+", encoding="utf-8") as lock:
        deadline, told = time.monotonic() + patience, False
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                who = f"Another process is writing to {file.parent}{_holder(lock)}."
                if time.monotonic() > deadline:
                    raise StoreBusy(
                        f"{who} It was waited for {patience:g} seconds, and nothing was changed. Try again later."
                    ) from None
                if not told:
                    waiting(
                        f"{who} Waiting for up to {patience:g} seconds; Ctrl-C ends that, and changes nothing."
                    )
                told = True
                time.sleep(0.1)
        since = datetime.datetime.now(datetime.UTC).isoformat(sep=" ", timespec="seconds")
        lock.truncate(0)
        lock.write(json.dumps({"process": os.getpid(), "since": since, "purpose": purpose}))
        lock.flush()
        try:
            yield
        finally:
            lock.truncate(0)


def _holder(lock: IO[str]) -> str:
    """Return who holds a lock, and since when, where that can be read."""
    lock.seek(0)
    try:
        said = json.loads(lock.read())
        since = str(said["since"]).removesuffix("+00:00")
        purpose = f", {said['purpose']}" if said["purpose"] else ""
        return f" (process {said['process']}{purpose}, since {since} UTC)"
    except (ValueError, KeyError, TypeError):  # it has only just begun, or just ended
        return ""


@contextmanager
def scratch(place: Path) -> Iterator[Path]:
    """Make a folder below `place` that is gone with the process that made it, in the end by `clear`."""
    place.mkdir(exist_ok=True)
    with _locked(place, fcntl.LOCK_SH):
        made = tempfile.TemporaryDirectory(dir=place)
        mark = os.open(made.name, os.O_RDONLY)
        fcntl.flock(mark, fcntl.LOCK_EX)
    try:
        with made as folder:
            yield Path(folder)
    finally:
        os.close(mark)


def clear(place: Path) -> None:
    """Remove of the folders that `scratch` made those whose processes are gone."""
    if not place.is_dir():
        return
    with _locked(place, fcntl.LOCK_EX):
        for folder in place.iterdir():
            if not folder.is_dir():
                folder.unlink(missing_ok=True)
            elif _free(folder):
                shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _locked(place: Path, how: int) -> Iterator[None]:
    mark = os.open(place, os.O_RDONLY)
    try:
        fcntl.flock(mark, how)
        yield
    finally:
        os.close(mark)


def _free(folder: Path) -> bool:
    mark = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(mark, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(mark)
    return True
