"""The uploads of a data directory: a folder each, kept for so many days and no longer."""

from __future__ import annotations

import json
import logging
import re
import shutil
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from opentier.graph.desk.upload import Upload
from opentier.graph.errors import StoreError, WorkBusy, unable
from opentier.graph.store import durable

_LOG = logging.getLogger("opentier.work")
#: The folder of a data directory that holds uploads; in that of one, what was sent, and what is said of it.
DESK, SENT, STATE = "desk", "sent", "upload.json"
_ID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class Bounds:
    """What uploads may take: for how many days they are kept, how many, and how many bytes they have together."""

    days: float = 30.0
    many: int = 1000
    bytes: int = 4 << 30


class Desk:
    """The uploads of a data directory.

    Parameters
    ----------
    data
        The data directory.
    """

    def __init__(self, data: Path, bounds: Bounds | None = None) -> None:
        self.path, self.bounds = data / DESK, bounds or Bounds()
        self._lock = threading.Lock()

    def place(self, id: str) -> Path:
        """Return the folder of an upload."""
        return self.path / id

    def file(self, upload: Upload) -> Path:
        """Return the file that was sent."""
        return self.place(upload.id) / SENT / upload.file

    def get(self, id: str) -> Upload | None:
        """Return an upload, if there is one by that id that is not past its time."""
        found = self._read(self.place(id)) if _ID.fullmatch(id) else None
        return found if found and found.made >= self._oldest() else None

    def every(self) -> list[Upload]:
        """Return all uploads, the oldest first."""
        found = filter(None, map(self._read, self.path.glob("[0-9a-f]*")))
        return sorted(found, key=lambda each: (each.made, each.id))

    def add(self, sent: Path, upload: Upload) -> Upload:
        """Keep an upload: the folder with what was sent becomes a part of its own.

        Raises
        ------
        WorkBusy
            If no more can be kept.
        StoreError
            If nothing can be kept there.
        """
        with self._lock:
            upload = upload.but(weight=_weight(sent))
            self._make_room(upload)
            place = self.place(upload.id)
            try:
                durable.make(self.path)
                self.path.chmod(0o700)
                place.mkdir(0o700)
                sent.rename(place / SENT)
                self._write(upload)
            except OSError as error:
                shutil.rmtree(place, ignore_errors=True)
                raise StoreError(f"No list can be kept. {unable(error)}") from error
        return upload

    def change(self, id: str, how: Callable[[Upload], Upload]) -> Upload | None:
        """Write what is said of an upload from now on, and return it; None where it was removed."""
        with self._lock:
            found = self.get(id)
            if found is None:
                return None
            found = how(found)
            self._write(found)
            return found

    def clear(self, id: str, steps: Iterable[str]) -> None:
        """Remove what was made of an upload in some steps: it counts no longer."""
        for step in steps:
            shutil.rmtree(self.place(id) / step, ignore_errors=True)

    def remove(self, id: str) -> None:
        """Remove an upload, and all that was made of it."""
        with self._lock:
            self._remove(id)

    def tidy(self) -> None:
        """Remove the uploads that are past their time."""
        with self._lock:
            self._tidied()

    def _tidied(self) -> list[Upload]:
        """Return the uploads that are kept, once those that are past their time are removed."""
        oldest, kept = self._oldest(), list[Upload]()
        for each in self.every():
            if each.made < oldest:
                self._remove(each.id)
            else:
                kept.append(each)
        return kept

    def _make_room(self, upload: Upload) -> None:
        """Remove the oldest of those that nobody with a key sent until another has room; these have half of it."""
        kept, part = self._tidied(), 2 if upload.nobodys else 1
        theirs = [each for each in kept if each.nobodys]
        counted = theirs if upload.nobodys else kept
        while counted and (
            len(counted) >= self.bounds.many // part
            or sum(each.weight for each in (*counted, upload)) > self.bounds.bytes // part
        ):
            if not theirs:
                raise WorkBusy("Too many lists are kept already: ask again later, or screen it on the machine.")
            gone = theirs.pop(0)
            self._remove(gone.id)
            counted = [each for each in counted if each.id != gone.id]

    def _remove(self, id: str) -> None:
        (self.place(id) / STATE).unlink(missing_ok=True)
        shutil.rmtree(self.place(id), ignore_errors=True)

    def _oldest(self) -> str:
        return (datetime.now(UTC) - timedelta(days=self.bounds.days)).isoformat(timespec="seconds")

    def _write(self, upload: Upload) -> None:
        text = json.dumps(upload.to_dict(), ensure_ascii=False)
        durable.replace(self.place(upload.id) / STATE, text, private=True)

    def _read(self, place: Path) -> Upload | None:
        try:
            return Upload.from_dict(json.loads((place / STATE).read_text("utf-8")))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError, KeyError) as error:
            _LOG.warning("The list in %s is left out, since it cannot be read: %s", place, error)
            return None


def _weight(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
