"""What answers are made of, as JSON objects: actors, designations, paths and hops, each made once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from opentier.graph.engine.arrays import FIGURES
from opentier.graph.exposure import words
from opentier.graph.exposure.exposures import Exposure
from opentier.graph.index.opened import Index
from opentier.graph.model.dates import iso
from opentier.graph.network.network import Actor, Arc, Designation, Judged
from opentier.graph.risk.beside import Beside
from opentier.graph.trace.joins import Joins
from opentier.graph.trace.paths import Path
from opentier.graph.trace.unindexed import Contradiction, Unindexed

Json = dict[str, Any]


class Objects:
    """The JSON objects of an index; a hop says what stands beside it, where that is looked for."""

    def __init__(
        self, index: Index, beside: Beside | None = None, unindexed: Unindexed | None = None
    ) -> None:
        self.index, self.names, self.beside = index, index.names, beside
        self.unindexed = unindexed or Unindexed(index)
        self.joins = Joins(index, self.unindexed)
        self._actors: dict[str, Actor] = {}
        self._named: dict[str, Json] = {}
        self._entries: dict[str, Json] = {}
        self._hops: dict[tuple[str, ...], Json] = {}
        self._paths: dict[int, tuple[Path, Json]] = {}

    def actor(self, iri: str) -> Actor:
        """Return the canonical actor of an IRI that the index knows, or one that goes by its id."""
        found = self._actors.get(iri)
        if found is None:
            node = self.index.node(iri)
            found = self._actors[iri] = (
                Actor(iri, self.names.id(iri), "actor", ()) if node is None else self.index.actor(node)
            )
        return found

    def at(self, node: int) -> Actor:
        """Return the actor of a node, which is quicker than to look for its IRI."""
        actor = self.index.actor(node)
        return self._actors.setdefault(actor.iri, actor)

    def named(self, iri: str) -> Json:
        """Return an actor by IRI, id, name and country."""
        found = self._named.get(iri)
        if found is None:
            actor = self.actor(iri)
            found = {"iri": iri, "id": self.names.id(iri), "name": actor.name, "country": actor.country}
            self._named[iri] = found
        return found

    def entry(self, entry: Designation) -> Json:
        """Return a designation."""
        if entry.iri not in self._entries:
            self._entries[entry.iri] = self._made_entry(entry)
        return self._entries[entry.iri]

    def _made_entry(self, entry: Designation) -> Json:
        place = entry.place
        return {
            "iri": entry.iri,
            "id": self.names.id(entry.iri),
            "kind": entry.kind,
            "title": words.title(entry, self.unindexed.listed(entry)),
            "class": "measure" if entry.measure else "risk",
            "authority": entry.authority,
            "register": entry.register,
            "law": entry.law,
            "effect": entry.effect,
            "exploitation": list(entry.exploitation),
            "target": self.named(entry.target) if entry.target else None,
            "place": {"country": place.country or None, "region": place.region or None} if place else None,
            "good": entry.product.label if entry.product else None,
            "scope_products": [product.label for product in entry.scope],
            "includes_subsidiaries": entry.subsidiaries,
            "status": entry.status,
            "status_history": [{"date": date, "status": status} for date, status in entry.changes],
            "listing_date": entry.listing_date,
            "effective_date": entry.effective_date,
            "delisting_date": entry.delisting_date,
            "observed_date": entry.observed_date,
            "in_force": [{"from": iso(begin), "to": iso(end)} for begin, end in entry.in_force],
            "replies": [
                {"party": self.named(party), "date": date, "text": text or None, "url": url or None}
                for party, date, text, url in entry.responses
            ],
            "dataset": entry.dataset,
            "licence": self.licence(entry.dataset),
            "note": entry.note,
            "contradictions": self.contradictions(entry.iri),
        }

    def path(self, exposure: Exposure, number: int, *, asked: bool) -> Json:
        """Return one of the paths of an exposure; `asked` says whether a product was asked for."""
        path = exposure.paths[number]
        known = self._paths.get(id(path))
        if known is None:
            known = self._paths[id(path)] = (path, self.bare(path, asked=asked))
        severity = exposure.severities[number]
        found = {
            **known[1],
            "severity": {"value": severity.value, "factors": dict(severity.factors)},
            "scope_match": exposure.scopes[number],
            "in_force_while_live": exposure.in_force(path),
        }
        if more := self._behind(exposure, path):
            found["hops"] = [*found["hops"], *more]
        return found

    def _behind(self, exposure: Exposure, path: Path) -> list[Json]:
        """Return how the end of a path and what a designation is about are one, or may be."""
        last, entry = path.arcs[-1] if path.arcs else None, exposure.designation
        here = exposure.touched if last is None else last.members[1] if last.members else last.head
        joins: list[tuple[str, str, Judged]] = []
        if exposure.reason == "possible-identity":
            if (doubt := self._doubt(exposure)) is None:
                return []
            joins, here = [*self.joins.between(here, doubt[0]), doubt], doubt[1]
        elif entry.target not in (None, exposure.touched):
            return []
        there = entry.named or entry.target or self.joins.placed(here, entry.place)
        return list(map(self._identity, [*joins, *self.joins.between(here, there)]))

    def bare(self, path: Path, *, asked: bool) -> Json:
        """Return a path that leads to no exposure in particular; `asked` as of `path`."""
        stated = [float(arc.confidence) for arc in path.arcs]
        return {
            "tier": path.tiers,
            "confidence": {"product": round(float(path.confidence), 9), "minimum": min(stated, default=1.0)},
            "product_continuity": ("unknown" if path.unknown else "consistent") if asked else "not-asked",
            "live": {"from": iso(path.start), "to": iso(path.end)},
            "gaps": sum(arc.tiers > 1 for arc in path.arcs),
            "repeats_actor": not path.simple,
            "hops": list(self._along(path)),
        }

    def _along(self, path: Path) -> Iterator[Json]:
        """Yield the hops of a path, and before each how its beginning and what was named before are one actor."""
        here = path.arcs[0].tail if path.arcs else ""
        for arc in path.arcs:
            yield from map(
                self._identity, self.joins.between(here, arc.members[0] if arc.members else arc.tail)
            )
            yield self.hop(arc)
            here = arc.members[1] if arc.members else arc.head

    def hop(self, arc: Arc) -> Json:
        """Return a hop."""
        key = arc.record, arc.hop, arc.tail, arc.head
        found = self._hops.get(key)
        if found is None:
            found = self._hops[key] = self._made_hop(arc)
        return found

    def site(self, arc: Arc) -> str:
        """Return a site as a sentence names it: by the record that says who operates it, and since when."""
        when = words.between(arc.start_date, arc.end_date) or words.said("unstated", "dates")
        record = self.names.id(arc.record)
        return words.said("about", "site", site=self.actor(arc.head).name, record=record, when=when)

    def brief(self, exposure: Exposure, share: float) -> Json:
        """Return an exposure without its paths, and of its designation what names it; `share` as of `sentence`."""
        entry = self.entry(exposure.designation)
        return {
            "actor": {**self.named(exposure.actor), "tier": exposure.tier},
            "designation": {name: entry[name] for name in ("iri", "id", "title", "class")},
            "reason": exposure.reason,
            "sentence": self.sentence(exposure, share),
            "group": exposure.group,
            "state": exposure.state,
        }

    def sentence(self, exposure: Exposure, share: float) -> str:
        """Return why an exposure is one; `share` is the least of ownership that was asked about, in percent."""
        touched, sites = self.actor(exposure.touched), list(map(self.site, exposure.sites))
        found = words.reason(
            exposure.reason, exposure.designation, kind=touched.kind, share=share, sites=sites
        )
        if exposure.touched == exposure.actor:
            return found
        return words.sentence("upstream-of-it", actor=touched.name, sentence=found)

    def _made_hop(self, arc: Arc) -> Json:
        version = self.index.versions.get(arc.dataset)
        return {
            "kind": arc.kind,
            "direction": arc.direction or None,
            "from": self.named(arc.tail),
            "to": self.named(arc.head),
            "record": arc.record,
            "product": arc.product.label if arc.product else None,
            "start_date": arc.start_date,
            "end_date": arc.end_date,
            "observed_date": arc.observed,
            "share": arc.share,
            "confidence": arc.stated_confidence,
            "gap": max(arc.tiers - 1, 0),
            "dataset": arc.dataset,
            "version": version.number if version else None,
            "licence": self.licence(arc.dataset),
            "evidence": [self.index.evidence(iri) for iri in arc.evidence],
            "source": arc.source,
            **self._apart(arc),
            "contradictions": self.contradictions(arc.record),
            **dict(zip(FIGURES, arc.figures, strict=True)),
        }

    def _apart(self, arc: Arc | None) -> Json:
        """Return what stands beside a hop; nothing, which is not that there is none, where it was not looked for."""
        if self.beside is None:
            return {}
        if arc is None:
            return {"incidents": [], "likelihoods": []}
        incidents, likelihoods = self.beside.at(arc)
        return {"incidents": [e.iri for e in incidents], "likelihoods": [e.iri for e in likelihoods]}

    def contradictions(self, record: str) -> list[Json]:
        """Return what contradicts a record."""
        return list(map(self.contradiction, self.unindexed.contradicted.get(record, ())))

    def contradiction(self, said: Contradiction) -> Json:
        """Return a contradiction: who says why that which record is not true, in which dataset."""
        dataset = self.names.id(said.record).partition("/")[0]
        version = self.index.versions.get(dataset)
        return {
            "record": said.record,
            "contradicts": {"iri": said.contradicts, "id": self.names.id(said.contradicts)},
            "reason": said.reason,
            "by": said.by,
            "date": said.date,
            "evidence": [self.index.evidence(iri) for iri in said.evidence],
            "dataset": dataset,
            "version": version.number if version else None,
            "licence": self.licence(dataset),
        }

    def licence(self, dataset: str) -> str | None:
        """Return the licence of the current version of a dataset."""
        version = self.index.versions.get(dataset)
        return version.licence if version else None

    # --- Who is one with whom ------------------------------------------------------------------------------------

    def _doubt(self, exposure: Exposure) -> tuple[str, str, Judged] | None:
        """Return the unsure judgement that a possible identity rests on, and what it calls both."""
        doubts = self.joins.doubts(exposure.touched)
        return next((doubt for doubt in doubts if self._may_be(doubt[1], exposure.designation)), None)

    def _may_be(self, iri: str, entry: Designation) -> bool:
        actor = self.actor(iri)
        if entry.target:
            return actor.iri == entry.target
        return any(entry.place is not None and entry.place.covers(place) for place in actor.places)

    def _identity(self, join: tuple[str, str, Judged]) -> Json:
        here, there, said = join
        dataset = self._dataset(said)
        version = self.index.versions.get(dataset)
        return {
            **dict.fromkeys(
                ("direction", "product", "start_date", "end_date", "observed_date", "share", "source")
            ),
            "kind": "identity",
            "from": self._member(here),
            "to": self._member(there),
            "record": said.record,
            "confidence": said.score,
            "gap": 0,
            "dataset": dataset if version else None,
            "version": version.number if version else None,
            "licence": self.licence(dataset),
            "evidence": [],
            **self._apart(None),
            **dict.fromkeys(FIGURES),
            "contradictions": self.contradictions(said.record),
            "judgement": self._judgement(said),
        }

    def overruled(self, said: Judged, by: Judged) -> Json:
        """Return a judgement that another dataset's overrules, and that one."""
        return {
            "left": self._member(said.left),
            "right": self._member(said.right),
            "judgement": {**self._judgement(said), "dataset": self._dataset(said)},
            "by": {**self._judgement(by), "dataset": self._dataset(by)},
        }

    def _judgement(self, said: Judged) -> Json:
        return {
            "record": said.record,
            "judgement": said.judgement,
            "decided_by": said.decided_by,
            "score": said.score,
            "date": said.date,
        }

    def _dataset(self, said: Judged) -> str:
        return self.names.id(said.record).partition("/")[0]

    def _member(self, iri: str) -> Mapping[str, Any]:
        """Return an actor as a record names it, by what is said of it alone, where anything is."""
        said, known = self.unindexed.member(iri), self.named(iri)
        country = next((place.country for place in said.places if place.country), None)
        region = next((place.region for place in said.places if place.region), None)
        return {
            "iri": iri,
            "id": self.names.id(iri),
            "name": said.name or known["name"],
            "country": country if said.name else known["country"],
            "region": region,
        }

    def described(self, actor: Actor) -> Json:
        """Return an actor with all its names, and the ids of all that are one with it."""
        members = [self.names.id(iri) for iri in actor.members or (actor.iri,)]
        return {**self.named(actor.iri), "names": list(actor.names or (actor.name,)), "members": members}
