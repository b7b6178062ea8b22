"""Keys of GS1 as events write them, EPC URIs and digital links: which party, place or trade item is meant."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from stdnum import ean

_EPC = re.compile(r"urn:epc:(?:id|class|idpat):([a-z]+):([^:]+)", re.IGNORECASE)
#: A digital link: a place with or without an extension, a party, or a trade item, whatever more is said of it.
_LINK = re.compile(r"https?://[^/?#]+(?:/[^?#]*)?/(414|417|01)/(\d{8,14})(?:/254/([^/?#]+))?(?=[/?#]|$)")
_DIGITS = re.compile(r"\d+(?:\.\d+)*", re.ASCII)
_GLN, _GTIN = 13, 14


@dataclass(frozen=True)
class Key:
    """What a URI names: its kind, its number with its check digit, and the part of a place that is meant."""

    kind: Literal["party", "place", "item"]
    number: str
    part: str = ""

    @property
    def id(self) -> str:
        """A local id."""
        word = "gtin" if self.kind == "item" else "gln"
        return f"{word}-{self.number}" + (f"-{self.part}" if self.part else "")


class WrongKey(ValueError):
    """A URI that looks like one of GS1 and is none."""


def read(uri: str) -> Key | None:
    """Return what a URI names; None where it is not of GS1, or names none of these (a pallet, an asset, a document).

    Raises
    ------
    WrongKey
        If its digits are too few, too many, or wrong.
    """
    if epc := _EPC.fullmatch(uri):
        return _epc(epc[1].lower(), epc[2], uri)
    if not (link := _LINK.fullmatch(uri) or _LINK.match(uri)):
        return None
    kind, number, part = link.groups()
    number = number.zfill(_GTIN) if kind == "01" else number
    if len(number) != (_GTIN if kind == "01" else _GLN) or not ean.is_valid(number):
        raise WrongKey(f"{uri[:100]} has no valid number.")
    if kind == "01":
        return Key("item", number)
    return Key("party", number) if kind == "417" else Key("place", number, _part(part or ""))


def _epc(scheme: str, said: str, uri: str) -> Key | None:
    parts = said.split(".")
    if scheme not in ("sgln", "pgln", "sgtin", "lgtin"):
        return None
    digits = "".join(parts[:2])
    if len(parts) < 2 or not _DIGITS.fullmatch(".".join(parts[:2])):
        raise WrongKey(f"{uri[:100]} has no company prefix and reference of digits.")
    if scheme in ("sgtin", "lgtin"):
        digits = parts[1][0] + parts[0] + parts[1][1:]
    if len(digits) != (_GTIN if scheme in ("sgtin", "lgtin") else _GLN) - 1:
        raise WrongKey(f"{uri[:100]} has {len(digits)} digits before its check digit.")
    number = digits + ean.calc_check_digit(digits)
    if scheme in ("sgtin", "lgtin"):
        return Key("item", number)
    if scheme == "pgln":
        return Key("party", number)
    return Key("place", number, _part(".".join(parts[2:])))


def _part(text: str) -> str:
    """Return the extension of a place in signs that an id may have; none where the whole place is meant."""
    return "" if text in ("", "0") else "".join(sign if sign.isalnum() else "-" for sign in text)[:50]
