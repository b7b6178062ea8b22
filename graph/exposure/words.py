"""The words of answers, in one place for all faces (words.toml)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from typing import Any

from opentier.graph.exposure.exposures import Exposure
from opentier.graph.index.network import Designation


@lru_cache(maxsize=1)
def _shipped() -> Mapping[str, Mapping[str, str]]:
    return tomllib.loads(files("opentier.graph.exposure").joinpath("words.toml").read_text("utf-8"))


def sentence(key: str, **figures: Any) -> str:
    """Return a sentence with its figures."""
    return _shipped()["sentences"][key].format(**figures)


def exposed(exposures: Sequence[Exposure]) -> str:
    """Return what is exposed, in one sentence; "possibly" where all that is known are possible identities."""
    actors = len({exposure.actor for exposure in exposures})
    possibly = "possibly " if all(exposure.group == "possible" for exposure in exposures) else ""
    return f"{len(exposures):,} exposures {possibly}touch {actors:,} actors of the chain."


def title(entry: Designation, target: str | None) -> str:
    """Return what a designation is: what it does, to what, by whom."""
    good = entry.product.label if entry.product else None
    place = (entry.place.region or entry.place.country) if entry.place else None
    about = " of ".join(part for part in (good, place) if part)
    return (
        f"{entry.kind.replace('-', ' ').capitalize()}: {target or about or 'not stated'} ({entry.authority})"
    )
