"""The first part of a picture: one line for each designation, the best path to it, and how many it touches by tier."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from opentier.graph.picture import marks
from opentier.graph.picture.canvas import LINE, MARGIN, TEXTS, Canvas
from opentier.graph.picture.columns import Columns
from opentier.graph.picture.marks import number
from opentier.graph.picture.widths import width, wrap

Json = Mapping[str, Any]

#: Paths that are drawn; designations that have a line of counts by tier, the others one of words.
DRAWN, COUNTED = 6, 12
_INDENT, _INSIDE = 20.0, 16.0
_FRAMES = {"measure": "em", "risk": "ek", "child": "ec", "possible": "ep"}
#: Kind of text, and the text; a rule where there is none.
_Written = list[tuple[str, str]]


class Paths:
    """Draws the paths of a scene on a canvas."""

    def __init__(self, canvas: Canvas, columns: Columns, scene: Json) -> None:
        self.canvas, self.columns, self.scene = canvas, columns, scene
        self._drawn = 0

    def draw(self, y: float) -> float:
        """Draw all from a height on; return where they end."""
        entries: Sequence[Json] = self.scene["entries"]
        many, title = len(entries), "1  Best path to each designation"
        canvas = self.canvas
        canvas.text(MARGIN, y + 18, title, "b")
        said = "One designation." if many == 1 else f"{many:,} designations; measures first."
        note = f"{said} Every company on a line is one hop of evidence."
        canvas.text(MARGIN + width(title, 12.5, True) + 14, y + 18, note, "x")
        y = self.columns.heads(canvas, y + 28)
        told = 0
        for path in self.scene["paths"]:
            y = self._path(path, y) if told < COUNTED else self._short(path, y)
            told += len(path["entries"])
        return y

    def _path(self, path: Json, y: float) -> float:
        entries = [self.scene["entries"][number] for number in path["entries"]]
        drawn = path["long"] and self._drawn < DRAWN
        y += 6
        if path["deepest"]:
            if not drawn:
                return y - 6
            y += LINE
            self.canvas.text(MARGIN + _INDENT, y, "The same, by the deepest path found", "b")
        else:
            for entry in entries:
                y = self._head(entry, y + 18)
        if drawn:
            self._drawn += 1
            y = self._boxes(path, [entry["mark"] for entry in entries], y + 8) + 5
        elif path["sentence"]:
            for line in wrap(path["sentence"], self.columns.wide - 2 * MARGIN - _INDENT, 12):
                y += 15
                self.canvas.text(MARGIN + _INDENT, y, line, "i")
            y += 8
        else:
            y += 8
        if not path["deepest"]:
            for entry in entries:
                y = self._counts(entry, y)
        return y + 6

    def _head(self, entry: Json, y: float) -> float:
        """Write what a designation is, and who says so: never cut."""
        canvas, left = self.canvas, MARGIN + _INDENT
        room = self.columns.wide - MARGIN - left
        canvas.add(marks.shape(entry["mark"], MARGIN + 6, y - 4, 6))
        lines = wrap(entry["title"], room, 12.5, bold=True)
        for line in lines:
            canvas.text(left, y, line, "b")
            y += LINE + 1
        y -= LINE + 1
        x = left + width(lines[-1] if lines else "", 12.5, True) + 10
        if x + width(entry["source"], 12) <= left + room:
            canvas.text(x, y, entry["source"], "x")
            return y
        for line in wrap(entry["source"], room, 12):
            y += 15
            canvas.text(left, y, line, "x")
        return y

    def _short(self, path: Json, y: float) -> float:
        """Write the designations of a path with their counts in words."""
        for number_ in path["entries"] if not path["deepest"] else ():
            entry = self.scene["entries"][number_]
            nearest = min(entry["touched"], default=0)
            touches = f"touches {_touched(entry):,} of {self.scene['reached']:,}, nearest tier {nearest}"
            y = self._head({**entry, "source": f"{touches}; {entry['source']}"}, y + 16)
        return y

    def _counts(self, entry: Json, y: float) -> float:
        """Draw how many actors of each tier a designation touches."""
        canvas, columns, mark = self.canvas, self.columns, entry["mark"]
        for column, (tier, _) in enumerate(columns.tiers, 1):
            x, every = columns.x(column), columns.counts.get(tier, 0)
            if not every:
                continue
            touched = entry["touched"].get(tier, 0)
            canvas.rect("bn", x, y + 1, columns.box, 2)
            if touched:
                canvas.add(marks.bar(mark, x, y + 2, max(3, columns.box * touched / every)))
                canvas.add(marks.shape(mark, x + 5, y + 12.5, 3.5))
            said = f"{touched:,} of {every:,}" if touched else "none"
            canvas.text(x + (14 if touched else 0), y + 16.5, said, "i" if touched else "x")
        canvas.add(marks.shape(mark, MARGIN + 5, y + 12.5, 3.5))
        own = ", and the asked one" if entry["touched"].get(0) else ""
        every = self.scene["reached"]
        for line in wrap(f"touches {_touched(entry):,} of {every:,}{own}", self.columns.root - 22, 12):
            canvas.text(MARGIN + 14, y + 16.5, line, "i")
            y += LINE
        return y + 24 - LINE

    def _boxes(self, path: Json, shown: Sequence[str], y: float) -> float:
        """Draw a path, a box for each tier; return where it ends."""
        canvas, columns = self.canvas, self.columns
        cells: dict[int, list[Json]] = defaultdict(list)
        gaps: dict[int, int] = {}
        before = 0
        for step in path["steps"]:
            for tier in range(before + 1, step["tier"]):
                gaps[columns.number(tier)] = gaps.get(columns.number(tier), 0) + 1
            before = max(before, step["tier"])
            cells[columns.number(step["tier"])].append(step)
        texts = {column: self._written(steps, shown) for column, steps in cells.items()}
        own = texts.pop(0, [])
        side = self._start(path["facts"], own, cells.get(0, []), y)
        high = max([58.0, *map(_high, texts.values()), side - y])
        stops = [0, *sorted(texts)]
        for left, right in pairwise(stops):
            self._arrow(left, right, y + 16, unsure=any(left < gap < right for gap in gaps))
        for column, written in sorted(texts.items()):
            self._box(column, cells[column], written, shown, y, high)
        for column, many in sorted(gaps.items()):
            if column not in texts:
                x = columns.x(column)
                canvas.rect("gap", x, y, columns.box, 42, 3)
                canvas.text(x + 8, y + 18, "Not known", "b")
                canvas.text(
                    x + 8, y + 33, "declared, not named" if many == 1 else f"{many} declared tiers", "x"
                )
        return y + high

    def _start(self, facts: Iterable[str], own: _Written, steps: Sequence[Json], y: float) -> float:
        """Draw the traced actor, what else stands at its own tier, and what is true of the whole path."""
        canvas, box = self.canvas, self.columns.box
        y = root(canvas, self.scene["root"], box, y)
        if own:
            high = _high(own)
            self._box(0, steps, own, [], y + 4, high)
            y += high + 4
        y += 2
        for fact in facts:
            for line in wrap(fact, box - 6, 12):
                y += 14
                canvas.text(MARGIN + 2, y, line, "x")
        return y + 4

    def _arrow(self, left: int, right: int, y: float, *, unsure: bool) -> None:
        """Draw an arrow from buyer to supplier."""
        begin, end = self.columns.x(left) + self.columns.box, self.columns.x(right) - 1
        kind, n = "gap" if unsure else "ed", number
        if self.scene["downstream"]:
            self.canvas.add(f'<path class="{kind}" d="M{n(begin + 7)} {n(y)}H{n(end)}"/>')
            self.canvas.add(f'<path class="ah" d="M{n(begin + 9)} {n(y - 4)}l-8 4 8 4z"/>')
        else:
            self.canvas.add(f'<path class="{kind}" d="M{n(begin)} {n(y)}H{n(end - 6)}"/>')
            self.canvas.add(f'<path class="ah" d="M{n(end - 8)} {n(y - 4)}l8 4-8 4z"/>')

    def _written(self, steps: Sequence[Json], shown: Sequence[str]) -> _Written:
        """Return the lines of a box: who stands there, where, what goes along, by which document, how sure."""
        room, lines = self.columns.box - _INSIDE, _Written()
        for step in steps:
            if lines:
                lines.append(("", ""))
            marked = 16.0 * len(shown) if step["end"] else 0.0
            said = [
                ("b", _named(step), room - marked),
                *(
                    (kind, step[what], room)
                    for kind, what in (("x", "place"), ("i", "goods"), ("x", "held"), ("i", "against"))
                ),
            ]
            for kind, text, wide in said:
                size, bold = TEXTS[kind]
                lines += [(kind, line) for line in wrap(text, wide, size, bold=bold)]
        return lines

    def _box(
        self,
        column: int,
        steps: Sequence[Json],
        written: _Written,
        shown: Sequence[str],
        y: float,
        high: float,
    ) -> None:
        canvas, x, wide = self.canvas, self.columns.x(column), self.columns.box
        end = next((step for step in steps if step["end"]), None)
        there = end or steps[-1]
        canvas.open(there, f"Tier {there['tier']}: {'; '.join(map(_told, steps))}")
        canvas.rect(_FRAMES[shown[0]] if end and shown else "node", x, y, wide, high, 3)
        line = y + 4
        for kind, text in written:
            if not kind:
                line += 6
                canvas.add(f'<path class="rule" d="M{number(x + 8)} {number(line)}h{number(wide - 16)}"/>')
                continue
            line += LINE
            canvas.text(x + 8, line, text, kind)
        for place, mark in enumerate(reversed(shown) if end else ()):
            canvas.add(marks.shape(mark, x + wide - 12 - 16 * place, y + 13))
        canvas.close()


def root(canvas: Canvas, actor: Json, wide: float, y: float, high: float = 0) -> float:
    """Draw the traced actor; return where its box ends."""
    lines = wrap(actor["name"], wide - 16, 12.5, bold=True)
    high = max(12 + LINE * len(lines), high)
    canvas.open(actor, f"You asked about {actor['name']}")
    canvas.rect("root", MARGIN, y, wide, high, 3)
    for number_, line in enumerate(lines, 1):
        canvas.text(MARGIN + 8, y + 4 + LINE * number_, line, "b w")
    canvas.close()
    return y + high


def _high(written: _Written) -> float:
    return sum(LINE if kind else 6 for kind, _ in written) + 12


def _told(step: Json) -> str:
    said = (_named(step), *(step[part] for part in ("place", "goods", "held", "against")))
    return ", ".join(part for part in said if part)


def _named(step: Json) -> str:
    return f"{step['relation']}: {step['name']}" if step["relation"] else str(step["name"])


def _touched(entry: Json) -> int:
    return sum(many for tier, many in entry["touched"].items() if tier)
