"""Messages of SDMX-CSV, and the CSV of ILOSTAT, as rows: what their columns are, whatever stands in them.

The forms are those of the field guides (https://github.com/sdmx-twg/sdmx-csv).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from opentier.graph.contribution.foreign import Source, SourceRow
from opentier.graph.contribution.text import csv_rows
from opentier.graph.report.report import Where, refuse_columns

#: The layout of the description.
FILE = "message.csv"
#: What parts a code and what it is called (labels=both).
NAMED = ": "
_SUBFIELD = re.compile(r"STRUCTURE(\[.\])?")


def rows(source: Source, name: str) -> Iterator[SourceRow]:
    """Yield the rows of a message, by the names of its columns in capitals."""
    path, spec = source.find(name), source.spec["files"][FILE]
    known, header, count = {*spec["read"], *spec["ignore"]}, list[str](), 0
    for line, row in csv_rows(path, spec["encoding"], _delimiter(source, name), source.report):
        where = Where(path.name, line)
        if not header:
            header = _header(row)
            if not _known(source, where, header, known):
                return
            continue
        count += 1
        source.report.rows.add(where)
        if len(row) != len(header):
            message = f"The row has {len(row)} cells, the header {len(header)}."
            source.refuse(where, message, "Check its commas and quotes.")
            continue
        said = {column: cell for column, cell in zip(header, row, strict=True) if column}
        yield SourceRow(where, said)
    source.expect(name, count, spec)


def _delimiter(source: Source, name: str) -> str:
    """Return what parts the cells: what follows the first word of the header, as the standard has it."""
    with source.find(name).open("rb") as file:
        head = file.readline(1 << 16).decode("utf-8-sig", "replace")
    found = re.match(
        r'"?(?:DATAFLOW|STRUCTURE(?:\[.+?\])?|ref_area(?:\.label)?)(?::[^,;\t]*)?"?([,;\t])', head
    )
    return found[1] if found else ","


def _header(row: list[str]) -> list[str]:
    """Return the names of the columns; what names a code beside it (labels=name, ILOSTAT's .label) has none."""
    names = [cell.partition(NAMED)[0].strip().removesuffix("[]") for cell in row]
    if names and _SUBFIELD.fullmatch(names[0]):
        names[0] = "STRUCTURE"
    if "STRUCTURE_NAME" in names:  # each component has two columns: its code, and what that is called
        begin = names.index("ACTION") + 1 if "ACTION" in names else names.index("STRUCTURE_NAME") + 1
        while begin < len(names) and names[begin] in ("SERIES_KEY", "OBS_KEY"):
            begin += 1
        names[begin + 1 :: 2] = [""] * len(names[begin + 1 :: 2])
    return ["" if name.lower().endswith(".label") else name.upper() for name in names]


def _known(source: Source, where: Where, header: list[str], known: set[str]) -> bool:
    """Return whether all columns are known, and those that an observation cannot be without are there."""
    report = source.report
    lacking = [
        names[0] for names in source.spec["fills"].values() if not any(name in header for name in names)
    ]
    times = Counter(filter(None, header))
    if not known & set(times):
        report.add(
            "error", where, "The first row has none of the columns that are expected.",
            "Is it SDMX-CSV? Its first row names the columns.",
        )  # fmt: skip
        return False
    unread = sorted(set(times) - known)
    twice = sorted(name for name, count in times.items() if count > 1)
    refuse_columns(report, where, "This column stands twice.", "Keep one of them.", twice)
    refuse_columns(
        report, where, "The adapter does not know this column.",
        "It may part observations, so that it is not left out: keep the rows of its total, and take it out.", unread,
    )  # fmt: skip
    refuse_columns(report, where, "This column is missing.", "Is it the whole message?", lacking)
    return not (unread or twice or lacking)
