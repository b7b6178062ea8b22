"""The process that does long work for `pool`: one request after the other, and it may be killed at any moment.

Its program is a module that names what it can do (`graph/query/worker`, for example) and calls `main`.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import socket
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from opentier.graph.errors import OpenTierError
from opentier.graph.jobs.frames import Output, send, told

#: Says to the kernel of Linux that a process ends with the one that started it.
_PR_SET_PDEATHSIG = 1
#: Does some work: gets the request, tells what comes (`Output.head`), and writes it.
Work = Callable[[Mapping[str, Any], Output], None]


def main(works: Mapping[str, Work]) -> None:
    """Do the work that is asked for on standard input, a socket, until its other end is closed.

    Parameters
    ----------
    works
        What can be asked for, by name.
    """
    parent, memory = int(sys.argv[1]), int(sys.argv[2])
    _bound_to(parent)
    # Whoever asked may go while an answer is written.
    line = socket.socket(fileno=0)
    with line, line.makefile("rb") as requests, suppress(BrokenPipeError, ConnectionResetError):
        for request in requests:
            _answer(line, works, json.loads(request), memory)


def _answer(line: socket.socket, works: Mapping[str, Work], asked: Mapping[str, Any], memory: int) -> None:
    output = Output(line, asked.get("bytes"))
    try:
        _within(memory)
        works[asked["work"]](asked, output)
        send(line, b"Z", b"")
    except OpenTierError as error:
        output.ended = True
        send(line, b"E", told(error))
    except MemoryError:
        os.abort()  # as the engine does


def _bound_to(parent: int) -> None:
    """End with the parent, even when it is killed."""
    if sys.platform == "linux":  # elsewhere an idle worker sees the end of its line, a busy one does not
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        sys.exit(1)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _within(memory: int) -> None:
    """Let work take no more memory than that beside what the process holds already, of which files are a part."""
    if sys.platform == "linux" and memory:
        held = int(Path("/proc/self/statm").read_text("ascii").split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (held + memory, resource.RLIM_INFINITY))
