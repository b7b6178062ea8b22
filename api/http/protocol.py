"""HTTP/1.1 as bytes: what is no request is refused in words, an address may hold a long query, no wait is endless."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from http import HTTPStatus

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from opentier.api.http.problems import problem

#: Bytes that an address and its headers may have together.
LONGEST = 1 << 20
#: Seconds in which a client that still sends may read why it is refused.
LINGER = 2.0
#: Seconds in which a client sends the head of a request, and its body.
HEAD, BODY = 10.0, 60.0


class Protocol(H11Protocol):
    """A connection that answers what it cannot read with a problem document."""

    _refused = False
    _awaited: object = None
    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for a request, not for ever."""
        super().connection_made(transport)
        self._await("head", HEAD)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no longer."""
        self._await(None)
        super().connection_lost(exc)

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
        answer = problem(status, title, detail)
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


def _wrong(received: bytes) -> tuple[int, str, str]:
    """Return status, title and words for bytes of which no request can be made."""
    if len(received) <= LONGEST:
        return 400, "Bad request", (
            "This is no request of HTTP/1.1. Addresses are ASCII without spaces; all else is escaped: é is %C3%A9."
        )  # fmt: skip
    if b"\n" in received:
        return 431, "Headers too long", f"An address and its headers have at most {LONGEST:,} bytes."
    return 414, "Address too long", f"An address has at most {LONGEST:,} bytes; POST what is longer."
