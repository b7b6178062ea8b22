"""Every actor at once: nearest exposed tier, exposed actors upstream, and the share of inputs that passes through them.

The answers are those of one trace for each actor. Where walks are plain (`Asked.plain`) all of them are found in one
pass; otherwise each designated actor is traced downstream, which finds the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from opentier.graph.engine import kernels
from opentier.graph.engine.arrays import NONE, Array, Weighted
from opentier.graph.engine.hops import HOPS, START, SUPPLY
from opentier.graph.errors import UsageError
from opentier.graph.exposure.touches import Touches
from opentier.graph.index.opened import Index
from opentier.graph.jobs.progress import Progress, silent
from opentier.graph.model import printed, sheet
from opentier.graph.trace.asked import ENDLESS, Asked
from opentier.graph.trace.parameters import Parameters
from opentier.graph.trace.plain import allowed
from opentier.graph.trace.walks import trace

if TYPE_CHECKING:
    import pandas as pd

#: Tiers over which value shares are added up where no maximum is asked for: a closed cycle has no fixed point.
TIERS = 10
COLUMNS = ("id", "name", "country", "kind", "nearest_tier", "exposed_actors", "exposed_share", "iri")
#: In which the rows can be written.
FORMATS = ("csv", "json", "parquet")
_TYPES = {"nearest_tier": "Int64", "exposed_actors": "int64", "exposed_share": "float64"}
_BITS = 512


@dataclass(frozen=True)
class Exposures:
    """The exposure of every actor.

    Attributes
    ----------
    nearest_tiers : int32, shape (nodes,)
        The fewest tiers of any path to an exposure: 0 where the actor itself is exposed, -1 where there is none.
    distinct : int64, shape (nodes,)
        Exposed actors upstream, the actor itself not counted.
    share : float64, shape (nodes,)
        Of the actor's inputs by value, from 0 to 1, what passes through exposed suppliers within `tiers` tiers.
    """

    index: Index
    parameters: Parameters
    nearest_tiers: Array
    distinct: Array
    share: Array
    tiers: int

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """Yield a row of `COLUMNS` for each actor that a dataset describes, by IRI, whatever the index grew from."""
        names = self.index.names
        nodes = np.flatnonzero(self.index.columns["kind"][: len(self.index)]).tolist()
        if len(self.index) > self.index.tables.counts["ordered nodes"]:
            nodes.sort(key=self.index.iri)
        for node in nodes:
            actor, share = self.index.actor(node), round(float(self.share[node]), 9)
            nearest, distinct = int(self.nearest_tiers[node]), int(self.distinct[node])
            said = (names.id(actor.iri), actor.name, actor.country, actor.kind)
            yield *said, None if nearest < 0 else nearest, distinct, share, actor.iri

    def to_pandas(self) -> pd.DataFrame:
        """Return the rows as a pandas frame (pandas has to be installed)."""
        import pandas as pd

        return pd.DataFrame(list(self.rows()), columns=list(COLUMNS)).astype(_TYPES)

    def write(self, path: Path, format: str = "") -> None:
        """Write the rows to a file, as CSV, JSON or Parquet (which needs pyarrow); by its name if nothing is said.

        Raises
        ------
        UsageError
            If it is to be none of these, or pyarrow is not installed.
        """
        form = format or path.suffix[1:].lower()
        if form not in FORMATS:
            raise UsageError(f"{path} ends in none of {', '.join(f'.{name}' for name in FORMATS)}.")
        if form == "parquet":
            self._parquet(path)
            return
        with path.open("w", encoding="utf-8", newline="") as file:
            if form == "csv":
                sheet.write(file, COLUMNS, self.rows())
            else:
                file.write(self.to_json())

    def to_csv(self) -> str:
        """Return the rows as CSV for a spreadsheet (see `sheet`)."""
        return sheet.text(COLUMNS, self.rows())

    def to_json(self) -> str:
        """Return the rows as JSON text: a list of objects with the columns as keys."""
        found = [dict(zip(COLUMNS, row, strict=True)) for row in self.rows()]
        return printed.text(found)

    def _parquet(self, path: Path) -> None:
        try:
            import pyarrow as pa
            from pyarrow import parquet
        except ImportError:
            raise UsageError(
                "Parquet needs pyarrow: pip install 'opentier[parquet]'. Or write CSV."
            ) from None
        columns = list(zip(*self.rows(), strict=True)) or [()] * len(COLUMNS)
        kinds = [pa.string()] * 4 + [pa.int32(), pa.int64(), pa.float64(), pa.string()]
        arrays = [pa.array(column, kind) for column, kind in zip(columns, kinds, strict=True)]
        parquet.write_table(pa.table(dict(zip(COLUMNS, arrays, strict=True))), path)


def exposures(index: Index, parameters: Parameters, progress: Progress = silent) -> Exposures:
    """Return the exposure of every actor under the filters of a trace.

    Raises
    ------
    UsageError
        If downstream is asked for: exposure is what lies upstream.
    """
    if parameters.downstream:
        raise UsageError("The exposure of every actor is what lies upstream of it; leave downstream away.")
    asked, marked = Asked.of(index, parameters), Marks(index, parameters)
    plain = asked.plain and parameters.max_tier is None  # bits tell no tiers
    least, many = (together if plain else one_by_one)(index, asked, marked, progress)
    least[marked.exposed != 0] = 0
    tiers = TIERS if parameters.max_tier is None else parameters.max_tier
    return Exposures(index, parameters, least, many, shares(index, asked, marked, tiers), tiers)


class Marks:
    """What counts as exposed.

    Attributes
    ----------
    exposed : uint8, shape (nodes,)
        Actors that a designation touches by themselves: as its target, or by their place.
    """

    def __init__(self, index: Index, parameters: Parameters) -> None:
        self.index, self.designated = index, index.designated
        self.touches = Touches(index, Asked.of(index, parameters))
        self.exposed = np.zeros(len(index), np.uint8)
        for node in np.flatnonzero(self.designated.marked).tolist():
            self.exposed[node] = self.touched(node, HOPS[START], int(NONE))

    def touched(self, node: int, hop: str, product: int) -> bool:
        """Return whether a designation that counts touches a node at the end of a walk."""
        touching = self.touches.touching(node, hop, self.index.product(product))
        return any(self.touches.state(touch.designation) == "current" for touch in touching)

    @cached_property
    def opening(self) -> Array:
        """The numbers of the supply links that a designation touches as the last of a walk."""
        index, arcs = self.index, self.index.arcs
        rows = index.rows()
        rows = rows[(self.designated.marked[arcs.head[rows]] != 0) & (arcs.hop[rows] == SUPPLY)]
        product = index.goods.product[arcs.goods[rows]]
        some = product != NONE
        product[some] = index.goods.alike[product[some]]
        ends = np.stack([arcs.head[rows], product], axis=1).astype(np.int64)
        every, inverse = np.unique(ends, axis=0, return_inverse=True)
        touched = [self.touched(node, HOPS[SUPPLY], end) for node, end in every.tolist()]
        found: Array = rows[np.array(touched, bool)[inverse.reshape(-1)]]
        return found


def together(index: Index, asked: Asked, marked: Marks, progress: Progress = silent) -> tuple[Array, Array]:
    """Return nearest tiers and distinct exposed actors where walks are plain: all actors in one pass."""
    return nearest_tiers(index, asked, marked.opening), distinct(index, asked, marked.opening, progress)


def nearest_tiers(index: Index, asked: Asked, opening: Array) -> Array:
    """Return for each node the fewest tiers of plain walks that end with one of some links, -1 where none does."""
    found, queue = np.empty(len(index), np.int32), np.empty(len(index), np.uint32)
    seeds = index.columns["tail"][allowed(index, asked, opening)]
    kernels.before(index.back, index.arcs, asked.keep, seeds, asked.ask.most, found, queue)
    return found


def distinct(index: Index, asked: Asked, opening: Array, progress: Progress = silent) -> Array:
    """Return for each node how many other nodes plain walks come to by one of some links as the last."""
    rows = allowed(index, asked, opening)
    rows = rows[np.argsort(index.arcs.head[rows], kind="stable")]
    exposed, begins = np.unique(index.arcs.head[rows], return_index=True)
    seeds, ends = index.columns["tail"][rows], np.append(begins, len(rows))
    found, queued = np.zeros(len(index), np.int64), np.zeros(len(index), np.uint8)
    bits, queue = np.zeros((len(index), _BITS // 64), np.uint64), np.empty(len(index), np.uint32)
    for first in range(0, len(exposed), _BITS):
        last = min(first + _BITS, len(exposed))
        progress("tracing", first, len(exposed))
        kernels.distinct(
            index.back, index.arcs, asked.keep, seeds, ends[first : last + 1], exposed[first:last],
            bits, queue, queued, found,
        )  # fmt: skip
    return found


def one_by_one(index: Index, asked: Asked, marked: Marks, progress: Progress = silent) -> tuple[Array, Array]:
    """Return the same from a downstream trace of each designated actor."""
    least, many = np.full(len(index), ENDLESS, np.int32), np.zeros(len(index), np.int64)
    designated = np.flatnonzero(marked.designated.marked).tolist()
    for number, node in enumerate(designated):
        progress("tracing", number, len(designated))
        found = trace(index, node, replace(asked.parameters, downstream=True))
        _, nodes, hops, products, tiers = found.end_states()
        ends, inverse = np.unique(np.stack([hops, products]).astype(np.int64), axis=1, return_inverse=True)
        touched = [marked.touched(node, HOPS[hop], product) for hop, product in ends.T.tolist()]
        exposed = np.array(touched, bool)[inverse.reshape(-1)]
        np.minimum.at(least, nodes[exposed], tiers[exposed].astype(np.int32))  # its own, too: on a way round
        many[np.unique(nodes[exposed & (nodes != node)])] += 1
    least[least == ENDLESS] = -1
    return least, many


def shares(index: Index, asked: Asked, marked: Marks, tiers: int) -> Array:
    """Return for every node the share of its inputs by value that passes through exposed suppliers.

    u = b + A u for a number of tiers, b the weight of links that are exposed themselves, A that of the others; an
    exposed actor has 1. Exposed links absorb, so that a supplier that is listed for other products does not count.
    Supply links only, each one tier; an unknown share is an even part of what the known ones leave.
    """
    return np.where(marked.exposed, 1.0, added_up(weights(index, asked, marked), tiers))


def added_up(weighted: Weighted, tiers: int) -> Array:
    """Return the value shares of inputs after some rounds, one for each tier; two blocks of rows side by side."""
    nodes = len(weighted.given)
    half = int(np.searchsorted(weighted.begin, len(weighted.other) // 2))
    rows = (0, half, nodes)
    found, after = np.zeros(nodes), np.empty(nodes)
    with ThreadPoolExecutor(len(rows) - 1) as pool:
        for _ in range(tiers):
            list(pool.map(partial(kernels.passed_on, weighted, found, after), rows[:-1], rows[1:]))
            found, after = after, found
    return found


def weights(index: Index, asked: Asked, marked: Marks) -> Weighted:
    """Return the normalised input shares: of links that are not exposed, and for each node the sum of the others."""
    nodes, rows = len(index), allowed(index, asked, index.rows())
    rows = rows[index.arcs.hop[rows] == SUPPLY]
    buyer, supplier = index.columns["tail"][rows], index.arcs.head[rows]
    stated = index.arcs.share[rows]
    known = np.isfinite(stated)
    left = np.maximum(100.0 - np.bincount(buyer[known], stated[known], nodes), 0.0)
    each = left / np.maximum(np.bincount(buyer[~known], minlength=nodes), 1)
    weight = np.where(known, stated, each[buyer])
    total = np.bincount(buyer, weight, nodes)
    weight /= np.where(total > 0, total, 1.0)[buyer]
    opens = np.zeros(len(index.arcs.head), bool)
    opens[marked.opening] = True
    exposed = opens[rows]
    given = np.bincount(buyer[exposed], weight[exposed], nodes)
    rest = ~exposed
    begin = np.append(0, np.cumsum(np.bincount(buyer[rest], minlength=nodes))).astype(np.uint32)
    return Weighted(begin, supplier[rest], weight[rest], given)
