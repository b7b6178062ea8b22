"""A report as PDF, its first page as PNG, set by typst (the extra `print`).

The letters are of fonts that typst brings along, so that the same data gives the same bytes wherever that version of it
runs. Only where a name needs a script that those lack, fonts of the machine are used; where it has none either, the
name is written in Latin letters and marked.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from functools import partial
from importlib.resources import files
from typing import Any

from opentier.graph.errors import OpenTierError
from opentier.graph.exposure.words import said
from opentier.graph.model.characters import visible
from opentier.graph.printing.onepage import SIZES, Size
from opentier.graph.printing.scripts import romanised, words

Json = Mapping[str, Any]

#: The day on which every document says that it was made.
_MADE = {"year": 2000, "month": 1, "day": 1}
#: Of the kinds of PDF that are for keeping: everything is inside, and every letter has a shape.
_KEPT = "a-2b"
_FONT = "Libertinus Serif"
#: Dots to the inch of the picture of a page.
_DOTS = 144
_LINE = re.compile(r"\.typ:(\d+):")


def ready() -> Any:
    """Return typst; OpenTierError where it is not installed."""
    try:
        import typst
    except ImportError:
        raise OpenTierError(
            'PDF and PNG are set by typst, which is not installed: pip install "opentier[print]". '
            "HTML and XLSX need nothing more."
        ) from None
    return typst


def pdf(page: Callable[[Size], Json], chapters: Json, picture: str) -> bytes:
    """Return a report as PDF: its first page, which is always one, the tier picture, and what follows.

    Parameters
    ----------
    page
        Gives the first page in a size (see `onepage.page`).
    chapters, picture
        What follows (see `chapters.chapters`), and the tier picture as SVG.

    Raises
    ------
    OpenTierError
        If typst is not installed, or refuses what it is given.
    """
    found = _Set(page, chapters, picture)
    return found.compiled(
        {**found.first(), "chapters": found.latin(chapters)}, format="pdf", pdf_standards=[_KEPT]
    )


def png(page: Callable[[Size], Json]) -> bytes:
    """Return the first page of a report as PNG; raises as `pdf` does."""
    found = _Set(page, {}, "")
    return found.compiled(found.first(), format="png", ppi=_DOTS)


class _Set:
    """What is set: with which fonts, and which words none of them has."""

    def __init__(self, page: Callable[[Size], Json], chapters: Json, picture: str) -> None:
        self.typst = ready()
        self.page = page
        every = words([_seen(page(SIZES[0])), _seen(chapters), picture])
        self.own = True  # whether the fonts that typst brings along are enough
        self.lacking = self._without_font(every)
        if self.lacking:
            self.own = False
            self.lacking = self._without_font(self.lacking)
        self.latin = partial(_latin, lacking=self.lacking)
        self.picture = _drawn(romanised(picture, self.lacking)) if picture else ""

    def first(self) -> Json:
        """Return the first page in the first size in which it is one."""
        for size in SIZES:
            page = self.latin(self.page(size))
            if self.lacking:
                page = {**page, "foot": f"{page['foot']} {said('report', 'romanised')}"}
            made = {"page": page, "chapters": None}
            if self._pages(made) == 1:
                return made
        raise OpenTierError("The first page does not fit on one page; write HTML.")

    def compiled(self, made: Json, **how: Any) -> bytes:
        """Return what typst makes of some data."""
        try:
            found: bytes = self.typst.compile(self._given(made), ignore_system_fonts=self.own, **how)
        except self.typst.TypstError as error:
            raise OpenTierError(f"typst cannot set this report: {error.message}. Write HTML.") from None
        return found

    def _pages(self, made: Json) -> int:
        found = self.typst.query(
            self._given(made), "<pages>", field="value", one=True, ignore_system_fonts=self.own
        )  # fmt: skip
        return int(found)

    def _given(self, made: Json) -> dict[str, bytes]:
        """Return the files that typst gets; it reads none of the machine, but fonts."""
        data = {**made, "made": _MADE, "font": _FONT}
        return {
            "main": files("opentier.graph.printing").joinpath("report.typ").read_bytes(),
            "data.json": json.dumps(data, ensure_ascii=False).encode(),
            "picture.svg": self.picture.encode(),
        }

    def _without_font(self, every: set[str]) -> set[str]:
        """Return the words with a letter that no font has: typst refuses to keep them, and says on which lines."""
        listed = sorted(every)
        quoted = [json.dumps(word, ensure_ascii=False) for word in listed]
        made = ", ".join(f"{name}: {value}" for name, value in _MADE.items())
        head = f'#set document(date: datetime({made})); #set text(font: "{_FONT}")'
        main = "\n".join([head, *(f"#{word} *#{word}*" for word in quoted)]).encode()
        try:
            self.typst.compile(
                {"main": main}, ignore_system_fonts=self.own, format="pdf", pdf_standards=[_KEPT]
            )  # fmt: skip
        except self.typst.TypstError as error:
            return {listed[int(line) - 2] for line in _LINE.findall(error.diagnostic)}
        return set()


def _latin(made: Json, lacking: set[str]) -> Any:
    return romanised(_seen(made), lacking)


def _seen(made: Any) -> Any:
    """Return data whose texts show what is not seen by its code point."""
    if isinstance(made, str):
        return visible(made)
    if isinstance(made, Mapping):
        return {name: _seen(value) for name, value in made.items()}
    return list(map(_seen, made)) if isinstance(made, list) else made


def _drawn(picture: str) -> str:
    """Return a picture in the font of the report, and in weights that it has."""
    picture = re.sub(r'font-family="[^"]*"', f'font-family="{_FONT}"', picture)
    return picture.replace('font-weight="650"', 'font-weight="700"')
