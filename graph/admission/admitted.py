"""What became of a contribution."""

from __future__ import annotations

from dataclasses import dataclass

from opentier.graph.model.versions import Version
from opentier.graph.report.report import Report


@dataclass(frozen=True)
class Matched:
    """What became of comparing the actors of a contribution with others.

    Attributes
    ----------
    compared
        How many of its actors were compared with those of other datasets.
    left_out
        How many were not, since they are too many.
    pairs
        How many pairs with others are likely one, and said to be so by rule.
    """

    compared: int
    left_out: int
    pairs: int


@dataclass(frozen=True)
class Admission:
    """What became of a contribution: its version, its report, whether it was new, and who may be one with whom."""

    version: Version
    report: Report
    new: bool
    matched: Matched | None = None
