"""Problems beside rows: a contributor's own table with one more column, which tells what is wrong with each row.

Its cells are as they were, formulas and all: it is a table to be mended and contributed again, and there the column
is not read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from opentier.graph.model import sheet
from opentier.graph.model.characters import one_line, tidy, visible
from opentier.graph.report import corrected
from opentier.graph.report.findings import Finding, Where
from opentier.graph.report.report import Report
from opentier.graph.written.spelling import joined

#: The column that is added, and not read when it comes back.
PROBLEM = "problem"
#: Rows among which the header stands, if anywhere.
_HEADED = 30
#: Characters of what is said of one row.
_MOST = 2000


def is_problem(header: str) -> bool:
    """Return whether a header names the column that a report adds."""
    return joined(tidy(header, code=True)[0]) == PROBLEM


def without(rows: Iterable[tuple[Where, list[str]]], report: Report) -> Iterator[tuple[Where, list[str]]]:
    """Yield the rows of a table without the column that a report added, which is told."""
    at = None
    for count, (where, cells) in enumerate(rows):
        if (
            at is None
            and count < _HEADED
            and (found := [number for number, cell in enumerate(cells) if is_problem(cell)])
        ):
            at = found[0]
            message = f"The column {PROBLEM}, which a report adds, is not read."
            report.add("info", where, message, "", column=PROBLEM)
        if at is not None:
            cells = cells[:at] + cells[at + 1 :]
        yield where, cells


def said(finding: Finding) -> str:
    """Return what is wrong in a row, without its place."""
    of = f"{finding.column}: " if finding.column else ""
    value = f" ({one_line(finding.value)[:80]})" if finding.value else ""
    return visible(one_line(f"{finding.severity}: {of}{finding.message}{value} {finding.advice}"))


def of_rows(report: Report, file: str) -> dict[int, str]:
    """Return what is wrong with each row of a file, and what was corrected in it.

    Of findings that are not listed it is what all of their kind say.
    """
    found: dict[int, list[str]] = {}
    for finding in report.sorted():
        if finding.file == file and finding.row is not None and finding.severity != "info":
            found.setdefault(finding.row, []).append(said(finding))
    for kind in report.kinds():
        common = said(kind.common()) if kind.first.file == file and kind.rows else ""
        for row in kind.rows if common else ():
            if common not in (known := found.setdefault(row, [])):
                known.append(common)
    for row, cells in corrected.of_rows(report.corrected, file).items():
        found.setdefault(row, []).extend(cell.said() for cell in cells)
    return {row: " | ".join(each)[:_MOST] for row, each in found.items()}


def write(
    path: Path,
    header: Sequence[str],
    rows: Iterable[tuple[Sequence[str], str]],
    encoding: str = "utf-8",
    delimiter: str = ",",
) -> int:
    """Write rows, each with what is wrong with it, as CSV of the form of their file; return how many they are.

    Parameters
    ----------
    rows
        The cells of each row as they were contributed, and what is wrong with it.
    encoding, delimiter
        As in the file that they come from; UTF-8 gets a mark, by which spreadsheets know it.
    """
    kept = [at for at, label in enumerate(header) if not is_problem(label)]
    wide, total = len(header), 0
    codec = "utf-8-sig" if encoding.lower().replace("_", "-") in ("utf-8", "utf8", "ascii") else encoding

    def told() -> Iterator[list[str]]:
        nonlocal total
        yield [*(header[at] for at in kept), PROBLEM]
        for cells, problem in rows:
            own = [cells[at] if at < len(cells) else "" for at in kept]
            total += 1
            yield [*own, *([problem] if len(cells) <= wide else [*cells[wide:], problem])]

    with path.open("w", encoding=codec, errors="replace", newline="") as file:
        sheet.copy(told(), file, delimiter, "\r\n")
    return total


def table(
    path: Path,
    rows: Iterable[tuple[int, Sequence[str]]],
    header: int,
    problems: Mapping[int, str],
    encoding: str = "utf-8",
    delimiter: str = ",",
) -> int:
    """Write a whole table, given its rows by number, its header among them; return how many have a problem.

    What stands above the header is left out.
    """
    left = ((number, cells) for number, cells in rows if number >= header)
    _, labels = next(left, (header, ()))
    write(path, labels, ((cells, problems.get(number, "")) for number, cells in left), encoding, delimiter)
    return len(problems)
