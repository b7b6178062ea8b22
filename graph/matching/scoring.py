"""The score of two parties: a logistic of their features, with weights that stand in a file and may be others.

After Fellegi and Sunter, "A Theory for Record Linkage" (1969): what agrees and what differs each adds its weight, and
two thresholds part what is likely one, what a person has to look at, and what is two.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Literal

from opentier.graph.errors import UsageError, unable
from opentier.graph.matching.features import FEATURES

Band = Literal["accept", "review", "reject"]
#: Digits of a score behind the point.
DIGITS = 4
#: A sum below which a score is 0 to all digits, and its exponential is still a number.
_FAR = 100.0


@dataclass(frozen=True)
class Weight:
    """What a feature adds: `agree` where it is 1, less `differ` where it is 0, nothing at `middle`."""

    middle: float
    agree: float
    differ: float

    def of(self, value: float) -> float:
        """Return what a value adds."""
        if value >= self.middle:
            return self.agree * (value - self.middle) / (1 - self.middle) if self.middle < 1 else 0.0
        return -self.differ * (self.middle - value) / self.middle


@dataclass(frozen=True)
class Weights:
    """Weights and thresholds (see weights.toml).

    Attributes
    ----------
    against
        Features that keep two out of the highest band where they are 0, however much else agrees.
    """

    version: str
    start: float
    features: Mapping[str, Weight]
    accept: float
    review: float
    against: Mapping[str, float]

    @classmethod
    @lru_cache(maxsize=1)
    def shipped(cls) -> Weights:
        """Return the weights that ship."""
        text = files("opentier.graph.matching").joinpath("weights.toml").read_text("utf-8")
        return cls._of(text, "weights.toml")

    @classmethod
    def read(cls, path: Path) -> Weights:
        """Return the weights in a file of the same form as the one that ships.

        Raises
        ------
        UsageError
            If it cannot be read, or lacks something.
        """
        try:
            text = path.read_text("utf-8")
        except OSError as error:
            raise UsageError(f"The weights cannot be read: {unable(error)}") from error
        except UnicodeDecodeError as error:
            raise UsageError(f"The weights in {path} are no text in UTF-8: {error}") from error
        return cls._of(text, str(path))

    @classmethod
    def _of(cls, text: str, where: str) -> Weights:
        try:
            said = tomllib.loads(text)
            features = {
                name: Weight(**{k: float(v) for k, v in said["features"][name].items()}) for name in FEATURES
            }
            bands = said["bands"]
            found = cls(
                str(said["version"]), float(said["start"]), features, float(bands["accept"]), float(bands["review"]),
                {name: float(most) for name, most in bands["against"].items()},
            )  # fmt: skip
        except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError, AttributeError) as error:
            raise UsageError(f"{where} has no weights that can be used: {error}") from error
        if more := sorted({*said["features"], *found.against} - set(FEATURES)):
            raise UsageError(
                f"{where} weighs what is no feature: {', '.join(more)}. Features are {', '.join(FEATURES)}."
            )
        return found.within(found.accept, found.review)

    def within(self, accept: float | None, review: float | None) -> Weights:
        """Return the same weights with other thresholds, where they are given.

        Raises
        ------
        UsageError
            If they are not 0 to 1, or review is above accept.
        """
        high = self.accept if accept is None else accept
        low = self.review if review is None else review
        if not 0 <= low <= high <= 1:
            raise UsageError(
                f"Thresholds are 0 to 1, and review is at most accept: review {low:g}, accept {high:g}."
            )
        return replace(self, accept=high, review=low)

    def score(self, values: Mapping[str, float]) -> float:
        """Return the score of some features, 0 to 1: 1 where identifiers of all schemes that both state are equal."""
        if values.get("identifiers") == 1.0:
            return 1.0
        found = self.start + sum(self.features[name].of(value) for name, value in values.items())
        score = round(1 / (1 + math.exp(-max(found, -_FAR))), DIGITS)
        if any(values.get(name, 1.0) <= most for name, most in self.against.items()):
            return max(0.0, min(score, round(self.accept - 0.1**DIGITS, DIGITS)))
        return score

    def band(self, score: float) -> Band:
        """Return the band of a score."""
        return "accept" if score >= self.accept else "review" if score >= self.review else "reject"
