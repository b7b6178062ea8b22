"""The layout of a tier picture: which actors of a trace are drawn, which are counted, and where they stand.

Plain data comes out: distances in pixels, text on one line and without the characters that XML forbids.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from opentier.graph.picture.reading import MARKS, Json, Key, Reading, Shown, counted, note, product, unique

MAX_BOXES = 8
WIDE, NARROW, ROW, MARGIN, HEAD, TOP = 228.0, 84.0, 16.0, 28.0, 132.0, 166.0

Point = tuple[float, float]


@dataclass(frozen=True)
class Band:
    """A tier, or several without a known actor."""

    label: str
    tiers: int
    actors: int
    marks: list[tuple[str, int]]  # how many actors have each mark
    wide: float
    x: float = 0.0


@dataclass(frozen=True)
class Node:
    """An actor that is drawn; (x, y) is the upper left corner."""

    actor: Shown
    x: float
    y: float
    high: float


@dataclass(frozen=True)
class Line:
    """The hops of one kind from one actor to another."""

    kind: str
    start: str
    end: str
    products: list[str]
    notes: list[str]
    points: list[Point]  # from the lower to the higher column; every second stretch is level
    backward: bool  # whether it starts at the last point
    bulge: float  # how far it bows out where both actors stand in one column, or 0
    unknown: list[tuple[Point, int]]  # where so many unknown intermediaries stand


@dataclass(frozen=True)
class Box:
    """Actors that are counted, not drawn; (x, y) is the upper left corner."""

    label: str
    actors: int
    marks: list[tuple[str, int]]
    kinds: list[tuple[str, int]]
    x: float
    y: float
    high: float
    bar: float
    captioned: bool  # whether it is the first below drawn actors


@dataclass(frozen=True)
class Layout:
    """All that a picture shows.

    `left_out` counts the exposures whose path is not drawn, `apart` those that do not count on what was asked.
    """

    root: Shown
    downstream: bool
    actors: list[Shown]
    exposures: int
    left_out: int
    apart: int
    columns: list[Band]
    nodes: list[Node]
    lines: list[Line]
    boxes: list[Box]
    wide: float
    bottom: float


@dataclass(eq=False)
class _Slot:
    """A drawn actor (its name is the IRI), or a bend of a long line."""

    name: str
    col: int
    high: float
    y: float = 0.0  # of its centre


_Chains = dict[Key, list[_Slot]]  # the slots of each line, from the lower to the higher column


def arrange(trace: Json) -> Layout:
    """Exposure paths actor by actor, all others folded by tier and country."""
    read = Reading(trace)
    columns, col = _columns(read.actors.values())
    drawn = [read.actors[iri] for iri in read.drawn]
    slots = {a.iri: _Slot(a.iri, col[a.tier], 68.0 if a.exposures else 50.0) for a in drawn}
    chains: _Chains = {}
    for key in read.hops:
        low, far = sorted((slots[key[0]], slots[key[1]]), key=lambda slot: slot.col)
        between = range(low.col + 1, far.col)
        chains[key] = [low, *(_Slot(f"{far.name} {low.name} {key[2]} {c}", c, 44.0) for c in between), far]
    columns, wide = _across(columns, chains.values())
    bottom = _down(slots.values(), chains.values(), slots[read.root.iri])
    nodes = [Node(read.actors[s.name], columns[s.col].x, s.y - s.high / 2, s.high) for s in slots.values()]
    lines = list(_lines(read, columns, chains))
    boxes = list(_boxes(read, columns, col, bottom))
    bottom = max([bottom, *(box.y + box.high for box in boxes)])
    return Layout(
        read.root, read.downstream, list(read.actors.values()), len(trace["exposures"]) - read.apart,
        read.left_out, read.apart, columns, nodes, lines, boxes, wide, bottom,
    )  # fmt: skip


def _columns(actors: Iterable[Shown]) -> tuple[list[Band], dict[int, int]]:
    """Return the columns, and the number of each tier's column."""
    tiers: dict[int, list[Shown]] = defaultdict(list)
    for actor in actors:
        tiers[actor.tier].append(actor)
    columns, number = [], {}
    for last, tier in pairwise([-1, *sorted(tiers)]):
        if empty := tier - last - 1:
            label = f"Tier {last + 1}" + (f"–{tier - 1}" if empty > 1 else "")
            columns.append(Band(label, empty, 0, [], NARROW))
        number[tier] = len(columns)
        columns.append(Band(f"Tier {tier}", 1, len(tiers[tier]), _marked(tiers[tier]), WIDE))
    return columns, number


def _marked(actors: Iterable[Shown]) -> list[tuple[str, int]]:
    """Return how many actors have each mark, those of most force first."""
    found = Counter(actor.mark for actor in actors if actor.mark)
    return [(mark, found[mark]) for mark in MARKS if found[mark]]


def _across(columns: list[Band], chains: Iterable[list[_Slot]]) -> tuple[list[Band], float]:
    """Give columns an x, with room between them for lines and their words."""
    spans = [(chain[0].col, chain[-1].col) for chain in chains]
    labelled = {far if low < far else far + 1 for low, far in spans}
    placed, x = [], MARGIN + 10
    for number, column in enumerate(columns, 1):
        placed.append(replace(column, x=x))
        crossed = any(low < number <= far for low, far in spans)
        x += column.wide + (150 if number in labelled else 60 if crossed else 32)
    return placed, max(x + (0 if len(columns) in labelled else 6), 800.0)


def _down(actors: Iterable[_Slot], chains: Collection[list[_Slot]], root: _Slot) -> float:
    """Give slots a y, level with what they are joined to where that can be; return where they end."""
    columns: dict[int, list[_Slot]] = defaultdict(list)
    before: dict[_Slot, list[_Slot]] = defaultdict(list)
    beside: dict[_Slot, list[_Slot]] = defaultdict(list)
    slots = [*actors, *(bend for chain in chains for bend in chain[1:-1])]
    for slot in sorted(slots, key=lambda s: s.name):
        columns[slot.col].append(slot)
    for near, slot in (pair for chain in chains for pair in pairwise(chain)):
        if near.col == slot.col:
            beside[near].append(slot)
            beside[slot].append(near)
        else:
            before[slot].append(near)
    room = max(sum(slot.high + ROW for slot in group) - ROW for group in columns.values())
    for col, group in sorted(columns.items()):
        wish = {s: sum(b.y for b in before[s]) / len(before[s]) for s in group if before[s]}
        if col == 0:
            wish[root] = min(room / 2, 260.0)
        order: dict[_Slot, float] = {}
        for slot in [*sorted(wish, key=lambda s: (wish[s], s.name)), *group]:
            todo = [(slot, wish.get(slot, room / 2))]
            while todo:  # an actor that is only joined within its column follows its neighbour
                this, centre = todo.pop()
                if this not in order:
                    order[this] = centre
                    free = (other for other in beside[this] if other not in wish)
                    todo += [(other, centre) for other in sorted(free, key=lambda s: s.name, reverse=True)]
        centres = _place(list(order.values()), [slot.high for slot in order], room)
        for slot, y in zip(order, centres, strict=True):
            slot.y = y
    for slot in slots:
        slot.y += TOP
    return TOP + room


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


def _by_country(actors: Iterable[Shown]) -> Iterator[tuple[str, list[Shown]]]:
    """Yield labelled groups: the largest countries, the other countries as one, and no country."""
    groups: dict[str, list[Shown]] = defaultdict(list)
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


def _lines(read: Reading, columns: list[Band], chains: _Chains) -> Iterator[Line]:
    sides: dict[tuple[_Slot, bool], list[tuple[float, Key]]] = defaultdict(list)
    for key, (low, *_, far) in chains.items():
        sides[low, True].append((chains[key][1].y, key))
        sides[far, low.col == far.col].append((chains[key][-2].y, key))
    ports: dict[tuple[_Slot, Key], Point] = {}
    for (slot, right), group in sides.items():  # the lines of one side share its height
        x = columns[slot.col].x + (WIDE if right else 0)
        for number, (_, key) in enumerate(sorted(group), 1):
            ports[slot, key] = x, slot.y + slot.high * (number / (len(group) + 1) - 0.5)
    for key, (low, *bends, far) in chains.items():
        (x, y), (x2, y2) = ports[low, key], ports[far, key]
        bulge = min(30 + abs(y2 - y) * 0.15, 84) if low.col == far.col else 0.0
        hops, points, unknown = read.hops[key], [(x, y)], []
        gap = max(hop["gap"] for hop in hops)
        for bend in bends:
            column = columns[bend.col]
            points += [(column.x, bend.y), (column.x + column.wide, bend.y)]
            share = gap if bend is bends[-1] else min(gap, column.tiers)
            unknown.append(((column.x + column.wide / 2, bend.y), share))
            gap -= share
        unknown = unknown or [((x + (x2 - x) * 0.35 + bulge * 0.75, (y + y2) / 2), gap)]
        points.append((x2, y2))
        start, end = read.actors[key[0]].name, read.actors[key[1]].name
        products, notes = unique(map(product, hops)), unique(map(note, hops))
        spots = [spot for spot in unknown if spot[1]]
        yield Line(key[2], start, end, products, notes, points, key[0] != low.name, bulge, spots)


def _boxes(read: Reading, columns: list[Band], col: Mapping[int, int], bottom: float) -> Iterator[Box]:
    folded: dict[int, list[Shown]] = defaultdict(list)
    for actor in read.actors.values():
        if actor.iri not in read.drawn:
            folded[col[actor.tier]].append(actor)
    groups = {number: list(_by_country(actors)) for number, actors in sorted(folded.items())}
    most = max((len(group) for labelled in groups.values() for _, group in labelled), default=0)
    filled = {col[read.actors[iri].tier] for iri in read.drawn}
    for number, labelled in groups.items():
        y = TOP if len(read.drawn) == 1 and number > 0 else bottom + 36
        for label, group in labelled:
            captioned = number in filled and label == labelled[0][0]
            marks = _marked(group)
            high, bar = 28.0 + 18 * len(marks), max(16.0, WIDE * len(group) / most)
            kinds = sorted(Counter(actor.kind or "kind unknown" for actor in group).items())
            yield Box(label, len(group), marks, kinds, columns[number].x, y, high, bar, captioned)
            y += high + 6
