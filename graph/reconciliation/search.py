"""Search: actors, initiatives and laws by what somebody types."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from opentier.graph.law.entries import Initiative
from opentier.graph.matching.prefixes import begins
from opentier.graph.reconciliation.reconciler import Reconciler
from opentier.graph.store.release import one

Json = dict[str, Any]


def search(
    reconciler: Reconciler, initiatives: Iterable[Initiative], text: str, limit: int
) -> dict[str, list[Json]]:
    """Return what is found, of each kind `limit` at most: actors as they are suggested, others by words of names."""
    release = reconciler.release

    def named(every: Iterable[tuple[str, str]]) -> list[Json]:
        found = sorted((name.casefold(), iri, name) for iri, name in every if begins(name, text))
        return [{"iri": iri, "id": release.names.id(iri), "name": name} for _, iri, name in found[:limit]]

    return {
        "actors": [
            {
                "iri": each.iri,
                "id": reconciler.id(each),
                "name": each.name,
                "country": each.country,
                "kind": each.kind,
            }
            for each in reconciler.suggest(text, limit=limit)
        ],
        "initiatives": named((each.iri, each.name) for each in initiatives),
        "laws": named((iri, one(fields, "dcterms:title") or "") for iri, fields in release.records("laws")),
    }
