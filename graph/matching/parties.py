"""Parties: what is known of an actor, or of a row of a list, as far as it says who that is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property

from opentier.graph.model import identifiers
from opentier.graph.model.dates import first_day
from opentier.graph.model.names import Names, concept
from opentier.graph.model.tables import STRONG_SCHEMES, TABLES
from opentier.graph.model.versions import Version
from opentier.graph.store.release import Release
from opentier.graph.triples.engine import Fields
from opentier.graph.written.names import Name, names

#: Changes after which the organisations before them are no more: what was split may go on.
_ENDING = frozenset(concept("change-kind", kind) for kind in ("renamed", "merged", "dissolved", "continued"))


@dataclass(frozen=True)
class Party:
    """What is known of somebody who may be an actor.

    Attributes
    ----------
    iri
        The actor as its record names it; empty for a row of a list.
    called
        Its names as they are written, the main one first.
    countries
        ISO 3166-1 codes.
    regions
        ISO 3166-2 codes, or texts.
    identifiers
        ``scheme:value``.
    position
        Degrees north and east.
    began, ended
        Days on which an organisation began and ended to be, as numbers of days; None where nobody says.
    understood
        Its names as they are compared, where they were understood before.
    """

    iri: str = ""
    called: tuple[str, ...] = ()
    kind: str = ""
    countries: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    address: str = ""
    position: tuple[float, float] | None = None
    identifiers: tuple[str, ...] = ()
    sector: str = ""
    began: int | None = None
    ended: int | None = None
    understood: tuple[Name, ...] = field(default=(), repr=False, compare=False)

    @cached_property
    def names(self) -> tuple[Name, ...]:
        """Its names as they are compared, those that one text holds apart."""
        return self.understood or tuple(dict.fromkeys(name for text in self.called for name in names(text)))

    @cached_property
    def strong(self) -> dict[str, frozenset[str]]:
        """Its identifiers of schemes that join, by scheme."""
        found: dict[str, set[str]] = {}
        for said in self.identifiers:
            scheme, _, value = said.partition(":")
            if scheme in STRONG_SCHEMES and not identifiers.filler(said):
                found.setdefault(scheme, set()).add(value)
        return {scheme: frozenset(values) for scheme, values in found.items()}


def of_fields(iri: str, fields: Fields, names: Names) -> Party:
    """Return the party that a record of the table ``actors`` describes."""
    position = [min(fields.get(name, ()), default="") for name in ("geo:lat", "geo:long")]
    said = (identifiers.of_iri(each, names.base) or each for each in fields.get("adms:identifier", ()))
    return Party(
        iri=iri,
        called=(*sorted(fields.get("rdfs:label", ())), *sorted(fields.get("skos:altLabel", ()))),
        kind=TABLES["actors"].kind(fields["rdf:type"]) or "",
        countries=tuple(sorted(fields.get("ot:country", ()))),
        regions=tuple(sorted(fields.get("ot:region", ()))),
        address=" ".join(sorted(fields.get("ot:address", ()))),
        position=(float(position[0]), float(position[1])) if all(position) else None,
        identifiers=tuple(sorted(said)),
        sector=" ".join(sorted(fields.get("ot:sector", ()))),
    )


def of_version(release: Release, version: Version) -> Iterator[Party]:
    """Yield the parties that a dataset version describes, in the order of its records."""
    began, ended = dict[str, int](), dict[str, int]()
    for _, fields in release.each("organisation_changes", version.iri):
        day = first_day(min(fields["dcterms:date"])) if fields.get("dcterms:date") else None
        if day is not None:
            before, after = (set(fields.get(name, ())) for name in ("ot:before", "ot:after"))
            began |= dict.fromkeys(after - before, day)
            if not _ENDING.isdisjoint(fields.get("ot:changeKind", ())):
                ended |= dict.fromkeys(before - after, day)
    for iri, fields in release.each("actors", version.iri):
        yield replace(of_fields(iri, fields, release.names), began=began.get(iri), ended=ended.get(iri))
