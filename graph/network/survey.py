"""The survey: actors, arcs and designations as a trace walks them, read from a release of the store."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from opentier.graph.identity import judgements
from opentier.graph.identity.components import Components, regrouped
from opentier.graph.identity.identities import Identities
from opentier.graph.identity.touched import touched
from opentier.graph.model.products import Product
from opentier.graph.model.tables import TABLES
from opentier.graph.model.versions import Version
from opentier.graph.network.links import Links
from opentier.graph.network.listings import Listings
from opentier.graph.network.network import Actor, Arc, Network
from opentier.graph.network.reading import dataset_of, places_of, read
from opentier.graph.store.release import Release, one
from opentier.graph.triples.engine import Fields


@dataclass(frozen=True)
class Change:
    """One dataset that is another one now, and what was before: who was one with whom, and the current versions."""

    dataset: str
    identities: Identities
    versions: Mapping[str, Version]


def survey(release: Release, change: Change | None = None) -> Network:
    """Read the network of a release, as its scope shows it.

    Parameters
    ----------
    change
        Of arcs, actors and evidence only those of its dataset are read, and what its judgements and identifiers change
        of others.

    Raises
    ------
    UnreadableRecord
        If a record says what no index can be made of.
    """
    return _Survey(release, change).network()


class _Survey:
    """Reads the records of a release class by class, but no links."""

    def __init__(self, release: Release, change: Change | None) -> None:
        self.release, self.names, self.change = release, release.names, change
        #: What is read of one dataset alone, where one is given.
        self.part = release.within(release.scope.of(change.dataset if change else None))
        self.products: dict[str, Product] = {}
        self.canonical = Components()

    def network(self) -> Network:
        self.products = {
            p.iri: p for p in read(self.names, self.release.records("products"), self._product_of)
        }
        identities = self._identities()
        self.canonical = identities.canonical
        listings = Listings(self.release, self.canonical, self.products)
        pairs = read(
            self.names,
            self.release.records("product_inputs"),
            lambda iri, fields: (self.products[fields["ot:input"][0]], self.products[fields["ot:output"][0]]),
        )
        whole, again = (set[str](), list[Arc]()) if self.change is None else self._touched(self.change)
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
            judged=identities.judged,
            disputed=identities.disputed,
            evidence={said["iri"]: said for said in read(self.names, self._each("evidence"), self._evidence)},
            whole=whole,
            again=again,
        )

    def _product_of(self, iri: str, fields: Fields) -> Product:
        return Product(iri, one(fields, "ot:hsCode") or "", one(fields, "rdfs:label") or "")

    def _identities(self) -> Identities:
        if (change := self.change) is not None:
            graphs = ([said[change.dataset].iri] if change.dataset in said else []
                      for said in (self.release.current, change.versions))  # fmt: skip
            if (known := touched(self.release, *graphs)) is not None:
                return change.identities.after(known)
        return Identities.of(judgements.admitted(self.release))

    def _touched(self, change: Change) -> tuple[set[str], list[Arc]]:
        """Return the actors that are read whole and the arcs that are read again (see `Network`)."""
        before, groups = change.identities.canonical, self.canonical.groups()
        others, described = regrouped(before, self.canonical), {iri for iri, _ in self._each("actors")}
        parts = {
            canonical
            for canonical, group in groups.items()
            if group & described or any(dataset_of(name, self.names) == change.dataset for name in group)
        }
        part = self.release.within(self.release.scope.leaving_out(change.dataset))
        known = (group for group in (*before.groups().values(), *groups.values()) if group & others)
        arcs = Links(part, self.canonical, self.products).between(known)
        return parts | {self.canonical.find(name) for name in others}, list(arcs)

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
                kind=next(
                    (kind for _, f in parts if (kind := TABLES["actors"].kind(f["rdf:type"]))), "actor"
                ),
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
