"""What is derived from a dataset version: kept in a folder of its own, and never worn.

What is not there, or is not as it was written, is written anew from the release. Folders lie beside the indexes, under
a name of their kind, one for each version of a dataset.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

from opentier.graph.errors import StoreError, unable
from opentier.graph.store import durable

if TYPE_CHECKING:
    from opentier.graph.model.versions import Version
    from opentier.graph.store.release import Release

T = TypeVar("T")
#: The file that says of what a folder was made.
_ABOUT = "about.json"


@dataclass(frozen=True)
class Derived(Generic[T]):
    """A kind of what is derived.

    Attributes
    ----------
    folder
        The name of the kind in a data directory.
    format
        The layout of what is written; another one is written anew.
    what
        What it holds, for a message: "names".
    write
        Writes what is derived from a version of a release to an empty folder.
    read
        Opens it.
    """

    folder: str
    format: int
    what: str
    write: Callable[[Release, Version, Path], None]
    read: Callable[[Version, Path], T]

    def place(self, release: Release, version: Version) -> Path:
        """Return where that of a version is kept."""
        return release.path.parent.parent / self.folder / version.dataset / str(version.number)

    def opened(self, release: Release, version: Version) -> T:
        """Open that of a version; write it where there is none that can be read.

        Raises
        ------
        StoreError
            If it cannot be written.
        """
        place = self.place(release, version)
        if self._sound(place, version):
            return self.read(version, place)
        beside = _beside(place)
        with tempfile.TemporaryDirectory(prefix=".", dir=beside, ignore_cleanup_errors=True) as scratch:
            draft = Path(scratch) / "draft"
            try:
                draft.mkdir()
                self.write(release, version, draft)
                (draft / _ABOUT).write_text(json.dumps(self._about(version)), "utf-8")
                durable.write_hashes(draft)
            except OSError as error:
                said = f"The {self.what} of {version.dataset} cannot be written: {unable(error)}"
                raise StoreError(said) from error
            found = self.read(version, draft)  # what is mapped stays when its name is another one, or gone
            if beside is not None:
                shutil.rmtree(place, ignore_errors=True)
                with suppress(OSError):  # somebody was faster
                    draft.rename(place)
        return found

    def _sound(self, place: Path, version: Version) -> bool:
        """Return whether it is there as it was written, and of that version."""
        try:
            said = json.loads((place / _ABOUT).read_text("utf-8"))
            return bool(said == self._about(version)) and not durable.suspicious(place)
        except (OSError, ValueError):
            return False

    def _about(self, version: Version) -> list[object]:
        return [self.format, version.iri, version.checksum, version.admitted]


def _beside(place: Path) -> Path | None:
    """Return the folder in which a place is, made where it was not; None where nobody may write there."""
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return place.parent if os.access(place.parent, os.W_OK) else None
