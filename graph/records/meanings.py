"""Meanings: what the text of a cell means in its column, and all that is to be said of it; the same for all rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Literal

from opentier.graph.contribution.staging import PARTS
from opentier.graph.intake.bounds import MAX_WORD
from opentier.graph.model import cells, characters, identifiers, regions, resources
from opentier.graph.model.tables import PLACED, SCHEMES, Column
from opentier.graph.records.references import References
from opentier.graph.report.report import Report, Where, holds
from opentier.graph.written import hs

#: Texts that are looked for at once.
TOGETHER = 50_000
#: What is said of a product that is named by a text.
TEXT = ("This product is text: it is matched within this dataset only.", "Give HS digits.")


@dataclass(frozen=True)
class Told:
    """What is to be said of a cell, wherever it stands; of several with the same `once`, of the first alone."""

    severity: Literal["error", "warning"]
    message: str
    advice: str
    value: str
    once: str = ""


@dataclass
class Meaning:
    """What a text means in a column: canonical values (references are IRIs), and what is to be said of it."""

    values: tuple[str, ...] = ()
    told: list[Told] = field(default_factory=list)

    @property
    def fine(self) -> bool:
        """Whether it could be read."""
        return not any(each.severity == "error" for each in self.told)

    def warn(self, value: str, message: str, advice: str, *, once: str = "") -> None:
        """Add a warning."""
        self.told.append(Told("warning", message, advice, value, once))

    def refuse(self, value: str, error: cells.CellError) -> None:
        """Add an error."""
        message = error.message
        if found := characters.unseen(value):
            message = f"{message} The cell holds {found}, which is not seen."
        self.told.append(Told("error", message, error.advice, value))


class Meanings:
    """Gives what texts mean in the tables of one contribution.

    Attributes
    ----------
    texts
        The names of products that are given as texts, by the IRI that each gets.
    """

    def __init__(self, references: References) -> None:
        self.references, self.names, self.dataset = references, references.names, references.dataset
        self.texts: dict[str, str] = {}

    def looked_for(self, column: Column, texts: Iterable[str]) -> Iterator[str]:
        """Yield texts of a column, once what many of them refer to elsewhere was looked for at once."""
        tables = {"actor": "actors", "record": column.table, "subject": "actors"}
        every = iter(texts)
        while some := list(islice(every, TOGETHER)):
            if column.kind in tables:
                parts = (part.strip() for text in some for part in text.replace(PARTS, "|").split("|"))
                self.references.expect(dict.fromkeys(filter(None, parts)), tables[column.kind])
            yield from some

    def of(self, column: Column, text: str) -> Meaning:
        """Return what a text means in a column; a region is read together with its country, by `region`."""
        found = Meaning()
        given = list(filter(None, text.split(PARTS))) if PARTS in text else None
        text = text if given is None else "|".join(given)
        if not self._legal(found, text):
            return found
        if column.kind == "id" and (unseen := characters.unseen(text)):
            found.warn(text, f"The id holds {unseen}, which is not seen.", "Take it out.")
        if column.kind == "region":
            found.values = (text,)
            return found
        try:
            parts = [part for part in self._parts(found, column, text, given) if part]
            found.values = tuple([self._value(found, column, part) for part in dict.fromkeys(parts)])
        except cells.CellError as error:
            found.refuse(text, error)
        return found

    def region(self, text: str, country: str) -> tuple[Meaning, str]:
        """Return what a region means beside a country, and the country of both."""
        found = Meaning()
        try:
            read = regions.read(text, country)
        except cells.CellError as error:
            found.refuse(text, error)
            return found, country
        if read.told:
            found.warn(text, read.told, read.advice)
        found.values = (read.region,) if read.region else ()
        return found, read.country or country

    def _legal(self, found: Meaning, text: str) -> bool:
        if text.isprintable():
            return True
        report = Report()
        fine = holds(report, Where(""), text)
        for each in report.findings:
            assert each.severity in ("error", "warning")
            found.told.append(Told(each.severity, each.message, each.advice, text))
        return fine

    def _parts(self, found: Meaning, column: Column, text: str, given: list[str] | None) -> Iterable[str]:
        """Return the values of a cell, one or several."""
        parts = (
            [part.strip() for part in text.split("|")] if column.many and given is None else given or [text]
        )
        if column.kind == "product" and column.many and text not in self.references.ids("products"):
            parts = [code for part in parts for code in hs.several(part) or [part]]
        if column.kind != "identifier":
            return parts
        kept = []
        for part in parts:
            if identifiers.filler(part):  # it joins nobody
                found.warn(part, identifiers.FILLER, "Leave the cell empty where none is known.")
            else:
                kept.append(part)
        return kept

    def _value(self, found: Meaning, column: Column, text: str) -> str:
        if column.kind != "text" and len(text) > MAX_WORD:
            raise cells.CellError(
                f"This has more than {MAX_WORD:,} characters.", "Only texts may be as long."
            )
        match column.kind:
            case "actor":
                return self.references.find(text, "actors")
            case "record":
                return self.references.find(text, column.table)
            case "subject":
                return self._subject(found, text)
            case "product":
                return self._product(found, text)
        value, told = cells.read(column, text)
        if told:
            advice = "Write it like that if it is what you mean."
            found.warn(text, f"Read as {value!r}.", advice, once=text if column.kind == "country" else "")
        if doubt := cells.doubt(column, value):
            found.warn(text, *doubt)
        if column.kind == "identifier" and not identifiers.known(value):
            scheme = value.partition(":")[0]
            message = (
                f"The scheme {scheme!r} is not known here: its values are kept unchecked, and join nobody."
            )
            advice = f"Use one of these, if one is meant: {', '.join(SCHEMES['identifier-scheme'])}."
            found.warn(value, message, advice, once=f"{scheme}:")
        return value

    def _subject(self, found: Meaning, text: str) -> str:
        """Return the IRI of an actor or, where no actor has this id, of a country or region."""
        if text in self.references.ids("actors") or "/" in text:
            return self.references.find(text, "actors")
        try:
            code = cells.place(text)
        except cells.CellError:
            if cells.looks_like_region(text) and text.isupper():
                raise
            return self.references.find(text, "actors")
        if code != text:
            found.warn(text, f"Read as {code!r}.", "Write it like that if it is what you mean.")
        return resources.place(code, self.names).iri

    def _product(self, found: Meaning, text: str) -> str:
        if text in self.references.ids("products"):
            return self.names.record(self.dataset, "product", text)
        if text.startswith(("http://", "https://")):
            return self.references.find(text, "products")
        if not hs.meant(text):
            found.warn(text, *TEXT)
            iri = self.names.record(self.dataset, "product", text)
            self.texts.setdefault(iri, text)
            return iri
        code = hs.read(text)
        if code != text:
            found.warn(text, f"Read as HS {code!r}.", "Write 2, 4 or 6 digits.")
        if not hs.known(code):
            found.warn(text, *cells.NO_HEADING)
        return self.names.hs(code)


def placed(metric: str, value: str, scope: str) -> tuple[str, str] | None:
    """Return value and scope of a fact whose value is a place: a seat FR is a seat, 1, in FR; None where it is none.

    Raises
    ------
    CellError
        If the value is neither a place nor a number.
    """
    if (
        metric.lower().replace("_", "-").replace(" ", "-") not in PLACED
        or not value
        or scope not in ("", value)
    ):
        return None
    for reader in (cells.number, cells.scope):
        try:
            reader(value)
        except cells.CellError:
            continue
        return None if reader is cells.number else ("1", value)
    raise cells.CellError(
        "This is neither a place nor a number.",
        "Give the country (FR), a part of it (US-CA), or EU; or 1 or 0 with the place as scope.",
    )
