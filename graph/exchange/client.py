"""Asking a publisher, within bounds of time, bytes and redirects: what comes is whole, or an error says what lacks."""

from __future__ import annotations

import http.client
import os
import re
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

from opentier.graph import __version__
from opentier.graph.errors import Unreachable
from opentier.graph.exchange.reach import Reach, Target

#: Bytes that are read at once.
PIECE = 1 << 16
_LEADS = (301, 302, 303, 307, 308)
_NEXT = re.compile(r'<([^<>]*)>[^<]*;\s*rel="?next"?', re.IGNORECASE)
_RANGE = re.compile(r"bytes ([0-9]{1,18})-[0-9]+/(?:[0-9]+|\*)")


@dataclass(frozen=True)
class Bounds:
    """What a publisher may take.

    Attributes
    ----------
    idle
        Seconds until the next bytes come.
    catalogue_seconds, file_seconds
        Seconds for a page of a catalogue, and for one attempt at a file; what came of a file is kept for the next.
    catalogue, file
        Bytes of all pages of a catalogue together, and of a file.
    pages, redirects, datasets
        How many there may be of them.
    """

    idle: float = 20.0
    catalogue_seconds: float = 60.0
    file_seconds: float = 600.0
    catalogue: int = 32 << 20
    file: int = 1 << 30
    pages: int = 100
    redirects: int = 5
    datasets: int = 2000


class Answer:
    """An answer whose head came: its address, its status, and its bytes as they come."""

    def __init__(self, target: Target, response: http.client.HTTPResponse, ended: threading.Event) -> None:
        self.url, self._response, self._ended = target.url, response, ended
        self.status, self._place = response.status, f"{target.host}:{target.port}"

    def header(self, name: str) -> str:
        """Return a header; "" where it is not sent."""
        return self._response.getheader(name) or ""

    @property
    def media_type(self) -> str:
        """What the body is."""
        return self.header("Content-Type").partition(";")[0].strip().lower()

    @property
    def begin(self) -> int:
        """The place of the first byte in the whole; 0 where all of it is sent."""
        found = _RANGE.fullmatch(self.header("Content-Range").strip())
        if self.status == 206 and found is None:
            raise Unreachable(f"{self._place} sends a part, and does not say which.")
        return int(found[1]) if self.status == 206 and found else 0

    @property
    def next(self) -> str:
        """The address of the next page, by the header Link; "" where there is none."""
        found = _NEXT.search(self.header("Link"))
        return joined(self.url, found[1]) if found else ""

    def pieces(self) -> Iterator[bytes]:
        """Yield the body.

        Raises
        ------
        Unreachable
            If it ends before its sender said, or does not come in time.
        """
        if self.header("Content-Encoding").lower() not in ("", "identity"):
            raise Unreachable(f"{self._place} sends what was asked for packed otherwise.")
        while True:
            try:
                piece = self._response.read(PIECE)
            except (OSError, http.client.HTTPException, ValueError) as error:
                raise self._cut(error) from error
            if not piece:
                if self._response.length or self._ended.is_set():
                    raise self._cut("it was cut off")
                return
            yield piece

    def _cut(self, why: object) -> Unreachable:
        said = "it took too long" if self._ended.is_set() else str(why) or type(why).__name__
        return Unreachable(f"What {self._place} sent is not whole: {said}.")

    def whole(self, most: int) -> bytes:
        """Return the body, of at most so many bytes."""
        found = bytearray()
        for piece in self.pieces():
            found += piece
            if len(found) > most:
                raise Unreachable(
                    f"{self._place} sends more than the {most:,} bytes that a catalogue may have."
                )
        return bytes(found)


class Client:
    """Asks what a subscription may ask."""

    def __init__(self, reach: Reach, bounds: Bounds) -> None:
        self.reach, self.bounds = reach, bounds

    @contextmanager
    def asking(self, url: str, accept: str, seconds: float, begin: int = 0) -> Iterator[Answer]:
        """Ask for an address, from a byte on; redirects are followed as far as they may be.

        Raises
        ------
        Unreachable
            If it may not be asked, does not answer within some seconds, or answers with another status than 200 or 206.
        """
        headers = {"Accept": accept, "Accept-Encoding": "identity", "User-Agent": f"OpenTier/{__version__}",
                   "Connection": "close"}  # fmt: skip
        if begin:
            headers["Range"] = f"bytes={begin}-"
        for _ in range(self.bounds.redirects + 1):
            target = self.reach.target(url)
            with self._asked(target, headers, seconds) as answer:
                if answer.status in _LEADS and (where := answer.header("Location")):
                    url = joined(url, where)
                    continue
                if answer.status == 416 and headers.pop("Range", ""):  # what lies here is as long, or longer
                    continue
                if answer.status not in (200, 206):
                    raise Unreachable(f"{url[:200]} answers with status {answer.status}.")
                yield answer
                return
        raise Unreachable(f"{url[:200]} leads on and on: {self.bounds.redirects} redirects are followed.")

    @contextmanager
    def _asked(self, target: Target, headers: dict[str, str], seconds: float) -> Iterator[Answer]:
        connection = _Connection(target, self.bounds.idle)
        try:
            with _ending(connection, seconds) as ended:
                try:
                    connection.request("GET", target.path, headers=headers)
                    response = connection.getresponse()
                except (OSError, http.client.HTTPException, ValueError) as error:
                    why = "it took too long" if ended.is_set() else str(error) or type(error).__name__
                    raise Unreachable(f"{target.host}:{target.port} does not answer: {why}.") from error
                try:
                    yield Answer(target, response, ended)
                finally:
                    response.close()
        finally:
            connection.leave()


def joined(base: str, url: str) -> str:
    """Return an address that stands in what an address answered; Unreachable where it is none."""
    try:
        return urljoin(base, url)
    except ValueError as error:
        raise Unreachable(f"{base[:200]} leads to {url[:200]!r}, which is no address: {error}.") from None


class _Connection(http.client.HTTPConnection):
    """A connection to the address that was looked up, whatever its name leads to by now."""

    def __init__(self, target: Target, idle: float) -> None:
        super().__init__(target.host, target.port, timeout=idle)
        self._target, self.line = target, -1
        self.default_port = {"http": 80, "https": 443}[
            target.scheme
        ]  # so that Host says a port where it must

    def connect(self) -> None:
        """Connect; by TLS, the name has to be that of the certificate."""
        made: Any = socket.create_connection((self._target.address, self._target.port), self.timeout)
        self.line = os.dup(made.fileno())
        if self._target.scheme == "https":
            made = ssl.create_default_context().wrap_socket(made, server_hostname=self._target.host)
        self.sock = made

    def hang_up(self) -> None:
        """End the connection, whoever reads from it."""
        if self.line >= 0:
            with suppress(OSError), socket.socket(fileno=os.dup(self.line)) as line:
                line.shutdown(socket.SHUT_RDWR)

    def leave(self) -> None:
        """Close it; `close` is called by the library as soon as an answer's head says that it is the last one."""
        self.close()
        if self.line >= 0:
            os.close(self.line)
            self.line = -1


@contextmanager
def _ending(connection: _Connection, seconds: float) -> Iterator[threading.Event]:
    """Have a connection end after some seconds; tell whether it did: a sender may send a byte now and then for ever."""
    ended = threading.Event()

    def end() -> None:
        ended.set()
        connection.hang_up()

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
    try:
        yield ended
    finally:
        timer.cancel()
        timer.join()
