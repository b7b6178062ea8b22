"""The views of a data directory: the current release, and earlier ones that are kept, as each reader may see them."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from opentier.graph.errors import OpenTierError, StoreError
from opentier.graph.index import shelf
from opentier.graph.index.opened import Index
from opentier.graph.jobs.progress import Progress
from opentier.graph.matching.book import BOOKS
from opentier.graph.search.roll import ROLLS
from opentier.graph.store import durable
from opentier.graph.store.directory import Store
from opentier.graph.store.release import Release
from opentier.graph.store.scope import PUBLIC, Reader
from opentier.graph.threads import Few
from opentier.graph.view import View

_LOG = logging.getLogger("opentier.views")
#: Earlier releases that are kept open.
_KEPT = 2
#: Bytes that are read in a moment, or a few seconds of a slow disk: nobody is told to wait for those.
_LITTLE = 1 << 30


class Opening:
    """The files that a service which was started just now reads ahead: those of a release and of what is derived of it.

    A release of more than a quarter of the memory of the machine is left: others need that.

    Attributes
    ----------
    read, whole
        Bytes that were read, and all of them.
    over
        Set once all is read, and what is answered from it is ready.
    """

    def __init__(self, release: Release) -> None:
        home = release.path.parent.parent
        derived = [shelf.home(release), home / BOOKS.folder, home / ROLLS.folder]
        self._derived = [file for each in derived for file in each.rglob("*") if file.is_file()]
        self._store = [file for file in release.path.iterdir() if file.is_file()]
        if _size(self._store) > os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 4:
            self._store = []
        self.read, self.whole = 0, _size(self._derived) + _size(self._store)
        self.over = threading.Event()
        if self.whole < _LITTLE:
            self.over.set()

    def through(self, ready: Callable[[], None]) -> None:
        """Read what is derived, have what is answered from it made ready, and read the store."""
        try:
            durable.read_ahead(self._derived, self._told)
            ready()
            durable.read_ahead(self._store, self._told)
        finally:
            self.over.set()

    def _told(self, many: int) -> None:
        self.read += many


def _size(files: Iterable[Path]) -> int:
    """Return the bytes of files, those that are gone meanwhile aside."""
    found = 0
    for each in files:
        with suppress(FileNotFoundError):
            found += each.stat().st_size
    return found


class Views:
    """What is open of a data directory."""

    def __init__(self, store: Store) -> None:
        self.store = store
        #: Publishes what is no longer held back; called in the background, where new releases are made ready there.
        self.tending: Callable[[], object] | None = None
        #: What is made of a view once and kept beside it: made then, so that who asks first does not wait for it.
        self.kept: list[Callable[[View], object]] = []
        #: How far the first view is, where it is made ready in the background.
        self.opening: Opening | None = None
        self._lock = threading.Lock()
        self._now: View | None = None
        self._earlier = Few[tuple[int, str], View](_KEPT)

    def of(self, reader: Reader, number: int | None) -> View:
        """Return the current release, or another one that is kept, as a reader may see it now.

        Raises
        ------
        UnknownRelease
            If no release of that number is kept.
        """
        now = self._current()
        hidden = now.release.hidden_from(reader)
        if number is None or int(now.release.id) == number:
            return now.hiding(hidden)
        earlier = self._earlier.of((number, self.store.today()), lambda: View(self.store.earlier(number)))
        return earlier.hiding(hidden)

    def checked(self, reader: Reader) -> View:
        """Return the current release after a look at all files that it is answered from, which takes some milliseconds.

        What was opened before a file was damaged, or mended, is opened anew, and a damaged index built anew.

        Raises
        ------
        StoreError
            If the release is damaged, or its index cannot be built.
        """
        found = self.of(reader, None)
        try:
            self.store.check(found.release.id)
            if not shelf.changed(found.index):
                return found
        except StoreError:
            self._forget(found)
            raise
        self._forget(found)
        found = self.of(reader, None)
        _ = found.index
        return found

    def _forget(self, view: View) -> None:
        with self._lock:
            self._earlier = Few(_KEPT)
            if self._now is not None and self._now.release.id == view.release.id:
                self._now = None

    def rebuild(self, progress: Progress) -> Index:
        """Build the indexes of the current release anew."""
        with self._lock, self.store.writing():
            self._now = View(self.store.release())
            return shelf.rebuild(self._now.release, progress)

    def _current(self) -> View:
        """Return the current release with all that there is, opened anew where an embargo may have ended since."""
        with self._lock:
            known, name = self._now, self.store.current
            if known is None or known.release.id != name or self._ended(known):
                begins, known = known is None, View(self.store.release())
                self._now = known
                if self.tending is not None:
                    opening = Opening(known.release) if begins else None
                    self.opening = opening or self.opening
                    work = known, self.tending, self.kept, opening
                    threading.Thread(target=_tend, args=work, name="opentier-tend", daemon=True).start()
            return known

    def _ended(self, view: View) -> bool:
        return bool(view.release.held) and view.release.day != self.store.today()


def _tend(
    view: View,
    renew: Callable[[], object],
    kept: Iterable[Callable[[View], object]],
    opening: Opening | None,
) -> None:
    """Make a view ready, for those who see all and for the public, and have published what is no longer held back.

    The files of the first one are read ahead; what a later one has beside them was written a moment ago.
    """

    def ready() -> None:
        public = view.hiding(view.release.hidden_from(PUBLIC))
        for seen in [view] if public is view else [view, public]:
            seen.tend()
            for make in kept:
                make(seen)
        if view.release.held != view.release.closed:
            with suppress(OpenTierError):  # whoever writes next does it
                renew()

    try:
        if opening is None:
            ready()
        else:
            opening.through(ready)
    except (OpenTierError, OSError) as error:  # whoever asks is told, or waits
        _LOG.warning("Release %s was not made ready: %s", view.release.id, error)
