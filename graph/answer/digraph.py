"""A trace as a graph of networkx, which users take home."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from opentier.graph.exposure.objects import Objects
from opentier.graph.model.characters import legal
from opentier.graph.network.network import Actor
from opentier.graph.trace.walks import Trace

if TYPE_CHECKING:
    import networkx as nx


def digraph(actors: Iterable[tuple[int, Actor]], trace: Trace, objects: Objects) -> nx.MultiDiGraph[str]:
    """Return some actors, each with its tier, and the walked links between them, from buyer to supplier."""
    import networkx as nx

    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    for tier, actor in actors:
        said = {"name": actor.name, "country": actor.country, "kind": actor.kind, "tier": tier}
        graph.add_node(actor.iri, **_attributes(said))
    for number in trace.walked:
        arc = trace.arc(int(number))
        if arc.tail in graph and arc.head in graph:
            hop = objects.hop(arc)
            evidence = [item["iri"] for item in hop["evidence"]]
            lists = {"evidence": evidence, "incidents": hop["incidents"], "likelihoods": hop["likelihoods"]}
            lists["contradictions"] = [each["record"] for each in hop["contradictions"]]
            barred = {name: "|".join(items) or None for name, items in lists.items()}
            said = {**hop, **barred, "from": None, "to": None}
            graph.add_edge(arc.tail, arc.head, key=arc.record, **_attributes(said))
    return graph


def _attributes(said: dict[str, Any]) -> dict[str, Any]:
    """Return what is known, as attributes of a node or an edge that XML can hold."""
    known = {name: value for name, value in said.items() if value is not None}
    return {name: legal(value) if isinstance(value, str) else value for name, value in known.items()}
