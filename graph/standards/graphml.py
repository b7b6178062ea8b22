"""GraphML 1.0, written as nodes and edges come; edges wait in a file until the nodes are there."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from typing import TextIO
from xml.sax.saxutils import escape, quoteattr

from opentier.graph.model.characters import legal
from opentier.graph.standards.network import Network, Value

_SPACE = "http://graphml.graphdrawing.org/xmlns"


def write(network: Network, file: TextIO) -> None:
    """Write a network; what is said of all of it is data of the graph."""
    with tempfile.TemporaryFile("w+", encoding="utf-8", newline="") as edges:
        for edge in network.edges:
            ends = f"source={attribute(edge.tail)} target={attribute(edge.head)}"
            edges.write(f"<edge id={attribute(edge.id)} {ends}>{''.join(_data('e', edge.values))}</edge>\n")
        file.write(f'<?xml version="1.0" encoding="UTF-8"?>\n<graphml xmlns="{_SPACE}">\n')
        kinds = dict.fromkeys(network.about, "string")
        for end, what, types in (("g", "graph", kinds), ("n", "node", network.node_types),
                                 ("e", "edge", network.edge_types)):  # fmt: skip
            for name, kind in types.items():
                told = f'id="{end}-{name}" for="{what}" attr.name="{name}" attr.type="{kind}"'
                file.write(f"<key {told}/>\n")
        file.write('<graph edgedefault="directed">\n' + "\n".join(_data("g", network.about)) + "\n")
        for node in network.nodes:
            file.write(f"<node id={attribute(node.id)}>{''.join(_data('n', node.values))}</node>\n")
        edges.seek(0)
        shutil.copyfileobj(edges, file)
        file.write("</graph>\n</graphml>\n")


def attribute(text: str) -> str:
    """Return a text as the value of an attribute, quoted."""
    return quoteattr(legal(text))


def plain(value: Value) -> str:
    """Return a value as XML Schema spells it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _data(end: str, values: Mapping[str, Value]) -> Iterator[str]:
    for name, value in values.items():
        yield f'<data key="{end}-{name}">{escape(legal(plain(value)), {chr(13): "&#13;"})}</data>'
