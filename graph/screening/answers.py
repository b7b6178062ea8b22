"""Answers: what the traces of actors say for the rows of a list that may be these, each row by its own product."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from opentier.graph.engine.arrays import Array
from opentier.graph.exposure import limits, words
from opentier.graph.exposure.objects import Json, Objects
from opentier.graph.exposure.touches import Touches
from opentier.graph.index.opened import Index
from opentier.graph.model.products import Product
from opentier.graph.screening.asking import Answer, Asking
from opentier.graph.screening.goods import Good
from opentier.graph.trace.parameters import Parameters
from opentier.graph.trace.unindexed import Unindexed

#: In the place of a product: whatever the links carry.
ANY = ""


class Answers:
    """Traces actors by one question, which the product of a row may narrow.

    A row that says what is bought is traced by it; where nothing is found so, whatever the links carry, so that no
    product hides an exposure.

    Parameters
    ----------
    asked
        The question as it is understood.
    table
        The weights of severity.
    unindexed
        What the release says that its index does not hold.
    whole
        Whether all exposures of an actor are given; else no farther than the nearest, which is much quicker.
    """

    def __init__(
        self,
        index: Index,
        asked: Parameters,
        table: Mapping[str, Any],
        unindexed: Unindexed,
        *,
        whole: bool = True,
    ) -> None:
        self.index, self.asked, self.whole, self.unindexed = index, asked, whole, unindexed
        self.objects = Objects(index, unindexed=unindexed)
        self._table = table
        self._asking: dict[str | None, Asking] = {}
        self._given: dict[tuple[str, str | None], Answer] = {}
        self._told: dict[tuple[str, tuple[Good, ...], bool], tuple[str | None, Answer]] = {}

    def __len__(self) -> int:
        """Return how many actors were traced."""
        return len({id for id, _ in self._given})

    @property
    def touches(self) -> Touches:
        """The designations for the question of the list."""
        return self._by(None).touches

    def of(self, id: str, goods: Sequence[Good] = (), *, whatever: bool = False) -> Answer:
        """Return the answer of an actor, by its id.

        Parameters
        ----------
        goods
            What a row says that is bought of it.
        whatever
            Whether a row says so in words that are not understood.
        """
        return self._row(id, goods, whatever=whatever)[1]

    def product(self, id: str, goods: Sequence[Good] = (), *, whatever: bool = False) -> str | None:
        """Return by which product that answer was traced; None is that of the question of the list."""
        return self._row(id, goods, whatever=whatever)[0]

    def _row(self, id: str, goods: Sequence[Good], *, whatever: bool) -> tuple[str | None, Answer]:
        known = id, tuple(goods), whatever
        if known not in self._told:
            self._told[known] = self._of(*known)
        return self._told[known]

    def _of(self, id: str, goods: tuple[Good, ...], whatever: bool) -> tuple[str | None, Answer]:
        stated = tuple(good.product for good in goods)
        product = ANY if self.asked.product is not None and (goods or whatever) else None
        if not goods:
            return product, self._noted(id, product, self._by(product).of(id))
        if len(goods) == 1:
            narrow = self._by(goods[0].said).of(id, stated)
            if narrow.exposed:
                return goods[0].said, self._noted(id, goods[0].said, self._wider(id, narrow, product, stated))
        wide = self._noted(id, product, self._by(product).of(id, stated))
        key = "whatever" if len(goods) == 1 else "whatever-several"
        told = words.said("screened", key, product=words.product(stated[0]))
        return product, replace(wide, untested=(told, *wide.untested))

    def _wider(self, id: str, narrow: Answer, product: str | None, stated: tuple[Product, ...]) -> Answer:
        """Return the answer by one product with the nearest measure whatever links carry, where it has found none."""
        if narrow.measure is not None:
            return narrow
        wide = self._by(product).of(id, stated)
        if wide.measure is None:
            return narrow
        said = words.said("screened", "whatever-measure", product=words.product(stated[0]), said=wide.behind)
        return replace(narrow, measure=wide.measure, behind=said)

    def _noted(self, id: str, product: str | None, found: Answer) -> Answer:
        self._given.setdefault((id, product), found)
        return found

    def _by(self, product: str | None) -> Asking:
        """Return what traces by a product; None is the question of the list, `ANY` whatever links carry."""
        if product not in self._asking:
            asked = self.asked
            if product is not None:
                strict = asked.strict_product and bool(product)
                asked = replace(asked, product=product or None, strict_product=strict)
            self._asking[product] = Asking(self.objects, asked, self._table, whole=self.whole)
        return self._asking[product]

    def items(self) -> Iterator[tuple[str, str | None, Answer]]:
        """Yield all answers by the ids of the actors and the products that they were traced by, in order."""
        for (id, product), found in sorted(
            self._given.items(), key=lambda each: (each[0][0], each[0][1] or "")
        ):
            yield id, product, found

    def ready(self) -> None:
        """Read what all answers need, so that the first one takes no longer than others."""
        _ = self.unindexed.alike, self.unindexed.contradicted, self.index.designated

    @property
    def reached(self) -> Array:
        """Marks the nodes that any of the traces reaches."""
        found: Array = np.zeros(len(self.index), np.bool_)
        for each in self._asking.values():
            found |= each.reached
        return found

    def limits(self) -> Json:
        """Return what all answers rest on."""
        every = [self._by(None), *self._asking.values()]
        return {
            **limits.of_question(self.touches, max((each.searched for each in every), key=len)),
            "disputed": self.index.tables.disputed,
            "hs_of_earlier_editions": sorted(set().union(*(each.editions for each in every))),
            "truncated": any(each.truncated for each in every),
        }
