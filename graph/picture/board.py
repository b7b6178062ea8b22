"""The second part of a picture: everything that was reached, by name, or folded into groups where it is much."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote_plus

from opentier.graph.picture import marks
from opentier.graph.picture.canvas import LINE, MARGIN, Canvas
from opentier.graph.picture.columns import Columns
from opentier.graph.picture.folding import FEW, Folding
from opentier.graph.picture.marks import MARKS, SHORT, number
from opentier.graph.picture.paths import root
from opentier.graph.picture.widths import width, wrap

Json = Mapping[str, Any]

#: Names of a group, and lines of all of a tier.
_NAMES, _LINES = 2, 26
#: Bands below this part of the widest are counted in words, where there are many.
_THIN, _BANDS = 0.012, 20
#: Names side by side, where a tier is as wide as this.
_WIDE, _ASIDE = 400.0, 12
_ROW, _PAD = 9.0, 18.0


class Board:
    """Draws the actors of a scene on a canvas.

    Attributes
    ----------
    left
        What is not drawn, in words.
    """

    def __init__(self, canvas: Canvas, columns: Columns, scene: Json) -> None:
        self.canvas, self.columns, self.scene = canvas, columns, scene
        self.folding = Folding(scene, columns)
        self.actors, self.every = self.folding.actors, self.folding.every
        self.by_entry = self.folding.by_entry
        inner = columns.each - (columns.gap if self.every or columns.many > 8 else 46)
        self.wide = inner if columns.many > FEW else min(columns.each - columns.gap, 760)
        self.left: list[str] = []
        #: Where lines begin and end, of actors by number, or of groups: left end, height, right end.
        self._spots: dict[int | None, tuple[float, float, float]] = {}
        self._groups: dict[int | None, tuple[int, str]] = {None: (0, "")}

    def draw(self, y: float) -> float:
        """Draw all from a height on; return where it ends."""
        canvas, columns = self.canvas, self.columns
        title = "2  Everything that was reached" if self.scene["entries"] else "Everything that was reached"
        canvas.text(MARGIN, y, title, "b")
        after = MARGIN + width(title, 12.5, True) + 14
        for line in wrap(self._note(), columns.wide - MARGIN - after, 12):
            canvas.text(after, y, line, "x")
            y += 14
        y = columns.heads(canvas, y - 4)
        place = len(canvas.said)
        end = root(canvas, self.scene["root"], columns.box, y + 6, 40)
        self._spots[None] = MARGIN, y + 26, MARGIN + columns.box
        for column, groups in self.folding.groups.items():
            end = max(end, self._column(column, groups, y))
        lines = list(self._threads() if self.every else self._bands())
        canvas.said[place:place] = ['<g aria-hidden="true">', *lines, "</g>"] if lines else []
        return end

    def _note(self) -> str:
        if self.every:
            return "Every actor by name. Lines: supply links; a site stands under its operator."
        by = "by what touches it, since one country holds nearly all" if self.by_entry else "country"
        names = "Names: the most severe, then the most linked."
        return f"Folded by tier and {by}. Length of a bar: number of actors. {names} Bands: links between the groups."

    def _column(self, column: int, groups: list[tuple[str, list[int]]], y: float) -> float:
        names = self._names([len(group) for _, group in groups])
        y += 4
        for (called, group), shown in zip(groups, names, strict=True):
            y = self._group(column, called, group, shown, y) + _ROW
        return y

    def _names(self, sizes: list[int]) -> list[int]:
        """Return how many names each of some groups shows."""
        if self.every:
            return sizes
        spare, shown = _LINES - 2 * len(sizes), [0] * len(sizes)
        for _ in range(_NAMES):
            for at, size in enumerate(sizes):
                if spare > 0 and shown[at] < size:
                    shown[at] += 1
                    spare -= 1
        return shown

    def _group(self, column: int, called: str, group: list[int], shown: int, y: float) -> float:
        canvas, x, many = self.canvas, self.columns.x(column), len(group)
        canvas.text(x + self.wide, y + LINE, f"{many:,}", "b", ' text-anchor="end"')
        for line in wrap(called, self.wide - width(f"{many:,}", 12.5, True) - 10, 12.5, bold=True):
            y += LINE
            canvas.text(x, y, line, "b", ' dir="auto"' if self.by_entry else "")
        if self.every:
            for one, inside in self._operated(group):
                y = self._name(one, x + 10 * inside, y, site=bool(inside))
            return y
        y = self._bar(column, called, group, y + 6)
        ordered = sorted(group, key=self._rank)
        named, y = self._aside(ordered, x, y) if self.wide > _WIDE else self._below(ordered[:shown], x, y)
        if many > named:
            y += LINE
            self._more(column, called, many, many - named, x, y)
        return y

    def _rank(self, one: int) -> tuple[Any, ...]:
        actor = self.actors[one]
        return MARKS.index(actor["mark"]), -actor["severity"], -actor["links"], actor["name"], actor["iri"]

    def _operated(self, group: list[int]) -> Iterator[tuple[int, int]]:
        """Yield the actors of a group, sites below their operators; how far each is indented beside it."""
        inside = set(group)
        sites: dict[int, list[int]] = defaultdict(list)
        for one in group:
            if (under := self.actors[one]["under"]) in inside and under != one:
                sites[under].append(one)
        below = {one for found in sites.values() for one in found}
        told: set[int] = set()
        for one in sorted(group, key=self._rank):
            if one not in below:
                yield one, 0
                yield from ((site, 1) for site in sorted(sites[one], key=self._rank))
                told |= {one, *sites[one]}
        yield from ((one, 0) for one in sorted(set(group) - told, key=self._rank))

    def _bar(self, column: int, called: str, group: list[int], y: float) -> float:
        """Draw the bar of a group, parted by mark, and how many actors have each."""
        canvas, x = self.canvas, self.columns.x(column)
        counts = Counter(self.actors[one]["mark"] for one in group)
        full, at = max(4.0, self.wide * len(group) / self.folding.most), x
        for mark in filter(counts.__contains__, MARKS):
            part = full * counts[mark] / len(group)
            canvas.add(marks.bar(mark, at, y + 4.5, part))
            at += part
        for one in group:
            self._groups[one] = column, called
        self._spots[group[0]] = x - 3, y + 4.5, x + self.wide + 4
        at, y = x, y + 9 + LINE
        for mark in filter(counts.__contains__, MARKS):
            said = f"{counts[mark]:,} {SHORT[mark]}"
            if at > x and at + 16 + width(said, 12) > x + self.wide:
                at, y = x, y + LINE
            canvas.add(marks.shape(mark, at + 6, y - 4, 4))
            canvas.text(at + 15, y, said, "i")
            at += 27 + width(said, 12)
        return y

    def _below(self, shown: list[int], x: float, y: float) -> tuple[int, float]:
        for one in shown:
            y = self._name(one, x, y, most=4)
        return len(shown), y

    def _aside(self, ordered: list[int], x: float, y: float) -> tuple[int, float]:
        """Write names side by side on two lines; return how many."""
        at, line, named = x, 0, 0
        y += LINE
        for one in ordered[:_ASIDE]:
            name = self.actors[one]["name"]
            wide = 31 + width(name, 12.5)
            if at + wide > x + self.wide:
                if line or wide > self.wide:
                    break
                at, line, y = x, 1, y + LINE
            self._link(one, [name], at, y - LINE, wide - 10)
            at += wide
            named += 1
        return named, y if named else y - LINE

    def _name(self, one: int, x: float, y: float, *, site: bool = False, most: int = 0) -> float:
        actor = self.actors[one]
        name = f"its site: {actor['name']}" if site else actor["name"]
        room = self.columns.x(self.columns.number(actor["tier"])) + self.wide - x - _PAD
        lines = wrap(name, room, 12.5, most=most) or [""]
        self._link(one, lines, x, y, self.wide)
        if self.every:
            end = x + 20 + max(width(line, 12.5) for line in lines)
            self._spots[one] = x - 3, y + LINE - 4, end
        return y + LINE * len(lines)

    def _link(self, one: int, lines: Sequence[str], x: float, y: float, wide: float) -> None:
        canvas, actor = self.canvas, self.actors[one]
        called = marks.CALLED[actor["mark"]]
        canvas.open(actor, f"{actor['name']}, {actor['place']}, tier {actor['tier']}: {called}")
        canvas.hit(x - 2, y + 3, wide, LINE * len(lines) + 2)
        for line in lines:
            y += LINE
            canvas.text(x + 16, y, line)
        canvas.add(marks.shape(actor["mark"], x + 6, y - LINE * (len(lines) - 1) - 4, 4))
        canvas.close()

    def _more(self, column: int, called: str, many: int, left: int, x: float, y: float) -> None:
        said, canvas = f"+ {left:,} more", self.canvas
        if not canvas.more:
            canvas.text(x + 16, y, said, "x")
            return
        tier = self.columns.tiers[column - 1][0]
        canvas.begin(
            f"{canvas.more}&tier={tier}&group={quote_plus(called)}", f"{called}, tier {tier}: all {many:,}"
        )
        canvas.hit(x + 14, y - 11, self.wide - 16, 15)
        canvas.text(x + 16, y, said, "x l")
        canvas.close()

    # --- Lines -----------------------------------------------------------------------------------------------------

    def _threads(self) -> Iterator[str]:
        """Yield a line for each pair of actors that are linked from one column to the next."""
        ways, back = set(self.scene["ways"]), 0
        for start, end, many in sorted(self.scene["links"], key=lambda each: each[:2] in ways):
            near, far = (self._at(each) for each in (start, end))
            if far != near + 1:
                back += many
                continue
            _, y1, x1 = self._spots[start]
            x2, y2, _ = self._spots[end]
            turn = self.columns.x(near) + (self.wide if near else self.columns.box) + 2
            kind = "way" if (start, end) in ways else "thread"
            yield _curve(kind, x1, y1, x2, y2, max(x1, turn))
        self._say_back(back)

    def _at(self, one: int | None) -> int:
        return 0 if one is None else self.columns.number(self.actors[one]["tier"])

    def _bands(self) -> Iterator[str]:
        """Yield a band for each pair of groups that are linked from one column to the next."""
        first: dict[tuple[int, str], tuple[float, float, float]] = {
            self._groups[one]: spot for one, spot in self._spots.items()
        }
        bands, back, thin = Counter[tuple[tuple[int, str], tuple[int, str]]](), 0, 0
        for start, end, many in self.scene["links"]:
            near, far = self._groups[start], self._groups[end]
            if far[0] == near[0] + 1:
                bands[near, far] += many
            else:
                back += many
        widest = max(bands.values(), default=1)
        for (near, far), many in sorted(bands.items(), key=lambda each: (each[1], each[0])):
            if many < widest * _THIN and len(bands) > _BANDS:
                thin += many
                continue
            _, y1, x1 = first[near]
            x2, y2, _ = first[far]
            yield _curve(
                "band", x1, y1, x2, y2, x1, f' stroke-width="{number(1 + 9 * math.sqrt(many / widest))}"'
            )
        if thin:
            self.left.append(f"{_links(thin)} not drawn: in bands too thin to see.")
        self._say_back(back)

    def _say_back(self, back: int) -> None:
        if back:
            self.left.append(f"{_links(back)} not drawn: back to a nearer tier, within one, or over several.")


def _links(many: int) -> str:
    return f"{many:,} link{'' if many == 1 else 's'}"


def _curve(kind: str, x1: float, y1: float, x2: float, y2: float, turn: float, more: str = "") -> str:
    middle, n = (turn + x2) / 2, number
    level = f"H{n(turn)}" if turn > x1 else ""
    bent = f"C{n(middle)} {n(y1)} {n(middle)} {n(y2)} {n(x2)} {n(y2)}"
    return f'<path class="{kind}"{more} d="M{n(x1)} {n(y1)}{level}{bent}"/>'
