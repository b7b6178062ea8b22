"""Laws, what they demand, and what was filed under them, as they stand in an answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from opentier.graph.errors import Named, UsageError, mean
from opentier.graph.law.thresholds import codes
from opentier.graph.model.names import Names
from opentier.graph.store.release import Release, one
from opentier.graph.triples.engine import Fields

#: The columns of laws as a table.
COLUMNS = (
    "id", "title", "jurisdiction", "kinds", "status", "in_force", "applies_from", "conditions", "exceptions",
    "obligations", "checked", "confidence", "source", "note", "iri",
)  # fmt: skip


def law(iri: str, fields: Fields, names: Names) -> dict[str, Any]:
    """Return what a law says of itself."""
    return {
        "iri": iri,
        "id": names.id(iri),
        "title": one(fields, "dcterms:title"),
        "jurisdiction": one(fields, "ot:jurisdiction"),
        "kinds": list(codes(fields, "ot:lawKind", "law-kind")),
        "in_force": one(fields, "ot:inForce"),
        "applies_from": one(fields, "ot:appliesFrom"),
        "applicable": one(fields, "ot:appliesFrom") or one(fields, "ot:inForce"),
        "source": one(fields, "dcterms:source"),
        "status": "".join(codes(fields, "ot:status", "law-status")[:1]) or None,
        "bound_class": list(codes(fields, "ot:boundClass", "bound-class")),
        "conditions": sorted(fields.get("ot:condition", ())),
        "sectors_in": sorted(fields.get("ot:sectorIncluded", ())),
        "sectors_out": sorted(fields.get("ot:sectorExcluded", ())),
        "exceptions": sorted(fields.get("ot:exception", ())),
        "checked": one(fields, "ot:checked"),
        "confidence": "".join(codes(fields, "ot:certainty", "certainty")[:1]) or None,
        "note": one(fields, "skos:note"),
    }


def every(release: Release) -> list[dict[str, Any]]:
    """Return all laws of a release with what they demand, by IRI."""
    duties: dict[str, list[dict[str, Any]]] = {}
    for _, fields in release.records("obligations"):
        duties.setdefault(one(fields, "ot:law") or "", []).append(duty(fields))
    return [
        {**law(iri, fields, release.names), "obligations": duties.get(iri, [])}
        for iri, fields in sorted(release.records("laws"))
    ]


def row(said: dict[str, Any]) -> list[Any]:
    """Return a law with what it demands as a row of `COLUMNS`."""
    flat = {**said, "obligations": [each["title"] for each in said["obligations"]]}
    return ["|".join(value) if isinstance(value := flat[name], list) else value for name in COLUMNS]


def chosen(release: Release, names: Names, texts: Sequence[str]) -> list[str]:
    """Return the laws that are meant, each once, by IRI: they are named by that, by id, or by the last part of it.

    Raises
    ------
    UsageError
        If none is named, or one is not known.
    """
    known: dict[str, str] = {}
    for iri, _ in release.records("laws"):
        name = names.id(iri)
        known |= {iri: iri, name: iri}
        known.setdefault(name.rpartition("/")[2], iri)
    if not texts:
        raise UsageError("Say which law is meant, with ", Named("law"), ".")
    for text in texts:
        if text not in known:
            short = sorted({iri.rpartition("/")[2] for iri in known.values()})
            near = mean(text, short, 12) if short else " No law is in this data. Run: opentier reference"
            raise UsageError(Named("law"), f" {text!r} is no law of this data.{near}")
    return list(dict.fromkeys(known[text] for text in texts))


def duty(fields: Fields) -> dict[str, Any]:
    """Return one thing that a law demands."""
    return {
        "title": one(fields, "dcterms:title"),
        "kind": "".join(codes(fields, "ot:obligationKind", "obligation-kind")[:1]) or None,
        "elements": sorted(fields.get("ot:element", ())),
        "source": one(fields, "dcterms:source"),
        "note": one(fields, "skos:note"),
        "deadline_rule": one(fields, "ot:deadlineRule"),
        "status": "".join(codes(fields, "ot:status", "law-status")[:1]) or None,
    }


def filed(fields: Fields) -> dict[str, Any]:
    """Return what was published under a law."""
    return {
        "year": one(fields, "ot:year"),
        "period_end": one(fields, "ot:periodEnd"),
        "url": one(fields, "ot:url"),
        "elements": sorted(fields.get("ot:element", ())),
        "source": one(fields, "dcterms:source"),
    }
