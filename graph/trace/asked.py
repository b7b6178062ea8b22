"""The parameters of a trace as kernels take them: which arcs may be walked, and what is asked of walks."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from opentier.graph.engine.arrays import FIRST, NOT_ASKED, NOTHING, Array, Ask, Goods, Keep
from opentier.graph.engine.costs import cost
from opentier.graph.engine.hops import HOPS, parted
from opentier.graph.index.opened import Index
from opentier.graph.model.dates import EVER, NEVER, first_day
from opentier.graph.model.products import Product
from opentier.graph.trace.parameters import FILTERS, Parameters, floor, window

#: More tiers than any path has.
ENDLESS = 100_000

#: Filters that are the least value of a column, with the column and the mark in `Keep` that says whether there is one.
_LEAST = [
    (name, said.column, some if (some := f"some_{said.column}") in Keep._fields else "")
    for name, said in FILTERS.items()
    if said.column
]
#: The kinds of the hops by number.
_KINDS = [parted(hop)[0] for hop in HOPS]


@dataclass(frozen=True)
class Asked:
    """What one trace asks of an index.

    Attributes
    ----------
    timeless
        Whether neither days nor confidence nor tiers decide which walks are admissible.
    plain
        Whether walks are decided by actors alone: only supply links of one tier, all on one day (or none dated), no
        product and no least confidence of paths.
    flag
        What a walk carries at its root.
    """

    parameters: Parameters
    keep: Keep
    ask: Ask
    goods: Goods
    product: Product | None
    flag: int
    timeless: bool
    plain: bool

    @classmethod
    def of(cls, index: Index, parameters: Parameters) -> Asked:
        """Return what a trace with these parameters asks of an index."""
        asked, tables = parameters.product, index.tables
        product = None if asked is None else product_of(index, asked)
        goods, number = (index.goods, 0) if product is None else index.goods_with(product)
        least, keep = floor(parameters), _keep(index, parameters)
        one_day = keep.since == keep.until or not tables.dated
        return cls(
            parameters=parameters,
            keep=keep,
            ask=Ask(
                downstream=parameters.downstream,
                product=product is not None,
                strict=parameters.strict_product,
                number=number,
                most=ENDLESS if parameters.max_tier is None else parameters.max_tier,
                least=cost(least) if least else NOTHING,
                cost=index.costs,
                endless=parameters.max_tier is None and not least,
            ),
            goods=goods,
            product=product,
            flag=NOT_ASKED if product is None else FIRST,
            timeless=one_day and not least and parameters.max_tier is None,
            plain=product is None and not least and one_day and not tables.gaps
            and "supply" in parameters.kinds and (not tables.zero or parameters.kinds == ("supply",)),
        )  # fmt: skip


def product_of(index: Index, said: str) -> Product:
    """Return the product that HS digits, or the IRI of a product of a dataset, stand for."""
    iri = index.names.hs(said)
    return index.products.get(said) or index.products.get(iri) or Product(iri, said)


def _keep(index: Index, asked: Parameters) -> Keep:
    tables, (since, until) = index.tables, window(asked)
    least = Fraction(str(asked.min_confidence or 0))
    datasets = _marks(
        live and (not asked.datasets or name in asked.datasets)
        for name, live in zip(tables.datasets, tables.live, strict=True)
    )
    confidences = _marks(confidence >= least for confidence in index.confidences)
    hops = _marks(kind in asked.kinds for kind in _KINDS)
    places = (
        _marks(any(p.country in asked.countries for p in listed) for listed in index.places)
        if asked.countries
        else np.zeros(0, np.uint8)
    )
    return Keep(
        hops=hops,
        datasets=datasets,
        confidences=confidences,
        places=places,
        place=index.place,
        since=since,
        until=until,
        some_datasets=not datasets.all(),
        some_confidences=not confidences.all(),
        some_places=bool(asked.countries),
        some_hops=tables.zero or "supply" not in asked.kinds,
        some_time=tables.dated and (since != EVER or until != NEVER),
        **_least(asked),
    )


def _least(asked: Parameters) -> dict[str, Any]:
    """Return the least values of columns, and whether there is one where kernels ask that first."""
    found: dict[str, Any] = {}
    for name, column, some in _LEAST:
        value = getattr(asked, name)
        if some:
            found[some] = value is not None
        found[column] = (
            EVER if value is None else first_day(value) if isinstance(value, str) else float(value)
        )
    return found


def _marks(truths: object) -> Array:
    return np.fromiter(truths, np.uint8)  # type: ignore[call-overload, no-any-return]
