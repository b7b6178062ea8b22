"""The survey: actors, arcs and designations as a trace walks them, read from a release of the store.

An arc is one admissible hop of a record in the upstream direction. Retracted records give none, and closed ones that
state no end.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import partial
from typing import Any, TypeVar

from opentier.graph.engine.arrays import FIGURES
from opentier.graph.identity import components, judgements
from opentier.graph.model.dates import EVER, NEVER, first_day, last_day
from opentier.graph.model.names import concept
from opentier.graph.model.products import Product
from opentier.graph.model.tables import TABLES
from opentier.graph.network.listings import Listings
from opentier.graph.network.network import Actor, Arc, Network
from opentier.graph.network.reading import dataset_of, kind_of, places_of, read, readable
from opentier.graph.store.engine import Fields
from opentier.graph.store.release import Release, one

T = TypeVar("T")
_RETRACTED, _CLOSED = concept("link-status", "retracted"), concept("link-status", "closed")


def _both(kind: str, tail: str, head: str) -> list[tuple[str, str, str, str]]:
    """Return both ways of a hop whose way up is from tail to head."""
    return [(kind, "up", tail, head), (kind, "down", head, tail)]


#: The hops that a record of a table gives: kind, direction, and the properties that name its two ends.
_HOPS = {
    "supply_links": [("supply", "", "ot:buyer", "ot:supplier")],
    "operation_links": _both("operation", "ot:facility", "ot:operator"),
    "ownership_links": _both("ownership", "ot:asset", "ot:owner"),
    "recruitment_links": [
        ("recruitment", "", "ot:employer", "ot:recruiter"),
        ("recruitment", "", "ot:worksite", "ot:recruiter"),
        ("recruitment", "", "ot:recruiter", "ot:subAgentOf"),
    ],
    "co_locations": [
        ("co-location", "", *ends) for ends in (("ot:actor", "ot:other"), ("ot:other", "ot:actor"))
    ],
}
#: Ends that a record may leave out: it gives no hop then.
_OPTIONAL = frozenset({"ot:worksite", "ot:subAgentOf", "ot:owner"})
#: Of ownership: exact, else the least. Of supply: of the buyer's inputs.
_SHARES = ("shareExact", "shareMinimum", "share")
#: The terms of the numbers that one can filter on.
_FIGURES = [column.term for name in FIGURES if (column := TABLES["supply_links"].column(name))]


def survey(release: Release, dataset: str | None = None) -> Network:
    """Read the network of a release, as its scope shows it.

    Of its arcs, actors and evidence only those of `dataset` are read, where one is given.

    Raises
    ------
    UnreadableRecord
        If a record says what no index can be made of.
    """
    return _Survey(release, dataset).network()


class _Survey:
    """Reads the records of a release class by class; arcs one by one, for there may be many."""

    def __init__(self, release: Release, dataset: str | None) -> None:
        self.release, self.names = release, release.names
        #: What is read of one dataset alone, where one is given.
        self.part = release.within(release.scope.of(dataset))
        self.products: dict[str, Product] = {}
        self.canonical = components.Components()

    def network(self) -> Network:
        self.products = {
            p.iri: p for p in read(self.names, self.release.records("products"), self._product_of)
        }
        judged = self._identities()
        listings = Listings(self.release, self.canonical, self.products)
        pairs = read(
            self.names,
            self.release.records("product_inputs"),
            lambda iri, fields: (self.products[fields["ot:input"][0]], self.products[fields["ot:output"][0]]),
        )
        return Network(
            release=self.release.id,
            names=self.names,
            versions=self.release.current,
            actors=self._actors(),
            canonical=self.canonical,
            arcs=self._arcs(),
            inputs=list(pairs),
            designations=listings.designations(),
            products=self.products,
            successions=list(listings.successions()),
            judged=[*judged.joins, *judged.doubts, *judged.negative],
            disputed=len(judged.disputed),
            evidence={said["iri"]: said for said in read(self.names, self._each("evidence"), self._evidence)},
        )

    def _product_of(self, iri: str, fields: Fields) -> Product:
        return Product(iri, one(fields, "ot:hsCode") or "", one(fields, "rdfs:label") or "")

    def _identities(self) -> judgements.Judgements:
        judged = judgements.admitted(self.release)
        self.canonical = judged.joined()
        return judged

    def _actors(self) -> dict[str, Actor]:
        members: dict[str, list[tuple[str, Fields]]] = defaultdict(list)
        for iri, fields in self._each("actors"):
            members[self.canonical.find(iri)].append((iri, fields))
        found = {}
        for iri, unsorted in sorted(members.items()):
            parts = sorted(unsorted, key=lambda part: part[0])
            labels = [name for _, fields in parts for name in sorted(fields.get("rdfs:label", ()))]
            other = [name for _, fields in parts for name in sorted(fields.get("skos:altLabel", ()))]
            found[iri] = Actor(
                iri=iri,
                name=labels[0] if labels else self.names.id(iri),
                kind=next((kind for _, f in parts if (kind := kind_of(f, "actors"))), "actor"),
                places=tuple(dict.fromkeys(place for _, fields in parts for place in places_of(fields))),
                names=tuple(dict.fromkeys(labels + other)),
                members=tuple(member for member, _ in parts),
                identifiers=tuple(sorted({key for _, f in parts for key in f.get("adms:identifier", ())})),
            )
        return found

    def _arcs(self) -> Iterator[Arc]:
        for table, hops in _HOPS.items():
            for arcs in read(self.names, self._each(table), partial(self._arcs_of, hops)):
                yield from arcs

    def _arcs_of(self, hops: Sequence[tuple[str, str, str, str]], iri: str, fields: Fields) -> list[Arc]:
        statuses = fields.get("ot:status", ())
        if _RETRACTED in statuses or (_CLOSED in statuses and not fields.get("ot:endDate")):
            return []
        return [self._arc(kind, direction, iri, fields, tail, head) for kind, direction, tail, head in hops
                if all(fields.get(end) for end in _OPTIONAL & {tail, head})]  # fmt: skip

    def _each(self, table: str) -> Iterator[tuple[str, Fields]]:
        return self.part.each(table)

    def _arc(
        self,
        kind: str,
        direction: str,
        iri: str,
        fields: Fields,
        tail: str,
        head: str,
    ) -> Arc:
        start, end, confidence = (
            one(fields, f"ot:{name}") for name in ("startDate", "endDate", "confidence")
        )
        share = next(filter(None, (one(fields, f"ot:{name}") for name in _SHARES)), None)
        observed, members = one(fields, "ot:observedDate"), (fields[tail][0], fields[head][0])
        ends = (self.canonical.find(members[0]), self.canonical.find(members[1]))
        readable(observed)
        if confidence and not 0 <= Fraction(confidence) <= 1:
            raise ValueError(f"a confidence is from 0 to 1, not {confidence}")
        return Arc(
            kind=kind,
            direction=direction,
            tail=ends[0],
            head=ends[1],
            record=iri,
            tiers=int(one(fields, "ot:declaredTier") or 1) if kind == "supply" else 0,
            product=self._product(fields, "ot:product"),
            input_to=self._product(fields, "ot:inputTo"),
            start=first_day(start) if start else EVER,
            end=last_day(end) if end else NEVER,
            start_date=start,
            end_date=end,
            observed=observed,
            confidence=Fraction(confidence) if confidence and Fraction(confidence) != 1 else 1,
            stated_confidence=float(confidence) if confidence else None,
            share=float(share) if share else None,
            controlling=concept("interest", "controlling") in fields.get("ot:interest", ()),
            dataset=dataset_of(iri, self.names),
            evidence=tuple(sorted(fields.get("ot:evidence", ()))),
            source=one(fields, "dcterms:source"),
            figures=tuple(float(said) if (said := one(fields, term)) else None for term in _FIGURES),
            indirect=one(fields, "ot:direct") == "false",
            **(_measured(fields) if kind == "supply" else {}),
            members=None if ends == members else members,
        )

    def _product(self, fields: Fields, name: str) -> Product | None:
        iri = one(fields, name)
        return None if iri is None else self.products.get(iri) or Product(iri)

    def _evidence(self, iri: str, fields: Fields) -> dict[str, str]:
        said = {
            "type": one(fields, "ot:evidenceType"),
            "title": one(fields, "dcterms:title"),
            "url": one(fields, "ot:url"),
        }
        said["type"] = (said["type"] or "").rpartition("#evidence-type-")[2]
        return {"iri": iri, **{key: value for key, value in said.items() if value}}


def _measured(fields: Fields) -> dict[str, Any]:
    """Return what a supply link is worth and how much it is, as an arc has it."""
    said: dict[str, Any] = {name: one(fields, f"ot:{name}") for name in ("value", "quantity")}
    found = {name: float(text) for name, text in said.items() if text}
    return found | {name: one(fields, f"ot:{name}") or "" for name in ("currency", "unit")}
