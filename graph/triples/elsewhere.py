"""Where the versions of a data directory are, if not here; and what a writer has begun to change there."""

from __future__ import annotations

import json
import os
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from opentier.graph.errors import StoreError
from opentier.graph.triples import address

if TYPE_CHECKING:
    from opentier.graph.triples.remote import Remote

#: The file of a release that says where its versions are.
NAME = "STORE"
#: What stands behind the base in the name of a graph of a version (`model.names`).
_VERSION = re.compile(r"dataset/[^/]+/\d+(/derived)?")


@dataclass(frozen=True)
class Elsewhere:
    """Where the versions of a directory are.

    Attributes
    ----------
    store
        The address.
    owner
        What tells this data directory from any other.
    base
        The base of its IRIs.
    """

    store: str
    owner: str
    base: str

    @classmethod
    def of(cls, folder: Path) -> Elsewhere | None:
        """Return where the versions of a release are, by its folder; None where they are in it.

        Raises
        ------
        StoreError
            If its file cannot be read.
        """
        file = folder / NAME
        if not file.is_file():
            return None
        try:
            return cls.read(file.read_text("utf-8"))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise StoreError(f"{file} is damaged ({error}). See: opentier verify") from error

    @classmethod
    def read(cls, text: str) -> Elsewhere:
        """Return what `text` says; ValueError, KeyError or TypeError where it is damaged."""
        said = json.loads(text)
        return cls(str(said["store"]), str(said["owner"]), str(said["base"]))

    def write(self, folder: Path) -> None:
        """Say so in the folder of a release."""
        (folder / NAME).write_text(self.text() + "\n", "utf-8")

    def text(self) -> str:
        """Return it on one line."""
        return json.dumps(asdict(self))

    def open(self) -> Remote:
        """Return the store; it is not asked yet."""
        from opentier.graph.triples.remote import Remote  # whose libraries nobody else needs

        return Remote(address.of(self.store))

    @property
    def note(self) -> str:
        """The graph that says whose data is there, and of which release the copies are."""
        return f"{self.base}catalogue/shown"

    def holds(self, graph: str) -> bool:
        """Return whether a graph is of a version, or derived from one: these are elsewhere, and all others here."""
        return graph.startswith(self.base) and _VERSION.fullmatch(graph, len(self.base)) is not None


@dataclass(frozen=True)
class Notes:
    """A file of a writer's: the store that it changes, and the graphs there, each noted for good before it changes."""

    file: Path

    @property
    def begun(self) -> bool:
        """Whether a writer has begun, and not ended."""
        return self.file.exists()

    def add(self, place: Elsewhere, graph: str) -> None:
        """Note that a graph is about to change."""
        lines = f"{graph}\n" if self.begun else f"{place.text()}\n{graph}\n"
        with self.file.open("a", encoding="utf-8") as notes:
            notes.write(lines)
            notes.flush()
            os.fsync(notes.fileno())

    def read(self) -> tuple[Elsewhere, list[str]] | None:
        """Return what is noted; None where not even the store was, so that nothing has changed."""
        place, *graphs = self.file.read_text("utf-8").split("\n")
        if not graphs:
            return None
        try:
            return Elsewhere.read(place), [graph for graph in graphs[:-1] if graph]
        except (ValueError, KeyError, TypeError) as error:
            raise StoreError(
                f"{self.file} is damaged ({error}). It names what a writer that was ended had begun to change in the "
                "store; remove the file, and see: opentier verify"
            ) from error
