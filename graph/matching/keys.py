"""Keys: what two parties that may be one share, so that nobody has to be compared with everybody.

Words, both ends of long ones, pairs of how they begin, the name without spaces, triples of letters where a name is
short, pairs of them where a script parts no words, and strong identifiers. Which of them are rare enough to look at,
the graph says (`candidates`).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, pairwise

from opentier.graph.matching.parties import Party
from opentier.graph.written.names import Name, unparted

#: Letters of a word that stand for how it begins; words of a name that are paired; letters of a name that is short.
_BEGINS, _PAIRED, _SHORT = 4, 6, 14
#: Letters of either end of a long word: a slip of the pen, or a word joined to it, leaves one of them as it was.
_HALF = 5


def keys(party: Party) -> list[str]:
    """Return the keys of a party, each once."""
    return [*dict.fromkeys(key for name in party.names for key in of_name(name)), *of_identifiers(party)]


def of_identifiers(party: Party) -> list[str]:
    """Return the keys that are strong identifiers: whoever shares one may be it, whatever else differs."""
    return [f"i:{scheme}:{value}" for scheme, values in party.strong.items() for value in values]


def of_name(name: Name) -> Iterator[str]:
    """Yield the keys of one name."""
    yield f"c:{name.core}"
    for word in name.words:
        if len(word) > 1:
            yield f"w:{word}"
        if len(word) >= _HALF:
            yield f"b:{word[:_HALF]}"
            yield f"e:{word[-_HALF:]}"
    begun = sorted({word[:_BEGINS] for word in name.words if len(word) > 1})[:_PAIRED]
    for left, right in combinations(begun, 2):
        yield f"p:{left} {right}"
    if len(name.words) < 3 or len(name.core) <= _SHORT:
        yield from (f"g:{part}" for part in _parts(f"{name.core}$", 3))
    if unparted(name):
        yield f"o:{name.letters}"
        yield from (f"o:{left}{right}" for left, right in pairwise(name.letters))


def _parts(text: str, size: int) -> set[str]:
    return {text[at : at + size] for at in range(len(text) - size + 1)}
