"""The store: a data directory whose releases never change once they are published.

A write copies the current release (hard links, milliseconds), adds to the copy, and then replaces one small file,
`current`: that is the commit. A process killed at any moment leaves the old release current and at most a stray copy.
Nothing is removed before a writer's own commit, and nothing ever that the pointer does not explain. Readers open a
release read-only and are never disturbed.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path

from opentier.graph.errors import StoreError
from opentier.graph.jobs.progress import Progress
from opentier.graph.model.names import DEFAULT_BASE
from opentier.graph.store import durable, lock, making, marker
from opentier.graph.store.current import UNPUBLISHED, Published
from opentier.graph.store.lock import Waiting as Waiting
from opentier.graph.store.release import Release
from opentier.graph.store.union import Identity, News
from opentier.graph.triples import address, opening
from opentier.graph.triples.divided import Divided
from opentier.graph.triples.engine import Engine

#: Releases that are kept for readers which have them open.
KEPT = 3
#: The names of releases that are being made.
_DRAFT = re.compile(r"\.\d{8}(-.*)?")
#: Makes a release ready before it is published (its index): told the release, and the name of the one before.
Ready = Callable[[Release, str | None], None]


class Store(Published):
    """A data directory."""

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        create: bool = False,
        base: str | None = None,
        earlier: bool = False,
        store: str = "",
    ) -> Store:
        """Open a data directory, one of an `earlier` format too where that is asked for, or make one.

        Parameters
        ----------
        store
            The address of the store elsewhere that its versions are in, or shall be; else as the environment says.

        Raises
        ------
        StoreError
            If there is none and `create` is not asked for, or it is of another format.
        UsageError
            If its versions are in another place than `store`.
        """
        store = address.told(store)
        if not (path / marker.NAME).is_file():
            if not create:
                raise StoreError(
                    f"There is no data at {path}. Contribute something first, or run: "
                    "opentier reference (to look around: opentier demo)"
                )
            marker.check_empty(path)
            told = marker.elsewhere(store) if store else {}
            durable.make(path)
            marker.write(
                path, {"format": marker.FORMAT, "base": base or DEFAULT_BASE, "hashes": True, **told}
            )
        found = cls(path, earlier=earlier)
        if store:
            marker.same(path, found.place.store if found.place else None, store)
        return found

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
            self._settle()
            yield
            lock.clear(self.path / "scratch")

    def locked(
        self, patience: float = lock.PATIENCE, waiting: Waiting = lock.silent, purpose: str = ""
    ) -> AbstractContextManager[None]:
        """Keep other processes from writing, whatever state the directory is in; as `writing`."""
        return lock.held(self.path / "lock", patience, waiting, purpose)

    def _settle(self) -> None:
        """Undo in a store elsewhere what a writer had begun that was ended."""
        if self.place or self.notes.begun:
            making.settle(self.release() if self.current else None, self.mark, self.notes)

    def publish(
        self,
        news: News,
        identity: Identity,
        keep: tuple[Path, Path] | None = None,
        ready: Ready = lambda release, before: None,
        rewrite: Callable[[Engine], None] = lambda engine: None,
        into: making.Into | None = None,
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
        into
            Where the release is kept, if not where the one before is.
        """
        before = self.current
        name = f"{max(map(int, self._numbered()), default=0) + 1:08d}"
        durable.make(self.releases)
        draft = Path(tempfile.mkdtemp(prefix=f".{name}-", dir=self.releases)) / name
        place = self.releases / name
        if before is None and into is None:
            into = making.Into(self.place)
        try:
            known = self.release() if before else None
            changed = making.build(
                draft, known, self.names, self.notes, news, identity, rewrite, into, self.today()
            )
            durable.write_hashes(draft, self.releases / before if before else None)
            (draft / UNPUBLISHED).touch()
            durable.sync_all(draft)
            durable.rename(draft, place)
            opened = opening.read_only(place, self.notes)
            made = Release(place, self.names, opened, day=self.today())
            made.loaded = news.graphs
            ready(made, before)
            made.loaded = {}  # whoever asks later may not find them
            if keep is not None:
                _move(*keep)
            if not self.hashed:
                self._hash()
            if isinstance(made.engine, Divided):
                made.engine.show(changed, self._marked(name))
            durable.replace(self.path / "current", name + "\n")
        except BaseException:
            if self.pointer != name:
                shutil.rmtree(place, ignore_errors=True)
                with suppress(
                    StoreError
                ):  # what cannot be undone now is noted, and undone by the next writer
                    self._settle()
            raise
        finally:
            shutil.rmtree(draft.parent, ignore_errors=True)
        durable.remove(place / UNPUBLISHED)
        durable.remove(self.notes.file)
        self._tidy()
        return made

    def move(self, store: str, progress: Progress, ready: Ready) -> Release:
        """Publish the current release with its versions in a store elsewhere, or, without one, in the release itself.

        What is in the place where they were stays there.

        Raises
        ------
        StoreError
            If there is no store, or it holds the data of another directory.
        """
        with self.writing(purpose="a move"):
            told = marker.elsewhere(store) if store else {}
            place = self.elsewhere(told["store"], told["owner"]) if told else None
            made = self.publish(News(), making.as_it_is, ready=ready, into=making.Into(place, progress))
            marker.place(self.path, told)
            self.place = place
        return made

    def gather(self, folder: Path, progress: Progress) -> None:
        """Write the current release to a folder, with its versions in it wherever they are."""
        making.gather(self.release(), folder, self.notes, progress)

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
