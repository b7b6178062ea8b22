"""The tier picture: what a trace found, drawn as one SVG of the same grammar at any size; same scene, same bytes."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from html import escape
from typing import Any, Literal

from opentier.graph.model.characters import visible
from opentier.graph.picture import marks
from opentier.graph.picture.board import Board
from opentier.graph.picture.canvas import FONT, MARGIN, Canvas, style
from opentier.graph.picture.columns import Columns
from opentier.graph.picture.marks import CALLED, MARKS, number
from opentier.graph.picture.paths import Paths
from opentier.graph.picture.widths import width, wrap

Json = Mapping[str, Any]
#: What of a picture: the paths, everything that was reached, or both.
Part = Literal["paths", "all"]


def draw(scene: Json, *, ids: str = "", more: str = "", part: Part | None = None) -> str:
    """Return the picture of a scene.

    Parameters
    ----------
    scene
        What is drawn, in texts and numbers (see `answer.scene`).
    ids
        Of a picture within a page: the address before the ids of actors; colours are then those of the page. Else the
        picture stands alone: it has its own colours, and links lead to IRIs.
    more
        The address of the list of all actors, with a query.
    """
    canvas, columns = Canvas(ids, more), Columns(scene)
    y = _head(canvas, columns, scene)
    left: list[str] = []
    if scene["entries"] and part != "all":
        y = Paths(canvas, columns, scene).draw(y)
    if part != "paths":
        board = Board(canvas, columns, scene)
        y = board.draw(y + 22)
        left = board.left
    high = _foot(canvas, columns, [*scene["untested"], *left, *scene["always"]], y + 6)
    about = " ".join((part or "", scene["root"]["iri"])).encode("utf-8", "replace")
    ident = f"{zlib.crc32(about):08x}"  # for several in one page
    size = f'viewBox="0 0 {number(columns.wide)} {number(high)}" width="{number(columns.wide)}" height="{number(high)}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="tp" {size} role="group" '
        f'aria-labelledby="t{ident} d{ident}" font-family="{escape(FONT)}">'
        f'<title id="t{ident}">{escape(visible(scene["title"]))}</title>'
        f'<desc id="d{ident}">{escape(visible(scene["told"]))}</desc>'
        f"<style>{style(page=canvas.page)}</style>"
        f'<rect class="bg" width="{number(columns.wide)}" height="{number(high)}"/>'
        f"{''.join(canvas.said)}</svg>\n"
    )


def _head(canvas: Canvas, columns: Columns, scene: Json) -> float:
    """Write the title, the answer, and what the marks mean."""
    room, y = columns.wide - 2 * MARGIN, 26.0
    for line in wrap(scene["title"], room, 19, bold=True):
        canvas.text(MARGIN, y, line, "h")
        y += 23
    y -= 23
    for line in wrap(scene["subtitle"], room, 13):
        y += 19
        canvas.text(MARGIN, y, line, "s")
    for line in wrap(scene["asked"], room, 12):
        y += 17
        canvas.text(MARGIN, y, line, "x")
    used = {actor["mark"] for actor in scene["actors"]} | {entry["mark"] for entry in scene["entries"]}
    x, y = MARGIN, y + 24
    for mark in filter(used.__contains__, MARKS):
        wide = 40 + width(CALLED[mark], 12)
        if x > MARGIN and x + wide > columns.wide - MARGIN:
            x, y = MARGIN, y + 18
        canvas.add(marks.shape(mark, x + 7, y - 4))
        canvas.text(x + 18, y, CALLED[mark], "i")
        x += wide
    return y + 12


def _foot(canvas: Canvas, columns: Columns, said: list[str], y: float) -> float:
    """Write what the picture cannot say."""
    canvas.rule(y, columns.wide)
    y += 20
    canvas.text(MARGIN, y, "What this picture cannot say", "b")
    for line in wrap(" ".join(said), columns.wide - 2 * MARGIN, 12):
        y += 15
        canvas.text(MARGIN, y, line, "x")
    return y + 14
