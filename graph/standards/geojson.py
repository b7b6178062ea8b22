"""GeoJSON (RFC 7946): actors as points, links as lines between them; what lies nowhere is a feature without a geometry.

What is said of all of it are members of the collection beside its features, which the standard lets be.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping
from typing import TextIO

from opentier.graph.standards.documents import Json, line, listed, number
from opentier.graph.standards.network import Network, Value


def write(network: Network, file: TextIO) -> None:
    """Write a network: the features of actors, then those of links."""
    head = line({"type": "FeatureCollection", "about": dict(network.about)})
    file.write(head[:-1] + ',"features":')
    listed(file, _features(network))
    file.write("}\n")


def _features(network: Network) -> Iterator[Json]:
    """Yield the features; links wait in a file until it is known where their ends lie."""
    places: dict[str, list[float]] = {}
    with tempfile.TemporaryFile("w+", encoding="utf-8") as links:
        for edge in network.edges:
            links.write(line([edge.id, edge.tail, edge.head, dict(edge.values)]) + "\n")
        for node in network.nodes:
            place = _place(node.values)
            if place is not None:
                places[node.id] = place
            if node.values:
                geometry = None if place is None else {"type": "Point", "coordinates": place}
                yield _feature(node.id, geometry, node.values, network.node_types)
        links.seek(0)
        for id, tail, head, said in map(json.loads, links):
            ends = [places.get(end) for end in (tail, head)]
            geometry = None if None in ends else {"type": "LineString", "coordinates": ends}
            yield _feature(id, geometry, {"from": tail, "to": head, **said}, network.edge_types)


def _place(values: Mapping[str, Value]) -> list[float] | None:
    """Return longitude and latitude, in that order."""
    if "lat" in values and "lon" in values:
        return [float(values["lon"]), float(values["lat"])]
    return None


def _feature(id: str, geometry: Json | None, values: Mapping[str, Value], types: Mapping[str, str]) -> Json:
    return {"type": "Feature", "id": id, "geometry": geometry,
            "properties": {name: _value(value, types.get(name)) for name, value in values.items()}}  # fmt: skip


def _value(value: Value, kind: str | None) -> Value:
    if not isinstance(value, str) or kind in (None, "string"):
        return value
    return value == "true" if kind == "boolean" else number(value)
