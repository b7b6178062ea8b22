"""Names in scripts that no font at hand has: written in Latin letters, and marked, instead of as empty boxes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Set
from typing import Any

from anyascii import anyascii

_WORDS = re.compile(r"[^\s()\[\],:;]+")
#: What marks a word that was written in Latin letters.
MARK = "°"
#: From how many letters on such a word may be parted, where a line ends: a name in Chinese has no blanks.
_LONG = 12
_PARTED = "\u200b"
#: The kinds of letters that stand upon others, or between them and are not seen.
_UPON = frozenset({"Mn", "Mc", "Me", "Cf"})


def letters(made: Any) -> set[str]:
    """Return the letters beyond ASCII of all texts in some data."""
    return {letter for text in _texts(made) if not text.isascii() for letter in text if not letter.isascii()}


def romanised(made: Any, lacking: Set[str]) -> Any:
    """Return data in whose texts the words with a letter that no font has are in Latin letters, and marked."""
    if not lacking:
        return made
    if isinstance(made, str):
        if made.isascii() or lacking.isdisjoint(made):
            return made
        return _WORDS.sub(lambda found: found[0] if lacking.isdisjoint(found[0]) else _latin(found[0]), made)
    if isinstance(made, Mapping):
        return {name: romanised(value, lacking) for name, value in made.items()}
    return [romanised(value, lacking) for value in made] if isinstance(made, list) else made


def _latin(word: str) -> str:
    """Return a word in Latin letters; a letter that has none by its code point, a mark on a letter left out."""
    parts = [anyascii(letter) or _named(letter) for letter in word]
    return (_PARTED if sum(map(len, parts)) > _LONG else "").join(parts) + MARK


def _named(letter: str) -> str:
    return "" if unicodedata.category(letter) in _UPON else f"U+{ord(letter):04X}"


def _texts(made: Any) -> Iterator[str]:
    if isinstance(made, str):
        yield made
    elif isinstance(made, Mapping):
        for value in made.values():
            yield from _texts(value)
    elif isinstance(made, list):
        for value in made:
            yield from _texts(value)
