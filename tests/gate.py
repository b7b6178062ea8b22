"""A gate before a store: what passes may be counted, cut, refused, or cost somebody's life.

It speaks HTTP as a proxy does that one puts before a store: each request is sent on, and the answer sent back, unless
`Gate.rule` says otherwise.
"""

from __future__ import annotations

import socket
import threading
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.error import HTTPError

PATIENCE = 60.0


@dataclass
class Passing:
    """A request on its way, and its answer, as they may be changed; `closed` ends the line after so many bytes."""

    method: str
    path: str
    body: bytes
    headers: dict[str, str]
    line: socket.socket
    status: int = 200
    answer: bytes = b""
    told: dict[str, str] = field(default_factory=dict)
    #: Bytes of the answer that are sent, where it is cut.
    sent: int | None = None
    #: Sent as HTTP/1.1 has it for answers whose length nobody knows; or without telling where it ends.
    chunked: bool = False
    bare: bool = False

    @property
    def writes(self) -> bool:
        """Whether it changes the store."""
        return self.method in ("PUT", "DELETE") or (self.method == "POST" and "/query" not in self.path)


Rule = Callable[[Passing], None]


def _nothing(passing: Passing) -> None:
    """Change nothing."""


class Gate:
    """A server on loopback before another one."""

    def __init__(self, behind: str) -> None:
        self.behind = behind
        #: Are told of a request before it is sent on (with a status other than 200, it is not), and of its answer.
        self.before: Rule = _nothing
        self.after: Rule = _nothing
        self.seen: list[tuple[str, str]] = []
        gate = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_one_request(self) -> None:
                with suppress(ConnectionError):
                    super().handle_one_request()

            def _passed(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                told = {name.title(): value for name, value in self.headers.items()}
                gate.pass_on(self, Passing(self.command, self.path, body, told, self.connection))

            do_GET = do_POST = do_PUT = do_DELETE = _passed

            def log_message(self, format: str, *said: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    @property
    def store(self) -> str:
        """The address, as OpenTier has it."""
        return f"sparql+{self.url}"

    def pass_on(self, handler: BaseHTTPRequestHandler, passing: Passing) -> None:
        """Send a request on, and its answer back."""
        self.seen.append((passing.method, passing.path))
        self.before(passing)
        if passing.status == 200:
            self._ask(passing)
            self.after(passing)
        whole = passing.answer
        handler.send_response(passing.status)
        for name, value in passing.told.items():
            handler.send_header(name, value)
        if passing.chunked:
            handler.send_header("Transfer-Encoding", "chunked")
        elif not passing.bare:
            handler.send_header("Content-Length", str(len(whole)))
        handler.end_headers()
        part = whole if passing.sent is None else whole[: passing.sent]
        if passing.chunked:
            handler.wfile.write(f"{len(part):x}\r\n".encode() + part + b"\r\n")
            if passing.sent is None:
                handler.wfile.write(b"0\r\n\r\n")
        else:
            handler.wfile.write(part)
        handler.close_connection = passing.sent is not None or passing.bare

    def _ask(self, passing: Passing) -> None:
        kept = {name: passing.headers[name] for name in ("Content-Type", "Accept") if name in passing.headers}
        data = passing.body if passing.method in ("POST", "PUT") else None
        request = urllib.request.Request(f"{self.behind}{passing.path}", data, kept, method=passing.method)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                passing.status, passing.answer, told = answer.status, answer.read(), answer.headers
        except HTTPError as error:
            passing.status, passing.answer, told = error.code, error.read(), error.headers
        passing.told = {name: told[name] for name in ("Content-Type", "Server") if name in told}


@contextmanager
def before(url: str) -> Iterator[Gate]:
    """Run a gate before the store at an address."""
    gate = Gate(url)
    thread = threading.Thread(target=gate.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield gate
    finally:
        gate.server.shutdown()
        gate.server.server_close()
        thread.join(PATIENCE)
