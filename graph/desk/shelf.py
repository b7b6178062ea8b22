"""What pages show of an upload, kept as files: what is told of all rows, and the rows, of which parts are read."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Json = dict[str, Any]
_ABOUT, _ROWS = "about.json", "rows.jsonl"
#: All rows, whatever they are.
ALL = ""


@contextmanager
def made(place: Path, step: str) -> Iterator[Path]:
    """Give a folder for what is made in a step; it is that of the step once all of it is there, and not before."""
    draft = Path(tempfile.mkdtemp(prefix=f".{step}-", dir=place))
    try:
        yield draft
        shutil.rmtree(place / step, ignore_errors=True)
        os.replace(draft, place / step)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def write(folder: Path, about: Mapping[str, Any], rows: Iterable[tuple[Collection[str], Json]] = ()) -> None:
    """Write what is told of all rows, and the rows, each with the kinds that it is of."""
    of, at = defaultdict[str, list[tuple[int, int]]](list), 0
    with (folder / _ROWS).open("wb") as file:
        for kinds, row in rows:
            for kind in (ALL, *kinds):
                of[kind].append((at, row["row"]))
            at += file.write(json.dumps(row, ensure_ascii=False).encode() + b"\n")
    (folder / _ABOUT).write_text(json.dumps({"about": about, "of": of}, ensure_ascii=False), "utf-8")


class Shelf:
    """What was made of an upload in a step."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        said = json.loads((folder / _ABOUT).read_text("utf-8"))
        #: What is told of all rows.
        self.about: Json = said["about"]
        self._of: dict[str, list[tuple[int, int]]] = said["of"]

    def numbers(self, kind: str = ALL) -> list[int]:
        """Return the numbers of the rows of a kind, in their order."""
        return [number for _, number in self._of.get(kind, ())]

    def many(self, kind: str = ALL) -> int:
        """Return how many rows are of a kind."""
        return len(self._of.get(kind, ()))

    def rows(self, numbers: Iterable[int]) -> list[Json]:
        """Return some rows by their numbers."""
        at = {number: begin for begin, number in self._of.get(ALL, ())}
        with (self.folder / _ROWS).open("rb") as file:
            return [_read(file, at[number]) for number in numbers]


def _read(file: Any, begin: int) -> Json:
    file.seek(begin)
    found: Json = json.loads(file.readline())
    return found


def opened(place: Path, step: str) -> Shelf | None:
    """Return what was made in a step, once it is there."""
    try:
        return Shelf(place / step)
    except FileNotFoundError:
        return None
