"""A bare file: anybody's table, without a descriptor. Its header is found, its columns are mapped; both are said."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from opentier.graph.contribution import forms
from opentier.graph.contribution.parties import Parties
from opentier.graph.contribution.report import Report, Where
from opentier.graph.contribution.staging import Row, Staged
from opentier.graph.intake import mapping, synonyms
from opentier.graph.intake.mapping import ACTORS, Mapped, changed, given, roles
from opentier.graph.model.characters import one_line
from opentier.graph.model.tables import SCHEMES

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
        ``COLUMN=HEADER``, ``COLUMN:=VALUE``, ``COLUMN=``.
    saved
        A file with a mapping.
    table, sheet
        Which table of ours it is; which sheet of a workbook.
    """

    columns: tuple[str, ...] = ()
    saved: Path | None = None
    table: str = ""
    sheet: str = ""

    def __bool__(self) -> bool:
        return bool(self.columns or self.saved or self.table or self.sheet)


@dataclass(frozen=True)
class Survey:
    """What a bare file is taken for, before anything is read of it."""

    where: Where
    labels: tuple[str, ...]
    samples: dict[str, list[str]]
    mapped: Mapped
    rows: list[tuple[Where, list[str]]] = field(repr=False)

    @property
    def unread(self) -> list[str]:
        """The headers that nothing is read from."""
        used = {label for at in self.mapped.headers.values() for label in at}
        return [label for label in self.samples if label not in used]

    def to_dict(self) -> dict[str, Any]:
        """Return what each column is taken for as a JSON object."""
        mapped = self.mapped
        columns = [
            {
                "column": name,
                "headers": list(mapped.headers.get(name, ())),
                "constant": mapped.constants.get(name),
                "how": mapped.guessed.get(name, "as you say"),
                "samples": [one_line(each) for each in self._values(name)[:SAMPLES]],
            }
            for name in (*mapped.headers, *mapped.constants)
        ]
        left = [{"header": label, "samples": self.samples[label][:SAMPLES]} for label in self.unread]
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


def survey(path: Path, file: str, asked: Asked, scratch: Path, report: Report) -> Survey | None:
    """Return what a bare file is taken for; None where it cannot be read, which is reported.

    Raises
    ------
    UsageError
        If what is said of it does not fit: a column of ours, or a header, that is not there.
    """
    stem = Path(file).name.split(".")[0]
    form = forms.Form(sheet=asked.sheet, likely=asked.table or stem)
    before = len(report.findings)
    rows = [row for row in forms.rows(path, file, form, scratch, report) if any(row[1])]
    if any(finding.blocks for finding in report.findings[before:]):
        return None
    if not rows:
        report.add("error", Where(file), "The file has no rows.", "Give a header and at least one row.")
        return None
    begin = _header(rows)
    where, first = rows[begin]
    if begin:
        skipped = f"The rows above row {where.row} are no header: they are not read."
        report.add("warning", where, skipped, "Leave them out, if the header stands elsewhere.")
    del rows[: begin + 1]
    labels = _labels(first)
    samples = {label: list[str]() for label in labels if label}
    for _, cells in rows[:_LOOKED]:
        for label, cell in zip(labels, cells, strict=False):
            if label and cell and cell not in samples[label]:
                samples[label].append(cell)
    table = mapping.named(asked.table) if asked.table else None
    said = given(asked.columns)
    if asked.saved:
        kept, headers, constants = mapping.read(asked.saved)
        start = mapping.reused(table or kept, headers, constants, labels)
    else:
        start = synonyms.guess(samples, said, stem, table)
    return Survey(where, labels, samples, changed(start, said, labels), rows)


def _header(rows: Sequence[tuple[Where, list[str]]]) -> int:
    """Return which row is the header: the first that is nearly as wide as the widest of the first rows."""
    wide = [sum(map(bool, cells)) for _, cells in rows[:_FIRST]]
    return next(number for number, cells in enumerate(wide) if 2 * cells > max(wide))


def _labels(cells: Sequence[str]) -> tuple[str, ...]:
    """Return the headers, each once: a second column of one name is ``Name (2)``."""
    times: dict[str, int] = {}
    labels = []
    for cell in map(one_line, cells):
        times[cell] = times.get(cell, 0) + 1
        labels.append(f"{cell} ({times[cell]})" if cell and times[cell] > 1 else cell)
    return tuple(labels)


def tables(found: Survey, report: Report) -> Staged:
    """Return a bare file as our tables; what is read, what is not, and what lacks is reported."""
    mapped, made = found.mapped, Staged()
    _tell(found, report)
    if mapped.missing:
        return made
    parties = Parties(report)
    read = mapped.reader(found.labels)
    names, named = roles(mapped.table), mapped.table is ACTORS and "id" not in mapped.filled
    for where, cells in _whole(found, report):
        own, about = _parted(read(cells))
        for role in names:
            own[role] = parties.named(where, role, {**about.get(role, {}), "name": own.get(role, "")})
        if named:
            parties.listed(where, own)
        else:
            made.put(mapped.table.name, Row(where, own))
    made.add("actors", parties.rows.values())
    return made


def _parted(said: Mapping[str, str]) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    """Return what a row says of itself, and of each of its actors; identifiers stand together, each with its scheme."""
    own: dict[str, str] = {}
    about: dict[str, dict[str, str]] = {}
    for name, value in said.items():
        role, _, column = name.rpartition(".")
        if not value:
            continue
        kept = about.setdefault(role, {}) if role else own
        if column in SCHEMES["identifier-scheme"]:
            kept["identifiers"] = "|".join(
                filter(None, (kept.get("identifiers"), synonyms.scheme(column, value)))
            )
        elif column == "identifiers":
            kept[column] = "|".join(filter(None, (kept.get(column), value)))
        else:
            kept[column] = value
    return own, about


def _whole(found: Survey, report: Report) -> Iterator[tuple[Where, list[str]]]:
    """Yield the rows; one that has more cells than the header is an error."""
    for where, cells in found.rows:
        report.rows.add(where)
        if any(cells[len(found.labels) :]):
            message = f"The row has {len(cells)} cells, the header {len(found.labels)}."
            report.add("error", where, message, "Check its commas and quotes.")
        else:
            yield where, cells


def _tell(found: Survey, report: Report) -> None:
    """Report what every column is taken for, what is not read, and what lacks."""
    mapped, where = found.mapped, found.where
    for name, at in mapped.headers.items():
        how = mapped.guessed.get(name)
        message = f"Read as {mapped.table.name}: {name}, {f'guessed {how}' if how else 'as you say'}."
        advice = (
            f"Give --map {name}=HEADER where it is another, --map {name}= to leave it out." if how else ""
        )
        report.add("info", where, message, advice, column=name, value=" + ".join(at))
    for name, value in mapped.constants.items():
        report.add("info", where, "The same for all rows, as you say.", "", column=name, value=value)
    if unread := found.unread:
        listed = ", ".join(label[:40] for label in unread[:20]) + (", ..." if len(unread) > 20 else "")
        message = f"Nothing is read from {len(unread):,} of {len(found.samples):,} columns: {listed}."
        report.add("warning", where, message, "Give --map COLUMN=HEADER for what is meant to be read.")
    for name in mapped.missing:
        known = ", ".join(found.samples)[:400]
        advice = f"Give --map {name}=HEADER, or --map {name}:=VALUE for all rows; the file has: {known}."
        report.add(
            "error", where, f"{mapped.table.name} needs {name}, and no column says it.", advice, column=name
        )
