"""The process that answers SPARQL queries for `workers`: it imports little, keeps one release open, and may be killed.

On its standard input, a socket, it gets one request a line (JSON) and sends frames back: a letter, the length, and
so many bytes. ``H`` tells kind and format (JSON), ``D`` is a part of the answer, ``Z`` its end, ``E`` an error
(JSON). A kind of answer without a format ends after its head.
"""

from __future__ import annotations

import ctypes
import io
import json
import os
import resource
import signal
import socket
import struct
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from opentier.graph.errors import OpenTierError, QueryError, QueryTooLarge, StoreError
from opentier.graph.query import forms, sparql
from opentier.graph.store import embedded
from opentier.graph.store.engine import Engine

FRAME = struct.Struct("!cI")
#: Bytes that are sent at once.
_PART = 1 << 16
#: Says to the kernel of Linux that a process ends with the one that started it.
_PR_SET_PDEATHSIG = 1
#: Errors that are sent by name; others are the query's.
_KINDS = {kind.__name__: kind for kind in (QueryError, QueryTooLarge, StoreError)}


def raised(said: dict[str, str]) -> OpenTierError:
    """Return the error that a worker sent."""
    return _KINDS[said["kind"]](said["message"])


class _Parts(io.RawIOBase):
    """What the engine writes, sent on as it comes; too much of it is an error, after which nothing more is sent."""

    def __init__(self, line: socket.socket, most: int | None) -> None:
        self._line, self._most, self._sent = line, most, 0
        self.ended = False

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        many = len(data)
        self._sent += many
        if self._most is not None and self._sent > self._most and not self.ended:
            self.ended = True
            raise QueryTooLarge(
                f"The answer has more than {self._most:,} bytes: ask for less of it (LIMIT, OFFSET)."
            )
        if not self.ended:
            _send(self._line, b"D", data)
        return many


def _send(line: socket.socket, letter: bytes, body: bytes | memoryview) -> None:
    line.sendall(FRAME.pack(letter, len(body)))
    line.sendall(body)


def _answer(line: socket.socket, engine: Engine, asked: dict[str, Any]) -> None:
    answer = sparql.run(engine, sparql.Asked(asked["text"], asked["default"], asked["named"]))
    format = asked["formats"][answer.kind]
    _send(line, b"H", json.dumps({"kind": answer.kind, "format": format}).encode())
    if format is not None:
        parts = _Parts(line, asked["bytes"])
        try:
            with io.BufferedWriter(parts, _PART) as output:  # the engine writes a few bytes at a time
                forms.write(answer, format, output)
        finally:
            parts.ended = True
    _send(line, b"Z", b"")


def _serve(line: socket.socket) -> None:
    opened, engine = None, None
    with line.makefile("rb") as requests:
        for request in requests:
            asked = json.loads(request)
            try:
                if engine is None or opened != asked["release"]:
                    engine, opened = None, asked["release"]
                    engine = embedded.read_only(Path(opened))
                _answer(line, engine, asked)
            except OpenTierError as error:
                said = {"kind": type(error).__name__, "message": str(error)}
                _send(line, b"E", json.dumps(said).encode())
            except MemoryError:
                os.abort()  # as the engine does


def _bound_to(parent: int, memory: int) -> None:
    """End with the parent, even when it is killed, and take no more memory than that."""
    if sys.platform == "linux":  # elsewhere an idle worker sees the end of its line, a busy one does not
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if memory:
            resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    if os.getppid() != parent:
        sys.exit(1)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    _bound_to(int(sys.argv[1]), int(sys.argv[2]))
    # Whoever asked may go while an answer is written.
    with socket.socket(fileno=0) as line, suppress(BrokenPipeError, ConnectionResetError):
        _serve(line)
