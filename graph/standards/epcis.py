"""EPCIS: a document of events in JSON-LD, with names and places as master data in its header.

A supply link that was observed on a day is an event at the beginning of that day (UTC): goods passed from the supplier,
who owned them, to the buyer, who owns them. All else about supply lasts, and is no event.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TextIO

from opentier.graph.standards.documents import Json, is_day, line, listed, number
from opentier.graph.standards.source import PLACES, Said, Source

_CONTEXT = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"
_VOCABULARY = "urn:epcglobal:epcis:vtype:"
_GLN = "https://id.gs1.org/{}/{}"
#: What the master data says of actors, by column.
_ATTRIBUTES = {"name": "name", "country": "countryCode", "address": "streetAddressOne"}
_POINT = {"lat": "latitude", "lon": "longitude"}
_TABLE = "supply_links"


def write(source: Source, file: TextIO) -> None:
    """Write a document, each event on a line."""
    made, about = _Document(source), source.about.said()
    head: Json = {"@context": [_CONTEXT, {"dcterms": "http://purl.org/dc/terms/"}], "type": "EPCISDocument"}
    head |= {"schemaVersion": "2.0", "creationDate": f"{source.about.day}T00:00:00Z"}
    for name, said in (
        ("title", "title"),
        ("publisher", "publisher"),
        ("license", "licence"),
        ("source", "source"),
    ):
        if said in about:
            head[f"dcterms:{name}"] = about[said]
    file.write(line(head)[:-1] + ',"epcisHeader":{"epcisMasterData":{"vocabularyList":[\n')
    for n, (kind, elements) in enumerate(made.vocabularies()):
        file.write(
            (",\n" if n else "") + line({"type": _VOCABULARY + kind})[:-1] + ',"vocabularyElementList":'
        )
        listed(file, elements)
        file.write("}")
    file.write(']}},"epcisBody":{"eventList":')
    listed(file, made.events())
    file.write("}}\n")
    made.finish()


class _Document:
    """What a document says of one version."""

    def __init__(self, source: Source) -> None:
        self.source, self.lookups = source, source.form.lookups
        self.evidence = {
            said.iri: (self.lookups["transactions"][said.one("type")], said.one("url") or said.iri)
            for said in source.each("evidence", "type", "url")
            if said.one("type") in self.lookups["transactions"]
        }
        self.parties: set[str] = set()
        self.products: set[str] = set()
        self.uris: dict[str, str] = {}
        self.used: set[str] = set()
        for said in source.each(_TABLE, "buyer", "supplier", "product", "observed_date", "status"):
            if not self._unsaid(said):
                self.parties.update((said.one("buyer"), said.one("supplier")))
                self.products.update(said.all("product"))

    def _unsaid(self, said: Said) -> str:
        """Return which reason there is not to say a link; nothing where it is an event."""
        if said.one("status") == "retracted":
            return "retracted"
        if said.one("buyer") == said.one("supplier"):
            return "itself"
        return "" if is_day(said.one("observed_date")) else "observed_date"

    def vocabularies(self) -> Iterator[tuple[str, Iterator[Json]]]:
        """Yield the vocabularies by their kind, each to be read to its end: parties, places, trade items."""
        places: list[Json] = []
        yield "Party", self._acting(places)
        yield "Location", iter(places)
        yield "EPCClass", self._items()

    def _acting(self, places: list[Json]) -> Iterator[Json]:
        """Yield who takes part in events; places that do not are kept."""
        for said in self.source.told("actors"):
            kind, acts = said.one("kind"), said.iri in self.parties
            if not acts and kind not in PLACES:
                self.source.leave("actors", "idle")
                continue
            glns = [text[4:] for text in said.all("identifiers") if text.startswith("gln:")]
            for _ in said.all("identifiers")[len(glns[:1]) :]:
                self.source.lose("actors", "identifiers")
            if kind and kind != ("organisation" if acts else "facility"):
                self.source.lose("actors", "kind")
            attributes = dict(_ATTRIBUTES if acts else {**_ATTRIBUTES, **_POINT})
            for column in _POINT if acts else ():
                if said.all(column):
                    self.source.lose("actors", column)
            found: Json = {"id": _GLN.format(417 if acts else 414, glns[0]) if glns else said.iri}
            found["attributes"] = [
                {"id": f"cbvmda:{name}", "attribute": said.one(column)}
                for column, name in attributes.items()
                if said.one(column)
            ]
            if acts:
                self.uris[said.iri] = found["id"]
                yield found
            else:
                places.append(found)

    def _items(self) -> Iterator[Json]:
        """Yield the products of this version, then the headings of the HS that events name."""
        named = {said.iri: said.one("name") for said in self.source.told("products")}
        for iri in sorted(self.products - named.keys()):
            code = iri.removeprefix(self.source.names.hs(""))
            if code != iri:
                named[iri] = f"HS {code}"
        for iri, name in named.items():
            yield {"id": iri, "attributes": [{"id": "cbvmda:descriptionShort", "attribute": name}]}

    def events(self) -> Iterator[Json]:
        """Yield the events, in the order of the links."""
        for said in self.source.told(_TABLE):
            if reason := self._unsaid(said):
                self.source.leave(_TABLE, reason)
            else:
                yield self._event(said)

    def _event(self, said: Said) -> Json:
        made: Json = {
            "type": "ObjectEvent",
            "eventID": said.iri,
            "eventTime": f"{said.one('observed_date')}T00:00:00Z",
            "eventTimeZoneOffset": "+00:00",
            "action": "OBSERVE",
        }
        if said.one("product"):
            made["quantityList"] = [{"epcClass": said.one("product"), **self._quantity(said)}]
        else:
            made["epcList"] = []
            self._quantity(said)
        for side, column in (("source", "supplier"), ("destination", "buyer")):
            party = self.uris.get(said.one(column), said.one(column))
            made[f"{side}List"] = [{"type": "owning_party", side: party}]
        if said.one("status"):
            self.source.lose(_TABLE, "status")
        for iri in said.all("evidence"):
            if iri in self.evidence:
                self.used.add(iri)
                kind, uri = self.evidence[iri]
                made.setdefault("bizTransactionList", []).append({"type": kind, "bizTransaction": uri})
            else:
                self.source.lose(_TABLE, "evidence")
        return made

    def _quantity(self, said: Said) -> Json:
        """Return how much passed, in a unit that has a code; pieces have none."""
        quantity, unit = said.one("quantity"), said.one("unit")
        code = self.lookups["units"].get(unit) if quantity and said.one("product") else None
        if code is None:
            for column in ("quantity", "unit"):
                if said.one(column):
                    self.source.lose(_TABLE, column)
            return {}
        return {"quantity": number(quantity)} | ({"uom": code} if code else {})

    def finish(self) -> None:
        """Count the evidence that no event names."""
        for said in self.source.told("evidence"):
            if said.iri not in self.used:
                self.source.leave("evidence", "type")
