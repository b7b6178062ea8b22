"""What stands beside exposures, as JSON objects: incidents at reached actors, and likelihoods. Neither is ever counted
with exposures, nor one with the other.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import Any, Protocol

from opentier.graph.index.opened import Index
from opentier.graph.model.names import Names
from opentier.graph.network.network import Place
from opentier.graph.risk.beside import Bearing, Beside
from opentier.graph.risk.incidents import Incident
from opentier.graph.risk.likelihoods import Likelihood

Json = dict[str, Any]

#: Fields of a likelihood that are printed as they are.
_PLAIN = (
    "kind", "level", "severity", "value", "unit", "lower", "upper", "period", "method", "sample_size", "population",
    "sector", "source", "note", "dataset",
)  # fmt: skip
assert set(_PLAIN) <= {field.name for field in fields(Likelihood)}


class Objects(Protocol):
    """The JSON objects of an index."""

    index: Index
    names: Names

    def named(self, iri: str) -> Json:
        """Return an actor by IRI, id, name and country."""

    def licence(self, dataset: str) -> str | None:
        """Return the licence of the current version of a dataset."""


def to_dict(beside: Beside, objects: Objects, first: int | None) -> Json:
    """Return incidents by actor, the nearest first, and likelihoods by what they bear on, with how many there are.

    Parameters
    ----------
    first
        Where given, no more than so many actors and so many likelihoods are named; all are counted.
    """
    happened, bearing = beside.incidents, beside.likelihoods
    return {
        "incidents": {
            "count": sum(map(len, happened.values())),
            "actors": len(happened),
            "by_actor": [
                {
                    "actor": {**objects.named(iri), "tier": beside.tier(iri)},
                    "incidents": [incident(each, objects) for each in found],
                }
                for iri, found in [*happened.items()][:first]
            ],
        },
        "likelihoods": {
            "count": len(bearing),
            "listed": [likelihood(each, objects) for each in bearing[:first]],
        },
    }


def incident(found: Incident, objects: Objects) -> Json:
    """Return an incident."""
    least, most = found.population
    return {
        "iri": found.iri,
        "id": objects.names.id(found.iri),
        "status": found.status,
        "facility": objects.names.id(found.facility),
        "place": _place(found.place),
        "indicators": list(found.indicators),
        "from": found.start_date,
        "to": found.end_date,
        "population": {"minimum": least, "maximum": most},
        "response": found.response,
        "replies": [
            {"party": objects.named(party), "date": date or None, "text": text or None, "url": url or None}
            for party, date, text, url in found.replies
        ],
        "source": found.source,
        "evidence": [objects.index.evidence(iri) for iri in found.evidence],
        "note": found.note,
        "dataset": found.dataset,
        "licence": objects.licence(found.dataset),
    }


def likelihood(bearing: Bearing, objects: Objects) -> Json:
    """Return a likelihood with what it bears on."""
    found = bearing.likelihood
    return {
        "iri": found.iri,
        "id": objects.names.id(found.iri),
        "touches": bearing.why,
        "links": bearing.links,
        "nearest_tier": bearing.tier,
        "actor": objects.named(found.subject) if found.subject else None,
        "place": _place(found.place),
        "good": found.product.label if found.product else None,
        "indicators": list(found.indicators),
        **dict(_plain(found)),
        "evidence": [objects.index.evidence(iri) for iri in found.evidence],
        "licence": objects.licence(found.dataset),
    }


def _plain(found: Likelihood) -> Iterator[tuple[str, Any]]:
    for name in _PLAIN:
        value = getattr(found, name)
        yield name, int(value) if isinstance(value, float) and value.is_integer() else value


def _place(place: Place | None) -> Json | None:
    return {"country": place.country or None, "region": place.region or None} if place else None
