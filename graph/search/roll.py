"""The roll of a dataset version: the things that it describes, and the texts by which they are found. It never changes.

Rolls are kept in folder ``search`` of the data directory (see `derived`).
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from opentier.graph.engine.arrays import Array
from opentier.graph.engine.columns import Keys, Strings, key, load, save
from opentier.graph.model.versions import Version
from opentier.graph.search import things
from opentier.graph.search.lines import Draft, Lines
from opentier.graph.search.things import GROUPS, Thing
from opentier.graph.store.derived import Derived
from opentier.graph.store.release import Release

#: The layout of a roll, and of texts as they are looked for: another one is written anew.
FORMAT = 1


@dataclass(frozen=True)
class Roll:
    """Some things.

    Attributes
    ----------
    dataset
        Whose they are; empty of those of no dataset.
    groups
        The group of each, as its place among `GROUPS`.
    """

    dataset: str
    lines: Lines
    groups: Array
    _texts: Strings
    _keys: Keys

    @classmethod
    def of(cls, dataset: str, every: Iterable[Thing]) -> Roll:
        """Return the roll of some things, in memory."""
        draft, groups, iris = Draft(), array("B"), list[str]()

        def texts() -> Iterator[str]:
            for number, thing in enumerate(every):
                draft.add(number, thing.texts)
                groups.append(GROUPS.index(thing.group))
                iris.append(thing.iri)
                yield thing.written()

        packed = Strings.pack(texts())
        hashes = np.array([key(iri) for iri in iris], np.uint64)
        keys = Keys(*Keys.pack(hashes, np.arange(len(iris), dtype=np.uint32)))
        return cls(dataset, draft.lines(), np.array(groups, np.uint8), Strings(*packed), keys)

    @classmethod
    def open(cls, version: Version, folder: Path) -> Roll:
        """Open the roll in a folder."""
        return cls(
            version.dataset,
            Lines.open(folder),
            load(folder, "group"),
            Strings.open(folder, "thing"),
            Keys.open(folder, "iri"),
        )

    def save(self, folder: Path) -> None:
        """Write it into a folder."""
        self.lines.save(folder)
        save(folder, "group", self.groups)
        Strings.save(folder, "thing", (self._texts.ends, self._texts.heap))
        Keys.save(folder, "iri", (self._keys.hashes, self._keys.numbers))

    def thing(self, number: int) -> Thing:
        """Return a thing by its number."""
        return things.read(self._texts[number])

    def find(self, iri: str) -> Thing | None:
        """Return the thing of an IRI; None where it is not in this roll."""
        found = map(self.thing, self._keys.find(iri))
        return next((thing for thing in found if thing.iri == iri), None)


def _write(release: Release, version: Version, folder: Path) -> None:
    Roll.of(version.dataset, things.of_version(release, version)).save(folder)


ROLLS = Derived("search", FORMAT, "names", _write, Roll.open)
