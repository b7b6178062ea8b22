"""Rows: arcs on their way into columns, and numbers for what they name."""

from __future__ import annotations

import itertools
import json
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np

from opentier.graph.engine.arrays import FIGURES, Array
from opentier.graph.engine.columns import Packed, Strings
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

    #: The number of the first of them.
    first = 0

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
class Taken:
    """The columns of arcs, unsorted, and those of their records in the order of the records' IRIs; and the IRIs of the
    records and what else is said of arcs as packed texts, those that have got numbers now.
    """

    columns: dict[str, Array]
    records: Packed
    extras: Packed


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

    @classmethod
    def new(cls, nodes: Iterable[str], products: Iterable[Product]) -> Rows:
        """Return the numbers of a new index, which knows some actors and products."""
        return cls(
            Numbers(nodes), Numbers(products), Numbers([(-1, -1)]), Numbers(["1"]), Numbers(), Numbers(),
            Numbers([""]), Numbers([("", "")]),
        )  # fmt: skip

    def read(self, arcs: Iterable[Arc], progress: Progress = silent) -> Taken:
        """Return the columns of arcs, one by one.

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
            found[name] = narrowed(name, taken)
        return Taken(found, self._ordered(found), Strings.pack(self.extras.of))

    def _ordered(self, columns: dict[str, Array]) -> Packed:
        """Number the records of some columns by the order of their IRIs, and return these packed."""
        iris, first = sorted(self.records.of), self.records.first
        met = np.array([self.records.of[iri] for iri in iris], np.int64)
        place = np.empty(len(iris), np.uint32)
        place[met] = np.arange(first, first + len(iris))
        columns["record"] = place[columns["record"] - np.uint32(first)]
        for name in RECORDS:
            columns[name] = columns[name][met]
        return Strings.pack(iris)

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
            "extra": self.extras(extra(arc.evidence, arc.source, arc.members)),
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


def extra(evidence: Sequence[str] | None, source: str | None, members: Sequence[str] | None) -> str:
    """Return what else is said of an arc, as JSON; nothing where that is all."""
    said = {"evidence": evidence, "source": source, "members": members}
    stated = {name: value for name, value in said.items() if value}
    return json.dumps(stated, ensure_ascii=False) if stated else ""


def _wide(name: str) -> Any:
    return np.uint32 if name in _NARROW else (ARCS | RECORDS)[name]


def narrowed(name: str, values: Array) -> Array:
    """Return a column in its usual type, or in a wider one where the values need it."""
    kind = (ARCS | RECORDS)[name]
    if name in _NARROW and len(values) and values.max() > np.iinfo(kind).max:
        kind = np.uint32
    return values.astype(kind, copy=False)
