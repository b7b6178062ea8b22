"""The dossier: which documents a law's practice asks for at each hop, which are there, which lack, whom to ask."""

from __future__ import annotations

from typing import Any

import pytest

from opentier.graph.answer import documents
from opentier.graph.engine.hops import KINDS
from opentier.graph.model.tables import SCHEMES

FULL = [
    "purchase order", "invoice", "proof of payment", "transport document", "production record", "certificate of origin",
]  # fmt: skip


def hop(*types: str, kind: str = "supply") -> dict[str, Any]:
    return {"kind": kind, "evidence": [{"iri": f"e:{type}", "type": type} for type in types]}


# What a hop holds and lacks, whichever law is asked about.


def test_a_purchase_without_evidence_lacks_all_of_a_full_file() -> None:
    assert documents.held(hop()) == []
    assert documents.missing(hop()) == FULL


@pytest.mark.parametrize("type", SCHEMES["evidence-type"])
def test_each_type_of_evidence_stands_for_one_document_or_for_none(type: str) -> None:
    lacks = {
        "purchase-order": "purchase order", "invoice": "invoice", "proof-of-payment": "proof of payment",
        "bill-of-lading": "transport document", "customs-record": "transport document",
        "production-record": "production record", "certificate-of-origin": "certificate of origin",
    }.get(type)  # fmt: skip
    assert documents.missing(hop(type)) == [name for name in FULL if name != lacks]
    (word,) = documents.held(hop(type))
    assert word.casefold() == type.replace("-", " ")


def test_documents_are_told_once_in_the_order_of_the_evidence() -> None:
    assert documents.held(hop("invoice", "audit", "invoice")) == ["invoice", "audit"]
    assert documents.held({"kind": "supply", "evidence": [{"iri": "e:unknown"}]}) == []


@pytest.mark.parametrize("kind", [*(kind for kind in KINDS if kind != "supply"), "identity"])
def test_nothing_is_missing_where_nothing_was_bought(kind: str) -> None:
    assert documents.missing(hop(kind=kind)) == []
    assert documents.held(hop("audit", kind=kind)) == ["audit"]
