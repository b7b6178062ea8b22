"""The book of a dataset version: its actors as parties, and which of them have which key. It never changes.

A book is derived, as an index is: one that is not there, or is not as it was written, is written anew from the release.
Books are kept beside the indexes, in folder ``matching`` of the data directory, for each version of a dataset.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path

import numpy as np

from opentier.graph.engine.arrays import Array
from opentier.graph.errors import StoreError, unable
from opentier.graph.index.columns import Keys, Strings, key
from opentier.graph.matching import keys, parties, prefixes
from opentier.graph.matching.parties import Party
from opentier.graph.matching.prefixes import Lines
from opentier.graph.model.versions import Version
from opentier.graph.store import durable
from opentier.graph.store.release import Release

#: The layout of a book, and of the keys in it: another one is written anew.
FORMAT = 2


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
        found = Keys.open(folder, "key")
        self.hashes, self.numbers = found.hashes, found.numbers
        self.lines = Lines.open(folder)
        self.count = json.loads((folder / "book.json").read_text("utf-8"))["parties"]
        self.party = lru_cache(maxsize=100_000)(self._party)

    def __len__(self) -> int:
        return int(self.count)

    def _party(self, number: int) -> Party:
        """Return a party by its number."""
        return _read(self._texts[number])

    def __iter__(self) -> Iterator[Party]:
        return (_read(self._texts[number]) for number in range(len(self)))


def folder(release: Release, version: Version) -> Path:
    """Return where the book of a version is kept."""
    return release.path.parent.parent / "matching" / version.dataset / str(version.number)


def opened(release: Release, version: Version) -> Book:
    """Open the book of a version; write it where there is none that can be read."""
    place = folder(release, version)
    if not _sound(place, version):
        shutil.rmtree(place, ignore_errors=True)
        write(place, version, parties.of_version(release, version))
    return Book(version, place)


def _sound(place: Path, version: Version) -> bool:
    """Return whether a book is there as it was written, and of that version."""
    try:
        said = json.loads((place / "book.json").read_text("utf-8"))
        return said["about"] == _about(version) and not durable.suspicious(place)
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _about(version: Version) -> list[object]:
    return [FORMAT, version.iri, version.checksum, version.admitted]


def write(place: Path, version: Version, every: Iterable[Party]) -> None:
    """Write a book: first beside its place, then renamed, so that it is there whole or not at all.

    Raises
    ------
    StoreError
        If it cannot be kept.
    """
    texts, hashes, numbers, lines = list[str](), list[int](), list[int](), list[tuple[int, str]]()
    for number, party in enumerate(every):
        texts.append(_written(party))
        lines += ((number, line) for line in dict.fromkeys(prefixes.lines(party)) if line)
        mine = [key(each) for each in keys.keys(party)]
        hashes += mine
        numbers += [number] * len(mine)
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".", dir=place.parent, ignore_cleanup_errors=True) as scratch:
            draft = Path(scratch) / "book"
            draft.mkdir()
            Strings.save(draft, "party", Strings.pack(texts))
            Keys.save(draft, "key", Keys.pack(np.array(hashes, np.uint64), np.array(numbers, np.uint32)))
            Lines.write(draft, lines)
            said = {"about": _about(version), "parties": len(texts)}
            (draft / "book.json").write_text(json.dumps(said), "utf-8")
            durable.write_hashes(draft)
            if not place.exists():
                draft.rename(place)
    except OSError as error:
        raise StoreError(
            f"The names of {version.dataset} cannot be kept at {place}: {unable(error)}"
        ) from error


def hashed(party: Party) -> Array:
    """Return the keys of a party as they stand in a book."""
    return np.array([key(each) for each in keys.keys(party)], np.uint64)


def _written(party: Party) -> str:
    said = [
        party.iri, party.called, party.kind, party.countries, party.regions, party.address, party.position,
        party.identifiers, party.sector, party.began, party.ended,
    ]  # fmt: skip
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"))


def _read(text: str) -> Party:
    iri, called, kind, countries, regions, address, position, identifiers, sector, began, ended = json.loads(
        text
    )
    return Party(
        iri, tuple(called), kind, tuple(countries), tuple(regions), address, tuple(position) if position else None,
        tuple(identifiers), sector, began, ended,
    )  # fmt: skip
