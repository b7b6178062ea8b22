"""How wide text is, and where it is broken: by the widths of DejaVu Sans, the widest of the fonts that readers have."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

#: Hundredths of an em of the letters from U+0020 to U+007E, plain and bold.
_PLAIN = (
    32, 40, 46, 84, 64, 95, 78, 27, 39, 39, 50, 84, 32, 36, 32, 34, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 34, 34, 84,
    84, 84, 53, 100, 68, 69, 70, 77, 63, 58, 77, 75, 29, 29, 66, 56, 86, 75, 79, 60, 79, 69, 63, 61, 73, 68, 99, 69,
    61, 69, 39, 34, 39, 84, 50, 50, 61, 63, 55, 63, 62, 35, 63, 63, 28, 28, 58, 28, 97, 63, 61, 63, 63, 41, 52, 39, 63,
    59, 82, 59, 59, 52, 64, 34, 64, 84,
)  # fmt: skip
_BOLD = (
    35, 46, 52, 84, 70, 100, 87, 31, 46, 46, 52, 84, 38, 42, 38, 37, 70, 70, 70, 70, 70, 70, 70, 70, 70, 70, 40, 40, 84,
    84, 84, 58, 100, 77, 76, 73, 83, 68, 68, 82, 84, 37, 37, 77, 64, 100, 84, 85, 73, 85, 77, 72, 68, 81, 77, 110, 77,
    72, 73, 46, 37, 46, 84, 50, 50, 67, 72, 59, 72, 68, 44, 72, 71, 34, 34, 67, 34, 104, 71, 69, 72, 72, 49, 60, 48, 71,
    65, 92, 65, 65, 58, 71, 37, 71, 84,
)  # fmt: skip
#: Of other letters: those of East Asia take a whole em, those that stand upon others nothing.
_WIDE, _OTHER, _OTHER_BOLD = 100, 72, 80
#: Letters that stay together at the end of a broken word.
_TAIL = 3


@lru_cache(maxsize=4096)
def _letter(letter: str, bold: bool) -> int:
    if unicodedata.combining(letter) or unicodedata.category(letter) in ("Mn", "Me", "Cf"):
        return 0
    if unicodedata.east_asian_width(letter) in "WF":
        return _WIDE
    base = unicodedata.normalize("NFD", letter)[0]
    if " " <= base <= "~":
        return (_BOLD if bold else _PLAIN)[ord(base) - 32]
    return _OTHER_BOLD if bold else _OTHER


@lru_cache(maxsize=65536)
def width(text: str, size: float, bold: bool = False) -> float:
    """Return how many pixels a text of a size takes, rather too many than too few."""
    table = _BOLD if bold else _PLAIN
    if text.isascii():
        return (
            sum(table[ord(letter) - 32] if " " <= letter <= "~" else _OTHER for letter in text) * size / 100
        )
    return sum(_letter(letter, bold) for letter in text) * size / 100


def wrap(text: str, room: float, size: float, *, bold: bool = False, most: int = 0) -> list[str]:
    """Return the lines of a text in some room; a word that is longer than a line is broken.

    Parameters
    ----------
    most
        The most lines that there may be, if any: what comes after them is left out, and said by an ellipsis.
    """
    lines: list[str] = []
    line = ""
    for word in filter(None, text.split(" ")):  # what is not to be parted has other spaces
        while width(word, size, bold) > room:
            if line:
                lines.append(line)
                line = ""
            first, word = _broken(word, room, size, bold)
            lines.append(first)
        longer = f"{line} {word}" if line else word
        if width(longer, size, bold) <= room:
            line = longer
        else:
            lines.append(line)
            line = word
    lines += [line] if line else []
    if not most or len(lines) <= most:
        return lines
    last = lines[most - 1]
    while last and width(f"{last}…", size, bold) > room:
        last = last[:-1]
    return [*lines[: most - 1], f"{last.rstrip()}…"]


def _broken(word: str, room: float, size: float, bold: bool) -> tuple[str, str]:
    """Return the first part of a word that fits, and the rest; scripts without blanks are broken without a hyphen."""
    hyphen = "" if unicodedata.east_asian_width(word[0]) in "WF" else "-"
    many = len(word) - 1
    while many > 1 and width(word[:many] + hyphen, size, bold) > room:
        many -= 1
    if hyphen and len(word) - many < _TAIL and many > _TAIL:
        many = len(word) - _TAIL
    return word[:many] + hyphen, word[many:]
