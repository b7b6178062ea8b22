"""The evaluation of the matcher on labelled pairs: precision, recall and F1 with intervals, by band, and the errors.

Precision is the part of the pairs in a band that are one; recall the part of those that are one which is in it. Their
intervals are those of Wilson, "Probable Inference, the Law of Succession, and Statistical Inference" (1927); that of F1
is a bootstrap of the pairs (Efron 1979), made with a seed.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from opentier.graph.matching import explaining, labelled
from opentier.graph.matching.features import compare
from opentier.graph.matching.labelled import Labelled, Pair
from opentier.graph.matching.matcher import scored
from opentier.graph.matching.rarity import Rarity
from opentier.graph.matching.scoring import Band, Weights
from opentier.graph.model import printed

#: The bands that are taken together, and how they are called.
BANDS: tuple[tuple[str, tuple[Band, ...]], ...] = (
    ("accept", ("accept",)),
    ("accept and review", ("accept", "review")),
)
#: The normal quantile of intervals of 95 %; the samples of a bootstrap, and its seed.
_QUANTILE, SAMPLES, SEED = 1.959964, 2_000, 1
#: Errors of a kind that are listed.
_WORST = 10


@dataclass(frozen=True)
class Estimate:
    """A part, with its interval of 95 %; all None where there is nothing to take a part of."""

    value: float | None
    low: float | None
    high: float | None

    def __str__(self) -> str:
        told = [printed.score(each) for each in (self.value, self.low, self.high) if each is not None]
        return f"{told[0]} ({told[1]} to {told[2]})" if told else "-"

    def to_dict(self) -> dict[str, float | None]:
        """Return it as a JSON object."""
        rounded = (None if each is None else round(each, 4) for each in (self.value, self.low, self.high))
        return dict(zip(("value", "low", "high"), rounded, strict=True))


def wilson(some: int, many: int) -> Estimate:
    """Return the part that some are of many, with Wilson's interval."""
    if not many:
        return Estimate(None, None, None)
    part, square = some / many, _QUANTILE**2
    middle = (part + square / (2 * many)) / (1 + square / many)
    wide = _QUANTILE / (1 + square / many) * math.sqrt(part * (1 - part) / many + square / (4 * many**2))
    return Estimate(part, min(part, max(0.0, middle - wide)), max(part, min(1.0, middle + wide)))


def f1(found: int, wrong: int, missed: int, rest: int) -> Estimate:
    """Return F1 of some counts, with the interval of a bootstrap: so many pairs are drawn from them, over and over."""
    many = found + wrong + missed + rest
    if not found + wrong + missed:
        return Estimate(None, None, None)
    drawn = np.random.default_rng(SEED).multinomial(
        many, [each / many for each in (found, wrong, missed, rest)], SAMPLES
    )
    twice = 2 * drawn[:, 0]
    # A draw in which there is nothing to find, and nothing is found, has no F1, and is left out.
    whole = twice + drawn[:, 1] + drawn[:, 2]
    low, high = np.percentile(twice[whole > 0] / whole[whole > 0], [2.5, 97.5])
    return Estimate(2 * found / (2 * found + wrong + missed), float(low), float(high))


@dataclass(frozen=True)
class Measured:
    """What some bands together hold of some pairs.

    Attributes
    ----------
    found, wrong, missed
        Pairs in them that are one, pairs in them that are two, and pairs that are one and not in them.
    common
        Pairs in them of which a name is made of common words alone.
    """

    source: str
    bands: str
    pairs: int
    found: int
    wrong: int
    missed: int
    common: int

    @property
    def precision(self) -> Estimate:
        """The part of the pairs in these bands that are one."""
        return wilson(self.found, self.found + self.wrong)

    @property
    def recall(self) -> Estimate:
        """The part of the pairs that are one which is in these bands."""
        return wilson(self.found, self.found + self.missed)

    @property
    def f1(self) -> Estimate:
        """Their harmonic mean."""
        rest = self.pairs - self.found - self.wrong - self.missed
        return f1(self.found, self.wrong, self.missed, rest)

    def to_dict(self) -> dict[str, Any]:
        """Return it as a JSON object."""
        return {
            "source": self.source, "bands": self.bands, "pairs": self.pairs, "found": self.found, "wrong": self.wrong,
            "missed": self.missed, "names_of_common_words": self.common, "precision": self.precision.to_dict(),
            "recall": self.recall.to_dict(), "f1": self.f1.to_dict(),
        }  # fmt: skip


@dataclass(frozen=True)
class Judged:
    """A pair with what the matcher says of it."""

    pair: Pair
    score: float
    band: Band
    why: str
    common: bool

    def to_dict(self) -> dict[str, Any]:
        """Return it as a JSON object."""
        return {
            "row": self.pair.row, "source": self.pair.source, "left_name": " | ".join(self.pair.left.called),
            "right_name": " | ".join(self.pair.right.called), "same": self.pair.same, "score": self.score,
            "band": self.band, "why": self.why,
        }  # fmt: skip


@dataclass(frozen=True)
class Evaluation:
    """What weights are worth on labelled pairs."""

    labelled: Labelled
    weights: Weights
    judged: Sequence[Judged]

    @property
    def measured(self) -> list[Measured]:
        """What each band holds of all pairs, then of those of each source where there are several."""
        sources = sorted({each.pair.source for each in self.judged} - {""})
        return [
            self._of(source, *bands)
            for source in ("", *(sources if len(sources) > 1 else ()))
            for bands in BANDS
        ]

    def _of(self, source: str, name: str, bands: Sequence[Band]) -> Measured:
        meant = [each for each in self.judged if source in ("", each.pair.source)]
        inside = [each for each in meant if each.band in bands]
        found = sum(each.pair.same for each in inside)
        return Measured(
            source, name, len(meant), found, len(inside) - found, sum(each.pair.same for each in meant) - found,
            sum(each.common for each in inside),
        )  # fmt: skip

    @property
    def errors(self) -> dict[str, list[Judged]]:
        """The worst errors: what is accepted and is two, the likeliest first; what is rejected and is one, reversed."""
        wrong = [each for each in self.judged if each.band == "accept" and not each.pair.same]
        missed = [each for each in self.judged if each.band == "reject" and each.pair.same]
        return {
            "accepted and two": sorted(wrong, key=lambda each: (-each.score, each.pair.row))[:_WORST],
            "rejected and one": sorted(missed, key=lambda each: (each.score, each.pair.row))[:_WORST],
        }

    def to_dict(self) -> dict[str, Any]:
        """Return it as a JSON object."""
        return {
            "file": self.labelled.file,
            "pairs": len(self.judged),
            "same": sum(each.pair.same for each in self.judged),
            "unlabelled": self.labelled.unlabelled,
            "unread": list(self.labelled.unread),
            "weights": {
                "version": self.weights.version,
                "accept": self.weights.accept,
                "review": self.weights.review,
            },
            "measured": [each.to_dict() for each in self.measured],
            "errors": {name: [each.to_dict() for each in found] for name, found in self.errors.items()},
        }

    def to_text(self) -> str:
        """Return it for people."""
        return "\n".join(self._lines()) + "\n"

    def _lines(self) -> Iterator[str]:
        weights, same = self.weights, sum(each.pair.same for each in self.judged)
        yield (
            f"{self.labelled.file}: {len(self.judged):,} pairs, {same:,} of them one. Weights {weights.version}: "
            f"accept from {weights.accept:g}, review from {weights.review:g}."
        )
        if self.labelled.unlabelled:
            yield f"Rows without a label of people: {self.labelled.unlabelled:,}."
        if self.labelled.unread:
            yield f"Columns that are not read: {', '.join(self.labelled.unread)}."
        yield ""
        yield from table(self.measured)
        yield ""
        yield f"Intervals of 95 %: Wilson's; of F1 a bootstrap of {SAMPLES:,} samples, seed {SEED}."
        for kind, found in self.errors.items():
            if found:
                yield f"\nThe worst of what is {kind}:"
            for each in found:
                names = (" / ".join(side.called) or "-" for side in (each.pair.left, each.pair.right))
                row = f"row {each.pair.row}: " if each.pair.row else ""
                yield f"  {printed.score(each.score)}  {row}{' = '.join(names)}{f' ({each.why})' if each.why else ''}"


_HEADER = ("pairs", "bands", "one", "two", "missed", "common words", "precision", "recall", "F1")


def table(measured: Sequence[Measured]) -> Iterator[str]:
    """Yield the lines of a table, its columns as wide as they have to be."""
    rows = [_HEADER] + [
        (
            f"{each.source or 'all'} ({each.pairs:,})", each.bands, f"{each.found:,}", f"{each.wrong:,}",
            f"{each.missed:,}", f"{each.common:,}", str(each.precision), str(each.recall), str(each.f1),
        )
        for each in measured
    ]  # fmt: skip
    wide = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, wide, strict=True)).rstrip()


def evaluate(path: Path, weights: Weights | None = None, rarity: Rarity | None = None) -> Evaluation:
    """Evaluate weights on the labelled pairs of a file; a graph's rarity where one is given, else of public lists.

    Raises
    ------
    UsageError
        If the file cannot be read, with row and column.
    """
    return of(labelled.read(path), weights, rarity)


def of(found: Labelled, weights: Weights | None = None, rarity: Rarity | None = None) -> Evaluation:
    """Evaluate weights on labelled pairs."""
    weights, weigh = weights or Weights.shipped(), rarity or Rarity()
    return Evaluation(found, weights, [_judged(pair, weights, weigh) for pair in found.pairs])


def _judged(pair: Pair, weights: Weights, weigh: Rarity) -> Judged:
    if pair.score is not None:
        return Judged(pair, pair.score, weights.band(pair.score), "", common=False)
    compared = compare(pair.left, pair.right, weigh)
    score = scored(compared, weights)
    common = any(
        name is not None and all(map(weigh.common, name.words)) for name in (compared.left, compared.right)
    )
    return Judged(pair, score, weights.band(score), explaining.why(pair.left, pair.right, compared), common)
