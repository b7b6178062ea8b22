"""Events of a supply chain (EPCIS 2.0): supply links, product inputs and facilities."""

from __future__ import annotations

from collections.abc import Iterable

from opentier.graph.contribution.adapters.documents import Documents, Record, local
from opentier.graph.contribution.adapters.events import (
    Events,
    Transfer,
    amounts,
    local_day,
    pieces,
    short,
)
from opentier.graph.contribution.foreign import Source
from opentier.graph.intake.trees import Tree

_VERSION = "2."
#: Steps and actions by which an event takes something back.
_VOID = ("void_shipping",)
_MASTER = ("epcisHeader", "epcisMasterData", "vocabularyList")
#: How the type of a vocabulary of trade items ends.
_ITEMS = "EPCClass"


class Traces:
    """The events of one contribution."""

    def __init__(self, source: Source) -> None:
        self.source, self.documents = source, Documents(source)
        self.events = Events(self.documents)
        self.kept: list[object] = []

    def read(self) -> None:
        """Read all events."""
        for path in self.documents.paths():
            self.kept = []
            for record in self.documents.records(path, self._picked):
                if self.documents.known(record, "event") and self._event(record):
                    self.kept.append(self.documents.only(record.value, "event"))
            self.documents.keep(path, self.kept)
        self.events.emit()

    def _picked(self, document: Record) -> Iterable[Tree]:
        """Return the events of a document, or the document where it is one itself."""
        kind = document.text("type")
        if kind.endswith("Event"):
            return [document]
        if kind not in ("EPCISDocument", "EPCISQueryDocument"):
            self.documents.stranger(document, f"no events of EPCIS, but {kind[:40]!r}")
            return []
        version = document.text("schemaVersion")
        if not version.startswith(_VERSION):
            self.documents.stranger(document, f"EPCIS {version[:20]!r}; 2.0 is read")
            return []
        self.documents.known(document, "document")
        if document.each(*_MASTER):
            self.kept.append(self.documents.only(document.value, "document"))
        for vocabulary in document.each(*_MASTER):
            items = vocabulary.text("type").endswith(_ITEMS)
            for element in vocabulary.each("vocabularyElementList"):
                self._named(document, element, items)
        events = ("epcisBody", "eventList"), ("epcisBody", "queryResults", "resultsBody", "eventList")
        return [each for names in events for each in document.each(*names)]

    def _named(self, document: Record, element: Tree, items: bool) -> None:
        """Keep what the master data says of a place, a party or a trade item (whatever its URI, among `items`)."""
        said = {
            each.text("id").rpartition("#")[2].rpartition(":")[2]: each.text("attribute")
            for each in element.each("attributes")
        }
        uri, name = element.text("id"), said.get("name") or said.get("descriptionShort") or ""
        if not uri or not name:
            return
        if items or ":sgtin:" in uri or ":lgtin:" in uri or "/01/" in uri:
            self.events.product(document, uri, name, lot=True)
        else:
            self.events.party(document, uri, acts=False, name=name, country=said.get("countryCode", ""))

    def _event(self, record: Record) -> bool:
        """Keep what an event says; return whether it says anything."""
        kind, step, action = record.text("type"), short(record.text("bizStep")), record.text("action")
        date = local_day(record.text("eventTime"), record.text("eventTimeZoneOffset"))
        if not self.source.lookup("events", kind):
            return self._refuse(record, "This kind of event is not known.", column="/type", value=kind)
        if record.at("errorDeclaration").value is not None:
            return self._refuse(record, "The event is declared to be an error.", column="/errorDeclaration")
        if step in _VOID or (kind == "TransactionEvent" and action == "DELETE"):
            return self._refuse(
                record, "The event takes another back.", column="/bizStep", value=step or action
            )
        if not date:
            value = record.text("eventTime")
            return self._refuse(record, "This is no point of time.", column="/eventTime", value=value)
        found = self._places(record)
        if kind == "TransformationEvent":
            found |= self.events.make(record, record.text("transformationID"))
        if self._passed(record, date) or found:
            return True
        return self._refuse(
            record, "The event says neither who supplied whom, nor what was made of what, nor where."
        )

    def _places(self, record: Record) -> bool:
        """Keep the places of an event; return whether there are any."""
        uris = [*record.texts("readPoint", "id"), *record.texts("bizLocation", "id")]
        for side in ("source", "destination"):
            places = (each for each in record.each(f"{side}List") if short(each.text("type")) == "location")
            uris += [each.text(side) for each in places]
        found = [self.events.party(record, uri, acts=False) for uri in uris if uri]
        return any(found)

    def _passed(self, record: Record, date: str) -> bool:
        """Keep the passing of goods between two parties; return whether there is one."""
        giver, owned = self._side(record, "source")
        taker, gets = self._side(record, "destination")
        if not giver or not taker:
            if giver or taker:
                message = "Only one side of a passing of goods is said."
                self.source.warn(record.where, message, "It makes no supply link.")
            return False
        if giver == taker:
            return True
        goods = self.events.goods(
            record,
            pieces(record, "epcList", "childEPCs", "outputEPCList"),
            amounts(record, "quantityList", "childQuantityList", "outputQuantityList"),
        )
        transactions = [
            (short(each.text("type")), each.text("bizTransaction"))
            for each in record.each("bizTransactionList")
        ]
        note = "" if owned and gets else "Who had the goods is said, not who owned them: it may be a carrier."
        evidence = filter(None, (self._evidence(record, *each) for each in transactions))
        self.events.transfer(
            Transfer(
                where=record.where,
                supplier=giver,
                buyer=taker,
                date=date,
                goods=goods,
                transactions=tuple(sorted({uri for _, uri in transactions})),
                evidence=tuple(dict.fromkeys(evidence)),
                event=record.text("eventID"),
                note=note,
            )
        )
        return True

    def _side(self, record: Record, side: str) -> tuple[str, bool]:
        """Return the party of a side, the owning one before the possessing one, and whether it owns."""
        found: dict[str, str] = {}
        for each in record.each(f"{side}List"):
            kind = short(each.text("type"))
            found.setdefault(kind, each.text(side))
            if kind not in ("owning_party", "possessing_party", "location"):
                message = f"This kind of a {side} is not known: it is left out."
                self.source.warn(
                    record.where, message, "The standard has three.", column=f"/{side}List", value=kind
                )
        for kind in ("owning_party", "possessing_party"):
            if found.get(kind):
                return self.events.party(record, found[kind], acts=True), kind == "owning_party"
        return "", False

    def _evidence(self, record: Record, kind: str, uri: str) -> str:
        """Emit the document of a transaction, and return its id; nothing where it is none that counts as evidence."""
        known = self.source.lookup("transactions", kind) if kind else ""
        if known is None:
            message = "This kind of a transaction is not known: it is no evidence."
            self.source.warn(
                record.where, message, "Those of the standard are.", column="/bizTransactionList", value=kind
            )
        if not known or not uri:
            return ""
        url = uri if uri.startswith(("http://", "https://")) else ""
        self.source.emit("evidence", record.where, id=local(uri), type=str(known), title=uri, url=url)
        return local(uri)

    def _refuse(
        self, record: Record, message: str, *, column: str | None = None, value: object = None
    ) -> bool:
        self.source.refuse(record.where, message, "It is left out.", column=column, value=value)
        return False


def convert(source: Source) -> None:
    """Emit who passed goods to whom, what was made of what, and where."""
    Traces(source).read()
