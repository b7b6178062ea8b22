"""Ownership and control (BODS): entities as actors, interests as ownership links, and no persons."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from opentier.graph.contribution.adapters.documents import Documents, Record, day, local
from opentier.graph.contribution.foreign import Source
from opentier.graph.intake import trees
from opentier.graph.intake.trees import Tree

_CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z])")
#: Types of 0.2 and 0.3, by what 0.4 calls them.
_TYPES = {
    "entityStatement": "entity", "personStatement": "person", "ownershipOrControlStatement": "relationship",
}  # fmt: skip

#: An arrangement that goes by the names of the people in it.
_NOMINATION, _NAMES = "nomination", ("name", "alternateNames")
_PERSON = "A statement on a person: no person is held."


@dataclass(frozen=True)
class Statement:
    """One statement, in the terms of 0.4: what it is about, what it says of it, and which statements it replaces."""

    record: Record
    kind: str
    id: str
    about: str
    date: str
    closed: bool
    details: Tree
    replaces: tuple[str, ...]


class Ownership:
    """The statements of one contribution, by what they are about."""

    def __init__(self, source: Source) -> None:
        self.source, self.documents = source, Documents(source)
        self.newest: dict[str, Statement] = {}
        self.replaced: dict[str, str] = {}
        self.persons: dict[str, str] = {}
        self.unknown: dict[str, str] = {}
        self.actors: set[str] = set()
        self.kept: list[object] = []

    def read(self) -> None:
        """Read all statements; of those on one record the newest is kept."""
        stated: dict[str, set[str]] = {"licence": set(), "publisher": set()}
        for path in self.documents.paths():
            self.kept = []
            for record in self.documents.records(path, lambda document: [document]):
                statement = self._statement(record)
                if statement is None:
                    continue
                stated["licence"].update(record.texts("publicationDetails", "license"))
                stated["publisher"].update(record.texts("publicationDetails", "publisher", "name"))
                self._keep(statement)
            self.documents.keep(path, self.kept)
        self.documents.says(**{name: said.pop() for name, said in stated.items() if len(said) == 1})

    def emit(self) -> None:
        """Emit actors, then the links between them."""
        held = [each for each in self.newest.values() if each.about not in self.replaced]
        for statement in (each for each in self.newest.values() if each.about in self.replaced):
            self._older(statement)
        for statement in held:
            if statement.kind == "person":
                self._person(statement)
        for statement in held:
            if statement.kind == "entity":
                self._entity(statement)
        for statement in held:
            if statement.kind == "relationship":
                self._relationship(statement)

    def _statement(self, record: Record) -> Statement | None:
        old = record.text("statementType")
        kind = _TYPES.get(old, "") if old else record.text("recordType")
        version = record.text("publicationDetails", "bodsVersion")
        if version and version not in self.source.spec["versions"]:
            if self.documents.once("version", version):
                read = ", ".join(self.source.spec["versions"])
                message, advice = (
                    f"Statements of BODS {version[:20]!r} are not read.",
                    f"Those of {read} are.",
                )
                self.documents.report.add(
                    "error", record.where, message, advice, column="/publicationDetails/bodsVersion"
                )
            return None
        if kind not in _TYPES.values():
            column = "/statementType" if old else "/recordType"
            self._refuse(
                record, "This is no statement on an entity, a person or a relationship.", column=column
            )
            return None
        id = record.text("statementID" if old else "statementId")
        about = id if old else record.text("recordId")
        if not id or not about:
            self._refuse(record, "The statement has no id.", column="/statementID" if old else "/statementId")
            return None
        if not self.documents.known(record, old or kind):
            return None
        self.kept.append(self._read_of(record, old or kind))
        return Statement(
            record,
            kind,
            id,
            about,
            record.text("statementDate"),
            record.text("recordStatus") == "closed",
            record if old else record.at("recordDetails"),
            tuple(record.texts("replacesStatements")),
        )

    def _read_of(self, record: Record, kind: str) -> object:
        """Return what is read of a statement: that is all that is kept of it."""
        said = self.documents.only(record.value, kind)
        named_by_people = _NOMINATION in Tree(said).texts("recordDetails", "entityType", "subtype")
        return trees.without(said, _NAMES) if named_by_people else said

    def _keep(self, statement: Statement) -> None:
        self.replaced.update(dict.fromkeys(statement.replaces, statement.about))
        other = self.newest.get(statement.about)
        if other is None:
            self.newest[statement.about] = statement
        elif other.id == statement.id:
            self._refuse(statement.record, "This statement comes twice: the first is kept.")
        elif statement.date >= other.date:
            self.newest[statement.about] = statement
            self._older(other)
        else:
            self._older(statement)

    def _older(self, statement: Statement) -> None:
        newer = "A newer statement on the same record is read in its place."
        self._refuse(statement.record, _PERSON if statement.kind == "person" else newer)

    def _current(self, about: str) -> str:
        """Return what is read in the place of a statement of 0.2 or 0.3, if others replace it."""
        seen = set()
        while about in self.replaced and about not in seen:
            seen.add(about)
            about = self.replaced[about]
        return about

    def _person(self, statement: Statement) -> None:
        kind = statement.details.text("personType")
        self.persons[statement.about] = (
            self.source.lookup("persons", kind) or self.source.spec["lookups"]["persons"]["knownPerson"]
        )
        self._refuse(statement.record, _PERSON)

    def _entity(self, statement: Statement) -> None:
        said, record = statement.details, statement.record
        printed = said.text("entityType", "type") or said.text("entityType")
        kind = self.source.lookup("kinds", printed)
        if kind is None:
            self._refuse(record, "This type of entity is not known.", column="entityType", value=printed)
            return
        if not kind:
            self.unknown[statement.about] = self._reason(
                record, said.text("unspecifiedEntityDetails", "reason")
            )
            message = "The source does not say who this entity is: what it owns has no owner here."
            self._refuse(record, message, column="entityType", value=printed)
            return
        identified = self.documents.identified(record.where, self._identifiers(said))
        name, notes = said.text("name"), [identified["note"]]
        if said.text("entityType", "subtype") == _NOMINATION:
            name = f"Nomination {statement.about}"
            message, advice = (
                "The name of a nomination names people: it is not held.",
                "Its record's id stands for it.",
            )
            self.source.warn(record.where, message, advice)
        if not name:
            name = identified["identifiers"].replace("|", ", ") or identified["note"]
        if not name:
            self._refuse(record, "The entity has neither a name nor an identifier.")
            return
        if statement.closed:
            notes.append(f"The source closed its record on {day(statement.date)}.")
        address = self._address(said)
        where = said.text("jurisdiction", "code") or said.text("incorporatedInJurisdiction", "code")
        country, region = (where[:2], where) if "-" in where else (where, "")
        if not country:
            country = (
                address.text("country", "code")
                or address.text("country")
                or said.text("jurisdiction", "name")
            )
        id = local(statement.about)
        self.actors.add(statement.about)
        self.source.emit(
            "actors",
            record.where,
            id=id,
            name=name,
            kind=kind,
            address=address.text("address"),
            also_known_as="|".join(said.texts("alternateNames")),
            source=statement.id,
            **self.documents.place(record.where, country, region),
            **{**identified, "note": " ".join(filter(None, notes))},
        )
        if ended := day(said.text("dissolutionDate")):
            self.source.emit("organisation_changes", record.where, kind="dissolved", before=id, date=ended)

    def _address(self, said: Tree) -> Tree:
        """Return the registered address, or the first."""
        found = said.each("addresses")
        registered = [address for address in found if address.text("type") == "registered"]
        return next(iter(registered or found), Tree(None))

    def _identifiers(self, said: Tree) -> Iterator[tuple[str, str]]:
        for each in said.each("identifiers"):
            scheme = each.text("scheme") or each.text("schemeName")
            if scheme and each.text("id"):
                yield self.source.lookup("schemes", scheme) or scheme, each.text("id")

    def _relationship(self, statement: Statement) -> None:
        said, record = statement.details, statement.record
        asset = self._current(said.text("subject", "describedByEntityStatement") or said.text("subject"))
        if asset not in self.actors:
            self._refuse(record, "Whom it is about is no entity that is read here.", column="subject")
            return
        owner = self._owner(statement)
        if owner is None:
            self._refuse(record, "The owner's record is not part of the file.", column="interestedParty")
            return
        for interest in said.each("interests") or [Tree({}, f"{said.pointer}/interests")]:
            self._interest(statement, local(asset), owner, interest)

    def _owner(self, statement: Statement) -> dict[str, str] | None:
        """Return the cells of who owns: an actor, or the reason why none is held; None where it is not in the file."""
        party = statement.details.at("interestedParty")
        id = self._current(
            party.text()
            or party.text("describedByEntityStatement")
            or party.text("describedByPersonStatement")
        )
        if id in self.actors:
            return {"owner": local(id)}
        if id:
            reason = self.persons.get(id) or self.unknown.get(id)
            return {"unspecified_reason": reason} if reason else None
        code = party.text("reason") or party.text("unspecified", "reason")
        return {"unspecified_reason": self._reason(statement.record, code)}

    def _interest(self, statement: Statement, asset: str, owner: dict[str, str], said: Tree) -> None:
        printed, record = said.text("type"), statement.record
        code = self.source.lookup("interests", _dashed(printed)) if printed else ""
        level = said.text("directOrIndirect") or said.text("interestLevel")
        direct = self.source.lookup("direct", level) if level else ""
        for name, value, found in (("type", printed, code), ("directOrIndirect", level, direct)):
            if found is None:
                message = f"This {name} of an interest is not known."
                self._refuse(record, message, column=f"{said.pointer}/{name}", value=value)
                return
        end = day(said.text("endDate"))
        if statement.closed and not end and (end := day(statement.date)):
            message = "The record is closed, and no day is said on which the interest ended."
            advice = f"It is read to have ended by the day of the statement, {end}."
            self.source.warn(record.where, message, advice, column=f"{said.pointer}/endDate")
        notes = [f"Interest as printed: {printed}." if code == "other" else ""]
        if statement.details.text("isComponent") == "true":
            notes.append("One of the links of which an indirect one consists.")
        share = said.at("share")
        self.source.emit(
            "ownership_links",
            record.where,
            asset=asset,
            interest=str(code),
            direct=str(direct),
            share_exact=share.text("exact"),
            share_minimum=share.text("minimum") or share.text("exclusiveMinimum"),
            share_maximum=share.text("maximum") or share.text("exclusiveMaximum"),
            start_date=day(said.text("startDate")),
            end_date=end,
            source=statement.id,
            note=" ".join(filter(None, notes)),
            **owner,
        )

    def _reason(self, record: Record, code: str) -> str:
        """Return why an owner is not said, in words."""
        found = self.source.lookup("reasons", _dashed(code)) if code else None
        if code and found is None:
            advice = "It is read as one that the source does not say."
            self.source.warn(record.where, "This reason is not known.", advice, column="reason", value=code)
        return str(found or self.source.spec["lookups"]["reasons"]["unknown"])

    def _refuse(
        self, record: Record, message: str, *, advice: str = "It is left out.", column: str | None = None,
        value: object = None,
    ) -> None:  # fmt: skip
        self.source.refuse(record.where, message, advice, column=column, value=value)


def convert(source: Source) -> None:
    """Emit entities as actors and interests as ownership links."""
    ownership = Ownership(source)
    ownership.read()
    ownership.emit()


def _dashed(code: str) -> str:
    return _CAPITAL.sub("-", code).lower()
