"""The figures of a batch: how near exposed actors are, how many, and which share of inputs passes through them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from tests.oracles.answers import Answer
from tests.oracles.brute import Oracle
from tests.oracles.hops import Hop, Walk
from tests.oracles.rows import Row, records

#: A share with its bounds: as weighed, the least, the greatest.
Share = tuple[Fraction, Fraction, Fraction]
NOTHING, ALL = Fraction(0), Fraction(1)
#: What inputs are weighed by, and the column in which all that state it must say the same.
BASES = (("share", ""), ("value", "currency"), ("quantity", "unit"))


@dataclass(frozen=True)
class Figures:
    """The figures of one actor; no basis where it has no inputs."""

    nearest: int | None
    distinct: int
    share: Fraction
    lower: Fraction
    upper: Fraction
    basis: str | None


@dataclass(frozen=True)
class Inputs:
    """The supply links of an actor: whether each meets an exposure, and what it states of the basis."""

    hops: Sequence[Hop]
    met: Sequence[bool]
    basis: str
    stated: Sequence[Fraction | None]

    def weighed(self, shares: Sequence[Share]) -> Share:
        """Return the share of the inputs of an actor by those of its links."""
        known = [
            (amount, share) for amount, share in zip(self.stated, shares, strict=True) if amount is not None
        ]
        free = [share for amount, share in zip(self.stated, shares, strict=True) if amount is None]
        total = sum((amount for amount, _ in known), NOTHING)
        if self.basis == "share":
            return self._of_a_hundred(known, free, max(total, Fraction(100)))
        mean = total / len(known) if known else ALL
        weights = [*known, *((mean, share) for share in free)]
        figure = sum((amount * share[0] for amount, share in weights), NOTHING) / sum(a for a, _ in weights)
        least, most = (
            [sum((amount * share[end] for amount, share in known), NOTHING) / total] if known else []
            for end in (1, 2)
        )
        return figure, min([*least, *(s[1] for s in free)]), max([*most, *(s[2] for s in free)])

    def _of_a_hundred(
        self, known: Sequence[tuple[Fraction, Share]], free: Sequence[Share], whole: Fraction
    ) -> Share:
        """Return it by stated shares: those over a hundred are scaled to it.

        Links that state none weigh the mean of the others, but no more than is left of a hundred. What no link
        claims is a rest: not exposed, but for the upper bound.
        """
        parts = [(amount / whole, share) for amount, share in known]
        rest = 1 - sum((part for part, _ in parts), NOTHING)
        each = min((1 - rest) / len(known), rest / len(free)) if free else NOTHING
        figure = sum((part * share[0] for part, share in parts), NOTHING) + sum(
            (each * share[0] for share in free), NOTHING
        )
        least, most = (sum((part * share[end] for part, share in parts), NOTHING) for end in (1, 2))
        return figure, least, most + rest


class Batch:
    """The figures of every actor of a package, its shares over a number of tiers."""

    def __init__(self, oracle: Oracle, tiers: int) -> None:
        self.oracle = oracle
        self.answers = {actor: Answer(oracle, actor) for actor in sorted(set(oracle.alias.values()))}
        self.inputs = {actor: self.links(actor) for actor in self.answers}
        self.shares: dict[str, Share] = dict.fromkeys(self.answers, (NOTHING, NOTHING, NOTHING))
        self.possible: dict[str, Fraction] = dict.fromkeys(self.answers, NOTHING)
        for _ in range(tiers):
            self.shares = {actor: self.through(self.inputs[actor]) for actor in self.answers}
            self.possible = {actor: self.at_most(actor) for actor in self.answers}

    def figures(self, actor: str) -> Figures:
        """Return the figures of one actor: all of its inputs are exposed where it is at tier 0 itself."""
        answer = self.answers[actor]
        ends = [walk.tiers for walk in answer.walks if any(True for _ in self.oracle.touches(walk))]
        nearest = min(ends, default=None)
        share = (ALL, ALL, ALL) if nearest == 0 else self.shares[actor]
        distinct = {exposed for exposed, _, _ in answer.exposures} - {actor}
        links = self.inputs[actor]
        return Figures(nearest, len(distinct), *share, links.basis if links.hops else None)

    def links(self, actor: str) -> Inputs:
        """Return the supply links with which a walk of an actor may begin."""
        start = self.oracle.start(actor)
        begun = [
            (hop, walk)
            for hop in self.oracle.onward[actor]
            if hop.kind == "supply" and (walk := self.oracle.grown(start, hop))
        ]
        rows = [self.oracle.package[hop.record[0]][hop.record[1]] for hop, _ in begun]
        basis, stated = weights(rows)
        return Inputs([hop for hop, _ in begun], [self.meets(walk) for _, walk in begun], basis, stated)

    def meets(self, walk: Walk) -> bool:
        """Whether a walk of one supply hop, or one that goes on from it without a second, meets an exposure."""
        return any(True for longer in self.before_the_next(walk) for _ in self.oracle.touches(longer))

    def before_the_next(self, walk: Walk) -> Iterator[Walk]:
        """Yield a walk and all that go on from it without a supply hop, none over the same link twice."""
        yield walk
        for hop in self.oracle.onward[walk.actor]:
            if hop.kind != "supply" and hop not in walk.hops and (longer := self.oracle.grown(walk, hop)):
                yield from self.before_the_next(longer)

    def through(self, inputs: Inputs) -> Share:
        """Return the share of inputs that passes through exposed actors, by the shares of one tier less."""
        if not inputs.hops:
            return NOTHING, NOTHING, NOTHING
        return inputs.weighed(
            [
                (ALL, ALL, ALL) if met else self.shares[hop.end]
                for hop, met in zip(inputs.hops, inputs.met, strict=True)
            ]
        )

    # --- What could not be tested ----------------------------------------------------------------------------------

    def at_most(self, actor: str) -> Fraction:
        """Return the greatest share of an actor if all were exposed that could not be tested."""
        inputs = self.inputs[actor]
        if not self.supplied(actor):
            return ALL
        if not inputs.hops:
            return NOTHING
        each = [
            (ALL,) * 3 if met or self.open(hop) else (self.possible[hop.end],) * 3
            for hop, met in zip(inputs.hops, inputs.met, strict=True)
        ]
        return inputs.weighed(each)[2]

    def supplied(self, actor: str) -> bool:
        """Whether some supply link says from whom an actor buys, whatever is asked."""
        rows = [row for _, row in records(self.oracle.package, "supply_links")]
        alias = self.oracle.alias
        return any(alias[row["buyer"]] == actor != alias[row["supplier"]] for row in rows)

    def open(self, hop: Hop) -> bool:
        """Whether a supplier or its link could not be tested.

        Places are listed and it is in none that is known, or goods are where it is and the link states no code.
        """
        listed = [
            row for row in self.oracle.designations if self.oracle.active(row) and not row.get("target")
        ]
        placed = [row for row in listed if row.get("country") or row.get("region")]
        where = self.oracle.places[hop.end]
        if placed and not any(country for country, _ in where):
            return True
        goods = [row for row in placed if row.get("product") and self.oracle.covered(row, hop.end)]
        coded = hop.product and self.oracle.products.code(hop.product)
        return self.answers[hop.end].somewhere(hop.end) or bool(goods and not coded)


def weights(rows: Sequence[Row]) -> tuple[str, list[Fraction | None]]:
    """Return what links are weighed by, and what each states of it.

    Stated shares, else values in one currency, else quantities in one unit, else evenly. What adds up to nothing
    weighs nothing.
    """
    for basis, alike in BASES:
        stated = [Fraction(row[basis]) if row.get(basis) else None for row in rows]
        units = {row.get(alike) for row, said in zip(rows, stated, strict=True) if said is not None}
        if len(units) == 1 and (basis == "share" or sum(said or 0 for said in stated) > 0):
            return basis, stated
    return "evenly", [None] * len(rows)
