"""Candidates: of all parties of a release, the few that share rare keys with one that is looked for.

Each key weighs by how few have it; a strong identifier weighs as much as all together. Of a party the rarest keys are
looked at, until those that have them are as many as its budget, which grows with the graph: a limit that stays the same
finds fewer of what is there the more there is.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from opentier.graph.engine.arrays import Array
from opentier.graph.engine.columns import key, spread
from opentier.graph.matching import book, keys
from opentier.graph.matching.book import Book
from opentier.graph.matching.parties import Party
from opentier.graph.matching.rarity import Rarity
from opentier.graph.store.release import Release

#: Parties that are looked for at once.
_TOGETHER = 256
#: How many parties are looked at for one: at least, and for each root of the number of all.
_LEAST, _EACH = 400, 5.0
#: Where only likely ones are looked for: of that, one in how many, and the part of all keys that they share. (Of noisy
#: names that are accepted otherwise about one in thirty is lost by it.)
_FEWER, MUCH = 4, 0.2
#: Weights are whole numbers of such parts of one, so that the order in which they are added up changes nothing.
UNIT = 1 << 32


@dataclass(frozen=True)
class Books:
    """The books of the current versions of a release.

    Attributes
    ----------
    first
        The number of the first party of each book, among all; the number of all at the end.
    """

    books: list[Book]
    first: list[int]

    @classmethod
    def of(cls, release: Release) -> Books:
        """Open the books of a release as its scope shows it; write those that are not there."""
        return cls.together([book.opened(release, version) for version in release.current.values()])

    @classmethod
    def together(cls, books: Sequence[Book]) -> Books:
        """Put some books together."""
        first = [0]
        for each in books:
            first.append(first[-1] + len(each))
        return cls(list(books), first)

    def __len__(self) -> int:
        return self.first[-1]

    def party(self, number: int) -> Party:
        """Return a party by its number among all."""
        at = bisect_right(self.first, number) - 1
        return self.books[at].party(number - self.first[at])

    def rarity(self) -> Rarity:
        """Return how much words say in these books."""
        return Rarity(
            len(self), lambda word: int(self._holding(np.array([key(f"w:{word}")], np.uint64)).sum())
        )

    def _holding(self, hashes: Array) -> Array:
        """Return how many parties have each of some keys."""
        found = np.zeros(len(hashes), np.int64)
        for low, high in self._ranges(hashes):
            found += high - low
        return found

    def _ranges(self, hashes: Array) -> Iterator[tuple[Array, Array]]:
        """Yield for each book where the parties that have each of some keys begin and end."""
        for each in self.books:
            yield np.searchsorted(each.hashes, hashes), np.searchsorted(each.hashes, hashes, "right")

    def candidates(
        self, parties: Sequence[Party], limit: int, *, likely: bool = False
    ) -> Iterator[list[tuple[int, float]]]:
        """Yield for each party the numbers of those that may be it, with the part of its keys that they share.

        The most alike come first, `limit` at most. A party of these books is not its own candidate.

        Parameters
        ----------
        likely
            Whether only those are looked for that share much: fewer are looked at.
        """
        for start in range(0, len(parties), _TOGETHER):
            yield from self._found(parties[start : start + _TOGETHER], limit, likely)

    def _found(self, parties: Sequence[Party], limit: int, likely: bool) -> Iterator[list[tuple[int, float]]]:
        mine = [book.hashed(party) for party in parties]
        asked = np.repeat(np.arange(len(parties)), [len(hashes) for hashes in mine])
        hashes = np.concatenate([*mine, np.zeros(0, np.uint64)])
        ranges = list(self._ranges(hashes))
        held = sum((high - low for low, high in ranges), np.zeros(len(hashes), np.int64))
        weight = np.rint(np.log((len(self) + 2) / (held + 1)) * UNIT)
        whole = np.maximum(np.bincount(asked, weight, len(parties)), 1.0)
        weight = np.where(identifying(parties, mine), whole[asked], weight)
        looked = _rarest(asked, held, budget(len(self), likely=likely))
        pairs, weights = list[Array](), list[Array]()
        for (low, high), first, each in zip(ranges, self.first, self.books, strict=False):
            rows = spread(low[looked], high[looked])
            counts = (high - low)[looked]
            numbers = each.numbers[rows].astype(np.int64) + first
            pairs.append(np.repeat(asked[looked], counts) * len(self) + numbers)
            weights.append(np.repeat(weight[looked], counts))
        found, inverse = np.unique(np.concatenate([*pairs, np.zeros(0, np.int64)]), return_inverse=True)
        shared = np.bincount(inverse, np.concatenate([*weights, np.zeros(0)]), len(found))
        whom, number = found // max(len(self), 1), found % max(len(self), 1)
        part = np.minimum(shared / whole[whom], 1.0)
        if likely:
            much = part >= MUCH
            whom, number, part = whom[much], number[much], part[much]
        order = np.lexsort((number, -part, whom))
        ends = np.searchsorted(whom[order], np.arange(len(parties) + 1))
        for at, party in enumerate(parties):
            listed = order[ends[at] : ends[at + 1]][: limit + 1]
            yield [
                (int(number[n]), float(part[n])) for n in listed
                if not party.iri or self.party(int(number[n])).iri != party.iri
            ][:limit]  # fmt: skip


def budget(many: int, *, likely: bool = False) -> int:
    """Return how many of so many parties are looked at for one."""
    found = _LEAST + int(_EACH * math.sqrt(many))
    return found // _FEWER if likely else found


def identifying(parties: Sequence[Party], mine: Sequence[Array]) -> Array:
    """Return which keys of some parties, one after the other, are identifiers: who shares one shares all."""
    found = [
        np.isin(hashes, [key(each) for each in keys.of_identifiers(party)])
        for party, hashes in zip(parties, mine, strict=True)
    ]
    return np.concatenate([*found, np.zeros(0, bool)])


def _rarest(asked: Array, held: Array, budget: int) -> Array:
    """Return the keys to look at: of each party the rarest ones that anybody has, as far as its budget goes."""
    order = np.lexsort((held, asked))
    order = order[held[order] > 0]
    sums = np.cumsum(held[order])
    begins = np.flatnonzero(np.diff(asked[order], prepend=-1))
    before = np.repeat(sums[begins] - held[order][begins], np.diff(np.append(begins, len(order))))
    found: Array = order[sums - before <= budget]
    return found
