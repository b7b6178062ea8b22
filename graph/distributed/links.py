"""Which links may be walked, as a condition on the columns of arcs: what `kernels.passes` is to one arc, for frames."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from opentier.graph.batch.shares import sold, sure
from opentier.graph.engine.arrays import NOTHING, Array
from opentier.graph.engine.hops import HOPS, SUPPLY, parted
from opentier.graph.index.opened import Index
from opentier.graph.trace.asked import Asked
from opentier.graph.trace.parameters import FILTERS

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


def walked(arcs: DataFrame, nodes: DataFrame, index: Index, asked: Asked) -> DataFrame:
    """Return the supply links that may be walked, whatever the walk.

    Parameters
    ----------
    arcs, nodes
        As `columns` writes them.
    """
    keep = asked.keep
    if not keep.hops[SUPPLY]:
        return arcs.filter("false")
    conditions = [f"hop = {SUPPLY}"]
    if keep.some_time:
        conditions += [f"start <= {int(keep.until)}", f"end >= {int(keep.since)}"]
    for some, name in ((keep.some_confidences, "confidence"), (keep.some_datasets, "dataset")):
        if some:
            conditions.append(_among(name, getattr(keep, f"{name}s")))
    # What a filter asks of another kind of link counts for none of these.
    for field, said in FILTERS.items():
        if (
            said.column
            and parted(HOPS[SUPPLY])[0] == said.of
            and getattr(asked.parameters, field) is not None
        ):
            conditions.append(f"{said.column} >= {getattr(keep, said.column)!r}")
    found = arcs.filter(" AND ".join(conditions))
    if not keep.some_places:
        return found
    there = nodes.filter(_among("place", keep.places)).selectExpr("node AS head")
    return found.join(there, "head", "left_semi")


def begun(links: DataFrame, index: Index, asked: Asked) -> DataFrame:
    """Return those of the links that may be walked with which a walk may begin (see `shares.begun`)."""
    ask, conditions = asked.ask, ["true"]
    if index.tables.gaps:
        conditions.append(f"tiers <= {int(ask.most)}")
    if ask.most < 1:
        conditions.append("false")
    if ask.least != NOTHING:
        conditions.append(_among("confidence", sure(asked)))
    if ask.product:
        conditions.append(_among("goods", sold(asked)))
    return links.filter(" AND ".join(conditions))


def _among(name: str, marks: Array) -> str:
    """Return the condition that a column holds one of the marked numbers."""
    if marks.all():
        return "true"
    listed, others = np.flatnonzero(marks), np.flatnonzero(~marks.astype(np.bool_))
    if len(others) < len(listed):
        return f"{name} NOT IN ({_said(others)})"
    return f"{name} IN ({_said(listed)})" if len(listed) else "false"


def _said(numbers: Iterable[int]) -> str:
    return ", ".join(str(int(number)) for number in numbers)
