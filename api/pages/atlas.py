"""A map of the world as SVG: the shapes of countries, and marks where something is; drawn here, so no script is needed.

The shapes were projected when the pages were built (`web/world.mjs`); places are by the same formula (Equal Earth:
B. Šavrič, T. Patterson, B. Jenny, 2018).
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from typing import Any

import pycountry

from opentier.graph.threads import once

#: The world without the Antarctic: its width and height.
WIDE, HIGH = 1000.0, 440.0
_A = (1.340264, -0.081106, 0.000893, 0.003796)
_M = math.sqrt(3) / 2
#: How much is around a country that is shown alone, and the least part of the world that is.
_AROUND, _LEAST = 0.12, 8.0
#: Radius of the largest mark, and of the smallest, in parts of the width of a map.
_LARGE, _SMALL = 0.017, 0.0045


@dataclass(frozen=True)
class Mark:
    """What stands at a place of the map: its shape (see `picture.marks`), its weight from 0 to 1, its words, a link."""

    shape: str
    at: tuple[float, float]
    weight: float
    title: str
    href: str = ""


@once
def world() -> dict[str, Any]:
    """Return the shapes of the countries, as they were built."""
    found: dict[str, Any] = json.loads(
        files("opentier.api.pages").joinpath("static/site/world.json").read_text("utf-8")
    )
    return found


@once
def by_code() -> dict[str, dict[str, Any]]:
    """Return the countries by their ISO 3166-1 alpha-2 code."""
    codes = {each.numeric: each.alpha_2 for each in pycountry.countries}
    found = {codes[each["id"]]: each for each in world()["countries"] if each["id"] in codes}
    (kosovo,) = (
        each for each in world()["countries"] if each["name"] == "Kosovo"
    )  # ISO has no number for it
    return found | {"XK": kosovo}


def placed(north: float, east: float) -> tuple[float, float]:
    """Return where a place is on the map."""
    t = math.asin(_M * math.sin(math.radians(north)))
    bent = _A[0] + 3 * _A[1] * t**2 + t**6 * (7 * _A[2] + 9 * _A[3] * t**2)
    x = math.radians(east) * math.cos(t) / (_M * bent)
    y = t * (_A[0] + _A[1] * t**2 + t**6 * (_A[2] + _A[3] * t**2))
    said = world()
    return said["middle"][0] + said["scale"] * x, said["middle"][1] - said["scale"] * y


def dot(code: str) -> tuple[float, float] | None:
    """Return where the mark of a country stands; None of what is no country on the map."""
    found = by_code().get(code)
    return None if found is None else (found["at"][0], found["at"][1])


def draw(marks: Iterable[Mark], title: str, told: str, alone: str = "") -> str:
    """Return a map.

    Parameters
    ----------
    told
        What it shows, in words, for whoever does not see it.
    alone
        The code of the country that is shown, else the world is.
    """
    x, y, wide, high = window(alone)
    here = by_code().get(alone)
    shapes = [
        each
        for each in world()["countries"]
        if here is None or _meets(each["box"], (x, y, x + wide, y + high))
    ]
    paths = "".join(_land(each, here) for each in shapes)
    said = "".join(_mark(each, wide) for each in sorted(marks, key=lambda each: -each.weight))
    view = " ".join(f"{each:.2f}".rstrip("0").rstrip(".") for each in (x, y, wide, high))
    return (
        f'<svg class="map" viewBox="{view}" role="group" aria-label="{escape(title)}">'
        f"<desc>{escape(told)}</desc>"
        f'<g class="land" aria-hidden="true">{paths}</g><g class="marks">{said}</g></svg>'
    )


def _land(country: dict[str, Any], here: dict[str, Any] | None) -> str:
    path = country["path"] if here is None else country["detail"] or country["path"]
    own = ' class="here"' if country is here else ""
    return f'<path{own} d="{path}"/>' if path else ""


def window(alone: str) -> Sequence[float]:
    """Return what part of the map shows a country, else all of it: left, top, width, height."""
    found = by_code().get(alone)
    if found is None:
        return 0.0, 0.0, WIDE, HIGH
    left, top, right, bottom = found["box"]
    wide = max(right - left, (bottom - top) * WIDE / HIGH, _LEAST) * (1 + 2 * _AROUND)
    high = wide * HIGH / WIDE * 1.2
    high = max(high, (bottom - top) * (1 + 2 * _AROUND))
    return (left + right - wide) / 2, (top + bottom - high) / 2, wide, high


def _meets(box: Sequence[float], window: Sequence[float]) -> bool:
    return box[0] < window[2] and box[2] > window[0] and box[1] < window[3] and box[3] > window[1]


def _mark(mark: Mark, wide: float) -> str:
    r = (_SMALL + (_LARGE - _SMALL) * math.sqrt(mark.weight)) * wide
    drawn = (
        f'<g class="{mark.shape}">{_shape(mark.shape, *mark.at, r)}<title>{escape(mark.title)}</title></g>'
    )
    if not mark.href:
        return drawn
    return f'<a href="{escape(mark.href)}" aria-label="{escape(mark.title)}">{drawn}</a>'


def _shape(kind: str, x: float, y: float, r: float) -> str:
    a, b, n = f"{x:.2f}", f"{y:.2f}", f"{r:.2f}"
    if kind == "measure":
        return f'<rect x="{x - r * 0.85:.2f}" y="{y - r * 0.85:.2f}" width="{1.7 * r:.2f}" height="{1.7 * r:.2f}"/>'
    if kind in ("risk", "child"):
        return f'<path d="M{a} {y - r:.2f}l{n} {n} -{n} {n} -{n} -{n}z"/>'
    if kind == "incident":
        return f'<path d="M{a} {y - r:.2f}l{n} {1.8 * r:.2f}h-{2 * r:.2f}z"/>'
    return f'<circle cx="{a}" cy="{b}" r="{r:.2f}"/>'
