"""UNTP: a Digital Facility Record for each facility, in one presentation. Nobody signs them: they are no proof.

The issuer that a record names is whoever published the dataset; its terms of use are the dataset's licence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TextIO

from opentier.graph.standards.documents import Json, line, listed, number
from opentier.graph.standards.source import PLACES, Said, Source

_CONTEXTS = ["https://www.w3.org/ns/credentials/v2", "https://test.uncefact.org/vocabulary/untp/dfr/0.6.0/"]
_ISIC = "https://unstats.un.org/unsd/classifications/Econ/isic"
_CODE = re.compile(r"\d{2,4}")


def write(source: Source, file: TextIO) -> None:
    """Write a presentation, each record on a line."""
    head: Json = {"@context": [_CONTEXTS[0]], "type": ["VerifiablePresentation"], "id": source.about.iri}
    file.write(line(head)[:-1] + ',"verifiableCredential":')
    listed(file, _Records(source).all())
    file.write("}\n")


class _Records:
    """The facility records of one version."""

    def __init__(self, source: Source) -> None:
        self.source, self.schemes = source, source.form.lookups["schemes"]
        self.operators: dict[str, str] = {}
        self.parties: dict[str, Said] = {}

    def all(self) -> Iterator[Json]:
        """Yield the records, in the order of the facilities."""
        running = {
            said.one("operator")
            for said in self.source.each("operation_links", "operator", "end_date")
            if not said.one("end_date")
        }
        places = set()
        for said in self.source.each("actors", "name", "kind", "identifiers"):
            if said.one("kind") in PLACES:
                places.add(said.iri)
            elif said.iri in running:
                self.parties[said.iri] = said
        for said in self.source.told("operation_links"):
            operator, facility = said.one("operator"), said.one("facility")
            if facility not in places:
                self.source.leave("operation_links", "facility")
            elif operator not in self.parties or facility in self.operators:
                self.source.leave("operation_links", "ended" if said.one("end_date") else "operator")
            elif said.one("end_date"):
                self.source.leave("operation_links", "ended")
            else:
                self.operators[facility] = operator
        for said in self.source.told("actors"):
            if said.one("kind") in PLACES:
                yield self._record(said)
            else:
                self.source.leave("actors", "organisation")

    def _record(self, said: Said) -> Json:
        """Return the record of a facility."""
        about = self.source.about
        made: Json = {
            "@context": _CONTEXTS,
            "type": ["DigitalFacilityRecord", "VerifiableCredential"],
            "id": f"{said.iri}#facility-record",
            "issuer": {"type": ["CredentialIssuer"], "id": about.iri, "name": about.publisher or about.title},
            "validFrom": f"{about.day}T00:00:00Z",
        }
        if about.licence:
            made["termsOfUse"] = [{"type": "License", "id": about.licence_url or f"{about.iri}#licence"}]
        made["credentialSubject"] = {"type": ["FacilityRecord"], "facility": self._facility(said)}
        return made

    def _facility(self, said: Said) -> Json:
        if said.one("kind") != "facility":
            self.source.lose("actors", "kind")
        made: Json = {"type": ["Facility"], "id": self._uri(said), "name": said.one("name")}
        first, *others = [self._identifier(text) for text in said.all("identifiers")] or [{}]
        made |= first
        also = [{"id": said.iri, "name": name} for name in said.all("also_known_as")]
        also += [{"id": said.iri, "name": said.one("name"), **each} for each in others]
        if also:
            made["facilityAlsoKnownAs"] = also
        if said.one("country"):
            made["countryOfOperation"] = said.one("country")
        if (sector := said.one("sector")) and _CODE.fullmatch(sector):
            made["processCategory"] = [{"type": ["Classification"], "id": f"{_ISIC}/{sector}", "code": sector,
                                        "name": f"ISIC {sector}", "schemeID": _ISIC, "schemeName": "ISIC"}]  # fmt: skip
        elif sector:
            self.source.lose("actors", "sector")
        if operator := self.operators.get(said.iri):
            party = self.parties[operator]
            numbers = [self._identifier(text) for text in party.all("identifiers")]
            made["operatedByParty"] = {"id": operator, "name": party.one("name")} | (numbers or [{}])[0]
        lat, lon = said.one("lat"), said.one("lon")
        if lat and lon:
            point = {"type": "Point", "coordinates": [number(lon), number(lat)]}
            made["locationInformation"] = {"geoLocation": point}
        elif lat or lon:
            self.source.lose("actors", "lat" if lat else "lon")
        address = {
            "streetAddress": said.one("address"),
            "addressRegion": said.one("region"),
            "addressCountry": said.one("country"),
        }
        if any(address.values()):
            made["address"] = {name: text for name, text in address.items() if text}
        return made

    def _uri(self, said: Said) -> str:
        """Return the URI of a facility: of its GLN, where it has one, else its IRI."""
        numbers = [text.partition(":")[2] for text in said.all("identifiers") if text.startswith("gln:")]
        return f"{self.schemes['gln']}/{numbers[0]}" if numbers else said.iri

    def _identifier(self, text: str) -> Json:
        scheme, _, value = text.partition(":")
        uri = self.schemes.get(scheme) or self.source.names.shared("identifier-scheme", scheme)
        return {"registeredId": value, "idScheme": {"type": ["IdentifierScheme"], "id": uri, "name": scheme}}
