"""The limits of an answer: what it rests on, what was not searched, and where data ends."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any

import numpy as np

from opentier.graph.engine.arrays import NONE, Array
from opentier.graph.engine.hops import HOPS, KINDS, SUPPLY, parted
from opentier.graph.exposure.objects import Json, Objects
from opentier.graph.exposure.touches import Touches
from opentier.graph.identity.alike import key
from opentier.graph.index.columns import spread
from opentier.graph.index.opened import Index
from opentier.graph.network.network import Actor, Designation, Place
from opentier.graph.trace.parameters import FILTERS, Parameters, window
from opentier.graph.trace.walks import Trace

#: Refused links that are named.
_REFUSED = 5
#: Filters that are told otherwise than as filters.
_APART = frozenset({"downstream", "on", "since", "until", "as_known", "kinds", "paths", "past", "pending"})


class Limits:
    """What an answer rests on and where it ends.

    Parameters
    ----------
    filtered
        How many exposures more the same question has without a filter by exploitation.
    truncated
        Whether anything that the answer holds was given up.
    """

    def __init__(
        self, trace: Trace, touches: Touches, objects: Objects, *, filtered: int, truncated: bool
    ) -> None:
        self.trace, self.touches, self.objects, self.index = trace, touches, objects, trace.index
        self.filtered, self.truncated = filtered, truncated
        self.nodes: list[int] = trace.nodes.tolist()

    def to_dict(self) -> Json:
        """Return the limits as a JSON object."""
        trace, index, asked = self.trace, self.index, self.trace.parameters
        arcs = index.arcs
        supply = trace.walked[arcs.hop[trace.walked] == SUPPLY]
        product = index.goods.product[arcs.goods[supply]]
        bare, coded = product == NONE, np.array([bool(p.code) for p in index.every_product], np.bool_)
        listing = {entry.dataset for entry in index.designations}
        return {
            "datasets": _datasets(index, {*asked.datasets, *listing} if asked.datasets else None),
            "designations": list(registers(index, self.touches, self.touches.met(self.nodes))),
            "dates": {"on": asked.on, "from": asked.since, "to": asked.until, "as_known": asked.as_known},
            "filters": filters(asked),
            "kinds_not_walked": _not_walked(self.touches, self._touching),
            "actors_without_upstream_links": trace.bare(),
            "actors_without_country": self._of_places(
                lambda places: not any(place.country for place in places)
            ),
            "place_unknown": self._of_places(self._place_unknown),
            "links_without_product": int(bare.sum()),
            "links_without_code": int((~coded[product[~bare]]).sum()),
            "refused_by_product": len(trace.refused),
            "declared_tier_gaps": len(trace.gaps()),
            "names_alike": list(self._alike()),
            "refused_first": [self._refused(int(number)) for number in trace.refused[:_REFUSED]],
            "organisation_changes": list(self._changes()),
            "doubtful_matches": sorted(index.names.id(index.iri(n)) for n in self.nodes if n in index.unsure),
            "disputed": index.tables.disputed,
            "filtered_exposures": self.filtered,
            "broken_references": int((index.columns["kind"][trace.nodes] == 0).sum()),
            "truncated": self.truncated or trace.truncated,
        }

    def _touching(self) -> Array:
        """Return the numbers of all arcs that begin or end at a reached actor."""
        index, nodes = self.index, self.trace.nodes
        numbers = []
        for ways in (index.out, index.back):
            begin, end = ways.begin[nodes].astype(np.int64), ways.end[nodes].astype(np.int64)
            rows = spread(begin, end)
            numbers.append(ways.arc[rows].astype(np.int64) if len(ways.arc) else rows)
        return np.unique(np.concatenate(numbers)) if len(nodes) else np.zeros(0, np.int64)

    def _of_places(self, asked: Callable[[Sequence[Place]], bool]) -> int:
        """Return how many reached actors are in places of which something is true."""
        numbers, many = np.unique(self.index.place[self.trace.nodes], return_counts=True)
        places = self.index.places
        return sum(
            count
            for number, count in zip(numbers.tolist(), many.tolist(), strict=True)
            if asked(places[number])
        )

    def _place_unknown(self, places: Sequence[Place]) -> bool:
        """Return whether a region is listed of a country that some places are in, nobody knows in which region."""
        for entry in self.touches.of_regions:
            inside = [place for place in places if entry.place and place.country == entry.place.country]
            if inside and not any(place.known_region for place in inside):
                return True
        return False

    def _refused(self, number: int) -> Json:
        arc = self.trace.arc(number)
        return {
            "from": self.objects.named(arc.tail),
            "to": self.objects.named(arc.head),
            "product": arc.product.label if arc.product else None,
            "record": arc.record,
        }

    def _changes(self) -> Iterator[Json]:
        """Yield the changes of reached organisations until the asked day."""
        until, reached = window(self.trace.parameters)[1], set(self.nodes)
        for node, _, said in self.index.successions:
            if node in reached and said.happened(until):
                after = self.objects.named(said.after) if said.after else None
                actor = self.objects.named(self.index.iri(node))
                yield {"actor": actor, "kind": said.kind, "after": after, "date": said.date}

    def _alike(self) -> Iterator[Json]:
        """Yield the reached actors that are called as a designated one is, which nobody has judged."""
        index, reached = self.index, set(self.nodes)
        judged = self._judged()
        for target, entries in sorted(index.designated.targets.items()):
            counting = [entry for entry in entries if self.touches.state(entry) == "current"]
            keys = dict.fromkeys(filter(None, map(key, _names(index.actor(target))))) if counting else ()
            found = {node for alike in keys for node in index.keys["node"].find(f"alike:{alike}")}
            for node in sorted((found & reached) - {target}):
                if frozenset((node, target)) in judged or not _same(index.actor(node), keys):
                    continue
                for entry in counting:
                    actor = self.objects.named(index.iri(node))
                    yield {"actor": actor, "designation": self.objects.entry(entry), "score": 1.0}

    def _judged(self) -> set[frozenset[int | None]]:
        node = self.index.node
        return {frozenset((node(said.left), node(said.right))) for said in self.index.judged}


def _names(actor: Actor) -> tuple[str, ...]:
    return actor.names or (actor.name,)


def _same(actor: Actor, keys: Any) -> bool:
    """Return whether one of an actor's names has one of some keys; a hash that only happens to be equal has not."""
    return any(key(name) in keys for name in _names(actor))


def registers(index: Index, touches: Touches, searched: Sequence[Designation]) -> Iterator[Json]:
    """Yield the searched designations by register and dataset."""
    groups: dict[tuple[str, str], list[Designation]] = {}
    for entry in searched:
        groups.setdefault((entry.register or entry.authority, entry.dataset), []).append(entry)
    for (register, dataset), entries in sorted(groups.items()):
        version = index.versions.get(dataset)
        yield {
            "register": register,
            "dataset": dataset,
            "edition": version and (version.package_version or None),
            "date": version and (version.created or None),
            "searched": len(entries),
            "in_force": sum(touches.state(entry) == "current" for entry in entries),
        }


def filters(asked: Parameters) -> Json:
    """Return the active filters, by the names that faces have for them."""
    found: Json = {}
    for name, said in FILTERS.items():
        value = getattr(asked, name)
        if name not in _APART and value != getattr(Parameters, name):
            found[said.called] = list(value) if isinstance(value, tuple) else value
    return found


def of_everybody(touches: Touches) -> Json:
    """Return what figures of all actors rest on: datasets, designations by register, dates, filters, kinds.

    Of the kinds that were not asked for it says how many records there are. Nothing is given up.
    """
    index, asked = touches.index, touches.parameters
    return {
        "datasets": _datasets(index, set(asked.datasets) or None),
        "designations": list(registers(index, touches, index.designations)),
        "dates": {"on": asked.on, "from": asked.since, "to": asked.until},
        "filters": filters(asked),
        "kinds_not_walked": _not_walked(touches, index.rows),
        "filtered_designations": [touches.state(e) for e in index.designations].count("left out"),
        "truncated": False,
    }


def _datasets(index: Index, only: Collection[str] | None) -> list[Json]:
    """Return the current versions that were searched, those of some datasets alone where they are given."""
    searched = [v for v in index.versions.values() if only is None or v.dataset in only]
    return [{"id": v.dataset, "version": v.number, "licence": v.licence} for v in searched]


def _not_walked(touches: Touches, among: Callable[[], Array]) -> dict[str, int]:
    """Return the kinds that were not asked for, and how many records of each there are among some arcs."""
    index, missing = touches.index, [kind for kind in KINDS if kind not in touches.parameters.kinds]
    if not index.tables.zero and "supply" not in missing:  # there are supply links alone
        return dict.fromkeys(missing, 0)
    arcs = among()
    arcs = arcs[np.array(index.tables.live, np.bool_)[index.arcs.dataset[arcs]]]
    found = {}
    for kind in missing:
        hops = [number for number, hop in enumerate(HOPS) if parted(hop)[0] == kind]
        found[kind] = len(np.unique(index.columns["record"][arcs[np.isin(index.arcs.hop[arcs], hops)]]))
    return found
