"""Rows: arcs on their way into columns, and numbers for what they name."""

from __future__ import annotations

import itertools
import json
from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np

from opentier.graph.engine.arrays import FIGURES, Array
from opentier.graph.engine.hops import HOPS
from opentier.graph.errors import UnreadableRecord
from opentier.graph.index.format import ARCS, RECORDS
from opentier.graph.jobs.progress import Progress, silent
from opentier.graph.model.dates import EVER, last_day
from opentier.graph.model.products import Product
from opentier.graph.network.network import Arc

T = TypeVar("T")
_NAN = float("nan")
#: Columns whose numbers are mostly few, and that are made wider where they are not.
_NARROW = ("goods", "confidence", "tiers", "measures")
_TYPES: dict[Any, str] = {np.uint8: "B", np.uint16: "H", np.uint32: "I", np.int32: "i", np.float64: "d"}


class Numbers(Generic[T]):
    """Numbers for things, in the order in which they are first met."""

    def __init__(self, known: Iterable[T] = ()) -> None:
        self.of = {thing: number for number, thing in enumerate(known)}

    def __call__(self, thing: T) -> int:
        """Return the number of a thing."""
        return self.of.setdefault(thing, len(self.of))

    def __len__(self) -> int:
        return len(self.of)

    def since(self, count: int) -> list[T]:
        """Return the things that have come after the first `count`."""
        return list(itertools.islice(self.of, count, None))


@dataclass
class Rows:
    """Arcs on their way into columns, and the numbers of what they name."""

    nodes: Numbers[str]
    products: Numbers[Product]
    goods: Numbers[tuple[int, int]]
    confidences: Numbers[str]
    datasets: Numbers[str]
    records: Numbers[str]
    extras: Numbers[str]
    measures: Numbers[tuple[str, str]]

    def read(self, arcs: Iterable[Arc], progress: Progress = silent) -> dict[str, Array]:
        """Return the columns of arcs, unsorted, and of their records in the order of their numbers.

        Arcs from a node to itself, repeated ones and those of no confidence, which are never walked, are left out.
        """
        kinds = ARCS | RECORDS
        columns = {name: array("I" if name in _NARROW else _TYPES[kind]) for name, kind in kinds.items()}
        recruited = set()  # an employer may be the worksite, too
        for number, arc in enumerate(arcs):
            if number % 8192 == 0:
                progress("reading links", number, number + 1)
            if arc.tail == arc.head or not arc.confidence or (arc.record, arc.tail) in recruited:
                continue
            if arc.kind == "recruitment":
                recruited.add((arc.record, arc.tail))
            try:
                known = len(self.records)
                for name, value in self._row(arc).items():
                    columns[name].append(value)
                if len(self.records) > known:
                    for name, value in self._record(arc).items():
                        columns[name].append(value)
            except (ArithmeticError, ValueError) as error:  # a number that is too large
                raise UnreadableRecord(f"The record {arc.record} cannot be read: {error}.") from error
        found: dict[str, Array] = {}
        for name, kind in kinds.items():
            taken = np.frombuffer(columns.pop(name), _wide(name)) if columns[name] else np.zeros(0, kind)
            found[name] = taken.astype(_narrow(name, taken), copy=False)
        return found

    def _row(self, arc: Arc) -> dict[str, Any]:
        share = _NAN if arc.share is None else arc.share
        if arc.kind == "ownership" and arc.share is None and arc.controlling:
            share = float("inf")
        return {
            "head": self.nodes(arc.head),
            "start": arc.start,
            "end": arc.end,
            "goods": self.goods((self._product(arc.product), self._product(arc.input_to))),
            "confidence": self.confidences(str(arc.confidence)),
            "hop": HOPS.index(arc.hop),
            "tiers": arc.tiers,
            "dataset": self.datasets(arc.dataset),
            "share": share,
            "observed": last_day(arc.observed) if arc.observed else EVER,
            "record": self.records(arc.record),
            "extra": self.extras(_extra(arc)),
            "tail": self.nodes(arc.tail),
            **{name: _NAN if said is None else said for name, said in zip(FIGURES, arc.figures, strict=True)},
        }

    def _record(self, arc: Arc) -> dict[str, Any]:
        precision = [len(text or "") // 3 for text in (arc.start_date, arc.end_date, arc.observed)]
        stated = precision[0] | precision[1] << 2 | precision[2] << 4
        return {
            "stated": stated
            | (arc.stated_confidence is not None) << 6
            | arc.controlling << 7
            | arc.indirect << 8,
            "worth": _NAN if arc.value is None else arc.value,
            "amount": _NAN if arc.quantity is None else arc.quantity,
            "measures": self.measures((arc.currency, arc.unit)),
        }

    def _product(self, product: Product | None) -> int:
        return -1 if product is None else self.products(product)


def _extra(arc: Arc) -> str:
    said = {"evidence": list(arc.evidence)} if arc.evidence else {}
    more: dict[str, object] = {"source": arc.source} if arc.source else {}
    more |= {"members": list(arc.members)} if arc.members else {}
    return json.dumps(said | more, ensure_ascii=False) if said or more else ""


def _wide(name: str) -> Any:
    return np.uint32 if name in _NARROW else (ARCS | RECORDS)[name]


def _narrow(name: str, values: Array) -> Any:
    """Return the type of a column: the usual one, or a wider one where the values need it."""
    kind = (ARCS | RECORDS)[name]
    if name in _NARROW and len(values) and values.max() > np.iinfo(kind).max:
        return np.uint32
    return kind
