"""Corrections: cells of somebody's table that are read as they say instead, while the file stays as it was sent.

Each names a cell by its file and row as findings do, or all cells of a column that say the same; what these say now
tells whether they are meant.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from hashlib import sha256
from pathlib import Path
from typing import Any

from opentier.graph.errors import UsageError
from opentier.graph.intake.synonyms import scheme
from opentier.graph.model.characters import one_line, tidy
from opentier.graph.model.tables import SCHEMES
from opentier.graph.report.corrected import Corrected
from opentier.graph.report.report import MAX_SHOWN

#: Corrections that a file may have, and cells that they may change: more are mended in the file itself.
MOST, MOST_CELLS = 1_000, 10_000


@dataclass(frozen=True)
class Correction:
    """What is read instead of what a cell says.

    Attributes
    ----------
    file
        As findings call it.
    row
        As findings number it; None: every row in which the column says so.
    column
        A header of the file, or the column that findings name.
    old
        What the cell says; findings show the first characters of a long one.
    by, when
        Who said so, and when (ISO 8601).
    """

    file: str
    row: int | None
    column: str
    old: str
    new: str
    by: str = ""
    when: str = ""

    @property
    def id(self) -> str:
        """What tells it from others."""
        return sha256(repr((self.file, self.row, self.column, self.old, self.new)).encode()).hexdigest()[:16]


def read(path: Path) -> tuple[Correction, ...]:
    """Return the corrections of a file: a list in JSON, each an object with the names of `Correction`.

    Raises
    ------
    UsageError
        If it is none, or holds more than `MOST`.
    """
    try:
        said = json.loads(path.read_text("utf-8-sig"))
        found = tuple(_one(each) for each in said) if isinstance(said, list) else None
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path} holds no corrections: {error}") from None
    if found is None:
        raise UsageError(f"{path} holds no corrections: it is a list of objects, in JSON.")
    if len(found) > MOST:
        raise UsageError(
            f"{path} holds {len(found):,} corrections; {MOST:,} are taken. Mend the file itself."
        )
    return found


def _one(said: Any) -> Correction:
    names = [field.name for field in fields(Correction)]
    if not isinstance(said, dict) or not set(said) <= set(names):
        raise ValueError(f"a correction is an object with {', '.join(names)}")
    row, texts = said.get("row"), {name: said.get(name, "") for name in names if name != "row"}
    if not all(isinstance(text, str) for text in texts.values()) or not (texts["file"] and texts["column"]):
        raise ValueError(
            "a correction names its file and column, what the cell says (old) and what is read (new)"
        )
    if row is not None and (isinstance(row, bool) or not isinstance(row, int) or row < 1):
        raise ValueError(f"a row is a number from 1 on, or null for all that say so, not {row!r}")
    if texts["old"] == texts["new"]:
        raise ValueError(
            f"a correction changes what a cell says; {texts['column']} stays {texts['old'][:80]!r}"
        )
    return Correction(row=row, **texts)


def text(corrections: Iterable[Correction | Corrected]) -> str:
    """Return corrections as JSON."""
    return json.dumps([asdict(each) for each in corrections], indent=1, ensure_ascii=False) + "\n"


def labels(cells: Sequence[str]) -> tuple[str, ...]:
    """Return the headers, each once: a second column of one name is ``Name (2)``."""
    times: dict[str, int] = {}
    found = []
    for cell in map(one_line, cells):
        times[cell] = times.get(cell, 0) + 1
        found.append(f"{cell} ({times[cell]})" if cell and times[cell] > 1 else cell)
    return tuple(found)


@dataclass(frozen=True)
class Missed:
    """A correction that changes nothing: the row, or none where it is about all of them, and why."""

    correction: Correction
    row: int | None
    message: str


class Corrector:
    """The corrections of one table, applied to its rows one by one.

    Parameters
    ----------
    file
        What findings call it.
    headers
        Its labels; an empty one is none.
    columns
        The headers that each column is read from, by what findings call it.

    Attributes
    ----------
    cells
        The cells that were corrected.
    """

    def __init__(
        self,
        corrections: Iterable[Correction],
        file: str,
        headers: Sequence[str],
        columns: Mapping[str, Sequence[str]],
    ) -> None:
        self.file, self.headers, self.cells = file, headers, list[Corrected]()
        self._columns, self._missed = columns, list[Missed]()
        self._rows: dict[int, list[Correction]] = {}
        self._every: dict[Correction, bool] = {}
        for each in corrections:
            if each.file == file and each.row is None:
                self._every[each] = False
            elif each.file == file:
                self._rows.setdefault(each.row or 0, []).append(each)

    def correct(self, number: int, cells: list[str]) -> None:
        """Put what is read instead into the cells of a row.

        Raises
        ------
        UsageError
            If more cells are changed than may be.
        """
        for each in self._rows.pop(number, ()):
            self._one(each, number, cells)
        for each in self._every:
            self._every[each] |= self._changed(each, number, cells, self._fitting(each, cells))

    def missed(self) -> list[Missed]:
        """Return the corrections that changed nothing, once all rows were there."""
        rows = [
            Missed(each, None, f"There is no row {number} below the header.")
            for number, left in self._rows.items()
            for each in left
        ]
        every = [
            Missed(each, None, f"No row says {each.old[:MAX_SHOWN]!r} there.")
            for each, found in self._every.items()
            if not found
        ]
        return [*self._missed, *rows, *every]

    def _one(self, each: Correction, number: int, cells: list[str]) -> None:
        """Correct one cell, or note why there is none to correct."""
        fits = self._fitting(each, cells)
        if len(fits) > 1 and not each.old:
            listed = " or ".join(self.headers[at] for at in fits)
            message = f"Several cells of this row are empty: say which, {listed}."
            self._missed.append(Missed(each, number, message))
        elif not self._changed(each, number, cells, fits):
            said = [cells[at] for at in self._places(each)]
            now = f"it says {said[0][:MAX_SHOWN]!r}" if said else "there is no such column"
            message = f"The correction of {each.old[:MAX_SHOWN]!r} does not fit: {now}."
            self._missed.append(Missed(each, number, message))

    def _changed(self, each: Correction, number: int, cells: list[str], fits: Sequence[int]) -> bool:
        """Put what is read into cells; return whether there are any, or such that say so already."""
        for at in fits:
            old, cells[at] = cells[at], _instead(cells[at], each)
            self.cells.append(
                Corrected(self.file, number, self.headers[at], old, cells[at], each.by, each.when)
            )
        if len(self.cells) > MOST_CELLS:
            raise UsageError(f"The corrections change more than {MOST_CELLS:,} cells: mend the file itself.")
        return bool(fits) or any(cells[at] == each.new for at in self._places(each))

    def _places(self, each: Correction) -> list[int]:
        """Return the columns that a correction may mean."""
        named = [each.column] if each.column in self.headers else self._columns.get(each.column, ())
        return [at for at, label in enumerate(self.headers) if label and label in named]

    def _fitting(self, each: Correction, cells: list[str]) -> list[int]:
        """Return the columns whose cells say what a correction says of them; a short row is made wide enough."""
        places = self._places(each)
        cells.extend([""] * (max(places, default=-1) + 1 - len(cells)))
        return [at for at in places if _says(cells[at], each.old) is not None]


def by_finding(headers: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Return the headers of each column by what findings call it: of an actor's column, without its role.

    Parameters
    ----------
    headers
        The headers that each column is read from; of one that is put together of several, no cell is meant.
    """
    found: dict[str, list[str]] = {}
    for name, at in headers.items():
        short = name.rpartition(".")[2]
        known = "identifiers" if short in SCHEMES["identifier-scheme"] else short
        for called in dict.fromkeys((name, short, known)) if len(at) == 1 else ():
            found.setdefault(called, []).extend(at)
    return found


def _says(cell: str, old: str) -> str | None:
    """Return the part of a cell that says something, all of it or one of several; None where none does."""
    wanted = one_line(old)[:MAX_SHOWN]
    if not wanted:
        return None if cell.strip() else cell

    def same(part: str) -> bool:
        plain = one_line(tidy(part, code=True)[0])
        known = (one_line(part), plain, *(scheme(name, plain) for name in _schemes(wanted)))
        return any(each[:MAX_SHOWN] == wanted for each in known)

    if same(cell):
        return cell
    return next((part for part in cell.split("|") if "|" in cell and same(part.strip())), None)


def _schemes(said: str) -> list[str]:
    """Return the scheme that stands before an identifier, which a column of its own says in its header."""
    name, colon, _ = said.partition(":")
    return [name] if colon and name in SCHEMES["identifier-scheme"] else []


def _instead(cell: str, each: Correction) -> str:
    """Return a cell with what is read instead; of several values in it, one changes."""
    part = _says(cell, each.old)
    if part is None or part == cell:
        return each.new
    parts = [each.new if one == part else one for one in cell.split("|")]
    return "|".join(one for one in parts if one.strip())
