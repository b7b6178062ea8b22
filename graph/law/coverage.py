"""Which jurisdictions were looked at for laws, and when: silence about one that was not is no answer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from opentier.graph.law.thresholds import codes
from opentier.graph.store.release import Release, one
from opentier.graph.triples.engine import Fields
from opentier.graph.vocabulary.extents import EU


def coverage(release: Release, places: Iterable[str]) -> dict[str, Any]:
    """Return what was looked at.

    Parameters
    ----------
    places
        Codes of where an actor is, or has figures of.

    Returns
    -------
    dict
        ``jurisdictions`` (of the actor: code, result, checked, note, source), ``not_covered`` (its countries and
        regions that nobody looked at), ``looked_at`` (all codes that somebody looked at).
    """
    rows = [_row(fields) for _, fields in release.records("law_coverage")]
    rows.sort(key=lambda row: (row["jurisdiction"], row["checked"] or "", row["result"] or ""))
    known = {row["jurisdiction"] for row in rows}
    asked, named = set(places), set[str]()
    for place in asked:
        country = place.partition("-")[0]
        named |= {place, country, *(("EU",) if country in EU else ())}
    return {
        "jurisdictions": [row for row in rows if row["jurisdiction"] in named],
        "not_covered": sorted({place.partition("-")[0] for place in asked} - known),
        "looked_at": sorted(known),
    }


def _row(fields: Fields) -> dict[str, Any]:
    return {
        "jurisdiction": one(fields, "ot:jurisdiction"),
        "result": "".join(codes(fields, "ot:coverageResult", "coverage-result")[:1]) or None,
        "checked": one(fields, "ot:checked"),
        "note": one(fields, "skos:note"),
        "source": one(fields, "dcterms:source"),
    }
