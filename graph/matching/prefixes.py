"""Prefixes: which parties have a name that begins as somebody types, or a word of one that does.

The names of a book are lines of one text, without case, accents and punctuation, those in other scripts in Latin
letters too. What is typed is looked for where a line or a word begins; a script that parts no words is found anywhere.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

import numpy as np
from anyascii import anyascii

from opentier.graph.engine.arrays import Array
from opentier.graph.engine.columns import load, save
from opentier.graph.matching.parties import Party
from opentier.graph.written.names import folded

_WORDS = re.compile(r"[^\W_]+")
_LINE, _WORD = b"\n", b" "


def plain(text: str) -> str:
    """Return the words of a text as they are looked for."""
    return " ".join(_WORDS.findall(folded(text).replace("'", "").replace("\u2019", "")))


def begins(name: str, text: str) -> bool:
    """Return whether a word of a name begins as somebody types; nothing does where nothing is typed."""
    prefix = plain(text)
    return bool(prefix) and f" {prefix}" in f" {plain(name)}"


def lines(party: Party) -> Iterator[str]:
    """Yield the names of a party as they are looked for."""
    for text in party.called:
        yield plain(text)
        if not text.isascii():
            yield plain(anyascii(text))


class Lines:
    """The names of some parties, to be looked through.

    Parameters
    ----------
    heap : uint8
        All lines in UTF-8, each with its end before and behind it.
    begins : uint64
        Where the end before each line stands.
    numbers : uint32
        Whose name each line is.
    """

    def __init__(self, heap: Array, begins: Array, numbers: Array) -> None:
        self._heap, self._begins, self._numbers = heap, begins, numbers

    @classmethod
    def open(cls, folder: Path) -> Lines:
        """Open the lines in a folder."""
        return cls(*(load(folder, f"line.{name}") for name in ("heap", "begins", "numbers")))

    @cached_property
    def _text(self) -> bytes:
        return self._heap.tobytes()

    def whole(self, prefix: str) -> Iterator[int]:
        """Yield the numbers of the parties of whose names one begins with a prefix (see `plain`)."""
        return self._found(_LINE + prefix.encode())

    def within(self, prefix: str) -> Iterator[int]:
        """Yield the numbers of the parties of whose names a later word begins with a prefix.

        One in a script of its own is looked for anywhere.
        """
        return self._found((_WORD if prefix.isascii() else b"") + prefix.encode())

    def _found(self, sought: bytes) -> Iterator[int]:
        at = self._text.find(sought)
        while at >= 0:
            line = int(np.searchsorted(self._begins, at, "right")) - 1
            yield int(self._numbers[line])
            at = self._text.find(sought, at + 1)


class Draft:
    """Lines as they are gathered."""

    def __init__(self) -> None:
        self._heap, self._begins, self._numbers = bytearray(), array("Q"), array("I")

    def add(self, number: int, party: Party) -> None:
        """Add the names of a party by its number."""
        for line in filter(None, dict.fromkeys(lines(party))):
            self._begins.append(len(self._heap))
            self._numbers.append(number)
            self._heap += _LINE + line.encode()

    def save(self, folder: Path) -> None:
        """Write them into a folder."""
        heap = np.frombuffer(self._heap + _LINE, np.uint8)
        found = {"heap": heap, "begins": np.array(self._begins), "numbers": np.array(self._numbers)}
        for name, column in found.items():
            save(folder, f"line.{name}", column)
