"""What is asked of a trace."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from opentier.graph.errors import Named, UsageError, mean
from opentier.graph.index.network import KINDS
from opentier.graph.model import cells
from opentier.graph.model.dates import EVER, NEVER, first_day, last_day


@dataclass(frozen=True)
class Parameters:
    """What is asked of a trace; every field is as understood, dates as ISO 8601."""

    downstream: bool = False
    product: str | None = None
    on: str | None = None
    since: str | None = None
    until: str | None = None
    max_tier: int | None = None
    min_confidence: float | None = None
    min_path_confidence: float | None = None
    observed_since: str | None = None
    kinds: tuple[str, ...] = ("supply", "operation")
    min_share: float = 50.0
    strict_product: bool = False
    countries: tuple[str, ...] = ()
    datasets: tuple[str, ...] = ()
    past: bool = False
    paths: int = 3


def window(parameters: Parameters) -> tuple[int, int]:
    """Return the first and the last day of the asked window; all time where none is asked."""
    if parameters.on:
        return first_day(parameters.on), last_day(parameters.on)
    return (
        first_day(parameters.since) if parameters.since else EVER,
        last_day(parameters.until) if parameters.until else NEVER,
    )


def floor(parameters: Parameters) -> Fraction:
    """Return the least confidence that a path may have; 0 where none is asked."""
    return Fraction(str(parameters.min_path_confidence or 0))


def check(asked: Parameters) -> None:
    """Raise UsageError where a parameter makes no sense."""
    for name, text in (
        ("on", asked.on),
        ("from", asked.since),
        ("to", asked.until),
        ("observed_since", asked.observed_since),
    ):
        if text is not None:
            date(name, text, day=name == "on")
    if asked.on and (asked.since or asked.until):
        raise UsageError(
            "Ask for a day (", Named("on"), ") or for a window (", Named("from"), ", ", Named("to"), "), not for both."
        )  # fmt: skip
    if asked.since and asked.until and first_day(asked.since) > first_day(asked.until):
        raise UsageError(
            "The window ends before it begins; exchange ", Named("from"), " and ", Named("to"), "."
        )
    unknown = sorted(set(asked.kinds) - set(KINDS))
    if unknown or not asked.kinds:
        near = mean(unknown[0], KINDS) if unknown else ""
        raise UsageError(
            Named("kinds"), f" are {', '.join(KINDS)}; not {', '.join(unknown) or 'nothing'}.{near}"
        )
    for name, value, least, most in (
        ("min_confidence", asked.min_confidence, 0, 1),
        ("min_path_confidence", asked.min_path_confidence, 0, 1),
        ("min_share", asked.min_share, 0, 100),
        ("max_tier", asked.max_tier, 0, 1000),
        ("paths", asked.paths, 1, 1000),
    ):
        if value is not None:
            within(name, value, least, most)


def date(name: str, text: str, *, day: bool = False) -> None:
    """Raise UsageError where a parameter is no date as it is stored, or (`day`) not one of a day."""
    try:
        if cells.date(text) != text or (day and len(text) != 10):
            raise ValueError
    except ValueError:  # which a CellError is
        raise UsageError(Named(name), f" {text!r} is not a date; write YYYY-MM-DD.") from None


def within(name: str, value: float, least: float, most: float) -> None:
    """Raise UsageError where a number lies beyond its bounds."""
    if not least <= value <= most:
        raise UsageError(Named(name), f" runs from {least:g} to {most:g}; not {value}.")
