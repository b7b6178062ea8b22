"""Workbooks: tables as sheets of XLSX. A text stays a text, whatever it begins with; same tables, same bytes."""

from __future__ import annotations

import datetime
import shutil
import tempfile
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from types import TracebackType

import xlsxwriter

from opentier.graph.errors import UsageError
from opentier.graph.model.characters import legal

#: What a sheet of Excel holds at most.
MOST_ROWS, MOST_COLUMNS, MOST_CHARACTERS = 1_048_576, 16_384, 32_767
#: What Excel calls the paper.
_A4 = 9
_SETTINGS = {
    "constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
}  # fmt: skip
#: The day on which every workbook says that it was made.
_MADE = datetime.datetime(2000, 1, 1)


class Book:
    """A workbook; its file is written when it is whole, and not at all where it fails.

    Examples
    --------
    >>> with Book(Path("chain.xlsx")) as book:
    ...     book.add("Actors", [("id", "name"), ("a", "Aurora")], header=0)
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._scratch = tempfile.TemporaryDirectory(prefix="opentier-")
        self._draft = Path(self._scratch.name) / "book.xlsx"
        self._book = xlsxwriter.Workbook(str(self._draft), {**_SETTINGS, "tmpdir": self._scratch.name})
        self._book.set_properties({"created": _MADE})
        self._bold = self._book.add_format({"bold": True})

    def __enter__(self) -> Book:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._scratch:
            try:
                self._book.close()
            except xlsxwriter.exceptions.FileCreateError as refused:
                raise refused.args[0] from None  # what the system says
            if kind is None:
                shutil.copyfile(self._draft, self._path)

    def add(
        self,
        name: str,
        rows: Iterable[Sequence[object]],
        header: int | None = None,
        *,
        widths: Sequence[int] = (),
        bold: Collection[int] = (),
    ) -> None:
        """Add a sheet; row `header`, counted from 0, and what stands above it stay in sight.

        The first columns are so wide as `widths` says, in letters, and more rows than the header may be `bold`. On
        paper it lies across, and is no wider than a page.

        Raises
        ------
        UsageError
            If it holds more than a sheet can.
        """
        sheet, heads = self._book.add_worksheet(name), {header, *bold}
        if header is not None:
            sheet.freeze_panes(header + 1, 0)
        sheet.set_landscape()
        sheet.set_paper(_A4)
        sheet.fit_to_pages(1, 0)
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        for number, row in enumerate(rows):
            if number >= MOST_ROWS or len(row) > MOST_COLUMNS:
                what = f"{MOST_ROWS:,} rows" if number >= MOST_ROWS else f"{MOST_COLUMNS:,} columns"
                raise UsageError(f"A workbook holds no more than {what}; write {self._path.stem}.csv.")
            for column, cell in enumerate(row):
                if isinstance(cell, int | float):
                    sheet.write_number(number, column, cell)
                elif cell:
                    text = legal(str(cell))
                    if len(text) > MOST_CHARACTERS:
                        raise UsageError(
                            f"A cell of row {number + 1:,} has more than the {MOST_CHARACTERS:,} characters that a "
                            f"workbook holds; write {self._path.stem}.csv."
                        )
                    sheet.write_string(number, column, text, self._bold if number in heads else None)
