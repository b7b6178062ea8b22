"""The survey: actors, arcs and designations as a trace walks them, read from a release of the store."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator

from opentier.graph.identity import judgements
from opentier.graph.identity.components import Components, regrouped
from opentier.graph.model.products import Product
from opentier.graph.network.links import Links
from opentier.graph.network.listings import Listings
from opentier.graph.network.network import Actor, Arc, Network
from opentier.graph.network.reading import dataset_of, kind_of, places_of, read
from opentier.graph.store.engine import Fields
from opentier.graph.store.release import Release, one


def survey(release: Release, dataset: str | None = None, before: Components | None = None) -> Network:
    """Read the network of a release, as its scope shows it.

    Of its arcs, actors and evidence only those of `dataset` are read, where one is given, and what its judgements and
    identifiers change of others.

    Parameters
    ----------
    before
        Who was one with whom before that dataset changed.

    Raises
    ------
    UnreadableRecord
        If a record says what no index can be made of.
    """
    return _Survey(release, dataset, before or Components()).network()


class _Survey:
    """Reads the records of a release class by class, but no links."""

    def __init__(self, release: Release, dataset: str | None, before: Components) -> None:
        self.release, self.names, self.dataset, self.before = release, release.names, dataset, before
        #: What is read of one dataset alone, where one is given.
        self.part = release.within(release.scope.of(dataset))
        self.products: dict[str, Product] = {}
        self.canonical = Components()
        #: Those whom it makes others than they were.
        self.others: set[str] = set()

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
        self.others = regrouped(self.before, self.canonical) if self.dataset else set()
        whole = self._whole() if self.dataset else set()
        return Network(
            release=self.release.id,
            names=self.names,
            versions=self.release.current,
            actors=self._actors(whole),
            canonical=self.canonical,
            arcs=Links(self.part, self.canonical, self.products),
            inputs=list(pairs),
            designations=listings.designations(),
            products=self.products,
            successions=list(listings.successions()),
            judged=sorted(
                (*judged.joins, *judged.doubts, *judged.negative), key=lambda said: (said.judgement, said.age)
            ),
            disputed=len(judged.disputed),
            evidence={said["iri"]: said for said in read(self.names, self._each("evidence"), self._evidence)},
            whole=whole,
            again=list(self._again()) if self.others else [],
        )

    def _product_of(self, iri: str, fields: Fields) -> Product:
        return Product(iri, one(fields, "ot:hsCode") or "", one(fields, "rdfs:label") or "")

    def _identities(self) -> judgements.Judgements:
        judged = judgements.admitted(self.release)
        self.canonical = judged.joined()
        return judged

    def _whole(self) -> set[str]:
        """Return the canonical actors of whom the dataset may describe a part, and those who are others than before."""
        described, groups = {iri for iri, _ in self._each("actors")}, self.canonical.groups()
        parts = {
            canonical
            for canonical, group in groups.items()
            if group & described or any(dataset_of(name, self.names) == self.dataset for name in group)
        }
        return parts | {self.canonical.find(name) for name in self.others}

    def _again(self) -> Iterator[Arc]:
        """Yield the arcs of other datasets between actors that are one and were not, or were one and are not."""
        part = self.release.within(self.release.scope.leaving_out(self.dataset or ""))
        known = (*self.before.groups().values(), *self.canonical.groups().values())
        return Links(part, self.canonical, self.products).between(
            group for group in known if group & self.others
        )

    def _actors(self, whole: Collection[str]) -> dict[str, Actor]:
        members: dict[str, list[tuple[str, Fields]]] = defaultdict(list)
        groups = self.canonical.groups() if whole else {}
        one = {name for canonical in whole for name in groups.get(canonical, (canonical,))}
        for iri, fields in self._each("actors"):
            if iri not in one:
                members[self.canonical.find(iri)].append((iri, fields))
        for iri in one:
            for fields in self.release.of("actors", iri):
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
