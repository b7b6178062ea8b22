"""Incidents: what happened at a site, or is said to have happened, and how far that is established."""

from __future__ import annotations

from dataclasses import dataclass

from opentier.graph.model.dates import EVER, first_day
from opentier.graph.model.names import concept
from opentier.graph.network.listings import Reply, replies
from opentier.graph.network.network import Place
from opentier.graph.network.reading import dataset_of, place, read, readable
from opentier.graph.store.release import Release, one
from opentier.graph.triples.engine import Fields

#: The status of what did not happen.
REFUTED = "refuted"


def codes(fields: Fields, name: str, scheme: str) -> tuple[str, ...]:
    """Return the codes of the concepts that a record names."""
    return tuple(sorted(said.removeprefix(concept(scheme, "")) for said in fields.get(name, ())))


def number(fields: Fields, name: str) -> float | None:
    """Return a number that a record states."""
    said = one(fields, name)
    return None if said is None else float(said)


@dataclass(frozen=True, slots=True)
class Incident:
    """An incident at a site.

    Attributes
    ----------
    facility
        The site as the record names it.
    population
        The least and the greatest number of people, where they are stated.
    replies
        The replies to it: party (IRI), date, text and address.
    """

    iri: str
    status: str
    facility: str
    place: Place | None
    indicators: tuple[str, ...]
    start_date: str | None
    end_date: str | None
    population: tuple[float | None, float | None]
    response: str | None
    evidence: tuple[str, ...]
    source: str | None
    note: str | None
    dataset: str
    replies: tuple[Reply, ...] = ()

    @property
    def begins(self) -> int:
        """The first day on which it may have happened."""
        stated = self.start_date or self.end_date
        return first_day(stated) if stated else EVER


def incidents(release: Release) -> list[Incident]:
    """Return the incidents of a release that name a site, by IRI; what names a place alone is of nobody in a chain."""
    found = [each for each in release.records("incidents") if "ot:facility" in each[1]]
    replied = replies(release) if found else {}

    def made(iri: str, fields: Fields) -> Incident:
        dates = one(fields, "ot:startDate"), one(fields, "ot:endDate")
        readable(*dates)
        return Incident(
            iri=iri,
            status=codes(fields, "ot:evidentiaryStatus", "evidentiary-status")[0],
            facility=min(fields["ot:facility"]),
            place=place(one(fields, "ot:country"), one(fields, "ot:region")),
            indicators=codes(fields, "ot:indicator", "indicator"),
            start_date=dates[0],
            end_date=dates[1],
            population=(number(fields, "ot:populationMinimum"), number(fields, "ot:populationMaximum")),
            response=one(fields, "ot:responseText"),
            evidence=tuple(sorted(fields.get("ot:evidence", ()))),
            source=one(fields, "dcterms:source"),
            note=one(fields, "skos:note"),
            dataset=dataset_of(iri, release.names),
            replies=tuple(replied.get(iri, ())),
        )

    return list(read(release.names, found, made))
