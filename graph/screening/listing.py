"""A list as somebody keeps it, of suppliers or of whomever: what its columns are, and every row of it as it stands."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from opentier.graph.contribution import bare, forms, submission
from opentier.graph.contribution.bare import Asked, Survey
from opentier.graph.errors import UsageError, mean
from opentier.graph.exposure import words
from opentier.graph.intake import kinds, synonyms, wrapping, writings
from opentier.graph.intake.mapping import ACTORS, given
from opentier.graph.intake.mapping import found as labels_of
from opentier.graph.intake.unreadable import Unreadable
from opentier.graph.model.characters import legal, one_line
from opentier.graph.model.tables import SCHEMES, TABLES
from opentier.graph.report.report import Report, Where

#: What is bought of whom a row is about: a column of a list, and of no actor.
PRODUCT = "product"
#: What is read of a row, of all that may be said of an actor: an identifier may have a column of its scheme.
READ = (
    "name", "also_known_as", "id", "country", "region", "address", "lat", "lon", "identifiers",
    *SCHEMES["identifier-scheme"], PRODUCT,
)  # fmt: skip
#: Columns that are named in one sentence, and letters of each.
_NAMED, _LONG = 20, 60


@dataclass(frozen=True)
class Left:
    """A column that nothing is read from: how many rows say something in it, and which of ours may be meant."""

    label: str
    rows: int
    meant: str

    def __str__(self) -> str:
        called = one_line(self.label)[:_LONG]
        return f"{called} (did you mean {self.meant}?)" if self.meant else called


@dataclass(frozen=True)
class Listing:
    """A list as it was sent.

    Attributes
    ----------
    survey
        What its columns are taken for, and its rows that say anything, without the spaces around their cells.
    above, header, rows
        The rows above the header; the header, or where there is none, the numbers of the columns; all rows below it
        by their numbers, empty ones too.
    sheets
        Whether it is a sheet of a workbook.
    """

    survey: Survey
    above: list[list[str]] = field(repr=False)
    header: list[str]
    rows: list[tuple[int, list[str]]] = field(repr=False)
    sheets: bool

    @property
    def file(self) -> str:
        """What findings call it."""
        return self.survey.where.file

    @cached_property
    def left(self) -> tuple[Left, ...]:
        """The columns that nothing is read from."""
        survey = self.survey
        links = replace(survey.mapped, table=TABLES["supply_links"])
        found = []
        for label in survey.unread:
            at = survey.labels.index(label)
            goods = synonyms.near(links, label) == PRODUCT
            meant = PRODUCT if goods else synonyms.near(survey.mapped, label)
            many = sum(1 for _, cells in survey.rows if at < len(cells) and cells[at])
            found.append(Left(label, many, meant))
        return tuple(found)

    def unread(self) -> Iterator[str]:
        """Yield a sentence that names the columns that nothing is read from; none where all are read."""
        if self.left:
            first = sorted(self.left, key=lambda each: not each.meant)[:_NAMED]
            more = len(self.left) - len(first)
            named = ", ".join(map(str, first)) + (f" and {more:,} more" if more else "")
            yield words.said("screened", "columns-left", n=len(self.left), named=named)

    @property
    def wide(self) -> int:
        """The cells of its widest row: some have more than the header."""
        return max(map(len, (self.header, *self.above, *(cells for _, cells in self.rows))))


def read(path: Path, asked: Asked, scratch: Path, report: Report) -> Listing | None:
    """Read the list that lies at `path`, or comes from standard input (``-``), in any form.

    None where it cannot be read, which is reported.

    Raises
    ------
    UsageError
        If there is no file, what is said of it does not fit, or no column of it holds names.
    """
    looked = look(path, asked, scratch, report)
    if looked is None:
        return None
    place, found = looked
    if "name" not in found.mapped.filled:
        known = found.asked(found.samples)[:400]
        raise UsageError(
            f"No column of {found.where.file} is known to hold names. Say which one does, for example "
            f'--map name="Vendor name"; its header has: {known}. A list without a header gets one written above it.'
        )
    form = forms.Form(sheet=asked.sheet, likely=ACTORS.name, exact=True, told=asked.encoding)
    placed = forms.rows(place, place.name, form, scratch, Report())
    rows = [(where.row or 0, _written(where, cells, report)) for where, cells in placed]
    return _parted(found, rows, sheets=kinds.kind(place) == "sheets")


def look(path: Path, asked: Asked, scratch: Path, report: Report) -> tuple[Path, Survey] | None:
    """Return where the list lies once it is unpacked, and what its columns are taken for; none may hold names.

    None where it cannot be read, which is reported.

    Raises
    ------
    UsageError
        If there is no file, or what is said of it does not fit.
    """
    demand(asked.columns)
    of_goods = [word for word in asked.columns if given([word])[0].column == PRODUCT]
    others = tuple(word for word in asked.columns if word not in of_goods)
    asked = replace(asked, columns=others, table=ACTORS.name)
    try:
        path = wrapping.there(path, "", scratch)
        place = submission.unpacked(path, scratch, report)
        if place is None:
            return None
        if place.is_dir():
            raise UsageError(f"{path} holds several files; a list is one file.")
        found = bare.survey(place, place.name, asked, scratch, report)
    except Unreadable as error:
        report.add("error", Where(path.name), error.message, error.advice)
        return None
    return None if found is None else (place, _goods(_meant(found, asked), of_goods))


def demand(words: Iterable[str]) -> None:
    """Refuse what is said of columns where nothing of a list is read so.

    Raises
    ------
    UsageError
        If a word is none of what `mapping.given` takes, or names another column.
    """
    for each in given(words):
        if each.column not in READ:
            raise UsageError(
                f"Of a list no column {each.column!r} is read.{mean(each.column, READ, len(READ))}"
            )
        if each.form:
            writings.given(each.form, typed=False)


def of(path: Path, report: Report, *columns: str) -> Listing:
    """Return the list at a path, whose columns are said as of ``--map`` where they are not guessed.

    Raises
    ------
    UsageError
        If it is none (see `read`), or cannot be read.
    """
    with tempfile.TemporaryDirectory(prefix="opentier-") as scratch:
        found = read(path, Asked(columns), Path(scratch), report)
    if found is None or report.blocking:
        raise UsageError(report.to_text())
    return found


def _meant(found: Survey, asked: Asked) -> Survey:
    """Return what a list is taken for: one that names buyers beside suppliers is one of suppliers."""
    headers, guessed = dict(found.mapped.headers), dict(found.mapped.guessed)
    if "name" not in found.mapped.filled:
        links = synonyms.guess(found.samples, (), "", TABLES["supply_links"]).headers
        said = {each.column for each in given(asked.columns)}
        for name, role in {"name": "supplier", **{name: f"supplier.{name}" for name in READ[1:]}}.items():
            if role in links and name not in {*headers, *said}:
                headers[name], guessed[name] = links[role], synonyms.SYNONYM
    headers = {name: at for name, at in headers.items() if name in READ}
    return replace(found, mapped=replace(found.mapped, headers=headers, guessed=guessed))


def _goods(found: Survey, words: Sequence[str]) -> Survey:
    """Return what a list is taken for, with the column of what is bought: the one that is said, else the likeliest."""
    mapped = found.mapped
    headers, constants, guessed = dict(mapped.headers), dict(mapped.constants), dict(mapped.guessed)
    if not words:
        used = {label for at in headers.values() for label in at}
        free = {label: values for label, values in found.samples.items() if label not in used}
        if label := synonyms.of_goods(free):
            headers[PRODUCT], guessed[PRODUCT] = (label,), synonyms.SYNONYM
    for each in given(words):
        if each.value is not None:
            constants[PRODUCT] = each.value
        elif each.headers:
            headers[PRODUCT] = labels_of(each.headers, found.labels)
    return replace(found, mapped=replace(mapped, headers=headers, constants=constants, guessed=guessed))


def _written(where: Where, cells: list[str], report: Report) -> list[str]:
    """Return cells that a file can hold: what JSON can say and no text is, is replaced, which is told."""
    try:
        "".join(cells).encode()
    except UnicodeEncodeError:
        message = "The row holds halves of characters, which no file can hold: they are given back as U+FFFD."
        report.add("warning", where, message, "Write the row anew.")
        return [legal(cell) for cell in cells]
    return cells


def _parted(found: Survey, rows: Iterable[tuple[int, list[str]]], *, sheets: bool) -> Listing:
    """Return the rows of a list apart: above its header, the header, and all below it."""
    above, below = list[list[str]](), list[tuple[int, list[str]]]()
    header = [] if found.where.row else list(found.labels)
    for number, cells in _every(rows):
        if header:
            below.append((number, cells))
        elif number == found.where.row:
            header = cells
        else:
            above.append(cells)
    return Listing(found, above, header, below, sheets)


def _every(rows: Iterable[tuple[int, list[str]]]) -> Iterator[tuple[int, list[str]]]:
    """Yield rows, with the empty ones between them, which no reader yields."""
    before = 0
    for number, cells in rows:
        yield from ((empty, []) for empty in range(before + 1, number))
        yield number, cells
        before = number
