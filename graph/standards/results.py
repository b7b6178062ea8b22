"""The result of a trace as a network: reached actors with what touches them, walked links, verdict and limits."""

from __future__ import annotations

import io
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from opentier.graph.answer.result import TraceResult
from opentier.graph.standards import gexf, graphml
from opentier.graph.standards.network import Edge, Network, Node, Value

_WRITERS = {"graphml": graphml.write, "gexf": gexf.write}
_TYPES = {bool: "boolean", int: "long", float: "double"}


def text(found: TraceResult, form: str) -> str:
    """Return the result of a trace in a form."""
    file = io.StringIO()
    _WRITERS[form](network(found), file)
    return file.getvalue()


def network(found: TraceResult) -> Network:
    """Return the result of a trace as a network: edges from buyer to supplier, keyed by their records.

    A node has the attributes of `TraceResult.to_networkx`, and: how many exposures touch it now, the designations of
    these, and their reasons. What is said of the whole is the verdict, what was asked, and what it rests on.
    """
    touched: dict[str, dict[str, dict[str, None]]] = defaultdict(lambda: {"designations": {}, "reasons": {}})
    exposures: Counter[str] = Counter()
    for exposure in found.exposures:
        if exposure.state == "current":
            exposures[exposure.actor] += 1
            touched[exposure.actor]["designations"][found.names.id(exposure.designation.iri)] = None
            touched[exposure.actor]["reasons"][exposure.reason] = None
    graph, met = found.to_networkx(), Counter[str]()
    nodes: list[Node] = []
    edges: list[Edge] = []
    for iri in sorted(graph.nodes):
        said = graph.nodes[iri]
        more = {name: "|".join(texts) for name, texts in touched[iri].items()} if iri in touched else {}
        nodes.append(Node(iri, said.get("name", iri), {**said, "exposures": exposures[iri], **more}))
    for tail, head, record, hop in sorted(graph.edges(keys=True, data=True), key=lambda edge: edge[:3]):
        met[record] += 1
        id = record if met[record] == 1 else f"{record}#{met[record]}"
        edges.append(Edge(id, hop["kind"], tail, head, hop))
    return Network(_about(found), _types(nodes), _types(edges), nodes, edges)


def _types(parts: Iterable[Node | Edge]) -> Mapping[str, str]:
    """Return the types of the attributes of some nodes or edges: numbers of two kinds are double, all else is text."""
    kinds: dict[str, set[str]] = defaultdict(set)
    for part in parts:
        for name, value in part.values.items():
            kinds[name].add(_TYPES.get(type(value), "string"))
    return {
        name: next(iter(found)) if len(found) == 1 else "double" if found == {"long", "double"} else "string"
        for name, found in sorted(kinds.items())
    }


def _about(found: TraceResult) -> Mapping[str, str]:
    """Return what is said of the whole: verdict, root, parameters, datasets with versions and licences, counts."""
    made: dict[str, Any] = found.to_dict(grouped=0)
    asked = {name: value for name, value in made["parameters"].items() if value not in (None, [], False)}
    held = [f"{each['id']} {each['version']} ({each['licence']})" for each in made["limits"]["datasets"]]
    said = {
        "title": f"Trace of {made['root']['name']}",
        "root": made["root"]["iri"],
        "verdict": made["verdict"]["result"],
        "verdict_reasons": " ".join(made["verdict"]["reasons"]),
        "parameters": " ".join(f"{name}={_plain(value)}" for name, value in asked.items()),
        "datasets": "|".join(held),
        "reached": str(made["counts"]["reached"]),
        "exposed": str(made["counts"]["exposed"]),
    }
    return {name: text for name, text in said.items() if text}


def _plain(value: Value | list[str]) -> str:
    return ",".join(value) if isinstance(value, list) else str(value).lower() if value is True else str(value)
