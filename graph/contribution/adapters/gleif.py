"""Legal entities and who consolidates them (GLEIF): actors of level 1, ownership links of level 2."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from opentier.graph.contribution.adapters.documents import Documents, Record, day, head
from opentier.graph.contribution.foreign import Source
from opentier.graph.intake.trees import Tree
from opentier.graph.report.report import Where

_ENTITIES, _RELATIONS, _EXCEPTIONS = (
    ("LEIRecord", "lei-records"), ("RelationshipRecord", "relationship-records"), ("Exception", "reporting-exceptions"),
)  # fmt: skip
#: By which property a record of a golden copy is known.
_KNOWN_BY = {"Entity": "LEIRecord", "Relationship": "RelationshipRecord", "ExceptionCategory": "Exception"}
_LISTS = ("records", "relations", "exceptions", "data")
_HEADERS = ("LEIHeader", "Header")
_SOLE = "SOLE_PROPRIETOR"
_PERSON = "The owner is a sole proprietor, who is a natural person, and no person is held."


class Index:
    """The records of one contribution: entities are emitted as they come, relations when all entities are known."""

    def __init__(self, source: Source) -> None:
        self.source, self.documents = source, Documents(source)
        self.persons: set[str] = set()
        self.actors: set[str] = set()
        self.named: dict[str, tuple[Where, str]] = {}
        self.later: list[tuple[Record, str]] = []

    def read(self) -> None:
        """Read all files; emit the entities."""
        for path in self.documents.paths():
            persons = len(self.persons)
            for record, kind in self._records(path):
                if not kind:
                    self._refuse(record, "This is no record of GLEIF that is known.")
                elif self.documents.known(record, kind):
                    if kind in _ENTITIES:
                        self._entity(record, kind)
                    else:
                        self.later.append((record, kind))
            if len(self.persons) > persons:
                self.documents.keep(path, self._without_persons(path))

    def _records(self, path: Path) -> Iterator[tuple[Record, str]]:
        first = head(path)
        if first.startswith(b"<"):
            yield from self._xml(path)
        elif first.startswith((b"{", b"[")):
            yield from ((record, self._kind(record)) for record in self.documents.records(path, self._picked))
        else:
            yield from self._csv(path)

    def _without_persons(self, path: Path) -> Iterator[Any]:
        """Yield what is read of the records of a file; of a person only that it is one."""
        for record, kind in self._records(path):
            if not kind:
                continue
            if kind in _ENTITIES and self._one(record, kind, "lei") in self.persons:
                yield {"LEI": self._one(record, kind, "lei"), "Entity": {"EntityCategory": _SOLE}}
            else:
                yield self.documents.only(record.value, kind)

    def emit(self) -> None:
        """Emit relations and exceptions, then the actors that only they name."""
        for record, kind in self.later:
            if kind in _RELATIONS:
                self._relation(record, kind)
            else:
                self._exception(record, kind)
        only = {lei: said for lei, said in self.named.items() if lei not in self.actors | self.persons}
        for lei, (where, name) in only.items():
            identifier = self.documents.valid("lei", lei)
            self.source.emit("actors", where, id=lei, name=name or f"LEI {lei}", identifiers=identifier)
        if only:
            message = f"{len(only):,} actors are known by their LEI alone."
            advice = "Contribute level 1 too, in one folder or as another dataset: actors of one LEI are one."
            self.source.report.add("info", Where(self.source.path.name), message, advice)

    def _xml(self, path: Path) -> Iterator[tuple[Record, str]]:
        count, kinds = 0, {kind for kind, _ in (_ENTITIES, _RELATIONS, _EXCEPTIONS)}
        for name, value in self.documents.elements(path, {*kinds, *_HEADERS}):
            if name in _HEADERS:
                self._dated(Tree(value).text("ContentDate"))
            elif name != "Exception" or Tree(value).text("LEI"):
                count += 1
                yield self.documents.record(path, value, count), name
        self.documents.expect(path, count)

    def _csv(self, path: Path) -> Iterator[tuple[Record, str]]:
        """Yield a record for each row: a column's name is a path with points, in which numbers count items."""
        rows = self.documents.rows(path)
        header = next(rows, None)
        if header is None:
            return
        kind = self._kind(header) or ("Exception" if header.at("Exception", "Category").value else "")
        if not kind:
            self.documents.stranger(header, "no columns of a golden copy")
            return
        if self.documents.known(header, kind):
            yield from ((record, kind) for record in rows)

    def _picked(self, document: Record) -> Iterable[Tree]:
        """Return the records of a document of JSON, or the document where it is one itself."""
        if self._kind(document):
            return [document]
        if not any(name in document.value for name in _LISTS):
            self.documents.stranger(
                document, "neither records of a golden copy nor an answer of the GLEIF API"
            )
            return []
        self.documents.known(document, "document")
        self._dated(document.text("meta", "goldenCopy", "publishDate"))
        return [each for name in _LISTS for each in document.each(name)]

    def _kind(self, record: Record) -> str:
        kind = record.text("type")
        if kind in (_ENTITIES[1], _RELATIONS[1], _EXCEPTIONS[1]):
            return kind
        said = record.value if isinstance(record.value, dict) else {}
        return next((kind for name, kind in _KNOWN_BY.items() if name in said), "")

    def _dated(self, text: str) -> None:
        self.source.edition = max(self.source.edition, day(text))

    def _entity(self, record: Record, kind: str) -> None:
        said = {field: self.documents.said(record, kind, field) for field in self._fields(kind)}
        one = {field: next(iter(texts), "") for field, texts in said.items()}
        lei, what = one["lei"], self.source.lookup("kinds", one["category"] or "GENERAL")
        if not self._kept(record, one["registration"]):
            return
        if what is None:
            message = "This category of an entity is not known."
            self._refuse(record, message, column="EntityCategory", value=one["category"])
        elif not what:
            self.persons.add(lei)
            self._refuse(record, "A sole proprietor is a natural person: no person is held.")
        elif not self.documents.valid("lei", lei):
            self._refuse(record, "This is no valid LEI.", column="LEI", value=lei)
        elif lei in self.actors:
            self._refuse(record, "This LEI comes twice: the first is kept.", column="LEI", value=lei)
        elif not one["name"]:
            self._refuse(record, "The entity has no name.", column="LegalName")
        else:
            self.actors.add(lei)
            self._actor(record, one, said["others"], said["lines"], what)
            self._changes(record, kind, one)

    def _actor(
        self, record: Record, one: dict[str, str], others: list[str], lines: list[str], kind: str
    ) -> None:
        authority = one["authority"]
        register = self.source.lookup("authorities", authority)
        scheme = authority if register is None else register
        numbers = [("lei", one["lei"]), *([(scheme, one["number"])] if scheme and one["number"] else [])]
        identified = self.documents.identified(record.where, numbers)
        seat = ", ".join(filter(None, (one["seat_city"], one["seat_country"])))
        notes = [
            identified["note"],
            f"Under the law of {one['jurisdiction']}."
            if one["jurisdiction"] and one["jurisdiction"] not in (one["country"], one["region"]) else "",
            f"Headquarters: {seat}." if one["seat_country"] and one["seat_country"] != one["country"] else "",
            f"Inactive, as of {day(one['updated'])}." if one["status"] == "INACTIVE" else "",
            f"Status of the LEI: {one['registration']}." if one["registration"] not in ("", "ISSUED") else "",
        ]  # fmt: skip
        town = " ".join(filter(None, (one["postcode"], one["city"])))
        self.source.emit(
            "actors",
            record.where,
            id=one["lei"],
            name=one["name"],
            kind=kind,
            address=", ".join(filter(None, (*lines, town))),
            also_known_as="|".join(name.replace("|", "/") for name in others if name != one["name"]),
            identifiers=identified["identifiers"],
            note=" ".join(filter(None, notes)),
            **self.documents.place(record.where, one["country"], one["region"]),
        )

    def _changes(self, record: Record, kind: str, one: dict[str, str]) -> None:
        """Emit what an entity became, or that it is no more."""
        entity = record.at("Entity") if kind == "LEIRecord" else record.at("attributes", "entity")
        successors = {
            each.text("SuccessorLEI") or each.text("lei"): each.text("SuccessorEntityName")
            or each.text("name")
            for name in ("SuccessorEntity", "successorEntity", "successorEntities")
            for each in entity.each(name)
        }
        heirs = {lei: name for lei, name in successors.items() if lei and lei != one["lei"]}
        events = [
            *entity.each("LegalEntityEvents", "LegalEntityEvent"),
            *entity.each("eventGroups", "events"),
        ]
        found = [
            (meant, day(each.text("LegalEntityEventEffectiveDate") or each.text("effectiveDate")))
            for each in events
            if next(filter(None, map(each.text, ("@event_status", "event_status", "status"))), "")
            == "COMPLETED"
            and (
                meant := self.source.lookup("events", each.text("LegalEntityEventType") or each.text("type"))
            )
            and (meant == "dissolved") != bool(heirs)
        ]
        if not heirs and not found and one["expiry"] != "DISSOLVED":
            return
        usual = "dissolved" if not heirs else "split" if len(heirs) > 1 else "continued"
        meant, date = found[0] if len(found) == 1 else (usual, "")
        for lei, name in heirs.items():
            self.named.setdefault(lei, (record.where, name))
        cells = {
            "kind": meant,
            "before": one["lei"],
            "after": "|".join(heirs),
            "date": date or day(one["expired"]),
        }
        self.source.emit("organisation_changes", record.where, **cells)

    def _relation(self, record: Record, kind: str) -> None:
        one = {field: self._one(record, kind, field) for field in self._fields(kind)}
        if not self._kept(record, one["registration"]):
            return
        relation = self.source.lookup("relations", one["relation"])
        if relation is None:
            message = "This relation is not known."
            self._refuse(record, message, column="RelationshipType", value=one["relation"])
        elif not relation:
            message = "A relation of funds says nothing of ownership."
            self._refuse(record, message, column="RelationshipType", value=one["relation"])
        elif one["status"] not in ("ACTIVE", "INACTIVE"):
            message = "Whether this relation holds is not said."
            self._refuse(record, message, column="RelationshipStatus", value=one["status"])
        elif one["start_kind"] != "LEI" or one["end_kind"] != "LEI" or not self._asset(record, one["start"]):
            self._refuse(record, "Its ends are not two entities with an LEI.", column="NodeIDType")
        else:
            start, end = self._period(record, one)
            owner = {"unspecified_reason": _PERSON} if one["end"] in self.persons else {"owner": one["end"]}
            self.named.setdefault(one["end"], (record.where, ""))
            self.source.emit(
                "ownership_links",
                record.where,
                asset=one["start"],
                interest="controlling",
                direct=relation["direct"],
                start_date=start,
                end_date=end,
                note=relation["note"],
                **owner,
            )

    def _period(self, record: Record, one: dict[str, str]) -> tuple[str, str]:
        """Return the days from and to which a relation holds."""
        paths = (
            ("Relationship", "RelationshipPeriods", "RelationshipPeriod"), ("Relationship", "RelationshipPeriods"),
            ("Relationship", "Period"), ("attributes", "relationship", "periods"),
        )  # fmt: skip
        start = end = ""
        for period in (each for path in paths for each in record.each(*path)):
            kind = next(filter(None, map(period.text, ("PeriodType", "periodType", "type"))), "")
            if kind == "RELATIONSHIP_PERIOD":
                start = day(period.text("StartDate") or period.text("startDate"))
                end = day(period.text("EndDate") or period.text("endDate"))
        if one["status"] == "INACTIVE" and not end and (end := day(one["updated"])):
            advice = f"It is read to have ended by the day of its last update, {end}."
            message = "The relation is inactive, and no day is said on which it ended."
            self.source.warn(record.where, message, advice, column="RelationshipStatus")
        return start, end

    def _exception(self, record: Record, kind: str) -> None:
        category, lei = self._one(record, kind, "category"), self._one(record, kind, "lei")
        direct = self.source.lookup("categories", category)
        codes = self.documents.said(record, kind, "reasons")
        reasons = [self.source.lookup("reasons", code) for code in codes]
        if direct is None:
            message = "This category of an exception is not known."
            self._refuse(record, message, column="ExceptionCategory", value=category)
        elif not reasons or None in reasons:
            message, value = "This reason is not known.", ", ".join(codes)
            self._refuse(record, message, column="ExceptionReason", value=value)
        elif not self._asset(record, lei):
            self._refuse(record, "This is no entity with an LEI.", column="LEI")
        else:
            self.source.emit(
                "ownership_links",
                record.where,
                asset=lei,
                interest="controlling",
                direct=direct,
                unspecified_reason=" ".join(map(str, reasons)),
            )

    def _asset(self, record: Record, lei: str) -> bool:
        """Return whether an LEI names an entity that can be held; it is an actor then."""
        if lei in self.persons or not self.documents.valid("lei", lei):
            return False
        self.named.setdefault(lei, (record.where, ""))
        return True

    def _kept(self, record: Record, status: str) -> bool:
        kept = self.source.lookup("registrations", status or "ISSUED")
        if kept is None:
            message = "This status of a registration is not known."
        else:
            message = "The record is not valid: it is annulled, a duplicate, or not checked yet."
        if not kept:
            self._refuse(record, message, column="RegistrationStatus", value=status)
        return bool(kept)

    def _fields(self, kind: str) -> Iterable[str]:
        return list(self.source.spec["records"][kind]["fields"])

    def _one(self, record: Record, kind: str, field: str) -> str:
        return next(iter(self.documents.said(record, kind, field)), "")

    def _refuse(
        self, record: Record, message: str, *, column: str | None = None, value: object = None
    ) -> None:
        self.source.refuse(record.where, message, "It is left out.", column=column, value=value)


def convert(source: Source) -> None:
    """Emit entities as actors, and who consolidates them as ownership links."""
    index = Index(source)
    index.read()
    index.emit()
