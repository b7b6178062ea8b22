"""What kernels are given: arrays by name, and the numbers that stand for what a walk carries."""

from __future__ import annotations

from typing import Annotated, Any, NamedTuple, get_type_hints

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
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


#: Of a column: a number of supply links that one can filter on, NaN where it is not stated; it has the name of its
#: column in tables.
FIGURE = "figure"


class Arcs(NamedTuple):
    """Columns of the arcs, with their types: what walks are decided by. An index keeps what is declared here."""

    head: Annotated[Any, np.uint32]  # the node at the supplier's end
    start: Annotated[Any, np.int32]  # first and last day, as proleptic ordinals; EVER and NEVER where open
    end: Annotated[Any, np.int32]
    goods: Annotated[Any, np.uint16]  # number of the pair of product and input-to
    confidence: Annotated[Any, np.uint16]  # number of the confidence
    hop: Annotated[Any, np.uint8]  # number in HOPS
    tiers: Annotated[Any, np.uint8]
    dataset: Annotated[Any, np.uint16]  # number of the dataset
    share: Annotated[
        Any, np.float64
    ]  # percent; of ownership infinite where unknown but controlling, else NaN
    observed: Annotated[Any, np.int32]  # last day on which it may have been seen; EVER where none is stated


_SAID = {name: hint.__metadata__ for name, hint in get_type_hints(Arcs, include_extras=True).items()}
#: These columns and their types, and those of them that are figures.
WALKED: dict[str, Any] = {name: said[0] for name, said in _SAID.items()}
FIGURES = tuple(name for name, said in _SAID.items() if FIGURE in said[1:])


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


class Claimed(NamedTuple):
    """What bounds of shares are made of, as `Weighted`; a weight is NaN where a link claims any part at all.

    `given` is NaN at a node whose links all claim any part; `rest` is what no link claims, and `met` says whether some
    link that claims any part is exposed itself.
    """

    begin: Any
    other: Any
    weight: Any
    given: Any
    rest: Any
    met: Any


class Goods(NamedTuple):
    """What links carry: product and input-to of each pair, and of each product its range of codes, the product that
    stands for it where only designations matter, whether some product is narrower, and its row among the bits of what
    goes into what.
    """

    product: Any
    made: Any
    low: Any
    high: Any
    alike: Any
    wide: Any
    row: Any
    bits: Any


class Keep(NamedTuple):
    """Which arcs may be walked at all: a number with the name of a column is the least that it may hold."""

    hops: Any
    datasets: Any
    confidences: Any
    places: Any
    place: Any
    since: int
    until: int
    observed: int
    share: float
    some_datasets: bool
    some_confidences: bool
    some_places: bool
    some_observed: bool
    some_hops: bool
    some_time: bool


class Ask(NamedTuple):
    """What is asked of walks; `number` is that of the asked product.

    `endless` says that neither tiers nor confidence bound them; `widest`, that they are to be found soon, in the order
    of how long they live, and not by tiers and confidence.
    """

    downstream: bool
    product: bool
    strict: bool
    number: int
    most: int
    least: int
    cost: Any
    endless: bool = False
    widest: bool = False


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


class Bound(NamedTuple):
    """The lowest cost of any walk from each node to one of the marked ones, NOWHERE where there is no way."""

    marked: Any
    cost: Any


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
