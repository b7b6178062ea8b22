"""Marks: which rows of the files carry data, and the worst that was found in each. A row is one byte."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from opentier.graph.report.findings import Where

#: In the byte of a row: that it carries data, beside its rank.
_DATA, _RANK = 4, 3


class Marks:
    """A set of rows, each with a rank: 0 accepted, 1 warned, 2 refused."""

    def __init__(self) -> None:
        self._files: dict[str, bytearray] = {}

    def add(self, where: Where) -> None:
        """Add a row that carries data."""
        self._set(where.file, where.row or 0, _DATA)

    def update(self, rows: Iterable[Where]) -> None:
        """Add rows that carry data."""
        for where in rows:
            self.add(where)

    def add_range(self, file: str, first: int, last: int) -> None:
        """Add the rows of a file from `first` to `last`, all of which carry data and have no rank yet."""
        marks = self._reach(file, last)
        marks[first : last + 1] = bytes(mark | _DATA for mark in marks[first : last + 1])

    def rank(self, file: str, row: int | None, rank: int) -> None:
        """Say how bad what was found in a row is; the worst stays."""
        marks = self._reach(file, row or 0)
        if marks[row or 0] & _RANK < rank:
            marks[row or 0] = marks[row or 0] & _DATA | rank

    def counts(self) -> dict[str, int]:
        """Return how many rows there are, and how many were accepted, warned about and refused."""
        accepted, warned, refused = (
            sum(marks.count(_DATA | rank) for marks in self._files.values()) for rank in range(3)
        )
        total = accepted + warned + refused
        return {"rows": total, "accepted": accepted, "warned": warned, "refused": refused}

    def __contains__(self, where: Where) -> bool:
        marks = self._files.get(where.file, b"")
        row = where.row or 0
        return row < len(marks) and bool(marks[row] & _DATA)

    def __iter__(self) -> Iterator[Where]:
        for file, marks in sorted(self._files.items()):
            yield from (Where(file, row or None) for row, mark in enumerate(marks) if mark & _DATA)

    def __len__(self) -> int:
        return self.counts()["rows"]

    def _set(self, file: str, row: int, bits: int) -> None:
        self._reach(file, row)[row] |= bits

    def _reach(self, file: str, row: int) -> bytearray:
        """Return the marks of a file, at least up to a row."""
        marks = self._files.setdefault(file, bytearray())
        if row >= len(marks):
            marks.extend(bytes(row + 1 - len(marks)))
        return marks
