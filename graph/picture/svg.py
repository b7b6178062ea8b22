"""The tier picture: a trace (the object of ``trace --format json``) drawn as one standalone SVG."""

import unicodedata
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from itertools import pairwise
from typing import Any

from opentier.graph.picture import captions
from opentier.graph.picture.layout import HEAD, MARGIN, WIDE, Band, Box, Layout, Line, Node, arrange
from opentier.graph.picture.reading import MARKS, Shown, clean, counted, unique

FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Helvetica Neue', Arial, sans-serif"
INK, QUIET, LINE, PALE, BAND = "#16202c", "#4a5563", "#64748b", "#b6c1cf", "#f5f6f8"
BOLD = 1.11  # how much wider than plain
STYLES: dict[str, dict[str, Any]] = {
    "supply": {"stroke": "#334155", "stroke_width": 1.7, "stroke_dasharray": "none"},
    "operation": {"stroke": "#0f6b63", "stroke_width": 2.2, "stroke_dasharray": "0.1 5"},
    "ownership": {"stroke": "#5b2bb5", "stroke_width": 1.7, "stroke_dasharray": "8 4"},
    "recruitment": {"stroke": "#9a4a06", "stroke_width": 1.8, "stroke_dasharray": "9 5 0.1 5"},
    "co-location": {"stroke": "#475569", "stroke_width": 1.1, "stroke_dasharray": "0.1 3"},
}
#: What a mark is called, its colour and its tint; none says guilty, none says the contrary.
CALLED = {
    "measure": ("Measure in force", "#5e2b91", "#f1eaf8"),
    "risk": ("Risk list, not binding", "#7a4e00", "#fbf1dd"),
    "child": ("Risk list, child labour only", "#7a4e00", "#fbf1dd"),
    "possible": ("Possible identity, unreviewed", "#565f6b", "#f5f6f8"),
}
_Taken = list[tuple[float, float, float]]  # where words and marks of lines stand: from x, to x, at y


def draw(trace: Mapping[str, Any], said: Mapping[str, Sequence[str]]) -> str:
    """Exposure paths actor by actor, all others folded by tier and country; same trace, same bytes.

    Parameters
    ----------
    said
        Sentences that stand in the picture: the ``verdict``, what was ``tested``, and what was ``untested``.
    """
    layout = arrange(trace)
    ident = f"{zlib.crc32(layout.root.iri.encode('utf-8', 'replace')):08x}"  # for several in one page
    bottom = layout.bottom + 16
    foot, high = _foot(layout, captions.below(trace, layout, said), bottom + 40, ident)
    title, facts, told = captions.told(layout, said)
    taken: _Taken = []
    arrow = {"viewBox": "0 0 8 8", "refX": 7.4, "refY": 4, "markerWidth": 8, "markerHeight": 8}
    arrow |= {"markerUnits": "userSpaceOnUse", "orient": "auto"}
    heads = {kind: _tag("path", d="M0 .6 8 4 0 7.4z", fill=style["stroke"]) for kind, style in STYLES.items()}
    body = [
        _tag("title", escape(title), id=f"title-{ident}"),
        _tag("desc", escape(" ".join(told)), id=f"desc-{ident}"),
        _tag("defs", *(_tag("marker", head, id=f"{kind}-{ident}", **arrow) for kind, head in heads.items())),
        _tag("rect", width=layout.wide, height=high, fill="#ffffff"),
        _bold(MARGIN, 46, _fit(title, layout.wide - 2 * MARGIN, 21 * BOLD), 21),
        _bold(MARGIN, 70, _fit(clean(" ".join(said["verdict"])), layout.wide - 2 * MARGIN, 14 * BOLD), 14),
        _text(MARGIN, 90, facts, 12, QUIET),
        *(_column(column, bottom) for column in layout.columns),
        *(_line(line, ident) for line in layout.lines),
        *(word for line in layout.lines for word in (*_unknowns(line, taken), *_label(line, taken))),
        *(_node(node, node.actor == layout.root) for node in layout.nodes),
        *map(_box, layout.boxes),
        *foot,
    ]
    size = {"width": layout.wide, "height": high, "viewBox": f"0 0 {_n(layout.wide)} {_n(high)}"}
    size |= {"role": "img", "aria_labelledby": f"title-{ident} desc-{ident}", "font_family": FONT}
    return _tag("svg", "\n", "\n".join(body), "\n", xmlns="http://www.w3.org/2000/svg", **size) + "\n"


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
    pairs = ((name, _n(v) if isinstance(v, float | int) else str(v)) for name, v in attributes.items())
    shown = "".join(f' {name.rstrip("_").replace("_", "-")}="{escape(value)}"' for name, value in pairs)
    return f"<{tag}{shown}>{''.join(inside)}</{tag}>" if inside else f"<{tag}{shown}/>"


def _text(x: float, y: float, text: str, size: float = 12, fill: str = INK, **more: object) -> str:
    return _tag("text", escape(text), x=x, y=y, font_size=size, fill=fill, **more)


def _bold(x: float, y: float, text: str, size: float, fill: str = INK, **more: object) -> str:
    return _text(x, y, text, size, fill, font_weight="650", **more)


def _title(lines: Iterable[str]) -> str:
    return _tag("title", escape("\n".join(unique(lines))))


def _rect(x: float, y: float, wide: float, high: float, round_: float, **more: object) -> str:
    return _tag("rect", x=x, y=y, width=wide, height=high, rx=round_, **more)


def _marked(x: float, y: float, wide: float, high: float, cut: float, mark: str) -> str:
    a, b, c = x + wide, y + high, cut
    spots = [(x + c, y), (a - c, y), (a, y + c), (a, b - c), (a - c, b), (x + c, b), (x, b - c), (x, y + c)]
    points, (_, ink, tint) = " ".join(f"{_n(i)},{_n(j)}" for i, j in spots), CALLED[mark]
    look = {
        "stroke_width": 3 if mark == "measure" else 1.5,
        "stroke_dasharray": "6 3" if mark == "possible" else "none",
    }
    return _tag("polygon", points=points, fill=tint, stroke=ink, **look)


def _sign(x: float, y: float, mark: str, text: str = "") -> str:
    """A mark, whose shape says what its colour does, and words."""
    ink = CALLED[mark][1]
    if mark == "measure":
        shape = _rect(x + 1.5, y + 1.5, 10, 10, 0, fill=ink)
    elif mark == "possible":
        shape = _tag(
            "circle",
            cx=x + 7,
            cy=y + 6.5,
            r=5,
            fill="none",
            stroke=ink,
            stroke_width=1.5,
            stroke_dasharray="2 2",
        )
    else:
        spots = f"{_n(x + 7)},{_n(y)} {_n(x + 13.5)},{_n(y + 6.5)} {_n(x + 7)},{_n(y + 13)} {_n(x + 0.5)},{_n(y + 6.5)}"
        shape = _tag(
            "polygon", points=spots, fill=ink if mark == "risk" else "#ffffff", stroke=ink, stroke_width=1.5
        )
    return shape + (_bold(x + 20, y + 11, text, 11.5, ink) if text else "")


def _stroke(kind: str, path: str, ident: str) -> str:
    more = {"stroke_linecap": "round", "marker_end": f"url(#{kind}-{ident})"}
    return _tag("path", d=path, fill="none", **STYLES[kind], **more)


def _unknown(x: float, y: float) -> str:
    ring = _tag("circle", class_="unknown", cx=x, cy=y, r=8, fill="#ffffff", stroke=LINE, stroke_width=1.5)
    return ring + _text(x, y + 4, "?", 11, QUIET, text_anchor="middle")


def _why(actor: Shown, room: float = 9999.0) -> str:
    by, size = actor.authorities, 11.5 * BOLD
    called = CALLED[actor.mark][0].partition(",")[0].removesuffix(" in force")
    more = f" +{len(by) - 1}" if len(by) > 1 else ""
    return (
        _fit(
            " · ".join([called, *by[:1]]),
            room - _width(more, size),
            size,
        )
        + more
    )


def _column(column: Band, bottom: float) -> str:
    touched = sum(many for _, many in column.marks)
    count = counted(column.actors, "actor") + (f" · {touched:,} touched" if touched else "")
    band = _rect(column.x - 12, HEAD - 30, column.wide + 24, bottom - HEAD + 30, 12, fill=BAND)
    head = _bold(column.x + 2, HEAD - 6, column.label, 14)
    return "\n".join([band, head, _text(column.x + 2, HEAD + 12, count, 12, QUIET)])


def _node(node: Node, root: bool) -> str:
    actor, x, y, high = node.actor, node.x, node.y, node.high
    facts = " · ".join(unique([actor.country or "country unknown", actor.kind, "root" if root else ""]))
    told = [actor.name, f"{facts} · tier {actor.tier}", actor.id, *actor.exposures]
    ink, quiet = INK, QUIET
    if actor.exposures:
        shape = _marked(x, y, WIDE, high, 11, actor.mark)
        shape += _sign(x + 14, y + 48, actor.mark, _why(actor, WIDE - 44))
    elif root:
        ink, quiet = "#ffffff", "#dbe3ec"
        shape = _rect(x, y, WIDE, high, 25, fill=INK)
    else:
        shape = _rect(x, y, WIDE, high, 8, fill="#ffffff", stroke=LINE, stroke_width=1.2)
    name = _bold(x + 14, y + 21, _fit(actor.name, WIDE - 28, 13 * BOLD), 13, ink)
    line = _text(x + 14, y + 38, _fit(facts, WIDE - 28, 11.5), 11.5, quiet)
    look = {"class_": f"touched {actor.mark}" if actor.mark else "actor", "data_id": actor.id}
    return _tag("g", _title(told), shape, name, line, **look)


def _box(box: Box) -> str:
    x, y = box.x, box.y
    told = [box.label, *(f"{kind}: {number:,}" for kind, number in box.kinds)]
    frame = _rect(
        x, y, WIDE, box.high, 8, fill="#ffffff", stroke=CALLED[box.marks[0][0]][1] if box.marks else PALE
    )
    bar = _rect(x, y, box.bar, box.high, 8, fill="#e4e9f0")
    words = _text(x + 14, y + 18.5, box.label)
    for number, (mark, many) in enumerate(box.marks):
        words += _sign(x + 14, y + 26 + 18 * number, mark, f"{many:,}: {CALLED[mark][0]}")
    drawn = _tag("g", _title(told), frame, bar, words, class_="folded", data_count=box.actors)
    return (_text(x + 2, y - 8, "Others, by country", 11.5, QUIET) + "\n" if box.captioned else "") + drawn


def _line(line: Line, ident: str) -> str:
    points = line.points[::-1] if line.backward else line.points
    path = f"M{_n(points[0][0])} {_n(points[0][1])}"
    for number, ((ax, ay), (bx, by)) in enumerate(pairwise(points)):
        turn = _n(min(ax, bx) + abs(ax - bx) * 0.3 + line.bulge)  # early, so that the far end is level
        path += "L" if number % 2 else f"C{turn} {_n(ay)} {turn} {_n(by)} "
        path += f"{_n(bx)} {_n(by)}"
    told = [f"{line.kind}: {line.start} → {line.end}", *line.notes]
    return _tag("g", _title(told), _stroke(line.kind, path, ident), class_="hop")


def _unknowns(line: Line, taken: _Taken) -> Iterator[str]:
    for (x, y), number in line.unknown:
        shown = min(number, 4)
        taken.append((x - 9 * shown, x + 9 * shown, y))
        yield from (_unknown(x + (i - (shown - 1) / 2) * 18, y) for i in range(shown))
        if number > shown:
            yield _text(x, y + 21, f"{number:,} unknown", 10.5, QUIET, text_anchor="middle")


def _label(line: Line, taken: _Taken) -> Iterator[str]:
    """What goes along the line, at its far end, where that is free."""
    (_, y), (x, y2) = line.points[0], line.points[-1]
    word = line.products[0] if line.products else "" if line.kind == "supply" else line.kind
    more = f" +{len(line.products) - 1}" if len(line.products) > 1 else ""
    word = _fit(word, 104 - _width(more, 10.5), 10.5) + more
    wide = _width(word, 10.5)
    left = x + line.bulge * 0.75 + 5 if line.bulge else x - 13 - wide
    levels = [y2 + 14, y2 - 6] if y < y2 - 9 else [y2 - 6, y2 + 14]
    for level in [(y + y2) / 2 + 4] if line.bulge else levels:
        near = (at for a, b, at in taken if left + wide >= a and left <= b)
        if word and all(abs(level - 4 - at) > 14 for at in near):
            halo = {"paint_order": "stroke", "stroke": "#ffffff", "stroke_width": 4}
            at, side = (left, "start") if line.bulge else (x - 13, "end")
            taken.append((left, left + wide, level - 4))
            yield _text(at, level, word, 10.5, QUIET, text_anchor=side, **halo)
            return


def _legend(layout: Layout, ident: str) -> dict[str, str]:
    """Only what the picture uses: label and sample."""
    samples = {"start of the trace": _rect(0, -11, 30, 15, 7.5, fill=INK)}
    if layout.lines:
        samples["actor on an exposure path"] = _rect(0, -11, 30, 15, 4, fill="#ffffff", stroke=LINE)
    used_marks = {actor.mark for actor in layout.actors}
    for mark in (mark for mark in MARKS if mark in used_marks):
        samples[CALLED[mark][0]] = _marked(0, -12, 30, 17, 5, mark) + _sign(8, -10, mark)
    if layout.boxes:
        bar = _rect(0, -11, 16, 15, 4, fill="#cbd5e1")
        samples["other actors, counted"] = _rect(0, -11, 30, 15, 4, fill="#ffffff", stroke=PALE) + bar
    if any(line.unknown for line in layout.lines):
        samples["unknown intermediary (declared tier)"] = _unknown(15, -4)
    used = {line.kind for line in layout.lines}
    for kind in [kind for kind in STYLES if kind in used]:
        label = "supply (buyer → supplier)" if kind == "supply" else kind
        samples[label] = _stroke(kind, "M0-4H34", ident)
    return samples


def _foot(
    layout: Layout, limits: Iterable[tuple[str, list[str]]], y: float, ident: str
) -> tuple[list[str], float]:
    parts, x, room = [_bold(MARGIN, y, "Legend", 13)], MARGIN, layout.wide - 2 * MARGIN
    y += 26
    for label, sample in _legend(layout, ident).items():
        wide = 42 + _width(label, 12)
        if x > MARGIN and x + wide > layout.wide - MARGIN:
            x, y = MARGIN, y + 26
        spot = f"translate({_n(x)} {_n(y)})"
        parts.append(_tag("g", sample, _text(42, 0, label, 12, QUIET), transform=spot))
        x += wide + 24
    y += 40
    for heading, texts in limits:
        parts.append(_bold(MARGIN, y, heading, 13))
        for line in (piece for text in texts for piece in _wrap(text, min(room, 1100.0), 12)):
            y += 19
            parts.append(_text(MARGIN, y, line, 12, QUIET))
        y += 30
    return parts, y - 30 + MARGIN
