"""What pages show of a list, kept as files: what is told of all rows, and the rows, of which parts are read."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

Json = dict[str, Any]
#: The files by their forms.
FILES = {"json": "result.json", "jsonl": "result.jsonl"}
#: All rows, whatever they are.
ALL = ""


def write(folder: Path, about: Mapping[str, Any], rows: Iterable[tuple[Collection[str], Json]] = ()) -> None:
    """Write what is told of all rows, and the rows, each with the kinds that it is of."""
    of, at = defaultdict[str, list[tuple[int, int]]](list), 0
    with (folder / FILES["jsonl"]).open("wb") as file:
        for kinds, row in rows:
            for kind in (ALL, *kinds):
                of[kind].append((at, row["row"]))
            at += file.write(json.dumps(row, ensure_ascii=False).encode() + b"\n")
    text = json.dumps({"about": about, "rows": of}, ensure_ascii=False)
    (folder / FILES["json"]).write_text(text, "utf-8")


class Shelf:
    """What was written for pages to a folder.

    Attributes
    ----------
    about
        What is told of all rows.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        said = json.loads((folder / FILES["json"]).read_text("utf-8"))
        self.about: Json = said["about"]
        self._of: dict[str, list[tuple[int, int]]] = said["rows"]

    def numbers(self, kind: str = ALL) -> list[int]:
        """Return the numbers of the rows of a kind, in their order."""
        return [number for _, number in self._of.get(kind, ())]

    def many(self, kind: str = ALL) -> int:
        """Return how many rows are of a kind."""
        return len(self._of.get(kind, ()))

    def rows(self, numbers: Iterable[int]) -> list[Json]:
        """Return some rows by their numbers."""
        at = {number: begin for begin, number in self._of.get(ALL, ())}
        with (self.folder / FILES["jsonl"]).open("rb") as file:
            return [_read(file, at[number]) for number in numbers]


def _read(file: Any, begin: int) -> Json:
    file.seek(begin)
    found: Json = json.loads(file.readline())
    return found
