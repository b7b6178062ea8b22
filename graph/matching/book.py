"""The book of a dataset version: its actors as parties, and which of them have which key. It never changes.

A book is derived, as an index is: one that is not there, or is not as it was written, is written anew from the release.
Books are kept beside the indexes, in folder ``matching`` of the data directory, for each version of a dataset.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from array import array
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import astuple
from functools import lru_cache
from pathlib import Path

import numpy as np

from opentier.graph.engine.arrays import Array
from opentier.graph.engine.columns import Keys, Strings, key
from opentier.graph.errors import StoreError, unable
from opentier.graph.matching import keys, parties
from opentier.graph.matching.parties import Party
from opentier.graph.matching.prefixes import Draft, Lines
from opentier.graph.model.versions import Version
from opentier.graph.store import durable
from opentier.graph.store.release import Release
from opentier.graph.written.names import Name

#: The layout of a book, and of names and keys in it: another one is written anew.
FORMAT = 5


class Book:
    """The parties of one dataset version.

    Attributes
    ----------
    hashes, numbers
        The keys (see `columns.key`) in order, and the number of the party that has each.
    lines
        Their names, to be looked through.
    """

    def __init__(self, version: Version, folder: Path) -> None:
        self.version = version
        self._texts = Strings.open(folder, "party")
        self._keys = Keys.open(folder, "key")
        self.hashes, self.numbers = self._keys.hashes, self._keys.numbers
        self.lines = Lines.open(folder)
        self.count = json.loads((folder / "book.json").read_text("utf-8"))["parties"]
        self.party = lru_cache(maxsize=100_000)(self._party)

    def __len__(self) -> int:
        return int(self.count)

    def _party(self, number: int) -> Party:
        """Return a party by its number."""
        return _read(self._texts[number])

    def find(self, iri: str) -> int | None:
        """Return the number of the party that is an actor; None where it is not in this book."""
        numbers = self._keys.find(f"a:{iri}")
        return next((number for number in numbers if self.party(number).iri == iri), None)

    def __iter__(self) -> Iterator[Party]:
        return (_read(self._texts[number]) for number in range(len(self)))


def folder(release: Release, version: Version) -> Path:
    """Return where the book of a version is kept."""
    return release.path.parent.parent / "matching" / version.dataset / str(version.number)


def opened(release: Release, version: Version) -> Book:
    """Open the book of a version; write it where there is none that can be read."""
    place = folder(release, version)
    if _sound(place, version):
        return Book(version, place)
    beside = _beside(place)
    with tempfile.TemporaryDirectory(prefix=".", dir=beside, ignore_cleanup_errors=True) as scratch:
        draft = Path(scratch) / "book"
        write(draft, version, parties.of_version(release, version))
        found = Book(version, draft)  # what is mapped stays when its name is another one, or gone
        if beside is not None:
            shutil.rmtree(place, ignore_errors=True)
            with suppress(OSError):  # somebody was faster
                draft.rename(place)
    return found


def _beside(place: Path) -> Path | None:
    """Return the folder in which a place is, made where it was not; None where nobody may write there."""
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return place.parent if os.access(place.parent, os.W_OK) else None


def _sound(place: Path, version: Version) -> bool:
    """Return whether a book is there as it was written, and of that version."""
    try:
        said = json.loads((place / "book.json").read_text("utf-8"))
        return said["about"] == _about(version) and not durable.suspicious(place)
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _about(version: Version) -> list[object]:
    return [FORMAT, version.iri, version.checksum, version.admitted]


def write(folder: Path, version: Version, every: Iterable[Party]) -> None:
    """Write a book to a new folder.

    Raises
    ------
    StoreError
        If it cannot be written.
    """
    hashes, numbers, lines = array("Q"), array("I"), Draft()

    def texts() -> Iterator[str]:
        for number, party in enumerate(every):
            mine = [f"a:{party.iri}", *keys.keys(party)]
            hashes.extend(map(key, mine))
            numbers.extend([number] * len(mine))
            lines.add(number, party)
            yield _written(party)

    packed = Strings.pack(texts())
    try:
        folder.mkdir(parents=True)
        Strings.save(folder, "party", packed)
        Keys.save(folder, "key", Keys.pack(np.array(hashes), np.array(numbers)))
        lines.save(folder)
        said = {"about": _about(version), "parties": len(packed[0]) - 1}
        (folder / "book.json").write_text(json.dumps(said), "utf-8")
        durable.write_hashes(folder)
    except OSError as error:
        raise StoreError(f"The names of {version.dataset} cannot be written: {unable(error)}") from error


def hashed(party: Party) -> Array:
    """Return the keys of a party as they stand in a book."""
    return np.array([key(each) for each in keys.keys(party)], np.uint64)


def _written(party: Party) -> str:
    said = [
        party.iri, party.called, party.kind, party.countries, party.regions, party.address, party.position,
        party.identifiers, party.sector, party.began, party.ended,
        [(*astuple(name)[:4], *map(sorted, (name.numbers, name.forms))) for name in party.names],
    ]  # fmt: skip
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"))


def _read(text: str) -> Party:
    (
        iri,
        called,
        kind,
        countries,
        regions,
        address,
        position,
        identifiers,
        sector,
        began,
        ended,
        understood,
    ) = json.loads(text)
    return Party(
        iri, tuple(called), kind, tuple(countries), tuple(regions), address, tuple(position) if position else None,
        tuple(identifiers), sector, began, ended,
        tuple(
            Name(said, tuple(words), core, letters, frozenset(numbers), frozenset(forms))
            for said, words, core, letters, numbers, forms in understood
        ),
    )  # fmt: skip
