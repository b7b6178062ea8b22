"""Characters that lie about what is read: they steer a terminal, turn text round, or make XML malformed."""

from __future__ import annotations

import re

#: Controls (C0, DEL, C1), marks and overrides of direction, separators of lines, the byte order mark, halves of
#: surrogate pairs, and what is no character at all.
_UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff]"
)
#: What XML 1.0 cannot hold, not even escaped.
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


def visible(text: str, keep: str = "") -> str:
    """Return a text with every character that is not seen, or changes what is seen, by its code point: ``<U+202E>``."""
    return _UNSEEN.sub(lambda found: found[0] if found[0] in keep else f"<U+{ord(found[0]):04X}>", text)


def legal(text: str) -> str:
    """Return a text that XML can hold: U+FFFD in the place of what it cannot."""
    return _ILLEGAL.sub("\ufffd", text)
