"""The suite on a store elsewhere: ``OPENTIER_TEST_STORE=oxigraph`` gives every data directory a server of its own.

Whatever makes or copies a data directory in a test goes through `Store.open` or `shutil.copytree`; there a new one is
told of a new server, and one that was copied gets a copy of the server of the other. The directories of processes that
a test starts are made by these and stay in one piece.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any

import pytest

from opentier.graph.store import durable, marker
from opentier.graph.store.directory import Store
from opentier.graph.triples.divided import Divided
from opentier.graph.triples.elsewhere import NAME

#: Whether data directories are kept elsewhere, and what these do not have by nature.
ELSEWHERE = os.environ.get("OPENTIER_TEST_STORE") == "oxigraph"
EARLIER = "what changes with each release is replaced there: earlier releases are not kept"
OWN = "it has no default graph of its own: graphs are put together for each query"
PATIENCE = 30.0
PROGRAM = Path(sys.executable).with_name("oxigraph")


def here_only(why: str) -> pytest.MarkDecorator:
    """Mark a test of what a store elsewhere does not have."""
    return pytest.mark.skipif(ELSEWHERE, reason=f"the store is elsewhere: {why}")


def free_port() -> int:
    """Return a port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Oxigraph:
    """A server of PyPI's oxigraph on loopback, whose data is in memory, or in a folder."""

    def __init__(self, folder: Path | None = None, port: int | None = None) -> None:
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        place = ["--location", str(folder)] if folder else []
        self.process = subprocess.Popen(
            [PROGRAM, "serve", "--bind", f"127.0.0.1:{self.port}", *place],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                urllib.request.urlopen(f"{self.url}/query?query=ASK%7B%7D", timeout=5).close()
                return
            except OSError:
                time.sleep(0.02)
        self.end()
        raise RuntimeError("oxigraph did not start")

    @property
    def store(self) -> str:
        """The address, as OpenTier has it."""
        return f"sparql+{self.url}"

    def graphs(self) -> dict[str, int]:
        """Return the graphs that it has, and how many triples each."""
        text = "SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g"
        request = urllib.request.Request(
            f"{self.url}/query", text.encode(),
            {"Content-Type": "application/sparql-query", "Accept": "application/sparql-results+json"},
        )  # fmt: skip
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            rows = json.load(answer)["results"]["bindings"]
        return {row["g"]["value"]: int(row["n"]["value"]) for row in rows}

    def end(self) -> None:
        """Kill it."""
        self.process.kill()
        self.process.wait(PATIENCE)


@contextmanager
def running(folder: Path | None = None) -> Iterator[Oxigraph]:
    """Run a server for a while."""
    server = Oxigraph(folder)
    try:
        yield server
    finally:
        server.end()


#: The servers that run, and whose they are: by the owner in the marker of a data directory, with its path.
_SERVERS: dict[str, tuple[Path, Oxigraph]] = {}


def install() -> None:
    """Have every data directory that this process makes or copies from now on be kept elsewhere."""
    plain = Store.open.__func__  # type: ignore[attr-defined]

    @wraps(plain)
    def opened(cls: type[Store], path: Path, **asked: Any) -> Store:
        _forget()
        if not (path / marker.NAME).exists():
            if not asked.get("create") or asked.get("store"):
                return plain(cls, path, **asked)  # type: ignore[no-any-return]
            server = Oxigraph()
            found: Store = plain(cls, path, **{**asked, "store": server.store})
            assert found.place is not None
            _SERVERS[found.place.owner] = path.resolve(), server
            return found
        found = plain(cls, path, **asked)
        place = found.place
        if place is None or place.owner not in _SERVERS or _SERVERS[place.owner][0] == path.resolve():
            return found
        _copy(found)
        return plain(cls, path, **asked)  # type: ignore[no-any-return]

    Store.open = classmethod(opened)  # type: ignore[method-assign, assignment, arg-type]
    copy = shutil.copytree

    @wraps(copy)
    def copied(*asked: Any, **more: Any) -> Any:
        made = copy(*asked, **more)
        if (Path(made) / marker.NAME).exists():  # a process may be the first that opens it
            Store.open(Path(made))
        return made

    shutil.copytree = copied


def end() -> None:
    """End all servers."""
    for _, server in _SERVERS.values():
        server.end()
    _SERVERS.clear()


def _forget() -> None:
    """End the servers of directories that are gone; one that is called otherwise now keeps its own."""
    for owner, (path, server) in [*_SERVERS.items()]:
        if path.exists():
            continue
        named = [each.parent for each in path.parent.glob("*/opentier.json") if owner in each.read_text()]
        if named:
            _SERVERS[owner] = named[0], server
        else:
            server.end()
            del _SERVERS[owner]


def _copy(store: Store) -> None:
    """Give a copied directory a server of its own, with all that the other one has."""
    assert store.place is not None
    old, new = _SERVERS[store.place.owner][1], Oxigraph()
    request = urllib.request.Request(f"{old.url}/store", headers={"Accept": "application/n-quads"})
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
        data = answer.read()
    urllib.request.urlopen(
        urllib.request.Request(f"{new.url}/store", data, {"Content-Type": "application/n-quads"}), timeout=PATIENCE
    ).close()  # fmt: skip
    owner = f"{store.place.owner}-{len(_SERVERS)}"
    for file in [store.path / marker.NAME, *store.releases.glob(f"[0-9]*/{NAME}")]:
        text = file.read_text().replace(store.place.owner, owner).replace(f":{old.port}/", f":{new.port}/")
        file.write_text(text)
    for folder in store.releases.glob("[0-9]*"):
        durable.write_hashes(folder)
    _SERVERS[owner] = store.path.resolve(), new
    again = Store(store.path)
    if again.current is not None:
        engine = again.release().engine
        assert isinstance(engine, Divided)
        engine.show((), again.mark or "")
