"""A bare file: anybody's table, without a descriptor. Its header is found, its columns are mapped; both are said."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from opentier.graph.contribution import forms
from opentier.graph.contribution.headers import instead
from opentier.graph.intake import apart, books, corrections, headless, mapping, synonyms, writings
from opentier.graph.intake.corrections import Correction
from opentier.graph.intake.kinds import NAMED, kind, typed
from opentier.graph.intake.mapping import Mapped, changed, given
from opentier.graph.intake.unreadable import Unreadable
from opentier.graph.intake.writings import Way
from opentier.graph.model.characters import one_line
from opentier.graph.report import beside
from opentier.graph.report.report import Report, Severity, Where

#: Rows among which the header is looked for, and rows whose values are looked at.
_FIRST, _LOOKED = 30, 200
#: Values of a column that are shown.
SAMPLES = 3


@dataclass(frozen=True)
class Asked:
    """What a contributor says of a bare file.

    Attributes
    ----------
    columns
        ``COLUMN=HEADER``, ``COLUMN=HEADER as FORM``, ``COLUMN:=VALUE``, ``COLUMN=``.
    saved
        A file with a mapping.
    table, sheet
        Which table of ours it is; which sheet of a workbook.
    most
        Rows that it may have, where they are bounded: one with more is not read to its end.
    headless
        That it has no header: its columns are called by their numbers, and its first row is one of its rows.
    encoding
        That of a text, where it is not guessed.
    """

    columns: tuple[str, ...] = ()
    saved: Path | None = None
    table: str = ""
    sheet: str = ""
    most: int = 0
    headless: bool = False
    encoding: str = ""

    def __bool__(self) -> bool:
        return bool(self.columns or self.saved or self.table or self.sheet or self.headless or self.encoding)


@dataclass(frozen=True)
class Survey:
    """What a bare file is taken for, before anything is read of it; `where` its header stands has no row where it has
    none.
    """

    where: Where
    labels: tuple[str, ...]
    samples: dict[str, list[str]]
    mapped: Mapped
    rows: list[tuple[Where, list[str]]] = field(repr=False)
    typed: bool = False
    ways: dict[str, list[Way]] = field(default_factory=dict)

    @property
    def unread(self) -> list[str]:
        """The headers that nothing is read from."""
        used = {label for at in self.mapped.headers.values() for label in at}
        return [label for label in self.samples if label not in used]

    def asked(self, labels: Iterable[str]) -> str:
        """Return some headers, each that may be one of ours with a slip of the pen with the question whether it is."""
        each = ((label[:40], synonyms.near(self.mapped, label)) for label in labels)
        return ", ".join(f"{label} (did you mean {near}?)" if near else label for label, near in each)

    def to_dict(self) -> dict[str, Any]:
        """Return what each column is taken for as a JSON object."""
        mapped = self.mapped
        columns = [
            {
                "column": name,
                "headers": list(mapped.headers.get(name, ())),
                "constant": mapped.constants.get(name),
                "how": mapped.guessed.get(name, "as you say"),
                "written": mapped.written.get(name),
                "samples": [one_line(each) for each in self._values(name)[:SAMPLES]],
                "ways": [way._asdict() for way in self.ways.get(name, ())],
            }
            for name in (*mapped.headers, *mapped.constants)
        ]
        left = [
            {
                "header": label,
                "samples": self.samples[label][:SAMPLES],
                "near": synonyms.near(mapped, label) or None,
            }
            for label in self.unread
        ]
        return {
            "file": self.where.file, "row": self.where.row, "table": mapped.table.name, "rows": len(self.rows),
            "columns": columns, "unread": left, "missing": mapped.missing,
        }  # fmt: skip

    def _values(self, name: str) -> list[str]:
        if name in self.mapped.constants:
            return [self.mapped.constants[name]]
        read = self.mapped.reader(self.labels)
        values = (read(cells).get(name, "") for _, cells in self.rows[:_LOOKED])
        return list(dict.fromkeys(filter(None, values)))


def survey(
    path: Path,
    file: str,
    asked: Asked,
    scratch: Path,
    report: Report,
    *,
    optional: bool = False,
    corrected: Sequence[Correction] = (),
) -> Survey | None:
    """Return what a bare file is taken for; None where it cannot be read, which is reported.

    An `optional` one may be empty. Columns are guessed by the cells as they were sent; all else is of those that are
    `corrected`.

    Raises
    ------
    UsageError
        If what is said of it does not fit: a column of ours, or a header, that is not there.
    """
    stem = Path(file).name.split(".")[0]
    most = asked.most and asked.most + _FIRST
    form = forms.Form(sheet=asked.sheet, likely=asked.table or stem, most=most, told=asked.encoding)
    before = report.blocking
    read = beside.without(forms.rows(path, file, form, scratch, report), report)
    rows = [row for row in read if any(row[1])]
    if report.blocking > before:
        return None
    if not rows:
        severity: Severity = "info" if optional else "error"
        name = f"{file}, sheet {asked.sheet}" if asked.sheet else file
        report.add(severity, Where(name), "There are no rows.", "Give a header and at least one row.")
        return None
    where, labels = _headed(rows, asked, report)
    samples = _samples(labels, rows)
    if not asked.headless and kind(path) not in NAMED and (doubt := headless.doubt(samples)):
        report.add("warning", where, *doubt)
    table = mapping.named(asked.table) if asked.table else None
    said = given(asked.columns)
    if asked.saved:
        kept, headers, constants, written = mapping.read(asked.saved)
        start = mapping.reused(table or kept, headers, constants, written, labels)
    else:
        start = synonyms.guess(samples, said, stem, table)
    mapped = changed(start, said, labels)
    if corrected:
        rows = list(instead(rows, where, labels, mapped.headers, corrected, report))
        samples = _samples(labels, rows)
    mapped, ways = _formed(mapped, labels, rows)
    of_type = typed(path)
    return Survey(where, labels, samples, mapped, rows, of_type, {} if of_type else ways)


def _formed(
    mapped: Mapped, labels: Sequence[str], rows: Sequence[tuple[Where, list[str]]]
) -> tuple[Mapped, dict[str, list[Way]]]:
    """Return a mapping with the form of those numbers that the whole column shows, and the two of which none does."""
    found = {name: each for name in mapped.headers if (each := mapping.column(mapped.table, name))}
    wanted = {name: each for name, each in found.items() if each.kind in ("decimal", "integer")}
    read = replace(mapped, headers={name: mapped.headers[name] for name in wanted}, constants={}).reader(
        labels
    )
    values: dict[str, set[str]] = {name: set() for name in wanted}
    for _, cells in rows if wanted else ():
        for name, value in read(cells).items():
            values[name].add(value)
    shown = {name: form for name, each in values.items() if (form := writings.numbers(each))}
    ways = {name: two for name, each in values.items() if (two := writings.ways(each, wanted[name].maximum))}
    return replace(mapped, written={**shown, **mapped.written}), ways


def _headed(
    rows: list[tuple[Where, list[str]]], asked: Asked, report: Report
) -> tuple[Where, tuple[str, ...]]:
    """Take the header out of some rows, and what stands above it; return where it stands, and its labels."""
    if asked.headless:
        wide = max(len(cells) for _, cells in rows)
        return Where(rows[0][0].file), tuple(f"Column {number}" for number in range(1, wide + 1))
    begin = _header(rows)
    where, first = rows[begin]
    if begin:
        skipped = f"The rows above row {where.row} are no header: they are not read."
        report.add("warning", where, skipped, "Leave them out, if the header stands elsewhere.")
    del rows[: begin + 1]
    return where, corrections.labels(first)


def _header(rows: Sequence[tuple[Where, list[str]]]) -> int:
    """Return which row is the header: the first that is nearly as wide as the widest of the first rows."""
    wide = [sum(map(bool, cells)) for _, cells in rows[:_FIRST]]
    return next(number for number, cells in enumerate(wide) if 2 * cells > max(wide))


def _samples(labels: Sequence[str], rows: Sequence[tuple[Where, list[str]]]) -> dict[str, list[str]]:
    """Return the first values of each column, each once."""
    samples = {label: list[str]() for label in labels if label}
    for _, cells in rows[:_LOOKED]:
        for label, cell in zip(labels, cells, strict=False):
            if label and cell and cell not in samples[label]:
                samples[label].append(cell)
    return samples


def book(
    path: Path, file: str, scratch: Path, report: Report, corrected: Sequence[Correction] = ()
) -> tuple[list[Survey], dict[str, Any]] | None:
    """Return what the sheets of a workbook are taken for, and what it says of itself; None where it is no book.

    A book is a workbook whose sheets are named as tables of ours are.
    """
    if kind(path) != "sheets":
        return None
    try:
        sheets = apart.sheets(path, scratch)
    except Unreadable:
        return None  # reading its one sheet says why
    if not books.is_book(sheets):
        return None
    named, about, described = books.tables(sheets), books.describing(sheets), dict[str, Any]()
    if about:
        rows = list(forms.rows(path, file, forms.Form(sheet=about), scratch, report))
        described, unknown = books.described(cells for _, cells in rows)
        if unknown:
            message = f"Nothing is read from these lines of sheet {about}: {', '.join(unknown)[:200]}."
            report.add("warning", rows[0][0], message, f"Lines are: {', '.join(books.KEYS)}.")
    if others := [sheet for sheet in sheets if sheet not in named and sheet != about]:
        message = f"Sheets that are no tables are not read: {', '.join(others)[:200]}."
        report.add(
            "warning", Where(file), message, "Give one the name of a table, or contribute it with --sheet."
        )
    asked = [Asked(table=table.name, sheet=name) for name, table in named.items()]
    found = (survey(path, file, each, scratch, report, optional=True, corrected=corrected) for each in asked)
    return [each for each in found if each], described


def tell(found: Survey, report: Report) -> None:
    """Report what every column is taken for, what is not read, and what lacks."""
    mapped, where = found.mapped, found.where
    for name, at in mapped.headers.items():
        how = mapped.guessed.get(name)
        message = f"Read as {mapped.table.name}: {name}, {f'guessed {how}' if how else 'as you say'}."
        advice = (
            f"Give --map {name}=HEADER where it is another, --map {name}= to leave it out." if how else ""
        )
        report.add("info", where, message, advice, column=name, value=" + ".join(at))
        _tell_form(found, name, report)
    for name, value in mapped.constants.items():
        report.add("info", where, "The same for all rows, as you say.", "", column=name, value=value)
    if unread := found.unread:
        listed = found.asked(unread[:20]) + (", ..." if len(unread) > 20 else "")
        message = f"Nothing is read from {len(unread):,} of {len(found.samples):,} columns: {listed}."
        report.add("warning", where, message, "Give --map COLUMN=HEADER for what is meant to be read.")
    for name in mapped.missing:
        known = ", ".join(found.samples)[:400]
        advice = f"Give --map {name}=HEADER, or --map {name}:=VALUE for all rows; the file has: {known}."
        report.add(
            "error", where, f"{mapped.table.name} needs {name}, and no column says it.", advice, column=name
        )


def _tell_form(found: Survey, name: str, report: Report) -> None:
    """Report how the numbers of a column are read, where ours are written otherwise, and dates that nobody can read."""
    form, at = found.mapped.written.get(name), found.mapped.headers[name][0]
    column = mapping.column(found.mapped.table, name)
    if form:
        message = f"Cells are read as written like {form}."
        report.add(
            "info",
            found.where,
            message,
            f'Give --map {name}="{at} as FORM" where it is another.',
            column=name,
        )
    elif two := found.ways.get(name):
        first, other = two
        message = (
            f"{first.text} may be read in two ways, as {first.read} or as {other.read}, "
            "and nothing in its column shows which."
        )
        if "." in first.text:
            message = f"{message[:-1]}: it is read as {other.read}."
        advice = (
            f'Say how it is written: --map {name}="{at} as {first.form}" for {first.read}, '
            f'--map {name}="{at} as {other.form}" for {other.read}.'
        )
        report.add("warning", found.where, message, advice, column=name)  # one with a comma is refused by row
    elif column and column.kind == "date":
        pattern = next(filter(None, map(writings.turned, found.samples.get(at, ()))), "")
        if pattern:
            advice = (
                f'Give --map {name}="{at} as {pattern}", or with %m before %d where the month stands first.'
            )
            report.add(
                "warning", found.where, "Day and month of a date are never guessed.", advice, column=name
            )
