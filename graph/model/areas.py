"""Places beyond ISO codes: which country belongs to which area."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from importlib.resources import files


@lru_cache(maxsize=1)
def areas() -> dict[str, frozenset[str]]:
    """Return the areas of ``areas.toml`` by name, each with the alpha-2 codes of its countries."""
    said = tomllib.loads(files("opentier.graph.model").joinpath("areas.toml").read_text("utf-8"))
    return {name: frozenset(text.split()) for name, text in said.items()}


EU = areas()["EU"]


def covers(wide: str, narrow: str) -> bool:
    """Return whether one scope covers another: a country, a part of one, ``EU``, or ``worldwide``."""
    country = narrow.partition("-")[0]
    if wide in (narrow, country, "worldwide"):
        return True
    return wide == "EU" and country in EU
