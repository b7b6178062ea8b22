"""What the records of one actor say of it, dataset by dataset: names, numbers, places, what it did and filed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from opentier.graph.model import identifiers
from opentier.graph.model.names import concept
from opentier.graph.model.rdf import IRI
from opentier.graph.model.tables import TABLES
from opentier.graph.network.network import Actor
from opentier.graph.network.reading import dataset_of
from opentier.graph.profile import sources
from opentier.graph.store.release import one
from opentier.graph.triples.engine import Fields
from opentier.graph.view import View
from opentier.graph.vocabulary.labels import label

Json = dict[str, Any]


class Records:
    """The records of an actor, and of all that are one with it."""

    def __init__(self, view: View, actor: Actor) -> None:
        self.view, self.release, self.actor = view, view.release, actor
        self.names = view.release.names
        self.own = [
            (iri, fields, self._source(iri, fields))
            for iri in actor.members
            for fields in self.release.of("actors", iri)
        ]

    def _source(self, iri: str, fields: Fields) -> Json:
        return sources.of(self.release.current[dataset_of(iri, self.names)], one(fields, "dcterms:source"))

    def said(self, term: str) -> list[tuple[str, Json]]:
        """Return what the records say by a property, each value once, with the source of the first that says it."""
        found: dict[str, Json] = {}
        for _, fields, source in self.own:
            for value in sorted(fields.get(term, ())):
                found.setdefault(value, source)
        return [*found.items()]

    @property
    def identifiers(self) -> list[tuple[str, Json]]:
        """Its identifiers, each with its source."""
        return [
            (identifiers.of_iri(value, self.names.base) or value, source)
            for value, source in self.said("adms:identifier")
        ]

    @property
    def points(self) -> list[Json]:
        """Where it is said to be, as coordinates: latitude and longitude, each with its source."""
        return [
            {"lat": float(lat), "lon": float(lon), "source": source}
            for _, fields, source in self.own
            if (lat := one(fields, "geo:lat")) and (lon := one(fields, "geo:long"))
        ]

    @property
    def workers(self) -> list[Json]:
        """How many work there, at least and at most, each with its source."""
        return [
            {"least": least, "most": most, "source": source}
            for _, fields, source in self.own
            for least, most in [(one(fields, "ot:workersMinimum"), one(fields, "ot:workersMaximum"))]
            if least or most
        ]

    # --- What others' records say of it --------------------------------------------------------------------------

    def naming(self, table: str, *terms: str) -> Iterator[tuple[str, Fields, Json]]:
        """Yield the records of a table that name it by one of some properties, each with its source, by IRI."""
        graphs = self.release.graphs
        named = {pair for iri in self.actor.members for pair in self.release.naming(iri, terms, *graphs)}
        yield from self._each(table, named)

    def answering(self, table: str, records: Iterable[str]) -> Iterator[tuple[str, Fields, Json]]:
        """Yield the records of a table that respond to some others."""
        graphs = self.release.graphs
        yield from self._each(
            table, {pair for iri in records for pair in self.release.naming(iri, ["ot:respondsTo"], *graphs)}
        )

    def _each(self, table: str, named: Iterable[tuple[str, str]]) -> Iterator[tuple[str, Fields, Json]]:
        for iri, graph in sorted(named):
            for fields in self.release.of(table, iri, graph):
                yield iri, fields, self._source(iri, fields)

    def actions(self, about: Iterable[str]) -> list[Json]:
        """Return what was done: by it, or in answer to some records (by IRI); the latest first."""
        every = {
            iri: (fields, source)
            for found in (self.naming("actions", "ot:party"), self.answering("actions", about))
            for iri, fields, source in found
        }
        made = [self._action(iri, fields, source) for iri, (fields, source) in every.items()]
        return sorted(
            sorted(made, key=lambda each: str(each["id"])), key=lambda each: each["date"] or "", reverse=True
        )

    def _action(self, iri: str, fields: Fields, source: Json) -> Json:
        to = one(fields, "ot:respondsTo")
        return {
            "id": self.names.id(iri),
            "kind": _kind("actions", fields),
            "party": one(fields, "ot:party"),
            "to": self.names.id(to) if to else None,
            "step": _coded(fields, "ot:step", "step"),
            "leverage": _coded(fields, "ot:leverage", "leverage"),
            "status": _coded(fields, "ot:status", "action-status"),
            "date": one(fields, "dcterms:date"),
            "outcome": one(fields, "ot:outcome"),
            "evidence": [self.view.index.evidence(each) for each in sorted(fields.get("ot:evidence", ()))],
            "source": source,
        }

    @property
    def certificates(self) -> list[Json]:
        """The certificates that it is said to have."""
        return [
            {
                "standard": one(fields, "ot:standard"),
                "agency": one(fields, "ot:agency"),
                "from": one(fields, "ot:startDate"),
                "to": one(fields, "ot:endDate"),
                "assurance": _coded(fields, "ot:assurance", "assurance"),
                "source": source,
            }
            for _, fields, source in self.naming("certificates", "ot:subject")
        ]

    @property
    def disclosures(self) -> list[Json]:
        """What it filed under laws."""
        return [
            {
                "law": self.names.id(one(fields, "ot:law") or ""),
                "year": one(fields, "ot:year"),
                "url": one(fields, "ot:url"),
                "elements": sorted(fields.get("ot:element", ())),
                "source": source,
            }
            for _, fields, source in self.naming("disclosures", "ot:party")
        ]

    @property
    def changes(self) -> list[Json]:
        """What it became, or came of: the kind of change, before and after (IRIs), and when."""
        return [
            {
                "kind": _coded(fields, "ot:changeKind", "change-kind"),
                "before": sorted(fields.get("ot:before", ())),
                "after": sorted(fields.get("ot:after", ())),
                "date": one(fields, "dcterms:date"),
                "source": source,
            }
            for _, fields, source in self.naming("organisation_changes", "ot:before", "ot:after")
        ]

    # --- Where all that stands -----------------------------------------------------------------------------------

    @property
    def history(self) -> list[Json]:
        """The versions that describe it, dataset by dataset, the newest first: how many statements, and whether now."""
        found = []
        for dataset in sorted({dataset_of(iri, self.names) for iri in self.actor.members}):
            mine = [IRI(iri) for iri in self.actor.members if dataset_of(iri, self.names) == dataset]
            current = self.release.current.get(dataset)
            for version in sorted(self.view.versions(dataset), key=lambda v: -v.number):
                said = sum(1 for iri in mine for _ in self.release.engine.match(version.iri, iri))
                if said:
                    found.append({
                        "dataset": dataset, "version": version.number, "licence": version.licence,
                        "admitted": version.admitted[:10], "statements": said, "current": version == current,
                    })  # fmt: skip
        return found


def _coded(fields: Fields, term: str, scheme: str) -> str | None:
    """Return what a code of a scheme is called that a record names."""
    code = one(fields, term)
    return label(scheme, code.removeprefix(concept(scheme, ""))) if code else None


def _kind(table: str, fields: Fields) -> str:
    return (TABLES[table].kind(fields["rdf:type"]) or "").replace("-", " ")
