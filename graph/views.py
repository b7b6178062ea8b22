"""The views of a data directory: the current release, and earlier ones that are kept, as each reader may see them."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress

from opentier.graph.errors import OpenTierError, StoreError
from opentier.graph.index import shelf
from opentier.graph.index.opened import Index
from opentier.graph.jobs.progress import Progress
from opentier.graph.store import durable
from opentier.graph.store.directory import Store
from opentier.graph.store.scope import PUBLIC, Reader
from opentier.graph.threads import Few
from opentier.graph.view import View

_LOG = logging.getLogger("opentier.views")
#: Earlier releases that are kept open.
_KEPT = 2


class Views:
    """What is open of a data directory."""

    def __init__(self, store: Store) -> None:
        self.store = store
        #: Publishes what is no longer held back; called in the background, where new releases are made ready there.
        self.tending: Callable[[], object] | None = None
        #: What is made of a view once and kept beside it: made then, so that who asks first does not wait for it.
        self.kept: list[Callable[[View], object]] = []
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
                    work = known, self.tending, self.kept, begins
                    threading.Thread(target=_tend, args=work, name="opentier-tend", daemon=True).start()
            return known

    def _ended(self, view: View) -> bool:
        return bool(view.release.held) and view.release.day != self.store.today()


def _tend(
    view: View, renew: Callable[[], object], kept: Iterable[Callable[[View], object]], begins: bool
) -> None:
    """Make a view ready, for those who see all and for the public, and have published what is no longer held back.

    The files of the first one are read ahead; what a later one has beside them was written a moment ago.
    """
    try:
        public = view.hiding(view.release.hidden_from(PUBLIC))
        for seen in [view] if public is view else [view, public]:
            seen.tend()
            for make in kept:
                make(seen)
        if view.release.held != view.release.closed:
            with suppress(OpenTierError):  # whoever writes next does it
                renew()
        if begins:
            durable.read_ahead(view.release.path)
    except (OpenTierError, OSError) as error:  # whoever asks is told, or waits
        _LOG.warning("Release %s was not made ready: %s", view.release.id, error)
