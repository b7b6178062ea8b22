"""Records: the raw rows of a contribution, checked cell by cell and reference by reference.

Every cell becomes canonical, every reference an IRI, every problem a finding by file and row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from opentier.graph.contribution.foreign import Row
from opentier.graph.contribution.references import References
from opentier.graph.contribution.report import Where, holds
from opentier.graph.contribution.submission import Contribution
from opentier.graph.intake.bounds import MAX_WORD
from opentier.graph.model import cells, characters, identifiers, regions, resources
from opentier.graph.model.names import Names, digest
from opentier.graph.model.tables import PLACED, SCHEMES, TABLES, Column, Table
from opentier.graph.written import countries, hs


@dataclass(frozen=True)
class Record:
    """One checked row: its IRI, where it stands, and canonical values by column (references are IRIs)."""

    table: Table
    iri: str
    where: Where
    values: dict[str, tuple[str, ...]]


def check(
    contribution: Contribution, names: Names, known: Callable[[str], bool], progress: Callable[[int], None]
) -> list[Record]:
    """Turn the raw rows of a contribution into records; problems go into its report.

    Parameters
    ----------
    known
        Tells whether an IRI stands in the current version of an admitted dataset.
    progress
        Is told the number of rows that are done.
    """
    checker = _Checker(contribution, names, known)
    found: dict[str, Record] = {}
    for done, (table, row) in enumerate(checker.rows(), 1):
        record = checker.record(table, row)
        if record is not None:
            checker.keep(found, record)
        if done % 1000 == 0:
            progress(done)
    for record in checker.texts.values():
        found.setdefault(record.iri, record)
    for record in found.values():
        for name, said, advice in OWN.get(record.table.name, ()):
            checker.owned(found, record, name, said, advice)
    return list(found.values())


#: Namibia's code, and what people write who have no answer.
_NAMIBIA = "NA"
_NO_RECORD = "This package has no such record."
_KEEP = "Keep the retracted record in the package, beside its retraction."
#: What only the dataset that holds a record can say of it, by table: column, error, advice.
OWN = {
    "retractions": [("record", _NO_RECORD, _KEEP), ("replaced_by", _NO_RECORD, _KEEP)],
    "status_changes": [
        (
            "designation",
            "This package has no such designation.",
            "What became of a designation is said where it is published: keep both in one package.",
        )
    ],
}


class _Checker:
    """The rows of one contribution, checked one by one against the ids that it defines."""

    def __init__(self, contribution: Contribution, names: Names, known: Callable[[str], bool]) -> None:
        self.contribution, self.names = contribution, names
        self.report, self.dataset = contribution.report, contribution.metadata.dataset
        self.texts: dict[str, Record] = {}
        self.spelled: set[tuple[str, str]] = set()
        self.named: dict[tuple[str, str], bool] = {}
        self.references = References(contribution, names, known)

    def rows(self) -> Iterator[tuple[Table, Row]]:
        for table in TABLES.values():
            for row in self.contribution.tables.get(table.name, ()):
                yield table, row

    def record(self, table: Table, row: Row) -> Record | None:
        values: dict[str, tuple[str, ...]] = {}
        fine = True
        if table.name == "actor_facts":
            row, fine = self._placed(table, row)
        for column in table if fine else ():
            text = row.cells.get(column.name, "")
            if not text:
                if column.required:
                    self._error(row, column, None, "This cell is empty.", "Fill it; every row needs it.")
                    fine = False
                continue
            if not holds(self.report, row.where, text, column=column.name):
                fine = False
                continue
            if column.kind == "id" and (found := characters.unseen(text)):
                self._warning(row, column, text, f"The id holds {found}, which is not seen.", "Take it out.")
            try:
                if column.kind == "country":
                    self._demand_code(table, column, text)
                if column.kind != "region" and (said := self._values(row, column, text)):
                    values[column.name] = said
            except cells.CellError as error:
                self._error(row, column, text, error.message, error.advice)
                fine = False
        fine = fine and self._region(table, row, values)
        return Record(table, self._iri(table, row, values), row.where, values) if fine else None

    def _demand_code(self, table: Table, column: Column, text: str) -> None:
        """Raise CellError for NA in a column of names, where it is no code."""
        if text.upper() != _NAMIBIA:
            return
        if (table.name, column.name) not in self.named:
            said = {row.cells.get(column.name, "") for row in self.contribution.tables.get(table.name, ())}
            others = {each for each in said if each and each.upper() != _NAMIBIA}
            self.named[table.name, column.name] = bool(others) and not any(map(countries.is_code, others))
        if self.named[table.name, column.name]:
            advice = "Leave the cell empty where it is not known; write Namibia where that is meant."
            raise cells.CellError("NA stands among names of countries here.", advice)

    def _placed(self, table: Table, row: Row) -> tuple[Row, bool]:
        """Return a fact whose value is a place as one that says yes of it: a seat FR is a seat, 1, in FR.

        False where the value is neither a place nor a number.
        """
        said, column = row.cells, table.column("value")
        metric, value = said.get("metric", "").lower().replace("_", "-").replace(" ", "-"), said.get("value")
        if metric not in PLACED or not value or said.get("scope", "") not in ("", value) or column is None:
            return row, True
        for reader in (cells.number, cells.scope):
            try:
                reader(value)
            except cells.CellError:
                continue
            return (
                row if reader is cells.number else replace(row, cells={**said, "value": "1", "scope": value})
            ), True
        advice = "Give the country (FR), a part of it (US-CA), or EU; or 1 or 0 with the place as scope."
        self._error(row, column, value, "This is neither a place nor a number.", advice)
        return row, False

    def _region(self, table: Table, row: Row, values: dict[str, tuple[str, ...]]) -> bool:
        """Read the region of a row together with its country; return whether it could be read."""
        column, text = table.column("region"), row.cells.get("region", "")
        if column is None or not text:
            return True
        (country,) = values.get("country", ("",))
        try:
            found = regions.read(text, country)
        except cells.CellError as error:
            self._error(row, column, text, error.message, error.advice)
            return False
        if found.told:
            self._warning(row, column, text, found.told, found.advice)
        for name, value in (("country", found.country), ("region", found.region)):
            if value:
                values[name] = (value,)
        return True

    def keep(self, found: dict[str, Record], record: Record) -> None:
        """Keep a record once; an exact duplicate is a warning, another record of the same id an error."""
        first = found.setdefault(record.iri, record)
        if first is record:
            return
        earlier = str(first.where)
        if first.values == record.values:
            self.report.add(
                "warning",
                record.where,
                f"This row says the same as {earlier}; it is kept once.",
                "Leave one of them out.",
            )
        else:
            self.report.add(
                "error", record.where, f"This id stands for something else in {earlier}.",
                "Give each record its own id.", column="id", value=record.values.get("id", ("",))[0],
            )  # fmt: skip

    def owned(self, found: dict[str, Record], record: Record, name: str, said: str, advice: str) -> None:
        """Report what a record says of another one that this package does not hold."""
        for iri in record.values.get(name, ()):
            if iri not in found and self.references.complete:
                self.report.add("error", record.where, said, advice, column=name, value=iri)

    def _values(self, row: Row, column: Column, text: str) -> tuple[str, ...]:
        parts = [part.strip() for part in text.split("|")] if column.many else [text]
        parts = list(row.apart.get(column.name, parts))
        if column.kind == "product" and column.many and text not in self.references.ids["products"]:
            parts = [code for part in parts for code in hs.several(part) or [part]]
        if column.kind == "identifier":
            parts = [part for part in parts if not self._filler(row, column, part)]
        return tuple(self._value(row, column, part) for part in dict.fromkeys(parts) if part)

    def _filler(self, row: Row, column: Column, text: str) -> bool:
        """Return whether an identifier is none, after a warning: it is left out, and joins nobody."""
        found = identifiers.filler(text)
        if found:
            self._warning(row, column, text, identifiers.FILLER, "Leave the cell empty where none is known.")
        return found

    def _value(self, row: Row, column: Column, text: str) -> str:
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
                return self._subject(row, column, text)
            case "product":
                return self._product(row, column, text)
        value, told = cells.read(column, text)
        if told and not (column.kind == "country" and self._heard(column, text)):
            self._warning(
                row, column, text, f"Read as {value!r}.", "Write it like that if it is what you mean."
            )
        if column.kind == "identifier" and not identifiers.known(value):
            self._scheme(row, column, value)
        if found := cells.doubt(column, value):
            self._warning(row, column, text, *found)
        return value

    def _scheme(self, row: Row, column: Column, value: str) -> None:
        """Tell once of a scheme that nobody here knows."""
        scheme = value.partition(":")[0]
        if not self._heard(column, f"{scheme}:"):
            message = (
                f"The scheme {scheme!r} is not known here: its values are kept unchecked, and join nobody."
            )
            advice = f"Use one of these, if one is meant: {', '.join(SCHEMES['identifier-scheme'])}."
            self._warning(row, column, value, message, advice)

    def _heard(self, column: Column, text: str) -> bool:
        """Return whether a spelling was told of already: a name of a country is, and a scheme of identifiers, once."""
        heard = (column.name, text) in self.spelled
        self.spelled.add((column.name, text))
        return heard

    def _subject(self, row: Row, column: Column, text: str) -> str:
        """Return the IRI of an actor or, where no actor has this id, of a country or region."""
        if text in self.references.ids["actors"] or "/" in text:
            return self.references.find(text, "actors")
        try:
            code = cells.place(text)
        except cells.CellError:
            if cells.looks_like_region(text) and text.isupper():
                raise
            return self.references.find(text, "actors")
        if code != text:
            self._warning(
                row, column, text, f"Read as {code!r}.", "Write it like that if it is what you mean."
            )
        return resources.place(code, self.names).iri

    def _product(self, row: Row, column: Column, text: str) -> str:
        if text in self.references.ids["products"]:
            return self.names.record(self.dataset, "product", text)
        if text.startswith(("http://", "https://")):
            return self.references.find(text, "products")
        if not hs.meant(text):
            self._warning(
                row,
                column,
                text,
                "This product is text: it is matched within this dataset only.",
                "Give HS digits.",
            )
            iri = self.names.record(self.dataset, "product", text)
            self.texts.setdefault(iri, Record(TABLES["products"], iri, row.where, {"name": (text,)}))
            return iri
        code = hs.read(text)
        if code != text:
            self._warning(row, column, text, f"Read as HS {code!r}.", "Write 2, 4 or 6 digits.")
        if not hs.known(code):
            self._warning(row, column, text, *cells.NO_HEADING)
        return self.names.hs(code)

    def _iri(self, table: Table, row: Row, values: dict[str, tuple[str, ...]]) -> str:
        local = row.cells.get("id")
        if not table.segment:
            return self.names.actor(self.dataset, local or "")
        if not local:
            local = digest(f"{name}={'|'.join(values[name])}" for name in sorted(values))
        return self.names.record(self.dataset, table.segment, local)

    def _error(self, row: Row, column: Column, value: object, message: str, advice: str) -> None:
        if found := characters.unseen(str(value or "")):
            message = f"{message} The cell holds {found}, which is not seen."
        self.report.add("error", row.where, message, advice, column=column.name, value=value)

    def _warning(self, row: Row, column: Column, value: object, message: str, advice: str) -> None:
        self.report.add("warning", row.where, message, advice, column=column.name, value=value)
