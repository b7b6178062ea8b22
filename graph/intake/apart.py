"""Sheets and Parquet, read in a process of their own: what makes a native parser hang, crash or fill the memory ends
that process, and is an error in words here.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from opentier.graph.intake import native
from opentier.graph.intake.bounds import too_many
from opentier.graph.intake.kinds import Kind
from opentier.graph.intake.unreadable import Unreadable

#: A row's number and its cells.
Numbered = tuple[int, list[str]]


class Read(NamedTuple):
    """The name of a sheet, its rows, and how many cells of it several rows share."""

    sheet: str
    rows: Iterator[Numbered]
    merged: int


#: Beyond the seconds of work that the process has: the machine may be busy.
_PATIENCE = 2 * native.SECONDS


def sheets(path: Path, scratch: Path) -> list[str]:
    """Return the names of the sheets of a workbook that are seen.

    Raises
    ------
    Unreadable
        If it cannot be read.
    """
    first, _ = _run(path, "names", "", "", scratch)
    return list(first["sheets"])


def read(path: Path, kind: Kind, asked: str, likely: str, scratch: Path, most: int = 0) -> Read:
    """Return the name of the sheet that is read, and its rows, which are put down below `scratch`.

    Parameters
    ----------
    asked, likely
        The sheet that somebody names, or none; the name that it probably has.
    most
        Rows after which no more are put down: one more is there to tell (0 is without bound).

    Raises
    ------
    Unreadable
        If it cannot be read, holds more than fits, or has no such sheet, or several that may be meant.
    """
    first, rows = _run(path, kind, asked, likely, scratch, most)
    return Read(first["sheet"], _rows(rows), first.get("merged", 0))


def _run(
    path: Path, kind: str, asked: str, likely: str, scratch: Path, most: int = 0
) -> tuple[dict[str, Any], Path]:
    """Run the reader; return the first line that it wrote, and where all of them are."""
    folder = Path(tempfile.mkdtemp(dir=scratch))
    plain, rows = folder / "table", folder / "rows"  # DuckDB takes some signs in a name for a pattern
    plain.symlink_to(path.resolve())
    words = [sys.executable, "-P", native.__file__, kind, str(plain), asked, likely, str(most)]
    try:
        with rows.open("wb") as out:
            done = subprocess.run(
                words, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.PIPE, timeout=_PATIENCE, check=False
            )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise Unreadable("Reading the file takes too long.", "Save the table as CSV.") from None
    with rows.open("rb") as found:
        first = json.loads(found.readline() or "{}") if done.returncode == 0 else {}
    if "error" in first:
        raise Unreadable(first["error"], first["advice"])
    if "sheet" not in first:
        raise Unreadable(
            "The file cannot be read: it is broken, or spans more cells than fit into memory.",
            "Delete what stands far below or right of the table, or save it as CSV.",
        )
    return first, rows


def _rows(path: Path) -> Iterator[Numbered]:
    with path.open("rb") as lines:
        next(lines)
        for line in lines:
            found = json.loads(line)
            if isinstance(found, dict):
                if "crowded" in found:
                    raise too_many()
                raise Unreadable(found["error"], found["advice"])
            yield found[0], found[1:]
