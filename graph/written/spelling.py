"""Spellings of one name: what of a name counts, whatever its case, accents, signs and spaces."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_APOSTROPHES = re.compile(r"['’ʻʼ`]")
_SIGNS = re.compile(r"[^A-Za-z0-9]+")
#: What people write who do not know, or who mean several, as `joined` gives it.
_NONE = frozenset({
    "", "unknown", "na", "none", "null", "nil", "nan", "notavailable", "notapplicable", "notknown", "notprovided",
    "notstated", "notspecified", "unspecified", "undisclosed", "missing", "tbd", "tbc", "pending", "various", "several",
    "multiple", "mixed", "other", "others", "unbekannt", "inconnu", "desconocido", "desconhecido", "nodata", "blank",
})  # fmt: skip


@lru_cache(maxsize=65536)
def key(name: str) -> str:
    """Return what of a name counts: its letters and digits, without case, accents and signs."""
    if name.isascii():
        return " ".join(_SIGNS.sub(" ", name.replace("'", "").replace("`", "")).casefold().split())
    text = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", name).casefold())
    plain = "".join(letter for letter in text if not "\u0300" <= letter <= "\u036f")
    marked = unicodedata.normalize("NFC", _APOSTROPHES.sub("", plain))
    return " ".join(
        "".join(c if c.isalnum() or unicodedata.category(c)[0] == "M" else " " for c in marked).split()
    )


def joined(name: str) -> str:
    """Return the key of a name without spaces: P.R. China, PR China and prchina are one."""
    return key(name).replace(" ", "")


def says_nothing(text: str) -> bool:
    """Return whether a text stands for none: a word such as UNKNOWN, or signs only."""
    return joined(text) in _NONE
