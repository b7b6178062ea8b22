"""The bounds of an index: that no number in its columns leads out of what it points to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from opentier.graph.engine.arrays import Array
from opentier.graph.engine.columns import Keys, Strings
from opentier.graph.engine.hops import HOPS
from opentier.graph.index.format import KEYS, TEXTS, Tables


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
