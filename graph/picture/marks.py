"""Marks: what kind of statement touches an actor, by shape, word and colour; none says guilty, none the contrary."""

from __future__ import annotations

from collections.abc import Collection

#: The marks, the one of most force first; the last two are of actors that nothing is known to touch.
MARKS = ("measure", "risk", "child", "possible", "none", "untested")
#: What each is called in a legend and beside a count.
CALLED = {
    "measure": "Measure in force",
    "risk": "Risk list, not binding",
    "child": "Risk list, child labour only",
    "possible": "Possible identity, unreviewed",
    "none": "Tested, no exposure found",
    "untested": "Not testable",
}
SHORT = {
    "measure": "measure",
    "risk": "risk list",
    "child": "child labour",
    "possible": "possible",
    "none": "none found",
    "untested": "not testable",
}
#: Colours on paper; a page has its own under the same names.
COLOURS = {
    "bg": "#FFFFFF", "surface": "#F5F6F8", "line": "#C9CED6", "line2": "#868E9B", "ink": "#16202C", "ink2": "#4A5563",
    "link": "#1A56A0", "measure": "#5E2B91", "measurebg": "#F1EAF8", "risk": "#7A4E00", "riskbg": "#FBF1DD",
    "unknown": "#565F6B", "unknownbg": "#F5F6F8", "onfill": "#FFFFFF",
}  # fmt: skip
#: The classes of shapes and of bars, by mark.
_SHAPES = {"measure": "m", "risk": "k", "child": "kc", "possible": "p", "none": "n", "untested": "u"}
_BARS = {
    "measure": ("m", 9.0), "risk": ("k", 5.0), "child": ("kc", 5.0), "possible": ("bp", 7.0), "none": ("bn", 3.0),
    "untested": ("bu", 7.0),
}  # fmt: skip


def mark(group: str, exploitation: Collection[str]) -> str:
    """Return the mark of an exposure by its group; a list for child labour alone has its own."""
    if group == "risk" and set(exploitation) == {"child-labour"}:
        return "child"
    return group if group in MARKS else "possible"


def number(value: float) -> str:
    """Return a number with one decimal place at most."""
    return f"{value:.1f}".removesuffix(".0")


def shape(mark: str, x: float, y: float, r: float = 5) -> str:
    """Return the shape of a mark around a point."""
    kind, n = _SHAPES[mark], number
    if mark == "measure":
        return f'<rect class="{kind}" x="{n(x - r)}" y="{n(y - r)}" width="{n(2 * r)}" height="{n(2 * r)}"/>'
    if mark in ("risk", "child"):
        r += 1.5
        return f'<path class="{kind}" d="M{n(x)} {n(y - r)}l{n(r)} {n(r)} {n(-r)} {n(r)} {n(-r)} {n(-r)}z"/>'
    if mark == "untested":
        return f'<path class="{kind}" d="M{n(x - r)} {n(y)}h{n(2 * r)}"/>'
    return f'<circle class="{kind}" cx="{n(x)}" cy="{n(y)}" r="{n(r if mark == "possible" else r - 1.5)}"/>'


def bar(mark: str, x: float, y: float, wide: float) -> str:
    """Return a bar of a mark; `y` is its middle."""
    kind, high = _BARS[mark]
    inside = 1.0 if kind in ("kc", "bp", "bu") else 0.0  # what is drawn by its edge
    wide = max(wide - inside, 2.0)
    n = number
    return f'<rect class="{kind}" x="{n(x + inside / 2)}" y="{n(y - high / 2)}" width="{n(wide)}" height="{n(high)}"/>'
