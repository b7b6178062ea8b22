"""What is not known of actors: where they are, whether they are a listed one, and what became of them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

import numpy as np

from opentier.graph.engine.arrays import Array
from opentier.graph.exposure.objects import Json, Objects
from opentier.graph.exposure.touches import Touches
from opentier.graph.identity.alike import key
from opentier.graph.index.opened import Index
from opentier.graph.network.network import Actor, Designation
from opentier.graph.trace.parameters import window


def without_country(index: Index) -> Array:
    """Mark the numbers of places of nodes that say no country."""
    return np.array([not any(place.country for place in listed) for listed in index.places], np.bool_)


def without_region(touches: Touches) -> Array:
    """Mark the numbers of places in a country of which a region is listed, where nobody knows in which region."""
    countries = {entry.place.country for entry in touches.of_regions if entry.place}
    found = np.zeros(len(touches.index.places), np.bool_)
    for number, listed in enumerate(touches.index.places):
        for country in countries:
            inside = [place for place in listed if place.country == country]
            found[number] |= bool(inside) and not any(place.known_region for place in inside)
    return found


def called(touches: Touches, nodes: Collection[int]) -> Iterator[tuple[int, Designation]]:
    """Yield those of some nodes that are called as a designated one is, which nobody has judged, with what lists it."""
    index = touches.index
    judged = {frozenset((index.node(said.left), index.node(said.right))) for said in index.judged}
    for target, entries in sorted(index.designated.targets.items()):
        counting = [entry for entry in entries if touches.state(entry) == "current"]
        keys = dict.fromkeys(filter(None, map(key, _names(index.actor(target))))) if counting else ()
        found = {node for each in keys for node in index.keys["node"].find(f"alike:{each}")}
        for node in sorted(node for node in found - {target} if node in nodes):
            if frozenset((node, target)) in judged or not _same(index.actor(node), keys):
                continue
            yield from ((node, entry) for entry in counting)


def alike(touches: Touches, objects: Objects, nodes: Collection[int]) -> Iterator[Json]:
    """Yield those of some actors that are called as a designated one is, which nobody has judged."""
    for node, entry in called(touches, nodes):
        actor = objects.named(touches.index.iri(node))
        yield {"actor": actor, "designation": objects.entry(entry), "score": 1.0}


def changes(touches: Touches, objects: Objects, nodes: Collection[int]) -> Iterator[Json]:
    """Yield the changes of some organisations until the asked day."""
    index, until = touches.index, window(touches.parameters)[1]
    for node, _, said in index.successions:
        if node in nodes and said.happened(until):
            after = objects.named(said.after) if said.after else None
            yield {
                "actor": objects.named(index.iri(node)),
                "kind": said.kind,
                "after": after,
                "date": said.date,
            }


def _names(actor: Actor) -> tuple[str, ...]:
    return actor.names or (actor.name,)


def _same(actor: Actor, keys: Any) -> bool:
    """Return whether one of an actor's names has one of some keys; a hash that only happens to be equal has not."""
    return any(key(name) in keys for name in _names(actor))
