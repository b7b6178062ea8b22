"""Characters that lie about what is read: they steer a terminal, turn text round, or make XML malformed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

#: Controls (C0, DEL, C1), marks and overrides of direction, separators of lines, the byte order mark, halves of
#: surrogate pairs, and what is no character at all.
_UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff]"
)
#: What XML 1.0 cannot hold, not even escaped.
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
#: Embeddings, overrides and isolates of direction.
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")
_SPACE = re.compile("[ \t\r\n\xa0\u2028\u2029]+")
#: What has no width and no meaning; joiners have one in many scripts.
_WIDTHLESS = frozenset("\u00ad\u180e\u200b\u2060\ufeff")
#: Spaces, and what ends a line: around a cell they say nothing.
BLANKS = (
    "\t\n\r \xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
)
#: What separates lines and paragraphs in some files, and is seen in none.
_SEPARATORS = "\x85\u2028\u2029"
#: Characters that a message names.
_NAMED = 5


def visible(text: str, keep: str = "") -> str:
    """Return a text with every character that is not seen, or changes what is seen, by its code point: ``<U+202E>``."""
    return _UNSEEN.sub(lambda found: found[0] if found[0] in keep else f"<U+{ord(found[0]):04X}>", text)


def legal(text: str) -> str:
    """Return a text that XML can hold: U+FFFD in the place of what it cannot."""
    return _ILLEGAL.sub("\ufffd", text)


def illegal(text: str) -> str:
    """Return what XML cannot hold of a text, by code point: ``U+0001, U+FFFE``; nothing where it can hold all."""
    return "" if text.isprintable() else _named(_ILLEGAL.findall(text))


def turning(text: str) -> str:
    """Return what turns a text round, by code point: what is seen of it is not what is stored."""
    return "" if text.isprintable() else _named(_TURNING.findall(text))


def unseen(text: str) -> str:
    """Return what is not seen of a text, by code point: controls, what has no width, spaces that are no space."""
    return "" if text.isprintable() else _named(letter for letter in text if not letter.isprintable())


def tidy(text: str, code: bool) -> tuple[str, str]:
    """Return a cell without what is not seen and does no harm, and what was taken out or changed, by code point.

    A text loses what has no width, and separators of lines around it. A code loses all marks of format, and its other
    spaces become plain ones.
    """
    if text.isprintable():
        return text, ""
    found, kept = [], []
    for letter in text:
        kind = unicodedata.category(letter)
        if letter in _WIDTHLESS or (code and kind == "Cf"):
            found.append(letter)
        elif code and kind == "Zs" and letter != " ":
            found.append(letter)
            kept.append(" ")
        else:
            kept.append(letter)
    whole = "".join(kept)
    value = whole.strip(BLANKS + _SEPARATORS)
    begin, _, end = whole.partition(value) if value else (whole, "", "")
    found += [letter for letter in begin + end if letter in _SEPARATORS]
    return value, _named(found)


def plain(text: str) -> str:
    """Return a text with all that is not printed by its code point, for a message that is about spelling."""
    return "".join(letter if letter.isprintable() else f"<U+{ord(letter):04X}>" for letter in text)


def controls(text: str) -> str:
    """Return the control characters of a text and what XML cannot hold, by code point."""
    return _named(letter for letter in text if unicodedata.category(letter) == "Cc" or _ILLEGAL.match(letter))


def one_line(text: str) -> str:
    """Return a text on one line: any white space in it is one space."""
    return _SPACE.sub(" ", text).strip(" ")


def composed(text: str) -> str:
    """Return a text in the one form of its accents (NFC), one space between its words."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def folded(text: str) -> str:
    """Return what writings of one name share, whatever their case, the form of their accents and their spaces."""
    return composed(unicodedata.normalize("NFD", text).casefold())


def _named(found: Iterable[str]) -> str:
    points = [f"U+{ord(letter):04X}" for letter in dict.fromkeys(found)]
    return ", ".join(points[:_NAMED]) + (", ..." if len(points) > _NAMED else "")
