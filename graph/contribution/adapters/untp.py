"""Credentials of a supply chain (UNTP): facilities, who runs them, what they claim, and what events say."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from opentier.graph.contribution.adapters.documents import Documents, Record, day, head, local
from opentier.graph.contribution.adapters.events import (
    Events,
    Transfer,
    amounts,
    local_day,
    pieces,
)
from opentier.graph.contribution.foreign import Source
from opentier.graph.intake.trees import Tree
from opentier.graph.report.report import Where

_FACILITY, _EVENTS = "DigitalFacilityRecord", "DigitalTraceabilityEvent"
_READ = f"{_FACILITY} and {_EVENTS} are read"
_VERSION = re.compile(r"untp/d(?:fr|te)/(\d+\.\d+|working)")
#: A credential in an envelope: its JWT as a data URL.
_ENVELOPE = re.compile(r"data:application/vc(?:-ld)?\+jwt(?:;base64)?,(.+)", re.DOTALL)
_UNVERIFIED = "No signature is verified here: what a credential says is what its issuer claims."


class Credentials:
    """The credentials of one contribution."""

    def __init__(self, source: Source) -> None:
        self.source, self.documents = source, Documents(source)
        self.events = Events(self.documents)

    def read(self) -> None:
        """Read all credentials."""
        for path in self.documents.paths():
            token = head(path).startswith(b"eyJ")
            for record in self._token(path) if token else self.documents.records(path, self._picked):
                if record.text("eventTime"):
                    self._event(record)
                else:
                    self._facility(record)
        self.events.emit()

    def _token(self, path: Path) -> Iterator[Record]:
        """Yield the records of a file that is one JWT."""
        where = Where(path.name)
        credential = self._payload(where, path.read_text("ascii", "replace"))
        subjects = [] if credential is None else self._subjects(Record(credential, where=where))
        count = 0
        for count, subject in enumerate(subjects, 1):
            yield self.documents.record(path, subject.value, count, subject.basis)
        self.documents.expect(path, count)

    def _picked(self, document: Record) -> Iterable[Record]:
        """Return the subjects of the credentials of a document."""
        inside = document.each("verifiableCredential")
        for each in inside or [document]:
            value = each.value
            if isinstance(value, str) or each.text("type") == "EnvelopedVerifiableCredential":
                said = each.text() or each.text("id")
                envelope = _ENVELOPE.fullmatch(said)
                value = self._payload(document.where, envelope[1] if envelope else said)
            if value is not None:
                yield from self._subjects(Record(value, where=document.where))

    def _payload(self, where: Where, token: str) -> dict[str, Any] | None:
        """Return the credential that a JWT holds, unverified."""
        parts = token.strip().split(".")
        try:
            if len(parts) != 3:
                raise ValueError("it has not three parts")
            text = base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)).decode()
            payload = self.documents.parsed(text)
        except (ValueError, binascii.Error) as error:
            self.source.report.add("error", where, f"The JWT cannot be read: {error}.", "Ask for it anew.")
            return None
        inner = payload.get("vc") if isinstance(payload, dict) else None
        found: dict[str, Any] | None = (
            inner if isinstance(inner, dict) else payload if isinstance(payload, dict) else None
        )
        return found

    def _subjects(self, credential: Record) -> Iterator[Record]:
        """Yield the facility, or the events, of a credential."""
        kinds, where = credential.texts("type"), credential.where
        versions = [found[1] for text in credential.texts("@context") for found in _VERSION.finditer(text)]
        other = [version for version in versions if version not in self.source.spec["versions"]]
        if not {_FACILITY, _EVENTS} & set(kinds):
            self.documents.stranger(
                credential, f"no credential that is read, but {', '.join(kinds)[:80]!r}; {_READ}"
            )
            return
        if other:
            read = ", ".join(self.source.spec["versions"][:2])
            self.documents.stranger(credential, f"UNTP {other[0]}; {read} are read")
            return
        self.documents.known(credential, "credential")
        if self.documents.once("unverified", where.file):
            self.source.warn(Where(where.file), _UNVERIFIED, "Verify it with its issuer, where that matters.")
        evidence = self._credential(credential)
        for subject in credential.each("credentialSubject"):
            yield Record(subject.value, where=where, basis=evidence)

    def _credential(self, credential: Record) -> str:
        """Emit a credential as evidence, and return its id."""
        uri = credential.text("id")
        if not uri:
            return ""
        kind = next(kind for kind in (_FACILITY, _EVENTS) if kind in credential.texts("type"))
        url = uri if uri.startswith(("http://", "https://")) else ""
        where = Where(credential.where.file, 1)
        self.source.emit("evidence", where, id=local(uri), type="credential", title=f"UNTP {kind}", url=url)
        return local(uri)

    def _facility(self, record: Record) -> None:
        if not self.documents.known(record, "facility"):
            return
        facility = record.at("facility")
        uri, name = facility.text("id"), facility.text("name")
        if not uri or not name:
            self._refuse(record, "The facility has no id, or no name.", column="/facility")
            return
        id = self.events.party(record, uri, acts=False, name=name)
        if not id:
            self._refuse(record, "The facility's id is wrong.", column="/facility/id", value=uri)
            return
        self._actor(record, id, facility, "facility")
        operator = facility.at("operatedByParty")
        if operator.text("id"):
            runs = self.events.party(record, operator.text("id"), acts=True, name=operator.text("name"))
            if runs:
                self._actor(record, runs, operator, "organisation")
                links = {"operator": runs, "facility": id, "evidence": record.basis}
                self.source.emit("operation_links", record.where, **links)
        for claim in record.each("conformityClaim"):
            self._claim(record, id, claim)

    def _actor(self, record: Record, id: str, said: Tree, kind: str) -> None:
        """Emit a facility, or who runs it."""
        numbers = [self._number(each) for each in [said, *said.each("facilityAlsoKnownAs")]]
        gln = [("gln", key.number)] if (key := self.events.parties[id].key) and not key.part else []
        identified = self.documents.identified(record.where, [*gln, *filter(None, numbers)])
        address = said.at("address")
        town = " ".join(filter(None, (address.text("postalCode"), address.text("addressLocality"))))
        country = said.text("countryOfOperation") or address.text("addressCountry")
        names = [name for name in said.texts("facilityAlsoKnownAs", "name") if name != said.text("name")]
        isic = [
            each.text("code")[:2]
            for each in said.each("processCategory")
            if "isic" in each.text("schemeID").lower() and each.text("code")[:2].isdecimal()
        ]
        self.source.emit(
            "actors",
            record.where,
            id=id,
            name=said.text("name"),
            kind=kind,
            address=", ".join(filter(None, (address.text("streetAddress"), town))),
            also_known_as="|".join(dict.fromkeys(name.replace("|", "/") for name in names)),
            sector=isic[0] if isic else "",
            source="" if self.events.parties[id].key else said.text("id"),
            **self.documents.place(record.where, country, address.text("addressRegion")),
            **self._point(record, said),
            **identified,
        )

    def _number(self, said: Tree) -> tuple[str, str] | None:
        """Return the scheme and the number of an identifier."""
        number, scheme = said.text("registeredId"), said.text("idScheme", "id")
        if not number:
            return None
        known = self.source.spec["lookups"]["schemes"]
        found = next((code for part, code in known.items() if part in scheme), "")
        name = found or said.text("idScheme", "name") or scheme
        return (name, number) if name else None

    def _point(self, record: Record, said: Tree) -> dict[str, str]:
        texts = said.texts("locationInformation", "geoLocation", "coordinates")
        if not texts:
            return {}
        try:
            lon, lat = (float(text) for text in texts[:2])
        except ValueError:
            lon = lat = 999.0
        if not (-180 <= lon <= 180 and -90 <= lat <= 90):
            advice = "GeoJSON has longitude first, then latitude, in degrees."
            self.source.warn(
                record.where,
                "This is no point: it is left out.",
                advice,
                column="/facility/locationInformation",
            )
            return {}
        return {"lat": texts[1], "lon": texts[0]}

    def _claim(self, record: Record, facility: str, claim: Tree) -> None:
        standard = claim.text("referenceStandard", "name") or claim.text("referenceRegulation", "name")
        if not standard or claim.text("conformance") == "false":
            message = "A claim names no standard, or says that the facility does not conform: it is left out."
            self.source.warn(record.where, message, "It is no certificate.", column=claim.pointer)
            return
        proof = claim.text("conformityEvidence", "linkURL") or claim.text("conformityEvidence", "id")
        topic = claim.text("conformityTopic")
        self.source.emit(
            "certificates",
            record.where,
            subject=facility,
            standard=standard,
            start_date=day(claim.text("assessmentDate")),
            assurance="self-declared",
            source=claim.text("id"),
            note=" ".join(filter(None, (topic and f"Topic: {topic}.", proof and f"Evidence: {proof}"))),
        )

    def _event(self, record: Record) -> None:
        if not self.documents.known(record, "event"):
            return
        kinds = [kind for kind in record.texts("type") if kind != "Event"]
        kind, date = next(iter(kinds), ""), local_day(record.text("eventTime"), "")
        if not self.source.lookup("events", kind):
            self._refuse(record, "This kind of event is not known.", column="/type", value=kind)
        elif not date:
            value = record.text("eventTime")
            self._refuse(record, "This is no point of time.", column="/eventTime", value=value)
        elif kind == "TransactionEvent" and record.text("action").lower() == "delete":
            self._refuse(record, "The event takes another back.", column="/action", value="delete")
        else:
            places = [self.events.party(record, uri, acts=False) for uri in record.texts("bizLocation")]
            said = any(places)
            if kind == "TransformationEvent":
                said |= self.events.make(record)
            if not (self._passed(record, date) or said):
                self._refuse(
                    record, "The event says neither who supplied whom, nor what was made of what, nor where."
                )

    def _passed(self, record: Record, date: str) -> bool:
        ends = (record.text("sourceParty") or record.text("sourcePartyId"),
                record.text("destinationParty") or record.text("destinationPartyId"))  # fmt: skip
        giver, taker = (self.events.party(record, uri, acts=True) if uri else "" for uri in ends)
        if not giver or not taker or giver == taker:
            return bool(giver and taker)
        self.events.transfer(
            Transfer(
                where=record.where,
                supplier=giver,
                buyer=taker,
                date=date,
                goods=self.events.goods(
                    record,
                    pieces(record, "epcList", "childEPCList"),
                    amounts(record, "quantityList", "childQuantityList"),
                ),
                transactions=(),
                evidence=tuple(filter(None, [record.basis])),
                event=record.text("id"),
                note="",
            )
        )
        return True

    def _refuse(
        self, record: Record, message: str, *, column: str | None = None, value: object = None
    ) -> None:
        self.source.refuse(record.where, message, "It is left out.", column=column, value=value)


def convert(source: Source) -> None:
    """Emit facilities, who runs them, what they claim, and what events say."""
    Credentials(source).read()
