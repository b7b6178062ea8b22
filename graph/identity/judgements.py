"""Judgements on identity: of those on one pair one counts, and those that count join actors, part them or doubt.

Equal strong identifiers are positive judgements by rule. Joins are made from the oldest on; one that would join what is
judged to differ is disputed, and joins nobody.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from opentier.graph.errors import UnreadableRecord
from opentier.graph.identity.components import Components
from opentier.graph.model.dates import EVER, first_day
from opentier.graph.model.names import Names, concept
from opentier.graph.store.release import Release, one
from opentier.graph.triples.engine import Fields

Pair = frozenset[str]
#: The dataset of what the people of a data directory judge: several who decide, and may contradict each other.
PEOPLE = "judgements"
#: The dataset of what the matcher takes for likely one, made of the others.
MATCHES = "matches"
#: The dataset of what those answer who are named in others.
REPLIES = "replies"
#: The datasets of the same of actors that are not public, each by the one that it stands beside.
BESIDE = {name: f"{name}-closed" for name in (PEOPLE, MATCHES, REPLIES)}
#: Those datasets: never public.
CLOSED = frozenset(BESIDE.values())
#: All of what people judge, and all of what the matcher takes for likely one.
JUDGED, MATCHED = ({name, BESIDE[name]} for name in (PEOPLE, MATCHES))
#: What the name of who decides begins with where that is no person.
RULE = "rule"
#: Who decides where two actors have one strong identifier.
EQUAL = "rule:equal-identifier"
#: Of judgements that weigh the same the last one here counts.
_ORDER = ("unsure", "positive", "negative")


@dataclass(frozen=True, slots=True)
class Judged:
    """A judgement on two actors as their records name them; its sides have no order.

    Attributes
    ----------
    record
        The IRI of the judgement, or of the identifier that both have.
    """

    left: str
    right: str
    judgement: str
    record: str
    decided_by: str | None = None
    score: float | None = None
    date: str | None = None

    @property
    def pair(self) -> Pair:
        """The two actors."""
        return frozenset({self.left, self.right})

    @property
    def by_person(self) -> bool:
        """Whether a person decided it, not a rule."""
        return not (self.decided_by or "").startswith(RULE)

    @property
    def weight(self) -> tuple[bool, int, int, str]:
        """What makes it count: a person's before a rule's, then the later, then the negative."""
        day = first_day(self.date) if self.date else EVER
        return self.by_person, day, _ORDER.index(self.judgement), self.record

    @property
    def age(self) -> tuple[int, str, str, str]:
        """What orders joins from the oldest on."""
        return self.weight[1], self.record, self.left, self.right


@dataclass(frozen=True)
class Dispute:
    """A join that joins nobody: with others it would make two actors one that are judged to differ."""

    join: Judged
    against: Judged
    through: tuple[Judged, ...]

    @property
    def deciders(self) -> tuple[str, ...]:
        """Everybody whose judgements contradict each other here."""
        said = (self.join, self.against, *self.through)
        return tuple(sorted({judged.decided_by or judged.record for judged in said}))

    @property
    def key(self) -> tuple[Pair, Pair]:
        """What tells it from others: who is not joined, and who is judged to differ."""
        return self.join.pair, self.against.pair

    def told(self, names: Names) -> str:
        """Return it in a sentence."""
        join, against = self.join, self.against
        return (
            f"{names.id(join.left)} and {names.id(join.right)} are not joined, the judgement is disputed: "
            f"{names.id(against.left)} and {names.id(against.right)} are judged to differ, and would become one."
        )

    @property
    def advice(self) -> str:
        """What to do about it."""
        return f"Ask who decided: {', '.join(self.deciders)}."


def of(record: str, fields: Fields) -> Judged | None:
    """Return a record as a judgement; None where it has no sides, or no code that we know.

    Raises
    ------
    UnreadableRecord
        If its date or its score cannot be read.
    """
    code = (one(fields, "ot:judgement") or "").removeprefix(concept("judgement", ""))
    left, right = one(fields, "ot:left"), one(fields, "ot:right")
    if not left or not right or code not in _ORDER:
        return None
    score, date = one(fields, "ot:score"), one(fields, "dcterms:date")
    try:
        if date:
            first_day(date)
        return Judged(
            left, right, code, record, one(fields, "ot:decidedBy"), float(score) if score else None, date
        )
    except ValueError as error:
        raise UnreadableRecord(f"The record {record} cannot be read: {error}.") from error


def counting(
    said: Iterable[Judged], pair: Callable[[Judged], Pair] = lambda judged: judged.pair
) -> dict[Pair, Judged]:
    """Return the judgement that counts of those on each pair."""
    found: dict[Pair, Judged] = {}
    for judged in said:
        known = found.setdefault(pair(judged), judged)
        if judged.weight > known.weight:
            found[pair(judged)] = judged
    return found


class Judgements:
    """What people and rules say of who is who, and what follows from it.

    Parameters
    ----------
    said
        Judgements that nobody has retracted.
    identified
        Pairs (actor, strong identifier).
    """

    def __init__(self, said: Iterable[Judged] = (), identified: Iterable[tuple[str, str]] = ()) -> None:
        self.said = list(said)
        #: In order: which joins are made hangs on it, and on nothing that a store yields by chance.
        self.identified = sorted(set(identified))
        self._components = Components()
        self._links: dict[str, list[tuple[str, Judged]]] = defaultdict(list)
        #: The joins that are made, the oldest first.
        self.joins: list[Judged] = []
        #: The joins that are not made, since they contradict what is judged to differ.
        self.disputed: list[Dispute] = []
        self._join()

    @cached_property
    def counts(self) -> dict[Pair, Judged]:
        """The judgement that counts on each pair of two actors."""
        return counting(judged for judged in self.said if judged.left != judged.right)

    @cached_property
    def doubts(self) -> list[Judged]:
        """The unsure judgements that count: no other one on the same two canonical actors ends them."""
        find = self._components.find
        found = counting(
            self.counts.values(), lambda judged: frozenset({find(judged.left), find(judged.right)})
        )
        return [judged for pair, judged in found.items() if judged.judgement == "unsure" and len(pair) > 1]

    @cached_property
    def by(self) -> Mapping[Pair, Judged]:
        """The judgement of each pair that is joined or in doubt."""
        return {judged.pair: judged for judged in (*self.joins, *self.doubts)}

    @property
    def negative(self) -> list[Judged]:
        """The negative judgements that count."""
        return [judged for judged in self.counts.values() if judged.judgement == "negative"]

    def joined(self) -> Components:
        """Return who is one with whom."""
        return self._components

    def equal(self) -> Iterator[Judged]:
        """Yield the joins by equal strong identifiers, but where an unsure judgement on the pair outweighs the rule."""
        first: dict[str, str] = {}
        having: dict[str, list[list[str]]] = {}  # actors of an identifier, those apart that are not joined
        for actor, identifier in dict.fromkeys(self.identified):
            if (other := first.setdefault(identifier, actor)) == actor:
                continue
            one, apart = list[str](), []
            for part in having.get(identifier, [[other]]):
                if join := self._equal(part, actor, identifier):
                    part.extend(one or [actor])
                    one = part
                    yield join
                else:
                    apart.append(part)
            having[identifier] = [one or [actor], *apart]

    def _equal(self, part: Iterable[str], actor: str, identifier: str) -> Judged | None:
        """Return the join of an actor to the first of some that no doubt keeps apart from it."""
        for other in part:
            join = Judged(other, actor, "positive", identifier, EQUAL)
            said = self.counts.get(join.pair)
            if said is None or said.judgement != "unsure" or said.weight < join.weight:
                return join
        return None

    def _join(self) -> None:
        """Make the joins from the oldest on, as far as no negative judgement stands against them."""
        opposed: dict[str, list[Judged]] = defaultdict(list)
        for judged in self.negative:
            opposed[judged.left].append(judged)
            opposed[judged.right].append(judged)
        positive = (judged for judged in self.counts.values() if judged.judgement == "positive")
        find = self._components.find
        for join in sorted((*self.equal(), *positive), key=lambda judged: judged.age):
            ends = {find(join.left), find(join.right)}
            if len(ends) > 1:
                few, many = sorted(ends, key=lambda end: len(opposed[end]))
                against = [n for n in opposed[few] if {find(n.left), find(n.right)} == ends]
                if against:
                    self.disputed.append(self._dispute(join, min(against, key=lambda judged: judged.age)))
                    continue
                self._components.join(few, many)
                opposed[find(few)] = opposed.pop(many) + opposed.pop(few)
            self.joins.append(join)
            self._links[join.left].append((join.right, join))
            self._links[join.right].append((join.left, join))

    def _dispute(self, join: Judged, against: Judged) -> Dispute:
        here, there = against.left, against.right
        if self._components.find(here) != self._components.find(join.left):
            here, there = there, here
        return Dispute(join, against, (*self.chain(here, join.left), *self.chain(join.right, there)))

    def chain(self, here: str, there: str) -> list[Judged]:
        """Return the fewest joins that make one actor another, in order; none where nothing does."""
        before: dict[str, tuple[str, Judged] | None] = {here: None}
        todo = [here]
        for end in todo:
            for other, judged in self._links.get(end, ()):
                if other not in before:
                    before[other] = (end, judged)
                    todo.append(other)
        found, end = [], there
        while step := before.get(end):
            found.append(step[1])
            end = step[0]
        return found[::-1]


def admitted(release: Release) -> Judgements:
    """Return the judgements of a release, as far as its scope shows it."""
    said = (of(iri, fields) for iri, fields in release.each("identity_judgements"))
    strong = ((actor, identifier) for actor, identifier in release.select("strong"))
    return Judgements(filter(None, said), strong)


def overruled(release: Release) -> list[tuple[Judged, Judged]]:
    """Return what people judged otherwise than another dataset, whose judgement counts; each with that one.

    A dataset that corrects itself overrules nobody.
    """
    said = [
        Judged(
            left, right, code.removeprefix(concept("judgement", "")), record, by or None, None, date or None
        )
        for record, left, right, code, by, date in release.select("contradicted")
        if left != right and code.removeprefix(concept("judgement", "")) in _ORDER
    ]
    counts, names = counting(said), release.names
    return [
        (judged, by)
        for judged in sorted(said, key=lambda judged: judged.record)
        if judged.by_person and (by := counts[judged.pair]).judgement != judged.judgement
        if names.id(by.record).partition("/")[0] != names.id(judged.record).partition("/")[0]
    ]
