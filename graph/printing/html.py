"""A report as one file of HTML that holds all it needs: it prints on A4, its first page first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.resources import files
from typing import Any

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from opentier.graph.model.characters import visible
from opentier.graph.printing.height import ROOM, height
from opentier.graph.printing.onepage import SIZES, Size

Json = Mapping[str, Any]


def html(page: Callable[[Size], Json], chapters: Json, picture: Json, papers: Json | None = None) -> str:
    """Return a report as HTML.

    Parameters
    ----------
    page
        Gives the first page in a size (see `onepage.page`).
    chapters, picture
        What follows (see `chapters.chapters`), and the tier picture (see `drawing.drawing`).
    papers
        The documents that laws ask for (see `papers.papers`).
    """
    first = next((made for made in map(page, SIZES) if height(made) <= ROOM), page(SIZES[-1]))
    text = files("opentier.graph.printing").joinpath("report.html").read_text("utf-8")
    made = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, finalize=_seen
    ).from_string(text)
    return made.render(
        page=first, chapters=chapters, papers=papers, picture={**picture, "svg": Markup(picture["svg"])}
    )


def _seen(value: Any) -> Any:
    """Return a value with what is not seen of it by its code point; what is markup already stays."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value
