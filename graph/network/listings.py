"""What authorities list, with its history, and what became of organisations, read from a release."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import partial

from opentier.graph.identity.components import Components
from opentier.graph.identity.judgements import BESIDE, REPLIES
from opentier.graph.model.dates import first_day
from opentier.graph.model.names import Names
from opentier.graph.model.products import Product
from opentier.graph.model.tables import TABLES
from opentier.graph.network.history import history, ordered
from opentier.graph.network.network import Designation, Succession
from opentier.graph.network.reading import code, dataset_of, place, read, readable
from opentier.graph.store.release import Release, one
from opentier.graph.triples.engine import Fields

#: The effects of measures, and the kinds that are measures whatever their effect.
_BINDING = frozenset({"rebuttable-presumption", "withhold", "seize", "exclude"})
_MEASURES = frozenset({"import-order", "regional-presumption", "exclusion", "conviction", "enforcement"})
#: What a designation lists for where it does not say.
NOT_STATED = "not-stated"
#: A reply: the party (an IRI), the date, the text and the address, "" where not stated.
Reply = tuple[str, str, str, str]


class Listings:
    """Reads designations, status changes, responses and changes of organisations."""

    def __init__(self, release: Release, canonical: Components, products: Mapping[str, Product]) -> None:
        self.release, self.names, self.canonical, self.products = release, release.names, canonical, products

    def successions(self) -> Iterator[Succession]:
        """Yield the changes of organisations, one for each pair of before and after."""
        for found in read(self.names, self.release.records("organisation_changes"), self._successions_of):
            yield from found

    def _successions_of(self, iri: str, fields: Fields) -> list[Succession]:
        kind, date = code(fields, "ot:changeKind") or "", one(fields, "dcterms:date")
        readable(date)
        return [
            Succession(kind, self.canonical.find(before), after and self.canonical.find(after), date)
            for before in sorted(fields.get("ot:before", ()))
            for after in (*sorted(fields.get("ot:after", ())), *(() if fields.get("ot:after") else (None,)))
        ]

    def designations(self) -> list[Designation]:
        """Return the designations, each with its history."""
        changes: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for target, change in read(self.names, self.release.records("status_changes"), _change):
            if dataset_of(change[2], self.names) == dataset_of(
                target, self.names
            ):  # nobody else's word ends it
                changes[target].append(change[:2])
        made = partial(self._designation, changes, replies(self.release))
        return list(read(self.names, self.release.records("designations"), made))

    def _designation(
        self,
        changed: Mapping[str, list[tuple[str, str]]],
        replied: Mapping[str, list[Reply]],
        iri: str,
        fields: Fields,
    ) -> Designation:
        changes = ordered(changed.get(iri, ()))
        kind = TABLES["designations"].kind(fields["rdf:type"]) or "designation"
        own, effect = code(fields, "ot:status"), code(fields, "ot:effect")
        target, said = one(fields, "ot:target"), code(fields, "ot:designationClass")
        dates = {
            name: one(fields, f"ot:{name}")
            for name in ("effectiveDate", "listingDate", "delistingDate", "observedDate")
        }
        readable(*dates.values())
        begin = dates["effectiveDate"] or dates["listingDate"]
        known = history(begin, dates["delistingDate"], own, changes)
        exploitation = sorted(
            text.rpartition("#exploitation-")[2] for text in fields.get("ot:exploitation", ())
        )
        return Designation(
            iri=iri,
            kind=kind,
            authority=one(fields, "ot:authority") or "",
            register=one(fields, "ot:register"),
            law=one(fields, "ot:legalBasis"),
            effect=effect,
            exploitation=tuple(exploitation) or (NOT_STATED,),
            measure=binding(said, effect, kind),
            status=own or (changes[-1][1] if changes else None),
            target=self.canonical.find(target) if target else None,
            product=self._product(one(fields, "ot:product")),
            place=place(one(fields, "ot:country"), one(fields, "ot:region")),
            scope=tuple(filter(None, map(self._product, sorted(fields.get("ot:scopeProduct", ()))))),
            subsidiaries=one(fields, "ot:includesSubsidiaries") == "true",
            effective_date=dates["effectiveDate"],
            listing_date=dates["listingDate"],
            delisting_date=dates["delistingDate"],
            observed_date=dates["observedDate"],
            changes=tuple(changes),
            in_force=known.intervals,
            over=known.over,
            dataset=dataset_of(iri, self.names),
            note=one(fields, "skos:note"),
            named=target if target and self.canonical.find(target) != target else None,
            responses=tuple(replied.get(iri, ())),
        )

    def _product(self, iri: str | None) -> Product | None:
        return None if iri is None else self.products.get(iri) or Product(iri)


def binding(said: str | None, effect: str | None, kind: str) -> bool:
    """Return whether a designation is a measure: as it says, else by its effect, else by its kind."""
    return said == "measure" if said else effect in _BINDING or kind in _MEASURES


def replies(release: Release) -> Mapping[str, list[Reply]]:
    """Return what was replied to a record, by its IRI, in the order of the days.

    A reply stands in the dataset of what it answers, or among those that were accepted; nobody else says what somebody
    answers.
    """
    found: dict[str, list[Reply]] = defaultdict(list)
    for dataset, targets, reply in read(
        release.names, release.records("responses"), partial(_reply, release.names)
    ):
        for target in targets:
            if dataset in (dataset_of(target, release.names), REPLIES, BESIDE[REPLIES]):
                found[target].append(reply)
    return {target: sorted(said, key=lambda reply: reply[1]) for target, said in found.items()}


def _reply(names: Names, iri: str, fields: Fields) -> tuple[str, list[str], Reply]:
    said = [one(fields, name) or "" for name in ("ot:party", "dcterms:date", "ot:responseText", "ot:url")]
    return dataset_of(iri, names), fields["ot:respondsTo"], (said[0], said[1], said[2], said[3])


def _change(iri: str, fields: Fields) -> tuple[str, tuple[str, str, str]]:
    """Return whose status changed, when and to what, and which record says so."""
    status = fields["ot:status"][0].rpartition("designation-status-")[2]
    first_day(fields["dcterms:date"][0])
    return fields["ot:designation"][0], (fields["dcterms:date"][0], status, iri)
