"""HTTP/1.1 as bytes: what is no request is refused in words, an address may hold a long query, no wait is endless.

Neither is that for a client that does not take what it asked for: `TAKES`.
"""

from __future__ import annotations

import asyncio
import struct
import sys
from collections.abc import Mapping
from contextlib import suppress
from fcntl import ioctl
from http import HTTPStatus
from socket import SO_LINGER, SOL_SOCKET
from termios import TIOCOUTQ

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from opentier.api.http.connections import REFUSED, Connections
from opentier.api.http.problems import RETRY_AFTER, problem

#: Bytes that an address and its headers may have together.
LONGEST = 1 << 20
#: Seconds in which a client that still sends may read why it is refused.
LINGER = 2.0
#: Seconds in which a client sends the head of a request, and its body.
HEAD, BODY = 10.0, 60.0
#: Bytes of an answer that a client takes in so many seconds, or its connection is closed.
TAKES, WITHIN = 1 << 15, 30.0
#: Said to the system: what is closed is closed at once.
_AT_ONCE = struct.pack("ii", 1, 0)


class Protocol(H11Protocol):
    """A connection that answers what it cannot read with a problem document.

    Attributes
    ----------
    others
        The connections of which it is one.
    """

    others: Connections
    _entered = _refused = False
    _awaited: object = None
    _timer: asyncio.TimerHandle | None = None
    _taking: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for a request, not for ever; one connection too many is told so."""
        super().connection_made(transport)
        transport.set_write_buffer_limits(0)  # whatever is not taken at once is watched
        if said := self.others.enter(self._host):
            self._turn_away(said)
        else:
            self._entered = True
            self._await("head", HEAD)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no longer."""
        if self._entered:
            self.others.leave(self._host)
        elif self._refused:
            self.others.refused -= 1
        self._await(None)
        self._unwatch()
        super().connection_lost(exc)

    @property
    def _host(self) -> str:
        return self.client[0] if self.client else ""

    def _turn_away(self, said: str) -> None:
        """Tell a connection that it is one too many, where not too many read that already."""
        self.others.refused += 1
        self._refused = True
        if self.others.refused > REFUSED:
            self.transport.abort()
        else:
            self._refuse(503, "Busy", said, {"Retry-After": RETRY_AFTER})

    def pause_writing(self) -> None:
        """Write no more until the client took what is written; it is watched that it does."""
        super().pause_writing()
        self._watch()

    def resume_writing(self) -> None:
        """Write on."""
        super().resume_writing()
        self._unwatch()

    def _unwatch(self) -> None:
        if self._taking is not None:
            self._taking.cancel()
            self._taking = None

    def _watch(self) -> None:
        before = self._left()

        def look() -> None:
            if before - self._left() < TAKES:
                with suppress(OSError, AttributeError):  # nor is what the system has of it kept for him
                    self.transport.get_extra_info("socket").setsockopt(SOL_SOCKET, SO_LINGER, _AT_ONCE)
                self.transport.abort()
            else:
                self._watch()

        self._taking = self.loop.call_later(WITHIN, look)

    def _left(self) -> int:
        """Return how many bytes the client has not taken: ours, and, where it tells, those of the system."""
        many = self.transport.get_write_buffer_size()
        with suppress(OSError, AttributeError):  # of Linux
            line = self.transport.get_extra_info("socket")
            many += int.from_bytes(ioctl(line.fileno(), TIOCOUTQ, bytes(4)), sys.byteorder)
        return many

    def _await(self, what: object, seconds: float = 0.0) -> None:
        """Close the connection unless something that is waited for is there in time; bytes of it gain no time."""
        if what == self._awaited:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._awaited = what
        self._timer = self.loop.call_later(seconds, self.transport.close) if what else None

    def send_400_response(self, msg: str) -> None:
        """Say what is wrong with what was received, and end the connection."""
        status, title, detail = _wrong(self.conn.trailing_data[0])
        self._refuse(status, title, detail, {})

    def _refuse(self, status: int, title: str, detail: str, said: Mapping[str, str]) -> None:
        """Answer with a problem, and end the connection."""
        answer = problem(status, title, detail)
        answer.headers.update(said)
        head = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}".encode(), b"connection: close"]
        head += [name + b": " + value for name, value in answer.raw_headers]
        self.transport.write(b"\r\n".join([*head, b"", bytes(answer.body)]))
        # Closed at once, with bytes unread, it would be reset, and the answer lost.
        self._refused = True
        with suppress(OSError):  # the client has gone
            self.transport.write_eof()
        self.loop.call_later(LINGER, self.transport.close)

    def data_received(self, data: bytes) -> None:
        """Read on, unless the client is refused already."""
        if self._refused:
            return
        super().data_received(data)
        if self.conn.their_state is h11.SEND_BODY:
            self._await("body", BODY)
        elif self.conn.their_state is h11.IDLE and self.conn.trailing_data[0]:
            self._await("head", HEAD)
        else:
            self._await(None)


def speaking(connections: Connections) -> type[Protocol]:
    """Return what speaks on each of some connections."""

    class Speaking(Protocol):
        others = connections

    return Speaking


def _wrong(received: bytes) -> tuple[int, str, str]:
    """Return status, title and words for bytes of which no request can be made."""
    if len(received) <= LONGEST:
        return 400, "Bad request", (
            "This is no request of HTTP/1.1. Addresses are ASCII without spaces; all else is escaped: é is %C3%A9."
        )  # fmt: skip
    if b"\n" in received:
        return 431, "Headers too long", f"An address and its headers have at most {LONGEST:,} bytes."
    return 414, "Address too long", f"An address has at most {LONGEST:,} bytes; POST what is longer."
