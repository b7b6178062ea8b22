"""The tier picture: a trace (the object of ``trace --format json``) drawn as one standalone SVG."""

import re
import unicodedata
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from itertools import pairwise
from typing import Any

MAX_PATH_ACTORS, MAX_BOXES, MAX_NAMED = 60, 8, 12
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Helvetica Neue', Arial, sans-serif"
INK, QUIET, LINE, PALE, BAND, ALARM = "#1e293b", "#475569", "#64748b", "#b6c1cf", "#f3f5f8", "#a61b1b"
WIDE, NARROW, ROW, MARGIN, HEAD = 228.0, 84.0, 16.0, 28.0, 132.0
BOLD = 1.11  # how much wider than plain
STYLES: dict[str, dict[str, Any]] = {
    "supply": {"stroke": "#334155", "stroke_width": 1.7, "stroke_dasharray": "none"},
    "operation": {"stroke": "#0f6b63", "stroke_width": 2.2, "stroke_dasharray": "0.1 5"},
    "ownership": {"stroke": "#5b2bb5", "stroke_width": 1.7, "stroke_dasharray": "8 4"},
    "recruitment": {"stroke": "#9a4a06", "stroke_width": 1.8, "stroke_dasharray": "9 5 0.1 5"},
    "co-location": {"stroke": "#475569", "stroke_width": 1.1, "stroke_dasharray": "0.1 3"},
}
CREDO = (
    "Tiers are counted for this root; a picture is not an accusation: "
    "every mark has its source in the path list."
)


def draw(trace: Mapping[str, Any]) -> str:
    """Exposure paths actor by actor, all others folded by tier and country; same trace, same bytes."""
    return _Picture(trace).svg()


def _clean(value: object) -> str:
    """Text on one line, without the characters that XML forbids."""
    text = re.sub(r"[\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff]+", " ", "" if value is None else str(value))
    return " ".join(text.split())


def _short(value: object) -> str:
    """The last part of an IRI; other text as it is."""
    text = _clean(value)
    return re.split(r"[/#]", text.rstrip("/#"))[-1] if re.match(r"https?://", text) else text


def _unique(values: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(value for value in values if value))


def _name(actor: Mapping[str, Any]) -> str:
    return _clean(actor.get("name") or actor.get("id") or actor["iri"])


def _count(number: int, noun: str) -> str:
    plural = noun[:-1] + "ies" if noun.endswith("y") else noun + "s"
    return f"{number:,} {noun if number == 1 else plural}"


def _width(text: str, size: float) -> float:
    """A careful (rather too wide) estimate, since the reader's font is not known."""
    narrow, broad = set("iljtfr.,:;'|!()[] ·"), set("MWmw@%&")
    ems = 0.0
    for char in text:
        if unicodedata.east_asian_width(char) in "WF":
            ems += 1.02
        elif not unicodedata.combining(char):
            ems += 0.36 if char in narrow else 0.92 if char in broad else 0.7 if char.isupper() else 0.61
    return ems * size


def _fit(text: str, room: float, size: float) -> str:
    if _width(text, size) <= room:
        return text
    while text and _width(text + "…", size) > room:
        text = text[:-1]
    return text.rstrip() + "…"


def _wrap(text: str, room: float, size: float) -> list[str]:
    lines: list[str] = []
    for word in text.split():
        if lines and _width(f"{lines[-1]} {word}", size) <= room:
            lines[-1] += " " + word
        else:
            lines.append(_fit(word, room, size))
    return lines


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _tag(tag: str, *inside: str, **attributes: object) -> str:
    """One element; attributes in the order given, numbers with one decimal place."""
    pairs = ((name, _n(v) if isinstance(v, float | int) else _clean(v)) for name, v in attributes.items())
    shown = "".join(f' {name.rstrip("_").replace("_", "-")}="{escape(value)}"' for name, value in pairs)
    return f"<{tag}{shown}>{''.join(inside)}</{tag}>" if inside else f"<{tag}{shown}/>"


def _text(x: float, y: float, text: str, size: float = 12, fill: str = INK, **more: object) -> str:
    return _tag("text", escape(_clean(text)), x=x, y=y, font_size=size, fill=fill, **more)


def _bold(x: float, y: float, text: str, size: float, fill: str = INK, **more: object) -> str:
    return _text(x, y, text, size, fill, font_weight="650", **more)


def _title(lines: Iterable[str]) -> str:
    return _tag("title", escape("\n".join(_unique(lines))))


def _rect(x: float, y: float, wide: float, high: float, round_: float, **more: object) -> str:
    return _tag("rect", x=x, y=y, width=wide, height=high, rx=round_, **more)


def _marked(x: float, y: float, wide: float, high: float, cut: float, dash: str = "none") -> str:
    a, b, c = x + wide, y + high, cut
    spots = [(x + c, y), (a - c, y), (a, y + c), (a, b - c), (a - c, b), (x + c, b), (x, b - c), (x, y + c)]
    points = " ".join(f"{_n(i)},{_n(j)}" for i, j in spots)
    return _tag("polygon", points=points, fill="#fdf2f1", stroke=ALARM, stroke_width=2, stroke_dasharray=dash)


def _alarm(x: float, y: float, text: str = "") -> str:
    mark = _tag("path", d=f"M{_n(x + 7)} {_n(y)}l7 12.5h-14z", fill=ALARM)
    mark += _bold(x + 7, y + 11, "!", 9.5, "#ffffff", text_anchor="middle")
    return mark + (_bold(x + 20, y + 11, text, 11.5, ALARM) if text else "")


def _stroke(kind: str, path: str, ident: str) -> str:
    more = {"stroke_linecap": "round", "marker_end": f"url(#{kind}-{ident})"}
    return _tag("path", d=path, fill="none", **STYLES[kind], **more)


def _unknown(x: float, y: float) -> str:
    ring = _tag("circle", class_="unknown", cx=x, cy=y, r=8, fill="#ffffff", stroke=LINE, stroke_width=1.5)
    return ring + _text(x, y + 4, "?", 11, QUIET, text_anchor="middle")


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


@dataclass
class _Edge:
    kind: str
    start: str
    end: str
    gap: int = 0
    products: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    chain: list[str] = field(default_factory=list)  # the slots it passes, from the lower to the higher column


class _Picture:
    def __init__(self, trace: Mapping[str, Any]) -> None:
        self.trace, self.root = trace, trace["root"]
        self.downstream = bool(trace["parameters"].get("downstream"))
        self.exposures: list[Mapping[str, Any]] = trace["exposures"]
        self.actors: dict[str, Mapping[str, Any]] = {self.root["iri"]: self.root}
        self.tier: dict[str, int] = {self.root["iri"]: 0}
        for actor in [*trace["reached"], *(exposure["actor"] for exposure in self.exposures)]:
            self.actors.setdefault(actor["iri"], actor)
            self.tier.setdefault(actor["iri"], actor["tier"])
        self.marks: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
        self.edges: dict[tuple[str, str, str], _Edge] = {}
        self.drawn: dict[str, None] = {self.root["iri"]: None}
        self.left_out = 0
        for exposure in self.exposures:
            self.marks[exposure["actor"]["iri"]].append(exposure)
            self._add_path(exposure["actor"], exposure["paths"][0] if exposure["paths"] else {"hops": []})
        self._columns()
        self._fold()
        self._arrange()

    def _add_path(self, actor: Mapping[str, Any], path: Mapping[str, Any]) -> None:
        hops: list[Mapping[str, Any]] = path["hops"]
        for hop in (
            reversed(hops) if self.downstream else hops
        ):  # a truncated trace may lack its middle actors
            near, far = (hop["to"], hop["from"]) if self.downstream else (hop["from"], hop["to"])
            step = 1 + (hop.get("gap") or 0) if hop["kind"] == "supply" else 0
            self.tier.setdefault(far["iri"], self.tier[near["iri"]] + step)
            self.actors.setdefault(far["iri"], far)
        ends = dict.fromkeys([*(hop[side]["iri"] for hop in hops for side in ("from", "to")), actor["iri"]])
        many = len(self.drawn | ends)
        if many > len(self.drawn) > 1 and (self.left_out or many > MAX_PATH_ACTORS):
            self.left_out += 1
            return
        self.drawn |= ends
        told = any("gap" in hop for hop in hops)
        for hop in hops:
            start, end, kind = hop["from"]["iri"], hop["to"]["iri"], hop["kind"]
            if start == end:
                continue
            edge = self.edges.setdefault((start, end, kind), _Edge(kind, start, end))
            gap = hop.get("gap") or 0
            if kind == "supply" and path.get("gaps") and not told:
                gap = abs(self.tier[end] - self.tier[start]) - 1
            edge.gap = max(edge.gap, gap)
            product = re.sub(r"^hs:", "HS ", _short(hop.get("product")))
            dates = f"{hop.get('start_date') or '…'} to {hop.get('end_date') or '…'}"
            source = [_clean(hop.get(key)) for key in ("record", "dataset", "licence")]
            edge.products = _unique([*edge.products, product])
            edge.notes = _unique([*edge.notes, "; ".join(_unique([product, dates, *source]))])

    def _columns(self) -> None:
        """One column a tier; neighbouring tiers without a known actor share one."""
        actors, marked = Counter(self.tier.values()), Counter(self.tier[iri] for iri in self.marks)
        self.heads: list[tuple[str, int, int]] = []  # label, actors, exposed actors
        self.span: list[int] = []  # how many tiers each column stands for
        column, last = {}, -1
        for tier in sorted(actors):
            if empty := tier - last - 1:
                self.heads.append((f"Tier {last + 1}" + (f"–{tier - 1}" if empty > 1 else ""), 0, 0))
                self.span.append(empty)
            column[tier] = len(self.heads)
            self.heads.append((f"Tier {tier}", actors[tier], marked[tier]))
            self.span.append(1)
            last = tier
        self.col = {iri: column[tier] for iri, tier in self.tier.items()}

    def _fold(self) -> None:
        groups: dict[int, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        for iri, actor in self.actors.items():
            if iri not in self.drawn:
                groups[self.col[iri]][_clean(actor.get("country"))].append(iri)
        self.boxes: dict[int, list[tuple[str, list[str]]]] = {}
        for col, group in groups.items():
            named = sorted((c for c in group if c), key=lambda c: (-len(group[c]), c))
            keep = len(named) if len(group) <= MAX_BOXES else MAX_BOXES - 1 - ("" in group)
            self.boxes[col] = [(f"{len(group[c]):,} in {c}", group[c]) for c in named[:keep]]
            if rest := [iri for c in named[keep:] for iri in group[c]]:
                self.boxes[col].append(
                    (f"{len(rest):,} more in {_count(len(named) - keep, 'country')}", rest)
                )
            if "" in group:
                self.boxes[col].append((f"{len(group['']):,} in unknown country", group[""]))

    def _arrange(self) -> None:
        """Give slots (actors, and the bends of long edges) a column and a y; give columns an x."""
        slots: dict[int, list[str]] = defaultdict(list)
        before: dict[str, list[str]] = defaultdict(list)
        beside: dict[str, set[str]] = defaultdict(set)
        self.high = {iri: 68.0 if iri in self.marks else 50.0 for iri in self.drawn}
        for iri in self.drawn:
            slots[self.col[iri]].append(iri)
        spans = []
        for edge in self.edges.values():
            low, far = sorted((edge.start, edge.end), key=self.col.__getitem__)
            spans.append((self.col[low], self.col[far]))
            if self.col[low] == self.col[far]:
                beside[low].add(far)
                beside[far].add(low)
            bends = {f"{far} {low} {edge.kind} {c}": c for c in range(self.col[low] + 1, self.col[far])}
            edge.chain = [low, *bends, far]
            for slot, col in bends.items():
                self.high[slot] = 44.0
                slots[col].append(slot)
            for near, slot in pairwise(edge.chain):
                before[slot] += [near] if near not in beside[slot] else []
        self.room = max(sum(self.high[slot] + ROW for slot in group) - ROW for group in slots.values())
        self.y: dict[str, float] = {}
        for col in sorted(slots):
            wish = {s: sum(self.y[b] for b in before[s]) / len(before[s]) for s in slots[col] if before[s]}
            if col == 0:
                wish[self.root["iri"]] = min(self.room / 2, 260.0)
            order: dict[str, float] = {}
            for slot in [*sorted(wish, key=lambda s: (wish[s], s)), *sorted(slots[col])]:
                todo = [(slot, wish.get(slot, self.room / 2))]
                while todo:  # an actor that is only joined within its column follows its neighbour
                    this, centre = todo.pop()
                    if this not in order:
                        order[this] = centre
                        todo += [(s, centre) for s in sorted(beside[this] - set(wish), reverse=True)]
            centres = _place(list(order.values()), [self.high[slot] for slot in order], self.room)
            self.y |= dict(zip(order, centres, strict=True))
        labelled = {far if low < far else far + 1 for low, far in spans}
        self.wide = [WIDE if head[1] else NARROW for head in self.heads]
        self.left = [MARGIN + 10]
        for col, wide in enumerate(self.wide, 1):
            crossed = any(low < col <= far for low, far in spans)
            self.left.append(self.left[-1] + wide + (150 if col in labelled else 60 if crossed else 32))
        self.total = max(self.left.pop() + (0 if len(self.wide) in labelled else 6), 800.0)

    def _why(self, iri: str, room: float = 9999.0) -> str:
        reasons = ", ".join(_unique(_clean(mark["reason"]) for mark in self.marks[iri]))
        by = _unique(_short(mark["designation"].get("authority")) for mark in self.marks[iri])
        more = f" +{len(by) - 1}" if len(by) > 1 else ""
        size = 11.5 * BOLD
        return _fit(" · ".join([reasons, *by[:1]]), room - _width(more, size), size) + more

    def _node(self, iri: str) -> str:
        actor, marks, root = self.actors[iri], self.marks.get(iri, []), iri == self.root["iri"]
        x, high, y = self.left[self.col[iri]], self.high[iri], self.y[iri] - self.high[iri] / 2
        place = _clean(actor.get("country")) or "country unknown"
        facts = " · ".join(_unique([place, _clean(actor.get("kind")), "root" if root else ""]))
        told = [_name(actor), f"{facts} · tier {self.tier[iri]}", _clean(actor.get("id"))]
        for mark in marks:
            keys = ("authority", "kind", "register", "effect", "status", "listing_date", "law")
            by = ", ".join(_unique(_short(mark["designation"].get(key)) for key in keys))
            told.append(
                f"Exposed ({_clean(mark['reason'])}): {by}; severity {_clean(mark['severity']['value'])}"
            )
        ink, quiet = ("#ffffff", "#dbe3ec") if root and not marks else (INK, QUIET)
        if marks:
            unsure = all(mark["reason"] == "possible-identity" for mark in marks)
            shape = _marked(x, y, WIDE, high, 11, "6 3" if unsure else "none")
            shape += _alarm(x + 14, y + 48, self._why(iri, WIDE - 44))
        elif root:
            shape = _rect(x, y, WIDE, high, 25, fill=INK)
        else:
            shape = _rect(x, y, WIDE, high, 8, fill="#ffffff", stroke=LINE, stroke_width=1.2)
        name = _bold(x + 14, y + 21, _fit(_name(actor), WIDE - 28, 13 * BOLD), 13, ink)
        line = _text(x + 14, y + 38, _fit(facts, WIDE - 28, 11.5), 11.5, quiet)
        look = {"class_": "exposed" if marks else "actor", "data_id": actor.get("id") or iri}
        return _tag("g", _title(told), shape, name, line, **look)

    def _folded(self, col: int, y: float) -> tuple[list[str], float]:
        x, parts = self.left[col], []
        most = max(len(group) for boxes in self.boxes.values() for _, group in boxes)
        if any(self.col[iri] == col for iri in self.drawn):
            parts.append(_text(x + 2, y - 8, "Others, by country", 11.5, QUIET))
        for label, group in self.boxes[col]:
            bad = sum(iri in self.marks for iri in group)
            kinds = Counter(_clean(self.actors[iri].get("kind")) or "kind unknown" for iri in group)
            told = [label, *(f"{kind}: {number:,}" for kind, number in sorted(kinds.items()))]
            high = 46.0 if bad else 28.0
            box = _rect(x, y, WIDE, high, 8, fill="#ffffff", stroke=ALARM if bad else PALE)
            bar = _rect(x, y, max(16.0, WIDE * len(group) / most), high, 8, fill="#e4e9f0")
            words = _text(x + 14, y + 18.5, label)
            words += _alarm(x + 14, y + 26, f"{bad:,} exposed") if bad else ""
            parts.append(_tag("g", _title(told), box, bar, words, class_="folded", data_count=len(group)))
            y += high + 6
        return parts, y

    def _ports(self) -> dict[tuple[str, str, str], tuple[float, float, float, float]]:
        """Where each edge leaves its lower and its higher slot: the edges of one side share its height."""
        sides: dict[tuple[str, bool], list[tuple[float, tuple[str, str, str]]]] = defaultdict(list)
        for key, edge in self.edges.items():
            low, far = edge.chain[0], edge.chain[-1]
            sides[low, True].append((self.y[edge.chain[1]], key))
            sides[far, self.col[low] == self.col[far]].append((self.y[edge.chain[-2]], key))
        spots: dict[tuple[str, tuple[str, str, str]], tuple[float, float]] = {}
        for (slot, right), group in sides.items():
            x = self.left[self.col[slot]] + (WIDE if right else 0)
            for number, (_, key) in enumerate(sorted(group), 1):
                spots[slot, key] = x, self.y[slot] + self.high[slot] * (number / (len(group) + 1) - 0.5)
        return {key: (*spots[e.chain[0], key], *spots[e.chain[-1], key]) for key, e in self.edges.items()}

    def _lines(self, ident: str) -> list[str]:
        lines: list[str] = []
        words: list[str] = []
        taken: list[tuple[float, float, float]] = []
        for key, (x, y, x2, y2) in self._ports().items():
            edge = self.edges[key]
            low, *bends, far = edge.chain
            first, same = self.col[low] + 1, self.col[low] == self.col[far]
            points, bulge = [(x, y)], min(30 + abs(y2 - y) * 0.15, 84) if same else 0
            spots = []
            for col, bend in enumerate(bends, first):
                left, right, level = self.left[col], self.left[col] + self.wide[col], self.y[bend]
                points += [(left, level), (right, level)]
                spots.append(((left + right) / 2, level))
            points.append((x2, y2))
            spots = spots or [(x + (x2 - x) * 0.35 + bulge * 0.75, (y + y2) / 2)]
            if edge.start != low:
                points.reverse()
            path = f"M{_n(points[0][0])} {_n(points[0][1])}"
            for number, ((ax, ay), (bx, by)) in enumerate(pairwise(points)):
                turn = _n(min(ax, bx) + abs(ax - bx) * 0.3 + bulge)  # early, so that the far end is level
                path += "L" if number % 2 else f"C{turn} {_n(ay)} {turn} {_n(by)} "
                path += f"{_n(bx)} {_n(by)}"
            ends = f"{_name(self.actors[edge.start])} → {_name(self.actors[edge.end])}"
            told = [f"{edge.kind}: {ends}", *edge.notes]
            kind = edge.kind if edge.kind in STYLES else "co-location"
            lines.append(_tag("g", _title(told), _stroke(kind, path, ident), class_="hop"))
            gap = edge.gap
            for col, (at, level) in enumerate(spots, first):
                share = min(gap, self.span[col]) if col < first + len(bends) - 1 else gap
                gap -= share
                shown = min(share, 4)
                words += [_unknown(at + (i - (shown - 1) / 2) * 18, level) for i in range(shown)]
                if share > shown:
                    many = f"{share:,} unknown"
                    words.append(_text(at, level + 21, many, 10.5, QUIET, text_anchor="middle"))
                if share:
                    taken.append((at - 9 * shown, at + 9 * shown, level))
            word = edge.products[0] if edge.products else "" if edge.kind == "supply" else edge.kind
            more = f" +{len(edge.products) - 1}" if len(edge.products) > 1 else ""
            word = _fit(word, 104 - _width(more, 10.5), 10.5) + more
            wide = _width(word, 10.5)
            left = x2 + bulge * 0.75 + 5 if same else x2 - 13 - wide
            levels = [(y + y2) / 2 + 4] if same else [y2 + 14, y2 - 6] if y < y2 - 9 else [y2 - 6, y2 + 14]
            near = [c for a, b, c in taken if left + wide >= a and left <= b]
            free = [level for level in levels if all(abs(level - 4 - c) > 14 for c in near)]
            if word and free:
                halo = {"paint_order": "stroke", "stroke": "#ffffff", "stroke_width": 4}
                at, side = (left, "start") if same else (x2 - 13, "end")
                words.append(_text(at, free[0], word, 10.5, QUIET, text_anchor=side, **halo))
                taken.append((left, left + wide, free[0] - 4))
        return lines + words

    def _legend(self, ident: str) -> dict[str, str]:
        """Only what the picture uses: label and sample."""
        samples = {"start of the trace": _rect(0, -11, 30, 15, 7.5, fill=INK)}
        if self.edges:
            samples["actor on an exposure path"] = _rect(0, -11, 30, 15, 4, fill="#ffffff", stroke=LINE)
        if self.marks:
            samples["exposed actor, with reason and authority"] = _marked(0, -12, 30, 17, 5) + _alarm(8, -10)
        if self.boxes:
            bar = _rect(0, -11, 16, 15, 4, fill="#cbd5e1")
            samples["other actors, counted"] = _rect(0, -11, 30, 15, 4, fill="#ffffff", stroke=PALE) + bar
        if any(edge.gap for edge in self.edges.values()):
            samples["unknown intermediary (declared tier)"] = _unknown(15, -4)
        for kind in STYLES:
            if any(edge.kind == kind for edge in self.edges.values()):
                label = "supply (buyer → supplier)" if kind == "supply" else kind
                samples[label] = _stroke(kind, "M0-4H34", ident)
        return samples

    def _limits(self) -> list[str]:
        limits, parameters, number = self.trace["limits"], self.trace["parameters"], len(self.exposures)
        sets = []
        for each in limits["datasets"]:
            licence = f"({_clean(each.get('licence')) or 'licence unknown'})"
            sets.append(" ".join(_unique([_clean(each["id"]), _clean(each.get("version")), licence])))
        more = f" and {len(sets) - MAX_NAMED:,} more" if len(sets) > MAX_NAMED else ""
        asked = []
        for key, value in sorted(parameters.items()):
            if value and key != "downstream" and isinstance(value, list | tuple | str | int | float):
                words = map(_clean, value) if isinstance(value, list | tuple) else [_clean(value)]
                asked.append(f"{key.replace('_', ' ')} {'yes' if value is True else ', '.join(words)}")
        lines = [] if number else ["No exposure found within these limits."]
        if self.left_out:
            drawn = f"Drawn: the paths of {number - self.left_out:,} of {number:,} exposures"
            lines.append(
                f"{drawn}, the most severe first; the other exposed actors are counted in the boxes."
            )
        ends = _count(limits["actors_without_upstream_links"], "actor")
        cut = "Truncated: there is more than is shown here." if limits["truncated"] else "Not truncated."
        return [
            *lines,
            f"Datasets: {'; '.join(sets[:MAX_NAMED]) or 'none'}{more}.",
            f"Asked: {'; '.join(asked) or 'everything'}.",
            f"Without upstream links (the trace ends there for lack of data): {ends}. "
            f"Declared-tier gaps: {limits['declared_tier_gaps']:,}. {cut}",
            CREDO,
        ]

    def _foot(self, y: float, ident: str) -> tuple[list[str], float]:
        parts, x, room = [_bold(MARGIN, y, "Legend", 13)], MARGIN, self.total - 2 * MARGIN
        y += 26
        for label, sample in self._legend(ident).items():
            wide = 42 + _width(label, 12)
            if x > MARGIN and x + wide > self.total - MARGIN:
                x, y = MARGIN, y + 26
            spot = f"translate({_n(x)} {_n(y)})"
            parts.append(_tag("g", sample, _text(42, 0, label, 12, QUIET), transform=spot))
            x += wide + 24
        y += 40
        parts.append(_bold(MARGIN, y, "Limits", 13))
        for line in (piece for text in self._limits() for piece in _wrap(text, min(room, 1100.0), 12)):
            y += 19
            parts.append(_text(MARGIN, y, line, 12, QUIET))
        return parts, y + MARGIN

    def svg(self) -> str:
        ident = f"{zlib.crc32(self.root['iri'].encode('utf-8', 'replace')):08x}"  # for several in one page
        top = HEAD + 34
        self.y = {slot: y + top for slot, y in self.y.items()}
        bottom, boxes = top + self.room, list[str]()
        for col in sorted(self.boxes):
            beside = len(self.drawn) == 1 and col > 0
            parts, end = self._folded(col, top if beside else top + self.room + 36)
            boxes, bottom = boxes + parts, max(bottom, end - 6)
        bottom += 16
        heads = []
        for x, wide, (label, number, bad) in zip(self.left, self.wide, self.heads, strict=True):
            count = _count(number, "actor") + (f" · {bad:,} exposed" if bad else "")
            heads.append(_rect(x - 12, HEAD - 30, wide + 24, bottom - HEAD + 30, 12, fill=BAND))
            heads += [_bold(x + 2, HEAD - 6, label, 14), _text(x + 2, HEAD + 12, count, 12, QUIET)]
        foot, high = self._foot(bottom + 40, ident)
        way = "downstream" if self.downstream else "upstream"
        marked = sorted(self.marks, key=lambda iri: (self.tier[iri], iri))
        title = f"Tier picture: {way} of {_name(self.root)}"
        deep = _count(max(self.tier.values()), "tier")
        reach = f"{_count(len(self.actors) - 1, 'actor')} reached in {deep} {way}"
        found = f"{_count(len(self.exposures), 'exposure')} on {_count(len(marked), 'actor')}"
        facts = f"{reach}, {found if marked else 'no exposure found within the limits below'}."
        said = [facts, *(f"{label}: {_count(n, 'actor')}, {bad:,} exposed." for label, n, bad in self.heads)]
        said += [f"{_name(self.actors[i])}, tier {self.tier[i]}: {self._why(i)}." for i in marked[:MAX_NAMED]]
        arrow = {"viewBox": "0 0 8 8", "refX": 7.4, "refY": 4, "markerWidth": 8, "markerHeight": 8}
        arrow |= {"markerUnits": "userSpaceOnUse", "orient": "auto"}
        markers = []
        for kind, style in STYLES.items():
            head = _tag("path", d="M0 .6 8 4 0 7.4z", fill=style["stroke"])
            markers.append(_tag("marker", head, id=f"{kind}-{ident}", **arrow))
        body = [
            _tag("title", escape(title), id=f"title-{ident}"),
            _tag("desc", escape(" ".join(said)), id=f"desc-{ident}"),
            _tag("defs", *markers),
            _tag("rect", width=self.total, height=high, fill="#ffffff"),
            _bold(MARGIN, 46, _fit(title, self.total - 2 * MARGIN, 21 * BOLD), 21),
            _text(MARGIN, 72, facts, 13, QUIET),
            *[*heads, *self._lines(ident), *map(self._node, self.drawn), *boxes, *foot],
        ]
        size = {"width": self.total, "height": high, "viewBox": f"0 0 {_n(self.total)} {_n(high)}"}
        size |= {"role": "img", "aria_labelledby": f"title-{ident} desc-{ident}", "font_family": FONT}
        return _tag("svg", "\n", "\n".join(body), "\n", xmlns="http://www.w3.org/2000/svg", **size) + "\n"
