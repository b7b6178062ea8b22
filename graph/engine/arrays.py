"""What kernels are given: arrays by name, and the numbers that stand for hops and for what a walk carries."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
#: Hops, as the index numbers them.
START, SUPPLY, OPERATION_UP, OPERATION_DOWN, OWNERSHIP_UP, OWNERSHIP_DOWN, RECRUITMENT, CO_LOCATION = range(8)
#: What a walk carries.
NOT_ASKED, FIRST, PRODUCT, UNKNOWN, OPEN = range(5)
FULL = -1
#: No string, no product, no node.
NONE = np.uint32(0xFFFFFFFF)
#: Bits of a cost that are its confidence; all of them set is a confidence of nothing.
BITS = 46
NOTHING = (1 << BITS) - 1
#: The cost of what cannot be reached.
NOWHERE = (1 << 63) - 1
#: Whether a hop (row) may come after another (column) on a path from buyer to supplier: between two supply hops the
#: others go one way only, up or down, and after recruitment or co-location only supply or recruitment comes.
FOLLOWS = np.array(
    [
        [1, 1, 1, 1, 1, 1, 1, 1],
        [1, 1, 1, 1, 1, 1, 1, 1],
        [1, 1, 1, 0, 1, 0, 0, 0],
        [1, 1, 0, 1, 0, 1, 0, 0],
        [1, 1, 1, 0, 1, 0, 0, 0],
        [1, 1, 0, 1, 0, 1, 0, 0],
        [1, 1, 1, 1, 1, 1, 1, 1],
        [1, 1, 1, 1, 1, 1, 0, 0],
    ],
    np.uint8,
)


class Arcs(NamedTuple):
    """Columns of the arcs, one row each (see `scheme.ARCS` for their meaning)."""

    head: Any
    start: Any
    end: Any
    goods: Any
    confidence: Any
    hop: Any
    tiers: Any
    dataset: Any
    share: Any
    observed: Any


class Ways(NamedTuple):
    """Compressed sparse rows in one direction: the arcs at a node are rows begin to end of `other`, the node at
    their far end, and of `arc`, their numbers; an empty `arc` says that the rows are the numbers.
    """

    begin: Any
    end: Any
    other: Any
    arc: Any


class Weighted(NamedTuple):
    """A matrix of the nodes in compressed sparse rows, and a vector: the weights of row v are those from begin v to
    begin v + 1, each in the column `other`, and `given` v stands beside them.
    """

    begin: Any
    other: Any
    weight: Any
    given: Any


class Goods(NamedTuple):
    """What links carry: product and input-to of each pair, and of each product its range of codes, the product that
    stands for it where only designations matter, and its row among the bits of what goes into what.
    """

    product: Any
    made: Any
    low: Any
    high: Any
    alike: Any
    row: Any
    bits: Any


class Keep(NamedTuple):
    """Which arcs may be walked at all."""

    hops: Any
    datasets: Any
    confidences: Any
    places: Any
    place: Any
    since: int
    until: int
    seen: int
    share: float
    some_datasets: bool
    some_confidences: bool
    some_places: bool
    some_seen: bool
    some_hops: bool
    some_time: bool


class Ask(NamedTuple):
    """What is asked of walks; `low` and `high` are the range of the asked product's codes."""

    downstream: bool
    product: bool
    strict: bool
    low: int
    high: int
    most: int
    least: int
    cost: Any


class Space(NamedTuple):
    """Workspace of a search: nodes, slots of the table of states, states, labels, and the heap of labels."""

    node: Any
    node_stamp: Any
    slot: Any
    slot_stamp: Any
    actor: Any
    kind: Any
    goods: Any
    ending: Any
    sister: Any
    best: Any
    labels: Any
    sure: Any
    waiting: Any
    waiting_start: Any
    waiting_end: Any
    state: Any
    cost: Any
    start: Any
    end: Any
    before: Any
    arc: Any
    other: Any
    heap: Any
    heap_cost: Any


class Parts(NamedTuple):
    """Workspace of a search for paths: partial paths, each one arc longer than the one it rests on, and their heap."""

    state: Any
    arc: Any
    rest: Any
    depth: Any
    actor: Any
    code: Any
    kind: Any
    goods: Any
    ending: Any
    cost: Any
    start: Any
    end: Any
    heap: Any
    heap_cost: Any


class Texts(NamedTuple):
    """The texts that put paths of one cost in order: IRIs of records and of actors, the first `records` and `actors` of
    them numbered in their own order.
    """

    record: Any
    record_ends: Any
    record_heap: Any
    actor_ends: Any
    actor_heap: Any
    records: int
    actors: int
