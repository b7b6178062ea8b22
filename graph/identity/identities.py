"""Identities: who is one with whom in a release, and the judgements that say so; and what a change makes of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from opentier.graph.identity.components import Components
from opentier.graph.identity.judgements import Judged, Judgements
from opentier.graph.identity.touched import Touched


@dataclass(frozen=True)
class Identities:
    """Who is one with whom.

    Attributes
    ----------
    judged
        The joins that are made, and the doubts and the negative judgements that count; in order.
    disputed
        How many joins are not made, since they contradict what is judged to differ.
    """

    canonical: Components
    judged: Sequence[Judged]
    disputed: int

    @classmethod
    def of(cls, said: Judgements) -> Identities:
        """Return what follows from judgements."""
        judged = (*said.joins, *said.doubts, *said.negative)
        return cls(said.joined(), sorted(judged, key=_order), len(said.disputed))

    def after(self, change: Touched) -> Identities:
        """Return what a change makes of these: nothing else of anybody whom it does not touch."""
        now, before = self.of(change.now), self.of(change.before)
        kept = (pair for pair in self.canonical.merged() if change.actors.isdisjoint(pair))
        judged = [said for said in self.judged if change.actors.isdisjoint(said.pair)]
        return Identities(
            Components.of((*kept, *now.canonical.merged())),
            sorted((*judged, *now.judged), key=_order),
            self.disputed - before.disputed + now.disputed,
        )


def _order(said: Judged) -> tuple[str, tuple[int, str, str, str]]:
    return said.judgement, said.age
