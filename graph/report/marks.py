"""Marks: which rows of the files carry data, and the worst that was found in each. A row is one byte."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from opentier.graph.report.findings import Where

#: In the byte of a row: that it carries data, beside its rank.
_DATA, _RANK = 4, 3


class Marks:
    """A set of rows, each with a rank: 0 accepted, 1 warned, 2 refused. A subject of RDF is a row."""

    def __init__(self) -> None:
        self._files: dict[str, bytearray] = {}
        self._subjects: dict[str, dict[str, int]] = {}

    def add(self, where: Where) -> None:
        """Add a row that carries data."""
        self._set(where.file, self._row(where), _DATA)

    def update(self, rows: Iterable[Where]) -> None:
        """Add rows that carry data."""
        for where in rows:
            self.add(where)

    def add_range(self, file: str, first: int, last: int) -> None:
        """Add the rows of a file from `first` to `last`, all of which carry data and have no rank yet."""
        marks = self._reach(file, last)
        marks[first : last + 1] = bytes(mark | _DATA for mark in marks[first : last + 1])

    def rank(self, where: Where, rank: int) -> None:
        """Say how bad what was found in a row is; the worst stays."""
        row = self._row(where)
        marks = self._reach(where.file, row)
        if marks[row] & _RANK < rank:
            marks[row] = marks[row] & _DATA | rank

    def counts(self) -> dict[str, int]:
        """Return how many rows there are, and how many were accepted, warned about and refused."""
        accepted, warned, refused = (
            sum(marks.count(_DATA | rank) for marks in self._files.values()) for rank in range(3)
        )
        total = accepted + warned + refused
        return {"rows": total, "accepted": accepted, "warned": warned, "refused": refused}

    def __contains__(self, where: Where) -> bool:
        marks, row = self._files.get(where.file, b""), self._row(where)
        return row < len(marks) and bool(marks[row] & _DATA)

    def __iter__(self) -> Iterator[Where]:
        yield from self._marked(_DATA, _DATA)

    def refused(self) -> Iterator[Where]:
        """Yield the rows that are refused."""
        yield from self._marked(_DATA | _RANK, _DATA | 2)

    def _marked(self, bits: int, wanted: int) -> Iterator[Where]:
        for file, marks in sorted(self._files.items()):
            subjects = list(self._subjects.get(file, ()))
            for row, mark in enumerate(marks):
                if mark & bits == wanted:
                    yield (
                        Where(file, None, subjects[row - 1]) if subjects and row else Where(file, row or None)
                    )

    def __len__(self) -> int:
        return self.counts()["rows"]

    def _row(self, where: Where) -> int:
        """Return the number of a row; subjects are numbered as they come."""
        if where.subject is None:
            return where.row or 0
        known = self._subjects.setdefault(where.file, {})
        return known.setdefault(where.subject, len(known) + 1)

    def _set(self, file: str, row: int, bits: int) -> None:
        self._reach(file, row)[row] |= bits

    def _reach(self, file: str, row: int) -> bytearray:
        """Return the marks of a file, at least up to a row."""
        marks = self._files.setdefault(file, bytearray())
        if row >= len(marks):
            marks.extend(bytes(row + 1 - len(marks)))
        return marks
