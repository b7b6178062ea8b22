"""The lock of a data directory: one process writes at a time."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from opentier.graph.errors import StoreBusy


@contextmanager
def held(file: Path, patience: float) -> Iterator[None]:
    """Hold a lock on a file, which ends with the process that holds it.

    Raises
    ------
    StoreBusy
        If another process holds it after `patience` seconds.
    """
    with file.open("w") as lock:
        deadline = time.monotonic() + patience
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise StoreBusy(
                        f"Another process is writing to {file.parent}. Try again later."
                    ) from None
                time.sleep(0.1)
        yield
