"""The columns of products: which matches which, which goes into which, and which of them designations tell apart."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from opentier.graph.engine.arrays import Array, Goods
from opentier.graph.engine.costs import code_range
from opentier.graph.index.format import Tables
from opentier.graph.model.products import Product


def goods(tables: Tables) -> dict[str, Array]:
    """Return the columns of the products: ranges of codes, what goes into what, and what designations tell apart."""
    products = [Product(*said) for said in tables.products]
    ranges = np.array([code_range(n, p.code) for n, p in enumerate(products)], np.int64).reshape(-1, 2)
    low, high = (np.ascontiguousarray(ranges[:, side]) for side in (0, 1))

    def matching(some: Array) -> Array:
        """Whether each of some products matches each product."""
        first, last = low[some, None], high[some, None]
        return ((first <= low) & (high <= last)) | ((low <= first) & (last <= high))

    def wider(some: Array) -> Array:
        """Whether the codes of each of some products are a part of those of each product."""
        first, last = low[some, None], high[some, None]
        found: Array = (low <= first) & (last <= high) & ((low != first) | (last != high))
        return found

    row, bits = _into([(a, b) for a, b in tables.inputs if a != b], len(products), matching)
    listed = {said["product"] for said in tables.designations} | {
        n for d in tables.designations for n in d["scope"]
    }
    asked = np.array(sorted(listed - {None}), np.int64)
    told_apart = [matching(asked), wider(asked), _unpacked(row[asked], bits, len(products))]
    signatures = (
        np.packbits(np.concatenate(told_apart), axis=0).T if len(asked) else np.zeros((len(products), 0))
    )
    first: dict[bytes, int] = {}
    alike = [first.setdefault(signature.tobytes(), number) for number, signature in enumerate(signatures)]
    return {
        "goods.low": low,
        "goods.high": high,
        "goods.alike": np.array(alike, np.uint32),
        "goods.wide": _wide(low, high),
        "goods.row": row,
        "goods.bits": bits,
    }


def _wide(low: Array, high: Array) -> Array:
    """Mark the products whose codes hold those of some narrower product."""
    ordered = np.sort(low)
    among = np.searchsorted(ordered, high, "right") - np.searchsorted(ordered, low, "left")
    _, same, many = np.unique(np.stack([low, high], axis=1), axis=0, return_inverse=True, return_counts=True)
    found: Array = (among > many[same.reshape(-1)]).astype(np.uint8)
    return found


def _into(
    pairs: Sequence[tuple[int, int]], many: int, matching: Callable[[Array], Array]
) -> tuple[Array, Array]:
    """Return for each product its row of bits (-1 without one), and the rows: what it goes into, through any chain."""
    words = (many + 63) // 64
    if not pairs:
        return np.full(many, -1, np.int32), np.zeros((0, words), np.uint64)
    sources, outputs = (np.array([pair[side] for pair in pairs]) for side in (0, 1))
    feeds, made = matching(sources), matching(outputs)  # pairs x products
    chain = feeds[:, outputs].T  # pair i makes what pair j takes in
    reached = chain | np.eye(len(pairs), dtype=bool)
    while True:
        wider = (reached.astype(np.float32) @ reached.astype(np.float32)) > 0
        if (wider == reached).all():
            break
        reached = wider
    taken = np.flatnonzero(feeds.any(axis=0))
    into = ((feeds[:, taken].T.astype(np.float32) @ reached.astype(np.float32)) > 0).astype(np.float32)
    found = (into @ made.astype(np.float32)) > 0
    row = np.full(many, -1, np.int32)
    row[taken] = np.arange(len(taken))
    padded = np.zeros((len(taken), words * 64), bool)
    padded[:, :many] = found
    return row, np.packbits(padded, axis=1, bitorder="little").view(np.uint64)


def _unpacked(rows: Array, bits: Array, many: int) -> Array:
    """Return rows of bits as truth values; a product without a row goes into nothing."""
    found = np.zeros((len(rows), many), bool)
    some = rows >= 0
    if some.any():
        found[some] = np.unpackbits(bits[rows[some]].view(np.uint8), axis=1, bitorder="little")[:, :many]
    return found


def carried(tables: Tables, columns: Mapping[str, Array]) -> Goods:
    """Return what links carry, with the columns of the products."""
    pairs = np.array(tables.goods, np.int64).astype(np.uint32).reshape(-1, 2)
    named = (columns[f"goods.{name}"] for name in ("low", "high", "alike", "wide", "row", "bits"))
    return Goods(np.ascontiguousarray(pairs[:, 0]), np.ascontiguousarray(pairs[:, 1]), *named)
