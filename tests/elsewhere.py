"""The suite on a store elsewhere: ``OPENTIER_TEST_STORE=oxigraph`` gives every data directory a server of its own.

``python -m tests.elsewhere`` (`make elsewhere`) runs all that asks the API so, and says what is skipped and why.
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
from itertools import count
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
#: The files of tests of the API, which run over a store elsewhere as over the embedded one.
ASKING = (
    "access", "analytics", "anonymous", "audit", "batch", "beside", "cases_served", "catalogue", "compared",
    "corrections", "csv", "description", "docs_api", "dossier", "faces", "federation", "graph_store",
    "initiatives", "iris", "jobs", "judgements_served", "match", "matches", "mcp", "nearest", "obligations",
    "obligations_companies", "openapi", "options", "parameters", "problems", "protocol", "questions",
    "reconcile", "replies", "requests", "resources", "result_formats", "roles", "schemathesis", "screenings",
    "search", "service", "sparql", "store", "uploads", "versions", "visibility", "visibility_served",
    "vocabulary", "work",
)  # fmt: skip
#: Those that ask it too and do not, with why: each a pattern of names.
APART = {
    "pages*": "pages show what the API answers", "countries": "pages show what the API answers",
    "languages": "pages show what the API answers", "browser": "pages show what the API answers",
    "stories": "pages show what the API answers", "site": "pages show what the API answers",
    "waiting": "it is about traces, which read the index, and the pages on which one waits for them",
    "placed": "lists are screened by the index", "lists_as_kept": "lists are screened by the index",
    "readers": "who may read a job is decided by what it noted of a release",
    "exchange": "it is about two instances, which ask each other and no store",
    "standards": "exports read a version's own graph, as those of test_versions do, which are asked elsewhere",
    "remote": "it has stores elsewhere of its own",
    "clients": "what others read is the form of answers",
    "workers": "limits are of this side; those of a store elsewhere stand in test_remote",
    "crowd": "it fills the machine", "hostile": "it fills the machine",
    "survival": "it damages and fills what lies here", "index_damage": "it damages what lies here",
    "figures": "it holds files of this source against each other",
    "operations": "it is about the process of the service",
}  # fmt: skip
PATIENCE = 30.0
#: Seconds after which a server gives a query up: whoever leaves one does not end it. It keeps a thread for each query
#: until then, answered or not: with 200 seconds, a run of the tests took every thread that the machine has.
LONGEST = 20
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
            [PROGRAM, "serve", "--bind", f"127.0.0.1:{self.port}", "--timeout-s", f"{LONGEST}", *place],
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
#: What tells the owners of copies apart.
_COPIES = count(1)


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
    owner = f"{store.place.owner}-{next(_COPIES)}"
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


if __name__ == "__main__":
    os.environ["OPENTIER_TEST_STORE"] = "oxigraph"
    files = [str(Path(__file__).with_name(f"test_{name}.py")) for name in ASKING]
    sys.exit(pytest.main(["-rs", *sys.argv[1:], *files]))
