"""The documents that laws ask for, as datasets say: about which goods, at which stage of their chain, on what basis."""

from __future__ import annotations

from dataclasses import dataclass

from opentier.graph.index.opened import Index
from opentier.graph.law.thresholds import codes
from opentier.graph.model.products import Product
from opentier.graph.model.tables import SCHEMES
from opentier.graph.store.release import Release, one
from opentier.graph.triples.engine import Fields

#: What is asked for by these is a duty; all else are examples and practice.
BINDING = frozenset({"statute", "regulation"})
ANY, IMPORT, TRANSPORT = "any", "import", "transport"


@dataclass(frozen=True)
class Document:
    """A document, or some that belong together, that is asked for under a law.

    Attributes
    ----------
    law
        The IRI of the law.
    types, wanted
        The types of evidence that it is made of, and how many of them are asked for.
    products
        The labels of the goods that it is about (see `Product.label`); none where any goods are meant.
    by_order
        Whether it is asked for only about goods that an order under the law names.
    at_import
        Whether it is asked for once, about the purchase that brings the goods over the border of the law.
    by_reading
        Whether the type of a piece of evidence does not tell that it is this document.
    """

    iri: str
    id: str
    law: str
    title: str
    types: tuple[str, ...]
    wanted: int
    stage: str
    group: str | None
    products: tuple[str, ...]
    by_order: bool
    at_import: bool
    by_reading: bool
    need: str
    basis: str
    valid_from: str | None
    valid_to: str | None
    certainty: str | None
    source: str | None
    note: str | None

    @property
    def kin(self) -> str:
        """What tells it and others about the same goods from the rest: the name of the group, or itself alone."""
        return self.group or self.iri

    def fits(self, label: str | None) -> str | None:
        """Return how a product fits its goods: "any" where it is about any, "exact", "coarse", or None: it does not.

        A heading fits coarsely where longer codes of it are meant: the product may be one of those.
        """
        if not self.products:
            return ANY
        if label is None:
            return None
        if any(stands(each, label) for each in self.products):
            return "exact"
        wide = len(label) >= HEADING and any(stands(label, each) for each in self.products)
        return "coarse" if wide else None

    def nearness(self, label: str | None) -> int:
        """Return how much of a product's code its goods have: the more, the nearer they are to it."""
        return max((len(each) for each in self.products if label and stands(each, label)), default=0)


#: The length of the label of a heading: its longer codes are told apart by four digits or more alone.
HEADING = len("hs:") + 4


def stands(known: str, label: str) -> bool:
    """Return whether a label stands for a product: it is its own, or an HS code that its code begins with."""
    return label == known or (known.startswith("hs:") and label.startswith(known))


def documents(release: Release, index: Index) -> list[Document]:
    """Return all documents that laws ask for, by law, then stage, then goods in particular before any goods."""
    found = [_document(iri, fields, index) for iri, fields in release.records("law_documents")]
    stages = SCHEMES["chain-stage"]
    return sorted(found, key=lambda each: (each.law, stages.index(each.stage), not each.products, each.iri))


def _document(iri: str, fields: Fields, index: Index) -> Document:
    types = _in_order(fields, "ot:evidenceType", "evidence-type")
    rule = one(fields, "ot:rule") or "all"
    return Document(
        iri=iri,
        id=index.names.id(iri),
        law=one(fields, "ot:law") or "",
        title=one(fields, "dcterms:title") or "",
        types=types,
        wanted=min(len(types), {"any": 1, "all": len(types)}.get(rule) or int(rule)),
        stage="".join(codes(fields, "ot:chainStage", "chain-stage")[:1]),
        group=one(fields, "ot:productGroup"),
        products=goods(fields, index),
        by_order=one(fields, "ot:byOrder") == "true",
        at_import=one(fields, "ot:atImport") == "true",
        by_reading=one(fields, "ot:byReading") == "true",
        need="".join(codes(fields, "ot:documentNeed", "document-need")[:1]),
        basis="".join(codes(fields, "ot:documentBasis", "document-basis")[:1]),
        valid_from=one(fields, "ot:validFrom"),
        valid_to=one(fields, "ot:validTo"),
        certainty="".join(codes(fields, "ot:certainty", "certainty")[:1]) or None,
        source=one(fields, "dcterms:source"),
        note=one(fields, "skos:note"),
    )


def goods(fields: Fields, index: Index) -> tuple[str, ...]:
    """Return the labels of the goods that a record is about."""
    heading = index.names.hs("")
    found = (
        Product(iri, iri.removeprefix(heading))
        if iri.startswith(heading)
        else index.products.get(iri) or Product(iri)
        for iri in fields.get("ot:scopeProduct", ())
    )
    return tuple(sorted(product.label for product in found))


def _in_order(fields: Fields, term: str, scheme: str) -> tuple[str, ...]:
    """Return the codes that a record has by a property, in the order of their scheme."""
    known = set(codes(fields, term, scheme))
    return tuple(code for code in SCHEMES[scheme] if code in known)
