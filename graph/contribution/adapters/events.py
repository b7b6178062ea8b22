"""What events of a supply chain say, for the adapters that read them: who passed which goods to whom, what was made of
what, and at which places.

Goods that pass between two parties are a supply link for each trade item and unit, of the day of the event. Several
events on the same transactions, between the same parties and on the same good, tell of one passing: the first counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation

from opentier.graph.contribution.adapters import keys
from opentier.graph.contribution.adapters.documents import Documents, Record, local
from opentier.graph.intake.trees import Tree
from opentier.graph.report.report import Where

#: Pairs of an input and an output that one transformation may have.
MAX_PAIRS = 10_000
#: The unit of what is counted in pieces (UN/ECE Recommendation 20).
PIECES = "EA"


@dataclass
class Party:
    """Somebody, or a place, that events name."""

    where: Where
    uri: str
    key: keys.Key | None
    name: str = ""
    country: str = ""
    acts: bool = False


@dataclass(frozen=True)
class Transfer:
    """Goods that pass from one party to another."""

    where: Where
    supplier: str
    buyer: str
    date: str
    goods: Mapping[tuple[str, str], Decimal | None]
    transactions: tuple[str, ...]
    evidence: tuple[str, ...]
    event: str
    note: str


@dataclass
class Making:
    """What one transformation takes and gives; several events may tell of it."""

    where: Where
    inputs: dict[str, None] = field(default_factory=dict)
    outputs: dict[str, None] = field(default_factory=dict)


class Events:
    """The events of one contribution; what they say is emitted at the end, when all names are known."""

    def __init__(self, documents: Documents) -> None:
        self.documents, self.source = documents, documents.source
        self.parties: dict[str, Party] = {}
        self.products: dict[str, tuple[Where, str]] = {}
        self.transfers: list[Transfer] = []
        self.makings: dict[str, Making] = {}

    def party(self, record: Record, uri: str, *, acts: bool, name: str = "", country: str = "") -> str:
        """Return the id of whom, or of the place that, a URI names; nothing where it is wrong, which is told."""
        try:
            key = keys.read(uri)
        except keys.WrongKey as error:
            self.source.warn(record.where, f"{error} It is left out.", "Compare it with its register.")
            return ""
        id = key.id if key else local(uri)
        found = self.parties.setdefault(id, Party(record.where, uri, key))
        found.name, found.country, found.acts = (
            found.name or name,
            found.country or country,
            found.acts or acts,
        )
        return id

    def product(self, record: Record, uri: str, name: str = "", *, lot: bool = False) -> str:
        """Return the id of the trade item that a URI names; nothing where it is none, or (which is told) wrong.

        Parameters
        ----------
        lot
            Whether what is no trade item of GS1 is a kind of goods all the same, and not one piece of it.
        """
        try:
            key = keys.read(uri)
        except keys.WrongKey as error:
            self.source.warn(record.where, f"{error} It is left out.", "Compare it with its register.")
            return ""
        if key is not None and key.kind != "item":
            return ""
        id = key.id if key else local(uri) if lot and uri else local(name) if name else ""
        if id:
            where, known = self.products.get(id, (record.where, ""))
            self.products[id] = (where, known or name or (f"GTIN {key.number}" if key else uri))
        return id

    def goods(
        self, record: Record, pieces: Iterable[tuple[str, str]], amounts: Iterable[tuple[str, str, str, str]]
    ) -> dict[tuple[str, str], Decimal | None]:
        """Return how much of which trade items: of pieces (URI, name), and of amounts (URI, name, quantity, unit)."""
        found: dict[tuple[str, str], Decimal | None] = {}
        for uri, name in pieces:
            if product := self.product(record, uri, name):
                found[product, PIECES] = (found.get((product, PIECES)) or Decimal(0)) + 1
        for uri, name, quantity, unit in amounts:
            product = self.product(record, uri, name, lot=True)
            if not product:
                continue
            number, of = _number(quantity), (product, unit or PIECES)
            if quantity and number is None:
                self.source.warn(
                    record.where,
                    "This is no quantity: it is left out.",
                    "Give a number.",
                    column="quantity",
                    value=quantity,
                )
            before = found.get(of)
            found[of] = number if before is None else before + (number or 0)
        return found

    def transfer(self, transfer: Transfer) -> None:
        """Keep a passing of goods."""
        self.transfers.append(transfer)

    def make(self, record: Record, key: str = "") -> bool:
        """Keep what goes into what; return whether anything does. Events of one key tell of one making."""
        inputs, outputs = (
            products(
                self.goods(record, pieces(record, f"{way}EPCList"), amounts(record, f"{way}QuantityList"))
            )
            for way in ("input", "output")
        )
        making = self.makings.setdefault(
            key or f"{record.where.file}#{record.where.row}", Making(record.where)
        )
        making.inputs.update(dict.fromkeys(inputs))
        making.outputs.update(dict.fromkeys(outputs))
        return bool(inputs and outputs) or bool(key and (inputs or outputs))

    def emit(self) -> None:
        """Emit all that the events say."""
        for id, (where, name) in self.products.items():
            self.source.emit("products", where, id=id, name=name)
        self._actors()
        self._links()
        self._inputs()

    def _actors(self) -> None:
        for id, said in self.parties.items():
            key, named = said.key, said.name
            whole = key is not None and not key.part
            if not named:
                named = (
                    said.uri
                    if key is None
                    else f"GLN {key.number}" + (f", part {key.part}" if key.part else "")
                )
            self.source.emit(
                "actors",
                said.where,
                id=id,
                name=named,
                kind="organisation" if said.acts else "facility",
                identifiers=f"gln:{key.number}" if key and whole else "",
                country=self.documents.place(said.where, said.country)["country"],
                source=said.uri if key is None else "",
            )

    def _links(self) -> None:
        told: set[tuple[object, ...]] = set()
        for transfer in sorted(self.transfers, key=lambda each: each.date):
            for (product, unit), quantity in transfer.goods.items() or [(("", ""), None)]:
                of = (transfer.buyer, transfer.supplier, product, unit, transfer.transactions)
                if transfer.transactions and of in told:
                    continue
                told.add(of)
                self.source.emit(
                    "supply_links",
                    transfer.where,
                    buyer=transfer.buyer,
                    supplier=transfer.supplier,
                    product=product,
                    observed_date=transfer.date,
                    quantity="" if quantity is None else f"{quantity:f}",
                    unit="" if quantity is None else unit,
                    evidence="|".join(transfer.evidence),
                    source=transfer.event,
                    note=transfer.note,
                )

    def _inputs(self) -> None:
        told: set[tuple[str, str]] = set()
        for making in self.makings.values():
            if len(making.inputs) * len(making.outputs) > MAX_PAIRS:
                message = (
                    f"{len(making.inputs):,} inputs and {len(making.outputs):,} outputs are too many pairs."
                )
                self.source.refuse(making.where, message, f"{MAX_PAIRS:,} are read: part the transformation.")
                continue
            for pair in ((taken, given) for taken in making.inputs for given in making.outputs):
                if pair[0] != pair[1] and pair not in told:
                    told.add(pair)
                    self.source.emit("product_inputs", making.where, input=pair[0], output=pair[1])


def local_day(time: str, offset: str) -> str:
    """Return the day of a point of time at the place of the event, or nothing where it is none."""
    try:
        found = datetime.fromisoformat(time)
        if offset and found.tzinfo is not None:
            found = found.astimezone(datetime.fromisoformat(f"2000-01-01T00:00:00{offset}").tzinfo)
    except (ValueError, OverflowError):
        return ""
    return found.date().isoformat()


def short(code: str) -> str:
    """Return a code of the Core Business Vocabulary without what stands before it: ``po`` of ``.../cbv/BTT-po``."""
    for start in ("https://ref.gs1.org/cbv/", "https://ns.gs1.org/cbv/", "http://ns.gs1.org/cbv/"):
        if code.startswith(start):
            return code[len(start) :].partition("-")[2]
    return code.rpartition(":")[2] if code.startswith("urn:epcglobal:cbv:") else code


def pieces(record: Record, *names: str) -> list[tuple[str, str]]:
    """Return the URIs of the pieces at some lists, and their names where they have any."""
    return [_named(each) for name in names for each in record.each(name)]


def amounts(record: Record, *names: str) -> list[tuple[str, str, str, str]]:
    """Return the amounts at some lists: URI, name, quantity, unit."""
    return [
        (
            each.text("epcClass") or each.text("productId") or each.text("product", "id"),
            each.text("productName") or each.text("product", "name"),
            each.text("quantity"),
            each.text("uom"),
        )
        for name in names
        for each in record.each(name)
    ]


def products(goods: Sequence[tuple[str, str]] | Mapping[tuple[str, str], object]) -> list[str]:
    """Return the trade items among goods."""
    return list(dict.fromkeys(product for product, _ in goods))


def _named(item: Tree) -> tuple[str, str]:
    return item.text() or item.text("id"), item.text("name")


def _number(text: str) -> Decimal | None:
    try:
        found = Decimal(text)
    except InvalidOperation:
        return None
    return found if found.is_finite() and found >= 0 and abs(found.adjusted()) < 30 else None
