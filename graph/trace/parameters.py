"""What is asked of a trace: each filter is declared here once, for faces, for checks and for the engine."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from fractions import Fraction
from typing import Any

from opentier.graph.engine.hops import KINDS
from opentier.graph.errors import Named, UsageError, mean
from opentier.graph.model.dates import EVER, NEVER, first_day, last_day


@dataclass(frozen=True)
class Filter:
    """How a field of `Parameters` is asked for, on every face.

    Attributes
    ----------
    about
        What it does, in some words.
    called
        Its name on faces: that of the field, if no other is given.
    example
        A value of it.
    bounds
        The least and the most that it may be.
    date
        Whether it is a date: "day" where only a whole day will do.
    column
        The column of the arcs of which it is the least value that is walked (see `arrays.Keep`).
    of
        The kind of link that it counts for, where it counts for one alone.
    alone
        Whether it is asked of the trace of one actor alone.
    served
        The most of it that is served over HTTP.
    """

    about: str
    called: str = ""
    example: str = ""
    bounds: tuple[float, float] | None = None
    date: str = ""
    column: str = ""
    of: str = ""
    alone: bool = False
    served: int | None = None


#: What may be asked for in the place of a day where a clock is read: by the command line, and by screening records.
TODAY = "today"


def _asked(default: Any, about: str, **more: Any) -> Any:
    """Return a field with its filter."""
    return field(default=default, metadata={"filter": Filter(about, **more)})


#: What a designation can list for.
EXPLOITATION = ("forced-labour", "forced-child-labour", "child-labour", "trafficking", "not-stated")


@dataclass(frozen=True)
class Parameters:
    """What is asked of a trace; every field is as understood, dates as ISO 8601."""

    downstream: bool = _asked(False, "Who is exposed to this actor?", alone=True)
    product: str | None = _asked(None, "HS digits, or a product of a dataset.", example="6109")
    on: str | None = _asked(None, "A day: every link is live on it.", date="day")
    since: str | None = _asked(None, "First day of a window.", called="from", date="any")
    until: str | None = _asked(None, "Last day of a window.", called="to", date="any")
    as_known: str | None = _asked(None, "Only what was known at the end of this day.", date="day")
    max_tier: int | None = _asked(None, "No tier beyond this one.", bounds=(0, 1000))
    min_confidence: float | None = _asked(None, "Of every link, 0 to 1.", bounds=(0, 1))
    min_path_confidence: float | None = _asked(None, "Of the path's product, 0 to 1.", bounds=(0, 1))
    observed_since: str | None = _asked(
        None, "Supply links seen on or after this day.", date="any", column="observed", of="supply"
    )
    kinds: tuple[str, ...] = _asked(("supply", "operation"), ",".join(KINDS))
    min_share: float = _asked(
        50.0,
        "Ownership below this percentage is not walked.",
        bounds=(0, 100),
        column="share",
        of="ownership",
    )
    strict_product: bool = _asked(False, "Refuse links without a product.")
    countries: tuple[str, ...] = _asked((), "Only suppliers in these countries: CN,Malaysia")
    datasets: tuple[str, ...] = _asked((), "Only links of these datasets.")
    exploitation: tuple[str, ...] = _asked(
        (), "Only designations that state any of these: forced-labour,child-labour"
    )
    past: bool = _asked(False, "Show designations that are past, too.")
    pending: bool = _asked(False, "Show designations that begin later, too.")
    paths: int = _asked(3, "Best paths for each exposure.", bounds=(1, 1000), alone=True, served=50)


#: The filters by the names of their fields.
FILTERS: dict[str, Filter] = {
    each.name: replace(said, called=said.called or each.name)
    for each in fields(Parameters)
    for said in (each.metadata["filter"],)
}


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
    for name, said in FILTERS.items():
        if said.date and (text := getattr(asked, name)) is not None:
            date(said.called, text, day=said.date == "day")
    if asked.on and (asked.since or asked.until):
        raise UsageError(
            "Ask for a day (", Named("on"), ") or for a window (", Named("from"), ", ", Named("to"), "), not for both."
        )  # fmt: skip
    if asked.since and asked.until and first_day(asked.since) > first_day(asked.until):
        raise UsageError(
            "The window ends before it begins; exchange ", Named("from"), " and ", Named("to"), "."
        )
    if not asked.kinds:
        raise UsageError(Named("kinds"), f" are {', '.join(KINDS)}; not nothing.")
    if asked.strict_product and asked.product is None:
        raise UsageError(Named("strict_product"), " counts for a product only; add ", Named("product"), ".")
    for name, known in (("kinds", KINDS), ("exploitation", EXPLOITATION)):
        if unknown := sorted(set(getattr(asked, name)) - set(known)):
            near = mean(unknown[0], known)
            raise UsageError(Named(name), f" are {', '.join(known)}; not {', '.join(unknown)}.{near}")
    for name, said in FILTERS.items():
        if said.bounds and (value := getattr(asked, name)) is not None:
            within(said.called, value, *said.bounds)
        if said.of and said.of not in asked.kinds and getattr(asked, name) != getattr(Parameters, name):
            raise UsageError(
                Named(said.called), f" counts for {said.of} only; add {said.of} to ", Named("kinds"), "."
            )


def date(name: str, text: str, *, day: bool = False) -> None:
    """Raise UsageError where a parameter is no date as it is stored, or (`day`) not one of a day."""
    from opentier.graph.model import cells  # the faces read the filters before anything is asked
    from opentier.graph.written import days

    try:
        read = cells.date(text)
    except cells.CellError as error:
        told = f"{error.message} Write YYYY-MM-DD." if day and error.advice == days.FORM else str(error)
        raise UsageError(Named(name), f" {text!r}: {told}") from None
    if read != text:
        raise UsageError(Named(name), f" {text!r} is not written as a date is; write {read}.")
    if day and len(text) != 10:
        raise UsageError(Named(name), f" {text!r} is not a day; write YYYY-MM-DD.")


def within(name: str, value: float, least: float, most: float) -> None:
    """Raise UsageError where a number lies beyond its bounds."""
    if not least <= value <= most:
        raise UsageError(Named(name), f" runs from {least:g} to {most:g}; not {value}.")


def named(asked: Parameters, *, alone: bool = True) -> dict[str, Any]:
    """Return parameters by the names that faces have for them, those that are called otherwise last.

    Parameters
    ----------
    alone
        Whether those are among them that are asked of the trace of one actor alone.
    """
    said = sorted(FILTERS.items(), key=lambda each: each[0] != each[1].called)
    found = {each.called: getattr(asked, name) for name, each in said if alone or not each.alone}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in found.items()}


def given(said: dict[str, Any]) -> Parameters:
    """Return parameters by the names of their fields.

    Raises
    ------
    UsageError
        If one is none of them; the nearest is named.
    """
    known = {field.name for field in fields(Parameters)}
    if not set(said) <= known:
        near = mean(min(set(said) - known), known)
        raise UsageError(f"A trace takes {', '.join(sorted(known))}.{near}")
    return Parameters(**said)
