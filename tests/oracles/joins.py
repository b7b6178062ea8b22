"""Who is one with whom: the judgements that count, what they join, and what they doubt."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from tests.oracles.rows import Package, Row, cell, first, kept

STRONG = ("lei", "os-id", "duns", "gln")
#: Of two judgements that weigh the same a negative one counts, and one that joins before one that doubts.
ORDER = ("unsure", "positive", "negative")
Pair = frozenset[str]


@dataclass(frozen=True)
class Judgement:
    """What somebody or some rule says of two actors."""

    pair: Pair
    said: str
    by_person: bool
    day: str

    @property
    def weight(self) -> tuple[bool, str, int]:
        """What makes it count: a person's before a rule's, then the later, then the negative."""
        return self.by_person, self.day, ORDER.index(self.said)


def filler(number: str) -> bool:
    """Whether an identifier is none: all digits equal, or the word UNKNOWN."""
    return number.upper() == "UNKNOWN" or len({digit for digit in number if digit.isalnum()}) < 2


def strong(row: Row) -> set[str]:
    """Return the identifiers of an actor that say who it is."""
    found = (key.partition(":") for key in cell(row, "identifiers"))
    return {f"{scheme}:{number}" for scheme, _, number in found if scheme in STRONG and not filler(number)}


def judgements(package: Package) -> Iterator[Judgement]:
    """Yield what people and rules say; equal strong identifiers are a positive judgement by rule."""
    for row in kept(package, "identity_judgements"):
        by_person = not row.get("decided_by", "").startswith("rule:")
        day = first(row["date"]) if row.get("date") else ""
        yield Judgement(frozenset({row["left"], row["right"]}), row["judgement"], by_person, day)
    rows = kept(package, "actors")
    for number, row in enumerate(rows):
        for other in rows[:number]:
            if strong(row) & strong(other):
                yield Judgement(frozenset({row["id"], other["id"]}), "positive", by_person=False, day="")


def counting(said: Iterable[Judgement], pair: Callable[[Judgement], Pair]) -> dict[Pair, Judgement]:
    """Return the judgement that counts of those on each pair; the sides of a pair have no order."""
    found: dict[Pair, Judgement] = {}
    for judgement in said:
        other = found.setdefault(pair(judgement), judgement)
        if judgement.weight > other.weight:
            found[pair(judgement)] = judgement
    return found


def components(package: Package) -> dict[str, str]:
    """Return the actor that stands for each actor.

    Actors are one when a positive judgement that counts says so, directly or through others; the smallest id
    stands for them.
    """
    groups = [{row["id"]} for row in kept(package, "actors")]
    for pair, judgement in counting(judgements(package), lambda judgement: judgement.pair).items():
        if judgement.said == "positive":
            one = set().union(*(group for group in groups if group & pair))
            groups = [group for group in groups if not group & one] + [one]
    return {actor: min(group) for group in groups for actor in group}


def unsure(package: Package, alias: Mapping[str, str]) -> set[Pair]:
    """Return the pairs of canonical actors of which the judgement that counts is in doubt."""
    said = counting(judgements(package), lambda judgement: judgement.pair).values()
    canonical = counting(said, lambda judgement: frozenset(alias[actor] for actor in judgement.pair))
    return {pair for pair, judgement in canonical.items() if judgement.said == "unsure" and len(pair) == 2}
