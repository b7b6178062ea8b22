"""Goods in words and in codes: what an initiative is about, and what a product is (``commodities.toml``)."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

#: Digits from which on a code of the Harmonized System says more than a chapter.
_HEADING = 4
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True)
class Commodity:
    """A good: its name, the HS codes that it stands under, and the words that mean it."""

    name: str
    hs: tuple[str, ...]
    words: frozenset[str]

    def takes_in(self, code: str) -> bool:
        """Return whether an HS code is of this good, or of a heading in which it is one among others."""
        return any(
            code.startswith(own) or (len(code) >= _HEADING and own.startswith(code)) for own in self.hs
        )


@lru_cache(maxsize=1)
def commodities() -> tuple[Commodity, ...]:
    """Return the goods that are told apart."""
    said = tomllib.loads(files("opentier.graph.law").joinpath("commodities.toml").read_text("utf-8"))
    return tuple(Commodity(name, tuple(good["hs"]), frozenset(good["words"])) for name, good in said.items())


def named(texts: Iterable[str]) -> frozenset[str]:
    """Return the names of the goods that a word of some texts means."""
    found = {word for text in texts for word in _WORD.findall(text.casefold())}
    return frozenset(good.name for good in commodities() if good.words & found)


@lru_cache(maxsize=4096)
def of(hs: str | None) -> frozenset[str]:
    """Return the names of the goods of an HS code."""
    return frozenset(good.name for good in commodities() if hs and good.takes_in(hs))
