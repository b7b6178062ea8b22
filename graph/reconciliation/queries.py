"""Queries: what a client says of whom it looks for, and the candidates that it is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from opentier.graph.network.network import Actor

#: Candidates of one query: where nothing is said, and at most.
LIMIT, MOST = 10, 100
Quantifier = Literal["any", "all", "none"]
#: What a condition is about that is no property.
NAME, ID = "name", "id"


@dataclass(frozen=True)
class Condition:
    """A condition of a query.

    Attributes
    ----------
    about
        `NAME`, `ID` or the id of a property.
    required
        Whether who does not fulfil it is no candidate.
    quantifier
        How many of its values have to hold.
    """

    about: str
    values: tuple[str, ...]
    required: bool = False
    quantifier: Quantifier = "any"

    @property
    def excludes(self) -> bool:
        """Whether its values are what somebody must not have, and so say nothing of whom is looked for."""
        return self.quantifier == "none"


@dataclass(frozen=True)
class Query:
    """A query: who is looked for, among which types, and how many candidates are wanted."""

    conditions: tuple[Condition, ...]
    types: tuple[str, ...] = ()
    limit: int = LIMIT

    def said(self, about: str) -> tuple[str, ...]:
        """Return all values that are said of a name, an id or a property."""
        every = (each.values for each in self.conditions if each.about == about and not each.excludes)
        return tuple(value for values in every for value in values if value.strip())


@dataclass(frozen=True)
class Candidate:
    """An actor that may be the one looked for.

    Attributes
    ----------
    score
        From 0 to 100.
    sure
        Whether nobody has to look at it: it is the actor of the id that was given, or has an equal strong identifier.
    features
        What the score is made of, each from 0 to 1.
    """

    actor: Actor
    score: float
    sure: bool
    features: Mapping[str, float]
    why: str
