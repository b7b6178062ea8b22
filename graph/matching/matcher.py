"""The matcher: which actors of a release a party may be, with a score, a band and why. It decides nothing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from copy import copy
from dataclasses import dataclass, field
from functools import cached_property

from opentier.graph.errors import UsageError
from opentier.graph.matching import explaining
from opentier.graph.matching.candidates import Books
from opentier.graph.matching.features import Compared, compare
from opentier.graph.matching.parties import Party
from opentier.graph.matching.rarity import Rarity
from opentier.graph.matching.scoring import Band, Weights
from opentier.graph.store.release import Release

#: Candidates of one party that are compared, and given at most.
LIMIT = 20
#: Of what the best candidate shares, the part that another has to share to be compared; and which part of those that
#: may be given are in any case.
_WORTH, _ANYWAY = 0.3, 0.25
#: Features that make two of a name and a longer one that holds it, where they are 0.
_APART = ("identifiers", "time", "kind")


@dataclass(frozen=True)
class Match:
    """An actor that a party may be.

    Attributes
    ----------
    party
        The actor as the record says that was compared.
    iri
        The canonical actor.
    score
        From 0 to 1.
    asked
        The party that it may be.
    compared
        What they were compared by.
    """

    party: Party
    iri: str
    score: float
    band: Band
    asked: Party = field(repr=False)
    compared: Compared = field(repr=False)

    @property
    def values(self) -> dict[str, float]:
        """The features by name, each from 0 to 1."""
        return self.compared.values

    @cached_property
    def why(self) -> str:
        """Why they may be one, or not, in words."""
        return explaining.why(self.asked, self.party, self.compared)

    @property
    def name(self) -> str:
        """Its name as it is written."""
        return self.party.called[0] if self.party.called else self.iri


def scored(compared: Compared, weights: Weights) -> float:
    """Return the score of two parties.

    It is 1 where they have an equal strong identifier. Where another one contradicts that, a person has to look,
    whatever the names say; as where a name of the one stands whole in one of the other, and nothing but names and
    places speaks against it. It is 0 where neither a name nor an identifier says that they may be one.
    """
    equal = compared.values.get("identifiers", 0.0)
    if compared.left is None and not equal:
        return 0.0
    whole = compared.whole and all(compared.values.get(name, 1.0) for name in _APART)
    return max(weights.score(compared.values), weights.review if equal or whole else 0.0)


class Matcher:
    """Finds which actors of a release a party may be.

    Parameters
    ----------
    canonical
        Returns the canonical actor of one that a record names.
    rarity
        How much words say; without it, as the books have it.
    """

    def __init__(
        self,
        books: Books,
        weights: Weights | None = None,
        canonical: Callable[[str], str] = str,
        rarity: Rarity | None = None,
    ) -> None:
        self.books, self.weights, self._canonical = books, weights or Weights.shipped(), canonical
        self.rarity = rarity or books.rarity()

    @classmethod
    def of(
        cls, release: Release, weights: Weights | None = None, canonical: Callable[[str], str] = str
    ) -> Matcher:
        """Return the matcher of a release, as its scope shows it."""
        return cls(Books.of(release), weights, canonical)

    def weighing(self, weights: Weights) -> Matcher:
        """Return the same matcher with other weights."""
        found = copy(self)
        found.weights = weights
        return found

    def match(
        self,
        parties: Sequence[Party],
        limit: int = LIMIT,
        kinds: Collection[str] = (),
        least: Band = "reject",
    ) -> Iterator[list[Match]]:
        """Yield for each party the actors that it may be, the likeliest first, each canonical actor once.

        Parameters
        ----------
        kinds
            Actors of these kinds alone, where some are given.
        least
            The lowest band that is given. Where that is accept, only those are compared that share much of the names.

        Raises
        ------
        UsageError
            If there is no such band.
        """
        lowest = {"accept": self.weights.accept, "review": self.weights.review, "reject": 0.0}.get(least)
        if lowest is None:
            raise UsageError(f"A band is accept, review or reject, not {least!r}.")
        for party, found in zip(
            parties, self.books.candidates(parties, max(limit, LIMIT), likely=least == "accept"), strict=True
        ):
            best = dict[str, Match]()
            most = min(1.0, max((part for _, part in found), default=0.0))
            for at, (number, part) in enumerate(found):
                if at >= limit * _ANYWAY and part < _WORTH * most:
                    break
                other = self.books.party(number)
                if kinds and other.kind not in kinds:
                    continue
                compared = compare(party, other, self.rarity)
                score = scored(compared, self.weights)
                iri = self._canonical(other.iri)
                if score and score >= lowest and (iri not in best or score > best[iri].score):
                    best[iri] = Match(other, iri, score, self.weights.band(score), party, compared)
            yield sorted(best.values(), key=self._order)[:limit]

    def _order(self, match: Match) -> tuple[float, float, str]:
        """Return what the likeliest has least of: of those that a rule lifted into one band their own scores decide."""
        return -match.score, -self.weights.score(match.values), match.iri
