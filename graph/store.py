"""The store: a data directory whose releases never change once they are published.

A write copies the current release (hard links, milliseconds), adds to the copy, and then renames one small
file: that rename is the commit. A process killed at any moment leaves the old release current and at most a
stray copy, which the next write removes. Readers open a release read-only and are never disturbed.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox

from opentier.graph import examples
from opentier.graph.errors import StoreBusy, StoreError
from opentier.graph.model import DEFAULT_BASE, Names
from opentier.graph.release import Release

if TYPE_CHECKING:
    from rdflib import Graph

FORMAT = 1
#: Releases that are kept for readers which have them open.
KEPT = 3


class Store:
    """A data directory."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.names = Names(self._base())

    @classmethod
    def open(cls, path: Path, *, create: bool = False, base: str | None = None) -> Store:
        """Open a data directory, or make one.

        Raises
        ------
        StoreError
            If there is none and `create` is not asked for, or it is of another format.
        """
        marker = path / "opentier.json"
        if not marker.is_file():
            if not create:
                raise StoreError(
                    f"There is no data at {path}. Contribute something first, or run: opentier demo"
                )
            _check_new(path)
            path.mkdir(parents=True, exist_ok=True)
            _replace(marker, json.dumps({"format": FORMAT, "base": base or DEFAULT_BASE}) + "\n")
        return cls(path)

    def _base(self) -> str:
        try:
            found = json.loads((self.path / "opentier.json").read_text("utf-8"))
            if found["format"] != FORMAT:
                raise StoreError(
                    f"{self.path} has format {found['format']}; this version reads format {FORMAT}."
                )
            return str(found["base"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise StoreError(f"{self.path} is no data directory of OpenTier: {error}") from error

    @property
    def current(self) -> str | None:
        """Name of the current release, or None before the first contribution."""
        try:
            name = (self.path / "current").read_text("utf-8").strip()
        except FileNotFoundError:
            return None
        if not (name.isascii() and name.isdecimal()):
            raise StoreError(f"{self.path / 'current'} names no release. Restore a backup.")
        return name

    def release(self) -> Release:
        """Open the current release.

        Raises
        ------
        StoreError
            If nothing was contributed yet.
        """
        for _ in range(3):  # a release may be retired between reading its name and opening it
            name = self.current
            if name is None:
                raise StoreError(f"Nothing was contributed to {self.path} yet. Try: opentier demo")
            if (self.path / "releases" / name).is_dir():
                return Release(self.path / "releases" / name, self.names)
        raise StoreError(f"{self.path} names release {name}, which is not there. Restore a backup.")

    def folder(self, dataset: str, number: int) -> Path:
        """Return where the original file and the report of a version are kept."""
        return self.path / "contributions" / dataset / str(number)

    def scratch(self) -> Path:
        """Return a folder for what a write needs on its way; the next write empties it."""
        (self.path / "scratch").mkdir(exist_ok=True)
        return self.path / "scratch"

    @contextmanager
    def writing(self, patience: float = 60.0) -> Iterator[None]:
        """Hold the directory for writing; only one process can.

        Raises
        ------
        StoreBusy
            If another process still writes after `patience` seconds.
        """
        with (self.path / "lock").open("w") as lock:
            deadline = time.monotonic() + patience
            while True:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() > deadline:
                        raise StoreBusy(
                            f"Another process is writing to {self.path}. Try again later."
                        ) from None
                    time.sleep(0.1)
            self._tidy()
            shutil.rmtree(self.path / "scratch", ignore_errors=True)
            yield

    def publish(
        self, graphs: Mapping[str, Path], catalogue: Graph, vocabulary: Graph, keep: Path | None
    ) -> Release:
        """Publish a release with new graphs (N-Triples files by graph name) and catalogue entries, all or nothing.

        `keep` is a finished folder ``contributions/.new`` that is moved to its place, or None.
        """
        name = f"{int(self.current or 0) + 1:08d}"
        draft = self.path / "releases" / f".{name}"
        if self.current is None:
            draft.mkdir(parents=True)
        else:
            self.release().store.backup(str(draft))
        store = ox.Store(str(draft))
        for graph, file in graphs.items():
            store.bulk_load(path=str(file), format=ox.RdfFormat.N_TRIPLES, to_graph=ox.NamedNode(graph))
        vocabulary_graph = ox.NamedNode(self.names.vocabulary)
        store.remove_graph(vocabulary_graph)
        store.load(_ntriples(vocabulary), format=ox.RdfFormat.N_TRIPLES, to_graph=vocabulary_graph)
        store.extend(
            ox.Quad(said.subject, said.predicate, said.object, vocabulary_graph)
            for said in examples.described(self.names.base)
        )
        store.load(
            _ntriples(catalogue), format=ox.RdfFormat.N_TRIPLES, to_graph=ox.NamedNode(self.names.catalogue)
        )
        store.remove_graph(ox.NamedNode(self.names.derived))
        store.bulk_extend(Release(draft, self.names, store).derived())
        store.flush()
        del store
        if keep is not None:
            _move(self.path / "contributions" / ".new", keep)
        draft.rename(self.path / "releases" / name)
        _replace(self.path / "current", name + "\n")
        self._tidy()
        return self.release()

    def _tidy(self) -> None:
        """Remove what a killed process left, and releases that nobody needs any more."""
        releases, current = self.path / "releases", int(self.current or 0)
        for item in sorted(releases.iterdir()) if releases.is_dir() else ():
            number = int(item.name) if item.name.isdecimal() else None
            if item.name.startswith(".") or (number is not None and not current - KEPT < number <= current):
                shutil.rmtree(item)
        shutil.rmtree(self.path / "contributions" / ".new", ignore_errors=True)


def _check_new(path: Path) -> None:
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise StoreError(
            f"{path} is not empty and no data directory of OpenTier. Choose another with --data."
        )


def _ntriples(graph: Graph) -> bytes:
    return graph.serialize(format="nt", encoding="utf-8")


def _move(source: Path, target: Path) -> None:
    """Move a folder to its place; what a killed process left there belongs to no release."""
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(target, ignore_errors=True)
    source.rename(target)


def _replace(path: Path, text: str) -> None:
    """Write a file so that it is either the old one or the new one."""
    draft = path.with_name(f".{path.name}.new")
    with draft.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
