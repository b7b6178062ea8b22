"""Originals: the tables of a contribution once more, cell by cell as they were sent or corrected, to be given back with
their problems.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

from opentier.graph.contribution import bare, forms, package, submission
from opentier.graph.contribution.foreign import slug
from opentier.graph.contribution.submission import Options
from opentier.graph.errors import UsageError
from opentier.graph.intake.corrections import labels as labels_of
from opentier.graph.intake.kinds import kind
from opentier.graph.report import beside
from opentier.graph.report.corrected import Corrected, of_rows
from opentier.graph.report.report import Report


@dataclass(frozen=True)
class Original:
    """A table as it was sent: its rows by number, the row of its header, how its text is written."""

    source: Path
    file: str
    rows: list[tuple[int, list[str]]]
    header: int
    encoding: str = "utf-8"
    delimiter: str = ","

    @property
    def stem(self) -> str:
        """What a file of its own is called after: its sheet, or its file."""
        file, _, sheet = self.file.partition(", sheet ")
        return slug(sheet) or Path(file).name.partition(".")[0]

    def corrected(self, report: Report) -> Original:
        """Return the table with the cells that a report says were corrected."""
        known = of_rows(report.corrected, self.file)
        labels = next((labels_of(cells) for number, cells in self.rows if number >= self.header), ())
        rows = [(number, _with(cells, labels, known.get(number, ()))) for number, cells in self.rows]
        return replace(self, rows=rows) if known else self


def _with(cells: list[str], labels: Sequence[str], corrected: Iterable[Corrected]) -> list[str]:
    """Return the cells of a row, some of them corrected."""
    found = list(cells)
    for each in corrected:
        at = labels.index(each.column)
        found.extend([""] * (at + 1 - len(found)))
        found[at] = each.new
    return found


def given_back(path: Path, options: Options) -> bool:
    """Return whether a contribution may be given back: standard input is gone, RDF and foreign files are no tables."""
    return not options.adapter and str(path) != "-" and not submission.is_graph(path, options)


def annotated(path: Path, options: Options, report: Report, target: Path, scratch: Path) -> list[Path]:
    """Write the tables of a contribution with what is wrong in each row beside it; return the files.

    One table is `target`; several are files beside it, each with the name of its table in its own.

    Raises
    ------
    UsageError
        If the contribution holds no table that can be given back, or would be written over.
    """
    found = [each for each in _of(path, options, scratch) if each.rows]
    if not found:
        raise UsageError(f"{path} holds no table that can be given back. End --report in .html or .txt.")
    places: dict[Path, Original] = {}
    for each in found:
        place = target
        if len(found) > 1:
            names = (f"{target.stem}.{each.stem}{number or ''}{target.suffix}" for number in count())
            place = next(at for name in names if (at := target.with_name(name)) not in places)
        if any(place.resolve() == other.source.resolve() for other in found):
            raise UsageError(f"{place} is what you contribute. Give --report another name.")
        places[place] = each
    for place, each in places.items():
        table = each.corrected(report)
        problems = beside.of_rows(report, each.file)
        beside.table(place, table.rows, table.header, problems, table.encoding, table.delimiter)
    return list(places)


def problems(path: Path, options: Options, report: Report, folder: Path, scratch: Path) -> list[Path]:
    """Write the rows that are left out, or would have to be, each with what is wrong with it; return the files.

    A table's rows stand in ``TABLE.problems.csv`` in `folder`, in the form of their file, to be mended and sent again.
    """
    refused: dict[str, set[int]] = {}
    for where in report.rows.refused():
        refused.setdefault(where.file, set()).add(where.row or 0)
    written = dict[Path, None]()
    tables = [each.corrected(report) for each in _of(path, options, scratch)] if refused else []
    kept = {each.source.resolve() for each in tables}
    for each in tables:
        rows = [(number, cells) for number, cells in each.rows if number in refused.get(each.file, ())]
        labels = next((cells for number, cells in each.rows if number >= each.header), None)
        if not rows or labels is None:
            continue
        told = beside.of_rows(report, each.file)
        said = ((cells, told.get(number, "error: see the report.")) for number, cells in rows)
        names = (folder / f"{each.stem}.problems{number or ''}.csv" for number in count())
        place = next(at for at in names if at not in written and _free(at, kept))
        beside.write(place, labels, said, each.encoding, each.delimiter)
        written[place] = None
    return list(written)


def _free(place: Path, kept: Collection[Path]) -> bool:
    """Return whether a file may be written: nothing is there, or what an earlier report gave back."""
    if place.is_symlink() or place.resolve() in kept:
        return False
    if not place.exists():
        return True
    with place.open("rb") as file:
        header = file.readline(1 << 16).rstrip()
    return header.endswith(beside.PROBLEM.encode())


def _of(path: Path, options: Options, scratch: Path) -> Iterator[Original]:
    """Yield the tables of a contribution; what cannot be read was reported when it was read first."""
    silent = Report()
    if not given_back(path, options):
        return
    place = submission.unpacked(submission.shown_as(path, options, scratch), scratch, silent)
    if place is None or submission.is_graph(place, options):
        return
    place = submission.shown_as(place, options, scratch)
    if place.is_dir():
        described = package.descriptor(place, silent) or {"resources": []}
        for resource in package.resources(place, described["resources"], silent):
            for part in package.parts(resource, silent):
                yield _read(place / part.file, part.file, part.form, part.header, scratch)
    elif not options.asked and (book := bare.book(place, place.name, scratch, silent)):
        for sheet in book[0]:
            form = forms.Form(sheet=sheet.where.file.rpartition(", sheet ")[2])
            yield _read(place, place.name, form, sheet.where.row or 1, scratch)
    else:
        found = bare.survey(place, place.name, options.asked, scratch, silent)
        if found:
            likely = options.asked.table or place.name.split(".")[0]
            form = forms.Form(sheet=options.asked.sheet, likely=likely)
            yield _read(place, place.name, form, found.where.row or 1, scratch)


def _read(path: Path, file: str, form: forms.Form, header: int, scratch: Path) -> Original:
    silent = Report()
    placed = list(forms.rows(path, file, form, scratch, silent))
    rows = [(where.row or 0, cells) for where, cells in placed]
    name = placed[0][0].file if placed else file
    if kind(path) != "text":
        return Original(path, name, rows, header)
    encoding, dialect = forms.written(path, file, form, silent)
    return Original(path, name, rows, header, encoding, dialect.delimiter)
