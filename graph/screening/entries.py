"""Entries: who stands in each row of a list, as far as its cells are understood; what is not is said, and left out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from opentier.graph.intake import synonyms, writings
from opentier.graph.intake.mapping import ACTORS
from opentier.graph.matching.parties import Party
from opentier.graph.model import cells, characters, identifiers, regions
from opentier.graph.model.tables import SCHEMES, Column
from opentier.graph.report.report import Report, Where
from opentier.graph.screening.listing import Listing
from opentier.graph.written import countries
from opentier.graph.written.faults import CellError
from opentier.graph.written.spelling import says_nothing

#: What is said of a cell that nobody is compared by.
LEFT_OUT = "It is left out of the comparison."
#: Columns whose cells are no codes.
_TEXTS = ("name", "also_known_as", "address", "region", "product")
_IDENTIFIER = Column("identifiers", "identifier")
#: What whoever sends a list may say of a row and an actor that it may be: whether the two are the same.
SAME, OTHER, UNSURE = "yes", "no", "unsure"
_NOTHING: Mapping[str, str] = {}


@dataclass(frozen=True)
class Entry:
    """A row of a list.

    Attributes
    ----------
    id
        What the row itself calls who stands in it.
    product
        What it says that is bought, as it is written.
    decided
        What whoever sent the list says of actors that the row may be, by their ids: `SAME`, `OTHER`, `UNSURE`.
    """

    row: int
    party: Party
    id: str = ""
    decided: tuple[tuple[str, str], ...] = ()
    product: str = ""


def entries(
    listing: Listing, country: str, report: Report, *, meant: Mapping[str, str] = _NOTHING
) -> Iterator[Entry]:
    """Yield who stands in each row, empty ones too.

    Parameters
    ----------
    country
        ISO 3166-1 code of rows that state no country; nothing where none is known.
    meant
        What countries are that may be several, as they stand in the list: a code, or nothing. Whether NA is Namibia's
        code is else read from the other countries of the list.
    """
    reading = _Reading(listing, country, report, meant)
    waiting = iter(listing.survey.rows)
    following = next(waiting, None)
    for number, _ in listing.rows:
        if following is not None and following[0].row == number:
            yield reading.entry(*following)
            following = next(waiting, None)
        else:
            yield Entry(number, Party())


class _Reading:
    """Reads the rows of one list."""

    def __init__(self, listing: Listing, country: str, report: Report, meant: Mapping[str, str]) -> None:
        found = listing.survey
        self.country, self.report, self.wide = country, report, len(found.labels)
        self._read = found.mapped.reader(found.labels)
        self._forms = {name: writings.given(form, found.typed) for name, form in found.mapped.written.items()}
        #: Whether NA is no country here.
        self._named = countries.only_names(
            text for _, row in found.rows if (text := self._read(row).get("country", ""))
        )
        self._meant = meant

    def entry(self, where: Where, row: list[str]) -> Entry:
        """Return who stands in a row."""
        if any(row[self.wide :]):
            message = "The row has more cells than the header: what stands beyond is not read."
            self.report.add("warning", where, message, "Check its commas and quotes.")
        said = {name: characters.tidy(text, name not in _TEXTS)[0] for name, text in self._read(row).items()}
        country, region = self._places(where, said)
        also = said.get("also_known_as", "").split("|")
        party = Party(
            called=tuple(name for text in (said.get("name", ""), *also) if (name := _name(text))),
            countries=(country,) if country else (),
            regions=(region,) if region else (),
            address="" if says_nothing(said.get("address", "")) else said["address"],
            position=self._position(where, said),
            identifiers=tuple(dict.fromkeys(self._identifiers(where, said))),
        )
        return Entry(where.row or 0, party, said.get("id", ""), product=said.get("product", ""))

    def _value(self, where: Where, column: Column, text: str) -> str:
        """Return what a cell says; nothing where it cannot be read, which is reported."""
        try:
            if form := self._forms.get(column.name):
                text = form.read(text)
            return cells.read(column, text)[0]
        except CellError as error:
            self._tell(where, column.name, text, error)
            return ""

    def _tell(self, where: Where, column: str, text: str, error: CellError) -> None:
        message = f"{error.message} {LEFT_OUT}"
        self.report.add("warning", where, message, error.advice, column=column, value=text)

    def _places(self, where: Where, said: Mapping[str, str]) -> tuple[str, str]:
        """Return the country and the region of a row."""
        text, region = said.get("country", ""), said.get("region", "")
        if says_nothing(text) and (self._named or text.upper() != countries.NAMIBIA):
            text = ""
        if (chosen := self._meant.get(said.get("country", ""))) is not None:
            country = chosen or self.country
        else:
            country = self._value(where, _column("country"), text) if text else self.country
        if says_nothing(region):
            return country, ""
        try:
            found = regions.read(region, country)
        except CellError as error:
            self._tell(where, "region", region, error)
            return country, ""
        return found.country or country, found.region

    def _position(self, where: Where, said: Mapping[str, str]) -> tuple[float, float] | None:
        if any(says_nothing(said.get(name, "")) for name in ("lat", "lon")):
            return None
        north, east = (self._value(where, _column(name), said[name]) for name in ("lat", "lon"))
        if not north or not east:
            return None
        if float(north) == float(east) == 0:
            message = f"The coordinates are 0, 0: a place in the Atlantic, where nobody is. {LEFT_OUT}"
            self.report.add("warning", where, message, "Leave both cells empty.", column="lat")
            return None
        return float(north), float(east)

    def _identifiers(self, where: Where, said: Mapping[str, str]) -> Iterator[str]:
        """Yield the identifiers of a row, each with its scheme."""
        given = [("identifiers", part) for part in said.get("identifiers", "").split("|")]
        given += [
            (name, synonyms.scheme(name, part.strip()))
            for name in said if name in SCHEMES["identifier-scheme"]
            for part in said[name].split("|") if part.strip()
        ]  # fmt: skip
        for column, text in given:
            if not text.strip():
                continue
            if identifiers.filler(text):
                message = f"This is a filler, not an identifier. {LEFT_OUT}"
                self.report.add("warning", where, message, "Leave the cell empty.", column=column, value=text)
                continue
            try:
                yield cells.read(_IDENTIFIER, text.strip())[0]
            except CellError as error:
                self._tell(where, column, text, error)


def _column(name: str) -> Column:
    found = ACTORS.column(name)
    assert found is not None
    return found


def _name(text: str) -> str:
    """Return a name, or nothing where a text names nobody."""
    text = text.strip()
    return "" if says_nothing(text) or identifiers.filler(text) else text
