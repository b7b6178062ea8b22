"""A trace as a report in every form."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from opentier.graph.printing import chapters, drawing, html, onepage, papers, sheets, typeset

Json = Mapping[str, Any]


class Report:
    """A report on a trace; the same trace gives the same bytes.

    Parameters
    ----------
    found
        The object of the trace (see `TraceResult.to_dict`), not grouped.
    scene
        What its picture shows (see `TraceResult.scene`).
    digest, kept
        The hash of its record, and the id under which that is kept.
    dossier
        The documents that laws ask for along its paths (see `View.dossier`).

    Examples
    --------
    >>> from opentier.graph import Graph
    >>> from opentier.graph.trace.parameters import Parameters
    >>> traced = Graph.open("opentier-data").view().trace("example/aurora", Parameters(product="6109"))
    >>> page = Report(traced.to_dict(), traced.scene).to_html()
    >>> page.count("<h1"), "seize cotton yarn" in page
    (1, True)
    """

    def __init__(
        self,
        found: Json,
        scene: Json,
        *,
        digest: str | None = None,
        kept: str | None = None,
        dossier: Json | None = None,
    ) -> None:
        self.found, self.scene, self.dossier = found, scene, dossier
        self._papers = papers.papers(dossier) if dossier else None
        self._page = partial(onepage.page, found, digest=digest, kept=kept)

    @cached_property
    def _chapters(self) -> Json:
        return chapters.chapters(self.found)

    def to_html(self) -> str:
        """Return it as one file of HTML that needs no other."""
        return html.html(self._page, self._chapters, drawing.drawing(self.scene), self._papers)

    def to_pdf(self) -> bytes:
        """Return it as PDF (needs the extra `print`)."""
        return typeset.pdf(self.scene, self._page, self._chapters, self._papers)

    def to_png(self) -> bytes:
        """Return its first page as PNG (needs the extra `print`)."""
        return typeset.png(self._page)

    def write_xlsx(self, path: Path) -> None:
        """Write it as a workbook, which holds all companies, exposures and paths."""
        sheets.write(self.found, self._page(onepage.SIZES[0]), path, self.dossier)

    def write(self, form: str, path: Path) -> None:
        """Write it to a file: ``html``, ``pdf``, ``png`` or ``xlsx``."""
        if form == "xlsx":
            self.write_xlsx(path)
        elif form == "html":
            path.write_text(self.to_html(), "utf-8")
        else:
            path.write_bytes(self.to_pdf() if form == "pdf" else self.to_png())
