"""BODS: a JSON list of statements, each entity before the relationships that name it.

An actor that is no place is an entity; an ownership link is a relationship of one interest. Statements of one version
have one date, that of the version, and their ids are made of it and of the record.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TextIO

from opentier.graph.model import resources
from opentier.graph.model.names import digest
from opentier.graph.standards.documents import Json, is_address, is_day, listed, number, put
from opentier.graph.standards.source import PLACES, Said, Source

_VERSION = "0.4"
#: What BODS says where nobody knows more than that there is an owner.
_UNKNOWN = "informationUnknownToPublisher"
#: Signs of a code of a country or of a part of one.
_COUNTRY, _REGION = 2, 6


def write(source: Source, file: TextIO) -> None:
    """Write all statements, each on a line."""
    listed(file, _Statements(source).all())
    file.write("\n")


class _Statements:
    """The statements of one version."""

    def __init__(self, source: Source) -> None:
        self.source, self.lookups, about = source, source.form.lookups, source.about
        self.entities: set[str] = set()
        publisher: Json = {"name": about.publisher or f"Whoever publishes {about.dataset}"}
        if is_address(about.homepage):
            publisher["url"] = about.homepage
        licence = about.licence_url or f"{about.iri}#licence"
        self.published: Json = {"publicationDate": about.day, "bodsVersion": _VERSION, "license": licence}
        self.published["publisher"] = publisher

    def all(self) -> Iterator[Json]:
        """Yield the statements: entities, then relationships."""
        ended = {
            said.one("before"): said.one("date")
            for said in self.source.each("organisation_changes", "kind", "before", "after", "date")
            if self._dissolved(said)
        }
        for said in self.source.told("actors"):
            if said.one("kind") in PLACES:
                self.source.leave("actors", "place")
            else:
                self.entities.add(said.iri)
                yield self._entity(said, ended.get(said.iri, ""))
        for said in self.source.told("organisation_changes"):
            if not self._dissolved(said) or said.one("before") not in self.entities:
                self.source.leave("organisation_changes", "kind")
        for said in self.source.told("ownership_links"):
            if said.one("asset") in self.entities:
                yield self._relationship(said)
            else:
                self.source.leave("ownership_links", "asset")

    def _dissolved(self, said: Said) -> bool:
        """Return whether a change is all said by the day on which an organisation was dissolved."""
        whole = len(said.all("before")) == 1 and not said.all("after") and is_day(said.one("date"))
        return whole and said.one("kind") == "dissolved"

    def _statement(self, table: str, said: Said, kind: str, subject: str) -> Json:
        """Return a statement without the details of its record."""
        about, names = self.source.about, self.source.names
        made: Json = {
            "statementId": "".join(digest([part, about.iri, said.iri]) for part in ("a", "b", "c")),
            "statementDate": about.day,
            "declarationSubject": names.id(subject),
            "recordId": names.id(said.iri),
            "recordType": kind,
            "recordStatus": "new",
            "publicationDetails": self.published,
            "source": {"type": ["thirdParty"], "url": about.iri},
            "recordDetails": {"isComponent": False},
        }
        if text := said.one("source"):
            made["source"] |= {"url": text} if is_address(text) else {"description": text}
        if self._day(table, said, "retrieved"):
            made["source"]["retrievedAt"] = said.one("retrieved")
        if note := said.one("note"):
            made["annotations"] = [
                {"statementPointerTarget": "/recordDetails", "motivation": "commenting", "description": note}
            ]
        return made

    def _day(self, table: str, said: Said, column: str) -> str:
        """Return a date that is precise to the day; another one is counted."""
        date = said.one(column)
        if date and not is_day(date):
            self.source.lose(table, column)
            return ""
        return date

    def _entity(self, said: Said, ended: str) -> Json:
        made = self._statement("actors", said, "entity", said.iri)
        kind = said.one("kind")
        details = made["recordDetails"]
        details["entityType"] = {"type": self.lookups["types"].get(kind, "legalEntity")}
        if kind not in ("legal-entity", "public-body"):
            self.source.lose("actors", "kind")
            details["entityType"] |= {"details": kind} if kind else {}
        put(made, "recordDetails/name", said.one("name"))
        if names := said.all("also_known_as"):
            put(made, "recordDetails/alternateNames[]", *names)
        self._place(made, said)
        for text in said.all("identifiers"):
            put(made, "recordDetails/identifiers[]", self._identifier(text))
        if is_address(said.iri):
            details["uri"] = said.iri
        if ended:
            details["dissolutionDate"] = ended
        return made

    def _place(self, made: Json, said: Said) -> None:
        """Say where an actor is: under which law, and at which address."""
        country, region = said.one("country"), said.one("region")
        jurisdiction, nation = (self._named(code) for code in (region or country, country))
        if region and not (_COUNTRY < len(region) <= _REGION and region.startswith(f"{country}-")):
            self.source.lose("actors", "region")
            jurisdiction = nation
        if jurisdiction:
            made["recordDetails"]["jurisdiction"] = jurisdiction
        if said.one("address"):
            address: Json = {"type": "registered", "address": said.one("address")}
            put(made, "recordDetails/addresses[]", address | ({"country": nation} if nation else {}))

    def _named(self, code: str) -> Json | None:
        """Return a country, or a part of one, by its code."""
        return {"name": resources.place(code, self.source.names).label, "code": code} if code else None

    def _identifier(self, text: str) -> Json:
        scheme, _, value = text.partition(":")
        known = self.lookups["schemes"].get(scheme)
        return {"id": value} | ({"scheme": known} if known else {"schemeName": scheme})

    def _relationship(self, said: Said) -> Json:
        table, names = "ownership_links", self.source.names
        made = self._statement(table, said, "relationship", said.one("asset"))
        details = made["recordDetails"]
        details["subject"] = names.id(said.one("asset"))
        owner = said.one("owner")
        if owner in self.entities:
            details["interestedParty"] = names.id(owner)
        else:
            if owner:
                self.source.lose(table, "owner")
            reason = said.one("unspecified_reason") or f"The owner is {names.id(owner)}."
            details["interestedParty"] = {"reason": _UNKNOWN, "description": reason}
        details["interests"] = [self._interest(said)]
        return made

    def _interest(self, said: Said) -> Json:
        table, direct = "ownership_links", said.one("direct")
        made: Json = {"type": self.lookups["interests"].get(said.one("interest"), "unknownInterest")}
        made["directOrIndirect"] = {"true": "direct", "false": "indirect"}.get(direct, "unknown")
        exact, least, most = (said.one(f"share_{name}") for name in ("exact", "minimum", "maximum"))
        bounds = {name: text for name, text in (("minimum", least), ("maximum", most)) if text}
        if not exact and least and most and number(least) == number(most):
            exact, bounds = least, {}
        elif exact:
            for name in bounds:
                self.source.lose(table, f"share_{name}")
            bounds = {}
        share = {"exact": number(exact)} if exact else {name: number(text) for name, text in bounds.items()}
        if share:
            made["share"] = share
        start, end = self._day(table, said, "start_date"), self._day(table, said, "end_date")
        if start and end and end < start:
            self.source.lose(table, "end_date")
            end = ""
        return made | {name: day for name, day in (("startDate", start), ("endDate", end)) if day}
