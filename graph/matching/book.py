"""The book of a dataset version: its actors as parties, and which of them have which key. It never changes.

Books are kept in folder ``matching`` of the data directory (see `derived`).
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import astuple
from functools import lru_cache
from pathlib import Path

import numpy as np

from opentier.graph.engine.arrays import Array
from opentier.graph.engine.columns import Keys, Strings, key
from opentier.graph.matching import keys, parties
from opentier.graph.matching.parties import Party
from opentier.graph.model.versions import Version
from opentier.graph.store.derived import Derived
from opentier.graph.store.release import Release
from opentier.graph.written.names import Name

#: The layout of a book, and of names and keys in it: another one is written anew.
FORMAT = 6


class Book:
    """The parties of one dataset version.

    Attributes
    ----------
    hashes, numbers
        The keys (see `columns.key`) in order, and the number of the party that has each.
    """

    def __init__(self, version: Version, folder: Path) -> None:
        self.version = version
        self._texts = Strings.open(folder, "party")
        self._keys = Keys.open(folder, "key")
        self.hashes, self.numbers = self._keys.hashes, self._keys.numbers
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
    return BOOKS.place(release, version)


def opened(release: Release, version: Version) -> Book:
    """Open the book of a version; write it where there is none that can be read."""
    return BOOKS.opened(release, version)


def write(folder: Path, every: Iterable[Party]) -> None:
    """Write a book to an empty folder."""
    hashes, numbers = array("Q"), array("I")

    def texts() -> Iterator[str]:
        for number, party in enumerate(every):
            mine = [f"a:{party.iri}", *keys.keys(party)]
            hashes.extend(map(key, mine))
            numbers.extend([number] * len(mine))
            yield _written(party)

    packed = Strings.pack(texts())
    Strings.save(folder, "party", packed)
    Keys.save(folder, "key", Keys.pack(np.array(hashes), np.array(numbers)))
    (folder / "book.json").write_text(json.dumps({"parties": len(packed[0]) - 1}), "utf-8")


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


BOOKS = Derived(
    "matching",
    FORMAT,
    "names",
    lambda release, version, folder: write(folder, parties.of_version(release, version)),
    Book,
)
