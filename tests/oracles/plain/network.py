"""The network as the plain tracer walks it: lists of arcs by actor."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from opentier.graph.model.names import Names
from opentier.graph.model.products import Inputs, Product
from opentier.graph.network.network import Actor, Arc, Network


@dataclass
class Index:
    """Everything that the plain tracer walks over."""

    names: Names
    actors: dict[str, Actor]
    upstream: dict[str, list[Arc]]
    downstream: dict[str, list[Arc]]
    products: dict[str, Product]
    inputs: Inputs


def indexed(network: Network) -> Index:
    """Return a network as lists of arcs, sorted by record."""
    upstream, downstream = defaultdict(list), defaultdict(list)
    for arc in sorted(network.arcs, key=lambda arc: (arc.record, arc.tail, arc.head)):
        if arc.tail != arc.head:
            upstream[arc.tail].append(arc)
            downstream[arc.head].append(arc)
    return Index(
        names=network.names,
        actors=network.actors,
        upstream=dict(upstream),
        downstream=dict(downstream),
        products=network.products,
        inputs=Inputs(network.inputs),
    )
