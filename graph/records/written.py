"""Written records: their statements as one file, in parts, so that what is asked of each is asked part by part."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path


def _nothing(iris: Collection[str], file: Path) -> None:
    file.touch()


@dataclass(frozen=True)
class Written:
    """N-Triples in a file; each of its parts has all that the file says of its subjects.

    Attributes
    ----------
    triples
        How many there are.
    ends
        The byte at which each part ends; one part where none are named.
    classes
        Writes a file of what says of which classes some subjects are, in whichever part they stand.
    """

    file: Path
    triples: int = 0
    ends: tuple[int, ...] = ()
    classes: Callable[[Collection[str], Path], None] = _nothing

    def part(self, number: int) -> Path:
        """Return a new file, beside the whole one, of one part."""
        begin, end = ([0, *self.ends][number], self.ends[number])
        target = self.file.with_suffix(f".{number}.nt")
        with self.file.open("rb") as source, target.open("wb") as out:
            source.seek(begin)
            while begin < end:
                begin += out.write(source.read(min(1 << 20, end - begin)))
        return target
