"""What goes over the line between a service and the processes that work for it: requests, parts of answers, errors.

A request is a line of JSON. An answer is frames: a letter, the length, and so many bytes. ``H`` tells what comes
(JSON), ``D`` is a part of it, ``Z`` its end, ``E`` an error (JSON); between them ``P`` tells how far the work is.
"""

from __future__ import annotations

import io
import json
import socket
import struct
import time
from collections.abc import Iterator, Mapping
from typing import Any

from opentier.graph import errors
from opentier.graph.errors import AmbiguousActor, Named, OpenTierError, UsageError, WorkTooLarge

FRAME = struct.Struct("!cI")
#: Bytes that are sent at once.
PART = 1 << 16
#: Seconds between two frames that tell how far the same stage is.
_EACH = 0.2


def send(line: socket.socket, letter: bytes, body: bytes | memoryview) -> None:
    """Send a frame."""
    line.sendall(FRAME.pack(letter, len(body)))
    line.sendall(body)


def told(error: OpenTierError) -> bytes:
    """Return an error as it is sent."""
    said: dict[str, Any] = {"kind": type(error).__name__, "message": str(error)}
    if isinstance(error, AmbiguousActor):
        said |= {"name": error.name, "candidates": error.candidates}
    elif isinstance(error, UsageError):
        said |= {"parts": [[isinstance(part, Named), part] for part in error.parts], "near": error.near}
    return json.dumps(said).encode()


def raised(body: bytes) -> OpenTierError:
    """Return the error that was sent."""
    said = json.loads(body)
    kind = {each.__name__: each for each in _kinds(errors.OpenTierError)}[said["kind"]]
    if issubclass(kind, AmbiguousActor):
        return kind(said["name"], said["candidates"])
    if issubclass(kind, UsageError):
        return kind(*(Named(part) if named else part for named, part in said["parts"]), near=said["near"])
    return kind(said["message"])


def _kinds(kind: type[OpenTierError]) -> Iterator[type[OpenTierError]]:
    yield kind
    for each in kind.__subclasses__():
        yield from _kinds(each)


class Output(io.RawIOBase):
    """An answer, sent on as it is written; too much of it is an error, after which nothing more is sent.

    Parameters
    ----------
    most
        Bytes that it may have.
    """

    def __init__(self, line: socket.socket, most: int | None) -> None:
        self._line, self._most, self._sent = line, most, 0
        self.ended = False
        self._stage, self._next = "", 0.0
        self._found: Mapping[str, int] | None = None

    def progress(self, stage: str, done: int, total: int) -> None:
        """Tell how far the work is (see `progress`): each new stage at once, and what goes on now and then."""
        now = time.monotonic()
        if stage != self._stage or now >= self._next or done == total:
            self._stage, self._next = stage, now + _EACH
            beside = [] if self._found is None else [self._found]
            send(self._line, b"P", json.dumps([stage, done, total, *beside]).encode())

    def note(self, found: Mapping[str, int]) -> None:
        """Have it told, from now on, beside how far the work is, what was found so far; who asks has to take it."""
        self._found = found

    def head(self, said: Mapping[str, Any]) -> None:
        """Tell what comes, before any of it."""
        send(self._line, b"H", json.dumps(said).encode())

    def writable(self) -> bool:
        """Return that it can be written."""
        return True

    def write(self, data: Any) -> int:
        """Send a part."""
        many = len(data)
        self._sent += many
        if self._most is not None and self._sent > self._most and not self.ended:
            self.ended = True
            raise WorkTooLarge(f"The answer has more than {self._most:,} bytes: ask for less of it.")
        if not self.ended:
            send(self._line, b"D", data)
        return many
