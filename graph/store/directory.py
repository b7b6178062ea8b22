"""The store: a data directory whose releases never change once they are published.

A write copies the current release (hard links, milliseconds), adds to the copy, and then replaces one small file,
`current`: that is the commit. A process killed at any moment leaves the old release current and at most a stray copy.
Nothing is removed before a writer's own commit, and nothing ever that the pointer does not explain. Readers open a
release read-only and are never disturbed.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from opentier.graph.errors import StoreError
from opentier.graph.model import dates
from opentier.graph.model.names import DEFAULT_BASE, Names
from opentier.graph.store import durable, lock, marker, union
from opentier.graph.store.lock import Waiting as Waiting
from opentier.graph.store.release import Release
from opentier.graph.store.sealed import Sealed
from opentier.graph.store.union import Identity, News
from opentier.graph.triples import embedded
from opentier.graph.triples.engine import Engine

#: Releases that are kept for readers which have them open.
KEPT = 3
#: A file in a release that was not published, or only just: a writer removes it when the pointer names the release.
UNPUBLISHED = "UNPUBLISHED"
#: The names of releases that are being made.
_DRAFT = re.compile(r"\.\d{8}(-.*)?")
#: What to do where a release is lost.
RESTORE = (
    "Restore a backup (opentier restore), or contribute to a new directory what is kept below contributions "
    "(each original.zip is a contribution)"
)
#: Makes a release ready before it is published (its index): told the release, and the name of the one before.
Ready = Callable[[Release, str | None], None]


class Store:
    """A data directory."""

    def __init__(self, path: Path, *, earlier: bool = False) -> None:
        """Open a data directory, one of an `earlier` format too where that is asked for."""
        self.path = path
        self.releases, self.contributions = path / "releases", path / "contributions"
        self.screenings, self.audit = Sealed(path / "screenings"), path / "audit"
        said = marker.read(path, earlier=earlier)
        self.format = int(said["format"])
        self.names = Names(str(said["base"]))
        #: Whether every release has the hashes of its files: those of the first versions have none.
        self.hashed = bool(said.get("hashes"))
        #: Says which day it is (UTC, YYYY-MM-DD), by which an embargo ends.
        self.today: Callable[[], str] = dates.today

    @classmethod
    def open(
        cls, path: Path, *, create: bool = False, base: str | None = None, earlier: bool = False
    ) -> Store:
        """Open a data directory, one of an `earlier` format too where that is asked for, or make one.

        Raises
        ------
        StoreError
            If there is none and `create` is not asked for, or it is of another format.
        """
        if not (path / marker.NAME).is_file():
            if not create:
                raise StoreError(
                    f"There is no data at {path}. Contribute something first, or run: "
                    "opentier reference (to look around: opentier demo)"
                )
            marker.check_empty(path)
            durable.make(path)
            marker.write(path, {"format": marker.FORMAT, "base": base or DEFAULT_BASE, "hashes": True})
        return cls(path, earlier=earlier)

    # --- Which release is current --------------------------------------------------------------------------------

    @property
    def current(self) -> str | None:
        """Name of the current release, or None before the first contribution.

        Raises
        ------
        StoreError
            If the pointer is missing beside releases, or does not name the last one that was published.
        """
        wrong = last = ""
        for _ in range(3):  # a writer may publish between a look at the pointer and one at the releases
            name, published = self.pointer, self.published()
            if name == (published[-1] if published else None):
                return name
            wrong = "is missing or unreadable" if name is None else f"says {name}"
            last = published[-1] if published else "none"
        raise StoreError(
            f"{self.path / 'current'} {wrong}, and the last release beside it is {last}: {self.advice()}"
        )

    @property
    def mark(self) -> str | None:
        """What tells the current release from any other, of other directories too; None before the first one."""
        name = self.current
        if name is None:
            return None
        sums = self.releases / name / durable.HASHES
        return f"{name} {hashlib.sha256(sums.read_bytes()).hexdigest() if sums.is_file() else ''}"

    @property
    def pointer(self) -> str | None:
        """What `current` says, whatever else is there; None where it names nothing."""
        file = self.path / "current"
        try:
            name = file.read_text("ascii").strip() if file.is_file() else ""
        except (OSError, UnicodeDecodeError):  # it was replaced meanwhile, or holds something else
            return None
        return name if name.isdecimal() else None

    def published(self) -> list[str]:
        """Return the names of the releases that were published and are kept, the newest last."""
        pointer = self.pointer
        return [
            name for name in self._numbered()
            if name == pointer or not (self.releases / name / UNPUBLISHED).exists()
        ]  # fmt: skip

    def newest(self) -> str | None:
        """Return the name of the newest published release that is undamaged and opens, or None."""
        for name in reversed(self.published()):
            if not self.damaged(name):  # an engine that reads a damaged file may take all memory
                try:
                    if Release(self.releases / name, self.names).versions:
                        return name
                except StoreError:
                    continue
        return None

    def damaged(self, name: str) -> list[str]:
        """Return the names of the files of a release that are not what they were; all of them are read."""
        found = durable.damaged(self.releases / name)
        return found if self.hashed or found != [durable.HASHES] else []

    def advice(self) -> str:
        """Return what to do where the current release is not found: which is the newest that opens, if any."""
        name = self.newest()
        if name is None:
            return f"none of them opens. Nothing was changed. {RESTORE}"
        return (
            f"the newest that opens is {name}. Nothing was changed. "
            f"To make it the current one: opentier verify --repair"
        )

    def _numbered(self) -> list[str]:
        """Return the names of the folders that hold a release; an empty one is none."""
        if not self.releases.is_dir():
            return []
        found = (item for item in self.releases.iterdir() if item.name.isdecimal() and item.is_dir())
        return sorted(item.name for item in found if any(item.iterdir()))

    def release(self) -> Release:
        """Open the current release; StoreError if nothing was contributed yet."""
        for attempt in range(3):  # a release may be retired between reading its name and opening it
            name = self.current
            if name is None:
                raise StoreError(
                    f"Nothing was contributed to {self.path} yet. "
                    "Run: opentier reference (to look around: opentier demo)"
                )
            try:
                return self.opened(name)
            except (OSError, StoreError):
                if attempt == 2 or name == self.current:
                    raise
        raise AssertionError("unreachable")

    def opened(self, name: str) -> Release:
        """Open a published release, unless it is seen at once that it is damaged."""
        wrong = durable.suspicious(self.releases / name)
        if wrong and (self.hashed or wrong != [durable.HASHES]):
            raise StoreError(
                f"Release {name} is damaged ({', '.join(wrong)}) and is not answered from. See: opentier verify"
            )
        return Release(self.releases / name, self.names, day=self.today())

    def folder(self, dataset: str, number: int) -> Path:
        """Return where the original file and the report of a version are kept."""
        return self.contributions / dataset / str(number)

    # --- Writing -------------------------------------------------------------------------------------------------

    def draft(self) -> Path:
        """Return a new folder for what a contribution keeps, and another process's write does not touch."""
        durable.make(self.contributions)
        return Path(tempfile.mkdtemp(prefix=".new-", dir=self.contributions))

    def scratch(self) -> AbstractContextManager[Path]:
        """Make a folder for what a write needs on its way; what a killed one left goes with a write that ends well."""
        return lock.scratch(self.path / "scratch")

    @contextmanager
    def writing(
        self, patience: float = lock.PATIENCE, waiting: Waiting = lock.silent, purpose: str = ""
    ) -> Iterator[None]:
        """Hold the directory for writing; only one process can, others wait.

        Parameters
        ----------
        waiting
            Is told for whom is waited, once, if at all.
        purpose
            What for, as whoever waits is told.

        Raises
        ------
        StoreBusy
            If another process still writes after `patience` seconds.
        StoreError
            If it is not known which release is current.
        """
        with self.locked(patience, waiting, purpose):
            _ = self.current  # raises where it is in doubt
            yield
            lock.clear(self.path / "scratch")

    def locked(
        self, patience: float = lock.PATIENCE, waiting: Waiting = lock.silent, purpose: str = ""
    ) -> AbstractContextManager[None]:
        """Keep other processes from writing, whatever state the directory is in; as `writing`."""
        return lock.held(self.path / "lock", patience, waiting, purpose)

    def publish(
        self,
        news: News,
        identity: Identity,
        keep: tuple[Path, Path] | None = None,
        ready: Ready = lambda release, before: None,
        rewrite: Callable[[Engine], None] = lambda engine: None,
    ) -> Release:
        """Publish a release with what is new, all or nothing.

        Parameters
        ----------
        identity
            Says who is one with whom.
        keep
            A finished folder of `draft`, and the place that it is moved to.
        ready
            Called with the release before it is published; where it raises an error, nothing is published.
        rewrite
            Changes what the release has of the one before, but for the vocabulary.
        """
        before = self.current
        name = f"{max(map(int, self._numbered()), default=0) + 1:08d}"
        durable.make(self.releases)
        draft = Path(tempfile.mkdtemp(prefix=f".{name}-", dir=self.releases)) / name
        place = self.releases / name
        try:
            self._build(draft, news, identity, rewrite)
            durable.write_hashes(draft, self.releases / before if before else None)
            (draft / UNPUBLISHED).touch()
            durable.sync_all(draft)
            durable.rename(draft, place)
            made = Release(place, self.names, day=self.today())
            made.loaded = news.graphs
            ready(made, before)
            made.loaded = {}  # whoever asks later may not find them
            if keep is not None:
                _move(*keep)
            if not self.hashed:
                self._hash()
            durable.replace(self.path / "current", name + "\n")
        except BaseException:
            if self.pointer != name:
                shutil.rmtree(place, ignore_errors=True)
            raise
        finally:
            shutil.rmtree(draft.parent, ignore_errors=True)
        durable.remove(place / UNPUBLISHED)
        self._tidy()
        return made

    def _build(self, draft: Path, news: News, identity: Identity, rewrite: Callable[[Engine], None]) -> None:
        """Write the store of a release: a copy of the current one, and what is new."""
        known = self.release() if self.current else None
        if known is None:
            draft.mkdir()
        else:
            known.engine.backup(draft)
        engine = embedded.writable(draft)
        rewrite(engine)
        known = known or Release(draft, self.names, engine, day=self.today())
        union.write(engine, draft, known, news, identity)
        engine.flush()

    def renew(self) -> None:
        """Say that the directory is of the format of this version."""
        marker.write(self.path, {**marker.read(self.path, earlier=True), "format": marker.FORMAT})
        self.format = marker.FORMAT

    def _hash(self) -> None:
        """Write hashes beside what was contributed before they were kept, and say that they are."""
        for folder in self.contributions.glob("*/[0-9]*"):
            if not (folder / durable.HASHES).exists():
                durable.write_hashes(folder)
                durable.sync_all(folder)
        marker.write(self.path, {**marker.read(self.path, earlier=True), "hashes": True})
        self.hashed = True

    def _tidy(self) -> None:
        """Remove what killed writers left, and releases that nobody needs any more: only after a commit."""
        kept = self.published()[-KEPT:]
        for item in self.releases.iterdir():
            if _DRAFT.fullmatch(item.name) or (item.name in self._numbered() and item.name not in kept):
                shutil.rmtree(item)
        for item in [*self.contributions.glob(".new*"), *self.contributions.glob("*/.*-.new-*")]:
            shutil.rmtree(item, ignore_errors=True)


def _move(source: Path, target: Path) -> None:
    """Move a folder to its place; what a killed process left there belongs to no release, and is put aside."""
    durable.make(target.parent)
    if target.exists():
        target.rename(target.with_name(f".{target.name}-{source.name}"))
    durable.sync_all(source)
    durable.rename(source, target)
