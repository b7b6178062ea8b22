"""What a release says that its index does not hold, and that answers have to tell nevertheless.

Links that are kept and never walked, whatever is asked: closed ones without an end, and those of confidence 0; what
people judged of identities that another dataset overrules; and what contradicts a record.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import cached_property
from itertools import product
from typing import NamedTuple

import numpy as np

from opentier.graph.engine.arrays import Array
from opentier.graph.identity.judgements import Judged, overruled
from opentier.graph.index.opened import Index
from opentier.graph.model.names import expand
from opentier.graph.model.rdf import IRI, Triple
from opentier.graph.network.links import HOPS_OF
from opentier.graph.network.network import Designation, Place
from opentier.graph.network.reading import places_of
from opentier.graph.store.release import Release, one
from opentier.graph.trace.likeness import Likeness, likenesses

#: Why a link is never walked, with the limit that counts it.
LIMITS = {"closed": "links_closed_without_end", "doubted": "links_of_no_confidence"}

#: The properties by which a link names whom it links.
_ENDS = frozenset(expand(end) for hops in HOPS_OF.values() for _, _, *ends in hops for end in ends)


class Member(NamedTuple):
    """What an actor is called by its own records, "" where nothing is known, and where it is."""

    name: str
    places: tuple[Place, ...]


class Contradiction(NamedTuple):
    """A record that says why another one is not true; both stay."""

    record: str
    contradicts: str
    reason: str
    by: str | None
    date: str | None
    evidence: tuple[str, ...]


class Unindexed:
    """What a release says that its index does not hold, read when asked for; nothing where there is no release."""

    def __init__(self, index: Index, release: Release | None = None) -> None:
        self.index, self._release = index, release
        self._members: dict[str, Member] = {}

    @cached_property
    def _overruled(self) -> list[tuple[set[int | None], Judged, Judged]]:
        """Judgements of people with their nodes, each with the one of another dataset that counts instead."""
        pairs = overruled(self._release) if self._release else []
        return [({self.index.node(said.left), self.index.node(said.right)}, said, by) for said, by in pairs]

    @cached_property
    def _ends(self) -> tuple[Array, list[str]]:
        """Of each end of a link that is never walked its node, link, reason and dataset by number; and the datasets."""
        datasets: dict[str, int] = {}
        release, whys = self._release, dict[str, list[int]]()
        for link, why in release.select("unwalked") if release else ():
            whys.setdefault(link, []).append([*LIMITS].index(why))
        numbers, rows = {link: number for number, link in enumerate(whys)}, []
        known = release.engine.among(release.whole, [*map(IRI, whys)]) if release and whys else ()
        for _, said in known:
            if said.predicate.value not in _ENDS or isinstance(said.object, Triple):
                continue
            link = said.subject.value
            dataset = self.index.names.id(link).partition("/")[0]
            of = datasets.setdefault(dataset, len(datasets))
            if (node := self.index.node(said.object.value)) is not None:
                rows += [(node, numbers[link], why, of) for why in whys[link]]
        return np.array(rows, np.int64).reshape(-1, 4).T, list(datasets)

    def member(self, iri: str) -> Member:
        """Return what is said of an actor alone, whoever is one with it."""
        found = self._members.get(iri)
        if found is None:
            said = list(self._release.of("actors", iri)) if self._release else []
            names = sorted(name for fields in said for name in fields.get("rdfs:label", ()))
            places = dict.fromkeys(place for fields in said for place in places_of(fields))
            found = self._members[iri] = Member(names[0] if names else "", tuple(places))
        return found

    def listed(self, entry: Designation) -> str | None:
        """Return what the record of a designation calls its target, whoever is one with that; None without one."""
        if entry.target is None:
            return None
        node = self.index.node(entry.target)
        own = self.member(entry.named).name if entry.named else ""
        return own or (None if node is None else self.index.actor(node).name)

    @cached_property
    def contradicted(self) -> Mapping[str, list[Contradiction]]:
        """What contradicts a record, by the IRI of that one; each in the order of its own IRI."""
        found: dict[str, list[Contradiction]] = {}
        for iri, fields in self._release.records("contradictions") if self._release else ():
            reason, by, date = (
                one(fields, name) for name in ("ot:statusReason", "ot:decidedBy", "dcterms:date")
            )
            evidence = tuple(sorted(fields.get("ot:evidence", ())))
            for record in fields.get("ot:contradicts", ()):
                said = Contradiction(iri, record, reason or "", by, date, evidence)
                found.setdefault(record, []).append(said)
        return found

    def contradictions(
        self, nodes: Collection[int], walked: Array, listed: Collection[str]
    ) -> list[Contradiction]:
        """Return what contradicts some actors (by node), walked links (by number) or listed records (by IRI)."""
        if not self.contradicted:
            return []
        numbers = np.unique(self.index.columns["record"][walked]).tolist()
        links = {self.index.strings["record"][number] for number in numbers}
        met = [
            record for record in sorted(self.contradicted)
            if record in links or record in listed or self.index.node(record) in nodes
        ]  # fmt: skip
        return [said for record in met for said in self.contradicted[record]]

    @cached_property
    def alike(self) -> list[Likeness]:
        """Who is called as a listed actor is, which nobody has judged."""
        judged = {frozenset((said.left, said.right)) for said in self.index.judged}

        def pairs(found: Likeness) -> Iterator[frozenset[str]]:
            sides = (self.index.actor(node).members for node in (found.actor, found.listed))
            return map(frozenset, product(*sides))

        found = likenesses(self._release, self.index) if self._release else []
        return [each for each in found if judged.isdisjoint(pairs(each))]

    def overruled(self, nodes: Collection[int]) -> list[tuple[Judged, Judged]]:
        """Return the judgements on some nodes that are overruled, each with what overrules it."""
        return [(said, by) for ends, said, by in self._overruled if any(end in nodes for end in ends)]

    def unwalked(self, nodes: Array, datasets: Collection[str] = ()) -> dict[str, int]:
        """Return how many links are never walked that end at some nodes; of some datasets, where any are given."""
        (node, link, why, dataset), known = self._ends
        kept = np.isin(node, nodes)
        if datasets:
            kept &= np.isin(dataset, [number for number, name in enumerate(known) if name in datasets])
        return {
            limit: len(np.unique(link[kept & (why == number)]))
            for number, limit in enumerate(LIMITS.values())
        }
