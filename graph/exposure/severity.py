"""Severity: what to look at first, as the product of factors that are printed with their values."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path as FilePath
from typing import Any

from opentier.graph.errors import UsageError, mean, unable
from opentier.graph.model.dates import first_day, last_day
from opentier.graph.network.network import Designation
from opentier.graph.threads import once
from opentier.graph.trace.parameters import Parameters
from opentier.graph.trace.paths import Path

_YEAR = 365.25

#: A TOML file of weights, or a table of them; those that ship where there is none.
Weights = FilePath | Mapping[str, Any] | None


@dataclass(frozen=True)
class Severity:
    """The product of its factors, each in 0..1."""

    factors: Mapping[str, float]

    @property
    def value(self) -> float:
        """The product, rounded to six digits."""
        product = 1.0
        for factor in self.factors.values():
            product *= factor
        return round(product, 6)


def severity(
    path: Path,
    entry: Designation,
    reason: str,
    scope: str | None,
    state: str,
    asked: Parameters,
    table: Mapping[str, Any],
) -> Severity:
    """Return the severity of one path to what a designation touches, by a table of weights."""
    codes = [code for code in entry.exploitation if code in table["exploitation"]]
    return Severity(
        {
            "effect": table["effect"].get(entry.effect or "unstated", table["effect"]["unstated"]),
            "confidence": round(float(path.confidence), 6),
            "tier": round(table["decay"] ** path.tiers, 6),
            "scope": table["scope"][scope or "whole"],
            "continuity": table["continuity"]["unknown" if path.unknown else "consistent"],
            "reason": table["reason"][reason],
            "exploitation": max((table["exploitation"][code] for code in codes), default=1.0),
            "recency": _recency(entry, asked, table["yearly"]),
            "status": table["status"]["active" if state == "current" else state],
        }
    )


def _recency(entry: Designation, asked: Parameters, yearly: float) -> float:
    """Return how much a risk designation has aged on the asked day; a measure does not age."""
    day = asked.on or asked.until
    seen = [first_day(date) for date in (entry.begin_date, entry.observed_date) if date]
    if entry.measure or day is None or not seen:
        return 1.0
    years = max(0.0, (last_day(day) - max(seen)) / _YEAR)
    return float(round(yearly**years, 6))


def weights(given: Weights = None) -> dict[str, Any]:
    """Return the weights of the severity factors: from a TOML file, of a table, or the ones that ship.

    What is not named has the weight that ships. Nobody may change the ones that ship.

    Raises
    ------
    UsageError
        If the file is not TOML, names what is no weight, or a weight is no number from 0 to 1.
    """
    shipped = _shipped()
    if given is None:
        return shipped
    if isinstance(given, Mapping):
        return _over(shipped, given, "The weights", "")
    try:
        said = tomllib.loads(given.read_text("utf-8"))
    except OSError as error:
        raise UsageError(f"The weights cannot be read: {unable(error)}") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"{given} holds no weights: {error}") from error
    if not said:
        raise UsageError(f"{given} names no weight. There are: {', '.join(shipped)}.")
    return _over(shipped, said, f"{given}: weights", "")


@once
def _shipped() -> dict[str, Any]:
    return tomllib.loads(files("opentier.graph.exposure").joinpath("severity.toml").read_text("utf-8"))


def _over(shipped: Mapping[str, Any], given: Mapping[str, Any], where: str, table: str) -> dict[str, Any]:
    """Return shipped weights with given ones in their place, table by table."""
    merged = dict(shipped)
    for name, value in given.items():
        full = f"{table}.{name}" if table else name
        known = shipped.get(name)
        if known is None:
            raise UsageError(f"{where} have no {full!r}.{mean(name, shipped, len(shipped))}")
        if isinstance(known, dict) != isinstance(value, dict):
            kind = "a table of weights" if isinstance(known, dict) else "a number, not a table"
            raise UsageError(f"{where}: {full!r} is {kind}.")
        if isinstance(known, dict):
            merged[name] = _over(known, value, where, full)
        elif isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
            raise UsageError(f"{where} are numbers from 0 to 1; {full!r} is {value!r}.")
        else:
            merged[name] = value
    return merged
