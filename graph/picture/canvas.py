"""What a picture is drawn on: elements of SVG in order, text of four kinds, and links."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from string import Template
from urllib.parse import quote

from opentier.graph.model.characters import visible
from opentier.graph.picture.marks import COLOURS, number

#: Pixels around everything, and of one line of text.
MARGIN, LINE = 16.0, 14.5
#: The classes of text: their size, and whether they are bold.
TEXTS = {"h": (19.0, True), "s": (13.0, False), "b": (12.5, True), "t": (12.5, False), "x": (12.0, False),
         "i": (12.0, False)}  # fmt: skip
_SAFE = "/-._~!$&'()*+,;=:@"
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', 'Noto Sans', 'Helvetica Neue', Arial, sans-serif"
#: Every rule counts inside `.tp` alone.
_RULES = """
text{fill:$ink;font-size:12.5px}.h{font-size:19px;font-weight:700}.s{font-size:13px;fill:$ink2}.b{font-weight:700}
.x{font-size:12px;fill:$ink2}.i{font-size:12px}.w{fill:$onfill}.l{fill:$link;text-decoration:underline}
.bg{fill:$bg}.root{fill:$ink}.rule{stroke:$line;fill:none}.ed{stroke:$ink;stroke-width:1.6;fill:none}.ah{fill:$ink}
.gap{fill:none;stroke:$unknown;stroke-width:1.4;stroke-dasharray:4 3}
.node{fill:$bg;stroke:$line2;stroke-width:1}
.em{fill:$measurebg;stroke:$measure;stroke-width:2.5}.ek{fill:$riskbg;stroke:$risk;stroke-width:1.8}
.ec{fill:$bg;stroke:$risk;stroke-width:1.8}.ep{fill:$unknownbg;stroke:$unknown;stroke-width:1.5;stroke-dasharray:5 3}
.m{fill:$measure}.k{fill:$risk}.kc{fill:$bg;stroke:$risk;stroke-width:1.5}
.p{fill:$bg;stroke:$unknown;stroke-width:1.5;stroke-dasharray:2.5 2}.n{fill:$bg;stroke:$ink2;stroke-width:1.3}
.u{stroke:$unknown;stroke-width:2.4;stroke-dasharray:2.4 1.4;fill:none}
.bn{fill:$line}.bu{fill:$bg;stroke:$unknown;stroke-dasharray:2 2}.bp{fill:$bg;stroke:$unknown;stroke-dasharray:5 3}
.band{stroke:$line2;stroke-opacity:.45;fill:none}.thread{stroke:$line2;stroke-opacity:.6;stroke-width:1.2;fill:none}
.way{stroke:$ink2;stroke-width:1.4;fill:none}
"""
#: What a page has more: where one points, and where the keyboard stands.
_MOVING = """
.hit{fill:transparent}a:hover .t,a:hover .b{text-decoration:underline}a:focus{outline:none}
a:focus-visible .hit{fill:var(--focusbg)}a:focus-visible .hit~text{fill:var(--focus)}
a:focus-visible .node,a:focus-visible .em,a:focus-visible .ek,a:focus-visible .ec,a:focus-visible .ep{
stroke:var(--ink);stroke-width:4}
"""


def style(*, page: bool) -> str:
    """Return the rules of a picture: with the colours of the page that it stands in, or with those of paper."""
    colours = {name: f"var(--{name})" if page else value for name, value in COLOURS.items()}
    rules = "".join(Template(_RULES + (_MOVING if page else "")).substitute(colours).split("\n"))
    made = []
    for rule in filter(None, rules.split("}")):
        selectors, _, body = rule.partition("{")
        made.append(f"{','.join(f'.tp {each}' for each in selectors.split(','))}{{{body}}}")
    return "".join(made)


class Canvas:
    """Elements in order.

    Parameters
    ----------
    ids
        The address before the ids of actors; nothing: links lead to their IRIs.
    more
        The address of the list of all actors; nothing: no link leads there.
    """

    def __init__(self, ids: str = "", more: str = "") -> None:
        self.ids, self.more = ids, more
        self.said: list[str] = []
        self._open: list[str] = []

    @property
    def page(self) -> bool:
        """Whether the picture stands in a page."""
        return bool(self.ids)

    def add(self, element: str) -> None:
        """Add an element."""
        self.said.append(element)

    def text(self, x: float, y: float, text: str, kind: str = "t", more: str = "") -> None:
        """Add a line of text; `kind` are classes, the first of which is one of `TEXTS`."""
        self.add(f'<text class="{kind}" x="{number(x)}" y="{number(y)}"{more}>{escape(visible(text))}</text>')

    def rect(self, kind: str, x: float, y: float, wide: float, high: float, round_: float = 0) -> None:
        """Add a rectangle."""
        corner = f' rx="{number(round_)}"' if round_ else ""
        where = f'x="{number(x)}" y="{number(y)}" width="{number(wide)}" height="{number(high)}"'
        self.add(f'<rect class="{kind}" {where}{corner}/>')

    def rule(self, y: float, wide: float) -> None:
        """Add a line across the picture."""
        self.add(f'<path class="rule" d="M{number(MARGIN)} {number(y)}H{number(wide - MARGIN)}"/>')

    def open(self, actor: Mapping[str, str], title: str) -> None:
        """Begin a link to an actor."""
        self.begin(self.ids + quote(actor["id"], safe=_SAFE) if self.page else actor["iri"], title)

    def begin(self, address: str, title: str) -> None:
        """Begin a link, or a group where an address is none that a browser should follow."""
        followed = address.startswith(("/", "http://", "https://"))
        self._open.append("a" if followed else "g")
        link = f' href="{escape(address)}"' if followed else ""
        self.add(f"<{self._open[-1]}{link}><title>{escape(visible(title))}</title>")

    def hit(self, x: float, y: float, wide: float, high: float) -> None:
        """Add what is pointed at of a link in a page."""
        if self.page:
            self.rect("hit", x, y, wide, high)

    def close(self) -> None:
        """End a link, or a group."""
        self.add(f"</{self._open.pop()}>")
