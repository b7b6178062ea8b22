"""How a bare text file is written, guessed from its beginning: encoding and delimiter. Who guesses says so."""

from __future__ import annotations

import csv
import io
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

#: Bytes and rows that are looked at for the delimiter; the encoding is that of the whole file.
_FIRST, _ROWS = 1 << 16, 50
DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
_MARKS = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"\xef\xbb\xbf", "utf-8"))


@dataclass(frozen=True)
class Written:
    """How a text file is written; `guessed` where no mark and no rule says so."""

    encoding: str
    delimiter: str
    guessed: bool = False


def written(path: Path) -> Written:
    """Return how a text file is written: UTF-8 or UTF-16 where it can be, else cp1252."""
    data = path.read_bytes()
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), "utf-8")
    guessed = False
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        encoding, guessed = "cp1252", True
    text = data[:_FIRST].decode(encoding, "ignore").removeprefix("\ufeff")
    return Written(encoding, _delimiter(text), guessed)


def _delimiter(text: str) -> str:
    """Return what parts the cells: what gives most rows the same number of cells, above one."""
    best, found = (0, 0), ","
    for mark in DELIMITERS:
        widths: Counter[int] = Counter()
        try:
            for _, row in zip(
                range(_ROWS), csv.reader(io.StringIO(text, newline=""), delimiter=mark), strict=False
            ):
                widths[len(row)] += len(row) > 1
        except csv.Error:
            continue
        width, rows = max(widths.items(), key=lambda each: (each[1], each[0]), default=(0, 0))
        if rows and (rows, width) > best:
            best, found = (rows, width), mark
    return found
