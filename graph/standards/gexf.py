"""GEXF 1.3, written as nodes and edges come; edges wait in a file until the nodes are there."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from typing import TextIO
from xml.sax.saxutils import escape

from opentier.graph.model.characters import legal
from opentier.graph.standards.graphml import attribute, plain
from opentier.graph.standards.network import Network, Value

_SPACE = "http://gexf.net/1.3"


def write(network: Network, file: TextIO) -> None:
    """Write a network; what is said of all of it stands in its description, a line each."""
    about = network.about
    with tempfile.TemporaryFile("w+", encoding="utf-8", newline="") as edges:
        for edge in network.edges:
            ends = (
                f"source={attribute(edge.tail)} target={attribute(edge.head)} label={attribute(edge.label)}"
            )
            edges.write(f"<edge id={attribute(edge.id)} {ends}>{_values('e', edge.values)}</edge>\n")
        day = f' lastmodifieddate="{about["date"]}"' if "date" in about else ""
        told = "\n".join(f"{name}: {' '.join(text.split())}" for name, text in about.items())
        file.write(
            f'<?xml version="1.0" encoding="UTF-8"?>\n<gexf xmlns="{_SPACE}" version="1.3">\n<meta{day}>\n'
        )
        file.write(f"<creator>{_text(about.get('publisher', 'OpenTier'))}</creator>\n")
        file.write(f"<description>{_text(told)}</description>\n</meta>\n")
        file.write('<graph defaultedgetype="directed" mode="static">\n')
        for end, what, types in (("n", "node", network.node_types), ("e", "edge", network.edge_types)):
            file.write(f'<attributes class="{what}" mode="static">\n')
            for name, kind in types.items():
                file.write(f'<attribute id="{end}-{name}" title="{name}" type="{kind}"/>\n')
            file.write("</attributes>\n")
        file.write("<nodes>\n")
        for node in network.nodes:
            named = f"id={attribute(node.id)} label={attribute(node.label)}"
            file.write(f"<node {named}>{_values('n', node.values)}</node>\n")
        file.write("</nodes>\n<edges>\n")
        edges.seek(0)
        shutil.copyfileobj(edges, file)
        file.write("</edges>\n</graph>\n</gexf>\n")


def _text(text: str) -> str:
    return escape(legal(text))


def _values(end: str, values: Mapping[str, Value]) -> str:
    if not values:
        return ""
    said = (f'<attvalue for="{end}-{name}" value={attribute(plain(v))}/>' for name, v in values.items())
    return f"<attvalues>{''.join(said)}</attvalues>"
