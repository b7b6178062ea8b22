"""Features: how alike two parties are in one respect each, from 0 to 1; one that either does not state is missing.

The names that are compared are those of the two that are most alike. Words are aligned: equal ones first, then those
that differ in a few letters or are shortened, then what is left of both, spelled together; each counts by what it says
(`rarity`). The measures are those of record linkage: a weighted overlap of words (after Cohen, Ravikumar and Fienberg,
"A Comparison of String Distance Metrics for Name-Matching Tasks", 2003: SoftTFIDF), and the Indel similarity.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from rapidfuzz.distance import Indel

from opentier.graph.matching.parties import Party
from opentier.graph.matching.rarity import Rarity
from opentier.graph.written.names import Name, folded

#: All features, in the order in which they are told.
FEATURES = (
    "words", "core", "rare", "more", "instead", "numbers", "form", "alias", "script", "identifiers", "country",
    "region", "address", "house", "distance", "sector", "time", "kind",
)  # fmt: skip
#: How alike two words have to be to be one with a slip of the pen, and what a shortened one counts.
_SLIP, _SHORTENED = 0.75, 0.7
#: What a name says that no other is likely to say by chance: two words that one name alone holds.
_RARE = 2.0
#: How alike a name without a number is to one with one: a parent and its units.
_UNNUMBERED = 0.15
#: What a name of one word, and one of several, has to say to be known where it stands whole in another: the first about
#: what a word does that one in 500 names holds.
_KNOWN = (0.55, 0.4)
#: Letters from which on a name is known within words that are written together: in Latin, in a script that parts none.
_LATIN, _OWN = 12, 4
#: Kilometres at which a place is half as likely to be the same.
_HALF = 5.0
_EARTH = 6371.0
_TOKENS = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class Compared:
    """Two parties compared.

    Attributes
    ----------
    left, right
        The names that are most alike; None where either has none.
    values
        The features that both state, by name.
    whole
        A name of the one that stands whole in a name of the other, between other words; None where none does.
    """

    left: Name | None
    right: Name | None
    values: dict[str, float]
    whole: Name | None = None


def compare(left: Party, right: Party, weigh: Rarity) -> Compared:
    """Compare two parties."""
    best, (one, other), inside = dict[str, float](), (None, None), list[Name]()
    for here in left.names:
        for there in right.names:
            if not told(here, there, weigh):
                continue
            found = of_names(here, there, weigh)
            inside += filter(None, [whole(here, there, weigh)])
            if not best or _order(found) > _order(best):
                best, one, other = found, here, there
    if one and other:
        first = one is left.names[0] and other is right.names[0]
        best["alias"] = 0.0 if first else 1.0
        if bool(one.letters) != bool(other.letters):
            best["script"] = 1.0
    values = best | of_places(left, right) | of_addresses(left, right) | of_others(left, right)
    said = {name: values[name] for name in FEATURES if name in values}
    return Compared(one, other, said, max(inside, key=lambda name: (len(name.core), name.text), default=None))


def _order(found: dict[str, float]) -> tuple[float, ...]:
    """Return what the names that are most alike have most of; where that is equal, all else that tells them apart."""
    best = found["words"] + found["core"] + 0.2 * found.get("numbers", 0.5)
    return best, found["rare"], *(found.get(name, 2.0) for name in FEATURES)


# --- Names -------------------------------------------------------------------------------------------------------


def of_names(left: Name, right: Name, weigh: Rarity) -> dict[str, float]:
    """Compare two names."""
    core = max(_ratio(left.core, right.core), _ratio(left.letters, right.letters))
    said = [sum(map(weigh, name.words)) for name in (left, right)]
    if core == 1.0:
        found = {"words": 1.0, "core": 1.0, "rare": min(1.0, max(said) / _RARE)}
    else:
        pairs, mine, others = aligned(left.words, right.words)
        common = math.fsum(
            how * min(sum(map(weigh, one)), sum(map(weigh, other))) for one, other, how in pairs
        )
        found = {
            "words": 2 * common / sum(said) if sum(said) else 0.0,
            "core": core,
            "rare": min(1.0, common / _RARE),
        }
        alone = [max(map(weigh, words), default=0.0) for words in (mine, others)]
        if all(alone):
            found["instead"] = 1.0 - min(alone)
        elif any(alone):
            found["more"] = 1.0 - max(alone)
    if left.numbers or right.numbers:
        both = left.numbers and right.numbers
        found["numbers"] = (1.0 if left.numbers == right.numbers else 0.0) if both else _UNNUMBERED
    if left.forms and right.forms:
        found["form"] = float(left.forms <= right.forms or right.forms <= left.forms)
    return found


def told(left: Name, right: Name, weigh: Rarity) -> bool:
    """Return whether two names say anybody: one of common words alone says somebody only where both are the same.

    One common word says nobody at all.
    """
    if any(all(map(weigh.common, name.words)) for name in (left, right)):
        return left.core == right.core and (len(left.words) > 1 or len(right.words) > 1)
    return True


def whole(left: Name, right: Name, weigh: Rarity) -> Name | None:
    """Return which of two names stands whole in the other, between other words; None where none does.

    So lists have a name with its address, whom to ask, a number of theirs, or somebody else beside it. It has to say
    somebody by itself, and its numbers have to be there, too. A single word has to stand first, as a company's own
    does, since no list knows all words of trades (Spinning).
    """
    short, long = sorted((left, right), key=lambda name: (len(name.core), name.core))
    if short.core == long.core or not short.numbers <= long.numbers:
        return None
    many = len(short.words)
    if sum(map(weigh.own, short.words)) < _KNOWN[many > 1]:
        return None
    together = len(short.core) >= _LATIN and short.core in long.core
    own = len(short.letters) >= _OWN and short.letters in long.letters
    places = range(len(long.words) - many + 1 if many > 1 else 1)
    among = any(long.words[at : at + many] == short.words for at in places)
    return short if together or own or among else None


#: Words that stand for each other, and how alike they are: 1 for equal ones.
Aligned = tuple[Sequence[str], Sequence[str], float]
#: How alike some words of one name and some of another are.
_Likely = tuple[float, tuple[str, ...], tuple[str, ...]]


def aligned(left: Sequence[str], right: Sequence[str]) -> tuple[list[Aligned], list[str], list[str]]:
    """Return the words of two names that stand for each other, and those of either name that stand alone."""
    pairs, mine, others = list[Aligned](), list[str](), list(right)
    for word in left:
        if word in others:
            others.remove(word)
            pairs.append(((word,), (word,), 1.0))
        else:
            mine.append(word)
    if not mine or not others:
        return pairs, mine, others
    likely: list[_Likely] = [
        (1.0, (one + two,), (one, two)) for one, two in pairwise(others) if one + two in mine
    ]
    likely += [(1.0, (one, two), (one + two,)) for one, two in pairwise(mine) if one + two in others]
    likely += [(how, (one,), (other,)) for one in mine for other in others if (how := _alike(one, other))]
    for how, here, there in sorted(likely, key=_likeliest):
        if _holds(mine, here) and _holds(others, there):
            for word in here:
                mine.remove(word)
            for word in there:
                others.remove(word)
            pairs.append((here, there, how))
    one, other = "".join(mine), "".join(others)
    how = _ratio(one, other)
    if how >= _SLIP and min(len(one), len(other)) > 3:
        return [*pairs, (mine, others, how)], [], []
    return pairs, mine, others


def _likeliest(found: _Likely) -> tuple[float, Sequence[tuple[str, ...]]]:
    """Return the order in which words are taken for each other: the same, whichever name comes first."""
    how, one, other = found
    return -how, sorted((one, other))


def _holds(words: list[str], some: tuple[str, ...]) -> bool:
    return all(words.count(word) >= some.count(word) for word in some)


@lru_cache(maxsize=100_000)
def _alike(one: str, other: str) -> float:
    """Return how alike two words are that are not equal; 0 where they are two words."""
    short, long = sorted((one, other), key=len)
    if len(short) < 2 or (short[0] != long[0] and len(short) < 5):
        return 0.0
    how = _ratio(one, other)
    if how >= _SLIP and len(short) > 3:
        return how
    rest = iter(long)
    shortened = len(short) > 1 and len(long) > len(short) + 1 and all(letter in rest for letter in short)
    if shortened and short[0] == long[0] and (long.startswith(short) or not set(short[1:-1]) & set("aeiou")):
        return _SHORTENED
    return 0.0


def _ratio(one: str, other: str) -> float:
    return Indel.normalized_similarity(one, other) if one and other else 0.0


# --- Places ------------------------------------------------------------------------------------------------------


def of_places(left: Party, right: Party) -> dict[str, float]:
    """Compare countries, regions and coordinates."""
    found = {}
    if left.countries and right.countries:
        found["country"] = float(bool({*left.countries} & {*right.countries}))
    if left.regions and right.regions and found.get("country", 1.0):
        found["region"] = float(bool(set(map(folded, left.regions)) & set(map(folded, right.regions))))
    if left.position and right.position:
        found["distance"] = 0.5 ** (kilometres(left.position, right.position) / _HALF)
    return found


def kilometres(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Return the kilometres between two places of the Earth, by the haversine formula."""
    (low, west), (high, east) = (tuple(map(math.radians, each)) for each in (one, other))
    inner = (
        math.sin((high - low) / 2) ** 2 + math.cos(low) * math.cos(high) * math.sin((east - west) / 2) ** 2
    )
    return 2 * _EARTH * math.asin(math.sqrt(min(1.0, inner)))


def of_addresses(left: Party, right: Party) -> dict[str, float]:
    """Compare the words of two addresses, and the numbers in them."""
    if not left.address or not right.address:
        return {}
    one, other = _address(left.address), _address(right.address)
    found = {}
    words = [{word for word in said if not word.isdigit()} for said in (one, other)]
    numbers = [{word for word in said if word.isdigit()} for said in (one, other)]
    if all(words):
        few, many = sorted(words, key=lambda said: (len(said), sorted(said)))
        best = (1.0 if word in many else max(_alike(word, each) for each in many) for word in few)
        found["address"] = math.fsum(best) / len(few)
    if all(numbers):
        found["house"] = len(numbers[0] & numbers[1]) / min(map(len, numbers))
    return found


@lru_cache(maxsize=50_000)
def _address(text: str) -> frozenset[str]:
    return frozenset(_TOKENS.findall(re.sub(r"(?<=\d)(?=[^\W\d])|(?<=[^\W\d])(?=\d)", " ", folded(text))))


# --- All else ----------------------------------------------------------------------------------------------------


def of_others(left: Party, right: Party) -> dict[str, float]:
    """Compare identifiers, sectors, times and kinds."""
    found = {}
    schemes = left.strong.keys() & right.strong.keys()
    if schemes:
        found["identifiers"] = sum(bool(left.strong[each] & right.strong[each]) for each in schemes) / len(
            schemes
        )
    if left.sector and right.sector:
        found["sector"] = _ratio(folded(left.sector), folded(right.sector))
    ends = [
        (one.ended, other.began) for one, other in ((left, right), (right, left)) if one.ended is not None
    ]
    if any(began is not None and ended <= began for ended, began in ends):
        found["time"] = 0.0
    if left.kind and right.kind and ("vessel" in (left.kind, right.kind)) and left.kind != right.kind:
        found["kind"] = 0.0
    return found
