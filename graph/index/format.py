"""The scheme of an index: its columns, its texts, its small tables, and the bounds that no number leads out of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from opentier.graph.engine.arrays import WALKED, Array
from opentier.graph.engine.columns import Keys, Strings
from opentier.graph.engine.hops import HOPS

FORMAT = 6
#: Columns of the arcs and their types: what walks are decided by, and what an arc is printed from.
ARCS: dict[str, Any] = {
    **WALKED,
    "record": np.uint32,  # number of the record's IRI
    "extra": np.uint32,  # number of the evidence and source
    "tail": np.uint32,
}
#: Columns of the records: what is printed of all arcs of one. Nothing moves them when arcs are added.
RECORDS: dict[str, Any] = {
    "stated": np.uint16,  # precision of start, end, observed (two bits each); confidence stated, controlling, indirect
    "worth": np.float64,  # of supply: value and quantity, NaN where not stated, and the number of their measures
    "amount": np.float64,
    "measures": np.uint16,
}
#: Columns of the nodes: where the rows of each begin and end on its way out and back, where it is and what it is; and
#: of the way back, one row for each arc.
ENDS = ("out.begin", "out.end", "back.begin", "back.end")
NODES = ("place", "kind")
BACK = ("back.other", "back.arc")
#: Texts: of records, evidence lists, nodes (IRI, name, and what else is known of them) and evidence.
TEXTS = ("record", "extra", "iri", "name", "more", "evidence")
KEYS = ("node", "evidence")
#: Where the rows of some nodes lie, otherwise than in the columns.
PATCHES = tuple(f"patch.{side}.{name}" for side in ("out", "back") for name in ("nodes", "begin", "end"))


@dataclass
class Tables:
    """The small tables of an index, kept in its description; everything else counts in them."""

    release: str
    base: str
    counts: dict[str, int]
    products: list[list[str]]
    goods: list[list[int]]
    confidences: list[str]
    measures: list[list[str]]
    datasets: list[str]
    live: list[bool]
    places: list[list[list[str]]]
    kinds: list[str]
    designations: list[dict[str, Any]]
    inputs: list[list[int]]
    unsure: list[list[int]]
    successions: list[list[Any]]
    judged: list[list[Any]]
    disputed: int
    merged: list[list[str]]
    versions: list[dict[str, Any]]
    dated: bool
    gaps: bool
    zero: bool
    valued: bool
    #: Nodes that are otherwise than their columns and texts say: number, name, what else is known of them, and the
    #: numbers of their places and their kind. And those that are nobody any more.
    anew: list[list[Any]] = field(default_factory=list)
    gone: list[int] = field(default_factory=list)


def broken(
    tables: Tables, columns: Mapping[str, Array], texts: Mapping[str, Strings], keys: Mapping[str, Keys]
) -> Iterator[str]:
    """Yield what leads out of its bounds, in words."""
    counts, products = tables.counts, len(tables.products)
    arcs, nodes = counts["arcs"], counts["nodes"]
    rows = {"back.other": counts["back"], "back.arc": counts["back"], "place": nodes, "kind": nodes}
    rows["measures"] = counts["record"]
    most = {
        "head": nodes, "tail": nodes, "goods": len(tables.goods), "confidence": len(tables.confidences),
        "hop": len(HOPS), "dataset": len(tables.datasets), "record": counts["record"], "extra": counts["extra"],
        "back.other": nodes, "back.arc": arcs, "place": len(tables.places), "kind": len(tables.kinds),
        "measures": len(tables.measures),
    }  # fmt: skip
    for name, limit in most.items():
        column = columns[name][: rows.get(name, arcs)]
        if len(column) and int(column.max()) >= limit:
            yield f"column {name} leads to {int(column.max())} of {limit}"
    if any(node >= nodes for node in (*tables.gone, *(said[0] for said in tables.anew))):
        yield "nodes that are described anew or gone are none"
    for side, many in (("out", arcs), ("back", counts["back"])):
        begin, end = (columns[f"{side}.{name}"][:nodes] for name in ("begin", "end"))
        if (begin > end).any() or (end > many).any():
            yield f"the rows of a node in {side} lie outside of the columns"
    for name in TEXTS:
        ends = texts[name].ends[: counts[name] + 1]
        if ends[0] != 0 or (ends[1:] < ends[:-1]).any() or int(ends[-1]) > len(texts[name].heap):
            yield f"the texts {name} do not lie one after the other"
    for name, limit in zip(KEYS, (nodes, counts["evidence"]), strict=True):
        known = keys[name]
        if (
            len(known.hashes) != len(known.numbers)
            or (known.hashes[1:] < known.hashes[:-1]).any()
            or (len(known.numbers) and int(known.numbers.max()) >= limit)
            or any(number >= limit for more in known.more.values() for number in more)
        ):
            yield f"the keys {name} are out of order or lead too far"
    if any(number >= products for pair in tables.goods for number in pair) or any(
        len(columns[f"goods.{name}"]) != products for name in ("low", "high", "alike", "row")
    ):
        yield "the products are not those that its links carry"
    elif products and (
        int(columns["goods.alike"].max()) >= products
        or int(columns["goods.row"].max()) >= len(columns["goods.bits"])
    ):
        yield "the products lead too far"
