"""The scheme of an index: its columns, its texts, and its small tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from opentier.graph.engine.arrays import WALKED

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
