"""The layout of a tier picture: which actors of a trace are drawn, which are counted, and where they stand.

Plain data comes out: coordinates in pixels, and text on one line without the characters that XML forbids.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

MAX_PATH_ACTORS, MAX_BOXES = 60, 8
WIDE, MARGIN, HEAD = 228.0, 28.0, 132.0
NARROW, ROW, TOP = 84.0, 16.0, HEAD + 34

Json = Mapping[str, Any]
Point = tuple[float, float]
_Key = tuple[str, str, str]  # of a line: start, end, kind


@dataclass(frozen=True)
class Mark:
    """An exposure of an actor: its reason, the authority, and all of it in words."""

    reason: str
    authority: str
    words: str


@dataclass(frozen=True)
class Actor:
    """An actor of the trace; what is not known of it is empty."""

    iri: str
    id: str
    name: str
    country: str
    kind: str
    tier: int
    marks: tuple[Mark, ...]


@dataclass(frozen=True)
class Column:
    """A tier, or several without a known actor."""

    first: int
    tiers: int
    actors: int
    exposed: int
    x: float = 0.0

    @property
    def wide(self) -> float:
        """The width of its boxes."""
        return WIDE if self.actors else NARROW


@dataclass(frozen=True)
class Node:
    """An actor that is drawn; `y` is its upper edge."""

    actor: Actor
    x: float
    y: float
    high: float


@dataclass(frozen=True)
class Line:
    """The hops of one kind from one actor to another, as one line."""

    kind: str
    start: str
    end: str
    products: tuple[str, ...]
    notes: tuple[str, ...]
    points: tuple[Point, ...]  # from the lower to the higher column; level between the 2nd and 3rd, 4th and 5th..
    backward: bool  # whether the line starts at the last point
    bulge: float  # how far it bows out where both actors stand in one column, or 0
    unknown: tuple[tuple[Point, int], ...]  # where so many unknown intermediaries stand


@dataclass(frozen=True)
class Box:
    """Actors that are counted, not drawn; `y` is its upper edge."""

    label: str
    actors: int
    exposed: int
    kinds: tuple[tuple[str, int], ...]
    x: float
    y: float
    high: float
    bar: float
    captioned: bool  # whether it is the first below drawn actors


@dataclass(frozen=True)
class Layout:
    """All that a picture shows."""

    root: Actor
    downstream: bool
    actors: tuple[Actor, ...]
    left_out: int  # exposures whose path is not drawn
    columns: tuple[Column, ...]
    nodes: tuple[Node, ...]
    lines: tuple[Line, ...]
    boxes: tuple[Box, ...]
    wide: float
    bottom: float


def arrange(trace: Json) -> Layout:
    """Exposure paths actor by actor, all others folded by tier and country."""
    return _Arrangement(_Reading(trace)).layout()


def clean(value: object) -> str:
    """Return text on one line, without the characters that XML forbids."""
    text = re.sub(r"[\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff]+", " ", "" if value is None else str(value))
    return " ".join(text.split())


def unique(values: Iterable[str]) -> list[str]:
    """Return the texts that are not empty, each once."""
    return list(dict.fromkeys(value for value in values if value))


def counted(number: int, noun: str) -> str:
    """Return such as ``1 country`` or ``2,000 actors``."""
    plural = noun[:-1] + "ies" if noun.endswith("y") else noun + "s"
    return f"{number:,} {noun if number == 1 else plural}"


def _short(value: object) -> str:
    """Return the last part of an IRI; other text as it is."""
    text = clean(value)
    return re.split(r"[/#]", text.rstrip("/#"))[-1] if re.match(r"https?://", text) else text


def _mark(exposure: Json) -> Mark:
    reason, designation = clean(exposure["reason"]), exposure["designation"]
    keys = ("authority", "kind", "register", "effect", "status", "listing_date", "law")
    by = ", ".join(unique(_short(designation[key]) for key in keys))
    words = f"Exposed ({reason}): {by}; severity {exposure['severity']['value']}"
    return Mark(reason, _short(designation["authority"]), words)


def _exposed(actors: Iterable[Actor]) -> int:
    return sum(bool(actor.marks) for actor in actors)


class _Reading:
    """The actors of a trace, those that are drawn, and the hops between these."""

    def __init__(self, trace: Json) -> None:
        self.downstream: bool = trace["parameters"]["downstream"]
        self.marks: dict[str, list[Mark]] = defaultdict(list)
        for exposure in trace["exposures"]:
            self.marks[exposure["actor"]["iri"]].append(_mark(exposure))
        self.actors: dict[str, Actor] = {}
        self.root = self._meet(trace["root"], 0)
        for actor in [*trace["reached"], *(exposure["actor"] for exposure in trace["exposures"])]:
            self._meet(actor, actor["tier"])
        self.drawn: dict[str, None] = {self.root.iri: None}
        self.hops: dict[_Key, list[Json]] = defaultdict(list)
        self.left_out = 0
        for exposure in trace["exposures"]:
            self._add(exposure["actor"]["iri"], exposure["paths"][0]["hops"] if exposure["paths"] else [])

    def _meet(self, actor: Json, tier: int) -> Actor:
        iri = actor["iri"]
        if iri not in self.actors:
            about = [clean(actor.get(key)) for key in ("name", "country", "kind")]
            marks = tuple(self.marks.get(iri, ()))
            self.actors[iri] = Actor(iri, clean(actor["id"]), *about, tier, marks)
        return self.actors[iri]

    def _add(self, exposed: str, hops: Sequence[Json]) -> None:
        near, far = ("to", "from") if self.downstream else ("from", "to")
        for hop in reversed(hops) if self.downstream else hops:
            # an actor in the middle need not be reached itself, where a product was asked for
            step = 1 + hop["gap"] if hop["kind"] == "supply" else 0
            self._meet(hop[far], self.actors[hop[near]["iri"]].tier + step)
        ends = dict.fromkeys([*(hop[side]["iri"] for hop in hops for side in ("from", "to")), exposed])
        many = len(self.drawn | ends)
        if many > len(self.drawn) > 1 and (self.left_out or many > MAX_PATH_ACTORS):
            self.left_out += 1
            return
        self.drawn |= ends
        for hop in hops:
            self.hops[hop["from"]["iri"], hop["to"]["iri"], hop["kind"]].append(hop)


def _columns(actors: Iterable[Actor]) -> Iterator[Column]:
    tiers: dict[int, list[Actor]] = defaultdict(list)
    for actor in actors:
        tiers[actor.tier].append(actor)
    for last, tier in pairwise([-1, *sorted(tiers)]):
        if tier - last > 1:
            yield Column(last + 1, tier - last - 1, 0, 0)
        yield Column(tier, 1, len(tiers[tier]), _exposed(tiers[tier]))


def _by_country(actors: Iterable[Actor]) -> Iterator[tuple[str, list[Actor]]]:
    """Yield labelled groups: the largest countries, the other countries as one, and no country."""
    groups: dict[str, list[Actor]] = defaultdict(list)
    for actor in actors:
        groups[actor.country].append(actor)
    most = MAX_BOXES if len(groups) <= MAX_BOXES else MAX_BOXES - 1 - ("" in groups)
    unplaced = groups.pop("", [])
    named = sorted(groups, key=lambda c: (-len(groups[c]), c))
    for country in named[:most]:
        yield f"{len(groups[country]):,} in {country}", groups[country]
    if rest := [actor for country in named[most:] for actor in groups[country]]:
        yield f"{len(rest):,} more in {counted(len(named) - most, 'country')}", rest
    if unplaced:
        yield f"{len(unplaced):,} in unknown country", unplaced


def _place(wanted: Sequence[float], heights: Sequence[float], room: float) -> list[float]:
    """Centres in the given order, apart, and as near as can be to those wanted (pool adjacent violators)."""
    blocks: list[tuple[float, int]] = []
    offsets, below = [], 0.0
    for centre, height in zip(wanted, heights, strict=True):
        offsets.append(below + height / 2)
        below += height + ROW
        value, size = centre - offsets[-1], 1
        while blocks and blocks[-1][0] > value:
            before, many = blocks.pop()
            value, size = (before * many + value * size) / (many + size), size + many
        blocks.append((value, size))
    shifts = [min(max(value, 0.0), room + ROW - below) for value, size in blocks for _ in range(size)]
    return [shift + offset for shift, offset in zip(shifts, offsets, strict=True)]


class _Arrangement:
    """Slots are the drawn actors (by IRI) and the bends of long lines: each has a column, a height and a y."""

    def __init__(self, reading: _Reading) -> None:
        self.reading = reading
        columns = list(_columns(reading.actors.values()))
        column = {each.first: number for number, each in enumerate(columns)}
        self.col = {iri: column[actor.tier] for iri, actor in reading.actors.items()}
        self.high = {iri: 68.0 if reading.actors[iri].marks else 50.0 for iri in reading.drawn}
        self.chains: dict[_Key, list[str]] = {}  # the slots of a line, from the lower to the higher column
        for start, end, kind in reading.hops:
            low, far = sorted((start, end), key=self.col.__getitem__)
            bends = {f"{far} {low} {kind} {c}": c for c in range(self.col[low] + 1, self.col[far])}
            self.chains[start, end, kind] = [low, *bends, far]
            self.col |= bends
            self.high |= dict.fromkeys(bends, 44.0)
        self.columns, self.wide = self._across(columns)
        self.y, self.below = self._down()

    def _across(self, columns: Sequence[Column]) -> tuple[list[Column], float]:
        """Give columns an x, with room between them for the lines and their words."""
        spans = [(self.col[chain[0]], self.col[chain[-1]]) for chain in self.chains.values()]
        labelled = {far if low < far else far + 1 for low, far in spans}
        placed, x = [], MARGIN + 10
        for number, column in enumerate(columns, 1):
            placed.append(replace(column, x=x))
            crossed = any(low < number <= far for low, far in spans)
            x += column.wide + (150 if number in labelled else 60 if crossed else 32)
        return placed, max(x + (0 if len(columns) in labelled else 6), 800.0)

    def _down(self) -> tuple[dict[str, float], float]:
        """Give slots a y, level with what they are joined to if they can be; return also where they end."""
        slots: dict[int, list[str]] = defaultdict(list)
        before: dict[str, list[str]] = defaultdict(list)
        beside: dict[str, set[str]] = defaultdict(set)
        for slot in self.high:
            slots[self.col[slot]].append(slot)
        for near, slot in (pair for chain in self.chains.values() for pair in pairwise(chain)):
            if self.col[near] == self.col[slot]:
                beside[near].add(slot)
                beside[slot].add(near)
            else:
                before[slot].append(near)
        room = max(sum(self.high[slot] + ROW for slot in group) - ROW for group in slots.values())
        y: dict[str, float] = {}
        for col, group in sorted(slots.items()):
            wish = {s: sum(y[b] for b in before[s]) / len(before[s]) for s in group if before[s]}
            if col == 0:
                wish[self.reading.root.iri] = min(room / 2, 260.0)
            order: dict[str, float] = {}
            for slot in [*sorted(wish, key=lambda s: (wish[s], s)), *sorted(group)]:
                todo = [(slot, wish.get(slot, room / 2))]
                while todo:  # an actor that is only joined within its column follows its neighbour
                    this, centre = todo.pop()
                    if this not in order:
                        order[this] = centre
                        todo += [(s, centre) for s in sorted(beside[this] - set(wish), reverse=True)]
            centres = _place(list(order.values()), [self.high[slot] for slot in order], room)
            y |= dict(zip(order, centres, strict=True))
        return {slot: level + TOP for slot, level in y.items()}, TOP + room

    def _ports(self) -> dict[tuple[str, _Key], Point]:
        """Where each line leaves its two ends: the lines of one side share its height."""
        sides: dict[tuple[str, bool], list[tuple[float, _Key]]] = defaultdict(list)
        for key, chain in self.chains.items():
            sides[chain[0], True].append((self.y[chain[1]], key))
            sides[chain[-1], self.col[chain[0]] == self.col[chain[-1]]].append((self.y[chain[-2]], key))
        ports = {}
        for (slot, right), group in sides.items():
            x = self.columns[self.col[slot]].x + (WIDE if right else 0)
            for number, (_, key) in enumerate(sorted(group), 1):
                ports[slot, key] = x, self.y[slot] + self.high[slot] * (number / (len(group) + 1) - 0.5)
        return ports

    def _lines(self) -> Iterator[Line]:
        ports = self._ports()
        for key, hops in self.reading.hops.items():
            low, *bends, far = self.chains[key]
            (x, y), (x2, y2) = ports[low, key], ports[far, key]
            bulge = min(30 + abs(y2 - y) * 0.15, 84) if self.col[low] == self.col[far] else 0.0
            gap, points, unknown = max(hop["gap"] for hop in hops), [(x, y)], []
            for bend in bends:
                column, level = self.columns[self.col[bend]], self.y[bend]
                points += [(column.x, level), (column.x + column.wide, level)]
                share = gap if bend == bends[-1] else min(gap, column.tiers)
                unknown.append(((column.x + column.wide / 2, level), share))
                gap -= share
            if not bends:
                unknown.append(((x + (x2 - x) * 0.35 + bulge * 0.75, (y + y2) / 2), gap))
            start, end, kind = key
            yield Line(
                kind=kind,
                start=self.reading.actors[start].name,
                end=self.reading.actors[end].name,
                products=unique(map(_product, hops)),
                notes=unique(map(_note, hops)),
                points=(*points, (x2, y2)),
                backward=start != low,
                bulge=bulge,
                unknown=tuple(spot for spot in unknown if spot[1]),
            )

    def _boxes(self) -> Iterator[Box]:
        others: dict[int, list[Actor]] = defaultdict(list)
        for iri, actor in self.reading.actors.items():
            if iri not in self.reading.drawn:
                others[self.col[iri]].append(actor)
        folded = {col: list(_by_country(group)) for col, group in sorted(others.items())}
        most = max((len(group) for groups in folded.values() for _, group in groups), default=0)
        above = {self.col[iri] for iri in self.reading.drawn}
        for col, groups in folded.items():
            y = TOP if len(self.reading.drawn) == 1 and col > 0 else self.below + 36
            for number, (label, group) in enumerate(groups):
                kinds = Counter(actor.kind or "kind unknown" for actor in group)
                yield Box(
                    label=label,
                    actors=len(group),
                    exposed=(bad := _exposed(group)),
                    kinds=tuple(sorted(kinds.items())),
                    x=self.columns[col].x,
                    y=y,
                    high=(high := 46.0 if bad else 28.0),
                    bar=max(16.0, WIDE * len(group) / most),
                    captioned=number == 0 and col in above,
                )
                y += high + 6

    def layout(self) -> Layout:
        reading, boxes = self.reading, tuple(self._boxes())
        nodes = []
        for iri in reading.drawn:
            x, high = self.columns[self.col[iri]].x, self.high[iri]
            nodes.append(Node(reading.actors[iri], x, self.y[iri] - high / 2, high))
        return Layout(
            root=reading.root,
            downstream=reading.downstream,
            actors=tuple(reading.actors.values()),
            left_out=reading.left_out,
            columns=tuple(self.columns),
            nodes=tuple(nodes),
            lines=tuple(self._lines()),
            boxes=boxes,
            wide=self.wide,
            bottom=max([self.below, *(box.y + box.high for box in boxes)]),
        )
