"""How evidence answers what is asked for about a purchase: by its type, and by reading where a type does not tell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from opentier.graph.dossier.documents import BINDING, Document
from opentier.graph.dossier.purchases import Placed, Purchase
from opentier.graph.exposure.words import said
from opentier.graph.model.dates import first_day, last_day
from opentier.graph.model.names import Names
from opentier.graph.store.release import Release, one

Json = Mapping[str, Any]

#: How evidence answers a document: "read" where its type does not tell that it is that, so that one has to read it.
STATES = ("held", "part", "read", "missing")
#: Types of evidence that tell of who sells, not of one purchase: a site's answer for it.
_OF_SITES = frozenset({"production-record", "audit", "supplier-list"})
#: Types of evidence that stand for others (see `answer.documents.FULL`).
_STAND_FOR = {"bill-of-lading": "customs-record"}


class Answers:
    """Documents as objects of an answer, on a day where one is asked for, and the evidence of a release for them."""

    def __init__(self, release: Release, names: Names, on: str | None) -> None:
        self.release, self.names, self.on = release, names, on
        self._evidence: dict[str, dict[str, Any]] = {}

    def document(
        self, document: Document, match: str | None = None, also: Sequence[Document] = ()
    ) -> dict[str, Any]:
        """Return what is asked for.

        Parameters
        ----------
        match
            How what is sold fits what it is about.
        also
            What is asked of any goods and taken in by it.
        """
        return {
            "law": self.names.id(document.law),
            "id": document.id,
            "iri": document.iri,
            "document": document.title,
            "stage": document.stage,
            "product_group": document.group,
            "match": match,
            "types": list(document.types),
            "wanted": document.wanted,
            "need": document.need,
            "basis": document.basis,
            "binding": document.basis in BINDING,
            "asked": asked(document),
            "valid_from": document.valid_from,
            "valid_to": document.valid_to,
            "when": _when(document, self.on),
            "certainty": document.certainty,
            "source": document.source,
            "note": document.note,
            "also": [{"id": each.id, "document": each.title} for each in also],
        }

    def answered(self, each: Placed, purchase: Purchase) -> dict[str, Any]:
        """Return a document about a purchase with the evidence that answers, and the types that lack."""
        document = each.document
        pieces = [self.piece(one_piece, purchase.hop) for one_piece in purchase.hop["evidence"]]
        pieces += [
            self.piece(one_piece, site)
            for site in purchase.sites
            for one_piece in site["evidence"]
            if one_piece.get("type") in _OF_SITES
        ]
        answers = {
            wanted: [piece for piece in pieces if _answers(piece, wanted, document)]
            for wanted in document.types
        }
        having = [wanted for wanted, found in answers.items() if found]
        whole = len(having) >= document.wanted
        state = "missing" if not having else "read" if document.by_reading else "held" if whole else "part"
        lacking = [] if whole else [wanted for wanted in document.types if wanted not in having]
        held = {
            (wanted, piece["iri"]): {**piece, "stands_for": wanted if wanted != piece["type"] else None}
            for wanted, found in answers.items()
            for piece in found
        }
        return {
            **self.document(document, each.match, each.instead),
            "state": state,
            "held": list(held.values()),
            "missing": lacking,
        }

    def piece(self, piece: Mapping[str, str], hop: Json) -> dict[str, Any]:
        """Return a piece of evidence: id, type, title, day, address, dataset, and the record that rests on it."""
        iri = piece["iri"]
        known = self._evidence.get(iri)
        if known is None:
            fields = next(self.release.of("evidence", iri), {})
            name = self.names.id(iri)
            known = self._evidence[iri] = {
                "iri": iri,
                "id": name,
                "type": piece.get("type") or None,
                "title": piece.get("title"),
                "retrieved": one(fields, "ot:retrievedAt"),
                "url": piece.get("url"),
                "dataset": name.partition("/")[0],
            }
        return {**known, "record": hop["record"]}


def asked(document: Document) -> str:
    """Return how much a document is asked for, in words: what no statute or regulation asks for is not "required"."""
    if document.need == "required" and document.basis not in BINDING:
        return said("asked", document.basis)
    return said("needs", document.need)


def _when(document: Document, on: str | None) -> str:
    """Return from when and until when a document is asked for, and whether it is not on an asked day."""
    told = []
    if begin := document.valid_from:
        early = on is not None and first_day(begin) > first_day(on)
        told.append(said("dossier", "not-on" if early else "from", date=begin, on=on or ""))
    if end := document.valid_to:
        late = on is not None and last_day(end) < first_day(on)
        told.append(said("dossier", "no-longer" if late else "until", date=end, on=on or ""))
    return ", ".join(told)


def _answers(piece: Json, wanted: str, document: Document) -> bool:
    """Return whether a piece of evidence is of a type, or stands for it where its own is not asked for beside it."""
    other = _STAND_FOR.get(wanted, wanted)
    return piece["type"] == wanted or (piece["type"] == other and other not in document.types)
