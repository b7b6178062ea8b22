"""Lines: the texts of some things, sorted by every word that they hold, so that any beginning is found at once.

The lines are one text. Beside it stands where each of its words begins, in the order of what is written from there on:
all words that begin in one way stand together, and equal ones do. Each distinct word has the signs that it is made of,
by which words are found that differ from one by a slip or two.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import OSA

from opentier.graph.engine.arrays import Array
from opentier.graph.engine.columns import load, save
from opentier.graph.search.wording import How, lines

#: Bytes by which words are sorted: what is longer is compared when it is looked for.
_WIDTH = 32
_LINE, _WORD = 10, 32
#: Rows that are looked at together where columns are made.
_TOGETHER = 1 << 18
#: Letters from which on a word may have one slip, and two.
_ONE, _TWO = 3, 6
#: Bits that a slip changes at most among the signs of a word: of plain letters, and of others in UTF-8.
_PLAIN, _OTHER = 2, 8
#: Words like one that are taken, the likest.
_LIKE = 50
_COLUMNS = {
    "heap": np.uint8, "begins": np.uint64, "numbers": np.uint32, "texts": np.uint16, "hows": np.uint8,
    "starts": np.uint64,
 "rows": np.uint32, "words": np.uint32, "sizes": np.uint8, "signs": np.uint64,
}  # fmt: skip


@dataclass(frozen=True)
class Lines:
    """The lines of some things.

    Attributes
    ----------
    heap
        All lines in UTF-8, each with an end before and behind it.
    begins
        Where each line begins; at last, where one more would.
    numbers, texts, hows
        Whose line each is, which of its texts, and what that is of it (see `How`).
    starts, rows
        Where each word begins, in order of what is written there, and in which line.
    words
        The place in that order of each distinct word; at last, how many there are.
    sizes, signs
        The bytes that each distinct word has, and a bit for each sign in it.
    """

    heap: Array
    begins: Array
    numbers: Array
    texts: Array
    hows: Array
    starts: Array
    rows: Array
    words: Array
    sizes: Array
    signs: Array

    @classmethod
    def open(cls, folder: Path) -> Lines:
        """Open the lines in a folder."""
        return cls(*(load(folder, f"line.{name}") for name in _COLUMNS))

    def save(self, folder: Path) -> None:
        """Write them into a folder."""
        for name in _COLUMNS:
            save(folder, f"line.{name}", getattr(self, name))

    @cached_property
    def lengths(self) -> Array:
        """The bytes of each line."""
        return np.diff(self.begins.astype(np.int64)) - 1

    def text(self, row: int) -> str:
        """Return a line."""
        return self.heap[int(self.begins[row]) : int(self.begins[row + 1]) - 1].tobytes().decode()

    def places(self, prefix: str) -> Array:
        """Return the places of the words from which on a prefix is written, in their order."""
        sought = prefix.encode()
        short = sought[:_WIDTH]

        def written(place: int) -> bytes:
            return self._at(place, len(short))

        low = bisect_left(range(len(self.starts)), short, key=written)
        high = bisect_right(range(len(self.starts)), short, low, key=written)
        if len(sought) <= _WIDTH:
            return np.arange(low, high)
        return np.array([n for n in range(low, high) if self._at(n, len(sought)) == sought], np.int64)

    def _at(self, place: int, size: int) -> bytes:
        begin = int(self.starts[place])
        return self.heap[begin : begin + size].tobytes()

    def alike(self, word: str) -> list[tuple[int, int, int]]:
        """Return where words stand that a slip or two make of one: where each begins and ends, and how many slips."""
        slips = (len(word) >= _ONE) + (len(word) >= _TWO)
        sought = word.encode()
        if not slips or len(sought) >= _WIDTH:
            return []
        bits = (_PLAIN if word.isascii() else _OTHER) * slips
        wide = slips * (1 if word.isascii() else 3)
        near = np.bitwise_count(self.signs ^ np.uint64(_signs(sought))) <= bits
        near &= np.abs(self.sizes.astype(np.int16) - len(sought)) <= wide
        those = np.flatnonzero(near)
        found = process.extract(
            word, self._written(those), scorer=OSA.distance, score_cutoff=slips, limit=_LIKE
        )
        return [(int(self.words[at]), int(self.words[at + 1]), int(many)) for _, many, n in found
                for at in (those[n],)]  # fmt: skip

    def _written(self, those: Array) -> list[str]:
        """Return some of the distinct words."""
        starts, sizes = self.starts[self.words[those]].astype(np.int64), self.sizes[those]
        inside = np.arange(_WIDTH) < sizes[:, None]
        places = np.minimum(starts[:, None] + np.arange(_WIDTH), len(self.heap) - 1)
        found = np.where(inside, self.heap[places], 0).astype(np.uint8).view(f"S{_WIDTH}")
        return [each.decode(errors="ignore") for each in found.ravel().tolist()]


class Draft:
    """Lines as they are gathered."""

    def __init__(self) -> None:
        self._heap, self._begins, self._inner = bytearray(), array("Q"), array("Q")
        self._numbers, self._texts, self._hows = array("I"), array("H"), array("B")

    def add(self, number: int, texts: Iterable[tuple[How, str]]) -> None:
        """Add the texts of a thing by its number."""
        seen = set[str]()
        for which, (how, text) in enumerate(texts):
            for line, inner in lines(how, text):
                if not line or line in seen:
                    continue
                seen.add(line)
                self._heap.append(_LINE)
                begin = len(self._heap)
                self._begins.append(begin)
                self._numbers.append(number)
                self._texts.append(which)
                self._hows.append(how)
                self._inner.extend(begin + len(line[:at].encode()) for at in inner)
                self._heap += line.encode()

    def lines(self) -> Lines:
        """Return what was gathered, sorted."""
        heap = np.frombuffer(bytes(self._heap) + b"\n", np.uint8)
        begins = np.append(np.array(self._begins, np.uint64), np.uint64(len(heap)))
        parted = (heap == _LINE) | (heap == _WORD)
        starts = np.flatnonzero(parted[:-1] & ~parted[1:]) + 1
        starts = np.union1d(starts, np.array(self._inner, np.int64)).astype(np.int64)
        ends = np.flatnonzero(parted)
        sizes = np.minimum(ends[np.searchsorted(ends, starts)] - starts, _WIDTH)
        padded = np.append(heap, np.zeros(_WIDTH, np.uint8))
        written = _columns(padded, starts, np.full(len(starts), _WIDTH))
        order = np.lexsort(written[:, ::-1].T)
        starts, sizes = starts[order], sizes[order]
        words, signs = _distinct(padded, starts, sizes)
        found = {
            "heap": heap,
            "begins": begins,
            "numbers": np.array(self._numbers),
            "texts": np.array(self._texts),
            "hows": np.array(self._hows),
            "starts": starts,
            "rows": np.searchsorted(begins, starts, "right") - 1,
            "words": np.append(words, len(starts)),
            "sizes": sizes[words],
            "signs": signs,
        }
        return _typed(found)


def _typed(found: Mapping[str, Array]) -> Lines:
    return Lines(**{name: found[name].astype(kind) for name, kind in _COLUMNS.items()})


def _columns(padded: Array, starts: Array, sizes: Array) -> Array:
    """Return what is written from each start on, as numbers that are in the same order; shape (starts, 4)."""
    windows = np.lib.stride_tricks.sliding_window_view(padded, _WIDTH)
    found = np.empty((len(starts), _WIDTH // 8), ">u8")
    for at in range(0, len(starts), _TOGETHER):
        here = slice(at, at + _TOGETHER)
        inside = np.arange(_WIDTH) < sizes[here, None]
        found[here] = np.where(inside, windows[starts[here]], 0).astype(np.uint8).view(">u8")
    return found


def _distinct(padded: Array, starts: Array, sizes: Array) -> tuple[Array, Array]:
    """Return the places of the distinct words among sorted ones, and the signs of each."""
    written = _columns(padded, starts, sizes)
    first = np.ones(len(starts), bool)
    first[1:] = (written[1:] != written[:-1]).any(axis=1) | (sizes[1:] != sizes[:-1])
    words = np.flatnonzero(first)
    signs = np.zeros(len(words), np.uint64)
    for at in range(_WIDTH):
        here = sizes[words] > at
        bits = np.uint64(1) << (padded[starts[words[here]] + at].astype(np.uint64) & np.uint64(63))
        signs[here] |= bits
    return words, signs


def _signs(word: bytes) -> int:
    found = 0
    for sign in word:
        found |= 1 << (sign & 63)
    return found
