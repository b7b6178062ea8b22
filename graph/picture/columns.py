"""The columns of a picture: one a tier, and one for several in which nobody is known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from opentier.graph.picture.canvas import MARGIN, Canvas
from opentier.graph.picture.widths import width

Json = Mapping[str, Any]

#: Pixels of a picture across, unless it has more columns than fit; of a column then, and of the gaps between them.
ACROSS, LEAST, GAP, NARROW = 1200.0, 132.0, 34.0, 26.0
_MANY, _FEW = 9, 3
_WIDEST, _ROOT = 230.0, 260.0


class Columns:
    """Where the columns stand.

    Attributes
    ----------
    wide
        Pixels of the picture across.
    box
        Those of a box.
    """

    def __init__(self, scene: Json) -> None:
        counts: Mapping[int, int] = scene["tiers"]
        last = max([*counts, *(step["tier"] for path in scene["paths"] for step in path["steps"])], default=0)
        #: The first and last tier of each column after the first.
        self.tiers: list[tuple[int, int]] = []
        for tier in range(1, last + 1):
            if not counts.get(tier) and self.tiers and not counts.get(self.tiers[-1][0]):
                self.tiers[-1] = self.tiers[-1][0], tier
            else:
                self.tiers.append((tier, tier))
        self.counts = counts
        self.many = many = 1 + len(self.tiers)
        self.wide = max(ACROSS, 2 * MARGIN + many * LEAST) if many > _MANY else ACROSS
        room = self.wide - 2 * MARGIN
        self.gap = NARROW if many >= _MANY else GAP
        self.root = _ROOT if many <= _FEW else room / many
        self.each = (room - self.root) / max(1, many - 1)
        self.box = min(self.each - self.gap if many > 1 else _WIDEST, _WIDEST, self.root - self.gap)
        self._at = {
            tier: 1 + number
            for number, (first, last) in enumerate(self.tiers)
            for tier in range(first, last + 1)
        }

    def number(self, tier: int) -> int:
        """Return the number of the column of a tier."""
        return self._at.get(tier, 0)

    def x(self, column: int) -> float:
        """Return where a column begins."""
        return MARGIN + (self.root + (column - 1) * self.each if column else 0)

    def heads(self, canvas: Canvas, y: float) -> float:
        """Write the heads of the columns; return where what they head begins."""
        canvas.rule(y + 6, self.wide)
        canvas.text(MARGIN, y + 22, "You asked about", "b")
        for number, (first, last) in enumerate(self.tiers, 1):
            called = f"Tier {first}" if first == last else f"Tiers {first} to {last}"
            many = self.counts.get(first, 0)
            canvas.text(self.x(number), y + 22, called, "b")
            said = f"{many:,} actor{'' if many == 1 else 's'}" if many else "nobody known"
            canvas.text(self.x(number) + width(called, 12.5, True) + 8, y + 22, said, "x")
        return y + 30
