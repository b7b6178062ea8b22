"""Cells that were corrected before their file was read: the file stays as it is, and this says what is read instead."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from opentier.graph.model.characters import one_line, visible

#: Characters of a value that are shown.
_SHOWN = 80


@dataclass(frozen=True)
class Corrected:
    """One cell: its place by the header of its column, what it says, what is read instead, who said so, and when."""

    file: str
    row: int
    column: str
    old: str
    new: str
    by: str = ""
    when: str = ""

    def said(self) -> str:
        """Return the correction as a sentence beside its row."""
        old = f"'{one_line(self.old)[:_SHOWN]}'" if self.old else "nothing"
        who = ", ".join(filter(None, (f"by {self.by}" if self.by else "", self.when[:10])))
        return visible(f"corrected: {self.column} said {old}{f' ({who})' if who else ''}")


def of_rows(cells: Iterable[Corrected], file: str) -> dict[int, list[Corrected]]:
    """Return the corrected cells of a file by their rows."""
    found: dict[int, list[Corrected]] = {}
    for cell in cells:
        if cell.file == file:
            found.setdefault(cell.row, []).append(cell)
    return found
