"""The finder: what somebody may mean who types something, of each group what fits best first.

First comes what has it as an identifier or a code, then what is called so, then what has a name that begins so, a word
of one that does, an identifier that does, and all its words. Where nothing has, it is what has words like them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from opentier.graph.engine.arrays import Array
from opentier.graph.engine.columns import spread
from opentier.graph.search.lines import Lines
from opentier.graph.search.roll import ROLLS, Roll
from opentier.graph.search.things import GROUPS, Thing
from opentier.graph.search.wording import How, joined, plain
from opentier.graph.store.release import Release
from opentier.graph.threads import once_each

#: Letters and words of what is typed that are looked at.
LETTERS, _WORDS = 1000, 16
#: Things of a group that may be skipped: nobody reads as far.
DEEP = 10_000
#: Letters from which on the beginning of an identifier is looked for.
_NUMBER = 4
#: Bytes of a line that its order tells apart; bits that these take.
_LONG, _BITS = 4095, 12
#: How well a line fits: what is typed is all of it, by what it is; it begins so; a word of it does; an identifier
#: begins so; it has all words; it has words like them, by their slips.
_WHOLE = {How.IDENTIFIER: 0, How.CODE: 1, How.NAME: 2, How.ALIAS: 3}
_BEGINS, _WITHIN, _NUMBERED, _ALL, _LIKE = 4, 5, 6, 7, 8
Why = Literal["id", "identifier", "code", "name", "alias", "similar"]
_WHYS: dict[How, Why] = {
    How.NAME: "name", How.ALIAS: "alias", How.CODE: "code", How.IDENTIFIER: "identifier",
}  # fmt: skip


@dataclass(frozen=True)
class Found:
    """Something that was found.

    Attributes
    ----------
    why
        By what: its id, identifier, code, name or alias; or that a name is similar.
    matched
        The text by which it was.
    """

    thing: Thing
    dataset: str
    why: Why
    matched: str
    order: tuple[int, str, str]


class Finder:
    """Finds things in some rolls."""

    def __init__(self, rolls: Sequence[Roll]) -> None:
        self.rolls = rolls

    def find(self, text: str, many: int, groups: Collection[str] = GROUPS) -> dict[str, list[Found]]:
        """Return what is found of each group, `many` at most, the best first."""
        text = text[:LETTERS]
        words = plain(text).split()[:_WORDS]
        found = {group: list[Found]() for group in GROUPS if group in groups}
        if not words:
            return found
        for look in (_exact, _alike):
            for roll in self.rolls:
                places, tiers = look(roll.lines, words, joined(_value(text)))
                for group, listed in found.items():
                    listed += _best(roll, places, tiers, GROUPS.index(group), many)
            if any(found.values()):
                break
        return {group: sorted(listed, key=lambda each: each.order)[:many] for group, listed in found.items()}

    def named(self, iris: Iterable[str]) -> list[Found]:
        """Return the things that have some IRIs."""
        return [
            Found(thing, roll.dataset, "id", thing.iri, (0, thing.name, thing.iri))
            for iri in iris
            for roll in self.rolls
            if (thing := roll.find(iri)) is not None
        ]


@once_each
def described(release: Release) -> Finder:
    """Return what finds whatever the datasets of a release describe."""
    return Finder([ROLLS.opened(release, version) for version in release.current.values()])


def _value(text: str) -> str:
    """Return an identifier without its scheme, where it may have one."""
    scheme, colon, value = text.strip().partition(":")
    return value if colon and value[:1].strip() and " " not in scheme else text


def _exact(lines: Lines, words: Sequence[str], number: str) -> tuple[Array, Array]:
    """Return places of words from which on what is typed is written, or that it has, and how well each line fits."""
    phrase = " ".join(words)
    places = lines.places(phrase)
    found = [(places, _fitting(lines, places, len(phrase.encode())))]
    if number and number != phrase:  # digits that were parted, syllables that are not
        places = lines.places(number)
        tiers = _fitting(lines, places, len(number.encode()))
        found.append((places, np.where(tiers <= _WHOLE[How.CODE], tiers, _ALL)))
    if len(words) > 1:
        places = _together(lines, [lines.places(word) for word in words])
        found.append((places, np.full(len(places), _ALL)))
    places, tiers = (np.concatenate(each) for each in zip(*found, strict=True))
    begun = (lines.hows[lines.rows[places]] == How.IDENTIFIER) & (tiers >= _BEGINS)
    kept = ~begun | (len(number) >= _NUMBER)
    return places[kept], np.where(begun, _NUMBERED, tiers)[kept]


def _alike(lines: Lines, words: Sequence[str], number: str) -> tuple[Array, Array]:
    """Return the same of lines that have words like all that are typed."""
    meant, slips = list[Array](), 0
    for word in words:
        exact, alike = lines.places(word), lines.alike(word)
        slips += 0 if len(exact) else min((many for *_, many in alike), default=0)
        low, high = (np.array([each[n] for each in alike], np.int64) for n in (0, 1))
        meant.append(np.concatenate([exact, spread(low, high)]))
    places = _together(lines, meant)
    return places, np.full(len(places), _LIKE + slips)


def _together(lines: Lines, meant: Sequence[Array]) -> Array:
    """Return a place in each line that has, for each word, one of its places."""
    fewest, *others = sorted(meant, key=len)
    rows, at = np.unique(lines.rows[fewest], return_index=True)
    for other in others:
        kept = np.isin(rows, lines.rows[other])
        rows, at = rows[kept], at[kept]
    return fewest[at]


def _fitting(lines: Lines, places: Array, size: int) -> Array:
    """Return how well lines fit at places from which on what is typed is written."""
    rows = lines.rows[places]
    first = lines.starts[places] == lines.begins[rows]
    whole = first & (lines.lengths[rows] == size)
    by_how = np.array([_WHOLE[how] for how in How])
    return np.where(whole, by_how[lines.hows[rows]], np.where(first, _BEGINS, _WITHIN))


def _best(roll: Roll, places: Array, tiers: Array, group: int, many: int) -> list[Found]:
    """Return the things of a group that fit best, each once."""
    lines = roll.lines
    rows = lines.rows[places]
    numbers = lines.numbers[rows]
    ours = roll.groups[numbers] == group
    rows, numbers, tiers = rows[ours], numbers[ours], tiers[ours]
    ranks = (tiers.astype(np.int64) << _BITS) + np.minimum(lines.lengths[rows], _LONG)
    looked = many
    while True:  # a thing has several lines: more are looked at until enough things are among them
        looked = min(looked * 4, len(ranks))
        nearest = (
            np.argpartition(ranks, looked - 1)[:looked] if looked < len(ranks) else np.arange(len(ranks))
        )
        order = nearest[np.lexsort((rows[nearest], ranks[nearest]))]
        _, first = np.unique(numbers[order], return_index=True)
        if len(first) >= many or looked == len(ranks):
            break
    return [_found(roll, int(rows[at]), int(ranks[at])) for at in order[np.sort(first)[:many]].tolist()]


def _found(roll: Roll, row: int, rank: int) -> Found:
    thing = roll.thing(int(roll.lines.numbers[row]))
    how, text = thing.texts[int(roll.lines.texts[row])]
    why: Why = "similar" if rank >> _BITS >= _LIKE else _WHYS[how]
    return Found(thing, roll.dataset, why, text, (rank, thing.name, thing.iri))
