"""The survey: actors, arcs and designations as a trace walks them, read from a release of the store."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from opentier.graph.identity import components, judgements
from opentier.graph.model.products import Product
from opentier.graph.network.links import Links
from opentier.graph.network.listings import Listings
from opentier.graph.network.network import Actor, Network
from opentier.graph.network.reading import kind_of, places_of, read
from opentier.graph.store.engine import Fields
from opentier.graph.store.release import Release, one


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
    """Reads the records of a release class by class, but no links."""

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
            arcs=Links(self.part, self.canonical, self.products),
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

    def _each(self, table: str) -> Iterator[tuple[str, Fields]]:
        return self.part.each(table)

    def _evidence(self, iri: str, fields: Fields) -> dict[str, str]:
        said = {
            "type": one(fields, "ot:evidenceType"),
            "title": one(fields, "dcterms:title"),
            "url": one(fields, "ot:url"),
        }
        said["type"] = (said["type"] or "").rpartition("#evidence-type-")[2]
        return {"iri": iri, **{key: value for key, value in said.items() if value}}
