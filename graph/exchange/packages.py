"""Packages: the current versions as files that others take, made once and kept, each with its checksum.

They lie in `packages/` of the data directory, and are derived: what is removed there is made again.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from opentier.graph.errors import UsageError
from opentier.graph.export import package
from opentier.graph.model.versions import Version
from opentier.graph.query import dcat
from opentier.graph.store import durable, lock
from opentier.graph.store.release import Release

#: Seconds for which one who makes packages waits for another one.
_PATIENCE = 600.0
#: How often a package is begun whose making is ended, since that takes too long or the process is ended.
TRIES = 3
_DRAFT = ".new-"


@dataclass(frozen=True)
class Made:
    """A package that is kept: its file, and what is said of it."""

    file: Path
    said: dcat.Package


class Packages:
    """The packages of a data directory."""

    def __init__(self, data: Path) -> None:
        self.folder = data / "packages"

    @classmethod
    def of(cls, release: Release) -> Packages:
        """Return those of the data directory in which a release lies."""
        return cls(release.path.parents[1])

    def published(self, release: Release) -> tuple[dict[str, dcat.Package], bool]:
        """Return the packages that are made, by the IRI of their version, and whether one lacks that can be made."""
        made = {each: self.known(each) for each in release.current.values()}
        lacking = any(known is None and not self._tried(version) for version, known in made.items())
        return {version.iri: known.said for version, known in made.items() if known is not None}, lacking

    def known(self, version: Version) -> Made | None:
        """Return the package of a version; None where it is not made."""
        said = self._read(self._note(version))
        file = self._file(version, said)
        return None if file is None else Made(file, dcat.Package(said["sha256"], said["bytes"]))

    def _file(self, version: Version, said: dict[str, Any]) -> Path | None:
        """Return the file of a version that a note tells of; None where it is not there."""
        if not said or said.get("of") != _of(version):
            return None
        file = self.folder / version.dataset / str(said["file"])
        return file if file.is_file() and file.stat().st_size == said["bytes"] else None

    def make(self, release: Release, only: str = "", *, again: bool = False) -> Iterator[str]:
        """Make what lacks of the current versions that are seen, small ones first; yield of which none can be, and why.

        Parameters
        ----------
        only
            The one dataset of which it is made.
        again
            Whether what was begun `TRIES` times before and not ended is tried again.

        Raises
        ------
        StoreError
            If nothing can be written.
        """
        durable.make(self.folder)
        with lock.held(self.folder / "lock", _PATIENCE, purpose="packages"):
            for version in sorted(release.current.values(), key=lambda each: each.rows):
                if only not in ("", version.dataset) or self.known(version) is not None:
                    continue
                if again or not self._tried(version):
                    tries = TRIES if again else self._tries(version) + 1
                    try:
                        self._make(release, version, tries)
                    except UsageError as error:
                        self._begin(version, TRIES)
                        yield f"{version.dataset} version {version.number}: {error}"

    def _make(self, release: Release, version: Version, tries: int) -> None:
        """Make the package of a version; those of versions that were replaced before the last one go."""
        place = self.folder / version.dataset
        durable.make(place)
        for left in place.glob(f"{_DRAFT}*"):
            shutil.rmtree(left, ignore_errors=True)
        self._begin(version, tries)
        with tempfile.TemporaryDirectory(prefix=_DRAFT, dir=place) as scratch:
            draft = Path(scratch) / "package.zip"
            package.write(release, version, "datapackage", draft)
            digest = durable.sha256(draft)
            file = place / f"{version.number}-{digest[:16]}.zip"
            size = draft.stat().st_size
            durable.sync(draft)
            durable.rename(draft, file)
        said = {"of": _of(version), "file": file.name, "sha256": digest, "bytes": size}
        durable.replace(self._note(version), json.dumps(said, indent=1) + "\n")
        self._mark(version).unlink(missing_ok=True)
        for old in place.glob("*-*.zip"):
            number = int(old.name.partition("-")[0])
            if number < version.number - 1 or (number == version.number and old != file):
                old.unlink(missing_ok=True)

    def _note(self, version: Version) -> Path:
        return self.folder / version.dataset / f"{version.number}.json"

    def _mark(self, version: Version) -> Path:
        """Return the file that says that a package was begun; it stays where that does not end."""
        return self.folder / version.dataset / f"{version.number}.begun"

    def _begin(self, version: Version, tries: int) -> None:
        durable.replace(self._mark(version), json.dumps({"of": _of(version), "tries": tries}))

    def _tries(self, version: Version) -> int:
        said = self._read(self._mark(version))
        return int(said["tries"]) if said.get("of") == _of(version) else 0

    def _tried(self, version: Version) -> bool:
        return self._tries(version) >= TRIES

    def _read(self, file: Path) -> dict[str, Any]:
        try:
            found = json.loads(file.read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}


def _of(version: Version) -> list[str]:
    """Return what tells a version from another one of its number, in a directory that was restored."""
    return [version.iri, version.checksum, version.admitted]
