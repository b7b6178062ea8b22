"""Names in scripts that no font at hand has: written in Latin letters, and marked, instead of as empty boxes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Set
from typing import Any

from anyascii import anyascii

#: What stands between blanks, and between the marks of XML.
_WORDS = re.compile(r'[^\s<>&;"]+')
#: What marks a word that was written in Latin letters.
MARK = "°"


def words(made: Any) -> set[str]:
    """Return the words of all texts in some data that have letters beyond ASCII."""
    return {
        word
        for text in _texts(made)
        if not text.isascii()
        for word in _WORDS.findall(text)
        if not word.isascii()
    }


def romanised(made: Any, lacking: Set[str]) -> Any:
    """Return data in whose texts the words that have no font are in Latin letters, and marked."""
    if isinstance(made, str):
        if made.isascii() or not lacking:
            return made
        return _WORDS.sub(lambda found: _latin(found[0]) if found[0] in lacking else found[0], made)
    if isinstance(made, Mapping):
        return {name: romanised(value, lacking) for name, value in made.items()}
    return [romanised(value, lacking) for value in made] if isinstance(made, list) else made


def _latin(word: str) -> str:
    """Return a word in Latin letters; a letter that has none by its code point."""
    return "".join(anyascii(letter) or f"U+{ord(letter):04X}" for letter in word) + MARK


def _texts(made: Any) -> Iterator[str]:
    if isinstance(made, str):
        yield made
    elif isinstance(made, Mapping):
        for value in made.values():
            yield from _texts(value)
    elif isinstance(made, list):
        for value in made:
            yield from _texts(value)
