"""Which release of a data directory is current, and what is wrong where none is."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

from opentier.graph.errors import NothingYet, StoreError, UnknownRelease
from opentier.graph.model import dates
from opentier.graph.model.names import Names
from opentier.graph.store import durable, marker
from opentier.graph.store.entries import unseen, visibilities
from opentier.graph.store.release import Release
from opentier.graph.store.scope import Reader
from opentier.graph.store.sealed import Sealed
from opentier.graph.triples.elsewhere import Elsewhere, Notes

#: A file in a release that was not published, or only just: a writer removes it when the pointer names the release.
UNPUBLISHED = "UNPUBLISHED"
#: What to do where a release is lost.
RESTORE = (
    "Restore a backup (opentier restore), or contribute to a new directory what is kept below contributions "
    "(each original.zip is a contribution)"
)


class Published:
    """A data directory as far as it is published."""

    def __init__(self, path: Path, *, earlier: bool = False) -> None:
        """Open a data directory, one of an `earlier` format too where that is asked for."""
        self.path = path
        self.releases, self.contributions = path / "releases", path / "contributions"
        self.screenings = Sealed(path / "screenings")
        self.audit, self.replies, self.subscriptions = (
            path / "audit",
            path / "replies",
            path / "subscriptions",
        )
        said = marker.read(path, earlier=earlier)
        self.format = int(said["format"])
        self.names = Names(str(said["base"]))
        #: Whether every release has the hashes of its files: those of the first versions have none.
        self.hashed = bool(said.get("hashes"))
        #: Says which day it is (UTC, YYYY-MM-DD), by which an embargo ends.
        self.today: Callable[[], str] = dates.today
        #: Where its versions are, if not in its releases, and what a writer has begun to change there.
        self.place = self.elsewhere(said["store"], said["owner"]) if "store" in said else None
        self.notes = Notes(path / "unfinished")
        self._current = durable.Unchanged(self._pointing, self._whole)
        self._mark = durable.Unchanged(self._telling, self._told)

    @property
    def current(self) -> str | None:
        """Name of the current release, or None before the first contribution.

        Raises
        ------
        StoreError
            If the pointer is missing beside releases, or does not name the last one that was published.
        """
        return self._current.get()

    @property
    def mark(self) -> str | None:
        """What tells the current release from any other, of other directories too; None before the first one."""
        return self._mark.get()

    def _pointing(self) -> list[Path]:
        """Return the files by which it is told which release is current."""
        return [self.path / "current", self.releases, *(self.releases / name for name in self._numbered())]

    def _telling(self) -> list[Path]:
        """Return the files that tell the current release from any other."""
        return [*self._pointing(), *self.releases.glob(f"*/{durable.HASHES}")]

    def _whole(self) -> str | None:
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

    def _told(self) -> str | None:
        name = self.current
        return None if name is None else self._marked(name)

    def _marked(self, name: str) -> str:
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
        """Open the current release.

        Raises
        ------
        StoreError
            If nothing was contributed yet.
        """
        for attempt in range(3):  # a release may be retired between reading its name and opening it
            name = self.current
            if name is None:
                raise NothingYet(
                    f"Nothing was contributed to {self.path} yet. "
                    "Run: opentier reference (to look around: opentier demo)"
                )
            try:
                self.check(name)
                return Release(self.releases / name, self.names, day=self.today())
            except (OSError, StoreError):
                if attempt == 2 or name == self.current:
                    raise
        raise AssertionError("unreachable")

    def check(self, name: str) -> None:
        """Raise StoreError where files of a release were written to after it was made, and are not what they were."""
        wrong = durable.suspicious(self.releases / name)
        if wrong and (self.hashed or wrong != [durable.HASHES]):
            raise StoreError(
                f"Release {name} is damaged ({', '.join(wrong)}) and is not answered from. See: opentier verify"
            )

    def hidden_from(self, reader: Reader) -> frozenset[str]:
        """Return the datasets that a reader may not see now; no release is opened."""
        name = self.current
        return unseen(visibilities(self.releases / name), self.today(), reader) if name else frozenset()

    def earlier(self, number: int) -> Release:
        """Open a release that is kept, by its number.

        Raises
        ------
        UnknownRelease
            If it is not kept, any more or yet; those that are, are named.
        StoreError
            If it is damaged.
        """
        name, kept = f"{number:08d}", self.published()
        if kept and Elsewhere.of(
            self.releases / kept[-1]
        ):  # which shows what changes with a release of the last one
            kept = kept[-1:]
        if name not in kept:
            listed = f"Kept are: {', '.join(str(int(each)) for each in kept)}." if kept else "None is."
            raise UnknownRelease(f"Release {number} is not kept. {listed}")
        self.check(name)
        return Release(self.releases / name, self.names, day=self.today())

    def elsewhere(self, store: str, owner: str) -> Elsewhere:
        """Return a place elsewhere that is its own."""
        return Elsewhere(store, owner, self.names.base)
