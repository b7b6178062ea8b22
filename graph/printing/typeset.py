"""A report as PDF, its first page as PNG, set by typst (the extra `print`).

The letters are of fonts that typst brings along, so that the same data gives the same bytes wherever that version of it
runs. Only where a name needs a script that those lack, fonts of the machine are used; where it has none either, the
name is written in Latin letters and marked.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from importlib.resources import files
from typing import Any

from opentier.graph.errors import NotInstalled, OpenTierError
from opentier.graph.exposure.words import said
from opentier.graph.model.characters import visible
from opentier.graph.printing.drawing import drawing
from opentier.graph.printing.onepage import SIZES, Size
from opentier.graph.printing.scripts import letters, romanised

Json = Mapping[str, Any]

#: The day on which every document says that it was made.
_MADE = {"year": 2000, "month": 1, "day": 1}
#: Of the kinds of PDF that are for keeping: everything is inside, and every letter has a shape.
_KEPT = "a-2b"
#: The fonts that typst brings along for text, and one more that it would choose itself for some scripts, badly.
_FONTS, _UNFIT = ("Libertinus Serif", "DejaVu Sans Mono"), "New Computer Modern"
#: Which fonts of a machine are taken first: those of one family, that are made to stand beside each other.
_FIRST = ("Noto Serif", "Noto Sans", "Noto")
#: Dots to the inch of the picture of a page.
_DOTS = 144
#: What typst says of the line of an error.
_LINE = re.compile(r"^ *┌─ main\.typ:(\d+):", re.MULTILINE)


def ready() -> Any:
    """Return typst; NotInstalled where it is not."""
    try:
        import typst
    except ImportError:
        raise NotInstalled(
            'PDF and PNG are set by typst, which is not installed: pip install "opentier[print]". '
            "HTML and XLSX need nothing more."
        ) from None
    return typst


def pdf(scene: Json, page: Callable[[Size], Json], chapters: Json, papers: Json | None = None) -> bytes:
    """Return a report as PDF: its first page, which is always one, the tier picture, and what follows.

    Parameters
    ----------
    scene
        What the picture shows (see `answer.scene`).
    page
        Gives the first page in a size (see `onepage.page`).
    chapters
        What follows (see `chapters.chapters`).
    papers
        The documents that laws ask for (see `papers.papers`).

    Raises
    ------
    OpenTierError
        If typst is not installed, or refuses what it is given.
    """
    drawn = drawing(scene)
    fonts = _Fonts(letters([page(SIZES[0]), chapters, papers, drawn["svg"]]))
    if fonts.undrawn:
        drawn = drawing(romanised(scene, fonts.undrawn))
    made = {
        **_first(page, fonts),
        "chapters": fonts.latin(chapters),
        "papers": fonts.latin(papers),
        "picture": drawn,
    }
    return fonts.compiled(made, format="pdf", pdf_standards=[_KEPT])


def single(page: Callable[[Size], Json]) -> bytes:
    """Return one page alone as PDF; raises as `pdf` does."""
    fonts = _Fonts(letters(page(SIZES[0])))
    return fonts.compiled(_first(page, fonts), format="pdf", pdf_standards=[_KEPT])


def png(page: Callable[[Size], Json]) -> bytes:
    """Return the first page of a report as PNG; raises as `pdf` does."""
    fonts = _Fonts(letters(page(SIZES[0])))
    return fonts.compiled(_first(page, fonts), format="png", ppi=_DOTS)


def _first(page: Callable[[Size], Json], fonts: _Fonts) -> Json:
    """Return the first page in the first size in which it is one."""
    for size in SIZES:
        first = fonts.latin(page(size))
        if fonts.lacking:
            first = {**first, "foot": f"{first['foot']} {said('report', 'romanised')}"}
        made = {"page": first, "chapters": None, "papers": None, "picture": None}
        if fonts.pages(made) == 1:
            return made
    raise OpenTierError("The first page does not fit on one page; write HTML.")


class _Fonts:
    """The fonts that some letters need, what they lack, and typst, which sets with them."""

    def __init__(self, needed: set[str]) -> None:
        self.typst = ready()
        self.own, self.names = True, list(_FONTS)
        foreign = self._lacking(needed, self.names)
        self.lacking = foreign
        if foreign:
            machine = self.typst.Fonts(include_embedded_fonts=False).families()
            self.own = False
            self.names += sorted(machine, key=_rank)
            self.lacking = self._lacking(foreign, self.names)
        #: Letters that a picture cannot have: of what is not at hand typst takes there what it chooses.
        self.undrawn = self.lacking | (foreign - self._lacking(foreign, [_UNFIT]))

    def latin(self, made: Json | None) -> Any:
        """Return data so that it can be set: what no font has is in Latin letters, what is not seen has its number."""
        return romanised(_seen(made), self.lacking)

    def pages(self, made: Json) -> int:
        """Return on how many pages a first page stands."""
        found = self._asked(self.typst.query, made, selector="<pages>", field="value", one=True)
        return int(found)

    def compiled(self, made: Json, **how: Any) -> bytes:
        """Return what typst makes of some data."""
        found: bytes = self._asked(self.typst.compile, made, **how)
        return found

    def _asked(self, ask: Callable[..., Any], made: Json, **how: Any) -> Any:
        """Ask typst, which gets all files that it reads; of the machine it sees fonts, where they are needed."""
        drawn = _fonts_of_drawing(made["picture"]["svg"]) if made["picture"] else ""
        picture = {name: value for name, value in (made["picture"] or {}).items() if name != "svg"}
        data = {**made, "picture": picture, "made": _MADE, "fonts": self.names}
        given = {
            "main.typ": files("opentier.graph.printing").joinpath("report.typ").read_bytes(),
            "data.json": json.dumps(data, ensure_ascii=False).encode(),
            "picture.svg": drawn.encode(),
        }
        try:
            return ask(given, ignore_system_fonts=self.own, **how)
        except RuntimeError as error:  # a question to typst raises no TypstError, which is one
            raise OpenTierError(f"typst cannot set this report: {error}. Write HTML.") from None

    def _lacking(self, needed: set[str], names: Sequence[str]) -> set[str]:
        """Return the letters that none of some fonts has: typst refuses to keep them, and says on which lines."""
        listed = sorted(needed)
        if not listed:
            return set()
        made = ", ".join(f"{name}: {value}" for name, value in _MADE.items())
        fonts = ", ".join(json.dumps(name, ensure_ascii=False) for name in names)
        head = f"#set document(date: datetime({made})); #set text(font: ({fonts},), fallback: false)"
        lines = [head, *(f"{letter} #strong[{letter}]" for letter in listed)]
        try:
            self.typst.compile(
                {"main.typ": "\n".join(lines).encode()},
                ignore_system_fonts=self.own, format="pdf", pdf_standards=[_KEPT],
            )  # fmt: skip
        except self.typst.TypstError as error:
            return {listed[int(line) - 2] for line in _LINE.findall(error.diagnostic)}
        return set()


def _rank(name: str) -> tuple[int, str]:
    """Return where a font of a machine stands among others."""
    return next((number for number, first in enumerate(_FIRST) if name.startswith(first)), len(_FIRST)), name


def _seen(made: Any) -> Any:
    """Return data whose texts show what is not seen by its code point."""
    if isinstance(made, str):
        return visible(made)
    if isinstance(made, Mapping):
        return {name: _seen(value) for name, value in made.items()}
    return list(map(_seen, made)) if isinstance(made, list) else made


def _fonts_of_drawing(picture: str) -> str:
    """Return a picture in the fonts of the report, and in weights that they have."""
    picture = re.sub(r'font-family="[^"]*"', f'font-family="{", ".join(_FONTS)}"', picture)
    return picture
