"""Wording: texts as they are looked for, and where in them somebody may begin to type."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import IntEnum

from anyascii import anyascii

from opentier.graph.written.names import folded

_WORDS = re.compile(r"[^\W_]+")
_APOSTROPHES = re.compile("['\u2019]")
#: Scripts that part no words: Thai and its neighbours, kana, Han.
_UNPARTED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
#: Where a letter of such a script begins, written in Latin ones: XinJiang.
_SYLLABLE = re.compile(r"(?<=[a-z])[A-Z]")


class How(IntEnum):
    """What a text is of a thing, by which it is found."""

    NAME = 0
    ALIAS = 1
    CODE = 2
    IDENTIFIER = 3


def plain(text: str) -> str:
    """Return the words of a text without case, accents and punctuation."""
    return " ".join(_WORDS.findall(folded(_APOSTROPHES.sub("", text))))


def begins(name: str, text: str) -> bool:
    """Return whether a word of a name begins as somebody types; nothing does where nothing is typed."""
    prefix = plain(text)
    return bool(prefix) and f" {prefix}" in f" {plain(name)}"


def joined(text: str) -> str:
    """Return a number as it is looked for: without what parts its digits."""
    return plain(text).replace(" ", "")


def lines(how: How, text: str) -> Iterator[tuple[str, list[int]]]:
    """Yield how a text is looked for, one in another script in Latin letters too, an identifier without its scheme.

    Beside each stand the letters at which somebody may begin to type, besides those that begin a word.
    """
    if how is How.IDENTIFIER:
        yield joined(text.partition(":")[2]), []
        return
    line = plain(text)
    yield line, [at for at, letter in enumerate(line) if _UNPARTED.match(letter)]
    if not text.isascii():
        yield _romanised(text)


def _romanised(text: str) -> tuple[str, list[int]]:
    """Return a text in Latin letters, and where a syllable of one begins that parts no words."""
    words, inner, length = list[str](), list[int](), 0
    for word in _WORDS.findall(_APOSTROPHES.sub("", anyascii(text))):
        inner += [length + found.start() for found in _SYLLABLE.finditer(word)]
        words.append(word.casefold())
        length += len(word) + 1
    return " ".join(words), inner
