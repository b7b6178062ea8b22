"""The parameters of a trace as kernels take them: which arcs may be walked, and what is asked of walks."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from opentier.graph.engine.arrays import FIRST, NOT_ASKED, NOTHING, Array, Ask, Keep
from opentier.graph.engine.costs import code_range, cost
from opentier.graph.index.network import HOPS
from opentier.graph.index.opened import Index
from opentier.graph.model.dates import EVER, NEVER, first_day
from opentier.graph.model.products import Product
from opentier.graph.trace.parameters import Parameters, floor, window

#: More tiers than any path has.
ENDLESS = 100_000
#: The product that is asked for has no number, since no dataset names it.
_UNNUMBERED = -3


@dataclass(frozen=True)
class Question:
    """What one trace asks of an index.

    Attributes
    ----------
    plain
        Whether walks are decided by actors alone: only supply links of one tier, all on one day (or none dated), no
        product and no least confidence of paths.
    flag, number
        What a walk carries at its root, and the number of the asked product.
    """

    parameters: Parameters
    keep: Keep
    ask: Ask
    asked: Product | None
    number: int
    flag: int
    plain: bool


def question(index: Index, parameters: Parameters) -> Question:
    """Return what a trace with these parameters asks of an index."""
    asked, tables = _asked(index, parameters), index.tables
    number = _UNNUMBERED if asked is None else index.product_numbers.get(asked.iri, _UNNUMBERED)
    low, high = (
        (0, 0) if asked is None else code_range(number if number >= 0 else len(tables.products), asked.code)
    )
    least, keep = floor(parameters), _keep(index, parameters)
    one_day = keep.since == keep.until or not tables.dated
    return Question(
        parameters=parameters,
        keep=keep,
        ask=Ask(
            downstream=parameters.downstream,
            product=asked is not None,
            strict=parameters.strict_product,
            low=low,
            high=high,
            most=ENDLESS if parameters.max_tier is None else parameters.max_tier,
            least=cost(least) if least else NOTHING,
            cost=index.costs,
        ),
        asked=asked,
        number=number,
        flag=NOT_ASKED if asked is None else FIRST,
        plain=asked is None and not least and one_day and not tables.gaps
        and "supply" in parameters.kinds and (not tables.zero or parameters.kinds == ("supply",)),
    )  # fmt: skip


def _asked(index: Index, parameters: Parameters) -> Product | None:
    if parameters.product is None:
        return None
    said, iri = parameters.product, index.names.hs(parameters.product)
    return index.products.get(said) or index.products.get(iri) or Product(iri, said)


def _keep(index: Index, asked: Parameters) -> Keep:
    tables, (since, until) = index.tables, window(asked)
    least = Fraction(str(asked.min_confidence or 0))
    datasets = _marks(
        live and (not asked.datasets or name in asked.datasets)
        for name, live in zip(tables.datasets, tables.live, strict=True)
    )
    confidences = _marks(confidence >= least for confidence in index.confidences)
    hops = _marks(hop.removesuffix("-up").removesuffix("-down") in asked.kinds for hop in HOPS)
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
        seen=first_day(asked.observed_since) if asked.observed_since else EVER,
        share=float(asked.min_share),
        some_datasets=not datasets.all(),
        some_confidences=not confidences.all(),
        some_places=bool(asked.countries),
        some_seen=asked.observed_since is not None,
        some_hops=tables.zero or "supply" not in asked.kinds,
        some_time=tables.dated and (since != EVER or until != NEVER),
    )


def _marks(truths: object) -> Array:
    return np.fromiter(truths, np.uint8)  # type: ignore[call-overload, no-any-return]
