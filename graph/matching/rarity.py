"""How much a word of a name says: the rarer it is among the names of the graph, the more.

Few names say little about which words are common, so what was counted in public lists of factories and mills stands
beside them: words.csv has how many of its names hold each word (`tests/benchmarks/words.py` counted them).
"""

from __future__ import annotations

import csv
import math
from collections.abc import Callable
from functools import lru_cache
from importlib.resources import files

#: Names of the graph that count as much as all that were counted.
_AS_MUCH = 200
#: Of all names, the part that holds a word which is common, and says nobody; and how many hold it at least: of those
#: that were counted, or of the graph's, where a small one is no measure: a group's own name is in many of few.
_COMMON, _SEVERAL, _OFTEN = 0.002, 8, 40


@lru_cache(maxsize=1)
def counted() -> tuple[int, dict[str, int]]:
    """Return how many names were counted, and how many of them hold each word that is not rare."""
    text = files("opentier.graph.matching").joinpath("words.csv").read_text("utf-8")
    rows = {row["word"]: int(row["names"]) for row in csv.DictReader(text.splitlines())}
    return rows.pop(""), rows


class Rarity:
    """What words say: 1 where no other name holds a word, 0 where all do, and the logarithm of how many between.

    Parameters
    ----------
    many
        How many names the graph has.
    holding
        Returns how many of them hold a word.
    """

    def __init__(self, many: int = 0, holding: Callable[[str], int] = lambda word: 0) -> None:
        self.names, self._holding = many, holding
        self._most = math.log(many + counted()[0])
        self._known: dict[str, tuple[float, bool]] = {}

    def __call__(self, word: str) -> float:
        """Return what a word says."""
        return self._of(word)[0]

    def common(self, word: str) -> bool:
        """Return whether so many names hold a word that it says nobody."""
        return self._of(word)[1]

    def own(self, word: str) -> float:
        """Return what a word says where no other stands by it: nothing, if public lists hold it time and again."""
        return 0.0 if word in counted()[1] else self(word)

    def _of(self, word: str) -> tuple[float, bool]:
        found = self._known.get(word)
        if found is None:
            others, (names, words) = max(self._holding(word) - 1, 0), counted()
            part = (others + _AS_MUCH * words.get(word, 1) / names) / (self.names + _AS_MUCH)
            said = min(1.0, -math.log(min(part, 1.0)) / self._most)
            common = part > _COMMON and (words.get(word, 0) >= _SEVERAL or others >= _OFTEN)
            found = self._known[word] = said, common
        return found
