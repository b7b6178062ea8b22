"""Parties: the rows of anybody's tables, as those of ours, and the actors that they name without having a table of
them: each gets an id made of its name and its country.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from opentier.graph.contribution import headers
from opentier.graph.contribution.bare import Survey, tell
from opentier.graph.contribution.foreign import slug
from opentier.graph.contribution.staging import Row, Staged
from opentier.graph.intake import mapping, synonyms, writings
from opentier.graph.intake.mapping import ACTORS, roles
from opentier.graph.intake.writings import Writing
from opentier.graph.model import identifiers
from opentier.graph.model.names import digest
from opentier.graph.model.tables import SCHEMES
from opentier.graph.report.findings import EMPTY
from opentier.graph.report.report import Report, Where
from opentier.graph.written.countries import read as read_country
from opentier.graph.written.faults import CellError
from opentier.graph.written.spelling import joined

#: Characters of a made id that come from the name; a longer one ends with a digest of all of it.
_MOST = 80
#: What names an actor of an admitted dataset: an IRI, or ``dataset/local-id``.
_ELSEWHERE = re.compile(r"(?:https?://|urn:)\S+|[a-z0-9]+(?:[-_.][a-z0-9]+)*/[^\s/]+")


def made(name: str, country: str = "") -> str:
    """Return the id of an actor that only has a name, and perhaps a country: the same for the same two, always."""
    words = slug(name) or digest([name])
    if len(words) > _MOST:
        words = f"{words[:_MOST].rstrip('-')}-{digest([words])}"
    if not country:
        return words
    try:
        return f"{words}-{read_country(country).lower()}"
    except CellError:
        return f"{words}-{slug(country)}"


@dataclass
class Parties:
    """The actors of a file, each once: what its first row says stands, what another row adds is added."""

    report: Report
    rows: dict[str, Row] = field(default_factory=dict)
    _told: set[tuple[str, str, str]] = field(default_factory=set)

    def named(self, where: Where, column: str, said: Mapping[str, str]) -> str:
        """Return what a row refers to by a name; the actor is added, where it is none of another dataset."""
        if not said.get("id") and _ELSEWHERE.fullmatch(said["name"]):
            return said["name"]
        return self._add(where, column, said)

    def listed(self, where: Where, said: Mapping[str, str]) -> None:
        """Add the actor that a row of actors is about."""
        if not self._add(where, "name", said) and not said.get("name"):
            self.report.add("error", where, EMPTY, "Fill it; every row needs it.", column="name")

    def actors(self) -> Iterable[Row]:
        """Return all of them; names that stand with a country and without are reported.

        Each is two actors, and no chain goes through both.
        """
        placed = {
            joined(row.cells["name"]): row.where for row in self.rows.values() if row.cells.get("country")
        }
        for id, row in self.rows.items():
            name = row.cells["name"]
            if not row.cells.get("country") and id == made(name) and joined(name) in placed:
                message = "This name stands here without a country, and with one in another row: they are two actors."
                advice = (
                    f"Say the country in both (row {placed[joined(name)].row} does), or in none: "
                    "no chain goes through two."
                )
                self.report.add("warning", row.where, message, advice, column="country", value=name)
        return self.rows.values()

    def _add(self, where: Where, column: str, said: Mapping[str, str]) -> str:
        name, id = said.get("name", ""), said.get("id", "")
        if name and not id and identifiers.filler(name):
            self.report.add(
                "error", where, "This names nobody.", "Give the name, or leave the row out.",
                column=column, value=name,
            )  # fmt: skip
            return ""
        return self._keep(where, said) if name or id else ""

    def _keep(self, where: Where, said: Mapping[str, str]) -> str:
        """Add what a row says of an actor, and return its id."""
        name = said.get("name", "") or said.get("id", "")
        id = said.get("id") or made(name, said.get("country", ""))
        first = self.rows.setdefault(id, Row(where, {"id": id, "name": name}))
        known = dict(first.cells)
        for column, value in ((column, value) for column, value in said.items() if value):
            kept = known.setdefault(column, value)
            if kept != value and (id, column, value) not in self._told:
                self._told.add((id, column, value))
                message = f"Row {first.where.row} says {kept[:100]!r} of {id}: that is kept."
                self.report.add(
                    "warning", where, message, "Say the same in all rows.", column=column, value=value
                )
        self.rows[id] = Row(first.where, known)
        return id


class Known:
    """The actors of a book, by their ids and by their names: what its other sheets refer to."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self.rows = list(rows)
        #: References that were names.
        self.spelled = 0
        self._ids = {row.cells.get("id", "") for row in self.rows}
        self._names: dict[str, str | None] = {}
        for row in self.rows:
            name, id = joined(row.cells.get("name", "")), row.cells.get("id", "")
            self._names[name] = id if self._names.get(name, id) == id else None

    def named(self, where: Where, column: str, said: Mapping[str, str]) -> str:
        """Return the id of the actor that a row refers to; what is neither an id nor the name of one stays as it is."""
        text = said.get("id") or said["name"]
        if text in self._ids or not (id := self._names.get(joined(text))):
            return text
        self.spelled += 1
        return id


def together(found: Sequence[Survey], report: Report, made: Staged) -> None:
    """Make our tables of the sheets of a book: what they refer to are ids, or names, of its sheet of actors."""
    actors = next((each for each in found if each.mapped.table is ACTORS), None)
    if actors is None:
        parties = Parties(report)
        for each in found:
            made.add(each.mapped.table.name, _read(each, parties, report))
        made.add("actors", parties.actors())
        made.made = ["actors"] if parties.rows else []
        return
    own = Staged()
    tables(actors, report, own)
    known = Known(own.get("actors", ()))
    made.add("actors", known.rows)
    for each in found:
        if each is not actors:
            made.add(each.mapped.table.name, _read(each, known, report))
    if known.spelled:
        message = f"{known.spelled:,} references are names of actors: read as their ids."
        report.add("info", Where(actors.where.file), message, "")


def tables(found: Survey, report: Report, made: Staged) -> None:
    """Make our tables of a bare file; what is read, what is not, and what lacks is reported."""
    parties = Parties(report)
    made.add(found.mapped.table.name, _read(found, parties, report))
    made.add("actors", parties.actors())
    made.made = ["actors"] if found.mapped.table is not ACTORS and parties.rows else []


def _read(found: Survey, parties: Parties | Known, report: Report) -> Iterator[Row]:
    """Yield the rows of a file as those of its table; who is named in them goes to the parties."""
    mapped = found.mapped
    tell(found, report)
    if mapped.missing:
        return
    read = mapped.reader(found.labels)
    how = {name: writings.given(form, found.typed) for name, form in mapped.written.items()}
    names, named = roles(mapped.table), mapped.table is ACTORS and "id" not in mapped.filled
    columns = {name: each for name in mapped.filled if (each := mapping.column(mapped.table, name))}
    columns |= {name: replace(columns[name], kind="text") for name in columns if name in names}
    for where, cells in _whole(found, report):
        said = read(cells)
        for name, text in said.items():
            if name in columns and not (text.isascii() and text.isprintable()):
                said[name] = headers.cell(where, columns[name], text, report)
        own, about = _parted(_said(where, said, how, report))
        for role in names:
            own[role] = parties.named(where, role, {**about.get(role, {}), "name": own.get(role, "")})
        if named and isinstance(parties, Parties):
            parties.listed(where, own)
        else:
            yield Row(where, own)


def _said(where: Where, said: dict[str, str], how: Mapping[str, Writing], report: Report) -> dict[str, str]:
    """Return what a row says, written as ours is; what is not in the form of its column is reported."""
    for name, writing in how.items():
        if text := said.get(name, ""):
            column = name.rpartition(".")[2]
            try:
                said[name] = writing.read(text)
            except CellError as error:
                report.add("error", where, error.message, error.advice, column=column, value=text)
                said[name] = ""
            if said[name] not in ("", text):
                report.remember(where, column, text, said[name])
    return said


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
