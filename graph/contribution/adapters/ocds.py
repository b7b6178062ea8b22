"""Public contracts (OCDS 1.1): awards as supply links from suppliers to buyers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from opentier.graph.contribution.adapters.documents import Documents, Record, day, local
from opentier.graph.contribution.foreign import Source, slug
from opentier.graph.intake.trees import Tree
from opentier.graph.model.cells import CellError, currency
from opentier.graph.report.report import Where

#: Classifications that a note names; what stands for a party that is not held.
_NAMED, _WITHHELD = 5, "withheld"


@dataclass
class Process:
    """What the releases of one contracting process say: the newest of each part, and where that stands."""

    wheres: list[Where] = field(default_factory=list)
    date: str = ""
    buyer: Tree = field(default_factory=lambda: Tree(None))
    entity: Tree = field(default_factory=lambda: Tree(None))
    parties: dict[str, Tree] = field(default_factory=dict)
    awards: dict[str, tuple[Where, Tree]] = field(default_factory=dict)
    held: set[str] = field(default_factory=set)
    contracts: dict[str, Tree] = field(default_factory=dict)


@dataclass(frozen=True)
class Problem:
    """Why an award, or one of its suppliers, is left out."""

    where: Where
    message: str
    column: str
    value: str = ""


class Contracts:
    """The releases of one contribution, by process."""

    def __init__(self, source: Source) -> None:
        self.source, self.documents = source, Documents(source)
        self.processes: dict[str, Process] = {}
        self.files: dict[Path, list[Record]] = {}
        self.stated: dict[str, set[str]] = {"licence": set(), "publisher": set()}

    def read(self) -> None:
        """Read all releases, the older ones first."""
        found: list[Record] = []
        for path in self.documents.paths():
            self.files[path] = []
            for record in self.documents.records(path, self._picked):
                if record.text("url") and not record.text("ocid"):
                    self._refuse(
                        record.where,
                        "The release stands elsewhere.",
                        "Contribute the release, or a record with it compiled.",
                    )
                elif not record.text("ocid"):
                    self._refuse(record.where, "The release names no process.", "It needs an ocid.", "/ocid")
                elif self.documents.known(record, "release"):
                    found.append(record)
                    self.files[path].append(record)
        for record in sorted(found, key=lambda each: each.text("date")):
            self._release(record)
        self.documents.says(**{name: said.pop() for name, said in self.stated.items() if len(said) == 1})

    def emit(self) -> None:
        """Emit the awards of every process; what says nothing is left out, with the reason."""
        for ocid, process in self.processes.items():
            problems: list[Problem] = []
            links = 0
            for award in process.awards:
                links += self._award(ocid, process, award, problems)
            for problem in problems:
                told = self.source.warn if links else self.source.refuse
                message, value = problem.message, problem.value or None
                told(problem.where, message, "It is left out.", column=problem.column, value=value)
            for where in [] if links else sorted({*process.wheres} - {each.where for each in problems}):
                self._refuse(where, "The release holds no award.", "It is left out.")
        for path, records in self.files.items():
            self.documents.keep(path, (self._without_persons(record) for record in records))

    def _picked(self, document: Record) -> Iterable[Tree]:
        """Return the releases of a document: those of a package, the compiled ones of records, or itself."""
        if "ocid" in document.value:
            return self._of_record(document)
        if not {"releases", "records"} & set(document.value):
            self.documents.stranger(document, "neither releases nor records of OCDS")
            return []
        version = document.text("version")
        if version not in self.source.spec["versions"]:
            read = ", ".join(self.source.spec["versions"])
            self.documents.stranger(document, f"OCDS {version[:20] or '1.0'!r}; {read} is read")
            return []
        self.documents.known(document, "package")
        self.stated["licence"].update(document.texts("license"))
        self.stated["publisher"].update(document.texts("publisher", "name"))
        self.source.edition = max(self.source.edition, day(document.text("publishedDate")))
        records = (each for record in document.each("records") for each in self._of_record(record))
        return [*document.each("releases"), *records]

    def _of_record(self, record: Tree) -> Sequence[Tree]:
        """Return the compiled release of a record, or its releases; of what is no record itself."""
        if not isinstance(record.value, dict) or not {"releases", "compiledRelease"} & set(record.value):
            return [record]
        return record.each("compiledRelease") or record.each("releases")

    def _release(self, record: Record) -> None:
        process = self.processes.setdefault(record.text("ocid"), Process())
        process.wheres.append(record.where)
        process.date = day(record.text("date")) or process.date
        for name, found in (
            ("buyer", record.at("buyer")),
            ("entity", record.at("tender", "procuringEntity")),
        ):
            if found.value is not None:
                setattr(process, name, found)
        process.parties.update({each.text("id"): each for each in record.each("parties")})
        for each in record.each("awards"):
            _, before = process.awards.get(each.text("id"), (record.where, each))
            process.awards[each.text("id")] = (record.where, _merged(before, each))
        for each in record.each("contracts"):
            process.contracts[each.text("id")] = _merged(process.contracts.get(each.text("id"), each), each)

    def _without_persons(self, record: Record) -> Any:
        """Return what is read of a release, and of its parties those that are held."""
        said, held = self.documents.only(record.value, "release"), self.processes[record.text("ocid")].held
        for party in [
            *_objects(said, "buyer"),
            *_objects(said, "tender", "procuringEntity"),
            *_objects(said, "awards", "suppliers"),
        ]:
            if Tree(party).text("id") not in held:
                party.clear()
                party["id"] = _WITHHELD
        said["parties"] = [party for party in _objects(said, "parties") if Tree(party).text("id") in held]
        return said

    def _award(self, ocid: str, process: Process, id: str, problems: list[Problem]) -> int:
        """Emit the links of an award, and return how many; what is wrong with it goes into `problems`."""
        where, award = process.awards[id]
        if problem := self._void(process, id, where, award):
            problems.append(problem)
            return 0
        reference = process.buyer if process.buyer.value is not None else process.entity
        buyer = self._party(process, where, reference)
        if not buyer:
            problems.append(Problem(where, "No buyer is named that can be held.", "/buyer"))
            return 0
        if process.buyer.value is None and self.documents.once("entity", ocid):
            message = "No buyer is named: the procuring entity is taken."
            self.source.warn(where, message, "Name the buyer, if it is another.", column="/buyer")
        suppliers = []
        for each in award.each("suppliers"):
            if supplier := self._party(process, where, each):
                suppliers.append(supplier)
            else:
                message = "A supplier is a natural person, or has no name: no person is held."
                problems.append(Problem(where, message, each.pointer))
        if not award.each("suppliers"):
            problems.append(Problem(where, "The award names no supplier.", f"{award.pointer}/suppliers"))
        alone = len(award.each("suppliers")) == 1
        worth, note = self._value(where, award, alone)
        said = self._said(process, id, award)
        for supplier in dict.fromkeys(suppliers):
            cells = {**said, **worth, "note": " ".join(filter(None, (note, said["note"])))}
            source = f"{ocid}, award {id}"
            self.source.emit("supply_links", where, buyer=buyer, supplier=supplier, source=source, **cells)
        return len(suppliers)

    def _void(self, process: Process, id: str, where: Where, award: Tree) -> Problem | None:
        """Return why an award is not in force, or None where it is."""
        contracts = [each.text("status") for each in process.contracts.values() if each.text("awardID") == id]
        for column, status in (
            (f"{award.pointer}/status", award.text("status")),
            *(("/contracts", each) for each in contracts),
        ):
            if status and self.source.lookup("statuses", status) is None:
                return Problem(where, "This status is not known.", column, status)
        status = award.text("status")
        if status and not self.source.lookup("statuses", status):
            return Problem(where, "The award is not in force.", f"{award.pointer}/status", status)
        if contracts and set(contracts) == {"cancelled"}:
            return Problem(where, "All contracts of the award are cancelled.", "/contracts", "cancelled")
        return None

    def _party(self, process: Process, where: Where, reference: Tree) -> str:
        """Return the id of an organisation, which is emitted; nothing where it is a person, or has no name."""
        party = process.parties.get(reference.text("id"), reference)
        name = party.text("name") or party.text("identifier", "legalName") or reference.text("name")
        numbers = [*_identifiers(party), *_identifiers(reference)]
        if not name or self._is_person(party, numbers):
            return ""
        process.held.add(reference.text("id"))
        address = party.at("address")
        place = self.documents.place(where, address.text("country") or address.text("countryName"), "")
        if numbers:
            scheme, number = numbers[0]
            id = local(f"{slug(scheme)}-{number}")
        else:
            id = local("-".join(filter(None, (slug(name), place["country"].lower()))) or name)
        town = " ".join(filter(None, (address.text("postalCode"), address.text("locality"))))
        parts = (address.text("streetAddress"), town, address.text("region"))
        self.source.emit(
            "actors",
            where,
            id=id,
            name=name,
            kind="organisation",
            address=", ".join(filter(None, parts)),
            country=place["country"],
            **self.documents.identified(where, numbers),
        )
        return id

    def _is_person(self, party: Tree, numbers: Iterable[tuple[str, str]]) -> bool:
        patterns = self.source.spec["persons"]
        return party.text("details", "scale") == "selfEmployed" or any(
            re.fullmatch(pattern, f"{scheme}:{number}") for scheme, number in numbers for pattern in patterns
        )

    def _value(self, where: Where, award: Tree, alone: bool) -> tuple[dict[str, str], str]:
        """Return the cells of an award's value, and a note where it is that of several suppliers."""
        amount, unit = award.text("value", "amount"), award.text("value", "currency")
        if not amount:
            return {}, ""
        try:
            number, code = Decimal(amount), currency(unit)
            if not number.is_finite() or number < 0 or number.adjusted() > 30:
                raise InvalidOperation
        except (InvalidOperation, CellError):
            message, advice = (
                "This is no value: it is left out.",
                "Give an amount of at least 0, and a currency.",
            )
            self.source.warn(
                where, message, advice, column=f"{award.pointer}/value", value=f"{amount} {unit}"
            )
            return {}, ""
        worth = f"{number.normalize():f}"
        if alone:
            return {"value": worth, "currency": code}, ""
        return {}, f"The award is worth {worth} {code} for all its suppliers together."

    def _said(self, process: Process, id: str, award: Tree) -> dict[str, str]:
        """Return the cells of an award's days and goods."""
        period = award.at("contractPeriod")
        contracts = [each.at("period") for each in process.contracts.values() if each.text("awardID") == id]
        start, end = (
            day(next(filter(None, (each.text(name) for each in (period, *contracts))), ""))
            for name in ("startDate", "endDate")
        )
        goods = dict.fromkeys(
            (each.text("scheme"), each.text("id"))
            for each in award.each("items", "classification")
            if each.text("id")
        )
        headings = [code for scheme, code in goods if scheme == "HS"]
        other = [f"{scheme} {code}".strip() for scheme, code in goods if scheme != "HS" or len(headings) > 1]
        more = ", ..." if len(other) > _NAMED else ""
        return {
            "observed_date": day(award.text("date")) or process.date,
            "start_date": start,
            "end_date": end,
            "product": headings[0] if len(headings) == 1 else "",
            "note": f"Classified as {', '.join(other[:_NAMED])}{more}." if other else "",
        }

    def _refuse(self, where: Where, message: str, advice: str, column: str | None = None) -> None:
        self.source.refuse(where, message, advice, column=column)


def convert(source: Source) -> None:
    """Emit buyers, suppliers, and who supplies whom."""
    contracts = Contracts(source)
    contracts.read()
    contracts.emit()


def _objects(value: Any, *names: str) -> list[dict[str, Any]]:
    """Return the objects at a path."""
    return [each.value for each in Tree(value).each(*names) if isinstance(each.value, dict)]


def _identifiers(party: Tree) -> Iterator[tuple[str, str]]:
    for name in ("identifier", "additionalIdentifiers"):
        for each in party.each(name):
            if each.text("scheme") and each.text("id"):
                yield each.text("scheme"), each.text("id")


def _merged(before: Tree, after: Tree) -> Tree:
    """Return what a later release says of a thing, and what an earlier one said where the later says nothing."""
    if not isinstance(before.value, dict) or not isinstance(after.value, dict):
        return after
    return Tree(
        {**before.value, **{name: value for name, value in after.value.items() if value is not None}},
        after.pointer,
    )
